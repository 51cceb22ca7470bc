"""The helpers of qmail-smtpd killed, stopped, slow, or lying: mail is deferred or passes as the switch says, and never refused for good."""

import os
import re
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from conformlib.process import until
from dns_zone import serve
from test_authentication import KEPT, begin, zone
from test_mailauth_resident import PLACE as RESIDENT
from test_mailauth_resident import resident, sessions_of, use_spf
from test_sender_checks import Session, replace_helper
from test_smtpd_filters import ENVELOPE, PLACE, UNAVAILABLE, Milter, Policy, deliver, last_but_quit
from test_smtpd_recipients import ME, check, session

INET = ("127.0.0.1", 4033)
PLACES = {"unix": f"unix:{PLACE}", "inet": "inet:127.0.0.1:4033"}
POLICY_AWAY = b"451 policy service unavailable (#4.3.0)"
UNVERIFIED = b"421 unable to verify recipient (#4.3.0)\r\n"


def refusals(out):
    """The permanent refusals in the replies, but those of lines that are no commands, or come too early, because an earlier command was deferred."""
    return [line for line in out.split(b"\r\n") if line.startswith(b"5") and not line.startswith((b"502 ", b"503 "))]


def on_inet(service):
    """Lets a service, which listens on a path, listen on INET instead."""
    service.listener.close()
    service.listener = socket.create_server(INET, backlog=8)
    threading.Thread(target=service.accept, daemon=True).start()
    return service


def separate(make, kind):
    """The pid of a process with a service in it, which listens already."""
    ready, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        service = make()
        if kind == "inet":
            on_inet(service)
        os.write(report, b"x")
        time.sleep(80)
        os._exit(0)
    os.read(ready, 1)
    return pid


def strike(pid, number, after):
    """Sends the signal once `after` seconds have passed."""
    threading.Timer(after, os.kill, (pid, number)).start()


def judged_without_milter(box, default):
    """A message of which the milter says nothing: it is queued where, and only where, the client is told so."""
    lines, said = deliver(box)
    assert refusals(said.out) == [], said.out
    accepted = [line for line in lines if line.startswith(b"250 ok ")]
    assert len(accepted) == len(box.captured()) == (1 if default == "accept" else 0), said.out
    assert (UNAVAILABLE in said.out) == (default == "tempfail")
    assert said.err.count(b": milter: ") == 1, said.err


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
@pytest.mark.parametrize("kind, default", [("unix", "accept"), ("inet", "tempfail"), ("inet", "accept")])
def test_a_milter_that_is_gone(box, kind, default, number):
    pid = separate(Milter, kind)
    os.kill(pid, number)
    box.control("smtpdmilters", f"{PLACES[kind]},timeout=1,default={default}\n")
    judged_without_milter(box, default)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("default", ["tempfail", "accept"])
def test_a_milter_that_is_killed_while_it_judges(box, kind, default):
    strikes = Path("/tmp/judges")

    def die():
        strikes.touch()
        os.kill(os.getpid(), signal.SIGKILL)

    separate(lambda: Milter({"E": die}), kind)
    box.control("smtpdmilters", f"{PLACES[kind]},default={default}\n")
    judged_without_milter(box, default)
    assert strikes.exists()


def when_stopped(pid_of, *numbers):
    """Sends the signals as soon as the process, whose pid is in the file, is stopped."""
    def state():
        try:
            return Path(f"/proc/{pid_of.read_text().strip()}/stat").read_text().rpartition(") ")[2][0]
        except OSError:
            return ""

    def act():
        until(lambda: state() == "T", 20, "a stopped process")
        time.sleep(0.3)
        for number in numbers:
            os.kill(int(pid_of.read_text()), number)

    threading.Thread(target=act, daemon=True).start()


def stops_at_the_end():
    Path("/tmp/pid").write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
    # Another thread may take the signal, and this one go on for a moment.
    time.sleep(0.5)
    return b"c"


@pytest.mark.parametrize("default", ["tempfail", "accept"])
def test_a_milter_that_is_stopped_while_it_judges(box, default):
    """It has its 300 seconds: if it goes on within them its answer counts, if it is killed its line does."""
    separate(lambda: Milter({"E": stops_at_the_end}), "unix")
    box.control("smtpdmilters", f"{PLACES['unix']},timeout=1,default={default}\n")
    when_stopped(Path("/tmp/pid"), signal.SIGCONT)
    lines, said = deliver(box)
    assert last_but_quit(lines).startswith(b"250 ok ") and said.err == b"" and len(box.captured()) == 1, said
    Path("/tmp/pid").unlink()
    Path(PLACE).unlink()
    separate(lambda: Milter({"E": stops_at_the_end}), "unix")
    when_stopped(Path("/tmp/pid"), signal.SIGKILL)
    before = len(box.captured())
    lines, said = deliver(box)
    assert refusals(said.out) == [] and (UNAVAILABLE in said.out) == (default == "tempfail"), said.out
    assert len(box.captured()) - before == (1 if default == "accept" else 0)


@pytest.mark.slow
@pytest.mark.limit(400)
def test_a_milter_that_stays_stopped_while_it_judges(box):
    pid = separate(lambda: Milter({"E": stops_at_the_end}), "unix")
    box.control("smtpdmilters", f"{PLACES['unix']},timeout=1\n")
    started = time.monotonic()
    _, said = deliver(box, timeout=360)
    assert UNAVAILABLE in said.out and refusals(said.out) == [] and box.captured() == [], said
    assert 295 < time.monotonic() - started < 330
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", PLACES)
def test_a_slow_milter_is_waited_for(box, kind):
    def slow():
        time.sleep(0.3)
        return b"c"

    milter = Milter({letter: slow for letter in "CHMRTLNBE"})
    if kind == "inet":
        on_inet(milter)
    box.control("smtpdmilters", f"{PLACES[kind]},timeout=2\n")
    lines, said = deliver(box)
    assert last_but_quit(lines).startswith(b"250 ok ") and said.err == b"", said


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("default, reply", [("dunno", b"250 ok"), ("defer", POLICY_AWAY)])
def test_a_policy_service_that_is_gone(box, kind, number, default, reply):
    pid = separate(lambda: Policy("REJECT never said"), kind)
    os.kill(pid, number)
    box.control("smtpdpolicy", f"{PLACES[kind]},timeout=1,default={default}\n")
    started = time.monotonic()
    said = box.smtpd_dialogue([*ENVELOPE, "RCPT TO:<carl@host.example.org>", "QUIT"])
    assert said.out.split(b"\r\n")[-4:-2] == [reply, reply] and time.monotonic() - started < 5, said.out
    assert said.err.count(f"policy: {PLACES[kind]}: ".encode()) == 1
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", PLACES)
def test_a_policy_service_that_goes_between_two_recipients(box, kind):
    """The connection is kept open and dies with the service: what it said of one recipient stays, the next one is deferred."""
    pid = separate(lambda: Policy("DUNNO"), kind)
    box.control("smtpdpolicy", f"{PLACES[kind]},timeout=1,default=defer\n")
    box.control("tarpitcount", "1\n")
    box.control("tarpitdelay", "1\n")
    strike(pid, signal.SIGKILL, 1.0)
    said = box.smtpd_dialogue([*ENVELOPE, "RCPT TO:<carl@host.example.org>", "RCPT TO:<dora@host.example.org>", "QUIT"])
    assert said.out.split(b"\r\n")[3:-2][-3:] == [b"250 ok", b"250 ok", POLICY_AWAY], said.out


LIES = ["exit 0\n", "echo 5:hello, >&0\nexec sleep 9\n", "printf 99999999999999999999999: >&0\nexec sleep 9\n", "printf 3:m9:, >&0\nexec sleep 9\n",
        "yes >&0\n", "cat <&0 >&0\n"]


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("closed", [False, True])
def test_a_judge_that_lies_about_a_message(box, lie, closed):
    """The policy of the author is to reject, but nobody can say so."""
    serve(zone())
    replace_helper(box.file("/tmp/helper", "#!/bin/sh\n" + lie, mode=0o755))
    box.control("dmarc", "reject\n")
    box.control("timeoutdns", "0\n")
    box.control("dmarcfailclosed", f"{int(closed)}\n")
    talk = begin(box)
    reply = talk.say("From: ann@sender.example\r\n\r\n" + ("x" * 70 + "\r\n") * 3000 + ".")
    if closed:
        assert reply == "451 DMARC lookup failure (#4.3.0)" and not KEPT.exists()
    else:
        assert reply.startswith("250 ok ") and "dkim=temperror; dmarc=temperror" in KEPT.read_text().replace("\n ", " ")
    talk.quit()


def test_a_slow_judge_is_waited_for(box):
    serve(zone())
    box.control("dmarc", "reject\n")
    talk = begin(box)
    [judge] = talk.helpers()
    os.kill(judge, signal.SIGSTOP)
    strike(judge, signal.SIGCONT, 1)
    assert talk.say("From: ann@sender.example\r\n\r\nhi\r\n.").startswith("550 sorry, the DMARC policy of sender.example ")
    talk.quit()


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
@pytest.mark.parametrize("closed", [False, True])
def test_a_child_of_the_resident_judge_that_goes_while_the_message_comes(box, number, closed):
    use_spf(box, zone())
    box.control("spfbehavior", None)
    box.control("dmarc", "reject\n")
    box.control("timeoutdns", "1\n")
    box.control("dmarcfailclosed", f"{int(closed)}\n")
    server = resident(box)
    talk = begin(box)
    [judge] = sessions_of(server)
    assert talk.helpers() == []
    os.kill(judge, number)
    reply = talk.say("From: ann@sender.example\r\n\r\n" + ("x" * 70 + "\r\n") * 3000 + ".")
    assert reply == "451 DMARC lookup failure (#4.3.0)" if closed else reply.startswith("250 ok ")
    assert KEPT.exists() != closed
    talk.quit()
    assert server.poll() is None


class Proxy:
    """Between the sessions and the resident judge: passes on what they say, but for the answer of this number, counted from 0."""

    def __init__(self, number, lie):
        os.mkdir(os.path.dirname(RESIDENT))
        self.number, self.lie = number, lie
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(RESIDENT)
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            judge = socket.socket(socket.AF_UNIX)
            judge.connect(BEHIND)
            threading.Thread(target=self.ask, args=(client, judge), daemon=True).start()
            threading.Thread(target=self.answer, args=(client, judge), daemon=True).start()

    @staticmethod
    def ask(client, judge):
        try:
            while data := client.recv(65536):
                judge.sendall(data)
        except OSError:
            pass
        judge.close()

    def answer(self, client, judge):
        try:
            for _ in range(self.number):
                client.sendall(judge.recv(65536))
            judge.recv(65536)
            client.sendall(self.lie)
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


BEHIND = "/tmp/behind/socket"
LATER_LIES = [b"", b"5:hello,", b"99999999999999999999999:", b"3:m9:,", b"40000000:" + b"x" * 3000000, b"y\n" * 5000, b"200:half"]


@pytest.mark.parametrize("lie", LATER_LIES)
def test_a_resident_judge_that_lies_about_a_later_sender(box, lie):
    use_spf(box, zone())
    server = resident(box, BEHIND)
    Proxy(1, lie)
    talk = Session(box)
    assert talk.mail() == "250 ok" and talk.rcpt().startswith("550 sorry, SPF ")
    assert talk.mail("other@sender.example") == "451 SPF lookup failure (#4.3.0)"
    assert talk.mail("third@sender.example") == "451 SPF lookup failure (#4.3.0)"
    talk.quit()
    assert server.poll() is None


@pytest.mark.parametrize("lie", LATER_LIES)
@pytest.mark.parametrize("closed", [False, True])
def test_a_resident_judge_that_lies_about_a_message(box, lie, closed):
    use_spf(box, zone())
    box.control("spfbehavior", None)
    box.control("dmarc", "reject\n")
    box.control("dmarcfailclosed", f"{int(closed)}\n")
    server = resident(box, BEHIND)
    Proxy(1, lie)
    talk = begin(box)
    reply = talk.say("From: ann@sender.example\r\n\r\n" + ("x" * 70 + "\r\n") * 3000 + ".")
    assert reply == "451 DMARC lookup failure (#4.3.0)" if closed else reply.startswith("250 ok "), reply
    assert KEPT.exists() != closed
    assert closed or "dkim=temperror; dmarc=temperror" in KEPT.read_text().replace("\n ", " ")
    talk.quit()
    assert server.poll() is None


STOPS = {"before the message": "kill -STOP $$\ncat >{0}\ncat <&1 >{1}\n", "after the message": "cat >{0}\nkill -STOP $$\ncat <&1 >{1}\n",
         "after the envelope": "cat >{0}\ncat <&1 >{1}\nkill -STOP $$\n"}


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("place", STOPS)
@pytest.mark.parametrize("number", [signal.SIGCONT, signal.SIGKILL])
def test_a_queue_program_that_is_stopped(box, held, place, number):
    """It is waited for; what becomes of the message is what it says when it goes on, and a death is a reason to try again."""
    serve({})
    if held:
        box.control("dkimverify", "1\n")
    pid, envelope = Path("/tmp/pid"), Path("/tmp/envelope")
    program = box.file("/tmp/stops", f"#!/bin/sh\numask 0\necho $$ >{pid}.new && mv {pid}.new {pid}\n" + STOPS[place].format(KEPT, envelope), mode=0o755)
    when_stopped(pid, number)
    talk = Session(box, {"QMAILQUEUE": str(program)})
    assert talk.mail() == "250 ok" and talk.rcpt() == "250 ok" and talk.say("DATA").startswith("354 ")
    body = ("x" * 70 + "\r\n") * 5000
    reply = talk.say(f"From: ann@sender.example\r\n\r\n{body}.")
    if number == signal.SIGKILL:
        assert reply == "451 qq crashed (#4.3.0)"
    else:
        assert reply.startswith("250 ok ")
        assert KEPT.read_text().endswith(body.replace("\r", "")) and envelope.read_bytes() == b"Fann@sender.example\0Tbob@here.example\0\0"
    assert talk.mail() == "250 ok"
    talk.quit()


@pytest.mark.parametrize("what", ["kill -KILL $$", "kill -STOP $$", "yes >&4", "exec sleep 99",
                                  "echo '550 not you' >&4; kill -KILL $$", "echo '550 not you' >&4; kill -STOP $$"])
def test_a_rcptcheck_that_does_not_end_well(box, what):
    """Nothing that it has said counts."""
    box.control("timeoutsmtpd", "2\n")
    started = time.monotonic()
    said = session(box, f"bob@{ME}", env=check(box, what))
    assert said.out.endswith(UNVERIFIED) and said.code == 1 and refusals(said.out) == [] and time.monotonic() - started < 10


@pytest.mark.parametrize("what, reply", [("sleep 0.5; exit 0", b"250 ok"), ("sleep 0.5; exit 100", b"550 sorry, no mailbox here by that name. (#5.1.1)"),
                                         ("echo nonsense >&4", b"451 temporary problem (#4.4.2)"), ("echo 250 ok >&4; exit 100", b"451 temporary problem (#4.4.2)")])
def test_a_rcptcheck_that_is_slow_or_lies(box, what, reply):
    said = session(box, f"bob@{ME}", env=check(box, what))
    assert said.out.split(b"\r\n")[-3] == reply, said.out


@pytest.mark.parametrize("what", ["kill -KILL $$", "kill -STOP $$", "exec sleep 99", "exit 7", "exec /nonexistent"])
def test_a_program_of_recipients_that_does_not_end_well(box, what):
    program = box.file("/mnt/program", f"#!/bin/sh\n{what}\n", mode=0o755)
    box.control("recipients", f"*|{program}\n")
    box.control("timeoutsmtpd", "2\n")
    said = session(box, f"bob@{ME}")
    assert said.out.split(b"\r\n")[-3] == b"451 unable to check recipient (#4.3.0)", said.out
    assert f"recipients: unable to check address <bob@{ME}>".encode() in said.err


def test_the_lists_of_clients_are_read_once(box):
    """In a session with several messages, whose checks ask for them again and again."""
    serve({})
    box.control("dnsbllist", "-bl.example\n")
    box.control("rcpthosts", "here.example\n")
    message = "MAIL FROM:<a@b.example>\r\nRCPT TO:<bob@here.example>\r\nRCPT TO:<carl@here.example>\r\nRSET\r\n"
    traced = box.run(["/usr/bin/strace", "-f", "-o", "/tmp/trace", "-e", "trace=open,openat", str(box.program("qmail-smtpd"))],
                     f"HELO c\r\n{message * 3}QUIT\r\n".encode(), env={"TCPREMOTEIP": "192.0.2.99"})
    assert traced.out.count(b"250 ok") >= 9
    with open("/tmp/trace", encoding="latin-1") as trace:
        assert len(re.findall(r'"(?:\S*/)?control/dnsbllist"|"dnsbllist"', trace.read())) == 1
