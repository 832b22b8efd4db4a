# shellcheck shell=bash
# Debian packages: installs what is missing, asks for root only then.
#
# An entry is a package, or command:package for a tool that may also come from elsewhere (a newer cmake, Node from
# nodesource): it is installed only where the command is missing.

build_packages=(c++:g++ cmake:cmake ninja:ninja-build pkg-config:pkg-config node:nodejs npm:npm ca-certificates
  libcpp-httplib-dev nlohmann-json3-dev libsqlitecpp-dev libsqlite3-dev libspdlog-dev libcli11-dev prometheus-cpp-dev
  zlib1g-dev libzstd-dev libssl-dev libcurl4-openssl-dev)
cpp_test_packages=(libgtest-dev libgmock-dev faketime:faketime ip:iproute2)
test_packages=("${cpp_test_packages[@]}" chromium:chromium nginx-light)
fuzz_packages=(clang:clang libclang-rt-dev)
lint_packages=(clang-format:clang-format clang-tidy:clang-tidy shellcheck:shellcheck)

missing_packages() { # ENTRY...: those that are not installed, a line each
  local entry package installed
  installed=" $({ dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${@##*:}" 2>/dev/null || true; } | sed -n 's/^ii //p' | tr '\n' ' ')"
  for entry in "$@"; do
    package=${entry##*:}
    if [[ $entry == *:* ]]; then
      command -v "${entry%%:*}" >/dev/null && continue
    elif [[ $installed == *" $package "* ]]; then
      continue
    fi
    echo "$package"
  done
}

check_distribution() { # PACKAGE...: may they be installed here by apt?
  local ID='' ID_LIKE='' VERSION_ID='' PRETTY_NAME='an unknown system'
  # shellcheck disable=SC1091
  [[ -r /etc/os-release ]] && . /etc/os-release
  if ! command -v apt-get >/dev/null || [[ " $ID $ID_LIKE " != *" debian "* ]]; then
    die -3 "packages can be installed only on Debian 12 or 13, and this is $PRETTY_NAME. Install what corresponds to these," \
      "then run again with HOSTWATCH_INSTALL=no: $*"
  fi
  if [[ $ID == debian && -n $VERSION_ID && $VERSION_ID -lt 12 ]]; then
    die -3 "Debian 12 or newer is needed (C++20, CMake 3.25), and this is $PRETTY_NAME."
  fi
}

apt_get() { # as root; APT's progress comes out as a few lines, its words go to $apt_log
  local as_root=() line work state last=''
  local -A does=([dlstatus]=downloading [pmstatus]=installing)
  if ((EUID != 0)); then
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)
  fi
  "${as_root[@]}" sh -c 'exec 3>&1 >&2; DEBIAN_FRONTEND=noninteractive exec apt-get "$@"' apt-get -q -y \
    -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 "$@" 2>>"$apt_log" </dev/null |
    while IFS= read -r line; do
      [[ $line =~ ^(dlstatus|pmstatus):.*:([0-9]+)(\.[0-9]+)?: && $1 != update ]] || continue
      state=$((BASH_REMATCH[2] / 20 * 20)) work=${BASH_REMATCH[1]}
      if [[ $work$state != "$last" && $state != 0 ]]; then printf '    %s %d %%\n' "${does[$work]}" "$state"; fi
      last=$work$state
    done
}

apt_update() { # fails where no source of packages answers (APT itself then goes on with what it knew)
  apt_get update -o Acquire::Retries=0 && grep -qE '^(Hit|Get):' "$apt_log"
}

need_packages() { # ENTRY...
  [[ ${HOSTWATCH_INSTALL:-yes} != no ]] || return 0
  local missing=()
  command -v dpkg-query >/dev/null || check_distribution "${@##*:}"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  check_distribution "${missing[@]}"
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    die -3 "packages are missing and there is no sudo. As root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Installing ${missing[*]}"
  apt_log=$(mktemp)
  if ! { apt_update && apt_get install --no-install-recommends "${missing[@]}"; }; then
    grep -E '^(E|W|sudo|dpkg):' "$apt_log" | tail -n 8 >&2 || true
    die -3 "could not install packages: is the network there, and may this user become root? APT's own words are in $apt_log"
  fi
  rm -f "$apt_log"
}

download_package() { # FOLDER NAME...: the first that exists; needs no root
  local folder=$1 name
  shift
  for name in "$@"; do
    if (cd "$folder" && apt-get -qq -o APT::Sandbox::User=root download "$name") 2>>"$apt_log"; then return; fi
  done
  return 1
}

# promtool is a package of its own from Debian 13 on. In Debian 12 it is in the prometheus package, whose installation
# would also start that server: so the one program is taken out of the package, in both.
need_promtool() {
  local tools=$root/build/tools work
  PATH=$tools:$PATH
  if command -v promtool >/dev/null || [[ ${HOSTWATCH_INSTALL:-yes} == no ]]; then return; fi
  say "Fetching promtool"
  work=$(mktemp -d)
  apt_log=$work/log
  if ! download_package "$work" promtool prometheus; then # this machine's package lists are old, or cleaned away
    if ! { apt_update && download_package "$work" promtool prometheus; }; then
      tail -n 5 "$apt_log" >&2
      die -3 "could not download promtool (Debian's package promtool or prometheus): is the network there?"
    fi
  fi
  mkdir -p "$tools"
  dpkg-deb --fsys-tarfile "$work"/prom*.deb | tar -x -C "$tools" --strip-components=3 ./usr/bin/promtool
  rm -rf "$work"
}

check_node() {
  local version
  version=$(node -p 'process.versions.node') || die -3 "node does not start"
  ((${version%%.*} >= 18)) || die -3 "Node.js 18 or newer is needed, and $(command -v node) is $version."
}
