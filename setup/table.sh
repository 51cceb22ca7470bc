# shellcheck shell=sh
# shellcheck disable=SC2034 # used by those who read this file
# The other scripts of this folder source it: it has the table as concrete rows, and the IDs.
# It needs HERE: this folder in a built checkout, or the folder setup of an installed home, which has the file "installed" instead.

ACCOUNTS='alias qmaild qmaill qmailp qmailq qmailr qmails'

read_config() {
  if [ -f "$HERE/installed" ]; then SOURCE=$HERE CONFIG=$HERE/installed; else SOURCE=${HERE%/*} CONFIG=${HERE%/*}/config.mk; fi
  [ -f "$CONFIG" ] || { echo "$0: $CONFIG is missing: run ./configure and make first" >&2; exit 1; }
  for key in HOME_DIR LAYOUT QUEUE_DIR SPLIT USERS GROUPS_USED UIDS GIDS; do
    value=$(sed -n "s/^$key = *//p" "$CONFIG")
    eval "$key=\$value"
  done
  REAL_HOME=$HOME_DIR
  if [ "$LAYOUT" = fhs ]; then
    case $CONFIG in
      */installed) REAL_HOME=$(sed -n 's/^REAL_HOME = *//p' "$CONFIG") ;;
      *) REAL_HOME=$(awk -v home="$HOME_DIR" '$1 == "home" && $2 == home { found = $3 } END { print found ? found : home }' "$SOURCE/setup/fhs.txt") ;;
    esac
  fi
}

# nth N WORD...: the Nth word
nth() { shift "$1"; echo "$1"; }

# id_of FILE NAME: the number in /etc/passwd or /etc/group
id_of() { awk -F: -v name="$2" '$1 == name { print $3; exit }' "$1"; }

# Sets uid_NAME and gid_NAME. $1 is the first number of a block of IDs; if it is empty, IDs are those of ./configure, else those of
# the system. Accounts and groups without an ID are listed in MISSING_USERS and MISSING_GROUPS.
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
  uid_root=0 gid_root=0
}

# as UID GID COMMAND...: runs it as that account, without root's terminal, to which a process of that account could write commands
as() {
  account_ids="--reuid=$1 --regid=$2"
  shift 2
  # shellcheck disable=SC2086 # two words
  setsid -w setpriv $account_ids --clear-groups -- "$@"
}

# qmail-mkowned, for directories of other accounts: that of the checkout, or of the installed home.
mkowned_program() { # DESTDIR
  case $CONFIG in
    */installed) awk -v destdir="$1" '$1 == "bin/qmail-mkowned" { print destdir $2; exit }' "$CONFIG" ;;
    *) echo "$SOURCE/cmd/qmail-mkowned" ;;
  esac
}

# The split of an existing queue, else the configured one.
split_of() { # QUEUE
  if [ -d "$1/mess/0" ]; then
    count=0
    while [ -d "$1/mess/$count" ]; do count=$((count + 1)); done
    echo "$count"
  else
    echo "$SPLIT"
  fi
}

# The place of a directory of the home, below DESTDIR: place_of control
place_of() {
  case $CONFIG in
    */installed) awk -v path="$1" '$1 == path { print $2; exit }' "$CONFIG" ;;
    *) echo "$1 - - - dir - - - -" | places | awk -v path="$1" '$1 == path { print $2 }' ;;
  esac
}

# Converts rows of the table, "path owner group mode type from forbid kib man", to "path place owner group mode type from"; a link has
# "@" before its path, and its target as from. In fhs an entry has the group qmail only if the group has more rights than others.
places() {
  if [ "$LAYOUT" = fhs ]; then set -- "$SOURCE/setup/fhs.txt"; else set -- /dev/null; fi
  awk -v layout="$LAYOUT" -v home="$HOME_DIR" -v real="$REAL_HOME" -v queue="$QUEUE_DIR" -v mta="${MTA:-yes}" '
    function pattern(text) { gsub(/[.+]/, "\\\\&", text); gsub(/\*/, ".*", text); return "^" text "$" }
    # As distributions require, a link to a place in the same directory of / is relative, and any other link is absolute.
    function target(from, to,    a, b, i, j, n, m, up) {
      n = split(from, a, "/"); m = split(to, b, "/")
      if (a[2] != b[2]) return to
      for (i = 2; i < n && i < m && a[i] == b[i]; i++) ;
      for (j = i; j < n; j++) up = up "../"
      for (j = i; j <= m; j++) up = up b[j] (j < m ? "/" : "")
      return up
    }
    function link(path, from, to) { print "@" path, from, "root", "root", "0777", "link", target(from, to) }
    function add_tree(path, place, shared) { trees++; tree[trees] = path; tree_place[trees] = place; is_shared[trees] = shared }
    BEGIN { if (queue != "") add_tree("queue", queue, 0) }
    FNR == NR && FILENAME != "-" {
      sub(/#.*/, "")
      if ($1 == "tree" || $1 == "shared") { if ($2 != "queue") add_tree($2, $3, $1 == "shared") }
      else if ($1 == "name") { names++; name[names] = pattern($2); name_place[names] = $3 }
      else if ($1 == "page") page[$2] = $3
      else if ($1 == "clash") { suffix = $2; for (i = 3; i <= NF; i++) kept = kept (i > 3 ? "|" : "") pattern($i) }
      else if ($1 == "mta" && mta != "no") { links++; link_from[links] = $2; link_to[links] = $3 }
      next
    }
    {
      path = $1; place = ""; type = $5; group = $3
      for (i = 1; i <= trees && place == ""; i++)
        if (path == tree[i] || index(path, tree[i] "/") == 1) {
          place = tree_place[i] substr(path, length(tree[i]) + 1)
          if (path == tree[i] && path !~ /\//) link(path, real "/" path, place)
          if (is_shared[i] && type == "dir") type = "shared"
          if (path ~ /^man\// && type == "file") {
            last = place; sub(/.*\//, "", last)
            if (suffix != "" && last !~ kept) place = place suffix
          }
        }
      if (place == "" && layout == "fhs" && type != "dir") {
        for (i = 1; i <= names && place == ""; i++) if (path ~ name[i]) place = name_place[i]
        section = $9; sub(/.*\./, "", section)
        if (place == "" && section in page) place = page[section]
        if (place != "") {
          last = path; sub(/.*\//, "", last); place = place "/" last
          link(path, real "/" path, place)
        }
      }
      if (place == "") place = path == "." ? real : real "/" path
      if (layout == "fhs" && $2 == "root" && substr($4, length($4) - 1, 1) == substr($4, length($4), 1)) group = "root"
      print path, place, $2, group, $4, type, $6
    }
    END {
      if (path != "." && NR > 3) {
        if (real != home) link(".", home, real)
        for (i = 1; i <= links; i++) print "@" link_from[i], link_from[i], "root", "root", "0777", "link", target(link_from[i], link_to[i])
      }
    }' "$@" -
}

# The rows with "*" and "+" spelled out: path place owner group mode type from
rows() { # SPLIT
  case $CONFIG in
    */installed)
      # The split of the queue may differ from that of the machine on which this was built.
      awk -v split_="$1" '!/^[@.a-z]/ { next }
        $1 ~ /^queue\/(mess|info|local|remote)\/[0-9]+$/ {
          if ($1 !~ /\/0$/) next
          path = $1; place = $2
          for (i = 0; i < split_; i++) { sub(/[0-9]+$/, i, path); sub(/[0-9]+$/, i, place); print path, place, $3, $4, $5, $6, $7 }
          next
        }
        { print }' "$CONFIG"
      return ;;
  esac
  while read -r path owner group mode type from forbid kib man; do
    case $path in '' | '#'*) continue ;; esac
    case $path:$type in
      *:tree)
        (cd "$SOURCE/$from" 2>/dev/null && find . ! -path './.*' \( -type d -o -type f \)) | sort | while read -r found; do
          found=${found#.} found=${found#/}
          if [ -d "$SOURCE/$from/$found" ]; then kind=dir bits=0755
          elif [ -x "$SOURCE/$from/$found" ]; then kind=file bits=0755
          else kind=file bits=0644; fi
          echo "$path${found:+/$found} $owner $group $bits $kind $from/$found - - -"
        done ;;
      */\*:*)
        number=0
        while [ "$number" -lt "$1" ]; do
          echo "${path%\*}$number $owner $group $mode $type $from - - -"
          number=$((number + 1))
        done ;;
      */+:*)
        for file in "$SOURCE"/$from; do
          [ -f "$file" ] || continue
          echo "${path%+}${file##*/} $owner $group $mode $type ${file#"$SOURCE"/} - - -"
        done ;;
      *) echo "$path $owner $group $mode $type $from $forbid $kib $man" ;;
    esac
  done <"$SOURCE/setup/install.txt" | places
}

# Writes the rows to FILE. Not every awk says that a file system is full; the shell does.
write_rows() { # SPLIT FILE
  all=$(rows "$1")
  printf '%s\n' "$all" >"$2"
}
