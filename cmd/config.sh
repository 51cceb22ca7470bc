#!/bin/sh
# config: the first control files, with names from the DNS (qmail-control(5)). Hosts whose addresses the DNS does not
# know take config-fast.
set -eu
# What the shell itself ends with (a closed descriptor, a missing command) may pass.
trap 'case $? in 0 | 100 | 111) ;; *) exit 111 ;; esac' EXIT
bin=@HOME@/bin
control=@HOME@/control

lower() { tr '[:upper:]' '[:lower:]'; }

name=$(uname -n | lower)
echo "Your hostname is $name."
if ! host=$("$bin/dnsfq" "$name" 2>/dev/null | lower) || [ -z "$host" ]; then
  echo "The full name of $name could not be found in the DNS." >&2
  echo "Say it yourself: $bin/config-fast fully.qualified.host.name" >&2
  exit 100
fi
"$bin/config-fast" "$host"

# Mail for any name of an address of this host is mail for this host.
echo
echo 'Looking for names of the addresses of this host:'
umask 022
for address in $("$bin/ipmeprint" | sort -u); do
  if found=$("$bin/dnsptr" "$address" 2>/dev/null | lower) && [ -n "$found" ]; then
    echo "$address: $found"
    for file in locals rcpthosts; do
      grep -qixF -e "$found" "$control/$file" && continue
      if ! { { cat "$control/$file" && printf '%s\n' "$found"; } >"$control/$file.tmp" &&
        chmod 644 "$control/$file.tmp" && mv -f "$control/$file.tmp" "$control/$file"; }; then
        echo "config: fatal: unable to write $control/$file" >&2
        exit 111
      fi
    done
  else
    echo "$address: no name in the DNS"
  fi
done
echo
echo 'Other names that lead to this host: add them to control/locals and control/rcpthosts.'
