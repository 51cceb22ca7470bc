"""qmail-smtpd with mfcheck, SPF and lists of clients, and what becomes of it when qmail-mailauth does not play along."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dns_zone import serve

CLIENT = "192.0.2.99"
QUERY = "99.2.0.192.bl.example"
SPF_FAILS = {"sender.example": {"TXT": ["v=spf1 -all"], "A": ["192.0.2.7"]}}
LISTED = {QUERY: {"A": ["127.0.0.2"], "TXT": ["listed"]}}


class Session:
    """qmail-smtpd over pipes, one command after the other."""

    def __init__(self, box, env=None):
        box.control("rcpthosts", "here.example\n")
        self.process = subprocess.Popen([str(box.program("qmail-smtpd"))], env=box.env | {"TCPREMOTEIP": CLIENT} | (env or {}), cwd="/",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.reply().startswith("220 ")
        assert self.say("HELO client.example").startswith("250 ")

    def reply(self):
        return self.process.stdout.readline().decode().rstrip("\r\n")

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\r\n")
        self.process.stdin.flush()
        return self.reply()

    def mail(self, sender="ann@sender.example"):
        return self.say(f"MAIL FROM:<{sender}>")

    def rcpt(self):
        return self.say("RCPT TO:<bob@here.example>")

    def quit(self):
        assert self.say("QUIT").startswith("221 ")
        self.process.stdin.close()
        assert self.process.wait(5) == 0
        return self.process.stderr.read().decode()

    def helpers(self):
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((path / "stat").read_text().rpartition(") ")[2].split()[1])
                name = os.readlink(path / "exe")
            except OSError:
                continue
            if parent == self.process.pid and name.endswith("/qmail-mailauth"):
                found.append(int(path.name))
        return found


def test_one_helper_answers_a_whole_session(box):
    serve(SPF_FAILS | LISTED)
    box.control("spfbehavior", "3\n")
    box.control("mfcheck", "1\n")
    box.control("dnsbllist", "=bl.example\n")
    session = Session(box)
    assert session.helpers() == []
    assert session.mail() == "250 ok"
    first = session.helpers()
    assert len(first) == 1
    assert session.rcpt() == "550 sorry, SPF of sender.example does not allow 192.0.2.99 (#5.7.1)"
    assert session.mail("x@gone.example") == "553 sorry, your envelope sender domain must exist (#5.7.1)"
    assert session.helpers() == first
    log = session.quit()
    assert log.count("rbl: ") == 1 and f"rbl: ip={CLIENT} query={QUERY} result=ignore message='listed'" in log
    assert not os.path.exists(f"/proc/{first[0]}")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("checks, reply", [({"mfcheck": "1\n"}, "451 DNS temporary failure (#4.3.0)"),
                                           ({"spfbehavior": "3\n"}, "451 SPF lookup failure (#4.3.0)"),
                                           ({"spfbehavior": "1\n"}, "250 ok")])
def test_a_helper_that_is_gone_is_a_failed_look_up(box, how, checks, reply):
    serve(SPF_FAILS)
    box.control("timeoutdns", "0\n")
    for name, text in checks.items():
        box.control(name, text)
    session = Session(box)
    session.mail("other@sender.example")
    os.kill(session.helpers()[0], how)
    started = time.monotonic()
    assert session.mail() == reply
    assert time.monotonic() - started < 10
    # No second one is started.
    assert session.mail("third@sender.example") == reply and session.helpers() == []
    if reply == "250 ok":
        assert session.rcpt() == "250 ok"
    session.quit()


def replace_helper(program):
    """Another file in the place of qmail-mailauth, for this test alone."""
    subprocess.run(["mount", "--bind", str(program), "/var/qmail/bin/qmail-mailauth"], check=True)


@pytest.mark.parametrize("script", ["exit 0\n", "echo 5:hello, >&0\nexec sleep 9\n", "printf 99999999999999999999999: >&0\nexec sleep 9\n",
                                    "printf 3:m9:, >&0\nexec sleep 9\n", "exec /nonexistent\n", "yes >&0\n"])
def test_a_helper_that_talks_nonsense_is_a_failed_look_up(box, script):
    box.control("spfbehavior", "6\n")
    replace_helper(box.file("/tmp/helper", "#!/bin/sh\n" + script, mode=0o755))
    session = Session(box)
    assert session.mail() == "451 SPF lookup failure (#4.3.0)"
    assert session.say("NOOP") == "250 ok"
    session.quit()


def test_without_a_helper_the_session_goes_on(box):
    box.control("dnsbllist", "-bl.example\n")
    box.control("dnsblfailclosed", "1\n")
    replace_helper("/dev/null")
    session = Session(box)
    assert session.mail() == "250 ok"
    assert session.rcpt() == "451 temporary RBL lookup error"
    session.quit()


def test_no_line_without_an_answer_lets_clients_pass_where_errors_refuse(box):
    serve({})
    replace_helper("/dev/null")
    for line, closed, reply in (("=bl.example", "1", "451 temporary RBL lookup error"), ("+bl.example", "1", "250 ok"), ("=bl.example", "0", "250 ok")):
        box.control("dnsbllist", line + "\n")
        box.control("dnsblfailclosed", closed + "\n")
        session = Session(box)
        assert session.mail() == "250 ok" and session.rcpt() == reply, line
        session.quit()


def test_bad_lines_are_named_once(box):
    box.control("dnsbllist", "-bl.example\nbl example\nbl.example=x\n")
    log = Session(box).quit()
    assert "]: control/dnsbllist: bad line: bl example (no zone of the DNS)\n" in log
    assert "]: control/dnsbllist: bad line: bl.example=x (no address of a list)\n" in log
    assert log.count("bad line") == 2


def test_an_unreadable_list_serves_nobody(box):
    box.mkdir("control/dnsbllist")
    result = box.run(["qmail-smtpd"], b"QUIT\r\n")
    assert (result.code, result.out) == (1, b"421 unable to read controls (#4.3.0)\r\n")


@pytest.mark.parametrize("variables, reply", [({"MFCHECK": "0"}, "250 ok"), ({"MFDNSCHECK": "0"}, "250 ok"), ({"MFDNSCHECK": ""}, "553 "),
                                              ({"MFCHECK": "", "MFDNSCHECK": "1"}, "250 ok"), ({}, "553 ")])
def test_variables_win_over_mfcheck(box, variables, reply):
    serve({})
    box.control("mfcheck", "1\n")
    session = Session(box, variables)
    assert session.mail("x@gone.example").startswith(reply)
    # These have no domain to look up.
    for sender in ("", "root", "x@[192.0.2.1]"):
        assert session.mail(sender) == "250 ok"
    session.quit()


@pytest.mark.parametrize("variables", [{"SPF": "3"}, {"SPFBEHAVIOR": "3", "SPF": "0"}])
def test_both_names_of_the_level_of_spf(box, variables):
    serve(SPF_FAILS)
    session = Session(box, variables)
    assert session.mail() == "250 ok" and session.rcpt().startswith("550 ")
    session.quit()


def test_a_client_without_address_is_not_checked(box):
    serve(SPF_FAILS | LISTED)
    box.control("spfbehavior", "6\n")
    box.control("dnsbllist", "-bl.example\n")
    session = Session(box, {"TCPREMOTEIP": "unknown"})
    assert session.mail() == "250 ok" and session.rcpt() == "250 ok"
    assert session.helpers() == []
    session.quit()


def test_nothing_is_asked_where_nothing_is_configured(box):
    """No process, no socket."""
    box.capture_queue()
    trace = Path("/tmp/trace")
    dialogue = b"HELO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@here.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
    box.control("rcpthosts", "here.example\n")
    result = box.run(["/usr/bin/strace", "-o", str(trace), "-e", "trace=%process,%network", str(box.program("qmail-smtpd"))], dialogue)
    assert b"\n250 ok " in result.out
    calls = [line for line in trace.read_text().splitlines() if not line.startswith(("exit", "+++", "---"))]
    started = [line for line in calls if line.startswith(("clone", "fork", "vfork"))]
    assert len(started) == 1, calls
    on_sockets = [line for line in calls if line.startswith(("socket", "connect", "bind"))]
    assert on_sockets == []


def test_fields_and_variables_of_the_message(box):
    serve(SPF_FAILS)
    box.control("spfbehavior", "1\n")
    box.control("dnsbllist", "-bl.example\n")
    queue = box.path("queue-program")
    queue.write_text("#!/bin/sh\n{ echo \"$SPFRESULT $RBLRESULT\"; cat; } >/tmp/message\ncat <&1 >/dev/null\n")
    queue.chmod(0o755)
    session = Session(box, {"QMAILQUEUE": str(queue)})
    assert session.mail() == "250 ok" and session.rcpt() == "250 ok"
    assert session.say("DATA").startswith("354 ")
    assert session.say("Subject: x\r\n\r\nhi\r\n.").startswith("250 ok ")
    session.quit()
    lines = Path("/tmp/message").read_text().splitlines()
    assert lines[0] == "fail pass"
    assert lines[1].startswith("Received: from ")
    field = [line for line in lines if line.startswith("Received-SPF: fail (")]
    assert len(field) == 1 and lines.index(field[0]) == 3
