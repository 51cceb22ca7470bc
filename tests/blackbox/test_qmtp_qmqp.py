"""qmail-qmtpd, qmail-qmqpd, qmail-qmqpc: limits, hostile peers, odd descriptors, custom rejections."""

import os
import socket
import time

import pytest

from conformlib import NETSTRING, delay

SENDER = b"s@client.example"
BOB = b"bob@host.example.org"


def netstring(data):
    return b"%d:%s," % (len(data), data)


def qmtp(message, sender, *rcpts):
    return netstring(message) + netstring(sender) + netstring(b"".join(map(netstring, rcpts)))


def qmqp(message, sender, *rcpts):
    return netstring(b"".join(map(netstring, (message, sender, *rcpts))))


def talk(box, program, data, env=None):
    return box.netstring_dialogue(program, [data], env=env, one_by_one=False)


# Servers


@pytest.mark.parametrize("program, data, field", [
    ("qmail-qmtpd", qmtp(b"\nx\n", SENDER, BOB), b"QMTP"), ("qmail-qmqpd", qmqp(b"x\n", SENDER, BOB), b"QMQP")])
def test_ipv6_peers(box, program, data, field):
    """Received shows an IPv6 client in the same way as an IPv4 client."""
    box.capture_queue()
    talk(box, program, data, {"PROTO": "TCP6", "TCPREMOTEIP": "2001:db8::7", "TCPLOCALIP": "2001:db8::1"})
    assert box.captured()[0][0].startswith(
        b"Received: from client.example.net (2001:db8::7)\n  by host.example.org with " + field + b"; ")


@pytest.mark.parametrize("letter, code", [(b"D", 82), (b"Z", 82), (b"D", 88)])
def test_custom_rejection(box, letter, code):
    """The text of a queue program goes to the client."""
    box.file("/tmp/queue", f"#!/bin/sh\ncat >/dev/null\nprintf '%s' '{letter.decode()}not today' >&4\nexit {code}\n",
             mode=0o755)
    env = {"QMAILQUEUE": "/tmp/queue"}
    assert talk(box, "qmail-qmqpd", qmqp(b"x\n", SENDER, BOB), env).out == netstring(letter + b"not today")
    assert talk(box, "qmail-qmtpd", qmtp(b"\nx\n", SENDER, BOB, BOB), env).out == netstring(letter + b"not today") * 2


def test_lengths_that_wrap(box):
    """Lengths do not overflow."""
    for digits in (b"18446744073709551617:", b"4294967297:", b"9" * 20 + b":", b"2000000010:"):
        assert talk(box, "qmail-qmtpd", digits + b"x,").code == 111
        assert talk(box, "qmail-qmqpd", digits + b"x,").code == 111
    assert talk(box, "qmail-qmtpd", b"0" * 21 + b"1:").code == 100


def test_lengths_that_wrap_inside(box):
    """A field cannot be longer than its container."""
    for digits, code in ((b"99:", 100), (b"2000000009:", 100), (b"2000000010:", 111), (b"18446744073709551616:", 111)):
        for front in (b"", netstring(b"x"), netstring(b"x") + netstring(SENDER)):
            talked = talk(box, "qmail-qmqpd", netstring(front + digits + b"x,"))
            assert (talked.code, talked.out) == (code, b"")
        talked = talk(box, "qmail-qmtpd", netstring(b"\nx\n") + netstring(SENDER) + netstring(digits + b"x,"))
        assert (talked.code, talked.out) == (code, b"")


@pytest.mark.parametrize("address", [b"a\rb@host.example.org", b"a\nX: y@host.example.org", b"\x1b[2J@host.example.org", b"a\x7f"])
def test_control_characters_in_addresses(box, address):
    """They would get into header lines."""
    box.capture_queue()
    assert talk(box, "qmail-qmtpd", qmtp(b"\nx\n", address, BOB)).out == netstring(b"Dunacceptable sender (#5.1.7)")
    answers = talk(box, "qmail-qmtpd", qmtp(b"\nx\n", SENDER, address, BOB)).out
    assert answers.startswith(netstring(b"Dsorry, I can't handle that recipient (#5.1.3)")) and answers.count(b":Kok ") == 1
    for package in (qmqp(b"x\n", address, BOB), qmqp(b"x\n", SENDER, BOB, address)):
        assert talk(box, "qmail-qmqpd", package).out == netstring(b"Dsorry, I can't accept addresses like that (#5.1.3)")
    assert [captured[1:] for captured in box.captured() if captured[1]] == [(SENDER, [BOB])]


@pytest.mark.parametrize("address, relay, known", [
    (b"a\0b@other.example", None, False), (b"a@other.example\0", None, False), (b"a\0b@host.example.org", None, True),
    (b"a\0b", None, True), (b"a\0b@other.example", "", True), (b"a" * 1000 + b"@other.example", None, True),
    (b"a" * 985 + b"@other.example", None, False)])
def test_unlisted_hosts_come_before_odd_addresses(box, address, relay, known):
    box.capture_queue()
    box.control("rcpthosts", "host.example.org\n")
    env = {} if relay is None else {"RELAYCLIENT": relay}
    text = b"Dsorry, I can't handle that recipient (#5.1.3)" if known else \
        b"Dsorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"
    assert talk(box, "qmail-qmtpd", qmtp(b"\nx\n", SENDER, address), env).out == netstring(text)


def test_envelope_of_16_mib(box):
    """QMTP accepts recipients that fit and refuses the rest temporarily; QMQP has one answer for all."""
    box.capture_queue()
    recipient = b"r" * 990
    room = ((16 << 20) - 1 - len(SENDER) - 2) // (990 + 2)
    for program, package in (("qmail-qmtpd", qmtp(b"\nx\n", SENDER, *[recipient] * (room + 100))),
                             ("qmail-qmqpd", qmqp(b"x\n", SENDER, *[recipient] * (room + 1)))):
        box.file("/tmp/package", package)
        command = f"ulimit -v 40000; exec {program} </tmp/package"
        result = box.run(["/bin/sh", "-c", command], as_user="qmaild", timeout=30)
        assert result.code == 0
        if program == "qmail-qmtpd":
            assert result.out.count(b":Kok ") == room
            assert result.out.endswith(netstring(b"Ztoo many recipients (#4.5.3)") * 100)
            assert len(box.captured()[0][2]) == room
        else:
            assert result.out == netstring(b"Dsorry, too many recipients (#5.5.3)")


@pytest.mark.parametrize("end, code", [(b"x", 100), (b"30000000000:", 111), (netstring(b"no line format"), 100),
                                       (netstring(b"\nx\n") + b"1:s;", 100)])
def test_answers_before_a_protocol_error(box, end, code):
    """An accepted package is acknowledged, whatever follows it in the same write."""
    box.capture_queue()
    talked = talk(box, "qmail-qmtpd", qmtp(b"\nx\n", SENDER, BOB, BOB) + qmtp(b"\ny\n", SENDER, BOB) + end + b"0" * 20)
    assert talked.code == code
    assert talked.out.count(b":Kok ") == 3


def test_me_that_cannot_be_read(box):
    """If it cannot be read, the program exits before it reads input, although the value is not used."""
    box.file("control/me", "host.example.org\n", mode=0o600)
    box.control("qmqpservers", "192.0.2.1\n")
    server = box.server(628, [NETSTRING, netstring(b"Kok")])
    result = box.run(["qmail-qmtpd"], qmtp(b"\nx\n", SENDER, BOB), as_user="qmaild")
    assert (result.code, result.out, result.err) == (111, b"", b"")
    assert submit(box) == 55
    assert server.connections == []


def test_a_queue_program_that_talks_first(box):
    box.file("/tmp/queue", "#!/bin/sh\nprintf Z >&4\nhead -c 300000 /dev/zero | tr '\\0' y >&4\ncat >/dev/null\nexit 88\n", mode=0o755)
    env = {"QMAILQUEUE": "/tmp/queue"}
    words = netstring(b"Z" + b"y" * 255)
    assert talk(box, "qmail-qmqpd", qmqp(b"x" * 300_000, SENDER, BOB), env).out == words
    assert talk(box, "qmail-qmtpd", qmtp(b"\n" + b"x" * 300_000, SENDER, BOB), env).out == words


def test_a_huge_address_costs_no_memory(box):
    """A sender and a recipient of 64 MB each are refused; they are read to their ends and not kept in memory."""
    box.capture_queue()
    big = b"x" * (64 << 20)
    box.file("/tmp/package", qmtp(b"\nx\n", SENDER, big) + qmtp(b"\nx\n", big, BOB))
    result = box.run(["/bin/sh", "-c", "ulimit -v 40000; exec qmail-qmtpd </tmp/package"], as_user="qmaild", timeout=20)
    assert result.code == 0
    assert result.out == netstring(b"Dsorry, I can't handle that recipient (#5.1.3)") + netstring(
        b"Dunacceptable sender (#5.1.7)")


def test_nothing_is_queued_for_nobody(box):
    """A package without accepted recipients leaves nothing in the queue."""
    box.control("rcpthosts", "host.example.org\n")
    assert talk(box, "qmail-qmtpd", qmtp(b"\nx\n", SENDER) + qmtp(b"\nx\n", SENDER, b"x@else.example")).code == 0
    deadline = time.monotonic() + 5
    while box.queue_tree() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert box.queue_tree() == {}


def test_closed_output(box):
    """If descriptor 1 is closed, no pipe to the queue program gets its number."""
    box.capture_queue()
    assert box.run(["/bin/sh", "-c", "exec qmail-qmqpd >&-"], qmqp(b"x\n", SENDER, BOB), as_user="qmaild").code == 0
    assert box.captured()[0][1:] == (SENDER, [BOB])
    assert box.run(["qmail-qmqpd"], None, as_user="qmaild").code == 0
    assert box.run(["qmail-qmtpd"], None, as_user="qmaild").code == 0


def test_home_that_cannot_be_entered(box):
    for program in ("qmail-qmtpd", "qmail-qmqpd"):
        box.file(f"/tmp/{program}", box.path(f"bin/{program}").read_bytes(), mode=0o755)
    box.path(".").chmod(0o700)
    for program in ("qmail-qmtpd", "qmail-qmqpd"):
        result = box.run([f"/tmp/{program}"], b"", as_user="qmaild")
        assert (result.code, result.out, result.err) == (111, b"", b"")


def test_answers_go_out_together(box):
    """The answers to packages that arrive together are one write, so no segment waits for an acknowledgement."""
    box.capture_queue()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        os.dup2(theirs.fileno(), 0)
        os.dup2(theirs.fileno(), 1)
        os.execve(box.program("qmail-qmtpd"), ["qmail-qmtpd"], box.env)
    theirs.close()
    ours.send(qmtp(b"\nx\n", SENDER, *[BOB] * 20) + qmtp(b"\ny\n", SENDER, BOB))
    assert ours.recv(65536).count(b":Kok ") == 21
    ours.close()
    os.waitpid(pid, 0)


# qmail-qmqpc

ENVELOPE = b"Fs@a.example\0Tb@b.example\0\0"


def submit(box, message=b"x\n", envelope=ENVELOPE, **options):
    return box.run(["qmail-qmqpc"], message, extra_fds={1: envelope}, **{"as_user": "alice", "timeout": 15} | options).code


@pytest.mark.parametrize("answer, code", [
    (b"3:Xno,", 74), (b"Kok", 0), (b"x", 74), (b"99999999999:K", 0), (b"9:K", 0), (b"0:,", 74), (b"-1:K,", 0), (b"ok\nDno", 31),
    (b"3:xZK", 71), (b"3:kzd,", 74), (b"1" * 2000 + b"D", 31), (b"\0\xff:\0K", 0)])
def test_odd_answers(box, answer, code):
    """The first K, Z or D in the answer counts; without one the connection counts as broken."""
    box.control("qmqpservers", "192.0.2.1\n")
    box.server(628, [NETSTRING, answer])
    assert submit(box) == code


def test_server_that_takes_nothing(box):
    """The client gives up a server that does not read."""
    listener = socket.create_server(("192.0.2.1", 628))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    box.control("qmqpservers", "192.0.2.1\n")
    import subprocess
    message = box.file("/tmp/message", b"line\n" * 4_000_000)
    envelope = box.file("/tmp/envelope", ENVELOPE)
    with open(message, "rb") as text, open(envelope, "rb") as records:
        child = subprocess.Popen([box.program("qmail-qmqpc")], stdin=text, stdout=records, env=box.env)
        peer, _ = listener.accept()
        time.sleep(0.3)
        assert child.poll() is None
        peer.close()
        assert child.wait(10) == 74


@pytest.mark.parametrize("lines", ["2001:db8::1\n::1\n", "[::1]\n::1 with words\n"])
def test_ipv6_servers(box, lines):
    """Unreachable servers are skipped, like any other."""
    server = box.server(628, [NETSTRING, netstring(b"Kok")], "::1")
    box.control("qmqpservers", lines)
    assert submit(box) == 0
    assert len(server.connections) == 1


def test_descriptors(box):
    """A closed message or envelope cannot be read, an empty envelope is malformed, and no server is tried."""
    box.control("qmqpservers", "192.0.2.1\n")
    server = box.server(628, [NETSTRING, netstring(b"Kok")])
    assert box.run(["qmail-qmqpc"], None, extra_fds={1: ENVELOPE}).code == 54
    assert box.run(["qmail-qmqpc"], b"x\n", extra_fds={1: None}).code == 54
    assert submit(box, envelope=b"") == 91
    assert server.connections == []


@pytest.mark.parametrize("servers", ["", "# none\n", "mx.example\n"])
def test_the_envelope_is_read_without_a_server_to_ask(box, servers):
    box.control("qmqpservers", servers)
    assert submit(box) == 55
    assert submit(box, envelope=b"x\0\0") == 91
    assert box.run(["qmail-qmqpc"], None, extra_fds={1: ENVELOPE}).code == 54


def test_address_too_long(box):
    """The exit codes are those of qmail-queue."""
    box.control("qmqpservers", "192.0.2.1\n")
    assert submit(box, envelope=b"F" + b"x" * 1003 + b"\0\0") == 11


def test_no_home(box):
    program = box.file("/tmp/qmail-qmqpc", box.path("bin/qmail-qmqpc").read_bytes(), mode=0o755)
    box.path(".").chmod(0o700)
    assert box.run([str(program)], b"", extra_fds={1: ENVELOPE}, as_user="alice").code == 61


def test_slow_answer(box):
    """The answer waits for the other host's disk."""
    box.control("qmqpservers", "192.0.2.1\n")
    box.server(628, [NETSTRING, delay(1), netstring(b"Kok")])
    assert submit(box) == 0
