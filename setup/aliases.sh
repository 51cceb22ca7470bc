#!/bin/sh
# Writes missing .qmail files of alias for postmaster, mailer-daemon, root and abuse. It writes them
# as alias, since alias could replace any name there by a link. qmail-setup and packages run it.
set -eu

usage() {
  cat <<'END'
Usage: setup/aliases.sh INSTRUCTION
  INSTRUCTION   the line of the .qmail files, as dot-qmail(5) has it: &ann, ./Mailbox, ./Maildir/
Prints the names for which a file was made. Exit: 0 done, 1 not possible.
END
}

HERE=$(cd "$(dirname "$0")" && pwd)
case ${1-} in --help | -h) usage; exit 0 ;; '' | -*) usage >&2; exit 2 ;; esac
[ $# = 1 ] || { usage >&2; exit 2; }
# shellcheck source=setup/table.sh
. "$HERE/table.sh"
read_config
find_ids ''
# shellcheck disable=SC2154 # set by find_ids
if [ -z "$uid_alias" ] || [ -z "$gid_nofiles" ]; then
  echo "aliases: account alias or group nofiles is missing; setup/users.sh makes them" >&2
  exit 1
fi
# shellcheck disable=SC2016 # $1 and $2 are for the other shell
as "$uid_alias" "$gid_nofiles" sh -c '
  umask 022
  set -C
  cd "$1" || exit 1
  for name in postmaster mailer-daemon root abuse; do
    file=.qmail-$name
    if [ -e "$file" ] || [ -L "$file" ]; then continue; fi
    echo "$2" >"$file" || exit 1
    echo "$name"
  done' sh "$(place_of alias)" "$1" </dev/null || { echo "aliases: unable to write in $(place_of alias)" >&2; exit 1; }
