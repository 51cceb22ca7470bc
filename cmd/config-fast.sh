#!/bin/sh
# config-fast HOST: the first control files of a host whose full name is known (qmail-control(5)).
set -eu
# What the shell itself ends with (a closed descriptor, a missing command) may pass.
trap 'case $? in 0 | 100 | 111) ;; *) exit 111 ;; esac' EXIT
control=@HOME@/control

if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo 'config-fast: usage: config-fast fully.qualified.host.name' >&2
  exit 100
fi
host=$(printf '%s' "$1" | tr '[:upper:]' '[:lower:]')
case $host in
  *[!a-z0-9.-]* | .* | *. | *..*)
    echo "config-fast: fatal: $1 is no host name" >&2
    exit 100 ;;
esac

# The name without its first part, where two parts or more are left.
parent() {
  case $1 in
    *.*.*) printf '%s\n' "${1#*.}" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# put FILE VALUE: in place at once, so that a running program reads the old file or the new one.
put() {
  echo "Putting $2 into control/$1..."
  if ! { printf '%s\n' "$2" >"$control/$1.tmp" && chmod 644 "$control/$1.tmp" && mv -f "$control/$1.tmp" "$control/$1"; }; then
    echo "config-fast: fatal: unable to write $control/$1" >&2
    exit 111
  fi
}

umask 022
echo "Your fully qualified host name is $host."
domain=$(parent "$host")
put me "$host"
put defaultdomain "$domain"
put plusdomain "$(parent "$domain")"
put locals "$host"
put rcpthosts "$host"
echo
echo "SMTP mail is now accepted for $host alone."
echo 'A domain that you add to locals or virtualdomains has to be added to rcpthosts too.'
