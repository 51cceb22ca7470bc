# shellcheck shell=sh
# shellcheck disable=SC2034 # used by those who read this file
# Read by install.sh and instcheck.sh: the table as concrete rows, and the ids.
# Needs: SOURCE (the built checkout), HOME_DIR, SPLIT, USERS, GROUPS_USED, UIDS, GIDS (from config.mk).

ACCOUNTS='alias qmaild qmaill qmailp qmailq qmailr qmails'

read_config() {
  [ -f "$SOURCE/config.mk" ] || { echo "$0: $SOURCE/config.mk is missing: run ./configure and make first" >&2; exit 1; }
  for key in HOME_DIR SPLIT USERS GROUPS_USED UIDS GIDS; do
    value=$(sed -n "s/^$key = *//p" "$SOURCE/config.mk")
    eval "$key=\$value"
  done
}

# nth N WORD...: the Nth word
nth() { shift "$1"; echo "$1"; }

# id_of FILE NAME: the number in /etc/passwd or /etc/group
id_of() { awk -F: -v name="$2" '$1 == name { print $3; exit }' "$1"; }

# Sets uid_NAME and gid_NAME. $1: first number of a block of ids, or empty: as configured, then as the system says.
# What has no id is listed in MISSING_USERS and MISSING_GROUPS.
find_ids() {
  MISSING_USERS='' MISSING_GROUPS=''
  position=0
  for name in $ACCOUNTS; do
    position=$((position + 1))
    # shellcheck disable=SC2086 # lists of words
    account=$(nth $position $USERS) fixed=$(nth $position $UIDS)
    if [ -n "$1" ]; then id=$(($1 + position - 1))
    elif [ "$fixed" != -1 ]; then id=$fixed
    else id=$(id_of /etc/passwd "$account"); fi
    [ -n "$id" ] || MISSING_USERS="$MISSING_USERS $name:$account"
    eval "uid_$name=\$id"
  done
  position=0
  for name in qmail nofiles; do
    position=$((position + 1))
    # shellcheck disable=SC2086
    group=$(nth $position $GROUPS_USED) fixed=$(nth $position $GIDS)
    if [ -n "$1" ]; then id=$(($1 + position - 1))
    elif [ "$fixed" != -1 ]; then id=$fixed
    else id=$(id_of /etc/group "$group"); fi
    [ -n "$id" ] || MISSING_GROUPS="$MISSING_GROUPS $name:$group"
    eval "gid_$name=\$id"
  done
  uid_root=0
}

# What to type where accounts are missing.
how_to_make_accounts() {
  for entry in $MISSING_GROUPS; do echo "  groupadd --system ${entry#*:}"; done
  # shellcheck disable=SC2086
  qmail_group=$(nth 1 $GROUPS_USED) nofiles_group=$(nth 2 $GROUPS_USED)
  for entry in $MISSING_USERS; do
    home=$HOME_DIR group=$nofiles_group
    case ${entry%%:*} in
      alias) home=$HOME_DIR/alias ;;
      qmailq | qmailr | qmails) group=$qmail_group ;;
    esac
    echo "  useradd --system --no-create-home --gid $group --home-dir $home --shell /usr/sbin/nologin ${entry#*:}"
  done
}

# The split of a queue that is there already, else the configured one.
split_of() { # QUEUE
  if [ -d "$1/mess/0" ]; then
    count=0
    while [ -d "$1/mess/$count" ]; do count=$((count + 1)); done
    echo "$count"
  else
    echo "$SPLIT"
  fi
}

# The rows with "*" and "+" spelled out: path owner group mode type from
rows() { # SPLIT
  while read -r path owner group mode type from _; do
    case $path in '' | '#'*) continue ;; esac
    case $path in
      */\*)
        number=0
        while [ "$number" -lt "$1" ]; do
          echo "${path%\*}$number $owner $group $mode $type $from"
          number=$((number + 1))
        done ;;
      */+)
        for file in "$SOURCE"/$from; do
          [ -f "$file" ] || continue
          echo "${path%+}${file##*/} $owner $group $mode $type ${file#"$SOURCE"/}"
        done ;;
      *) echo "$path $owner $group $mode $type $from" ;;
    esac
  done <"$SOURCE/setup/install.txt"
}
