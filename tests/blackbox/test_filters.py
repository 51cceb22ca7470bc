"""spawn-filter and qmail-dkim: what control/filterargs and QMAILQUEUE of patched hosts do with them."""

import re

import pytest

from dns_zone import serve
from test_sign import MESSAGE, new_key, verdicts

STOCK = "*:remote:/var/qmail/bin/qmail-dkim:ERROR_FD=2,DKIMQUEUE=/bin/cat,DKIMSIGN=/var/qmail/control/domainkeys/%/default,DKIMSIGNOPTIONS=-z 2\n"
REMOTE = ["qmail-remote", "[192.0.2.1]", "ann@d.example", "r@e.example", "s@e.example"]
LOCAL = ["bin/qmail-local", "--", "alice", "/home/alice", "alice", "", "", "host.example.org", "ann@d.example", "./Mailbox"]


def spawn_filter(box, words, message=MESSAGE, **options):
    """spawn-filter under the name of another program, as the spawners start it."""
    script = 'exec -a "$0" /var/qmail/bin/spawn-filter "$@"'
    return box.run(["/bin/bash", "-c", script, *words], message, timeout=20, **options)


def sent_to(server):
    said = [line[3:] for log in server.connections for line in log if line.startswith(b"C: ")]
    return re.sub(rb"(?m)^\.", b"", b"".join(said[said.index(b"DATA\r\n") + 1:said.index(b".\r\n")])).replace(b"\r\n", b"\n")


@pytest.mark.parametrize("words", [["spawn-filter", "a", "b", "c"], ["qmail-remote", "h"], ["qmail-local", "alice"]])
def test_usage(box, words):
    done = spawn_filter(box, words)
    assert done.code == 100 and done.err.startswith(b"spawn-filter: usage: ")


def test_the_stock_line_signs_once(box):
    zone = new_key(box)
    box.control("filterargs", STOCK)
    server = box.smtp_server({})
    done = spawn_filter(box, REMOTE, as_user="qmailr")
    assert done.out.startswith(b"r\0r\0K"), done
    got = sent_to(server)
    assert got.count(b"DKIM-Signature:") == 1 and verdicts(box, got, zone) == ["pass"]


def test_what_a_filter_does_not_sign_is_signed_at_the_door(box):
    zone = new_key(box)
    box.control("filterargs", "d.example:remote:/bin/sed s/ann/bob/\n")
    server = box.smtp_server({})
    assert spawn_filter(box, REMOTE, as_user="qmailr").code == 0
    got = sent_to(server)
    assert b"bob@d.example" in got and verdicts(box, got, zone) == ["pass"]


def test_without_a_line_nothing_changes(box):
    box.control("filterargs", "other.example:/bin/false\n*:local:/bin/false\n")
    server = box.smtp_server({})
    assert spawn_filter(box, REMOTE, as_user="qmailr").out.startswith(b"r\0r\0K")
    assert sent_to(server) == MESSAGE.replace(b"\r", b" ")


@pytest.mark.parametrize("command, remote, local, code", [
    ("exit 2", b"r\0r\0KThe mail filter dropped it.\n\0", b"", 0),
    ("echo no way >&2; exit 100", b"DThe mail filter refuses the message: no way. (#5.7.1)\n\0", b"The mail filter refuses the message: no way. (#5.7.1)\n", 100),
    ("exit 1", b"ZThe mail filter failed. (#4.3.0)\n\0", b"The mail filter failed. (#4.3.0)\n", 111),
    ("kill -9 $$", b"ZThe mail filter failed. (#4.3.0)\n\0", b"The mail filter failed. (#4.3.0)\n", 111),
])
def test_what_a_filter_decides(box, command, remote, local, code):
    box.control("filterargs", f"*:{command}\n")
    done = spawn_filter(box, REMOTE, as_user="qmailr")
    assert (done.code, done.out) == (0, remote)
    done = spawn_filter(box, LOCAL, as_user="alice")
    assert (done.code, done.out) == (code, local)


def test_local_mail_is_filtered(box):
    box.control("filterargs", "host.example.org:local:/bin/sed s/two/three/\n")
    assert spawn_filter(box, LOCAL, as_user="alice").code == 0
    text = (box.user_home("alice") / "Mailbox").read_bytes()
    assert b"Subject: three\n" in text


def test_unreadable_filterargs(box):
    box.control("filterargs", STOCK)
    box.path("control/filterargs").chmod(0)
    assert spawn_filter(box, REMOTE, as_user="qmailr").out == b"ZUnable to read control/filterargs. (#4.3.0)\n\0"


# qmail-dkim


def dkim(box, message=MESSAGE, env=None, **options):
    return box.run(["qmail-dkim"], message, env={"DKIMQUEUE": "/bin/cat", "ERROR_FD": "2"} | (env or {}), timeout=20, **options)


def test_options_of_another_qmail_dkim_queue_nothing(box):
    done = box.run(["qmail-dkim", "-V", "/tmp/message"], MESSAGE, env={"DKIMQUEUE": "/bin/cat"})
    assert (done.code, done.out) == (100, b"") and b"usage" in done.err


def test_a_filter_that_signs(box):
    zone = new_key(box)
    key = {"DKIMSIGN": "/var/qmail/control/domainkeys/%/default"}
    out = dkim(box, env=key).out
    assert out.endswith(MESSAGE) and verdicts(box, out, zone) == ["pass"]
    assert verdicts(box, dkim(box, MESSAGE.replace(b"@d.", b"@sub.d."), key).out, zone) == ["pass"]
    for message, env in ((MESSAGE, {}), (MESSAGE.replace(b"d.example", b"other.example"), key), (MESSAGE, key | {"NODKIM": "1"})):
        assert dkim(box, message, env).out == message
    box.path("control/domainkeys/d.example/default").write_bytes(b"no key\n")
    done = dkim(box, env=key)
    assert (done.code, done.out) == (88, b"")
    assert done.err == (b"ZUnable to sign the message: /var/qmail/control/domainkeys/d.example/default: "
                        b"no private key in PEM of RSA or Ed25519 without a password. (#4.3.0)")
    assert dkim(box, env=key | {"DKIMSIGNOPTIONS": "-z 1"}).code == 32


def test_a_queue_program_that_signs(box):
    new_key(box)
    box.capture_queue()
    queue = box.env.pop("QMAILQUEUE", None) or str(box.path("bin/qmail-queue"))
    done = box.run(["qmail-dkim"], MESSAGE, env={"DKIMQUEUE": queue, "DKIMSIGN": "control/domainkeys/%/default"},
                   extra_fds={1: b"Fann@d.example\0Tr@e.example\0\0"}, timeout=20)
    assert done.code == 0
    message, sender, recipients = box.captured()[-1]
    assert message.startswith(b"DKIM-Signature:") and message.endswith(MESSAGE)
    assert (sender, recipients) == (b"ann@d.example", [b"r@e.example"])


def test_codes_of_the_queue_program(box):
    for code in (31, 53, 120):
        program = box.file("/tmp/queue", f"#!/bin/sh\nexit {code}\n", mode=0o755)
        assert dkim(box, env={"DKIMQUEUE": str(program)}).code == code
    assert dkim(box, env={"DKIMQUEUE": "/nowhere"}).code == 120


def test_letters(box):
    zone = new_key(box)
    signed = dkim(box, env={"DKIMSIGN": "control/domainkeys/%/default"}).out
    serve(zone)
    assert dkim(box, re.sub(rb"\r", b" ", signed), {"DKIMVERIFY": "FGHIKLMNOQRTUVWjp"}).code == 0
    done = dkim(box, signed + b"more\n", {"DKIMVERIFY": "FGHIKLMNOQRTUVWjp"})
    assert (done.code, done.out, done.err) == (32, b"", b"DDKIM of this message is fail: body hash does not match")
    done = dkim(box, signed + b"more\n", {"DKIMVERIFY": "u"})
    assert (done.code, done.err[:1]) == (88, b"Z")
    assert dkim(box, MESSAGE, {"DKIMVERIFY": "S"}).code == 32 and dkim(box, MESSAGE, {"DKIMVERIFY": "I"}).code == 0
