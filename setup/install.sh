#!/bin/sh
# Installs a built checkout as setup/install.txt says; make install DESTDIR=D IDS=N runs it.
set -eu

usage() {
  cat <<'END'
Usage: setup/install.sh [OPTION]...
  --destdir=D   install under D (a package's tree), not at the home itself
  --ids=N       numeric owners from N instead of the system's accounts: groups qmail N, nofiles N+1;
                accounts alias N, qmaild N+1, qmaill N+2, qmailp N+3, qmailq N+4, qmailr N+5, qmails N+6
  --no-owners   files and modes only; owners follow later: make instchown as root
  --partial     leave out programs that are not built
  --no-mta      with --layout=fhs: no links /usr/sbin/sendmail, mailq, newaliases
Owners are set where this is root and all accounts are there. If not, the step that is left is printed, and the exit code is 1
unless --destdir or --no-owners is given. Nothing is lost: files in control/ and users/, and what lies in an existing queue stay.
END
}

HERE=$(cd "$(dirname "$0")" && pwd)
destdir='' ids='' owners=try partial=no
for option in "$@"; do
  case $option in
    --destdir=*) destdir=${option#*=} ;;
    --ids=) ;;
    --ids=*)
      ids=${option#*=}
      case $ids in *[!0-9]* | ????????*) echo "install: $option: not a number" >&2; exit 2 ;; esac ;;
    --no-owners) owners=no ;;
    --no-mta) MTA=no ;;
    --partial) partial=yes ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install: $option: no such option" >&2; usage >&2; exit 2 ;;
  esac
done

# shellcheck source=setup/table.sh
. "$HERE/table.sh"
read_config
version=$(cat "$SOURCE/VERSION")
case $destdir in '' | /*) ;; *) destdir=$(pwd)/$destdir ;; esac
home=$destdir$REAL_HOME
queue=$destdir$(place_of queue)
umask 022

refuse() {
  echo "install: $1: nothing was changed" >&2
  shift
  for line in "$@"; do echo "install: $line" >&2; done
  exit 1
}

# --- checks, before anything is written ---
left=
if [ $owners = try ]; then
  find_ids "$ids"
  if [ -n "$MISSING_USERS$MISSING_GROUPS" ]; then left='accounts'
  elif [ "$(id -u)" != 0 ]; then left='root'; fi
  owners=yes
  [ -z "$left" ] || owners=no
  # Replacing a working qmail-queue by one without its owner would stop mail on a running host.
  if [ -n "$left" ] && [ -z "$destdir" ] && [ -u "$home/bin/qmail-queue" ]; then
    refuse "$home is in use, and owners cannot be set (not root, or accounts are missing:$MISSING_USERS$MISSING_GROUPS)"
  fi
fi
split=$(split_of "$queue")
if [ -d "$queue/mess" ]; then
  [ "$split" = "$SPLIT" ] || echo "install: the queue is split $split ways and stays so (configured: $SPLIT)"
  if [ $owners = yes ]; then
    found=$(stat -c %u "$queue/mess")
    # shellcheck disable=SC2154 # set by find_ids
    if [ "$found" != "$uid_qmailq" ] && [ "$found" != 0 ]; then
      refuse "$queue belongs to uid $found, but qmailq is $uid_qmailq" \
        "with the right accounts in /etc/passwd, or after make instchown with no qmail running, try again"
    fi
  fi
fi

# A directory of its own, since another user could put a link into /tmp itself.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXX")
case $scratch in /*) ;; *) scratch=$(pwd)/$scratch ;; esac
list=$scratch/list
trap 'rm -rf "$scratch"' EXIT
trap 'exit 111' HUP INT TERM
write_rows "$split" "$list"
missing=
while read -r _ place _ _ _ type from; do
  case $type in
    program | script | file) [ -f "$SOURCE/$from" ] || missing="$missing $from" ;;
    link)
      # A directory in the place of a link is a home or queue of another kind; an empty one is replaced.
      if [ -d "$destdir$place" ] && [ ! -L "$destdir$place" ] && [ -n "$(ls -A "$destdir$place")" ]; then
        refuse "$destdir$place is a directory, and with this ./configure a link to $from" \
          "configure it as it lies there (--layout=classic, without --queue), or stop qmail and move it to $from yourself"
      fi ;;
  esac
done <"$list"
if [ $partial = no ] && [ -n "$missing" ]; then echo "install: not built or missing:$missing" >&2; exit 1; fi

# A tree has hundreds of entries, so these functions start no process.
# rights USER GROUP MODE: sets owner_group ("UID GID", or "- -" for those of the caller) and bits (without the setuid bit if owners
# are not set)
rights() {
  owner_group='- -' bits=0${3#?}
  [ $owners = yes ] || return 0
  eval "owner_group=\"\$uid_$1 \$gid_$2\"" bits="$3"
}

# make_all ROWS [-n]: qmail-mkowned makes the entries, since other accounts could put a link into a path. A file is written beside
# the old one and renamed when it is complete.
make_all() {
  [ -f "$1" ] || return 0
  (cd "$scratch" && "$mkowned" ${2:+"$2"} -d "$destdir/" <"$1" >/dev/null) || {
    echo "install: not all could be made; the lines above name what was left alone" >&2
    exit 1
  }
}

# The data that the scripts in setup/ need later: the options, and all rows except those of documentation.
record() {
  for key in HOME_DIR REAL_HOME LAYOUT QUEUE_DIR SPLIT USERS GROUPS_USED UIDS GIDS; do
    eval "echo \"$key = \$$key\""
  done
  kept=$(awk '$1 !~ /^@?(doc|man)(\/|$)/' "$list")
  printf '%s\n' "$kept"
}

# Directories come first, with all entries that are neither file nor link. Existing directories keep their owners and modes.
while read -r _ place owner group mode type _; do
  case $type in dir) new=-n ;; fifo | zeros:*) new= ;; *) continue ;; esac
  [ $owners = yes ] || new=-n
  rights "$owner" "$group" "$mode"
  echo "$type $owner_group $bits $place" >>"$scratch/rows$new"
done <"$list"
# Directories above our own are made if they are missing, and otherwise not changed.
awk '$6 == "dir" { ours[$2] } END { for (place in ours) { sub(/\/[^\/]*$/, "", place); if (!(place in ours)) print place } }' "$list" |
  while read -r above; do [ -d "$destdir$above" ] || mkdir -p "$destdir$above"; done
mkowned=$(mkowned_program "$destdir")
make_all "$scratch/rows-n" -n
make_all "$scratch/rows"

# Files: what is built is copied as it is, and a text after the places and the version are filled in.
ln -s "$SOURCE" "$scratch/built"
mkdir "$scratch/text"
: >"$scratch/texts"
count=0
while read -r path place owner group mode type from; do
  target=$destdir$place
  count=$((count + 1))
  # Shared directories are only made if they are missing, and directories above our own are not changed.
  [ -d "${target%/*}" ] || mkdir -p "${target%/*}"
  case $type in
    shared) [ -d "$target" ] || mkdir "$target"; continue ;;
    dir | fifo | zeros:*) continue ;;
    link)
      [ -L "$target" ] || [ ! -e "$target" ] || echo "$target" >>"$scratch/aside"
      echo "link:$from - - 0777 $place" >>"$scratch/links"
      continue ;;
    record) source=record ;;
    program | script | file)
      [ -f "$SOURCE/$from" ] || continue
      source=built/$from
      if [ "$type" = file ]; then
        source=text/$count
        echo "$count built/$from" >>"$scratch/texts"
      fi ;;
    *) echo "install: setup/install.txt: $path: unknown type $type" >&2; exit 1 ;;
  esac
  rights "$owner" "$group" "$mode"
  echo "file:$source $owner_group $bits $place" >>"$scratch/files"
done <"$list"
record >"$scratch/record"
bytes=$(cd "$scratch" && LC_ALL=C awk -v home="$HOME_DIR" -v version="$version" '{
  from = $2; to = "text/" $1; first = 1
  printf "" >to
  while ((got = (getline line <from)) > 0) {
    gsub(/\/var\/qmail/, home, line); gsub(/@HOME@/, home, line)
    if (first && line ~ /^\.TH .* reqmail$/) sub(/reqmail$/, "\"reqmail " version "\"", line)
    first = 0
    print line >to
    bytes += length(line) + 1
  }
  if (got < 0) { print "install: unable to read " from >"/dev/stderr"; exit 1 }
  close(from)
  if (close(to) != 0) { print "install: unable to write " to >"/dev/stderr"; exit 1 }
} END { printf "%d\n", bytes }' texts)
written=$(cat "$scratch"/text/* | wc -c)
if [ "$bytes" -ne "$written" ]; then echo "install: unable to write texts in ${TMPDIR:-/tmp}: only $written bytes of $bytes" >&2; exit 1; fi
make_all "$scratch/files"
# Links come last, so that what they lead to is there. What gives way to one does so only now: sendmail may be among it.
if [ -f "$scratch/aside" ]; then
  while read -r target; do
    if [ -d "$target" ]; then rmdir "$target"
    else
      mv -f "$target" "$target.old"
      echo "install: $target was a file; it is $target.old now"
    fi
  done <"$scratch/aside"
fi
make_all "$scratch/links"

echo "install: $destdir$HOME_DIR: $count entries${QUEUE_DIR:+, queue in $destdir$QUEUE_DIR}"
if [ $owners = no ]; then
  echo "install: owners are not set yet (qmail-queue is not setuid). As root:"
  [ "$left" != accounts ] || echo "  make users"
  echo "  make instchown${destdir:+ DESTDIR=$destdir}"
  if [ -n "$left" ] && [ -z "$destdir" ]; then exit 1; fi
fi
[ -n "$destdir" ] || [ -f "$home/control/me" ] || echo "install: next: qmail-setup, or INSTALL from \"control files\" on (control/me is missing)"
