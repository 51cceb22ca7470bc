"""qmail-mailauth resident: one server that judges for all sessions (control/mailauthsocket), and sessions that do without it."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from conformlib.process import until
from conformlib.users import USERS
from dns_zone import serve
from test_sender_checks import SPF_FAILS, Session

PLACE = "/tmp/mailauth/socket"
REFUSED = "550 sorry, SPF of sender.example does not allow 192.0.2.99 (#5.7.1)"


def status(pid, name):
    return next(line.split()[1] for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(f"{name}:"))


def children(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(box, path=PLACE):
    box.mkdir(os.path.dirname(path), owner="qmaild:nofiles")
    started = subprocess.Popen([str(box.program("qmail-mailauth")), "resident", path], env=box.env, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    until(lambda: os.path.exists(path) or started.poll() is not None, 30, "the socket")
    return started


def dispatcher(server):
    """The process that makes the children of the sessions."""
    (one,) = children(server.pid)
    return one


def sessions_of(server):
    """Their children."""
    return children(dispatcher(server))


def refuses():
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(PLACE) != 0


def use_spf(box, records=None):
    serve(SPF_FAILS if records is None else records)
    box.control("spfbehavior", "3\n")
    box.control("mailauthsocket", f"{PLACE}\n")


def test_each_session_has_a_confined_child(box):
    use_spf(box)
    server = resident(box)
    assert int(status(server.pid, "Uid")) == USERS["qmaild"].uid
    sessions = [Session(box), Session(box)]
    for session in sessions:
        assert session.mail() == "250 ok" and session.rcpt() == REFUSED
        assert session.helpers() == []
    working = sessions_of(server)
    assert len(working) == 2
    for pid in [dispatcher(server), *working]:
        assert (int(status(pid, "Uid")), status(pid, "NoNewPrivs"), status(pid, "Seccomp")) == (USERS["qmaild"].uid, "1", "2")
        assert status(pid, "CapEff") == status(pid, "CapPrm") == "0" * 16
    for pid in working:
        assert os.listdir(f"/proc/{pid}/fd") == ["0", "1", "2", "3"], "a descriptor for its next session"
        assert re.search(r"^Max processes +0 +0 ", Path(f"/proc/{pid}/limits").read_text(), re.MULTILINE), "it can make no process"
    assert sessions[0].quit() == ""
    until(lambda: any("0" not in os.listdir(f"/proc/{pid}/fd") for pid in working), 5, "the end of the session")
    assert sessions[1].mail() == "250 ok" and sessions[1].rcpt() == REFUSED
    sessions[1].quit()
    until(lambda: not sessions_of(server), 15, "the end of children for which nothing comes")


def test_a_child_serves_further_sessions_of_its_client(box):
    use_spf(box)
    server = resident(box)
    served = []
    for client in ("192.0.2.99", "192.0.2.98", "192.0.2.99"):
        session = Session(box, {"TCPREMOTEIP": client})
        assert session.mail() == "250 ok" and session.rcpt() == REFUSED.replace("192.0.2.99", client)
        served.append({pid for pid in sessions_of(server) if "0" in os.listdir(f"/proc/{pid}/fd")})
        session.quit()
        until(lambda: all("0" not in os.listdir(f"/proc/{pid}/fd") for pid in sessions_of(server)), 5, "the end of the session")
        time.sleep(0.1)  # The dispatcher has heard it.
    assert [len(each) for each in served] == [1, 1, 1] and served[0] == served[2] != served[1]


def test_a_client_that_is_not_known_gets_a_child_of_its_own(box):
    use_spf(box)
    server = resident(box)
    box.control("mfcheck", "1\n")
    session = Session(box, {"TCPREMOTEIP": "unknown"})
    assert session.mail("ann@sender.example").startswith("250 ") and len(sessions_of(server)) == 1
    session.quit()
    until(lambda: not sessions_of(server), 5, "the end of the child")


def test_a_message_is_judged(box):
    zone = {"sender.example": {"TXT": ["v=spf1 ip4:192.0.2.99 -all"]}, "_dmarc.sender.example": {"TXT": ["v=DMARC1; p=reject"]}}
    use_spf(box, zone)
    box.control("dmarc", "reject\n")
    box.capture_queue()
    server = resident(box)
    for author, reply in (("sender.example", "250 ok"), ("gone.example", "250 ok")):
        session = Session(box)
        assert session.mail() == "250 ok" and session.rcpt() == "250 ok" and session.say("DATA").startswith("354 ")
        assert session.say(f"From: ann@{author}\r\n\r\nhi\r\n.").startswith(reply)
        assert session.helpers() == []
        session.quit()
    assert b"dmarc=pass header.from=sender.example" in box.captured()[0][0]
    assert b"dmarc=none header.from=gone.example" in box.captured()[1][0]
    assert server.poll() is None


@pytest.mark.parametrize("ended", ["absent", "killed", "never there"])
def test_without_it_a_session_starts_its_own(box, ended):
    use_spf(box)
    if ended == "killed":
        server = resident(box)
        server.kill()
        server.wait()
        assert os.path.exists(PLACE)
    elif ended == "absent":
        box.control("mailauthsocket", "/nowhere/" + "x" * 200 + "\n")
    session = Session(box)
    assert session.mail() == "250 ok" and session.rcpt() == REFUSED
    assert len(session.helpers()) == 1
    session.quit()


class Liar:
    """Somebody else at the socket."""

    def __init__(self, answer):
        os.mkdir(os.path.dirname(PLACE))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(PLACE)
        self.listener.listen(8)
        threading.Thread(target=self.serve, args=(answer,), daemon=True).start()

    def serve(self, answer):
        while True:
            stream, _ = self.listener.accept()
            with stream:
                if answer:
                    stream.recv(1)
                    stream.sendall(answer)
                    time.sleep(0.2)


@pytest.mark.parametrize("answer", [b"", b"5:hello,", b"99999999999999999999999:", b"3:m9:,", b"y\n" * 5000])
def test_one_that_makes_no_sense_is_replaced(box, answer):
    use_spf(box)
    Liar(answer)
    session = Session(box)
    assert session.mail() == "250 ok" and session.rcpt() == REFUSED
    assert len(session.helpers()) == 1
    session.quit()


@pytest.mark.parametrize("answer", [b"", b"5:hello,", b"3:m9:,"])
def test_one_that_makes_no_sense_judges_no_message(box, answer):
    """Where nothing is asked at MAIL, the message is the first thing that it would be told of."""
    use_spf(box)
    box.control("spfbehavior", None)
    box.control("dkimverify", "1\n")
    box.capture_queue()
    Liar(answer)
    session = Session(box)
    assert session.mail() == "250 ok" and session.rcpt() == "250 ok" and session.helpers() == []
    assert session.say("DATA").startswith("354 ")
    assert len(session.helpers()) == 1
    assert session.say("From: ann@sender.example\r\n\r\n" + ("x" * 70 + "\r\n") * 3000 + ".").startswith("250 ok ")
    session.quit()
    assert b"; dkim=none; arc=none\n" in box.captured()[0][0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_that_is_gone_is_a_failed_look_up(box, number):
    use_spf(box)
    box.control("timeoutdns", "0\n")
    server = resident(box)
    session, other = Session(box), Session(box)
    session.mail("other@sender.example")
    os.kill(sessions_of(server)[0], number)
    started = time.monotonic()
    assert session.mail() == "451 SPF lookup failure (#4.3.0)" and time.monotonic() - started < 10
    assert session.mail("third@sender.example") == "451 SPF lookup failure (#4.3.0)" and session.helpers() == []
    session.quit()
    box.control("timeoutdns", None)
    other = Session(box)
    assert other.mail() == "250 ok" and other.rcpt() == REFUSED and other.helpers() == []
    other.quit()


@pytest.mark.parametrize("which", ["service", "dispatcher"])
def test_one_that_is_stopped_defers(box, which):
    use_spf(box)
    server = resident(box)
    if which == "dispatcher":
        session = Session(box)
        session.mail()
        session.quit()
    box.control("timeoutdns", "0\n")
    os.kill(server.pid if which == "service" else dispatcher(server), signal.SIGSTOP)
    session = Session(box)
    started = time.monotonic()
    assert session.mail() == "451 SPF lookup failure (#4.3.0)" and time.monotonic() - started < 10
    session.quit()


def test_a_dispatcher_that_was_killed_is_replaced(box):
    """Its children go on. One that has failed is replaced after a second, and until then sessions start their own."""
    use_spf(box)
    server = resident(box)
    before = Session(box)
    assert before.mail() == "250 ok"
    for pause, own in ((1.1, 0), (0, 1)):
        time.sleep(pause)
        old = dispatcher(server)
        os.kill(old, signal.SIGKILL)
        until(lambda: not children(server.pid), 5, "its end")
        session = Session(box)
        assert session.mail() == "250 ok" and session.rcpt() == REFUSED and len(session.helpers()) == own
        session.quit()
        assert old not in children(server.pid)
    assert before.mail("other@sender.example") == "250 ok" and before.rcpt() == REFUSED and before.helpers() == []
    before.quit()


def test_a_dispatcher_ends_with_the_service(box):
    use_spf(box)
    server = resident(box)
    session = Session(box)
    assert session.mail() == "250 ok"
    old = dispatcher(server)
    server.kill()
    server.wait()
    until(lambda: not os.path.exists(f"/proc/{old}/exe"), 5, "its end")
    assert session.mail("other@sender.example") == "250 ok" and session.rcpt() == REFUSED and session.helpers() == []
    session.quit()
    resident(box)
    until(lambda: not refuses(), 10, "the new server")
    session = Session(box)
    assert session.mail() == "250 ok" and session.rcpt() == REFUSED and session.helpers() == []
    session.quit()


def test_who_can_connect(box):
    resident(box)
    info = os.stat(PLACE)
    assert (info.st_mode & 0o7777, info.st_uid) == (0o600, USERS["qmaild"].uid)
    code = f"import socket; socket.socket(socket.AF_UNIX).connect({PLACE!r})"
    for user, good in (("qmaild", True), ("alice", False), ("qmailr", False)):
        done = box.run(["/usr/bin/python3", "-c", code], as_user=user)
        assert (done.code == 0) == good, (user, done.err)


def test_a_place_that_is_taken(box):
    use_spf(box)
    first = resident(box)
    second = resident(box)
    assert second.wait(20) == 111
    assert second.stdout.read() == f"qmail-mailauth: fatal: {PLACE}: address already used\n".encode()
    first.kill()
    first.wait()
    third = subprocess.Popen([str(box.program("qmail-mailauth")), "resident", PLACE], env=box.env)
    session = Session(box)
    until(lambda: third.poll() is not None or not refuses(), 30, "the new server")
    assert session.mail() == "250 ok" and session.rcpt() == REFUSED and session.helpers() == []
    os.unlink(PLACE)
    box.file(PLACE, "a file\n")
    assert resident(box).wait(20) == 111 and Path(PLACE).read_text() == "a file\n"
    assert resident(box, "/tmp/mailauth/" + "x" * 200).wait(20) == 111


WRONG = "nameserver 127.0.0.9\noptions timeout:1 attempts:1\n"


def test_changed_name_servers_are_used(box):
    """By each session that begins after the change."""
    use_spf(box)
    file = Path("/etc/resolv.conf")
    right = file.read_text()
    file.write_text(WRONG)
    server = resident(box)
    first = Session(box)
    assert first.mail() == "451 SPF lookup failure (#4.3.0)"
    for text in (right, WRONG, right):
        file.write_text(text)
        session = Session(box)
        if text == right:
            assert session.mail() == "250 ok" and session.rcpt() == REFUSED and session.helpers() == []
        else:
            assert session.mail() == "451 SPF lookup failure (#4.3.0)"
        session.quit()
    assert first.mail("other@sender.example") == "451 SPF lookup failure (#4.3.0)", "one that has begun keeps them"
    first.quit()
    assert server.poll() is None and len(children(server.pid)) == 1


def test_no_more_sessions_than_it_serves(box):
    """A connection that is one too many is closed, and its session starts a program of its own."""
    use_spf(box)
    server = resident(box)
    streams = []
    for _ in range(500):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(PLACE)
        streams.append(stream)
    until(lambda: len(sessions_of(server)) == 500, 30, "all children")
    session = Session(box)
    assert session.mail() == "250 ok" and session.rcpt() == REFUSED and len(session.helpers()) == 1
    session.quit()
    for stream in streams:
        stream.close()
    until(lambda: not sessions_of(server), 30, "the end of all children")
    session = Session(box)
    assert session.mail() == "250 ok" and session.rcpt() == REFUSED and session.helpers() == []
    session.quit()
