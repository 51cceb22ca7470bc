"""The mail systems that are measured. Each gets a configuration that does the same: mail for alice@host.example.org goes to her
maildir, mail for d1.test to d50.test by SMTP to 127.0.2.1 to 127.0.2.50, port 2525, and everybody may send to everybody."""

import os
import pwd
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import exim_system
import packages
import postfix_peer
from arena import HOST, ROOT, USER, end

DOMAINS = 50
SINK_PORT = 2525
ADDRESS = ("127.0.0.1", 25)
SENDER = f"sender@{HOST}"
LOCAL = f"{USER}@{HOST}"


class Qmail:
    """Any tree that is compatible with qmail. Settings: listener (tcpserver, qmail-listen, or empty: qmail-listen if the tree has it),
    certificate (a PEM file)."""

    def __init__(self, arena, root, settings):
        self.arena, self.box, self.processes = arena, arena.box, []
        self.listener = settings.get("listener") or ("qmail-listen" if Path("/var/qmail/bin/qmail-listen").exists() else "tcpserver")
        self.sendmail = ["/var/qmail/bin/sendmail", "-f", SENDER]
        self.box.control("rcpthosts", f"{HOST}\n")
        self.box.control("locals", f"{HOST}\n")
        self.box.control("smtproutes", "".join(f"d{number}.test:127.0.2.{number}:{SINK_PORT}\n" for number in range(1, DOMAINS + 1)))
        if settings.get("certificate"):
            self.box.file("/var/qmail/control/servercert.pem", settings["certificate"], 0o640, "root:nofiles")
            self.box.file("/var/qmail/control/tlsticketkey", os.urandom(80), 0o640, "root:nofiles")

    def start(self, wrappers=([], [])):
        """The wrappers are the commands that run the queue and the listener."""
        environment = {"PATH": "/var/qmail/bin:/usr/local/bin:/usr/bin:/bin"}
        account = pwd.getpwnam("qmaild")
        listener = [self.listener, "-H", "-R", "-l0", "-b", "400", "-c", "400", "-u", str(account.pw_uid), "-g", str(account.pw_gid)]
        self.processes = [
            self.arena.spawn([*wrappers[0], "/var/qmail/bin/qmail-start", "./Maildir/"], "send", env=environment),
            self.arena.spawn([*wrappers[1], *listener, ADDRESS[0], str(ADDRESS[1]), "/var/qmail/bin/qmail-smtpd"], "smtpd",
                             env=environment | {"RELAYCLIENT": ""})]

    def queued(self):
        return sum(len(files) for _, _, files in os.walk("/var/qmail/queue/mess"))

    def hold(self):
        """Mail for other hosts stays."""
        self.box.control("concurrencyremote", "0\n")

    def held(self):
        return not os.listdir("/var/qmail/queue/todo")

    def keep(self):
        """After stop(): what is held stays at the next start, because its time has not come."""
        self.box.control("concurrencyremote", "20\n")
        later = time.time() + 3600
        for place, _, files in os.walk("/var/qmail/queue/remote"):
            for name in files:
                os.utime(f"{place}/{name}", (later, later))

    def stop(self):
        end(self.processes, 3)


def files_of_new_host():
    """What qmail-setup writes that says how mail leaves: names and texts of control files."""
    script = (ROOT / "cmd/qmail-setup.sh").read_text(encoding="utf-8")
    lines = re.findall(r"^echo (\d+) \| put ((?:concurrencyremote|connection|transaction)\w*)$", script, re.M)
    return {name: f"{number}\n" for number, name in lines}


NEW_HOST = files_of_new_host()  # read before the checkout is out of sight


class NewHost(Qmail):
    """The same tree with the control files of a host that qmail-setup has set up."""

    def __init__(self, arena, root, settings):
        super().__init__(arena, root, settings)
        for name, text in NEW_HOST.items():
            self.box.control(name, text)


class Postfix(postfix_peer.Postfix):
    """Postfix, below `root`. Settings: certificate, processes (its limit)."""

    def __init__(self, arena, root, settings):
        super().__init__(arena.box, Path(root))
        self.arena, self.processes = arena, []
        self.services = self.services.replace("qmgr unix n - n 1 1 qmgr", "qmgr unix n - n 300 1 qmgr") + (
            "local unix - n n - - local\npickup unix n - n 60 1 pickup\n")
        self.libraries = packages.library_path(self.root)
        self.sendmail = ["/usr/bin/env", f"MAIL_CONFIG={postfix_peer.HOME}/config", f"LD_LIBRARY_PATH={packages.library_path(self.root)}",
                         str(self.root / "usr/sbin/sendmail"), "-i", "-f", SENDER]
        certificate = ""
        if settings.get("certificate"):
            certificate = arena.box.file("/mnt/pair.pem", settings["certificate"], 0o600)
        text = "".join(f"d{n}.test smtp:[127.0.2.{n}]:{SINK_PORT}\n" for n in range(1, DOMAINS + 1))
        routes = arena.box.file("/mnt/routes", text, age=60)  # Postfix waits before it reads a file that has just changed
        self.server((f"{ADDRESS[0]}:{ADDRESS[1]}", {}), certificate=certificate, mydestination=HOST, home_mailbox="Maildir/",
                    transport_maps=f"texthash:{routes}", smtpd_recipient_limit="6000", smtpd_peername_lookup="no",
                    smtpd_relay_restrictions="permit_mynetworks,reject_unauth_destination", virtual_mailbox_domains="",
                    default_process_limit=str(settings.get("processes", 100)), queue_run_delay="300s", minimal_backoff_time="300s",
                    local_destination_concurrency_limit="10", export_environment="MAIL_CONFIG LD_LIBRARY_PATH TZ LANG=C",
                    command_directory=str(self.root / "usr/sbin"))

    def start(self, wrappers=([],)):
        if not postfix_peer.HOME.exists():
            self.prepare()
        self.write_configuration()
        self.launch(*wrappers[0])
        self.processes = [self.process]

    def queued(self):
        return sum(len(files) for name in ("maildrop", "incoming", "active", "deferred") for _, _, files in os.walk(postfix_peer.HOME / "queue" / name))

    def hold(self):
        self.settings["defer_transports"] = "smtp"

    def held(self):
        return not any(files for name in ("incoming", "active") for _, _, files in os.walk(postfix_peer.HOME / "queue" / name))

    def keep(self):
        self.settings["defer_transports"] = ""

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        end(self.processes, 3)


SYSTEMS = {"qmail": Qmail, "new-host": NewHost, "postfix": Postfix, "exim": exim_system.Exim}


def answers():
    """Whether a server greets."""
    try:
        with socket.create_connection(ADDRESS, timeout=5) as server:
            greeted = server.recv(512).startswith(b"220")
            server.sendall(b"QUIT\r\n")
            server.recv(512)
            return greeted
    except OSError:
        return False


def certificate():
    """A key and its certificate, as one PEM text."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={HOST}", "-keyout", "-", "-out", "-"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return made.stdout
