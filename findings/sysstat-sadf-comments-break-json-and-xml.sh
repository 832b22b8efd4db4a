#!/usr/bin/env bash
# sadc keeps comments in sysstat's binary files (sadc -C, "restarted the "blue" pool"), which sadf prints among the
# statistics. In its JSON and XML they stand as they were written: a double quote in one comment makes the whole day's output
# unreadable, as does < in XML. Colons and the like are fine, so that it works until somebody writes a quote.
#
# Seen with sysstat 12.6.1-1 of Debian 12: "com": "restarted the "blue" pool"
#
# Needs apt, dpkg-deb and python3. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq sysstat=12.6.1-1 2>/dev/null
dpkg-deb -x sysstat_*.deb package
export LC_ALL=C
is_json() { python3 -c 'import json, sys; json.load(sys.stdin)' 2>/dev/null; }
is_xml() { python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.stdin)' 2>/dev/null; }
sadf() { package/usr/bin/sadf "$1" "$2" -- -C -u; }
record() { # FILE COMMENT
  package/usr/lib/sysstat/sadc 1 2 "$1"
  package/usr/lib/sysstat/sadc -C "$2" "$1"
}
record plain 'restarted the blue pool: all well'
record quoted 'restarted the "blue" pool'
sadf -j plain | is_json
sadf -x plain | is_xml
sadf -j quoted | grep '"com"' | tee seen
sadf -x quoted | grep '<comment ' | tee -a seen
[[ $(grep -c 'restarted the "blue" pool' seen) == 2 ]]
if sadf -j quoted | is_json || sadf -x quoted | is_xml; then exit 1; fi
echo "still so: a quote in a comment makes sadf's JSON and XML unreadable"
