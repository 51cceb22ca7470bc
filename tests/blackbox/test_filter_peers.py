"""qmail-smtpd with filters and policy services of others, each where it is installed: OpenDKIM, OpenDMARC, clamav-milter with clamd, rspamd,
postgrey. What they say about a message is seen in the reply and in the queued message; dead or stopped they do what their line says."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from conformlib.process import until
from dns_zone import serve
from test_sign import MESSAGE, new_key
from test_smtpd_filters import ENVELOPE, UNAVAILABLE, deliver, last_but_quit

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
PLAIN = "From: ann@d.example\r\nTo: bob@host.example.org\r\nSubject: x\r\nDate: Mon, 30 Nov 2026 12:00:00 +0000\r\nMessage-ID: <2@d.example>\r\n\r\n{}\r\n."
SOCKET = "/mnt/peer/socket"


def found(program):
    path = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    return pytest.mark.skipif(path is None, reason=f"{program} is not installed"), path


def start(box, name, *arguments, socket=SOCKET):
    """Starts a peer in the foreground; returns when its socket is there."""
    program = found(name)[1]
    running = subprocess.Popen([program, *arguments], stdout=open(f"/mnt/{name}.log", "wb"), stderr=subprocess.STDOUT)
    until(lambda: os.path.exists(socket) or running.poll() is not None, 30, name)
    assert running.poll() is None, open(f"/mnt/{name}.log", encoding="latin-1").read()
    os.chmod(socket, 0o777)
    return running


def configured(box, name, text):
    box.mkdir("/mnt/peer", 0o777)
    return str(box.file(f"/mnt/{name}.conf", text))


def ask(box, text, **options):
    lines, said = deliver(box, text, timeout=40, **options)
    return last_but_quit(lines), said


def signed(box, zone):
    zone |= new_key(box)
    fields = box.run(["qmail-sign", "ann@d.example", "bob@host.example.org"], MESSAGE, as_user="qmailr", timeout=20).out
    shutil.rmtree("/var/qmail/control/domainkeys")
    text = re.sub(rb"\r(?!\n)", b" ", fields + MESSAGE)
    return re.sub(r"(?m)^\.", "..", text.decode("latin-1")).replace("\n", "\r\n") + "."


def opendkim(box, name="peer.example"):
    text = f"Mode v\nSocket local:{SOCKET}\nUMask 000\nSyslog no\nAuthservID {name}\nAlwaysAddARHeader yes\nNameservers 127.0.0.1\n"
    return start(box, "opendkim", "-f", "-x", configured(box, "opendkim", text + "UserID root\nBackground no\n"))


def opendmarc(box):
    text = (f"Socket local:{SOCKET}\nUMask 000\nSyslog no\nUserID root\nBackground no\nRejectFailures true\nSPFIgnoreResults true\n"
            "SPFSelfValidate true\nPublicSuffixList /mnt/suffixes\nAuthservID peer.example\nTrustedAuthservIDs host.example.org\n")
    box.file("/mnt/suffixes", "example\norg\n")
    return start(box, "opendmarc", "-f", "-c", configured(box, "opendmarc", text))


@found("opendkim")[0]
def test_opendkim_verifies(box):
    zone = {}
    serve(zone)
    text = signed(box, zone)
    opendkim(box)
    box.control("smtpdmilters", f"unix:{SOCKET}\n")
    for message, word in ((text, b"dkim=pass"), (text.replace("two", "three"), b"dkim=fail"), (PLAIN.format("hi"), b"dkim=none")):
        reply, said = ask(box, message)
        assert reply.startswith(b"250 ok "), said
        added = re.findall(rb"(?m)^Authentication-Results: peer\.example;(?:.*\n[ \t])*.*", box.captured()[-1][0])
        assert len(added) == 1 and word in added[0], box.captured()[-1][0]


@found("opendkim")[0]
@found("opendmarc")[0]
def test_peers_with_the_name_of_this_host(box):
    """What they find stays; what a stranger says in this name goes."""
    zone = {"_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject"]}}
    serve(zone)
    text = signed(box, zone)
    opendkim(box, "host.example.org")
    box.mkdir("/mnt/second", 0o777)
    settings = ("Socket local:/mnt/second/socket\nUMask 000\nSyslog no\nUserID root\nBackground no\nAuthservID host.example.org\n"
                "TrustedAuthservIDs host.example.org\nPublicSuffixList /mnt/suffixes\n")
    box.file("/mnt/suffixes", "example\norg\n")
    start(box, "opendmarc", "-f", "-c", configured(box, "opendmarc", settings), socket="/mnt/second/socket")
    box.control("smtpdmilters", f"unix:{SOCKET}\nunix:/mnt/second/socket\n")
    box.control("spfbehavior", "1\n")
    reply, said = ask(box, "Authentication-Results: host.example.org; forged=pass\r\n" + text)
    assert reply.startswith(b"250 ok "), said
    found = re.findall(rb"(?m)^Authentication-Results: host\.example\.org;((?:.*\n[ \t])*.*)", box.captured()[-1][0])
    words = [re.search(rb"(\w+)=(\w+)", one).groups() for one in found]
    assert sorted(words) == [(b"dkim", b"pass"), (b"dmarc", b"pass"), (b"spf", b"none")], box.captured()[-1][0]


@found("opendmarc")[0]
def test_opendmarc_refuses(box):
    """It takes SPF from the client's address, and carries out p=reject."""
    serve({"d.example": {"TXT": ["v=spf1 ip4:192.0.2.99 -all"], "A": ["192.0.2.99"]}, "_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject"]}})
    opendmarc(box)
    box.control("smtpdmilters", f"unix:{SOCKET}\n")
    box.capture_queue()
    envelope = ["EHLO client.example", "MAIL FROM:<ann@d.example>", "RCPT TO:<bob@host.example.org>", "DATA", PLAIN.format("hi"), "QUIT"]
    said = box.smtpd_dialogue(envelope, {"TCPREMOTEIP": "192.0.2.99"}, timeout=40)
    assert b"\r\n250 ok 1" in said.out, said
    assert b"dmarc=pass" in box.captured()[-1][0]
    said = box.smtpd_dialogue(envelope, {"TCPREMOTEIP": "192.0.2.98"}, timeout=40)
    assert said.out.split(b"\r\n")[-3].startswith(b"550 ") and len(box.captured()) == 1, said


@found("opendkim")[0]
@found("opendmarc")[0]
def test_a_chain_of_milters(box):
    """OpenDMARC believes what OpenDKIM before it has found: it sees the message as the first one has changed it."""
    zone = {"_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject"]}}
    serve(zone)
    text = signed(box, zone)
    opendkim(box)
    box.mkdir("/mnt/second", 0o777)
    settings = ("Socket local:/mnt/second/socket\nUMask 000\nSyslog no\nUserID root\nBackground no\nRejectFailures true\nAuthservID peer.example\n"
                "TrustedAuthservIDs peer.example\nPublicSuffixList /mnt/suffixes\n")
    box.file("/mnt/suffixes", "example\norg\n")
    start(box, "opendmarc", "-f", "-c", configured(box, "opendmarc", settings), socket="/mnt/second/socket")
    box.control("smtpdmilters", f"unix:{SOCKET}\nunix:/mnt/second/socket\n")
    reply, said = ask(box, text)
    assert reply.startswith(b"250 ok ") and b"dmarc=pass" in box.captured()[-1][0], said
    reply, said = ask(box, text.replace("two", "three"))
    assert reply.startswith(b"550 "), said


@found("clamd")[0]
@found("clamav-milter")[0]
@pytest.mark.limit(120)
def test_clamav_refuses(box):
    """With a signature of our own, no data base."""
    box.mkdir("/mnt/signatures")
    box.file("/mnt/signatures/own.ndb", f"Own.Test.File:0:*:{EICAR.encode().hex()}\n")
    box.mkdir("/mnt/clamd", 0o777)
    text = "LocalSocket /mnt/clamd/socket\nLocalSocketMode 666\nDatabaseDirectory /mnt/signatures\nForeground yes\nUser root\nTemporaryDirectory /tmp\n"
    start(box, "clamd", "-c", configured(box, "clamd", text), socket="/mnt/clamd/socket")
    text = (f"MilterSocket unix:{SOCKET}\nMilterSocketMode 666\nClamdSocket unix:/mnt/clamd/socket\nForeground yes\nUser root\nOnInfected Reject\n"
            "AddHeader Replace\nRejectMsg found %v\nTemporaryDirectory /tmp\n")
    start(box, "clamav-milter", "-c", configured(box, "clamav-milter", text))
    box.control("smtpdmilters", f"unix:{SOCKET}\n")
    reply, said = ask(box, PLAIN.format("hi"))
    assert reply.startswith(b"250 ok ") and b"X-Virus-Status: Clean" in box.captured()[-1][0], said
    reply, said = ask(box, PLAIN.format(EICAR))
    assert re.match(rb"5\d\d .*found Own\.Test\.File", reply) and len(box.captured()) == 1, said


RSPAMD = """options {{ filters = ""; dns {{ nameserver = ["127.0.0.1:53:10"]; timeout = 1s; retransmits = 1; }} tempdir = "{d}"; pidfile = "{d}/pid"; }}
logging {{ type = "file"; filename = "{d}/log"; level = "error"; }}
metric {{ name = "default"; actions {{ reject = 15; }} }}
worker "rspamd_proxy" {{ bind_socket = "{d}/socket mode=0666"; milter = yes; timeout = 20s; count = 1;
  upstream "local" {{ default = yes; self_scan = yes; }} }}
worker "controller" {{ bind_socket = "{d}/controller mode=0666"; count = 1; }}
"""


@found("rspamd")[0]
@pytest.mark.limit(120)
def test_rspamd_refuses(box):
    serve({})
    start(box, "rspamd", "-f", "-i", "-c", configured(box, "rspamd", RSPAMD.format(d="/mnt/peer")))
    box.control("smtpdmilters", f"unix:{SOCKET}\n")
    # It makes its socket before it can answer there.
    end = time.monotonic() + 60
    while not (answer := ask(box, PLAIN.format("hi")))[0].startswith(b"250 ok ") and time.monotonic() < end:
        time.sleep(0.2)
    assert answer[0].startswith(b"250 ok "), answer
    reply, said = ask(box, PLAIN.format(GTUBE))
    assert reply.startswith(b"5"), said


@found("postgrey")[0]
def test_postgrey_defers_once(box):
    box.mkdir("/mnt/peer", 0o777)
    for name in ("clients", "recipients"):
        box.file(f"/mnt/{name}", "")
    start(box, "postgrey", f"--unix={SOCKET}", "--dbdir=/mnt/peer", "--delay=1", "--user=root", "--group=root", "--whitelist-clients=/mnt/clients",
          "--whitelist-recipients=/mnt/recipients")
    box.control("smtpdpolicy", f"unix:{SOCKET}\n")
    said = box.smtpd_dialogue([*ENVELOPE, "QUIT"])
    assert re.match(rb"450 .*[Gg]reylist", said.out.split(b"\r\n")[-3]), said
    time.sleep(2)
    said = box.smtpd_dialogue([*ENVELOPE, "QUIT"])
    assert said.out.split(b"\r\n")[-3] == b"250 ok", said


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("peer", [pytest.param(opendkim, marks=found("opendkim")[0]), pytest.param(opendmarc, marks=found("opendmarc")[0])])
def test_a_peer_that_is_gone(box, peer, number):
    """Killed or stopped it defers, or lets the message pass, as its line says; never a refusal, and nothing is queued that was not accepted."""
    serve({})
    running = peer(box)
    os.kill(running.pid, number)
    box.control("smtpdmilters", f"unix:{SOCKET},timeout=1\n")
    _, said = ask(box, PLAIN.format("hi"))
    assert UNAVAILABLE in said.out and not box.captured(), said
    box.control("smtpdmilters", f"unix:{SOCKET},timeout=1,default=accept\n")
    reply, said = ask(box, PLAIN.format("hi"))
    assert reply.startswith(b"250 ok ") and len(box.captured()) == 1, said
