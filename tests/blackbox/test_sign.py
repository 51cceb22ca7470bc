"""dknewkey and qmail-sign: keys, signatures that qmail-mailauth verifies, and messages of strangers."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from conformlib.process import until
from dns_zone import serve

MESSAGE = (b"From: Ann <ann@d.example>\nTo: Bob <bob@e.example>\nSubject: two\n  lines \nDate: Mon, 30 Nov 2026 12:00:00 +0000\n"
           b"Message-ID: <1@d.example>\n\n.\n..\nGr\xc3\xbc\xc3\x9fe \t\nx\ry\n\n\n")
FORWARD = (b"Received: (qmail 34 invoked by uid 7001); 29 Nov 2026 12:00:01 -0000\nDelivered-To: bob@host.example.org\n"
           b"Received: (qmail 12 invoked from network); 29 Nov 2026 12:00:00 -0000\n"
           b"Received: from c.example (HELO c.example) (192.0.2.5)\n  by host.example.org with %s; 29 Nov 2026 12:00:00 -0000\n")
OWN = b"Authentication-Results: host.example.org; dkim=%s header.d=d.example; dmarc=none header.from=d.example\n"


def new_key(box, *arguments, domain="d.example"):
    """The record of a new key, as the name servers have it."""
    done = box.run(["dknewkey", "-e", "-d", domain, *arguments], timeout=20)
    assert (done.code, done.err) == (0, b"")
    name, record = re.fullmatch(r"(\S+)\. IN TXT \((.*)\)\n", done.out.decode()).groups()
    strings = re.findall(r'"([^"]*)"', record)
    assert max(map(len, strings)) <= 255
    return {name: {"TXT": ["".join(strings)]}}


def sign(box, message=MESSAGE, sender="ann@d.example", **options):
    done = box.run(["qmail-sign", sender, "r@e.example"], message, **{"as_user": "qmailr"} | options)
    assert (done.code, done.err) == (0, b"")
    return done.out


def verdicts(box, message, zone):
    """What qmail-mailauth says of the signatures of a message, whose CRs are sent as blanks. A test has one zone."""
    if not hasattr(box, "zone"):
        box.zone = {}
        serve(box.zone)
    box.zone.update(zone)
    sent = re.sub(rb"\r(?!\n)|\0", b" ", message)
    lines = box.run(["qmail-mailauth", "check"], sent, timeout=30).out.decode().splitlines()
    return [line.partition("=")[2].split()[0] for line in lines if line.startswith("dkim=")]


def domains(fields):
    return re.findall(rb"[; \t]d=([^;]*);", fields)


@pytest.mark.parametrize("arguments", [["a", "b"], ["-x"], ["-t", "dsa"], ["-b", "512"], ["-b", "x"], ["-d"]])
def test_usage_of_dknewkey(box, arguments):
    done = box.run(["dknewkey", *arguments])
    assert done.code == 100 and done.err.startswith(b"dknewkey: usage: ")


def test_a_key_and_its_record(box):
    done = box.run(["dknewkey", "-d", "D.example"], timeout=20)
    assert done.code == 0 and done.out.startswith(b'default._domainkey.d.example. IN TXT ("v=DKIM1; k=rsa; t=y; p=')
    key = box.path("control/domainkeys/d.example/default")
    status = key.stat()
    assert (oct(status.st_mode & 0o7777), status.st_uid, key.group()) == ("0o640", 0, "qmail")
    assert key.parent.stat().st_mode & 0o7777 == 0o750
    assert key.with_name("default.pub").read_bytes() == done.out
    assert box.run(["dknewkey", "-p", "-d", "d.example"]).out == done.out
    assert b"t=y" not in box.run(["dknewkey", "-e", "-p", "-d", "d.example"]).out
    # Nothing but -f replaces it.
    before = key.read_bytes()
    done = box.run(["dknewkey", "-d", "d.example"])
    assert (done.code, done.err) == (100, b"dknewkey: fatal: control/domainkeys/d.example/default exists; -f replaces it\n")
    assert key.read_bytes() == before
    assert box.run(["dknewkey", "-f", "-d", "d.example"], timeout=20).code == 0 and key.read_bytes() != before
    done = box.run(["/usr/bin/openssl", "rsa", "-in", str(key), "-noout", "-text"])
    assert b"2048 bit" in done.out


def test_the_domain_of_a_key_is_me(box):
    done = box.run(["dknewkey", "-t", "ed25519", "s1"])
    assert done.out.startswith(b's1._domainkey.host.example.org. IN TXT ("v=DKIM1; k=ed25519; t=y; p=')
    assert box.run(["dknewkey", "-p", "none"]).code == 111
    done = box.run(["dknewkey", "-d", "X.example.", "-t", "ed25519"])
    assert done.out.startswith(b"default._domainkey.x.example. IN TXT ") and box.path("control/domainkeys/x.example/default").exists()


@pytest.mark.parametrize("kind, selector", [("rsa", "default"), ("ed25519", "ed25519")])
def test_signatures_are_good(box, kind, selector):
    zone = new_key(box, "-t", kind, selector)
    fields = sign(box)
    assert fields.startswith(b"DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed; d=d.example;\n\ts=%s; t=" % (kind.encode(), selector.encode()))
    assert fields.endswith(b"\n") and max(map(len, fields.splitlines())) <= 78
    assert verdicts(box, fields + MESSAGE, zone) == ["pass"]
    # A field that is added on the way, and a changed body.
    assert verdicts(box, fields + b"Subject: other\n" + MESSAGE, zone) == ["fail"]
    assert verdicts(box, fields + b"Cc: x@y.example\n" + MESSAGE, zone) == ["fail"]
    assert verdicts(box, fields + MESSAGE + b"more\n", zone) == ["fail"]
    assert verdicts(box, fields + b"Received: from x by y; z\n" + MESSAGE, zone) == ["pass"]


def test_both_kinds_and_lists(box):
    zone = new_key(box) | new_key(box, "-t", "ed25519", "ed25519")
    fields = sign(box)
    assert re.findall(rb"a=(\S+);", fields) == [b"rsa-sha256", b"ed25519-sha256"]
    assert verdicts(box, fields + MESSAGE, zone) == ["pass", "pass"]
    zone |= new_key(box, "mail26", domain="keys.example")
    box.control("dkimkeys", "d.example:control/domainkeys/keys.example/mail26:DKIMSIGNOPTIONS=-c s -x 600\n")
    fields = sign(box)
    assert b"c=simple/simple;" in fields and b"x=" in fields
    zone["mail26._domainkey.d.example"] = zone["mail26._domainkey.keys.example"]
    assert verdicts(box, fields + MESSAGE, zone) == ["pass"]


def test_what_is_not_signed(box):
    assert sign(box) == b""
    new_key(box, "-t", "ed25519")
    assert sign(box, MESSAGE.replace(b"d.example", b"other.example")) == b""
    assert sign(box, env={"NODKIM": ""}) == b""
    assert domains(sign(box, MESSAGE.replace(b"d.example", b"sub.d.example"), "x@other.example")) == [b"d.example"]
    assert domains(sign(box, b"Subject: x\n\nx\n", "ann@d.example")) == [b"d.example"]


def test_an_author_with_u_labels_has_the_key_of_the_a_labels(box):
    zone = new_key(box, "-t", "ed25519", domain="xn--bcher-kva.example")
    domain = "bücher.example".encode()
    message = MESSAGE.replace(b"d.example", domain)
    fields = sign(box, message, "ann@other.example")
    assert domains(fields) == [b"xn--bcher-kva.example"] and verdicts(box, fields + message, zone) == ["pass"]
    assert domains(sign(box, b"Subject: x\n\nx\n", "ann@bücher.example")) == [b"xn--bcher-kva.example"]
    box.control("authservid", "host.example.org\n")
    forged = (FORWARD % b"SMTP") + MESSAGE.replace(b"d.example", b"xn--bcher-kva.example")
    assert sign(box, forged, "eve@bücher.example") == b"", "one domain in two forms"


def test_a_stranger_gets_no_author_signed(box):
    new_key(box, "-t", "ed25519")
    new_key(box, "-t", "ed25519", domain="lists.example")
    box.control("authservid", "host.example.org\n")
    plain, proved = FORWARD % b"SMTP", FORWARD % b"ESMTPSA (X encrypted, authenticated)"
    assert sign(box, plain + MESSAGE, "eve@evil.example") == b""
    assert sign(box, plain + MESSAGE) == b""
    assert sign(box, plain + OWN % b"fail" + MESSAGE) == b""
    assert sign(box, plain + (OWN % b"pass").replace(b"host.example.org", b"evil.example") + MESSAGE) == b""
    assert sign(box, OWN % b"pass" + plain + MESSAGE) == b""
    assert domains(sign(box, plain + OWN % b"pass" + MESSAGE)) == [b"d.example"]
    assert domains(sign(box, proved + MESSAGE)) == [b"d.example"]
    assert domains(sign(box, plain + MESSAGE, "owner@lists.example")) == [b"lists.example"]
    assert domains(sign(box, plain + OWN % b"pass" + MESSAGE, "owner@lists.example")) == [b"d.example"]
    # A list has no key of the authors that write to it, even if they are proven.
    other = (plain + OWN % b"pass" + MESSAGE).replace(b"d.example", b"other.example")
    assert domains(sign(box, other, "owner@lists.example")) == [b"lists.example"]
    assert sign(box, other, "owner@sub.other.example") == b""


@pytest.mark.parametrize("content, mode, owner, why", [
    (None, 0o600, "root", b"access denied"),
    (b"no key\n", 0o640, "root:qmail", b"no private key in PEM of RSA or Ed25519 without a password"),
    (None, 0o644, "root:qmail", b"every user can read or change it"),
    (None, 0o640, "alice:qmail", b"it belongs to another user"),
])
def test_a_key_that_cannot_be_used(box, content, mode, owner, why):
    new_key(box, "-t", "ed25519")
    path = box.path("control/domainkeys/d.example/default")
    box.file(path, content or path.read_bytes(), mode=mode, owner=owner)
    done = box.run(["qmail-sign", "ann@d.example", "r@e.example"], MESSAGE, as_user="qmailr")
    assert (done.code, done.out) == (111, b"")
    assert done.err == b"qmail-sign: control/domainkeys/d.example/default: " + why + b"\n"


def arc_verdict(box, message, zone):
    if not hasattr(box, "zone"):
        box.zone = {}
        serve(box.zone)
    box.zone.update(zone)
    lines = box.run(["qmail-mailauth", "check"], re.sub(rb"\r(?!\n)", b" ", message), timeout=30).out.decode().splitlines()
    return next(line.partition("=")[2].split()[0] for line in lines if line.startswith("arc="))


def test_forwarded_messages_are_sealed(box):
    zone = new_key(box, "seal", domain="host.example.org")
    box.control("authservid", "host.example.org\n")
    box.control("arcseal", "host.example.org:control/domainkeys/host.example.org/seal\n")
    forward = FORWARD % b"SMTP"
    for verdict, number in ((b"none", 1), (b"pass", 2), (b"pass", 3)):
        own = (OWN % b"pass").replace(b"; dkim", b"; arc=" + verdict + b"; dkim")
        message = forward + own + (MESSAGE if number == 1 else message)
        fields = sign(box, message, "ann@d.example")
        assert re.findall(rb"(?m)^([\w-]+):", fields) == [b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results"]
        assert b"ARC-Authentication-Results: i=%d; host.example.org; arc=%s; dkim=pass" % (number, verdict) in fields
        assert b"cv=%s;" % verdict in fields
        message = fields + message
        assert arc_verdict(box, message, zone) == "pass"
    own = (OWN % b"fail").replace(b"; dkim", b"; arc=fail; dkim")
    broken = forward + own + message
    fields = sign(box, broken, "ann@d.example")
    assert b"i=4;" in fields and b"cv=fail;" in fields
    assert sign(box, forward + own + fields + broken) == b"", "the chain has ended"
    # DKIM is another matter.
    new_key(box, "-t", "ed25519")
    assert re.findall(rb"(?m)^([\w-]+):", sign(box, message))[0] == b"ARC-Seal"
    assert re.findall(rb"(?m)^([\w-]+):", sign(box, message, env={"NODKIM": ""}))[-1] == b"ARC-Authentication-Results"
    assert b"ARC" in remote(box, message, env={"NODKIM": ""})[1]


def test_what_is_not_sealed(box):
    new_key(box, "seal", domain="host.example.org")
    box.control("authservid", "host.example.org\n")
    box.control("arcseal", "host.example.org:control/domainkeys/host.example.org/seal\n")
    forward, own = FORWARD % b"SMTP", (OWN % b"pass").replace(b"; dkim", b"; arc=%s; dkim")
    for message in (MESSAGE, forward + MESSAGE, forward.partition(b"Received: (qmail 12")[2] + own % b"none" + MESSAGE,
                    forward + own % b"temperror" + b"ARC-Seal: i=1; cv=none\n" + MESSAGE, forward + OWN % b"pass" + b"ARC-Seal: i=1; cv=none\n" + MESSAGE,
                    forward + own % b"pass" + b"ARC-Seal: i=50; cv=pass\n" + MESSAGE):
        assert sign(box, message) == b"", message
    box.path("control/domainkeys/host.example.org/seal").unlink()
    done = box.run(["qmail-sign", "a@d.example", "r@e.example"], forward + own % b"none" + MESSAGE, as_user="qmailr")
    assert (done.code, done.err) == (111, b"qmail-sign: control/domainkeys/host.example.org/seal: file does not exist\n")


def test_no_stranger_writes_results_of_this_host(box):
    """A host with keys removes them although it judges nothing."""
    box.capture_queue()
    forged = (OWN % b"pass").rstrip(b"\n").decode()
    session = ["HELO c", "MAIL FROM:<x@y.example>", "RCPT TO:<bob@host.example.org>", "DATA",
               f"{forged}\r\nAuthentication-Results: other; none\r\n\r\nx\r\n.", "QUIT"]
    box.smtpd_dialogue(session)
    assert box.captured()[-1][0].count(b"Authentication-Results:") == 2
    box.path("control/domainkeys").mkdir()
    box.smtpd_dialogue(session)
    message = box.captured()[-1][0]
    assert b"Authentication-Results: other; none\n" in message and message.count(b"Authentication-Results:") == 1


def test_unreadable_lists(box):
    box.control("dkimkeys", "x\n")
    box.path("control/dkimkeys").chmod(0)
    done = box.run(["qmail-sign", "ann@d.example", "r@e.example"], MESSAGE, as_user="qmailr")
    assert (done.code, done.err) == (111, b"qmail-sign: control/dkimkeys: access denied\n")


def test_lines_without_sense(box):
    box.control("dkimkeys", "d.example:k/a:DKIMSIGNOPTIONS=-z 1\n")
    box.control("dkimdomains", "nonsense\n")
    done = box.run(["qmail-showctl", "--check"])
    assert done.code == 1 and done.out.splitlines() == [
        b"control/dkimdomains: bad line: nonsense (no domain)",
        b"control/dkimkeys: bad line: d.example:k/a:DKIMSIGNOPTIONS=-z 1 (SHA-1 is not secure: -z is 2 or 4)"]


def when_confined(child):
    """What /proc says of a qmail-sign that has read its keys: it has got a second filter of system calls then."""
    status = Path(f"/proc/{child.pid}/status")
    while "Seccomp_filters:\t2" not in (text := status.read_text()):
        assert child.poll() is None
    return text


def test_it_is_confined_while_it_reads_the_message(box):
    """The rest of the message comes through a pipe: until then the process can be looked at."""
    new_key(box, "-t", "ed25519")
    header, _, body = MESSAGE.partition(b"\n\n")
    with subprocess.Popen(["/var/qmail/bin/qmail-sign", "a@d.example", "r@e.example"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(header + b"\n\n")
        child.stdin.flush()
        assert "NoNewPrivs:\t1" in when_confined(child)
        assert Path(f"/proc/{child.pid}/environ").stat().st_uid == 0, "its memory can be read"
        assert sorted(int(name) for name in os.listdir(f"/proc/{child.pid}/fd")) == [0, 1, 2]
        child.stdin.write(body)
        child.stdin.close()
        assert child.stdout.read().startswith(b"DKIM-Signature:")
    assert child.returncode == 0


def test_memory_does_not_grow(box):
    new_key(box, "-t", "ed25519")
    line = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\n"
    peaks = []
    for size in (1000, 50_000_000):
        message = MESSAGE + line * (size // len(line))
        with subprocess.Popen(["/var/qmail/bin/qmail-sign", "a@d.example", "r@e.example"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            child.stdin.write(message)
            child.stdin.flush()
            peaks.append(int(re.search(r"VmHWM:\s+(\d+)", when_confined(child))[1]))
            child.stdin.close()
            assert child.stdout.read().startswith(b"DKIM-Signature:")
    assert peaks[1] - peaks[0] < 1024, peaks


# Beside qmail-remote


def remote(box, message=MESSAGE, sender="ann@d.example", server=None, **options):
    """The report, and the message as the server got it."""
    server = server or box.smtp_server({})
    before = len(server.connections)
    done = box.run(["qmail-remote", "[192.0.2.1]", sender, "r@e.example"], message, **{"as_user": "qmailr", "timeout": 20} | options)
    assert (done.code, done.err) == (0, b"")
    said = [line[3:] for log in server.connections[before:] for line in log if line.startswith(b"C: ")]
    got = b"".join(said[said.index(b"DATA\r\n") + 1:said.index(b".\r\n")]) if b"DATA\r\n" in said else None
    return done.out, got


def test_what_leaves_is_signed(box):
    zone = new_key(box) | new_key(box, "-t", "ed25519", "ed25519")
    report, got = remote(box)
    assert report.startswith(b"r\0K"), report
    got = re.sub(rb"(?m)^\.", b"", got).replace(b"\r\n", b"\n")
    assert got.startswith(b"DKIM-Signature: ") and got.endswith(MESSAGE.replace(b"\r", b" "))
    assert verdicts(box, got, zone) == ["pass", "pass"]


def test_a_stranger_s_message_that_is_forwarded_is_signed_for_the_domain_of_srs(box):
    """Its sender is rewritten, and the signature is that of the new sender's domain."""
    zone = new_key(box) | new_key(box, domain="srs.example")
    message, server = FORWARD % b"SMTP" + MESSAGE, box.smtp_server({})
    assert remote(box, message, server=server)[1].startswith(b"Received:"), "there is no domain to sign for"
    box.control("srs_domain", "srs.example\n")
    box.file("control/srs_secrets", "hidden\n", mode=0o640, owner="qmailr:nofiles")
    _, got = remote(box, message, server=server)
    assert domains(got) == [b"srs.example"]
    assert verdicts(box, re.sub(rb"(?m)^\.", b"", got).replace(b"\r\n", b"\n"), zone) == ["pass"]


def test_without_control_files_no_process_more(box):
    box.smtp_server({})
    done = box.run(["/usr/bin/strace", "-f", "-e", "trace=execve,fork,vfork,clone,clone3", "-o", "/tmp/trace", "/var/qmail/bin/qmail-remote", "[192.0.2.1]",
                    "a@d.example", "r@e.example"], MESSAGE)
    assert done.out.startswith(b"r\0K")
    text = Path("/tmp/trace").read_text()
    assert text.count("execve(") == 1 and "fork" not in text and "clone" not in text, text


def test_a_host_that_does_not_greet_gets_no_signature(box):
    new_key(box, "-t", "ed25519")
    server = box.smtp_server({"GREETING": "554 go away"})
    done = box.run(["/usr/bin/strace", "-f", "-e", "trace=execve", "-o", "/tmp/trace", "/var/qmail/bin/qmail-remote", "[192.0.2.1]", "a@d.example",
                    "r@e.example"], MESSAGE)
    assert b"but greeting failed" in done.out and "qmail-sign" not in Path("/tmp/trace").read_text() and server.connections


@pytest.mark.parametrize("content, why", [(b"no key\n", b"no private key in PEM of RSA or Ed25519 without a password"), (None, b"access denied")])
def test_nothing_leaves_without_the_signature_that_it_should_have(box, content, why):
    new_key(box, "-t", "ed25519")
    path = box.path("control/domainkeys/d.example/default")
    box.file(path, content or path.read_bytes(), mode=0o640 if content else 0o600, owner="root:qmail")
    server = box.smtp_server({})
    report, got = remote(box, server=server)
    assert report == b"r\0ZUnable to sign the message: control/domainkeys/d.example/default: " + why + b". (#4.3.0)\n\0"
    assert got is None and b"C: QUIT\r\n" in server.connections[0], server.connections


def test_a_signer_that_dies(box):
    new_key(box, "-t", "ed25519")
    program = box.file("/tmp/signer", "#!/bin/sh\nkill -9 $$\n", mode=0o755)
    subprocess.run(["mount", "--bind", str(program), "/var/qmail/bin/qmail-sign"], check=True)
    assert remote(box) == (b"r\0ZUnable to sign the message: qmail-sign failed. (#4.3.0)\n\0", None)


def test_a_signer_that_forges_the_message(box):
    new_key(box, "-t", "ed25519")
    program = box.file("/tmp/signer", "#!/bin/sh\nprintf 'A: b\\n\\nbody\\n'\n", mode=0o755)
    subprocess.run(["mount", "--bind", str(program), "/var/qmail/bin/qmail-sign"], check=True)
    assert remote(box) == (b"r\0ZUnable to sign the message: qmail-sign prints no header fields. (#4.3.0)\n\0", None)


def test_the_signer_runs_beside_the_session_and_ends_with_it(box):
    """It is started after the greeting, and its work is done while the server thinks about MAIL."""
    new_key(box, "-t", "ed25519")
    seen = []

    def processes():
        return [path.name for path in Path("/proc").glob("[0-9]*") if (path / "cmdline").read_bytes().startswith(b"qmail-sign\0")]

    def think(connection):
        until(lambda: not processes() or "Z" in Path(f"/proc/{processes()[0]}/stat").read_text().split()[2], 10, "the end of the work")
        seen.append(True)
        connection.send("250 ok")
    report, got = remote(box, server=box.smtp_server({"MAIL": think}))
    assert report.startswith(b"r\0K") and seen and got.startswith(b"DKIM-Signature")
    assert not processes()
