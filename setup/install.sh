#!/bin/sh
# Installs a built checkout as setup/install.txt says: make install DESTDIR=D IDS=N calls it.
set -eu

usage() {
  cat <<'END'
Usage: setup/install.sh [OPTION]...
  --destdir=D   install under D (a package's tree), not at the home itself
  --ids=N       numeric owners from N instead of the system's accounts: groups qmail N, nofiles N+1;
                accounts alias N, qmaild N+1, qmaill N+2, qmailp N+3, qmailq N+4, qmailr N+5, qmails N+6
  --no-owners   files and modes only; owners follow later: setup/install.sh --owners as root
  --owners      set owners and modes only, of what is installed
  --partial     leave out programs that are not built
Never overwritten: files in control/ and users/, and what lies in an existing queue.
END
}

SOURCE=$(cd "$(dirname "$0")/.." && pwd)
destdir='' ids='' files=yes owners=yes partial=no
for option in "$@"; do
  case $option in
    --destdir=*) destdir=${option#*=} ;;
    --ids=) ;;
    --ids=*)
      ids=${option#*=}
      case $ids in *[!0-9]* | ????????*) echo "install: $option: not a number" >&2; exit 2 ;; esac ;;
    --no-owners) owners=no ;;
    --owners) files=no ;;
    --partial) partial=yes ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install: $option: no such option" >&2; usage >&2; exit 2 ;;
  esac
done

# shellcheck source=setup/table.sh
. "$SOURCE/setup/table.sh"
read_config
version=$(cat "$SOURCE/VERSION")
case $destdir in '' | /*) ;; *) destdir=$(pwd)/$destdir ;; esac
home=$destdir$HOME_DIR
umask 022

# --- is it possible? Before anything is written ---
if [ $owners = yes ]; then
  find_ids "$ids"
  if [ -n "$MISSING_USERS$MISSING_GROUPS" ]; then
    {
      echo "install: this machine lacks accounts or groups of qmail. Either make them:"
      how_to_make_accounts
      echo "install: or give numbers (IDS=64010), or set owners later (OWNERS=no, then setup/install.sh --owners as root)"
    } >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "install: only root can set owners: run this as root, or with OWNERS=no and setup/install.sh --owners as root later" >&2
    exit 1
  fi
fi
split=$(split_of "$home/queue")
if [ -d "$home/queue/mess" ]; then
  [ "$split" = "$SPLIT" ] || echo "install: the queue is split $split ways and stays so (configured: $SPLIT)"
  if [ $owners = yes ]; then
    found=$(stat -c %u "$home/queue/mess")
    # shellcheck disable=SC2154 # set by find_ids
    if [ "$found" != "$uid_qmailq" ] && [ $files = yes ]; then
      echo "install: $home/queue belongs to uid $found, but qmailq is $uid_qmailq: nothing was changed." >&2
      echo "install: with the right accounts in /etc/passwd, or after setup/install.sh --owners with no qmail running, try again" >&2
      exit 1
    fi
  fi
fi

list=$(mktemp "${TMPDIR:-/tmp}/install.XXXXXX")
trap 'rm -f "$list"' EXIT
trap 'exit 111' HUP INT TERM
rows "$split" >"$list"
if [ $files = yes ] && [ $partial = no ]; then
  missing=
  while read -r path _ _ _ type from; do
    case $type in
      program | script | file) [ -f "$SOURCE/$from" ] || missing="$missing $from" ;;
    esac
  done <"$list"
  [ -z "$missing" ] || { echo "install: not built or missing:$missing" >&2; exit 1; }
fi

# own PATH USER GROUP MODE: owner before mode, since chown clears the setuid bit
own() {
  if [ $owners = yes ]; then
    eval "uid=\$uid_$2 gid=\$gid_$3"
    # shellcheck disable=SC2154
    chown -h "$uid:$gid" "$1"
    chmod "$4" "$1"
  else
    chmod "$(echo "$4" | sed 's/^[2-7]/0/')" "$1"
  fi
}

# put FROM TO USER GROUP MODE: written beside, then renamed, so that a running program stays whole
put() {
  new=${2%/*}/.${2##*/}.new
  rm -f "$new"
  case $6 in
    file) sed "s,@HOME@,$HOME_DIR,g; s,/var/qmail,$HOME_DIR,g; 1s,^\(\.TH .* \)reqmail\$,\1\"reqmail $version\"," "$1" >"$new" ;;
    *) cp "$1" "$new" ;;
  esac
  own "$new" "$3" "$4" "$5"
  mv -f "$new" "$2"
}

mkdir -p "$home"
count=0
while read -r path owner group mode type from; do
  target=$home/$path
  count=$((count + 1))
  if [ $files = yes ]; then
    case $type in
      dir)
        [ -d "$target" ] || mkdir -p "$target" ;;
      fifo)
        [ -p "$target" ] || mkfifo "$target" ;;
      zeros:*)
        [ -f "$target" ] || head -c "${type#zeros:}" /dev/zero >"$target" ;;
      program | script | file)
        if [ -f "$SOURCE/$from" ]; then put "$SOURCE/$from" "$target" "$owner" "$group" "$mode" "$type"; fi
        continue ;;
      *) echo "install: setup/install.txt: $path: unknown type $type" >&2; exit 1 ;;
    esac
  fi
  if [ -e "$target" ]; then own "$target" "$owner" "$group" "$mode"; fi
done <"$list"

if [ $owners = no ]; then
  echo "install: $home: $count entries, owners not set; as root: setup/install.sh --owners${destdir:+ --destdir=$destdir}"
else
  echo "install: $home: $count entries"
fi
[ -f "$home/control/me" ] || [ -n "$destdir" ] || echo "install: next: INSTALL, from \"control files\" on (control/me is missing)"
