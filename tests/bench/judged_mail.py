#!/usr/bin/python3
"""What it costs to judge a message: judged_mail.py [--count N] [--rounds N] [--sessions N] [TREE]

Sends the same signed messages to qmail-smtpd with `dmarc reject` and to Postfix with OpenDKIM and OpenDMARC, whose policy is the same:
SPF, DKIM and DMARC of each message, an Authentication-Results field, delivery to a maildir. One name server answers both. Ours is
measured with the qmail-mailauth that qmail-listen keeps, with one that is a service (control/mailauthsocket) and with one for each
session (the name of the service leads nowhere), and each system without these checks too.
Prints the processor time (user and system, all processes of the mail system, from the connection to the file in the maildir) per
message, in milliseconds: the median of the rounds, which are interleaved, and the least and the most. The last lines are what the checks
add and the ratios of the systems. Exit 1 if ours as it is by itself needs more than half of Postfix's time.

Needs root, opendkim, opendmarc, and Postfix (./bootstrap deps). This is a measurement, not a test: its verdict is that of a
quiet machine. Neither the sender nor the name server, which are this program, are counted.
"""

import argparse
import os
import pwd
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from arena import Box, apart, end, home_of, sandbox, used, wait

ALLOWED = 0.5
# The ways of ours to judge: by itself, and with control/mailauthsocket.
WAYS = ("by itself", "service", "one a session")
SENDER, CLIENT, SERVER = "ann@d.example", "192.0.2.9", "192.0.2.1"
SIZE, VARIANTS = 10_000, 10
SOCKET = "/mnt/mailauth/socket"
LISTENER = "/var/qmail/bin/qmail-listen"
OPENDKIM = """Mode v
Socket local:/mnt/opendkim.sock
UMask 000
Syslog no
UserID root
Background no
Nameservers 127.0.0.1
"""
OPENDMARC = """Socket local:/mnt/opendmarc.sock
UMask 000
Syslog no
UserID root
Background no
RejectFailures true
SPFIgnoreResults true
SPFSelfValidate true
PublicSuffixList /mnt/suffixes
"""


def messages(box):
    """Signed messages that differ, and the records by which they are right."""
    from test_sign import new_key
    zone = new_key(box)
    zone |= {"d.example": {"TXT": [f"v=spf1 ip4:{CLIENT} -all"]}, "_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject"]}}
    made = []
    for number in range(VARIANTS):
        line = f"{number}: " + "the quick brown fox jumps over the lazy dog\n"
        message = (f"From: Ann <{SENDER}>\nTo: Bob <bob@e.example>\nSubject: minutes {number}\nDate: Mon, 30 Nov 2026 12:00:00 +0000\n"
                   f"Message-ID: <{number}@d.example>\n\n" + line * (SIZE // len(line))).encode()
        signed = box.run(["qmail-sign", SENDER, "r@e.example"], message, as_user="qmailr", timeout=20)
        assert signed.code == 0, signed
        made.append((signed.out + message).replace(b"\n", b"\r\n"))
    return made, zone


class Ours:
    recipient = "alice@host.example.org"

    def __init__(self, box, checks):
        self.box = box
        self.maildir = box.maildir("alice")
        box.control("rcpthosts", "host.example.org\n")
        self.service = checks == "service"
        if checks:
            box.control("dmarc", "reject\n")
        if checks in ("service", "one a session"):
            box.control("mailauthsocket", f"{SOCKET}\n")
        if self.service:
            box.mkdir(os.path.dirname(SOCKET), owner="qmaild")

    def start(self):
        user = pwd.getpwnam("qmaild")
        environment = self.box.env | {"PATH": "/var/qmail/bin:/usr/bin:/bin"}
        self.processes = [
            subprocess.Popen(["/var/qmail/bin/qmail-start", "./Maildir/"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
            subprocess.Popen([LISTENER, "-H", "-R", "-l0", "-c", "100", "-u", str(user.pw_uid), "-g", str(user.pw_gid), SERVER, "25",
                              "/var/qmail/bin/qmail-smtpd"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
        if self.service:
            self.processes.append(subprocess.Popen(["/var/qmail/bin/qmail-mailauth", "resident", SOCKET]))

    def delivered(self):
        return self.maildir / "new"


class Peer:
    recipient = "bob@postfix.example.net"

    def __init__(self, box, checks):
        from postfix_peer import HOME, Postfix
        self.box, self.checks, self.processes = box, checks, []
        self.postfix = Postfix(box)
        milters = "unix:/mnt/opendkim.sock, unix:/mnt/opendmarc.sock" if checks else ""
        self.postfix.server((f"{SERVER}:25", {}), smtpd_milters=milters, disable_dns_lookups="no", smtpd_peername_lookup="no")
        self.home = HOME

    def start(self):
        if self.checks:
            self.box.file("/mnt/opendkim.conf", OPENDKIM)
            self.box.file("/mnt/opendmarc.conf", OPENDMARC)
            self.box.file("/mnt/suffixes", "example\nnet\norg\n")
            for name, letter in (("opendkim", "-x"), ("opendmarc", "-c")):
                program = shutil.which(name) or f"/usr/sbin/{name}"
                self.processes.append(subprocess.Popen([program, "-f", letter, f"/mnt/{name}.conf"]))
            for name in ("opendkim", "opendmarc"):
                while not os.path.exists(f"/mnt/{name}.sock"):
                    time.sleep(0.02)
        self.postfix.start()
        self.processes.append(self.postfix.process)

    def delivered(self):
        return self.home / "mail/inbox/new"


def send(texts, count, a_session, recipient):
    """From four clients at once."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def client():
        while True:
            with lock:
                mine = [number for _, number in zip(range(a_session), numbers)]
            if not mine:
                return
            with smtplib.SMTP(SERVER, 25, local_hostname="c.example", source_address=(CLIENT, 0)) as session:
                for number in mine:
                    session.sendmail(SENDER, [recipient], texts[number % len(texts)])

    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def answers():
    try:
        socket.create_connection((SERVER, 25), timeout=2).close()
        return True
    except OSError:
        return False


def sample(tree, kind, checks, count, a_session):
    """In namespaces of its own: milliseconds a message."""
    from dns_zone import serve
    sandbox.enter(tree)
    box = Box()
    texts, zone = messages(box)
    serve(zone)
    shutil.rmtree("/var/qmail/control/domainkeys")
    system = (Ours if kind == "ours" else Peer)(box, checks)
    before = used()
    system.start()
    wait(answers)
    send(texts, count, a_session, system.recipient)
    wait(lambda: len(os.listdir(system.delivered())) == count)
    got = next(system.delivered().iterdir()).read_bytes()
    for word in (b"spf=pass", b"dkim=pass", b"dmarc=pass"):
        if (word in got) != bool(checks):
            sys.exit(f"{kind}: {word.decode()} expected: {checks}\n{got[:2000].decode('latin-1')}")
    end(system.processes)
    return (used() - before) / count * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sessions", type=int, default=1, help="messages in one session")
    parser.add_argument("tree", nargs="?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        tree = home_of(options.tree, place)
        kinds = [("ours", ""), *(("ours", way) for way in WAYS), ("Postfix", ""), ("Postfix", "milters")]
        values = {kind: [] for kind in kinds}
        for _ in range(options.rounds):
            for kind in kinds:
                values[kind].append(apart(sample, tree, *kind, options.count, options.sessions) or sys.exit("a sample failed"))
    medians = {kind: statistics.median(one) for kind, one in values.items()}
    for (name, checks), found in values.items():
        print(f"{name:8} {checks or 'no checks':14} {medians[name, checks]:7.2f} ms a message  ({min(found):.2f} to {max(found):.2f})")
    plain, judged = medians["Postfix", ""], medians["Postfix", "milters"]
    print(f"Postfix: the checks add {judged - plain:.2f} ms")
    ratios = {way: medians["ours", way] / judged for way in WAYS}
    for way, ratio in ratios.items():
        print(f"qmail-mailauth {way}: adds {medians['ours', way] - medians['ours', '']:.2f} ms, ours / Postfix {ratio:.2f}")
    print(f"without checks: ours / Postfix {medians['ours', ''] / plain:.2f}")
    return 0 if ratios["by itself"] <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
