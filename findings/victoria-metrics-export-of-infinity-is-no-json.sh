#!/usr/bin/env bash
# /api/v1/export of VictoriaMetrics says that it prints a line of JSON a series. Where a value is infinite, which Prometheus'
# text format may carry (+Inf), the line has the bare word +Inf, which no JSON parser takes: one such value costs the reader
# the whole series. VictoriaMetrics' own import reads the line back.
#
# Seen with victoria-metrics 1.79.5+ds1-2 of Debian 12: {"metric":{"__name__":"temperature"},"values":[20.5,+Inf],...}
#
# Needs apt, dpkg-deb, curl and python3; listens on 127.0.0.1:19429 meanwhile. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d) server=
trap 'if [[ -n $server ]]; then kill "$server"; wait "$server" || true; fi; rm -rf "$work"' EXIT
cd "$work"
version=$(apt-cache madison victoria-metrics | awk '$3 ~ /^1\.79\.5\+ds1-2/ {print $3; exit}')
apt-get download -qq "victoria-metrics=$version" 2>/dev/null
dpkg-deb -x victoria-metrics_*.deb package
address=127.0.0.1:19429
package/usr/bin/victoria-metrics -storageDataPath=data -httpListenAddr=$address -loggerLevel=ERROR &
server=$!
for _ in $(seq 100); do curl -fs "$address/health" >/dev/null && break; sleep 0.1; done
begin=$((($(date +%s) - 600) * 1000))
printf 'temperature 20.5 %s\ntemperature +Inf %s\n' $begin $((begin + 1000)) |
  curl -fsS --data-binary @- "$address/api/v1/import/prometheus"
curl -fsS "$address/internal/force_flush"
curl -fsS "$address/api/v1/export" -d 'match[]=temperature' | tee seen
grep -qF '"values":[20.5,+Inf]' seen
if python3 -c 'import json, sys; json.load(sys.stdin)' <seen 2>/dev/null; then exit 1; fi
sed 's/temperature/again/' seen | curl -fsS --data-binary @- "$address/api/v1/import"
curl -fsS "$address/internal/force_flush"
curl -fsS "$address/api/v1/export" -d 'match[]=again' | grep -qF '"values":[20.5,+Inf]'
echo "still so: an infinite value makes the exported line no JSON"
