# shellcheck shell=bash
# Server and agent as children of a script: started apart from the terminal's Ctrl-C, so that they are stopped in
# order, and told to stop by the kernel should the script itself be killed.

start_program() { # LOG COMMAND...: leaves its process id in $started
  local log=$1
  shift
  # A new file for this user alone: the server's log holds the code that makes the first administrator. Who has the
  # former one open, from when it was readable, sees nothing of it.
  rm -f -- "$log"
  (umask 077 && : >"$log")
  setsid setpriv --pdeathsig TERM "$@" </dev/null >>"$log" 2>&1 &
  started=$!
}

alive() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

stop_program() { # PID NAME: waits for its end, at most 10 seconds
  local pid=$1 tries=0
  alive "$pid" || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  while alive "$pid"; do
    if ((++tries > 200)); then
      complain "$2 did not stop within 10 seconds and was killed"
      kill -KILL "$pid"
      return 1
    fi
    sleep 0.05
  done
}

died() { # NAME LOG
  complain "$1 stopped by itself; its last words ($2):"
  tail -n 15 "$2" | sed 's/^/    /' >&2
}

port_taken() { # ADDRESS PORT
  (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}
