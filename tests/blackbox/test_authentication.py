"""qmail-smtpd with dkimverify and dmarc: fields, refusals, lines for reports, and a qmail-mailauth that does not play along."""

import os
import signal
from pathlib import Path

import pytest

from dns_zone import serve
from test_sender_checks import CLIENT, Session

ME = "host.example.org"
MESSAGE = "From: Ann <ann@sender.example>\nSubject: x\n\nhi\n"
KEPT = Path("/tmp/message")


def zone(policy="p=reject", spf="v=spf1 -all"):
    return {"sender.example": {"TXT": [spf], "A": ["192.0.2.7"]}, "_dmarc.sender.example": {"TXT": [f"v=DMARC1; {policy}"]}}


def begin(box, env=None):
    """A session whose queue program keeps the message; MAIL and RCPT accepted, DATA begun."""
    queue = box.file("/tmp/queue-program", f"#!/bin/sh\ncat >{KEPT}\ncat <&1 >/dev/null\n", mode=0o755)
    KEPT.unlink(missing_ok=True)
    session = Session(box, {"QMAILQUEUE": str(queue)} | (env or {}))
    assert session.mail() == "250 ok" and session.rcpt() == "250 ok"
    assert session.say("DATA").startswith("354 ")
    return session


def send(box, message=MESSAGE, env=None):
    """The reply, and the header as it was queued, unfolded; what the session said on standard error is in send.log."""
    session = begin(box, env)
    reply = session.say(message.replace("\n", "\r\n") + ".")
    send.log = session.quit()
    header = KEPT.read_text().partition("\n\n")[0].replace("\n ", " ").splitlines() if KEPT.exists() else None
    return reply, header


def results(header):
    found = [line for line in header if line.startswith(f"Authentication-Results: {ME};")]
    assert len(found) == 1, header
    return found[0].partition("; ")[2].split("; ")


def test_results_are_below_received(box):
    serve(zone(spf=f"v=spf1 ip4:{CLIENT} -all"))
    box.control("dmarc", "reject\n")
    reply, header = send(box)
    assert reply.startswith("250 ok ")
    assert results(header) == ["spf=pass smtp.mailfrom=ann@sender.example smtp.helo=client.example", "dkim=none", "arc=none",
                               "dmarc=pass header.from=sender.example policy.dmarc=reject"]
    assert header[0].startswith("Received: from ") and header[1].startswith("Authentication-Results: ")
    # DMARC has asked for SPF; it is spfbehavior that shows it by itself.
    assert not any(line.startswith("Received-SPF") for line in header)
    box.control("spfbehavior", "1\n")
    assert [line.partition(" ")[0] for line in send(box)[1][:3]] == ["Received:", "Received-SPF:", "Authentication-Results:"]


@pytest.mark.parametrize("mode, policy, outcome", [
    ("none", "p=reject", "accepted"), ("quarantine", "p=reject", "marked"), ("reject", "p=quarantine", "marked"),
    ("reject", "p=reject; t=y", "marked"), ("reject", "p=none", "accepted"), ("reject", "p=reject", "refused")])
def test_policies(box, mode, policy, outcome):
    serve(zone(policy))
    box.control("dmarc", f"{mode}\n")
    reply, header = send(box, "X-DMARC-Disposition: none\n" + MESSAGE)
    if outcome == "refused":
        assert (reply, header) == ("550 sorry, the DMARC policy of sender.example rejects this message (#5.7.1)", None)
        return
    assert reply.startswith("250 ok ")
    assert [line for line in header if line.startswith("X-DMARC")] == (["X-DMARC-Disposition: quarantine"] if outcome == "marked" else [])


def test_who_is_spared(box):
    serve(zone())
    box.control("dmarc", "reject\n")
    for line, refused in (("192.0.2.96/29", False), ("@sender.example", False), ("@other.example", True), ("nonsense", True)):
        box.control("dmarcexempt", line + "\n")
        assert send(box)[0].startswith("550 ") == refused
    assert "]: control/dmarcexempt: bad line: nonsense (" in send.log


def test_messages_without_one_author(box):
    serve(zone())
    box.control("dmarc", "quarantine\n")
    assert send(box, "Subject: x\n\nhi\n")[0].startswith("250 ok ")
    box.control("dmarc", "reject\n")
    for header in ("From: a@b.example\n" + MESSAGE, "Subject: x\n\nhi\n", "From: a@b.example, b@c.example\n\nhi\n"):
        assert send(box, header)[0] == "550 sorry, the message has no single author domain (#5.7.1)"


@pytest.mark.parametrize("author", ["nobody:;", "ann", "<ann@[192.0.2.1]>"])
def test_dmarc_does_not_apply_without_a_domain(box, author):
    serve(zone())
    box.control("dmarc", "reject\n")
    reply, header = send(box, f"From: {author}\n\nhi\n")
    assert reply.startswith("250 ok ")
    assert "dmarc=permerror (the author has no domain)" in results(header)


@pytest.mark.parametrize("author", ["ann@sender..example", '"Ann <ann@sender.example>', "ann@sender.example\1"])
def test_malformed_authors(box, author):
    serve(zone())
    box.control("dmarc", "quarantine\n")
    assert send(box, f"From: {author}\n\nhi\n")[0].startswith("250 ok ")
    box.control("dmarc", "reject\n")
    assert send(box, f"From: {author}\n\nhi\n")[0] == "550 sorry, the From field of the message is malformed (#5.7.1)"


def test_a_header_that_is_too_long(box):
    """Its signatures are not verified, but the author that readers see counts."""
    serve(zone())
    box.control("dmarc", "reject\n")
    more = "X: " + "x" * 900 + "\n"
    reply, header = send(box, "From: ann@other.example\n" + more * 1200 + "\nhi\n")
    assert reply.startswith("250 ok ")
    assert results(header)[1:] == ["dkim=permerror (header is too long)", "arc=none", "dmarc=none header.from=other.example"]
    assert send(box, "From: ann@sender.example\n" + more * 1200 + "\nhi\n")[0].startswith("550 sorry, the DMARC policy of sender.example ")


def test_a_folded_line_at_the_top_is_not_part_of_our_field(box):
    serve(zone())
    box.control("dmarc", "none\n")
    reply, header = send(box, "\t; dmarc=pass header.from=sender.example\n" + MESSAGE)
    assert reply.startswith("250 ok ")
    assert "dmarc=fail" in results(header)[-1] and len(results(header)) == 4, header
    assert KEPT.read_text().endswith("\n\n\t; dmarc=pass header.from=sender.example\n" + MESSAGE)


def test_clients_that_relay(box):
    server = serve(zone())
    box.control("dmarc", "reject\n")
    forged = f"Authentication-Results: {ME}; dmarc=pass\n"
    reply, header = send(box, forged + MESSAGE, {"RELAYCLIENT": ""})
    assert reply.startswith("250 ok ") and server.asked == []
    assert not any(line.startswith("Authentication-Results") for line in header)


def test_the_log_has_the_results(box):
    serve(zone())
    box.control("dmarc", "none\n")
    box.control("smtpdlog", "qlog\n")
    send(box)
    assert send.log.endswith(" spf=fail dkim=none arc=none dmarc=fail\n")
    box.control("dmarc", "reject\n")
    send(box)
    assert " reason=dmarc " in send.log and "dmarc=fail" not in send.log


def test_lines_for_reports(box):
    serve(zone("p=reject; rua=mailto:d@sender.example"))
    box.control("dmarc", "quarantine\n")
    send(box)
    directory = box.mkdir("dmarc", 0o750, "qmaild")
    send(box)
    files = list(Path(directory).iterdir())
    assert len(files) == 1
    line = files[0].read_text()
    assert line.count("\n") == 1
    found = dict(item.split("=", 1) for item in line.split())
    assert found["ip"] == CLIENT and found["disposition"] == "quarantine" and found["reason"] == "local_policy"
    assert found["auth"] == "spf:sender.example:fail" and found["rua"] == "mailto:d@sender.example"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("closed", [False, True])
def test_a_helper_that_goes_while_the_message_comes(box, how, closed):
    serve(zone())
    box.control("dmarc", "reject\n")
    box.control("timeoutdns", "1\n")
    if closed:
        box.control("dmarcfailclosed", "1\n")
    session = begin(box)
    os.kill(session.helpers()[0], how)
    body = "From: Ann <ann@sender.example>\r\n\r\n" + ("x" * 70 + "\r\n") * 3000
    reply = session.say(body + ".")
    if closed:
        assert reply == "451 DMARC lookup failure (#4.3.0)" and not KEPT.exists()
    else:
        assert reply.startswith("250 ok ")
        assert "; dkim=temperror; dmarc=temperror" in KEPT.read_text().replace("\n ", " ")
    session.quit()


def test_a_word_that_is_no_policy(box):
    box.control("dmarc", "rejct\n")
    _, header = send(box)
    assert not any(line.startswith("Authentication-Results") for line in header)
    assert "]: control/dmarc: bad line: rejct (no policy)\n" in send.log
