#!/usr/bin/env bash
# rrdtool writes data as JSON: `xport --json`, and `graph` with the image formats JSON and JSONTIME. A legend that holds a
# double quote, which draws well in every image, stands in that JSON as it is: no parser takes the answer. (A backslash is
# passed on as it is, too.) Whoever names series after what users call their disks or services gets no data at all for them.
#
# Seen with rrdtool 1.7.2-4 of Debian 12: "legend": [ "disk "data" used" ].
#
# Needs apt, dpkg-deb, python3, and the libraries that librrd8 depends on. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in rrdtool librrd8; do
  version=$(apt-cache madison "$package" | awk '$3 ~ /^1\.7\.2-4/ {print $3; exit}')
  apt-get download -qq "$package=$version" 2>/dev/null
done
for package in *.deb; do dpkg-deb -x "$package" root; done
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
rrdtool=$work/root/usr/bin/rrdtool
"$rrdtool" --version | sed -n 1p

"$rrdtool" create used.rrd --start 1700000000 --step 60 DS:used:GAUGE:120:U:U RRA:AVERAGE:0.5:1:100
for minute in 1 2 3 4 5; do "$rrdtool" update used.rrd "$((1700000000 + 60 * minute)):$minute"; done
span=(-s 1700000060 -e 1700000300 DEF:used=used.rrd:used:AVERAGE)

parses() { python3 -c 'import json, sys; json.load(sys.stdin)' 2>/dev/null; }
"$rrdtool" xport --json "${span[@]}" 'XPORT:used:disk data used' | parses
"$rrdtool" graph -a JSONTIME drawn "${span[@]}" 'LINE1:used#ff0000:disk data used' >/dev/null
parses <drawn
"$rrdtool" graph -a PNG image.png "${span[@]}" 'LINE1:used#ff0000:disk "data" used' >/dev/null # is drawn

"$rrdtool" xport --json "${span[@]}" 'XPORT:used:disk "data" used' | tee exported | grep -A 1 legend
if parses <exported; then exit 1; fi
"$rrdtool" graph -a JSONTIME drawn "${span[@]}" 'LINE1:used#ff0000:disk "data" used' >/dev/null
if parses <drawn; then exit 1; fi
echo "still so: a quote in a legend makes the JSON unreadable"
