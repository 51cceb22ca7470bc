"""Postfix inside a test, as the peer: its smtp(8) sends to our servers, its smtpd(8) receives our mail.

Debian's package lies unpacked below PLACE (./bootstrap deps), not installed: two mail systems on one host conflict. Where a host
has Postfix installed, that one is used. Everything it writes is in /tmp/postfix of the test.

    peer = Postfix(box)
    peer.client("host.example.org", "192.0.2.1", 587, login="user:password", mechanisms="plain", smtp_tls_security_level="encrypt")
    peer.server(("192.0.2.2:25", {}), ("192.0.2.2:465", {"smtpd_tls_wrappermode": "yes"}), certificate="/tmp/pair.pem")
    peer.start()
    peer.send("someone@host.example.org", b"Subject: x\\n\\nhi\\n")
    peer.wait_log("status=sent")
    peer.messages()                     # the messages that its smtpd(8) accepted, each as delivered
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
import time
from pathlib import Path

from conformlib.process import PATIENCE
from conformlib.sandbox import die_with_parent

PLACE = Path("/usr/local/lib/reqmail-tests/postfix")
DAEMONS = ["usr/lib/postfix/sbin", "usr/libexec/postfix"]
HOME = Path("/tmp/postfix")
DOMAIN = "postfix.example.net"
UID, POSTFIX_GID, POSTDROP_GID = 7990, 7990, 7991
MAIL_UID = 7992

SUBMIT = 10025  # the port to which send() sends messages

SERVICES = f"""127.0.0.1:{SUBMIT} inet n - n - - smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject -o smtpd_tls_security_level=none
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, box, root: Path | None = None) -> None:
        """`root`: where Postfix is unpacked, if that is neither PLACE nor an installation."""
        self.box = box
        roots = [(place, place / name) for place in ([root] if root else [PLACE, Path("/")]) for name in DAEMONS]
        found = [(place, daemons) for place, daemons in roots if (daemons / "master").exists()]
        assert found, "no Postfix: ./bootstrap deps"
        self.root, self.daemons = found[0]
        self.services, self.libraries = SERVICES, str(self.root / "usr/lib/postfix")
        self.settings = {
            "compatibility_level": "3.6", "queue_directory": HOME / "queue", "data_directory": HOME / "data",
            "daemon_directory": self.daemons, "command_directory": self.root / "usr/sbin",
            "shlib_directory": self.root / "usr/lib/postfix", "mail_owner": "postfix", "setgid_group": "postdrop",
            "import_environment": "MAIL_CONFIG LD_LIBRARY_PATH LANG=C", "myhostname": DOMAIN, "mydestination": "", "mynetworks": "127.0.0.0/8",
            "inet_protocols": "ipv4", "alias_maps": "", "alias_database": "", "biff": "no", "maillog_file": HOME / "log",
            "maillog_file_prefixes": "/tmp", "smtp_tls_loglevel": "1", "smtpd_tls_loglevel": "1", "disable_dns_lookups": "yes",
            "smtp_host_lookup": "native", "minimal_backoff_time": "1s", "queue_run_delay": "1s", "virtual_mailbox_domains": DOMAIN,
            "virtual_mailbox_base": HOME / "mail", "virtual_mailbox_maps": "static:inbox/", "virtual_uid_maps": f"static:{MAIL_UID}",
            "virtual_gid_maps": f"static:{MAIL_UID}", "virtual_transport": "virtual", "smtpd_delay_reject": "yes",
            "smtpd_relay_restrictions": "reject_unauth_destination",
        }
        self.listeners = ""
        self.process: subprocess.Popen | None = None

    # its configuration, before start()

    def client(self, domain: str, ip: str, port: int = 25, login: str = "", mechanisms: str = "", **settings: str) -> None:
        """Sends all mail, except mail for itself, to this server; `settings` are lines of main.cf."""
        self.settings |= {"relayhost": f"[{ip}]:{port}", "smtp_sasl_security_options": "", "smtp_helo_name": DOMAIN} | settings
        if login:
            self.settings |= {"smtp_sasl_auth_enable": "yes", "smtp_sasl_password_maps": f"static:{{{login}}}",
                              "smtp_sasl_mechanism_filter": mechanisms, "smtp_sasl_tls_security_options": ""}
        assert domain != DOMAIN

    def server(self, *listeners: tuple[str, dict], certificate: str = "", **settings: str) -> None:
        """Runs smtpd(8) at each `address:port` with its own options; `certificate` is a PEM file with key and certificate."""
        self.settings |= {"smtpd_tls_chain_files": certificate, "smtpd_tls_security_level": "may" if certificate else "none"} | settings
        for address, options in listeners:
            self.listeners += f"{address} inet n - n - - smtpd" + "".join(f" -o {name}={value}" for name, value in options.items()) + "\n"

    # running

    def start(self) -> None:
        self.prepare()
        self.write_configuration()
        self.launch()

    def prepare(self) -> None:
        """Accounts and directories."""
        self._accounts()
        for name in ("", "config", "queue", "data", "mail", "mail/inbox"):
            (HOME / name).mkdir(mode=0o755)
        os.chown(HOME / "data", UID, POSTFIX_GID)
        os.chown(HOME / "mail", MAIL_UID, MAIL_UID)
        os.chown(HOME / "mail/inbox", MAIL_UID, MAIL_UID)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"):
            self._queue(name, 0o700, POSTFIX_GID)
        self._queue("public", 0o710, POSTDROP_GID)
        self._queue("maildrop", 0o1730, POSTDROP_GID)
        os.mkdir(HOME / "queue/pid", 0o755)

    def write_configuration(self) -> None:
        (HOME / "config/main.cf").write_text("".join(f"{name} = {value}\n" for name, value in self.settings.items()))
        os.utime(HOME / "config/main.cf", (0, 0))  # each program waits until the file is two seconds old
        (HOME / "config/master.cf").write_text(self.services + self.listeners)

    def launch(self, *wrapper: str) -> None:
        """master(8), behind a wrapper such as strace; waits for the listeners."""
        self.environment = {"MAIL_CONFIG": str(HOME / "config"), "LD_LIBRARY_PATH": self.libraries,
                            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
        self.process = subprocess.Popen([*wrapper, self.daemons / "master", "-d"], env=self.environment, cwd="/",
                                        stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, start_new_session=True)
        for line in [f"127.0.0.1:{SUBMIT}", *self.listeners.splitlines()]:
            host, _, port = line.split()[0].rpartition(":")
            self._until(lambda host=host, port=port: self._answers(host, int(port)), "its listener")

    def _queue(self, name: str, mode: int, gid: int) -> None:
        path = HOME / "queue" / name
        path.mkdir()
        os.chown(path, UID, gid if name in ("public", "maildrop") else 0)
        path.chmod(mode)

    @staticmethod
    def _accounts() -> None:
        with open("/etc/passwd", "a", encoding="ascii") as file:
            file.write(f"postfix:x:{UID}:{POSTFIX_GID}::/tmp:/bin/false\n")
            if "\nnobody:" not in Path("/etc/passwd").read_text(encoding="ascii"):
                file.write("nobody:x:65534:65534::/nonexistent:/bin/false\n")
        with open("/etc/group", "a", encoding="ascii") as file:
            file.write(f"postfix:x:{POSTFIX_GID}:\npostdrop:x:{POSTDROP_GID}:\n")

    @staticmethod
    def _answers(host: str, port: int) -> bool:
        try:
            socket.create_connection((host, port), timeout=2).close()
            return True
        except OSError:
            return False

    def _until(self, condition, what: str, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds * PATIENCE
        while not condition():
            assert time.monotonic() < deadline and " throttling" not in self.log(), f"Postfix: waited for {what}\n{self.log()}"
            time.sleep(0.02)

    @staticmethod
    def send(recipient: str, message: bytes, sender: str = f"sender@{DOMAIN}") -> None:
        """Injects a message into its queue."""
        with smtplib.SMTP("127.0.0.1", SUBMIT, local_hostname=DOMAIN) as client:
            client.sendmail(sender, [recipient], message.decode("latin-1"))

    def log(self) -> str:
        path = HOME / "log"
        return path.read_text(encoding="latin-1") if path.exists() else ""

    def wait_log(self, text: str, seconds: float = 15) -> str:
        """Waits until this text is in the log and returns the log."""
        self._until(lambda: text in self.log(), repr(text), seconds)
        return self.log()

    def messages(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((HOME / "mail/inbox/new").glob("*"))]

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None
            shutil.rmtree(HOME)
