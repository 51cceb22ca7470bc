#!/bin/sh
# Makes missing accounts and groups of qmail and does not change existing ones. make users runs it.
set -eu

usage() {
  cat <<'END'
Usage: setup/users.sh [--show]
  --show   print the commands only
Exit: 0 all accounts and groups are there, 1 something could not be made.
END
}

HERE=$(cd "$(dirname "$0")" && pwd)
show=no
for option in "$@"; do
  case $option in
    --show) show=yes ;;
    --help | -h) usage; exit 0 ;;
    *) echo "users: $option: no such option" >&2; usage >&2; exit 2 ;;
  esac
done
# shellcheck source=setup/table.sh
. "$HERE/table.sh"
read_config

# Programs read /etc/passwd and /etc/group, so the accounts must be in these files.
in_file() { cut -d : -f 1 "$1" | grep -qxF -e "$2"; }
elsewhere() { command -v getent >/dev/null 2>&1 && getent "$1" "$2" >/dev/null 2>&1; }
made=0 kept=0
run() {
  if [ $show = yes ]; then echo "  $*"; return; fi
  "$@" || { echo "users: this failed: $*" >&2; exit 1; }
}

make_group() { # NAME GID
  if in_file /etc/group "$1"; then kept=$((kept + 1)); return; fi
  ! elsewhere group "$1" || { echo "users: group $1 is not in /etc/group but comes from elsewhere (getent group $1); qmail's programs need it in the file" >&2; exit 1; }
  name=$1 id=$2
  set --
  [ "$id" = -1 ] || set -- --gid "$id"
  if command -v groupadd >/dev/null 2>&1; then run groupadd --system "$@" "$name"
  elif command -v addgroup >/dev/null 2>&1; then
    [ "$id" = -1 ] || set -- -g "$id"
    run addgroup -S "$@" "$name"
  else echo "users: neither groupadd nor addgroup is here" >&2; exit 1; fi
  made=$((made + 1))
}

no_login() { for shell in /usr/sbin/nologin /sbin/nologin /bin/false; do if [ -x "$shell" ]; then echo "$shell"; return; fi; done; echo /bin/false; }

make_user() { # NAME UID GROUP HOME
  if in_file /etc/passwd "$1"; then
    kept=$((kept + 1))
    found=$(awk -F: -v name="$1" '$1 == name { print $4 }' /etc/passwd) wanted=$(id_of /etc/group "$3")
    [ "$found" = "$wanted" ] || echo "users: note: $1 has group $found, not $3 ($wanted); it stays so, qmail's programs set their groups themselves"
    return
  fi
  ! elsewhere passwd "$1" || { echo "users: $1 is not in /etc/passwd but comes from elsewhere (getent passwd $1); qmail's programs need it in the file" >&2; exit 1; }
  name=$1 id=$2 group=$3 place=$4
  set --
  if command -v useradd >/dev/null 2>&1; then
    [ "$id" = -1 ] || set -- --uid "$id"
    run useradd --system --no-create-home "$@" --gid "$group" --home-dir "$place" --shell "$(no_login)" "$name"
  elif command -v adduser >/dev/null 2>&1; then
    [ "$id" = -1 ] || set -- -u "$id"
    run adduser -S -H -D "$@" -G "$group" -h "$place" -s "$(no_login)" "$name"
  else echo "users: neither useradd nor adduser is here" >&2; exit 1; fi
  made=$((made + 1))
}

if [ $show = no ] && [ "$(id -u)" != 0 ]; then
  echo "users: only root can make accounts; the commands are:" >&2
  "$0" --show >&2 || true
  exit 1
fi
# shellcheck disable=SC2086 # lists of words
set -- $GROUPS_USED
qmail_group=$1 nofiles_group=$2
# shellcheck disable=SC2086
set -- $GIDS
make_group "$qmail_group" "$1"
make_group "$nofiles_group" "$2"
position=0
for part in $ACCOUNTS; do
  position=$((position + 1))
  # shellcheck disable=SC2086
  account=$(nth $position $USERS) id=$(nth $position $UIDS)
  group=$nofiles_group place=$HOME_DIR
  case $part in
    alias) place=$HOME_DIR/alias ;;
    qmailq | qmailr | qmails) group=$qmail_group ;;
  esac
  make_user "$account" "$id" "$group" "$place"
done
if [ $show = yes ]; then exit 0; fi
echo "users: $made made, $kept were there"
