# shellcheck shell=bash
# npm's packages by lock file, and the C++ build: each does nothing when nothing changed.

npm_packages() { # FOLDER
  local folder=$root/$1 stamp=$root/$1/node_modules/.hostwatch-stamp wanted
  [[ -f $folder/package-lock.json ]] || die "$1/package-lock.json is missing: this clone is not complete."
  wanted=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
  [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
  say "Installing npm's packages in $1/"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error </dev/null) ||
    die -3 "npm ci failed in $1/: is the network there, and can it reach the npm registry?"
  echo "$wanted" >"$stamp"
}

# Several scripts may work in one clone at a time; they build one after the other.
build_lock() {
  mkdir -p "$root/build"
  exec 9>"$root/build/.lock"
  flock -n 9 && return
  say "Another build in this clone is running: waiting for it"
  flock 9
}
build_unlock() { exec 9>&-; }

job_count() { # as many compilers as cores, but 1 GiB of memory for each
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)
  ((gigabytes < 1)) && gigabytes=1
  echo $((cores < gigabytes ? cores : gigabytes))
}

configured() { # FOLDER OPTION...: nothing to tell CMake that it does not know (Ninja runs it again when its files change)
  local cache=$1/CMakeCache.txt option
  [[ -f $1/build.ninja && -f $cache ]] || return
  shift
  for option in "$@"; do # -DNAME=VALUE is NAME:TYPE=VALUE there
    option=${option#-D}
    grep -qE "^${option%%=*}:[A-Z]+=${option#*=}\$" "$cache" || return
  done
}

# What is decided at the first configuration (build type, compiler, ccache) stays, so that scripts, and people who
# configured this folder themselves, do not rebuild each other's work. HOSTWATCH_UNITY=yes compiles several of the product's
# files at a time: a third of the work where all is built once, more where one file changes.
configure() { # FOLDER BUILD_TYPE OPTION...
  local folder=$1 cache=$1/CMakeCache.txt first=(-DCMAKE_BUILD_TYPE="$2") log=$1/configure.log
  if [[ ${HOSTWATCH_UNITY:-no} == yes ]]; then first+=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16); fi
  shift 2
  if [[ -f $cache ]] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache" && grep -qxF 'CMAKE_GENERATOR:INTERNAL=Ninja' "$cache"; then
    if configured "$folder" "$@"; then return; fi
    first=()
  else
    if [[ -f $cache ]]; then first+=(--fresh); fi # of another place or generator
    if command -v ccache >/dev/null; then
      first+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
  fi
  mkdir -p "$folder"
  if ! cmake -S "$root" -B "$folder" -G Ninja "${first[@]}" "$@" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "CMake could not configure ${folder#"$root/"}/ (whole text: $log)"
  fi
}

build() { # FOLDER TARGET...
  local folder=$1
  shift
  say "Building in ${folder#"$root/"}/"
  NINJA_STATUS='    [%f/%t] ' ninja -C "$folder" -j "$(job_count)" "$@" || die "the build failed; the first error is above"
}
