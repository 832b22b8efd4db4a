# shellcheck shell=bash
# What every script here shares: where the clone is, and how it speaks.
#
# Exit codes: 0 done; 1 it failed (build, test, a program died, port taken); 2 wrong usage;
#             3 this machine lacks something that the script cannot install.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '==> %s\n' "$*"; }
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { # [-CODE] TEXT...
  local code=1
  if [[ $1 =~ ^-[0-9]+$ ]]; then code=${1#-} && shift; fi
  complain "$*"
  exit "$code"
}

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; } # a script's opening comment is its help
