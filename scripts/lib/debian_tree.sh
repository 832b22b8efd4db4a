# shellcheck shell=bash
# A tree of another Debian, made once by debootstrap, and commands run in it with this clone at its own path.
#
# Everything is in build-debian-VERSION/, which git ignores: root/ is the tree, build/ what was compiled in it. Needs root
# (sudo asks for it). What is mounted is in a mount namespace of the command's own: nothing is left when it ends.

tree_suite() { # VERSION
  case $1 in
    12) echo bookworm ;;
    13) echo trixie ;;
    *) die -2 "--debian takes 12 or 13, not '$1'" ;;
  esac
}

tree_mirror() { # where this machine gets Debian's packages from, by APT's own account
  local mirror=${HOSTWATCH_MIRROR:-}
  if [[ -z $mirror ]]; then # shellcheck disable=SC2016 # APT fills these in
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk '$1 == "Debian" {print $2; exit}')
  fi
  [[ -n $mirror ]] || die -3 "no mirror of Debian is known here: set HOSTWATCH_MIRROR to the address of one, as in APT's sources"
  echo "$mirror"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die -3 "a tree of Debian needs root, and there is no sudo here: run this as root"
  fi
}

# What makes the machine's network work for programs: its names, and, where it goes through a proxy, that one's authority.
tree_network() { # TREE
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
    if [[ -r $file ]]; then as_root install -D -m 0644 "$(realpath "$file")" "$1$file"; fi
  done
}

make_tree() { # VERSION FOLDER
  local suite mirror tree=$2/root log=$2/debootstrap.log
  suite=$(tree_suite "$1")
  if [[ ! -e $tree/.complete ]]; then
    mirror=$(tree_mirror)
    need_packages debootstrap
    say "Making a tree of Debian $1 in ${tree#"$root/"}/"
    as_root rm -rf "$tree"
    if ! as_root debootstrap --variant=minbase --include=ca-certificates "$suite" "$tree" "$mirror" >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      die -3 "debootstrap failed: is the network there? Its own words are in ${log#"$root/"}"
    fi
    as_root touch "$tree/.complete"
  fi
  tree_network "$tree"
}

# The command sees the clone, and the compiler cache if there is one, where they are outside.
in_tree() { # FOLDER COMMAND...
  local tree=$1/root shared=("$root") cache environment=()
  shift
  if command -v ccache >/dev/null; then
    cache=$(ccache --get-config cache_dir)
    mkdir -p "$cache"
    shared+=("$cache")
    environment+=("CCACHE_DIR=$cache" "CCACHE_BASEDIR=$root")
  fi
  local name
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY "${!HOSTWATCH_@}"; do
    if [[ -n ${!name:-} ]]; then environment+=("$name=${!name}"); fi
  done
  # shellcheck disable=SC2016 # for the shell in there
  as_root unshare --mount sh -euc '
    tree=$1
    mount --make-rprivate /
    mount --rbind "$tree" "$tree"
    for folder in proc sys dev; do mount --rbind "/$folder" "$tree/$folder"; done
    mount -t tmpfs tmpfs "$tree/tmp"
    mount -t tmpfs tmpfs "$tree/run"
    shift
    while [ "$1" != -- ]; do mkdir -p "$tree$1"; mount --bind "$1" "$tree$1"; shift; done
    shift
    cd "$tree" # as the root of all: in a mere chroot no namespaces can be made, which tests do
    pivot_root . mnt
    umount -l /mnt
    cd /
    exec env -i "$@"' sh "$tree" "${shared[@]}" -- \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "${environment[@]}" "$@"
}
