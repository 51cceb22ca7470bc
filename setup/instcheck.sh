#!/bin/sh
# Compares an installed tree with setup/install.txt; each difference with the command that mends it. Exit 0: all is right,
# 1: something is not. make instcheck DESTDIR=D IDS=N calls it.
set -eu

SOURCE=$(cd "$(dirname "$0")/.." && pwd)
destdir='' ids=''
for option in "$@"; do
  case $option in
    --destdir=*) destdir=${option#*=} ;;
    --ids=*) ids=${option#*=} ;;
    --help | -h) echo "Usage: setup/instcheck.sh [--destdir=D] [--ids=N]"; exit 0 ;;
    *) echo "instcheck: $option: no such option" >&2; exit 2 ;;
  esac
done

# shellcheck source=setup/table.sh
. "$SOURCE/setup/table.sh"
read_config
home=$destdir$HOME_DIR
find_ids "$ids"
wrong=0
say() { # WHAT COMMAND
  wrong=$((wrong + 1))
  echo "instcheck: $1"
  echo "  mend: $2"
}

if [ -n "$MISSING_USERS$MISSING_GROUPS" ]; then
  echo "instcheck: accounts or groups are missing"
  how_to_make_accounts | sed 's/^ */  mend: /'
  exit 1
fi
[ -d "$home" ] || { echo "instcheck: $home is missing"; echo "  mend: make install"; exit 1; }

list=$(mktemp "${TMPDIR:-/tmp}/instcheck.XXXXXX")
trap 'rm -f "$list"' EXIT
split=$(split_of "$home/queue")
rows "$split" >"$list"

while read -r path owner group mode type _; do
  target=$home/$path
  eval "uid=\$uid_$owner gid=\$gid_$group"
  if [ ! -e "$target" ]; then
    say "$target is missing" "make install"
    continue
  fi
  case $type in
    dir) [ -d "$target" ] || { say "$target is no directory" "move it away; make install"; continue; } ;;
    fifo) [ -p "$target" ] || { say "$target is no named pipe" "rm $target; make install"; continue; } ;;
    zeros:1024) [ "$(stat -c %s "$target")" = 1024 ] ||
      say "$target is not 1024 bytes long" "head -c 1024 /dev/zero >$target" ;;
  esac
  # shellcheck disable=SC2154 # set by eval
  wanted="$uid:$gid $((0$mode))"
  # shellcheck disable=SC2046 # two words
  set -- $(stat -c '%u:%g %a' "$target")
  # chown first: it clears the setuid bit
  if [ "$1 $((0$2))" != "$wanted" ]; then
    say "$target: owner and mode are $1 $2, not $uid:$gid $mode ($owner:$group)" "chown $uid:$gid $target; chmod $mode $target"
  fi
done <"$list"

# Split directories without a hole and of one number.
for kind in mess info local remote; do
  [ -d "$home/queue/$kind" ] || continue
  found=$(find "$home/queue/$kind" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' | wc -l)
  [ "$found" = "$split" ] || say "$home/queue/$kind has $found directories, the split is $split" "with no mail in it: make install after removing $home/queue/$kind"
done

# Secrets that others can read.
secret() { # FILE
  if [ -e "$1" ] && [ -n "$(find "$1" -prune -perm /007)" ]; then
    say "$1 can be read by everybody" "chmod o-rwx $1"
  fi
}
for file in "$home"/control/servercert.pem "$home"/control/servercerts/*/servercert.pem "$home"/control/clientcert.pem \
  "$home"/control/authsenders "$home"/control/tlsticketkey "$home"/users/passwd "$home"/users/passwd.* "$home"/users/secrets*; do
  secret "$file"
done
if [ -f "$home/control/smtproutes" ] && grep -q '|' "$home/control/smtproutes"; then secret "$home/control/smtproutes"; fi

# A setuid qmail-queue on a file system that ignores the bit.
if [ -z "$destdir" ] && command -v findmnt >/dev/null 2>&1; then
  case ,$(findmnt -n -o OPTIONS --target "$home/bin" 2>/dev/null), in
    *,nosuid,*) say "$home/bin lies on a file system mounted nosuid: no mail can be queued" "mount -o remount,suid $(findmnt -n -o TARGET --target "$home/bin")" ;;
  esac
fi

[ $wrong = 0 ] || { echo "instcheck: $home: $wrong wrong"; exit 1; }
echo "instcheck: $home: all right"
