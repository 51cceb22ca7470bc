"""qmail-remote in situations without a recorded case: hostile servers, limits, odd input."""

import os
import random
import time

import pytest

from conformlib import CLOSE, DOT, LINE, RESET, delay

SENDER = "alice@host.example.org"
MESSAGE = b"Subject: x\n\nhi\n"
HOST = "[192.0.2.1]"
TAKEN = b"r\0K192.0.2.1 accepted message.\nRemote host said: 250 ok\n\0"
DIED = b"ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n\0"
IMPROPER = b"DI (qmail-remote) was invoked improperly. (#5.3.5)\n\0"
BAD_CONTROLS = b"ZUnable to read control files. (#4.3.0)\n\0"


def remote(box, rcpts=("bob@b.example",), host=HOST, sender=SENDER, message=MESSAGE, **options):
    options = {"as_user": "qmailr", "timeout": 20} | options
    result = box.run(["qmail-remote", host, sender, *rcpts], message, **options)
    assert (result.code, result.err) == (0, b"")
    return result.out


def shell(box, script, *args):
    """A command line that starts qmail-remote in an unusual way, with the message on descriptor 0."""
    return box.run(["/bin/sh", "-c", script, "sh", *args], MESSAGE, as_user="qmailr")


def stream(chunk, pause=0.0):
    """A step that sends a chunk repeatedly until the client closes the connection."""
    def play(connection):
        end = time.monotonic() + 15
        try:
            while time.monotonic() < end:
                connection._socket.sendall(chunk)
                time.sleep(pause)
        except OSError:
            pass
    return play


# Servers that never finish


@pytest.mark.parametrize("verb", ["GREETING", "MAIL", "DOT"])
def test_endless_multi_line_reply(box, verb):
    """A reply may have a megabyte; after that the connection counts as dead."""
    box.smtp_server({verb: (stream(b"220-and another line\r\n" * 500), "220 done")})
    reports = {"GREETING": DIED, "MAIL": DIED, "DOT": b"r\0" + DIED.replace(b"died.", b"died. Possible duplicate!")}
    started = time.monotonic()
    assert remote(box) == reports[verb]
    assert time.monotonic() - started < 10


def test_endless_line(box):
    box.smtp_server({"GREETING": (stream(b"220 " + b"x" * 65536), "220 done")})
    assert remote(box) == DIED


def test_longest_line(box):
    """A line may have 64 KiB with its line end; the report shows 5000 bytes of it."""
    box.smtp_server({"MAIL": "550 " + "x" * (65536 - 6)})
    out = remote(box)
    assert out.startswith(b"DConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 550 xxx")
    assert len(out.partition(b"said: ")[2]) == 5001


def test_tarpit(box):
    """Single bytes from time to time prevent timeoutremote, but not timeoutsession."""
    box.control("timeoutremote", "5\n")
    box.control("timeoutsession", "2\n")
    box.smtp_server({"GREETING": (stream(b"2", 0.1), "")})
    started = time.monotonic()
    assert remote(box) == DIED
    assert 1 < time.monotonic() - started < 5


def test_tarpit_while_the_message_goes_out(box):
    """A server that reads the message slowly cannot hold the client longer than timeoutsession."""
    def sip(connection):
        end = time.monotonic() + 15
        while time.monotonic() < end and connection._socket.recv(512):
            time.sleep(0.05)
    box.control("timeoutsession", "2\n")
    box.server(25, ["220 hi", LINE, "250 me", LINE, "250 s", LINE, "250 r", LINE, "354 go", sip], "192.0.2.1")
    started = time.monotonic()
    assert remote(box, message=b"x" * 70 + b"\n" + b"line\n" * 4_000_000) == b"r\0" + DIED
    assert time.monotonic() - started < 6


@pytest.mark.parametrize("text", ["0\n", "99999999999999999999999\n", "soon\n", ""])
def test_timeoutsession_that_says_nothing(box, text):
    """Only a number from 1 to 86400 changes the limit."""
    box.control("timeoutsession", text)
    box.smtp_server({"GREETING": (delay(0.2), "220 hi")})
    assert remote(box) == TAKEN


@pytest.mark.parametrize("name", ["timeoutconnect", "timeoutremote"])
def test_enormous_timeouts(box, name):
    box.control(name, "18446744073709551615\n")
    box.smtp_server({"GREETING": (delay(0.2), "220 hi")})
    assert remote(box) == TAKEN


# What a report shows of replies


def test_controls_in_replies_are_not_reported(box):
    box.smtp_server({"MAIL": b"550-\x1b[2Jgo\x07 a\0way\x7f\r\n550 tab\there \xe9\rx\r\n"})
    assert remote(box) == (b"DConnected to 192.0.2.1 but sender was rejected.\n"
                           b"Remote host said: 550-?[2Jgo? a?way?\n550 tab\there \xe9x\n\0")


def test_reply_without_a_code_is_temporary(box):
    box.smtp_server({"MAIL": "go away"})
    assert remote(box) == (b"ZConnected to 192.0.2.1 but sender was rejected.\nRemote host said: go away\n\0")


def test_code_of_the_final_dot(box):
    """3xx counts as accepted; a reply without a code does not."""
    box.smtp_server({"DOT": ["354 more", "okay"]})
    assert remote(box).startswith(b"r\0K192.0.2.1 accepted message.\nRemote host said: 354 more\n")
    box.smtp_server({"DOT": "okay"}, ip="192.0.2.2")
    assert remote(box, host="[192.0.2.2]").startswith(b"r\0Z192.0.2.2 failed after I sent the message.\n")


def test_go_ahead_may_be_250(box):
    server = box.server(25, ["220 hi", LINE, "250 me", LINE, "250 s", LINE, "250 r", LINE, "250 go", DOT, "250 ok"],
                        "192.0.2.1")
    assert remote(box) == TAKEN
    assert b"C: hi\r\n" in server.connections[0]


def test_helo_after_ehlo_is_refused(box):
    server = box.server(25, ["220 hi", LINE, "502 what", LINE, "250 me", LINE, "550 no"], "192.0.2.1")
    assert b"sender was rejected" in remote(box)
    said = [line for line in server.connections[0] if line.startswith(b"C: ")]
    assert said[:3] == [b"C: EHLO host.example.org\r\n", b"C: HELO host.example.org\r\n",
                        b"C: MAIL FROM:<alice@host.example.org>\r\n"]


def test_ehlo_refused_for_now_is_final(box):
    server = box.server(25, ["220 hi", LINE, "451 later", LINE], "192.0.2.1")
    assert remote(box) == b"ZConnected to 192.0.2.1 but my name was rejected.\nRemote host said: 451 later\n\0"
    assert [line for line in server.connections[0] if line[:3] == b"C: "] == [b"C: EHLO host.example.org\r\n",
                                                                          b"C: QUIT\r\n"]


@pytest.mark.parametrize("steps", [
    pytest.param([CLOSE], id="hang_up"),
    pytest.param([RESET], id="reset"),
    pytest.param(["554 5.7.1 no extensions here", CLOSE], id="554"),
    pytest.param(["550 what", CLOSE], id="550"),
])
def test_server_that_hangs_up_on_ehlo(box, steps):
    """There is one more connection, with HELO only."""
    server = box.smtp_server({"EHLO": tuple(steps)})
    assert remote(box) == TAKEN
    first, second = ([line[3:] for line in log if line.startswith(b"C: ")] for log in server.connections)
    assert first[0] == b"EHLO host.example.org\r\n"
    assert second[:2] == [b"HELO host.example.org\r\n", b"MAIL FROM:<alice@host.example.org>\r\n"]


def test_server_that_hangs_up_on_helo_too(box):
    server = box.smtp_server({"EHLO": CLOSE, "HELO": CLOSE})
    assert remote(box) == DIED
    assert len(server.connections) == 2


@pytest.mark.parametrize("script", [
    pytest.param({"GREETING": CLOSE}, id="greeting"),
    pytest.param({"EHLO": ("421 later", CLOSE)}, id="for_now"),
    pytest.param({"MAIL": CLOSE}, id="later"),
])
def test_server_that_hangs_up_otherwise(box, script):
    server = box.smtp_server(script)
    assert b"Z" in remote(box)[:1]
    assert len(server.connections) == 1


def test_server_that_is_silent_after_ehlo(box):
    """A server that is silent has not closed the connection: there is no second connection."""
    box.control("timeoutremote", "1\n")
    server = box.smtp_server({"EHLO": (delay(3), "250 me")})
    assert remote(box) == DIED
    assert len(server.connections) == 1


def test_a_greeting_that_ends_with_a_refusal(box):
    server = box.smtp_server({"GREETING": "220-mx\r\n521 no mail"})
    assert remote(box) == b"ZConnected to 192.0.2.1 but greeting failed.\nRemote host said: 220-mx\n521 no mail\n\0"
    assert [line for line in server.connections[0] if line[:3] == b"C: "] == [b"C: QUIT\r\n"]


@pytest.mark.parametrize("step, words", [("GREETING", b"554 go aw"), ("MAIL", b"421-a\r\n421-b\r\n"), ("DOT", b"552 too b")])
def test_last_words(box, step, words):
    """A refusal that the server does not finish is in the report."""
    box.smtp_server({step: (words, CLOSE)})
    said = words.replace(b"\r", b"").rstrip(b"\n") + b"\n\0"
    assert remote(box).endswith(b"(#4.4.2)\nRemote host said: " + said)


def test_folded_lines(box):
    long = b"x" * 998 + b"y" * 997 + b"z\n"
    server = box.smtp_server()
    assert remote(box, message=MESSAGE + long).startswith(b"r\0K")
    assert b"C: " + long[:-1] + b"\r\n" in server.connections[0]
    box.control("foldlines", "1\n")
    assert remote(box, message=MESSAGE + long).startswith(b"r\0K")
    at = server.connections[1].index(b"C: " + b"x" * 998 + b"\r\n")
    assert server.connections[1][at + 1:at + 4] == [b"C:  " + b"y" * 997 + b"\r\n", b"C:  z\r\n", b"C: .\r\n"]


# Addresses


@pytest.mark.parametrize("bad", ["a\rb@b.example", "a\n@b.example", "a@b.example\r\nRCPT TO:<evil@b.example>"])
@pytest.mark.parametrize("place", ["sender", "first", "last"])
def test_line_ends_in_addresses(box, place, bad):
    """Such an address is never sent."""
    server = box.smtp_server()
    sender = bad if place == "sender" else SENDER
    rcpts = {"sender": ["bob@b.example"], "first": [bad, "bob@b.example"], "last": ["bob@b.example", bad]}[place]
    assert remote(box, rcpts, sender=sender) == IMPROPER
    assert server.connections == []


@pytest.mark.skipif(not os.path.exists("/proc/net/if_inet6"), reason="no IPv6 in this kernel")
def test_ipv6_relay(box):
    server = box.smtp_server(ip="::1", port=2525)
    box.control("smtproutes", ":[::1]:2525\n")
    assert remote(box, host="b.example") == b"r\0K::1 accepted message.\nRemote host said: 250 ok\n\0"
    assert len(server.connections) == 1


# The message on the wire


def wire_of(box, message):
    server = box.smtp_server()
    assert remote(box, message=message) == TAKEN
    log = server.connections[0]
    start = log.index(b"C: DATA\r\n") + 2
    return b"".join(line[3:] for line in log[start:] if line.startswith(b"C: ") and line != b"C: QUIT\r\n")


@pytest.mark.parametrize("message, wire", [
    (b"a\rb\n", b"a b\r\n.\r\n"),
    (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
    (b"a\r\r\n.\n", b"a \r\n..\r\n.\r\n"),
    (b"\r.\r\n", b" .\r\n.\r\n"),
    (b"a\0b\n\0.\n", b"a b\r\n .\r\n.\r\n"),
    (b"a\n.\rb\n", b"a\r\n.. b\r\n.\r\n"),
])
def test_line_ends(box, message, wire):
    """CR LF and a single LF are line ends, a single CR and NUL become blanks, leading dots are doubled."""
    assert wire_of(box, message) == wire


def test_random_bytes_never_smuggle(box):
    """For every message, also at the limits of all buffers, no bare CR or LF is sent, and one line with a single dot."""
    source = random.Random(5)
    message = b"".join(source.choice([b"\r", b"\n", b".", b"\r\n", b"\n.", b"\r.\r", b"\0", b"abc" * 50])
                       for _ in range(60_000)) + b"\n"
    assert len(message) > 5 * 65536
    wire = b"\r\n" + wire_of(box, message)
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")
    assert wire.find(b"\r\n.\r\n") == len(wire) - 5
    assert b"\0" not in wire


def test_message_from_a_closed_descriptor(box):
    box.smtp_server()
    assert remote(box, message=None) == b"r\0ZUnable to read message. (#4.3.0)\n\0"


def test_message_that_is_a_directory(box):
    box.smtp_server()
    assert shell(box, 'exec qmail-remote "$@" </tmp', HOST, SENDER, "r@b.example").out == (
        b"r\0ZUnable to read message. (#4.3.0)\n\0")


# Descriptors, control files, the table of time-outs


@pytest.mark.parametrize("closed", [[0], [2], [0, 2]])
def test_closed_descriptors(box, closed):
    """A socket never gets the number of one of the first three descriptors."""
    box.smtp_server()
    close = " ".join(f"{number}<&-" for number in closed)
    result = shell(box, f'exec qmail-remote "$@" {close}', HOST, SENDER, "r@b.example")
    assert result.out == (b"r\0ZUnable to read message. (#4.3.0)\n\0" if 0 in closed else TAKEN)


def test_no_room_for_the_report(box):
    """If the report cannot be written, it exits 111, and qmail-rspawn defers."""
    box.smtp_server()
    assert shell(box, 'exec qmail-remote "$@" >/dev/full', HOST, SENDER, "r@b.example").code == 111


@pytest.mark.parametrize("name", ["helohost", "timeoutremote", "timeoutsession", "timeoutconnect", "smtproutes"])
def test_control_file_that_is_a_directory(box, name):
    box.mkdir(f"control/{name}")
    server = box.smtp_server()
    assert remote(box) == BAD_CONTROLS
    assert server.connections == []


def test_home_that_cannot_be_entered(box):
    """The program is started before its home becomes inaccessible."""
    program = box.file("/tmp/qmail-remote", box.path("bin/qmail-remote").read_bytes(), mode=0o755)
    box.path(".").chmod(0o700)
    result = box.run([str(program), HOST, SENDER, "r@b.example"], MESSAGE, as_user="qmailr")
    assert result.out == b"ZUnable to switch to home directory. (#4.3.0)\n\0"


def test_random_table_of_timeouts(box):
    """A table with random bytes counts as empty: the mail is sent every time."""
    source = random.Random(1)
    box.smtp_server()
    for _ in range(5):
        box.file("queue/lock/tcpto", source.randbytes(1024), owner="qmailr:qmail")
        assert remote(box) == TAKEN


def test_timeout_in_a_table_of_noise(box):
    box.control("timeoutconnect", "1\n")
    # Counts of 255: no record can be ours, so the first one is free.
    box.file("queue/lock/tcpto", b"\xff" * 1024, owner="qmailr:qmail")
    assert b"(#4.4.1)" in remote(box, host="[198.51.100.1]")
    table = box.path("queue/lock/tcpto").read_bytes()
    assert table[:5] == bytes([198, 51, 100, 1, 1]) and table[16:] == b"\xff" * 1008


def test_full_table_of_timeouts(box):
    """A new address replaces the record with the smallest time + 1024 * count."""
    now = int(time.time())
    records = [bytes([192, 0, 2, slot, 2, 0, 0, 0]) + (now - 1000).to_bytes(4, "little") + bytes(4) for slot in range(64)]
    records[40] = bytes([192, 0, 2, 40, 1, 0, 0, 0]) + now.to_bytes(4, "little") + bytes(4)
    box.file("queue/lock/tcpto", b"".join(records), owner="qmailr:qmail")
    box.control("timeoutconnect", "1\n")
    assert b"(#4.4.1)" in remote(box, host="[198.51.100.1]")
    table = box.path("queue/lock/tcpto").read_bytes()
    assert table[40 * 16:40 * 16 + 5] == bytes([198, 51, 100, 1, 1])
    assert [table[slot * 16 + 3] for slot in range(64) if slot != 40] == [slot for slot in range(64) if slot != 40]


def test_success_clears_the_count(box):
    now = int(time.time())
    box.file("queue/lock/tcpto", (bytes([192, 0, 2, 1, 1, 0, 0, 0]) + (now - 50).to_bytes(4, "little")).ljust(1024, b"\0"),
             owner="qmailr:qmail")
    box.smtp_server()
    assert remote(box) == TAKEN
    assert box.path("queue/lock/tcpto").read_bytes()[4] == 0


def test_time_that_has_not_come(box):
    """If the clock is set back, the address is still tried."""
    later = int(time.time()) + 86400
    box.file("queue/lock/tcpto", (bytes([192, 0, 2, 1, 5, 0, 0, 0]) + later.to_bytes(4, "little")).ljust(1024, b"\0"),
             owner="qmailr:qmail")
    box.smtp_server()
    assert remote(box) == TAKEN


def test_out_of_memory(box):
    """The lack of memory is reported as temporary; if it cannot even start, this is a crash, which is temporary too."""
    box.smtp_server()
    rcpts = [f"{'x' * 100_000}{number}@b.example" for number in range(12)]
    results = [shell(box, f'ulimit -v {limit}; exec /var/qmail/bin/qmail-remote "$@"', HOST, SENDER, *rcpts)
               for limit in range(4500, 12000, 250)]
    said = [result.out for result in results if result.code == 0]
    assert all(result.code in (0, -11, -9) for result in results)
    assert b"ZOut of memory. (#4.3.0)\n\0" in said
    assert all(out == b"ZOut of memory. (#4.3.0)\n\0" or out.startswith(b"r\0" * 12 + b"K") for out in said)
    assert said[-1].startswith(b"r\0")


@pytest.mark.parametrize("limit, report", [
    (3, BAD_CONTROLS),
    # With an address literal and without a table of time-outs to open, the socket is the fourth descriptor.
    (4, TAKEN),
])
def test_few_descriptors(box, limit, report):
    box.smtp_server()
    box.control("smtproutes", f":{HOST}\n")
    assert shell(box, f'ulimit -n {limit}; exec qmail-remote "$@"', "b.example", SENDER, "bob@b.example").out == report
