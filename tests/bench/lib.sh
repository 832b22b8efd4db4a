# Pieces of the benchmarks; sourced.

# The ports are the benchmark's own; everything stays on loopback.
hostwatch_port=${HOSTWATCH_BENCH_PORT:-5871}
victoria_port=${VICTORIA_BENCH_PORT:-5872}

say() { printf '%s\n' "$*" >&2; }

need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || { say "bench: '$1' is missing: apt-get install $2"; exit 1; }
}

cpu_seconds() { awk '{ printf "%.2f", ($14 + $15) / 100 }' "/proc/$1/stat"; }

rss_mib() { awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }

# Waits until something answers on the port; 20 s at most.
wait_for_port() {
  local try
  for try in $(seq 400); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    sleep 0.05
  done
  say "bench: nothing answers on port $1"
  return 1
}

stop_program() { # PID
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# "14.37ms" or "350.00us" or "1.20s" of wrk as milliseconds.
milliseconds() {
  awk -v t="$1" 'BEGIN { n = t + 0; if (t ~ /us$/) n /= 1000; else if (t ~ /[0-9]s$/) n *= 1000; printf "%.2f", n }'
}
