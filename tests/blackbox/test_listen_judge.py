"""The qmail-mailauth that qmail-listen keeps for its sessions: it must judge as one of a session's own, and a session must do without it."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from conformlib.process import until
from conformlib.users import USERS
from dns_zone import serve
from test_listen import Server, rules
from test_listen_sessions import NAME, SMTPD, Client, as_qmaild, exe_of
from test_mailauth_resident import PLACE, children, resident, status
from test_mailauth_resident import sessions_of as service_sessions
from test_sender_checks import SPF_FAILS
from tls_client import install

REFUSED = "550 sorry, SPF of sender.example does not allow 127.0.0.1 (#5.7.1)"
DEFERRED = "451 SPF lookup failure (#4.3.0)"


class Sender(Client):
    """A client whose mail SPF does not allow."""

    def __init__(self, server, sender="ann@sender.example", **more):
        super().__init__(server, **more)
        self.sender = sender

    def mail(self):
        reply = self.say(f"MAIL FROM:<{self.sender}>")
        return reply if reply != "250 ok" else self.say(f"RCPT TO:<bob@{NAME}>")

    def quit(self):
        assert self.say("QUIT").startswith("221 ")
        self.socket.close()


class Served:
    """A session whose first question was answered, and the child that did it. At the end of the session that child waits."""

    def __init__(self, server, address="127.0.0.1", sender="ann@sender.example"):
        judges = judges_of(server.process.pid)
        busy = {one for one in children(judges[0]) if not waits(one)} if judges else set()
        self.client = Sender(server, sender, source_address=(address, 0))
        assert self.client.mail()[:4] in ("550 ", "250 ")
        (self.child,) = {one for one in children(kept(server)) if not waits(one)} - busy

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.quit()
        until(lambda: waits(self.child), 10, "the end of the session")
        time.sleep(0.1)  # The dispatcher has heard it.


def waits(child):
    """It has no connection."""
    return "0" not in os.listdir(f"/proc/{child}/fd")


def listener(box, *options, spf="3\n", zone=None, **more):
    serve(zone or SPF_FAILS)
    box.control("rcpthosts", f"{NAME}\n")
    box.control("spfbehavior", spf)
    return Server(box, "qmail-listen", [*as_qmaild(), *options], [SMTPD], **more)


def is_judge(pid):
    return b"mailauth" in Path(f"/proc/{pid}/cmdline").read_bytes()


def judges_of(pid):
    """Those that the process has started."""
    return [one for one in children(pid) if is_judge(one)]


def kept(server):
    (judge,) = judges_of(server.process.pid)
    return judge


def sessions_of(server):
    return [one for one in children(server.process.pid) if not is_judge(one)]


def own_judges(server):
    return [judge for session in sessions_of(server) for judge in judges_of(session)]


def test_one_judges_for_all_sessions(box):
    server = listener(box)
    clients = [Sender(server) for _ in range(3)]
    assert judges_of(server.process.pid) == []
    for client in clients:
        assert client.mail() == REFUSED
    judge = kept(server)
    assert own_judges(server) == [] and len(children(judge)) == 3
    assert int(status(judge, "Uid")) == USERS["qmaild"].uid
    for working in children(judge):
        assert (int(status(working, "Uid")), status(working, "NoNewPrivs"), status(working, "Seccomp")) == (USERS["qmaild"].uid, "1", "2")
        assert os.listdir(f"/proc/{working}/fd") == ["0", "1", "2", "3"], "a descriptor for its next session"
        assert re.search(r"^Max processes +0 +0 ", Path(f"/proc/{working}/limits").read_text(), re.MULTILINE), "it can make no process"
    # The socket for requests is closed once it was used.
    for session in sessions_of(server):
        assert sorted(os.listdir(f"/proc/{session}/fd"))[:3] == ["0", "1", "2"] and len(os.listdir(f"/proc/{session}/fd")) == 4
    for client in clients:
        client.quit()
    client = Sender(server)
    assert client.mail() == REFUSED and kept(server) == judge
    assert server.lines_until(rb"(?s)(status: \d/40.*){4}").count(b"status: 4/") == 0, "it counts as a connection"


def test_a_child_serves_further_sessions_of_its_client(box):
    """And no session of another one, and when none comes, it ends."""
    server = listener(box, zone={"sender.example": {"TXT": ["v=spf1 -all"]}})
    with Served(server) as first:
        pass
    with Served(server) as again, Served(server) as at_the_same_time, Served(server, "127.0.0.2") as other:
        assert again.child == first.child
        assert len({first.child, at_the_same_time.child, other.child}) == 3
    with Served(server, "127.0.0.2") as again:
        assert again.child == other.child
    # A session that has asked nothing has no child.
    Sender(server).quit()
    until(lambda: not children(kept(server)), 15, "the end of those for which nothing comes")


def test_a_child_that_has_judged_a_message_judges_the_next(box):
    """With what belongs to the next one alone."""
    box.capture_queue()
    server = listener(box, spf="1\n", zone={"one.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]}, "other.example": {"TXT": ["v=spf1 -all"]},
                                            "_dmarc.one.example": {"TXT": ["v=DMARC1; p=reject"]}})
    box.control("dmarc", "reject\n")
    for sender, found in (("one.example", b"spf=pass"), ("other.example", b"spf=fail"), ("one.example", b"spf=pass")):
        with Served(server, sender=f"ann@{sender}") as session:
            assert session.client.say("DATA").startswith("354 ")
            assert session.client.say(f"From: ann@{sender}\r\n\r\nhi\r\n.").startswith("250 ok ")
        message = box.captured()[-1][0]
        assert found in message and message.count(b"Authentication-Results:") == 1
        assert (b"dmarc=pass" in message, b"dmarc=none" in message) == (sender == "one.example", sender != "one.example")
    assert len(children(kept(server))) == 1


def test_a_message_is_judged(box):
    box.capture_queue()
    server = listener(box, spf="0\n", zone={"sender.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
                                            "_dmarc.sender.example": {"TXT": ["v=DMARC1; p=reject"]}})
    box.control("dmarc", "reject\n")
    client = Sender(server)
    assert client.mail() == "250 ok" and client.say("DATA").startswith("354 ")
    assert client.say("From: ann@sender.example\r\n\r\n" + ("x" * 70 + "\r\n") * 3000 + ".").startswith("250 ok ")
    assert own_judges(server) == [] and kept(server)
    assert b"; dkim=none; arc=none; dmarc=pass\n header.from=sender.example" in box.captured()[0][0]


def test_nobody_is_started_without_a_question(box):
    """Neither without checks nor where nothing is asked; and the program of a session gets no descriptor."""
    box.file("/mnt/queue", b"#!/bin/sh\nls -l /proc/self/fd >/tmp/seen\ncat >/dev/null; cat <&1 >/dev/null; exit 0\n", mode=0o755)
    box.file("/tmp/seen", b"", mode=0o666)
    server = listener(box, spf="0\n", env={"QMAILQUEUE": "/mnt/queue"})
    for checks in ("0\n", "3\n"):
        box.control("spfbehavior", checks)
        client = Sender(server, "")
        (session,) = sessions_of(server)
        assert len(os.listdir(f"/proc/{session}/fd")) == (4 if checks == "3\n" else 3)
        if checks == "0\n":
            assert client.mail() == "250 ok" and client.say("DATA").startswith("354 ")
            assert client.say("Subject: t\r\n\r\nhi\r\n.").startswith("250 ok ")
        assert judges_of(server.process.pid) == []
        client.quit()
        until(lambda: not sessions_of(server), 10, "the end of the session")
    assert "pipe:" in Path("/tmp/seen").read_text() and "socket:" not in Path("/tmp/seen").read_text()


def test_one_that_was_killed_is_replaced(box):
    server = listener(box)
    before = Sender(server)
    assert before.mail() == REFUSED
    judge = kept(server)
    time.sleep(1.1)
    os.kill(judge, signal.SIGKILL)
    until(lambda: not judges_of(server.process.pid), 10, "its end")
    assert before.say("RSET") == "250 flushed"
    before.sender = "other@sender.example"
    assert before.mail() == REFUSED, "the child of a session goes on"
    client = Sender(server)
    assert client.mail() == REFUSED and own_judges(server) == [] and kept(server) != judge


def test_one_that_dies_before_it_answers(box):
    """Sessions that it had not heard start their own at once."""
    server = listener(box)
    assert Sender(server).mail() == REFUSED
    judge = kept(server)
    os.kill(judge, signal.SIGSTOP)
    client = Sender(server)
    client.socket.sendall(b"MAIL FROM:<ann@sender.example>\r\n")
    time.sleep(0.3)
    os.kill(judge, signal.SIGKILL)
    started = time.monotonic()
    assert client.reply() == "250 ok" and client.say(f"RCPT TO:<bob@{NAME}>") == REFUSED
    assert time.monotonic() - started < 5 and len(own_judges(server)) == 1


def test_one_that_is_stopped(box):
    """Sessions that it has to hear have a failed look-up when their time is over; those for which there is no room start their own."""
    server = listener(box, "-c", "100")
    assert Sender(server).mail() == REFUSED
    box.control("timeoutdns", "0\n")
    os.kill(kept(server), signal.SIGSTOP)
    clients = [Sender(server) for _ in range(40)]
    box.control("timeoutdns", None)
    started = time.monotonic()
    for client in clients:
        client.socket.sendall(b"MAIL FROM:<ann@sender.example>\r\n")
    replies = [client.reply() for client in clients]
    assert time.monotonic() - started < 15
    assert set(replies) <= {DEFERRED, "250 ok"} and DEFERRED in replies


def test_programs_that_fail_are_not_started_again_and_again(box):
    assert box.run(["/bin/cp", "-a", str(box.path("bin")), "/mnt/bin"]).code == 0
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/bin", str(box.path("bin"))]).code == 0
    program = box.path("bin/qmail-mailauth")
    kept_program = program.rename(program.with_name("mailauth"))
    mark = re.search(rb"reqmail program qmail-mailauth of version [^\0]*\0", kept_program.read_bytes()).group()
    program.write_bytes(b"#!/bin/sh\ntest $1 = stay && echo >>/tmp/started && exit 1\nexec /var/qmail/bin/mailauth \"$@\"\n# " + mark)
    program.chmod(0o755)
    box.file("/tmp/started", b"", mode=0o666)
    server = listener(box)
    begun = time.monotonic()
    for _ in range(4):
        client = Sender(server)
        assert client.mail() == REFUSED
        assert len(own_judges(server)) == 1
        client.quit()
        until(lambda: not sessions_of(server), 10, "the end of the session")
    # Not more than one in a second.
    assert 1 <= len(Path("/tmp/started").read_text()) <= 1 + (time.monotonic() - begun) // 1


@pytest.mark.parametrize("how", ["another release", "gone"])
def test_a_program_that_is_replaced(box, how):
    """A new one is started for new sessions; one of another release is not kept."""
    assert box.run(["/bin/cp", "-a", str(box.path("bin")), "/mnt/bin"]).code == 0
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/bin", str(box.path("bin"))]).code == 0
    server = listener(box)
    waiting, client = Sender(server), Sender(server)
    assert client.mail() == REFUSED
    old = kept(server)
    program = box.path("bin/qmail-mailauth")
    text = program.read_bytes()
    program.rename(program.with_name("old"))
    if how == "another release":
        program.write_bytes(text.replace(b"reqmail program ", b"another program "))
        program.chmod(0o755)
        other = Sender(server)
        assert other.mail() == REFUSED and len(own_judges(server)) == 1
    else:
        assert Sender(server).say("MAIL FROM:<ann@sender.example>") == DEFERRED
    assert waiting.mail() == REFUSED and len(children(old)) == 2, "one that could reach it still can"
    program.unlink(missing_ok=True)
    program.write_bytes(text)
    program.chmod(0o755)
    last = Sender(server)
    assert last.mail() == REFUSED
    assert len(judges_of(server.process.pid)) == 2 and client.say("RSET") == "250 flushed"


def test_changed_name_servers_are_used(box):
    """By each session that asks for the first time after the change; no other child of the listener is left."""
    server = listener(box)
    file = Path("/etc/resolv.conf")
    right = file.read_text()
    first = Sender(server)
    assert first.mail() == REFUSED
    for text, answer in (("nameserver 127.0.0.9\noptions timeout:1 attempts:1\n", DEFERRED), (right, REFUSED)):
        old = kept(server)
        file.write_text(text)
        client = Sender(server)
        assert client.mail() == answer and own_judges(server) == [] and kept(server) != old
        client.quit()
    first.sender = "other@sender.example"
    assert first.say("RSET") == "250 flushed" and first.mail() == REFUSED
    first.quit()


def test_a_service_has_precedence(box):
    server = listener(box)
    box.control("mailauthsocket", f"{PLACE}\n")
    service = resident(box)
    client = Sender(server)
    assert client.mail() == REFUSED
    assert judges_of(server.process.pid) == own_judges(server) == [] and len(service_sessions(service)) == 1
    service.kill()
    service.wait()
    client = Sender(server)
    assert client.mail() == REFUSED
    assert judges_of(server.process.pid) == [] and len(own_judges(server)) == 1


def test_it_ends_with_the_listener_and_its_sessions(box):
    server = listener(box)
    client, other = Sender(server), Sender(server)
    assert client.mail() == REFUSED
    judge = kept(server)
    server.process.terminate()
    assert server.process.wait(10) == 0
    assert other.mail() == REFUSED and len(children(judge)) == 2
    client.quit()
    other.quit()
    until(lambda: not os.path.exists(f"/proc/{judge}") or "State:\tZ" in Path(f"/proc/{judge}/status").read_text(), 10, "its end")


def test_with_tls(box):
    """The listener with TLS, in whose place there was one without, has one of its own."""
    server = listener(box)
    first = Sender(server)
    assert first.mail() == REFUSED
    old = kept(server)
    install(box)
    client = Sender(server).starttls()
    assert client.mail() == REFUSED and exe_of(server.process.pid) == "qmail-listen-tls"
    assert len(judges_of(server.process.pid)) == 2 and own_judges(server) == []
    first.quit()
    until(lambda: old not in children(server.process.pid), 10, "the end of the old one")
    client.quit()


def test_checks_of_a_rule(box):
    """Where only the rule of a connection asks for a check."""
    server = listener(box, *rules(box, "127.:allow,SPFBEHAVIOR=\"3\"\n"), spf="0\n")
    client = Sender(server)
    assert client.mail() == REFUSED and own_judges(server) == [] and kept(server)
