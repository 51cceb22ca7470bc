#!/bin/sh
# Sets owners and modes of the installed files, and makes the entries that a package cannot have (the named pipe). make instchown
# runs it, and so does a package after its accounts are made.
set -eu

usage() {
  cat <<'END'
Usage: setup/owners.sh [--destdir=D] [--ids=N]
  --destdir=D   the tree below D
  --ids=N       numeric owners from N, as in setup/install.sh
Exit: 0 done, 1 not possible.
END
}

HERE=$(cd "$(dirname "$0")" && pwd)
destdir='' ids=''
for option in "$@"; do
  case $option in
    --destdir=*) destdir=${option#*=} ;;
    --ids=) ;;
    --ids=*)
      ids=${option#*=}
      case $ids in *[!0-9]* | ????????*) echo "owners: $option: not a number" >&2; exit 2 ;; esac ;;
    --help | -h) usage; exit 0 ;;
    *) echo "owners: $option: no such option" >&2; usage >&2; exit 2 ;;
  esac
done
# shellcheck source=setup/table.sh
. "$HERE/table.sh"
read_config
case $destdir in '' | /*) ;; *) destdir=$(pwd)/$destdir ;; esac

if [ "$(id -u)" != 0 ]; then echo "owners: only root can set owners" >&2; exit 1; fi
find_ids "$ids"
if [ -n "$MISSING_USERS$MISSING_GROUPS" ]; then
  echo "owners: accounts or groups are missing:$MISSING_USERS$MISSING_GROUPS (name:account); make users (setup/users.sh) makes them" >&2
  exit 1
fi
# A directory of its own, since another user could put a link into /tmp itself.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/owners.XXXXXX")
list=$scratch/list
trap 'rm -rf "$scratch"' EXIT
trap 'exit 111' HUP INT TERM
write_rows "$(split_of "$destdir$(place_of queue)")" "$list"
[ -d "$destdir$REAL_HOME/bin" ] || { echo "owners: nothing is installed in $destdir$REAL_HOME; make install does it" >&2; exit 1; }

# Rows for qmail-mkowned, since parts of the tree belong to accounts that could put links into a path.
while read -r _ place owner group mode type _; do
  case $type in
    link | shared) continue ;;
    dir | fifo | zeros:*) ;;
    *) type=present ;;
  esac
  eval "echo \"$type \$uid_$owner \$gid_$group $mode $place\""
done <"$list" >"$scratch/rows"
mkowned=$(mkowned_program "$destdir")
count=$("$mkowned" -d "$destdir/" <"$scratch/rows") || {
  echo "owners: $destdir$HOME_DIR: not all is right; the lines above name what was left alone" >&2
  exit 1
}
echo "owners: $destdir$HOME_DIR: $count changed"
