"""qmail-smtpd: attacks, limits, odd clients, errors of the system."""

import os
import pwd
import re
import socket
import subprocess

import pytest
from conformlib.process import contents, memory_file

MAIL = ["MAIL FROM:<a@client.example>", "RCPT TO:<bob@host.example.org>"]
DELIVER = b"".join(line.encode() + b"\r\n" for line in MAIL) + b"DATA\r\n"
EVIL = b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<victim@host.example.org>\r\nDATA\r\nevil\r\n.\r\n"


def settle():
    """Waits for every remaining process."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def start(box, env=None, limits=(), **files):
    """Runs qmail-smtpd as qmaild with descriptors that the caller chooses."""
    account = pwd.getpwnam("qmaild")
    argv = [str(box.program("qmail-smtpd"))]
    if limits:
        argv = ["/usr/bin/prlimit", *limits, *argv]
    return subprocess.Popen(argv, env=box.env | (env or {}), cwd="/", user=account.pw_uid,
                            group=account.pw_gid, extra_groups=[], **files)


# Smuggling (only CR LF . CR LF ends a message)


@pytest.mark.parametrize("separator", [
    b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r\r\n", b"\r\n\0.\r\n",
    b"\r\n.\0\r\n", b"\n\n.\r\n", b"\r\n\x85.\r\n", b"\xc2\x85.\xc2\x85", b"\r\n.\r.\r\n",
])
def test_smuggled_message_is_never_queued_alone(box, separator):
    box.capture_queue()
    blast = DELIVER + b"Subject: x\r\n\r\none" + separator + EVIL + b"QUIT\r\n"
    talk = box.smtpd_dialogue([blast], one_by_one=False)
    settle()
    senders = [sender for _, sender, _ in box.captured() if sender]  # messages that were given up have no envelope
    assert senders in ([], [b"a@client.example"])
    assert talk.out.count(b"354") == 1
    if b"\n" in separator.replace(b"\r\n", b""):
        assert talk.out.endswith(b"451 See http://pobox.com/~djb/docs/smtplf.html.\r\n")
        assert talk.code == 1 and senders == []


@pytest.mark.parametrize("text, stored", [(b"x\r\r\n", b"x\r\n"), (b"\r\r\n", b"\r\n"), (b"x\r\r\r\n", b"x\r\r\n")])
def test_another_carriage_return_before_the_end_of_data(box, text, stored):
    """RFC 5321 section 4.1.1.4: CR LF . CR LF ends the data, independent of the bytes before it."""
    box.capture_queue()
    talk = box.smtpd_dialogue([*MAIL, "DATA", text + b".\r\n", "NOOP", "QUIT"], one_by_one=False)
    assert re.findall(rb"^(\d+) ", talk.out, re.M) == [b"220", b"250", b"250", b"354", b"250", b"250", b"221"]
    ((message, _, _),) = box.captured()
    assert message.partition(b"-0000\n")[2] == stored


def test_two_carriage_returns_carry_no_second_message(box):
    """The sender of a message cannot end it early: a client that stuffs dots sends two of them."""
    box.capture_queue()
    talk = box.smtpd_dialogue([DELIVER + b"one\r\r\n..\r\n" + EVIL + b"QUIT\r\n"], one_by_one=False)
    assert talk.out.count(b"354") == 1
    assert [sender for _, sender, _ in box.captured()] == [b"a@client.example"]


# Commands


def test_nul_in_commands(box):
    box.control("rcpthosts", "host.example.org\n")
    steps = [b"MAIL FROM:<a\0b@c.example>\r\n", MAIL[0], b"RCPT TO:<u@host.example.org\0.evil.example>\r\n",
             b"RCPT TO:<u@evil.example\0@host.example.org>\r\n", b"NO\0OP\r\n", "DATA", "QUIT"]
    talk = box.smtpd_dialogue(steps)
    assert re.findall(rb"^(\d+) ", talk.out, re.M) == [b"220", b"501", b"250", b"501", b"501", b"501", b"503", b"221"]
    assert b"501 malformed command (#5.5.2)\r\n" in talk.out
    assert talk.code == 0


@pytest.mark.parametrize("recipient", [
    "<u%evil.example@host.example.org.evil.example>", "<@host.example.org:u@evil.example>",
    "<u@host.example.org@evil.example>", '<"u@host.example.org"@evil.example>', "<u@evil.example.>",
    "<u@host.example.org.>", "<evil.example!u@x.example>", "<u@[192.0.2.9]>", "<u@[127.0.0.1>", "<u@sub.host.example.org>",
    "<u@host.example.org >", '<"u@host.example.org>', "<u@>", "<u@xhost.example.org>", "u@evil.example",
])
def test_relay_tricks(box, recipient):
    box.control("rcpthosts", "host.example.org\n")
    talk = box.smtpd_dialogue(["MAIL FROM:<>", f"RCPT TO:{recipient}", "QUIT"])
    assert b"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\r\n" in talk.out


@pytest.mark.parametrize("address", [b"a\rb@host.example.org", b"\x1b[2J@host.example.org", b"a@host.example.org\x7f",
                                     b"a\t@host.example.org", b'"\x01"@host.example.org'])
def test_control_characters_in_addresses(box, address):
    box.capture_queue()
    steps = [b"MAIL FROM:<" + address + b">\r\n", MAIL[0], b"RCPT TO:<" + address + b">\r\n", MAIL[1], "DATA", b"x\r\n.\r\n", "QUIT"]
    talk = box.smtpd_dialogue(steps)
    assert re.findall(rb"^(\d+) ", talk.out, re.M) == [b"220", b"501", b"250", b"501", b"250", b"354", b"250", b"221"]
    assert [captured[1:] for captured in box.captured()] == [(b"a@client.example", [b"bob@host.example.org"])]


def test_a_command_that_comes_in_drops(box):
    """timeoutsmtpd is the time of the whole line, not of each byte."""
    box.control("timeoutsmtpd", "1\n")
    ours, theirs = socket.socketpair()
    session = start(box, stdin=theirs, stdout=theirs)
    theirs.close()
    ours.settimeout(0.05)
    out = b""
    while not out.endswith(b"451 timeout (#4.4.2)\r\n"):
        try:
            ours.send(b"x")
            part = ours.recv(4096)
        except TimeoutError:
            continue
        except BrokenPipeError:
            part = ours.recv(4096)
        assert part, out
        out += part
    assert session.wait() == 1
    assert out == b"220 host.example.org ESMTP\r\n451 timeout (#4.4.2)\r\n"


def test_longest_command_line(box):
    talk = box.smtpd_dialogue([b"NOOP " + b"x" * (131072 - 6) + b"\r\n", "QUIT"], one_by_one=False)
    assert talk.out.endswith(b"250 ok\r\n221 host.example.org\r\n")
    talk = box.smtpd_dialogue([b"NOOP " + b"x" * 131072 + b"\r\n", "QUIT"], one_by_one=False)
    assert talk.out.endswith(b"ESMTP\r\n500 line too long (#5.5.6)\r\n")
    assert talk.code == 1


def test_endless_command_line_takes_no_memory(box):
    argv = ["/usr/bin/prlimit", "--as=8388608", str(box.program("qmail-smtpd"))]
    talk = box.dialogue(argv, [b"MAIL FROM:<" + b"x" * (16 << 20)], as_user="qmaild", one_by_one=False)
    assert talk.out.endswith(b"500 line too long (#5.5.6)\r\n")
    assert talk.code == 1


def test_twenty_unknown_commands_in_a_row(box):
    commands = ["XYZZY"] * 19 + ["NOOP"] + ["XYZZY"] * 25
    talk = box.smtpd_dialogue(commands, one_by_one=False)
    assert talk.out.count(b"502 unimplemented (#5.5.1)\r\n") == 38
    assert talk.out.endswith(b"421 too many errors (#4.7.0)\r\n")
    assert talk.code == 1


@pytest.mark.parametrize("request_line", ["POST / HTTP/1.1", "GET /x HTTP/1.0", "CONNECT a:25 HTTP/1.1"])
def test_http_request_ends_the_session(box, request_line):
    box.capture_queue()
    talk = box.smtpd_dialogue([request_line, "Host: x", "", DELIVER + b"x\r\n.\r\n"], one_by_one=False)
    assert [line[:4] for line in talk.out.splitlines()] == [b"220 ", b"554 "]
    assert talk.code == 1
    assert box.captured() == []


def test_maxrcpt(box):
    box.control("maxrcpt", "2\n")
    box.capture_queue()
    rcpts = [f"RCPT TO:<u{n}@host.example.org>" for n in range(4)]
    talk = box.smtpd_dialogue(["MAIL FROM:<>", *rcpts, "DATA", b"x\r\n.\r\n", "MAIL FROM:<>", rcpts[0], "QUIT"])
    assert talk.out.count(b"452 too many recipients (#4.5.3)\r\n") == 2
    assert len(box.captured()[0][2]) == 2
    assert talk.out.endswith(b"250 ok\r\n250 ok\r\n221 host.example.org\r\n")


def test_maxrcpt_by_default(box):
    recipients = b"RCPT TO:<u@host.example.org>\r\n" * 10_001
    talk = box.smtpd_dialogue([b"MAIL FROM:<>\r\n" + recipients + b"QUIT\r\n"], one_by_one=False, timeout=20)
    assert talk.out.count(b"250 ok\r\n") == 1 + 10_000
    assert talk.out.endswith(b"250 ok\r\n452 too many recipients (#4.5.3)\r\n221 host.example.org\r\n")


def test_envelope_of_16_mib_whatever_the_number(box):
    """Without a limit of recipients there is a limit of bytes, which limits memory."""
    box.control("maxrcpt", "0\n")
    recipient = b"RCPT TO:<" + b"r" * 800 + b"@host.example.org>\r\n"
    room = ((16 << 20) - 3) // (800 + len(b"@host.example.org") + 2)
    argv = ["/usr/bin/prlimit", "--as=67108864", str(box.program("qmail-smtpd"))]
    blast = b"MAIL FROM:<>\r\n" + recipient * (room + 2000) + b"QUIT\r\n"
    talk = box.dialogue(argv, [blast], as_user="qmaild", one_by_one=False, timeout=30)
    assert talk.out.count(b"250 ok\r\n") == 1 + room
    assert talk.out.count(b"452 too many recipients (#4.5.3)\r\n") == 2000
    assert talk.code == 0


def test_many_recipients_in_little_memory(box):
    box.control("maxrcpt", "0\n")
    count = 50_000
    rcpts = b"".join(b"RCPT TO:<user%d@host.example.org>\r\n" % n for n in range(count))
    box.file("/tmp/count", "#!/bin/sh\nexec 3<&1\ncat >/dev/null\ntr '\\0' '\\n' <&3 | grep -c ^T >/tmp/counted\nexit 31\n", mode=0o755)
    argv = ["/usr/bin/prlimit", "--as=16777216", str(box.program("qmail-smtpd"))]
    box.mkdir("/tmp", mode=0o1777)
    env = {"QMAILQUEUE": "/tmp/count"}
    blast = b"MAIL FROM:<>\r\n" + rcpts + b"DATA\r\nx\r\n.\r\nQUIT\r\n"
    talk = box.dialogue(argv, [blast], env, as_user="qmaild", one_by_one=False, timeout=30)
    assert talk.out.count(b"250 ok\r\n") == count + 1
    assert b"554 mail server permanently rejected message (#5.3.0)\r\n" in talk.out
    assert int(box.path("/tmp/counted").read_text()) == count


def test_size_is_announced_and_checked_with_databytes_only(box):
    talk = box.smtpd_dialogue(["EHLO c", "MAIL FROM:<> SIZE=99999999999999999999", "QUIT"])
    assert b"SIZE" not in talk.out and talk.out.count(b"250 ok") == 1
    box.control("databytes", "5000\n")
    talk = box.smtpd_dialogue(["EHLO c", "MAIL FROM:<> SIZE=5001", "MAIL FROM:<> SIZE=5000 BODY=8BITMIME AUTH=<>", "QUIT"])
    assert b"250-host.example.org\r\n250-SIZE 5000\r\n250-PIPELINING\r\n250 8BITMIME\r\n" in talk.out
    assert b"552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n250 ok\r\n" in talk.out


def test_enhanced_status_codes(box):
    """They are in front where they are announced, and the class is that of the reply; greeting, HELO, EHLO and 354 have none."""
    lines = ["HELO c", "EHLO c", "MAIL FROM:<ann@a.example>", "RCPT TO:<bob@foreign.example>", MAIL[1], "DATA", b"x\r\n.\r\n",
             "NOOP", "RSET", "DATA", "XYZZY", "HELP", "QUIT"]
    plain = box.smtpd_dialogue(lines).out
    assert b"ENHANCEDSTATUSCODES" not in plain and b"\r\n503 MAIL first (#5.5.1)\r\n" in plain
    box.control("rcpthosts", "host.example.org\n")
    box.control("enhancedstatuscodes", "1\n")
    out = box.smtpd_dialogue(lines).out
    replies = out.decode().split("\r\n")
    assert replies[:6] == ["220 host.example.org ESMTP", "250 host.example.org", "250-host.example.org", "250-PIPELINING",
                           "250-ENHANCEDSTATUSCODES", "250 8BITMIME"]
    assert replies[6:10] == ["250 2.1.0 ok", "553 5.7.1 sorry, that domain isn't in my list of allowed rcpthosts", "250 2.1.5 ok", "354 go ahead"]
    assert re.fullmatch(r"250 2\.0\.0 ok \d+ qp \d+", replies[10])
    assert replies[11:] == ["250 2.0.0 ok", "250 2.0.0 flushed", "503 5.5.1 MAIL first", "502 5.5.1 unimplemented",
                            "214 2.0.0 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT, see qmail-smtpd(8)", "221 2.0.0 host.example.org", ""]


def test_databytes_of_64_bits_and_garbage(box):
    for value in ("18446744073709551615", "99999999999999999999999", "x", ""):
        box.capture_queue()
        talk = box.smtpd_dialogue([*MAIL, "DATA", b"x\r\n.\r\n", "QUIT"], {"DATABYTES": value})
        assert b"250 ok " in talk.out, value


# The message


def test_long_helo_is_cut_in_received(box):
    box.capture_queue()
    box.smtpd_dialogue([b"HELO " + b"h" * 60_000 + b"\r\n", *MAIL, "DATA", b"x\r\n.\r\n", "QUIT"])
    message = box.captured()[0][0]
    assert b"(HELO " + b"h" * 255 + b") " in message


@pytest.mark.parametrize("proto, address, shown", [
    ("TCP6", "2001:db8::1", "2001:db8::1"), ("TCP", "::ffff:192.0.2.7", "192.0.2.7"),
])
def test_received_of_an_ipv6_peer(box, proto, address, shown):
    box.capture_queue()
    env = {"PROTO": proto, "TCPREMOTEIP": address}
    box.smtpd_dialogue(["HELO c", *MAIL, "DATA", b"x\r\n.\r\n", "QUIT"], env)
    message = box.captured()[0][0]
    assert message.startswith(b"Received: from client.example.net (HELO c) (%s)\n" % shown.encode())


@pytest.mark.parametrize("code, text, reply", [
    (82, "Dno spam here", b"554 no spam here"), (88, "Zcome back later", b"451 come back later"),
    (82, "D", b"451 qq temporary problem (#4.3.0)"), (82, "", b"451 qq temporary problem (#4.3.0)"),
    (82, "Xyz", b"451 qq temporary problem (#4.3.0)"), (31, "Dmine", b"554 mail server permanently rejected message (#5.3.0)"),
    (82, "Da\\tb\\nc", b"554 a?b?c"),
])
@pytest.mark.parametrize("descriptor", [4, 6])
def test_custom_rejection(box, descriptor, code, text, reply):
    script = f"#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\nprintf '{text}' >&{descriptor}\nexit {code}\n"
    env = {"QMAILQUEUE": str(box.file("/tmp/filter", script, mode=0o755))}
    talk = box.smtpd_dialogue([*MAIL, "DATA", b"x\r\n.\r\n", "QUIT"], env)
    assert reply + b"\r\n221 " in talk.out


def test_long_custom_rejection_is_cut(box):
    script = "#!/bin/sh\ncat >/dev/null\nprintf D >&4\nhead -c 3000 /dev/zero | tr '\\0' y >&4\nexit 82\n"
    env = {"QMAILQUEUE": str(box.file("/tmp/filter", script, mode=0o755))}
    talk = box.smtpd_dialogue([*MAIL, "DATA", b"x\r\n.\r\n", "QUIT"], env)
    assert b"554 " + b"y" * 255 + b"\r\n" in talk.out or b"554 " + b"y" * 254 + b"\r\n" in talk.out


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_queue_program_that_says_more_than_a_pipe_holds(box, when):
    """Its text is read while it gets the message, so neither process waits for the other."""
    say, read = "printf D >&4; head -c 300000 /dev/zero | tr '\\0' y >&6", "cat >/dev/null; cat <&1 >/dev/null"
    steps = [say, read] if when == "before" else [read, say]
    script = "#!/bin/sh\n" + "\n".join(steps) + "\nexit 82\n"
    env = {"QMAILQUEUE": str(box.file("/tmp/filter", script, mode=0o755))}
    talk = box.smtpd_dialogue([*MAIL, "DATA", b"x" * 300_000 + b"\r\n.\r\n", "QUIT"], env)
    assert b"354 go ahead\r\n554 " + b"y" * 255 + b"\r\n221 " in talk.out


def test_empty_qmailqueue(box):
    talk = box.smtpd_dialogue([*MAIL, "DATA", b"x\r\n.\r\n", "QUIT"], {"QMAILQUEUE": ""})
    assert b"451 unable to exec qq (#4.3.0)\r\n" in talk.out


def test_queue_killed_by_a_signal(box):
    env = {"QMAILQUEUE": str(box.file("/tmp/filter", "#!/bin/sh\ncat >/dev/null\nkill -9 $$\n", mode=0o755))}
    talk = box.smtpd_dialogue([*MAIL, "DATA", b"x\r\n.\r\n", "QUIT"], env)
    assert b"451 qq crashed (#4.3.0)\r\n" in talk.out


def test_silence_within_the_data(box):
    box.control("timeoutsmtpd", "1\n")
    talk = box.smtpd_dialogue([*MAIL, "DATA", b"Subject: x\r\n\r\nbegun"])
    settle()
    assert talk.out.endswith(b"354 go ahead\r\n451 timeout (#4.4.2)\r\n")
    assert talk.code == 1
    assert box.queue_tree() == {}


def test_large_message_arrives_whole(box):
    box.capture_queue()
    body = b"".join(b"%06d %s\r\n" % (n, b"z" * (n % 200)) for n in range(20_000))
    talk = box.smtpd_dialogue([*MAIL, "DATA", body + b".\r\n", "QUIT"], one_by_one=False)
    assert b"250 ok " in talk.out.split(b"354 go ahead\r\n")[1]
    message = box.captured()[0][0]
    assert message.split(b"\n", 2)[2] == body.replace(b"\r\n", b"\n")


# The connection


def test_one_write_for_a_group_of_replies(box):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # keeps writes apart
    box.capture_queue()
    process = start(box, {"QMAILQUEUE": box.env["QMAILQUEUE"]} if "QMAILQUEUE" in box.env else None,
                    stdin=subprocess.PIPE, stdout=theirs)
    theirs.close()
    assert ours.recv(65536) == b"220 host.example.org ESMTP\r\n"
    process.stdin.write(b"EHLO c\r\n" + DELIVER)
    process.stdin.flush()
    assert ours.recv(65536).endswith(b"8BITMIME\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n")
    process.stdin.write(b"x\r\n.\r\nNOOP\r\nQUIT\r\n")
    process.stdin.flush()
    assert re.fullmatch(rb"250 ok \d+ qp \d+\r\n250 ok\r\n221 host.example.org\r\n", ours.recv(65536))
    assert process.wait(5) == 0


def test_nodelay_on_the_connection(box):
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    process = start(box, stdin=server, stdout=server)
    assert client.recv(100).startswith(b"220 ")
    assert server.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    client.sendall(b"QUIT\r\n")
    assert process.wait(5) == 0


def test_closed_descriptors(box):
    assert box.run(["qmail-smtpd"], None, as_user="qmaild").code == 1
    closed = box.run(["qmail-smtpd"], b"QUIT\r\n", as_user="qmaild", extra_fds={1: None})
    assert closed.code == 1
    reading, writing = os.pipe()
    os.write(writing, b"QUIT\r\n")
    output = memory_file()
    process = start(box, stdin=reading, stdout=output, stderr=None, close_fds=True)
    assert process.wait(5) == 0
    assert contents(output).endswith(b"221 host.example.org\r\n")


# Errors of the system


def test_own_address_of_any_interface(box):
    subprocess.run(["ip", "address", "add", "10.9.8.7/32", "dev", "lo"], check=True)
    box.control("rcpthosts", "ip.example\n")
    box.control("localiphost", "ip.example\n")
    talk = box.smtpd_dialogue(["MAIL FROM:<>", "RCPT TO:<b@[10.9.8.7]>", "RCPT TO:<b@[0.0.0.0]>",
                               "RCPT TO:<b@[10.9.8.8]>", "RCPT TO:<b@[010.009.008.007]>", "QUIT"])
    assert re.findall(rb"^(\d+) ", talk.out, re.M) == [b"220", b"250", b"250", b"250", b"553", b"250", b"221"]


def test_damaged_morercpthosts_cdb(box):
    box.control("rcpthosts", "host.example.org\n")
    box.control("morercpthosts.cdb", b"\xff" * 2048)
    talk = box.smtpd_dialogue(["MAIL FROM:<>", "RCPT TO:<b@more.example>"])
    assert talk.out.splitlines()[-1] == b"421 unable to read controls (#4.3.0)"
    assert talk.code == 1


def test_without_control_directory(box):
    os.rename(box.path("control"), box.path("elsewhere"))
    talk = box.smtpd_dialogue(["QUIT"])
    assert talk.out == b"421 unable to read controls (#4.3.0)\r\n"
    assert talk.code == 1


def test_arguments_are_ignored(box):
    assert box.smtpd_dialogue(["QUIT"], args=["-x", "host"]).code == 0


def test_out_of_memory(box):
    box.control("rcpthosts", "".join(f"host{n}.example\n" for n in range(200_000)))
    argv = ["/usr/bin/prlimit", "--as=8388608", str(box.program("qmail-smtpd"))]
    talk = box.dialogue(argv, ["QUIT"], as_user="qmaild", one_by_one=False)
    assert talk.out == b"421 out of memory (#4.3.0)\r\n"
    assert talk.code == 1
