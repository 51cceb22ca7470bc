#!/bin/sh
# Makes run scripts for svscan, runit and s6 and units for systemd from setup/services.txt; make runs it.
# services.sh DIR: replaces DIR/svscan DIR/runit DIR/s6 DIR/systemd.
set -eu
case ${1-} in --help | -h) echo "Usage: setup/services.sh DIR"; exit 0 ;; esac
[ $# = 1 ] || { echo "Usage: setup/services.sh DIR" >&2; exit 2; }
HERE=$(cd "$(dirname "$0")" && pwd)
out=$1
# shellcheck source=setup/table.sh
. "$HERE/table.sh"
read_config
# shellcheck disable=SC2086 # lists of words
qmaild=$(nth 2 $USERS) qmaill=$(nth 3 $USERS) nofiles=$(nth 2 $GROUPS_USED)
queue=$(place_of queue)
home=$HOME_DIR
path=$home/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:/command
rm -rf "$out"
mkdir -p "$out/systemd"

# --- the program that the listener runs ---
program() { # NAME ME
  case $1 in
    qmail-submission | qmail-smtps) echo "qmail-smtpd qmail-checkpassword true" ;;
    qmail-pop3d | qmail-pop3sd) echo "qmail-popup $2 qmail-checkpassword qmail-pop3d Maildir" ;;
    *) echo "$1" ;;
  esac
}

# --- run scripts: the listener is the same, the logger and the way to become qmaill differ ---
logger() { # KIND NAME
  case $1 in
    svscan) echo "setuidgid $qmaill multilog t s1000000 n20 /var/log/qmail/$2" ;;
    runit) echo "chpst -u $qmaill svlogd -t /var/log/qmail/$2" ;;
    s6) echo "s6-setuidgid $qmaill s6-log t s1000000 n20 /var/log/qmail/$2" ;;
  esac
}

log_script() { # KIND NAME
  mkdir -p "$out/$1/$2/log"
  cat >"$out/$1/$2/log/run" <<END
#!/bin/sh
# The log of $2, written by $qmaill. Root makes its directory once, by descriptor, since $qmaill could put a link into a path.
PATH=\$PATH:$path
printf '%s\n' 'dir 0 0 0755 /var/log/qmail' "dir \$(id -u $qmaill) \$(id -g $qmaill) 0755 /var/log/qmail/$2" |
  qmail-mkowned -n >/dev/null || { sleep 10; exit 111; }
exec $(logger "$1" "$2")
END
}

send_script() { # KIND
  mkdir -p "$out/$1/qmail-send"
  cat >"$out/$1/qmail-send/run" <<END
#!/bin/sh
# qmail-send with qmail-lspawn, qmail-rspawn and qmail-clean. Mail goes where control/defaultdelivery says (default: ./Maildir/),
# unless a .qmail file says otherwise. On HUP control/locals and control/virtualdomains are read again.
exec 2>&1
cd /
delivery=\$(cat $home/control/defaultdelivery 2>/dev/null)
exec env - PATH=$path \\
  qmail-start "\${delivery:-./Maildir/}"
END
}

judge_script() { # KIND
  mkdir -p "$out/$1/qmail-mailauth"
  cat >"$out/$1/qmail-mailauth/run" <<END
#!/bin/sh
# qmail-mailauth judges senders and messages for all sessions of qmail-smtpd, at the socket that control/mailauthsocket names. It
# becomes $qmaild, who owns the directory of the socket.
exec 2>&1
cd /
PATH=$path
socket=\$(head -n 1 $home/control/mailauthsocket 2>/dev/null)
case \$socket in
  /*/?*) ;;
  *)
    echo "qmail-mailauth: fatal: control/mailauthsocket has to name the socket, by a path from the root directory"
    sleep 10
    exit 111
    ;;
esac
echo "dir \$(id -u $qmaild) \$(id -g $qmaild) 0700 \${socket%/*}" | qmail-mkowned -n >/dev/null || { sleep 10; exit 111; }
exec env - PATH="\$PATH" qmail-mailauth resident "\$socket"
END
}

listener_script() { # KIND
  file=$out/$1/$name/run
  mkdir -p "$out/$1/$name"
  cat >"$file" <<END
#!/bin/sh
# $name, port $port: $what.
# tcpserver is the listener. If /etc/tcp.$rules.cdb exists (made by tcprules), its rules say which clients may connect and which get
# RELAYCLIENT; without rules no client gets it. control/concurrencyincoming is the maximum number of sessions (100).
exec 2>&1
cd /
PATH=$path
me=\$(head -n 1 $home/control/me) || { sleep 10; exit 111; }
limit=\$(head -n 1 $home/control/concurrencyincoming 2>/dev/null)
case \$limit in '' | *[!0-9]*) limit=100 ;; esac
END
  if [ "$at" = local ]; then
    cat >>"$file" <<END
# Every client that may connect may send to any host, so there is no service without rules.
if [ ! -f /etc/tcp.$rules.cdb ]; then
  echo "$name: fatal: /etc/tcp.$rules.cdb is missing: it has to say who may send"
  sleep 10
  exit 111
fi
END
  fi
  cat >>"$file" <<END
set --
[ ! -f /etc/tcp.$rules.cdb ] || set -- -x /etc/tcp.$rules.cdb
END
  [ "$user" = root ] || cat >>"$file" <<END
set -- "\$@" -u "\$(id -u $user)" -g "\$(id -g $user)"
END
  # shellcheck disable=SC2016 # $me is for the script
  cat >>"$file" <<END
# shellcheck disable=SC3045 # every /bin/sh has it
ulimit -v 500000
exec env - PATH="\$PATH"${set:+ $(echo "$set" | tr ',' ' ')} \\
  tcpserver -v -R -l "\$me" -c "\$limit" "\$@" 0 $port $(program "$name" '"$me"')
END
}

# --- systemd ---
limits() {
  cat <<END
KeyringMode=private
UMask=0077
LimitCORE=0
LimitNPROC=500
LimitNOFILE=256
MemoryMax=500M
TasksMax=50
END
}

# A unit with User= must not use an option that implies NoNewPrivileges, since qmail-queue is setuid.
confined() {
  cat <<END
# A program that writes elsewhere (a QMAILQUEUE program, a checker) needs a drop-in with ReadWritePaths=.
ProtectSystem=strict
ReadWritePaths=$queue
ProtectHome=read-only
PrivateTmp=yes
ProtectProc=invisible
ProcSubset=pid
ProtectControlGroups=yes
DevicePolicy=closed
IPAddressDeny=multicast
RemoveIPC=yes
$(limits)
CapabilityBoundingSet=$1
# Never set NoNewPrivileges here, or an option that implies it for a service with User= (SystemCallFilter, SystemCallArchitectures,
# RestrictAddressFamilies, RestrictNamespaces, RestrictRealtime, RestrictSUIDSGID, PrivateDevices, ProtectKernelTunables,
# ProtectKernelModules, ProtectKernelLogs, ProtectClock, ProtectHostname, MemoryDenyWriteExecute, LockPersonality, DynamicUser):
# qmail-queue, which queues mail, is setuid $(nth 6 "$@").
NoNewPrivileges=no
END
}

# For a service that runs no setuid program: most of these imply NoNewPrivileges.
no_privileges() {
  cat <<END
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
END
}

mailboxes() {
  cat <<END
# It runs as root until the checker has become the user of the mailbox. It queues no mail, so it needs no setuid program.
NoNewPrivileges=yes
ProtectSystem=full
PrivateTmp=yes
PrivateDevices=yes
$(no_privileges)
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service chroot
CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_SYS_CHROOT CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_AUDIT_WRITE CAP_KILL
$(limits)
END
}

socket_unit() {
  if [ "$at" = local ]; then addresses="ListenStream=127.0.0.1:$port"; else addresses="ListenStream=$port"; fi
  cat >"$out/systemd/$name.socket" <<END
[Unit]
Description=$name: $what
Documentation=man:$page(8)

[Socket]
# No client gets RELAYCLIENT here, since there are no tcp rules. If you need rules, use tcpserver as the listener: see INSTALL.
$addresses
Accept=yes
Backlog=128
MaxConnections=100
MaxConnectionsPerSource=20
NoDelay=yes
KeepAlive=yes
# The rate of connections is not limited; MaxConnections limits their number.
TriggerLimitIntervalSec=0

[Install]
WantedBy=sockets.target
END
}

service_unit() {
  {
    cat <<END
[Unit]
Description=$name: one connection
Documentation=man:$page(8)
ConditionPathExists=$home/control/me
CollectMode=inactive-or-failed

[Service]
StandardInput=socket
StandardError=journal
SyslogIdentifier=$name
Environment=PATH=$path
END
    if [ -n "$set" ]; then echo "$set" | tr ',' '\n' | sed 's/^/Environment=/'; fi
    # tcp-env sets the TCP variables, also for IPv6; the exit code of a session is not a failure of the service.
    # shellcheck disable=SC2016 # $$ is for the shell of the unit
    echo "ExecStart=-/bin/sh -c 'read -r me <$home/control/me; exec tcp-env -R env TCPLOCALHOST=\"\$\$me\" $(program "$name" '"$$me"')'"
    if [ "$user" = root ]; then
      mailboxes
    else
      echo "User=$user"
      echo "Group=$nofiles"
      # A checker that is setuid root reads passwords and becomes the user.
      case $name in
        qmail-submission | qmail-smtps) capabilities='CAP_SETUID CAP_SETGID CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_AUDIT_WRITE CAP_SETPCAP' ;;
        *) capabilities='' ;;
      esac
      # shellcheck disable=SC2086 # a list
      confined "$capabilities" $USERS
    fi
  } >"$out/systemd/$name@.service"
}

# It runs no other program and writes nothing but the socket.
judge_unit() {
  cat >"$out/systemd/qmail-mailauth.service" <<END
[Unit]
Description=qmail-mailauth: judges senders and messages for all sessions of qmail-smtpd
Documentation=man:qmail-mailauth(8)
After=network.target nss-lookup.target
# It names the socket; without it each session starts a qmail-mailauth of its own.
ConditionPathExists=$home/control/mailauthsocket

[Service]
Type=exec
User=$qmaild
Group=$nofiles
Environment=PATH=$path
# A socket in another directory needs a drop-in with ReadWritePaths=.
RuntimeDirectory=qmail-mailauth
RuntimeDirectoryMode=0700
ExecStart=/bin/sh -c 'read -r socket <$home/control/mailauthsocket; exec qmail-mailauth resident "\$\$socket"'
Restart=always
RestartSec=2
SyslogIdentifier=qmail-mailauth
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProcSubset=pid
$(no_privileges)
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
CapabilityBoundingSet=
RemoveIPC=yes
KeyringMode=private
UMask=0077
LimitCORE=0
# Each of at most 500 sessions has a child.
TasksMax=600
MemoryMax=2G

[Install]
WantedBy=multi-user.target
END
}

send_unit() {
  cat >"$out/systemd/qmail-send.service" <<END
[Unit]
Description=qmail-send: deliveries from the queue
Documentation=man:qmail-send(8) man:qmail-start(8)
After=network.target nss-lookup.target remote-fs.target
ConditionPathExists=$home/control/me

[Service]
Type=exec
Environment=PATH=$path
# Mail goes where control/defaultdelivery says (default: ./Maildir/), unless a .qmail file says otherwise.
ExecStart=/bin/sh -c 'delivery=\$\$(cat $home/control/defaultdelivery 2>/dev/null); exec qmail-start "\$\${delivery:-./Maildir/}"'
ExecReload=/bin/kill -HUP \$MAINPID
Restart=always
RestartSec=2
# Only qmail-send gets TERM: it waits for the running deliveries, and then all processes exit.
KillMode=mixed
TimeoutStopSec=5min
SyslogIdentifier=qmail-send
OOMPolicy=continue
# Users' deliveries run in this unit with users' programs, so few restrictions are possible.
ProtectSystem=yes
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
RestrictRealtime=yes
LockPersonality=yes
KeyringMode=private
LimitCORE=0
CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_PTRACE CAP_SYS_ADMIN CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_NET_ADMIN CAP_NET_RAW CAP_SYSLOG CAP_WAKE_ALARM CAP_BPF CAP_PERFMON CAP_SYS_PACCT CAP_SYS_TTY_CONFIG CAP_MKNOD

[Install]
WantedBy=multi-user.target
END
}

for kind in svscan runit s6; do
  send_script $kind
  log_script $kind qmail-send
  judge_script $kind
  log_script $kind qmail-mailauth
done
send_unit
judge_unit
while read -r name port rules user at set what; do
  case $name in '' | '#'*) continue ;; esac
  [ "$set" != - ] || set=
  case $name in qmail-submission | qmail-smtps) page=qmail-smtpd ;; qmail-pop3*) page=qmail-popup ;; *) page=$name ;; esac
  [ "$user" != qmaild ] || user=$qmaild
  for kind in svscan runit s6; do
    listener_script $kind
    log_script $kind "$name"
  done
  socket_unit
  service_unit
done <"$HERE/services.txt"
find "$out" -name run -exec chmod 755 {} +
