# shellcheck shell=bash
# Runs test suites, each to its end whatever the others did, and sums up what they report of themselves.

suites=() total_passed=0 total_failed=0 summed_up=no

tally() { # NAME PASSED FAILED SKIPPED NOTE
  suites+=("$(printf '%-14s %5d passed  %3d failed  %3d skipped%s' "$1" "$2" "$3" "$4" "${5:+   $5}")")
  total_passed=$((total_passed + $2))
  total_failed=$((total_failed + $3))
}

# A suite that ends badly without a failure of its own, or well without a single test, has failed.
judge() { # NAME STATUS PASSED FAILED SKIPPED
  local note=''
  if (($2 != 0 && $4 == 0)); then
    note="ended with status $2"
  elif (($3 + $4 + $5 == 0)); then
    note='ran no test'
  fi
  tally "$1" "$3" $(($4 + (${#note} > 0))) "$5" "$note"
}

sum_of() { # LOG WORD...: node's totals, as "# pass 3" (TAP) or "ℹ pass 3" (spec); one pair of totals for each run in the log
  local log=$1
  shift
  sed 's/\x1b\[[0-9;]*m//g' "$log" | awk -v words=" $* " '($1 == "#" || $1 == "ℹ") && NF == 3 && index(words, " " $2 " ") {n += $3} END {print n + 0}'
}

run_node() { # NAME FOLDER NPM_SCRIPT: its output goes to the log, too
  local log=$logs/$1.log status=0
  say "Tests: $1 ($2, npm run $3)"
  (cd "$root/$2" && npm run --silent "$3" </dev/null) 2>&1 | tee "$log" || status=$?
  echo "$status" >"$log.status"
}

judge_node() { # NAME
  local log=$logs/$1.log status=1
  if [[ -f $log.status ]]; then status=$(<"$log.status"); fi
  [[ -f $log ]] || echo >"$log"
  judge "$1" "$status" "$(sum_of "$log" pass)" "$(sum_of "$log" fail cancelled)" "$(sum_of "$log" skipped todo)"
}

node_suite() { # NAME FOLDER NPM_SCRIPT
  rm -f "$logs/$1.log" "$logs/$1.log.status"
  run_node "$@"
  judge_node "$1"
}

# Suites of a folder that run one after the other beside other suites; end_beside waits for them, shows their output and
# judges them.
beside_pid='' beside=()
begin_beside() { # FOLDER NAME:NPM_SCRIPT...
  local folder=$1 suite
  shift
  for suite in "$@"; do
    beside+=("${suite%%:*}")
    rm -f "$logs/${suite%%:*}.log" "$logs/${suite%%:*}.log.status"
  done
  say "Tests: ${beside[*]} ($folder, beside the next)"
  set -m # in a process group of its own, so that an interrupted run leaves nothing of it behind
  for suite in "$@"; do run_node "${suite%%:*}" "$folder" "${suite#*:}"; done >"$logs/beside.log" 2>&1 &
  beside_pid=$!
  set +m
}
end_beside() {
  local name
  wait "$beside_pid" || true
  beside_pid=''
  cat "$logs/beside.log"
  for name in "${beside[@]}"; do judge_node "$name"; done
}
stop_beside() {
  [[ -n $beside_pid ]] || return 0
  kill -- "-$beside_pid" 2>/dev/null || true
  beside_pid=''
}

junit() { # FILE ATTRIBUTE: a number from CTest's <testsuite>
  local number
  number=$(tr '\n' ' ' <"$1" | sed -nE "s/.*<testsuite [^>]*$2=\"([0-9]+)\".*/\1/p")
  echo "${number:-0}"
}

ctest_suite() { # NAME FOLDER [COMMAND...]
  local name=$1 folder=$2 report=$logs/$1.xml status=0 all failed skipped
  shift 2
  say "Tests: $name (CTest in ${folder#"$root/"}/)"
  rm -f "$report"
  "$@" ctest --test-dir "$folder" --output-on-failure -j3 --timeout 300 --no-tests=error --output-junit "$report" </dev/null || status=$?
  [[ -f $report ]] || echo >"$report"
  all=$(junit "$report" tests) failed=$(junit "$report" failures)
  skipped=$(($(junit "$report" skipped) + $(junit "$report" disabled)))
  judge "$name" "$status" $((all - failed - skipped)) "$failed" "$skipped"
}

command_suite() { # NAME COMMAND...: one command, one result
  local name=$1 status=0
  shift
  say "Check: $name"
  "$@" || status=$?
  tally "$name" $((status == 0)) $((status != 0)) 0
}

sum_up() { # what every suite did; fails if anything failed
  printf '\n'
  printf '    %s\n' "${suites[@]}"
  summed_up=yes
  ((total_failed == 0 && total_passed > 0))
}

closing_line() { # the line that others read; a run that did not come to its end has failed, whatever passed before
  stop_beside
  if [[ $summed_up != yes ]]; then total_failed=$((total_failed + 1)); fi
  printf '\n%d passed, %d failed\n' "$total_passed" "$total_failed"
}
