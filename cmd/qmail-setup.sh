#!/bin/sh
# qmail-setup [OPTION]... [NAME]: from an installed home to a mail host that runs and is checked (qmail-setup(8)). It asks nothing;
# what is there stays as it is, so that it can be run again at any time.
set -u
home=@HOME@
HERE=$home/setup
PATH=$home/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/command:$PATH
export PATH
umask 022

usage() {
  cat <<'END'
qmail-setup: usage: qmail-setup [OPTION]... [NAME]
  NAME                full name of this host (default: control/me, /etc/mailname, hostname)
  --domain=DOMAIN     mail for DOMAIN is delivered here too; may be given again
  --postmaster=ADDR   who gets mail for postmaster, mailer-daemon, root and abuse (default: the first user of this host)
  --services=A,B,...  of smtpd submission smtps qmtpd qmqpd pop3d pop3sd mailauth (default: smtpd,submission,smtps,pop3sd)
  --supervisor=KIND   systemd, svscan, runit, s6 or none (default: the one that runs)
  --scan=DIR          where svscan, runsvdir or s6-svscan looks for services (default: as it was started)
  --no-start          write everything, start nothing
END
}

done_=0
did() { done_=$((done_ + 1)); echo "qmail-setup: $*"; }
note() { echo "qmail-setup: note: $*"; }
fail() { echo "qmail-setup: fatal: $*" >&2; exit 111; }
refuse() { echo "qmail-setup: $*" >&2; exit 100; }

# --- arguments ---
name='' domains='' postmaster='' services='smtpd,submission,smtps,pop3sd' supervisor='' scan='' start=yes
for option in "$@"; do
  case $option in
    --domain=*) domains="$domains ${option#*=}" ;;
    --postmaster=*) postmaster=${option#*=} ;;
    --services=*) services=${option#*=} ;;
    --supervisor=*) supervisor=${option#*=} ;;
    --scan=*) scan=${option#*=} ;;
    --no-start) start=no ;;
    --help | -h) usage; exit 0 ;;
    -*) refuse "$option: no such option; --help lists them" ;;
    *) [ -z "$name" ] || refuse "one name, please: $name, $option"
      name=$option ;;
  esac
done
services=$(echo "$services" | tr ',' ' ')
for service in $services; do
  case $service in
    smtpd | submission | smtps | qmtpd | qmqpd | pop3d | pop3sd | mailauth) ;;
    *) refuse "--services: $service: no such service; --help lists them" ;;
  esac
done
case $supervisor in '' | systemd | svscan | runit | s6 | none) ;; *) refuse "--supervisor=$supervisor: it is systemd, svscan, runit, s6 or none" ;; esac
lower() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]'; }
is_host_name() { case $1 in '' | .* | *. | *..* | -* | *[!a-z0-9.-]*) return 1 ;; *.*) return 0 ;; *) return 1 ;; esac; }
for domain in $domains; do is_host_name "$(lower "$domain")" || refuse "--domain=$domain is no domain"; done
case $postmaster in *[!a-zA-Z0-9@.+_=-]*) refuse "--postmaster=$postmaster is no plain address" ;; esac

[ "$(id -u)" = 0 ] || fail "only root can set a host up"
[ -f "$HERE/table.sh" ] || fail "$home has nothing installed: make install, or the package"
# shellcheck source=setup/table.sh
. "$HERE/table.sh"
read_config
control=$(place_of control) alias=$(place_of alias)

# --- the name, before anything is written ---
find_name() {
  for candidate in "$name" "$(head -n 1 "$control/me" 2>/dev/null)" "$(head -n 1 /etc/mailname 2>/dev/null)" \
    "$(hostname -f 2>/dev/null)" "$(uname -n)"; do
    candidate=$(lower "$candidate")
    if is_host_name "$candidate"; then echo "$candidate"; return 0; fi
    [ -z "$name" ] || break
  done
  return 1
}
given=$name
if ! name=$(find_name); then
  [ -z "$given" ] || refuse "$given is no full host name"
  refuse "the full name of this host cannot be found out; say it: qmail-setup mail.example.org"
fi
if [ -f "$control/me" ] && [ "$(head -n 1 "$control/me")" != "$name" ]; then
  note "control/me says $(head -n 1 "$control/me") and stays so, although the name given is $name"
  name=$(lower "$(head -n 1 "$control/me")")
fi

host=$name

# --- accounts, owners ---
"$HERE/users.sh" || fail "accounts are missing"
"$HERE/owners.sh" || fail "owners could not be set"
"$HERE/instcheck.sh" || fail "the installation is not right; the lines above say how to mend it"

# --- control files ---
put() { # FILE: standard input becomes its content, at once and durably; only where there is none
  [ ! -e "$control/$1" ] || { cat >/dev/null; return 0; }
  { cat >"$control/.$1.new" && sync "$control/.$1.new" && mv "$control/.$1.new" "$control/$1"; } || fail "unable to write $control/$1"
  did "control/$1: $(tr '\n' ' ' <"$control/$1")"
}
parent() { case $1 in *.*.*) echo "${1#*.}" ;; *) echo "$1" ;; esac; }
domain=$(parent "$host")
echo "$host" | put me
echo "$domain" | put defaultdomain
parent "$domain" | put plusdomain
echo "$host" | put locals
# Never a listener without it: all would be accepted for everywhere.
grep -v '^#' "$control/locals" | put rcpthosts
echo 3600 | put timeoutlocal
echo 50 | put concurrencyremote
echo 20 | put concurrencyremotereserve
echo 20 | put connectionmessages
echo 20 | put transactionrecipients
for domain in $domains; do
  domain=$(lower "$domain")
  for file in locals rcpthosts; do
    grep -qixF -e "$domain" "$control/$file" && continue
    { cat "$control/$file" && echo "$domain"; } >"$control/.$file.new" || fail "unable to write $control/$file"
    mv "$control/.$file.new" "$control/$file" || fail "unable to write $control/$file"
    did "control/$file: $domain added"
  done
done
echo ./Maildir/ | put defaultdelivery

# --- mailboxes ---
# Accounts of people that can get mail: their homes are there and their own.
people() {
  awk -F: '$3 >= 1000 && $3 < 60000 && $6 ~ /^\// { print $1, $3, $4, $6 }' /etc/passwd | while read -r user uid gid place; do
    [ ! -d "$place" ] || [ "$(stat -c %u "$place")" != "$uid" ] || echo "$user $uid $gid $place"
  done
}
delivery=$(head -n 1 "$control/defaultdelivery")
if [ "$delivery" = ./Maildir/ ]; then
  if [ -d /etc/skel ] && [ ! -e /etc/skel/Maildir ] && maildirmake /etc/skel/Maildir; then did "/etc/skel/Maildir: new users get a mailbox"; fi
  list=$(mktemp) || fail "no temporary file"
  people >"$list"
  while read -r user uid gid place; do
    [ ! -e "$place/Maildir" ] || continue
    if as "$uid" "$gid" maildirmake "$place/Maildir" </dev/null; then did "$place/Maildir: made for $user"
    else note "$user gets no mail before $place/Maildir is made (maildirmake)"; fi
  done <"$list"
  rm -f "$list"
fi

# --- aliases ---
if [ -z "$postmaster" ]; then postmaster=$(people | awk '{ print $1; exit }'); fi
if [ -n "$postmaster" ]; then reader="&$postmaster"; else reader=./Maildir/; fi
find_ids ''
# Whatever is done in the home of alias is done as alias.
# shellcheck disable=SC2154 # set by find_ids
as_alias() { as "$uid_alias" "$gid_nofiles" "$@"; }
boxes=$("$HERE/aliases.sh" "$reader") || fail "unable to write to $alias"
for box in $boxes; do did "mail for $box: ${postmaster:-$alias/Maildir}"; done
if [ "$reader" = ./Maildir/ ] && [ ! -e "$alias/Maildir" ]; then
  as_alias maildirmake "$alias/Maildir" </dev/null || fail "unable to make $alias/Maildir"
  note "this host has no users; mail for postmaster and root waits in $alias/Maildir"
fi

# --- certificate ---
if [ ! -e "$control/servercert.pem" ]; then
  said=$(qmail-cert make 2>&1) || fail "no certificate: $said"
  did "control/servercert.pem: a certificate signed by itself; a real one: qmail-cert install (qmail-cert(8))"
fi

# --- what arrives is judged and marked, what leaves is signed ---
echo 1 | put dkimverify
echo none | put dmarc
echo headers | put bouncestyle
case " $services " in *" mailauth "*) echo /run/qmail-mailauth/socket | put mailauthsocket ;; esac
mail_domains=$(for domain in $host $domains; do lower "$domain"; echo; done | sort -u)
# Other lists of keys are an administrator's choice.
if [ ! -e "$control/dkimkeys" ] && [ ! -e "$control/dkimdomains" ]; then
  for domain in $mail_domains; do
    if [ ! -e "$control/domainkeys/$domain" ]; then
      said=$(dknewkey -e -d "$domain" 2>&1) || fail "no key for DKIM: $said"
      did "control/domainkeys/$domain/default: a key; mail of $domain is signed with it"
    fi
  done
fi
records() { # what to publish, so that others believe the mail of this host
  echo "qmail-setup: to be published in the DNS, as far as it is not there:"
  for domain in $mail_domains; do
    if [ -e "$control/domainkeys/$domain/default" ]; then dknewkey -e -p -d "$domain"; fi
    echo "$domain. IN TXT (\"v=spf1 mx a:$host -all\")"
    echo "_dmarc.$domain. IN TXT (\"v=DMARC1; p=none; rua=mailto:postmaster@$domain\")"
  done
}

# --- sendmail, where programs look for it ---
link_sendmail() { # PLACE
  if [ -e "$1" ] && [ "$(readlink -f "$1")" = "$(readlink -f "$home/bin/sendmail")" ]; then return; fi
  if [ -e "$1" ] || [ -L "$1" ]; then
    owner=$( (dpkg -S "$1" || rpm -qf "$1") 2>/dev/null | head -n 1)
    if [ -e "$1" ]; then
      note "$1 is another program${owner:+ ($owner)} and stays; remove it, and run this again, so that programs send with qmail"
      return
    fi
    rm -f "$1"
  fi
  [ -d "${1%/*}" ] || return 0
  ln -s "$home/bin/sendmail" "$1" && did "$1: a link to $home/bin/sendmail"
}
for place in /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases; do link_sendmail "$place"; done

# --- which supervisor ---
running() { # NAME: the pids of processes of that name
  for process in /proc/[0-9]*; do
    [ "$(cat "$process/comm" 2>/dev/null)" != "$1" ] || echo "${process#/proc/}"
  done
}
scanned_by() { # PID: the directory that a scanner was started with
  place=$(tr '\0' '\n' <"/proc/$1/cmdline" | sed -n '2,${/^-/!{p;q;}}')
  case $place in /*) echo "$place" ;; '') readlink "/proc/$1/cwd" ;; *) echo "$(readlink "/proc/$1/cwd")/$place" ;; esac
}
find_scanner() {
  for pair in svscan:svscan runit:runsvdir s6:s6-svscan; do
    [ -z "$supervisor" ] || [ "$supervisor" = "${pair%:*}" ] || continue
    for pid in $(running "${pair#*:}"); do
      supervisor=${pair%:*}
      [ -n "$scan" ] || scan=$(scanned_by "$pid")
      return 0
    done
  done
  return 1
}
scanner_running=no
if [ -z "$supervisor" ] && [ -d /run/systemd/system ]; then supervisor=systemd
elif [ "$supervisor" != systemd ] && [ "$supervisor" != none ] && find_scanner; then scanner_running=yes
elif [ -z "$supervisor" ]; then
  # Nothing runs (a container): one that is installed will.
  for pair in svscan:svscan runit:runsvdir s6:s6-svscan; do
    if command -v "${pair#*:}" >/dev/null 2>&1; then supervisor=${pair%:*}; break; fi
  done
fi
supervisor=${supervisor:-none}

# --- tcp rules, for listeners that read them ---
make_rules() { # NAME LINE...
  file=/etc/tcp.$1
  shift
  if [ ! -e "$file" ] && [ ! -e "$file.cdb" ]; then
    printf '%s\n' "$@" >"$file" || fail "unable to write $file"
    did "$file: rules for tcpserver"
  fi
  if [ -e "$file" ] && [ ! -e "$file.cdb" ]; then
    tcprules "$file.cdb" "$file.tmp" <"$file" || fail "tcprules could not make $file.cdb"
    chmod 644 "$file.cdb"
    did "$file.cdb: made by tcprules"
  fi
}
case $supervisor in
  svscan | runit | s6)
    command -v tcpserver >/dev/null 2>&1 || fail "tcpserver is missing (package ucspi-tcp): install it and run this again"
    make_rules smtp '# This host may send anywhere; all others may send to the domains of control/rcpthosts.' '127.:allow,RELAYCLIENT=""' ':allow'
    case " $services " in *" qmqpd "*) make_rules qmqp '# Who may connect may send anywhere.' '127.:allow' ':deny' ;; esac ;;
esac

# --- services ---
answers() { timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null; }
port_of() { case $1 in smtpd) echo 25 ;; submission) echo 587 ;; smtps) echo 465 ;; qmtpd) echo 209 ;; qmqpd) echo 628 ;; pop3d) echo 110 ;; pop3sd) echo 995 ;; esac; }
wait_for() { # SECONDS COMMAND...
  left=$(($1 * 5))
  shift
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || return 1
    sleep 0.2
  done
}
copy() { # FROM TO: where there is nothing; what an administrator changed stays
  if [ -e "$2" ]; then
    diff -rq "$1" "$2" 2>/dev/null | grep -Ev '^Only in .*: supervise$' | grep -q . && note "$2 is not what this version brings ($1) and stays"
    return 0
  fi
  cp -a "$1" "$2.new" || fail "unable to write $2"
  mv "$2.new" "$2" || fail "unable to write $2"
  did "$2: as $1"
}
# Somebody else's listener is not to be fought with.
free_port() { # SERVICE
  ! answers "$(port_of "$1")" || fail "port $(port_of "$1") ($1) is in use already by another program; end it and run this again"
}

with_systemd() {
  units=/usr/lib/systemd/system
  if [ -d "$home/services/systemd" ]; then
    units=/etc/systemd/system
    for unit in "$home"/services/systemd/*; do copy "$unit" "$units/${unit##*/}"; done
    [ $start = no ] || systemctl daemon-reload || fail "systemctl daemon-reload failed"
  fi
  wanted=qmail-send.service
  for service in $services; do
    case $service in mailauth) wanted="$wanted qmail-mailauth.service" ;; *) wanted="$wanted qmail-$service.socket" ;; esac
  done
  for unit in $wanted; do
    if [ $start = no ]; then systemctl enable --quiet "$unit" || fail "systemctl enable $unit failed"; continue; fi
    if systemctl is-active --quiet "$unit" && systemctl is-enabled --quiet "$unit"; then continue; fi
    case $unit in
      *.service) ;;
      *) systemctl is-active --quiet "$unit" || { service=${unit%.socket}; free_port "${service#qmail-}"; } ;;
    esac
    systemctl enable --quiet --now "$unit" || fail "systemctl enable --now $unit failed: $(systemctl status --no-pager "$unit" 2>&1 | tail -n 3)"
    did "$unit: enabled and started"
  done
}

start_scanner() {
  mkdir -p "$scan"
  case $supervisor in
    svscan) set -- svscan "$scan" ;;
    runit) set -- runsvdir -P "$scan" ;;
    s6) set -- s6-svscan "$scan" ;;
  esac
  setsid "$@" </dev/null >/dev/null 2>&1 &
  did "$*: started, since no supervisor ran; have it started at boot (in a container: as its command)"
}

with_scanner() {
  if [ -z "$scan" ]; then
    scan=/etc/service
    [ ! -d /service ] || scan=/service
  fi
  mkdir -p "$REAL_HOME/supervise" "$scan" || fail "unable to make $REAL_HOME/supervise"
  # Logs lie in a directory of root, so that who writes them cannot turn root's steps there elsewhere.
  echo 'dir 0 0 0755 /var/log/qmail' | qmail-mkowned >/dev/null || fail "unable to make /var/log/qmail"
  for service in send $services; do
    copy "$home/services/$supervisor/qmail-$service" "$REAL_HOME/supervise/qmail-$service"
    link=$scan/qmail-$service
    if [ -e "$link" ]; then continue; fi
    case $service in send | mailauth) ;; *) [ $start = no ] || free_port "$service" ;; esac
    [ "$service" != send ] || [ -z "$(running qmail-send)" ] || fail "a qmail-send runs already, not started from $link; stop it and run this again"
    ln -s "$REAL_HOME/supervise/qmail-$service" "$link" || fail "unable to make $link"
    did "$link: a link to $REAL_HOME/supervise/qmail-$service"
  done
  if [ $start = no ]; then return; fi
  if [ $scanner_running = no ]; then start_scanner; fi
  if [ "$supervisor" = s6 ]; then s6-svscanctl -a "$scan" 2>/dev/null || true; fi
}

case $supervisor in
  systemd) with_systemd ;;
  none) [ $start = no ] || fail "nothing can start the services: no systemd runs, and there is no svscan (daemontools), runsvdir (runit) or s6-svscan (s6). Install one of them and run this again" ;;
  *) with_scanner ;;
esac
if [ $start = no ]; then
  records
  echo "qmail-setup: $host: written ($done_ changes); nothing was started"
  exit 0
fi

# --- is it right? ---
is_there() { [ -n "$(running "$1")" ]; }
for daemon in qmail-send qmail-lspawn qmail-rspawn qmail-clean; do
  wait_for 20 is_there $daemon || fail "$daemon does not run; its log says why (/var/log/qmail/qmail-send/current, or journalctl -u qmail-send)"
done
for service in $services; do
  case $service in
    mailauth)
      wait_for 20 is_there qmail-mailauth || fail "qmail-mailauth does not run; its log says why (/var/log/qmail/qmail-mailauth/current, or journalctl -u qmail-mailauth)"
      continue ;;
  esac
  wait_for 20 answers "$(port_of "$service")" || fail "port $(port_of "$service") ($service) does not answer; the log of qmail-$service says why"
done

# A mailbox of its own below alias, gone afterwards; the message comes by SMTP where that is served, else from here.
test_box=reqmail-test-$$
test_file=$alias/$test_box
trap 'as_alias rm -f "$alias/.qmail-$test_box" "$test_file" </dev/null' EXIT
# shellcheck disable=SC2016 # $1 and $2 are for the other shell
as_alias sh -c 'umask 022; set -C; echo "./$2" >"$1/.qmail-$2"' sh "$alias" "$test_box" </dev/null || fail "unable to write to $alias"
first_local=$(grep -v '^#' "$control/locals" | head -n 1)
by_smtp() {
  timeout 60 bash -c '
    exec 3<>/dev/tcp/127.0.0.1/25
    read -r line <&3
    printf "HELO localhost\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: test of qmail-setup\r\n\r\ntest $0\r\n.\r\nQUIT\r\n" "$1" >&3
    cat <&3' "$test_box" "$test_box@$first_local" 2>&1
}
arrived() { as_alias grep -q "^test $test_box" "$test_file" </dev/null 2>/dev/null; }
case " $services " in
  *" smtpd "*)
    said=$(by_smtp)
    echo "$said" | grep -q '^250 ok [0-9]* qp ' || fail "a test message was not accepted on port 25: $(echo "$said" | tr '\r\n' ' ')" ;;
  *)
    printf 'Subject: test of qmail-setup\n\ntest %s\n' "$test_box" | qmail-inject -f '' -- "$test_box@$first_local" ||
      fail "a test message was not queued" ;;
esac
wait_for 30 arrived || fail "a test message was accepted but not delivered; the log of qmail-send says why"

records
echo "qmail-setup: $host: all is running and checked ($supervisor${scan:+ on $scan}; $services; a test message was delivered); $done_ changes"
