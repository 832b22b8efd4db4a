#!/usr/bin/env bash
# Two files of node_exporter's textfile collector may give series of one metric: each job writes its own file. If their
# "# TYPE" lines differ (one says gauge, the other counter), every series of the second type is missing from /metrics, while
# the scrape is 200, node_textfile_scrape_error is 0, node_scrape_collector_success is 1 and node_textfile_mtime_seconds
# names both files as successfully read. Only a line of the exporter's log tells. Who alarms on these gauges hears nothing.
#
# Seen with prometheus-node-exporter 1.5.0-1 of Debian 12: {job="db"} is there, {job="web"} is not.
#
# Needs apt, dpkg-deb and curl; listens on 127.0.0.1:19100 meanwhile. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d) exporter=
trap 'if [[ -n $exporter ]]; then kill "$exporter"; wait "$exporter" || true; fi; rm -rf "$work"' EXIT
cd "$work"
version=$(apt-cache madison prometheus-node-exporter | awk '$3 ~ /^1\.5\.0-1/ {print $3; exit}')
apt-get download -qq "prometheus-node-exporter=$version" 2>/dev/null
dpkg-deb -x prometheus-node-exporter_*.deb package
mkdir files
printf '# TYPE backup_age_seconds gauge\nbackup_age_seconds{job="db"} 5\n' >files/db.prom
printf '# TYPE backup_age_seconds counter\nbackup_age_seconds{job="web"} 7\n' >files/web.prom
address=127.0.0.1:19100
package/usr/bin/prometheus-node-exporter --web.listen-address=$address --collector.disable-defaults \
  --collector.textfile --collector.textfile.directory=files 2>log &
exporter=$!
for _ in $(seq 100); do curl -fs "$address/" >/dev/null && break; sleep 0.1; done
curl -fsS "$address/metrics" | grep -E '^(backup_age|node_textfile|node_scrape_collector_success)' | tee seen
grep -q '^backup_age_seconds{job="db"} 5' seen
if grep -q 'job="web"' seen; then exit 1; fi
grep -q '^node_textfile_scrape_error 0' seen
grep -q '^node_scrape_collector_success{collector="textfile"} 1' seen
grep -q '^node_textfile_mtime_seconds{file="files/web.prom"}' seen
grep -q 'should be a Gauge' log
echo "still so: a series is missing, and every gauge says that all is well"
