#!/bin/sh
# Compares an installed tree with setup/install.txt and prints each difference with the command that corrects it. It exits 0 if
# everything is right, otherwise 1. make instcheck DESTDIR=D IDS=N runs it.
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
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
. "$HERE/table.sh"
read_config
case $destdir in '' | /*) ;; *) destdir=$(pwd)/$destdir ;; esac
home=$destdir$REAL_HOME
find_ids "$ids"
wrong=0
mend_owners="$HERE/owners.sh${destdir:+ --destdir=$destdir}${ids:+ --ids=$ids}"
say() { # WHAT COMMAND
  wrong=$((wrong + 1))
  echo "instcheck: $1"
  echo "  mend: $2"
}
# The command that restores missing files: from the sources, or from the package that installed them.
install_again='make install'
case $CONFIG in */installed) install_again="install it again (make install, or the package)" ;; esac

if [ -n "$MISSING_USERS$MISSING_GROUPS" ]; then
  echo "instcheck: accounts or groups are missing:$MISSING_USERS$MISSING_GROUPS (name:account)"
  echo "  mend: $HERE/users.sh"
  exit 1
fi
[ -d "$home" ] || { echo "instcheck: $home is missing"; echo "  mend: $install_again"; exit 1; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/instcheck.XXXXXX")
list=$scratch/list
trap 'rm -rf "$scratch"' EXIT
queue=$destdir$(place_of queue) control=$destdir$(place_of control) users=$destdir$(place_of users)
split=$(split_of "$queue")
write_rows "$split" "$list"

# One process looks at all that is there: a tree has hundreds of entries. The loop after this one reads what it says, in the same order.
export QUOTING_STYLE=literal
format='%u:%g %a %s %N'
while read -r path place _ _ _ type _; do
  target=$destdir$place
  case $type:$path in
    shared:* | link:@/*) ;;
    link:*) [ ! -L "$target" ] || printf '%s\0' "$target" ;;
    *) [ ! -e "$target" ] || printf '%s\0' "$target" ;;
  esac
done <"$list" | xargs -0 stat -c "$format" >"$scratch/facts" 2>/dev/null || :

# facts_of TARGET: sets ids_found, mode_found, size_found and found: the path, and of a link " -> " and where it leads. An entry that
# has come or gone since the loop above has a look of its own, and the fact that was read waits for its row.
next_found=''
facts_of() {
  [ -n "$next_found" ] || read -r next_ids next_mode next_size next_found <&3 || :
  case $next_found in
    "$1" | "$1 -> "*) ids_found=$next_ids mode_found=$next_mode size_found=$next_size found=$next_found next_found='' ;;
    *)
      facts=$(stat -c "$format" "$1" 2>/dev/null) || return 1
      read -r ids_found mode_found size_found found <<END
$facts
END
      ;;
  esac
}

while read -r path place owner group mode type from; do
  target=$destdir$place
  case $type in
    shared) continue ;;
    link)
      # The links to sendmail may belong to another program, if the administrator has chosen so.
      case $path in @/*) continue ;; esac
      if [ ! -L "$target" ] || ! facts_of "$target"; then
        if [ -d "$target" ]; then say "$target is a directory, not a link to $from" "move what is in it there; rmdir $target; ln -s $from $target"
        else say "$target is missing" "ln -s $from $target"; fi
      elif [ "$found" != "$target -> $from" ] && [ "$(readlink "$target")" != "$from" ]; then
        say "$target leads to $(readlink "$target"), not to $from" "ln -sfn $from $target"
      fi
      continue ;;
  esac
  eval "uid=\$uid_$owner gid=\$gid_$group"
  if [ ! -e "$target" ] || ! facts_of "$target"; then
    # A distribution may leave out or pack documentation.
    case $LAYOUT/$path in fhs/man/* | fhs/doc/* | fhs/doc) continue ;; esac
    say "$target is missing" "$install_again"
    continue
  fi
  case $type in
    dir) [ -d "$target" ] || { say "$target is no directory" "move it away; $install_again"; continue; } ;;
    fifo) [ -p "$target" ] || { say "$target is no named pipe" "rm $target; $mend_owners"; continue; } ;;
    zeros:1024) [ "$size_found" = 1024 ] ||
      say "$target is not 1024 bytes long" "rm $target; $mend_owners" ;;
  esac
  # shellcheck disable=SC2154 # set by eval
  wanted="$uid:$gid $((0$mode))"
  # chown first: it clears the setuid bit
  if [ "$ids_found $((0$mode_found))" != "$wanted" ]; then
    mend="chown $uid:$gid $target; chmod $mode $target"
    # Root must not use a path in which other accounts could put a link.
    case $path in queue | queue/* | alias | alias/*) mend=$mend_owners ;; esac
    say "$target: owner and mode are $ids_found $mode_found, not $uid:$gid $mode ($owner:$group)" "$mend"
  fi
done <"$list" 3<"$scratch/facts"

# No split directory may be missing, and all parts of the queue must have the same number of them.
for kind in mess info local remote; do
  [ -d "$queue/$kind" ] || continue
  found=$(find "$queue/$kind" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' | wc -l)
  [ "$found" = "$split" ] || say "$queue/$kind has $found directories, the split is $split" "with no mail in it: $install_again after removing $queue/$kind"
done

# Secrets: other accounts must not be able to read them.
secret() { # FILE GROUP...: the groups that may read it
  file=$1
  shift
  [ -e "$file" ] || return 0
  if [ -n "$(find -L "$file" -prune -perm /007)" ]; then
    say "$file can be read by everybody" "chmod o-rwx $file"
    return 0
  fi
  [ -n "$(find -L "$file" -prune -perm /070)" ] || return 0
  gid=$(stat -L -c %g "$file")
  for group in root "$@"; do
    known=
    eval "known=\$gid_$group"
    if [ "$gid" = "$known" ]; then return 0; fi
  done
  say "$file can be read by group $gid, which is none of: root $*" "chmod g-rwx $file"
}
for file in "$control"/servercert.pem "$control"/servercert.pem.old.* "$control"/servercerts/*/servercert.pem* "$control/tlsticketkey"; do secret "$file" qmail nofiles; done
for file in "$control/clientcert.pem" "$control/authsenders"; do secret "$file" qmail; done
for file in "$control"/domainkeys/*/*; do case $file in *.pub) ;; *) secret "$file" qmail ;; esac done
secret "$control/srs_secrets" nofiles qmail
if [ -f "$control/smtproutes" ] && grep -q '^[^#].*|' "$control/smtproutes"; then secret "$control/smtproutes" qmail; fi
for file in "$users"/passwd "$users"/passwd.* "$users"/secrets "$users"/secrets.*; do secret "$file"; done

# A setuid qmail-queue must not be on a file system that ignores the bit.
program=$(awk '$1 == "bin/qmail-queue" { print $2 }' "$list")
if [ -z "$destdir" ] && command -v findmnt >/dev/null 2>&1; then
  case ,$(findmnt -n -o OPTIONS --target "$program" 2>/dev/null), in
    *,nosuid,*) say "$program lies on a file system mounted nosuid: no mail can be queued" "mount -o remount,suid $(findmnt -n -o TARGET --target "$program")" ;;
  esac
fi

[ $wrong = 0 ] || { echo "instcheck: $destdir$HOME_DIR: $wrong wrong"; exit 1; }
echo "instcheck: $destdir$HOME_DIR: all right"
