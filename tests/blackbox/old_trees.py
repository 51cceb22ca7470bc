"""Old qmails for the tests of `qmail-upgrade check`: /var/qmail/bin holds programs that are none (an ELF magic and the texts
that the true ones have), the new programs lie in /mnt/new/bin. What can be run is upgrade_host.py's."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from pathlib import Path

from conformlib.users import GROUPS, USERS, owner_ids

HOME = Path("/var/qmail")
BIN = HOME / "bin"
NEW = Path("/mnt/new")
QUEUE = HOME / "queue"

SCRIPTS = ("datemail", "elq", "mailsubj", "pinq", "qail", "qmail-qstat", "qsmhook")
PROGRAMS = ("bouncesaying", "condredirect", "except", "forward", "maildir2mbox", "maildirmake", "predate", "preline", "qbiff",
            "qmail-clean", "qmail-getpw", "qmail-inject", "qmail-local", "qmail-lspawn", "qmail-newmrh", "qmail-newu",
            "qmail-pop3d", "qmail-popup", "qmail-pw2u", "qmail-qmqpc", "qmail-qmqpd", "qmail-qmtpd", "qmail-qread", "qmail-queue",
            "qmail-remote", "qmail-rspawn", "qmail-send", "qmail-showctl", "qmail-smtpd", "qmail-start", "qmail-tcpok",
            "qmail-tcpto", "qreceipt", "sendmail", "splogger", "tcp-env")
# Texts of netqmail's programs that qmail-upgrade searches for.
TEXTS = {
    "qmail-inject": ["QMAILQUEUE"],
    "qmail-local": ["Delivered-To: "],
    "qmail-queue": ["lock/trigger", "Received: (qmail "],
    "qmail-remote": ["control/smtproutes"],
    "qmail-send": ["triple bounce: discarding "],
    "qmail-smtpd": ["control/rcpthosts", "VRFY"],
}

# Patch families: texts in programs, programs of their own, control files.
FAMILIES = {
    "tls-auth": {
        "texts": {"qmail-smtpd": ["STARTTLS", "334 VXNlcm5hbWU6\r\n"], "qmail-remote": ["STARTTLS", "AUTH LOGIN"]},
        "control": {"servercert.pem": "-----BEGIN CERTIFICATE-----\n", "rsa512.pem": "x", "dh1024.pem": "x"},
    },
    "sagredo": {
        "texts": {"qmail-smtpd": ["STARTTLS", "FORCETLS", "334 VXNlcm5hbWU6\r\n", "qlogenvelope", "LOGREGEX", "smtpplugins", "CHKUSER_START"],
                  "qmail-remote": ["STARTTLS", "control/outgoingip", "AUTH LOGIN"], "qmail-send": ["srs_domain", "control/suppls"]},
        "programs": ["spawn-filter", "qmail-dkim", "srsfilter", "qmail-newmvrt", "qmail-todo"],
        "control": {"badrcptto": "bad@example.org\n", "srs_domain": "srs.example.org\n", "srs_secrets": "s\n", "maxrcpt": "100\n",
                    "defaultdelivery": "|/home/vpopmail/bin/vdelivermail '' delete\n", "concurrencyincoming": "200\n"},
    },
    "qmailtoaster": {
        "texts": {"qmail-smtpd": ["STARTTLS", "(chkuser)", "CHKUSER_RCPTLIMIT", "BADMIMETYPE", "334 VXNlcm5hbWU6\r\n", "control/policy"]},
        "control": {"badmailto": "a@b\n", "policy": "dom:L,user:L\n", "logcount": "20\n", "badmimetypes": "TVqQ\n"},
    },
    "s/qmail": {
        "texts": {"qmail-rspawn": ["control/dkimdomains"], "qmail-smtpd": ["UCSPITLS", "users/recipients.cdb"]},
        "programs": ["qmail-dksign", "qmail-authuser"],
        "control": {"tlsdestinations": "*:\n", "domaincerts": "*:x|y\n", "dkimdomains": "example.org:sel\n"},
    },
    "qmail-ldap": {
        "texts": {"qmail-lspawn": ["control/ldapserver"], "qmail-smtpd": ["control/rbllist"]},
        "programs": ["auth_imap", "qmail-ldaplookup"],
        "control": {"ldapserver": "ldap.example.org\n", "ldapbasedn": "o=x\n"},
    },
    "indimail": {"texts": {"qmail-smtpd": ["indimail-mta smtpd"]}, "programs": ["spawn-filter"]},
}


def cdb(records: dict[bytes, bytes]) -> bytes:
    """A constant database (cdb(5))."""
    tables: list[list[tuple[int, int]]] = [[] for _ in range(256)]
    body = b""
    for key, data in records.items():
        number = 5381
        for byte in key:
            number = ((number << 5) + number ^ byte) & 0xFFFFFFFF
        tables[number & 255].append((number, 2048 + len(body)))
        body += struct.pack("<II", len(key), len(data)) + key + data
    header = b""
    for table in tables:
        slots = [(0, 0)] * (2 * len(table))
        for number, place in table:
            at = (number >> 8) % len(slots)
            while slots[at][1]:
                at = (at + 1) % len(slots)
            slots[at] = (number, place)
        header += struct.pack("<II", 2048 + len(body), len(slots))
        body += b"".join(struct.pack("<II", *slot) for slot in slots)
    return header + body


def showctl(character: bytes = b"-", bits: int = 0o002) -> bytes:
    """Returns a stripped qmail-showctl with conf-break and conf-patrn in its data."""
    return b"\x7fELF\x02\x01\x01" + bytes(57) + struct.pack("<4sI", character, bits) + b"/var/qmail\0user-ext delimiter: \0"


# The run scripts of a toaster: variables come first, and AUTH is enabled by arguments only.
TOASTER_RUN = """#!/bin/sh
QMAILDUID=`id -u vpopmail`
NOFILESGID=`id -g vpopmail`
MAXSMTPD=`cat /var/qmail/control/concurrencyincoming`
SMTPD="/var/qmail/bin/qmail-smtpd"
TCP_CDB="/etc/tcprules.d/tcp.smtp.cdb"
HOSTNAME=`hostname`
VCHKPW="/home/vpopmail/bin/vchkpw"
{more}

exec /usr/bin/softlimit -m {memory} \\
     /usr/bin/tcpserver -v -R -H -l $HOSTNAME -x $TCP_CDB -c "$MAXSMTPD" \\
     -u "$QMAILDUID" -g "$NOFILESGID" 0 {port} \\
     $SMTPD $VCHKPW /bin/true 2>&1
"""


class OldTree:
    """A classic netqmail; all other trees are made from it."""

    def __init__(self, box) -> None:
        self.box = box
        (NEW / "bin").mkdir(parents=True)
        subprocess.run(["mount", "--bind", BIN, NEW / "bin"], check=True)
        subprocess.run(["umount", BIN], check=True)
        for name in PROGRAMS:
            self.program(name)
        for name in SCRIPTS:
            self.put(BIN / name, "#!/bin/sh\nexit 0\n", 0o755)
        self.put(BIN / "qmail-showctl", showctl(), 0o755)
        self.put(BIN / "qmail-queue", (BIN / "qmail-queue").read_bytes(), 0o4711, "qmailq:qmail")
        for name, text in {"me": "host.example.org\n", "locals": "host.example.org\n", "rcpthosts": "host.example.org\n",
                           "defaultdomain": "example.org\n", "plusdomain": "example.org\n"}.items():
            self.control(name, text)

    # The contents of the tree

    @staticmethod
    def put(path: Path, body: bytes | str, mode: int = 0o644, owner: str = "root:qmail") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode("latin-1") if isinstance(body, str) else body)
        os.chown(path, *owner_ids(owner))
        os.chmod(path, mode)
        return path

    def program(self, name: str, *texts: str) -> Path:
        body = b"\x7fELF\x02\x01\x01" + bytes(57)
        body += b"\0".join(text.encode() for text in (*TEXTS.get(name, []), *texts)) + b"\0"
        return self.put(BIN / name, body, 0o755)

    def patch(self, name: str, *texts: str) -> None:
        """Adds texts to a program."""
        status = os.stat(BIN / name)
        with open(BIN / name, "ab") as file:
            file.write(b"\0".join(text.encode() for text in texts) + b"\0")
        os.chown(BIN / name, status.st_uid, status.st_gid)  # writing has cleared the setuid bit
        os.chmod(BIN / name, status.st_mode & 0o7777)

    def family(self, name: str) -> "OldTree":
        family = FAMILIES[name]
        for program, texts in family.get("texts", {}).items():
            self.patch(program, *texts)
        for program in family.get("programs", []):
            self.program(program)
        for file, text in family.get("control", {}).items():
            self.control(file, text)
        return self

    def control(self, name: str, text: bytes | str | None, mode: int = 0o644) -> Path:
        path = HOME / "control" / name
        if text is None:
            path.unlink()
            return path
        return self.put(path, text, mode, "root:qmail")

    def run_script(self, text: str, service: str = "qmail-smtpd", mode: int = 0o755) -> Path:
        return self.put(HOME / "supervise" / service / "run", text, mode)

    def message(self, kind: str = "todo", number: int | None = None, split: int = 23) -> int:
        """Makes the files of a message in the queue, named by the inode of mess/ (or by `number`)."""
        place = self.put(QUEUE / "pid/x", "Subject: x\n\nx\n", 0o644, "qmailq:qmail")
        number = number or place.stat().st_ino
        target = QUEUE / "mess" / str(number % split) / str(number)
        place.rename(target)
        if kind == "todo":
            for name in ("intd", "todo"):
                self.put(QUEUE / name / str(number), b"u0\0p1\0Fa@b\0Tc@d\0", 0o644, "qmailq:qmail")
        else:
            self.put(QUEUE / "info" / str(number % split) / str(number), b"Fa@b\0", 0o600, "qmails:qmail")
            self.put(QUEUE / "remote" / str(number % split) / str(number), b"Tc@d\0", 0o600, "qmails:qmail")
        return number

    def big_todo(self, split: int = 23) -> None:
        """Divides todo and intd, with their contents, into directories."""
        for kind in ("todo", "intd"):
            folder = QUEUE / kind
            files = [path for path in folder.iterdir() if path.is_file()]
            for index in range(split):
                self.directory(folder / str(index), "qmailq", 0o750 if kind == "todo" else 0o700)
            for path in files:
                path.rename(folder / str(int(path.name) % split) / path.name)

    @staticmethod
    def directory(path: Path, owner: str, mode: int) -> None:
        path.mkdir(exist_ok=True)
        os.chown(path, USERS[owner].uid, GROUPS["qmail"])
        os.chmod(path, mode)

    def split(self, split: int) -> None:
        """Makes the directories of another split; messages stay in their places."""
        for kind, owner, mode in (("mess", "qmailq", 0o750), ("info", "qmails", 0o700), ("local", "qmails", 0o700),
                                  ("remote", "qmails", 0o700)):
            for index in range(split):
                self.directory(QUEUE / kind / str(index), owner, mode)
            for path in (QUEUE / kind).iterdir():
                if int(path.name) >= split:
                    path.rmdir()

    # Whole hosts

    def life_with_qmail(self) -> "OldTree":
        """Makes a netqmail as the best known tutorial sets it up."""
        self.control("concurrencyincoming", "20\n")
        self.control("defaultdelivery", "./Maildir/\n")
        self.control("rcpthosts", "host.example.org\nexample.org\n")
        self.put(HOME / "rc", "#!/bin/sh\nexec env - PATH=\"/var/qmail/bin:$PATH\" \\\nqmail-start \"`cat control/defaultdelivery`\"\n", 0o755)
        self.run_script("#!/bin/sh\nexec /var/qmail/rc\n", "qmail-send")
        self.run_script('#!/bin/sh\nQMAILDUID=`id -u qmaild`\nNOFILESGID=`id -g qmaild`\nMAXSMTPD=`cat /var/qmail/control/concurrencyincoming`\n'
                        'LOCAL=`head -1 /var/qmail/control/me`\nexec /usr/local/bin/softlimit -m 2000000 \\\n  /usr/local/bin/tcpserver -v -R '
                        '-l "$LOCAL" -x /etc/tcp.smtp.cdb -c "$MAXSMTPD" \\\n  -u "$QMAILDUID" -g "$NOFILESGID" 0 smtp /var/qmail/bin/qmail-smtpd 2>&1\n')
        self.put(HOME / "supervise/qmail-smtpd/log/run", "#!/bin/sh\nexec setuidgid qmaill multilog t /var/log/qmail/smtpd\n", 0o755)
        return self

    def toaster(self) -> "OldTree":
        """Makes a QMailToaster with its patches, control files, run scripts and rules."""
        self.family("qmailtoaster")
        self.patch("qmail-smtpd", "spfbehavior", "badhelo", "REQUIRE_AUTH", "mfcheck")
        self.patch("qmail-remote", "STARTTLS", "AUTH LOGIN", "AUTH PLAIN")
        self.patch("qmail-local", "maildirsize")
        self.program("simscan")
        self.program("srsfilter")
        for name, text in {
            "badmailfrom": "^.*@spam\\.example\nspammer@example.net\n", "badmailto": "^.*[!%].*@\n", "badloadertypes": "M\n",
            "badmimetypes": "TVqQ\n", "blacklists": "-r zen.example.org\n", "clientcert.pem": "x\n", "concurrencyincoming": "100\n",
            "concurrencyremote": "60\n", "databytes": "20971520\n", "defaultdelivery": "./Maildir/\n", "dh1024.pem": "x\n",
            "dh512.pem": "x\n", "logcount": "100\n", "logsize": "5000000\n", "policy": "example.org:L,boss:A\n", "queuelifetime": "604800\n",
            "rsa512.pem": "x\n", "simcontrol": ":clam=yes,spam=yes\n", "simcontrol.cdb": "x", "simversions.cdb": "x", "smtpgreeting":
            "host.example.org - Welcome to Qmail Toaster\n", "smtproutes": "example.com:relay.example.com:587 joe s3cr3t\n",
            "spfbehavior": "3\n", "srs_domain": "srs.example.org\n", "srs_secrets": "x\n", "tlsclientciphers": "DEFAULT\n",
            "tlsserverciphers": "DEFAULT\n", "rcpthosts.lock": "", "virtualdomains": "example.org:example.org\n", "virtualdomains.lock": "",
            "me": "host.example.org\r\n", "mystery": "x\n",
        }.items():
            self.control(name, text)
        self.control("smtproutes", "example.com:relay.example.com:587 joe s3cr3t\n", 0o640)
        self.box.run(["/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365",
                      "-keyout", "/tmp/key", "-out", "/tmp/cert", "-subj", "/CN=host.example.org"], timeout=20)
        self.control("servercert.pem", open("/tmp/cert").read() + open("/tmp/key").read(), 0o640)
        self.control("clientcert.pem", None)
        (HOME / "control/clientcert.pem").symlink_to("servercert.pem")
        self.directory(HOME / "control/domainkeys", "qmailq", 0o755)
        (BIN / "qmail-queue").rename(BIN / "qmail-queue.orig")
        self.program("qmail-dk")
        (BIN / "qmail-queue").symlink_to("qmail-dk")
        self.run_script(TOASTER_RUN.format(more="REQUIRE_AUTH=0", memory=20000000, port="smtp"), "smtp")
        self.run_script(TOASTER_RUN.format(more="export REQUIRE_AUTH=1", memory=12000000, port="587"), "submission")
        self.run_script(TOASTER_RUN.format(more="export SMTPS=1", memory=12000000, port="465"), "smtps")
        self.run_script("#!/bin/sh\nexec /var/qmail/rc\n", "send")
        self.put(HOME / "supervise/smtp/log/run", "#!/bin/sh\nexec setuidgid qmaill multilog t '-*' '+*CHKUSER*' /var/log/qmail/smtp\n", 0o755)
        self.put(HOME / "rc", "#!/bin/sh\nexec env - PATH=/var/qmail/bin:$PATH qmail-start ./Maildir/\n", 0o755)
        self.put(HOME / "control/tcp.smtp", '127.:allow,RELAYCLIENT="",DKSIGN="/var/qmail/control/domainkeys/%/private"\n'
                 ':allow,BADMIMETYPE="",BADLOADERTYPE="M",CHKUSER_RCPTLIMIT="50",CHKUSER_WRONGRCPTLIMIT="10",'
                 'DKSIGN="/var/qmail/control/domainkeys/%/private",NOP0FCHECK="1"\n')
        return self

    # The report about it

    def check(self, *options: str, **run) -> tuple[int, str]:
        """Returns exit code and report."""
        result = self.box.run([str(NEW / "bin/qmail-upgrade"), *options, "check"], timeout=20, **run)
        return result.code, (result.out + result.err).decode()

    def report(self, *options: str) -> dict:
        """Returns the report as JSON, with the exit code as "code"."""
        code, text = self.check("--json", *options)
        return json.loads(text) | {"code": code}

    def found(self, subject: str, *options: str) -> dict:
        """Returns the worst finding about a subject (its end must match), with the exit code as "exit"."""
        report = self.report(*options)
        about = [finding for finding in report["findings"] if finding["subject"].endswith(subject)]
        assert about, f"nothing is said about {subject}: {[finding['subject'] for finding in report['findings']]}"
        order = ["harmless", "note", "loss", "stop"]
        return max(about, key=lambda finding: order.index(finding["severity"])) | {"exit": report["code"]}

    @staticmethod
    def picture() -> dict:
        """Returns everything that check could have changed: names, inodes, owners, modes, times of change and access, sizes."""
        found = {}
        for folder, folders, names in os.walk(HOME):
            for name in (*folders, *names):
                path = os.path.join(folder, name)
                info = os.lstat(path)
                accessed = 0 if name in folders else info.st_atime_ns  # listing a directory is an access
                found[path] = (info.st_ino, info.st_uid, info.st_gid, info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns, accessed)
        return found
