#!/usr/bin/env bash
# VictoriaMetrics keeps the values of a block of one series as integers with one decimal exponent for all of them. A value
# that is many orders of magnitude smaller than its neighbours therefore comes back as 0, though each of them alone is kept:
# 2.5 between two readings of 1e22 is 0 afterwards. The import answers 204 and counts nothing as ignored or invalid.
#
# Seen with victoria-metrics 1.79.5+ds1-2 of Debian 12: [0.5, 1e22, 2.5] becomes [0, 1e22, 0]; [0.5, 2.5] stays what it is.
#
# Needs apt, dpkg-deb and curl; listens on 127.0.0.1:19428 meanwhile. Exits 0 while it is so.
set -euo pipefail
work=$(mktemp -d) server=
trap 'if [[ -n $server ]]; then kill "$server"; wait "$server" || true; fi; rm -rf "$work"' EXIT
cd "$work"
version=$(apt-cache madison victoria-metrics | awk '$3 ~ /^1\.79\.5\+ds1-2/ {print $3; exit}')
apt-get download -qq "victoria-metrics=$version" 2>/dev/null
dpkg-deb -x victoria-metrics_*.deb package
address=127.0.0.1:19428
package/usr/bin/victoria-metrics -storageDataPath=data -httpListenAddr=$address -loggerLevel=ERROR &
server=$!
for _ in $(seq 100); do curl -fs "$address/health" >/dev/null && break; sleep 0.1; done
begin=$((($(date +%s) - 600) * 1000))
import() { # NAME VALUES
  printf '{"metric":{"__name__":"%s"},"values":[%s],"timestamps":[%s,%s,%s]}\n' "$1" "$2" $begin $((begin + 1000)) $((begin + 2000)) |
    curl -fsS --data-binary @- "$address/api/v1/import"
}
import mixed 0.5,1e22,2.5
import small 0.5,1,2.5
curl -fsS "$address/internal/force_flush"
for name in mixed small; do curl -fsS "$address/api/v1/export" -d "match[]=$name"; done | tee seen
grep -q '"mixed"},"values":\[0,10000000000000000000000,0\]' seen
grep -q '"small"},"values":\[0.5,1,2.5\]' seen
echo "still so: small values beside large ones are kept as 0"
