"""Exim from an unpacked package of Debian (exim4-daemon-light), configured as systems.py says."""

import os
from pathlib import Path

import conformlib.sandbox as sandbox
from arena import HOST, end

UID = 7995
CONFIGURATION = """primary_hostname = {host}
domainlist local_domains = {host}
acl_smtp_rcpt = all
spool_directory = /tmp/exim
log_file_path = /mnt/log/exim-%s
pid_file_path = /mnt/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = 25
smtp_accept_max = 400
smtp_accept_max_per_host = 0
smtp_accept_queue_per_connection = 0
smtp_connect_backlog = 400
rfc1413_query_timeout = 0s
split_spool_directory = true
keep_environment =
trusted_users = root
{more}
begin acl
all:
  accept
begin routers
remote:
  driver = manualroute
  domains = !+local_domains
  transport = smtp
  route_data = ${{if match{{$domain}}{{^d(\\\\d+)\\\\.test}}{{127.0.2.$1}}{{127.0.0.2}}}}
  self = send
local:
  driver = accept
  check_local_user
  transport = maildir
begin transports
smtp:
  driver = smtp
  port = 2525
  allow_localhost
  hosts_avoid_tls = *
maildir:
  driver = appendfile
  directory = $home/Maildir
  maildir_format
begin retry
* * F,4d,1h
"""


class Exim:
    """Exim, below `root`. Settings: certificate."""

    def __init__(self, arena, root, settings):
        self.arena, self.processes, self.queue_only = arena, [], False
        self.sendmail = ["/usr/sbin/exim4", "-i", "-f", f"sender@{HOST}"]
        self.tls = "tls_advertise_hosts ="
        files = Path("/mnt/exim")
        (files / "etc/exim4").mkdir(parents=True)
        self.configuration = files / "etc/exim4/exim4.conf"
        if settings.get("certificate"):
            pair = arena.box.file("/mnt/exim.pem", settings["certificate"], 0o600)
            os.chown(pair, UID, UID)
            self.tls = f"tls_advertise_hosts = *\ntls_certificate = {pair}\ntls_privatekey = {pair}"
        for name, line in (("passwd", f"Debian-exim:x:{UID}:{UID}::/tmp:/bin/false\n"), ("group", f"Debian-exim:x:{UID}:\n")):
            with open(f"/mnt/etc/{name}", "a", encoding="ascii") as file:
                file.write(line)
        # Its configuration has a fixed path, and its programs are executed setuid: they lie over /etc and /usr of this namespace.
        sandbox.mount("overlay", "/etc", "overlay", sandbox.MS_RDONLY, f"lowerdir={files}/etc:/mnt/etc:/etc")
        sandbox.mount("overlay", "/usr", "overlay", sandbox.MS_RDONLY, f"lowerdir={root}/usr:/usr")
        os.mkdir("/tmp/exim")
        os.chown("/tmp/exim", UID, UID)

    def start(self, wrappers=([],)):
        more = self.tls + ("\nqueue_only" if self.queue_only else "")
        self.configuration.write_text(CONFIGURATION.format(host=HOST, more=more))
        self.processes = [self.arena.spawn([*wrappers[0], "/usr/sbin/exim4", "-bdf", "-q30m"], "exim", env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})]

    def queued(self):
        return sum(len(files) for _, _, files in os.walk("/tmp/exim/input")) // 2

    def hold(self):
        self.queue_only = True

    def held(self):
        return True

    def keep(self):
        self.queue_only = False

    def stop(self):
        end(self.processes, 3)
