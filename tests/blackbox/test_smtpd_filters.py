"""qmail-smtpd with milters and policy services: what they are told, what they change, and what their trouble means."""

import base64
import os
import signal
import socket
import struct
import threading
import time

import pytest

from dns_zone import serve
from tls_client import Talk, install

PLACE = "/tmp/service"
MESSAGE = "From: ann@client.example\r\nSubject: minutes\r\n\r\nThe minutes.\r\n."
ENVELOPE = ["EHLO client.example", "MAIL FROM:<ann@client.example>", "RCPT TO:<bob@host.example.org>"]
UNAVAILABLE = b"451 content filter unavailable (#4.3.0)\r\n"
HANG, CLOSE = "hang", "close"


def exactly(stream, count):
    data = b""
    while len(data) < count:
        piece = stream.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


class Service:
    """A listener on a socket of this host; `serve` runs for each connection."""

    def __init__(self, serve, path=PLACE):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o777)
        self.listener.listen(8)
        self.serve, self.connections = serve, 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            stream, _ = self.listener.accept()
            self.connections += 1
            threading.Thread(target=self.run, args=(stream,), daemon=True).start()

    def run(self, stream):
        with stream:
            try:
                self.serve(stream)
            except (OSError, EOFError):
                pass


class Milter(Service):
    """answers: {letter of an event: packet, list of packets, HANG or CLOSE}; else it goes on. log: (letter, data); macros: data."""

    def __init__(self, answers=None, steps=0, path=PLACE):
        self.answers, self.steps, self.log, self.macros = answers or {}, steps, [], []
        super().__init__(self.talk, path)

    def letters(self):
        return "".join(letter for letter, _ in self.log)

    def talk(self, stream):
        while True:
            packet = exactly(stream, struct.unpack("!I", exactly(stream, 4))[0])
            letter, data = packet[:1].decode(), packet[1:]
            if letter == "O":
                self.send(stream, b"O" + struct.pack("!III", 6, 0x1FF, self.steps))
                continue
            if letter == "D":
                self.macros.append(data)
                continue
            self.log.append((letter, data))
            if letter == "Q":
                return
            if letter == "A" or (letter == "B" and self.steps & 0x80000):
                continue
            answer = self.answers.get(letter, b"c")
            answer = answer() if callable(answer) else answer
            for one in answer if isinstance(answer, list) else [answer]:
                if one == HANG:
                    time.sleep(60)
                if one in (HANG, CLOSE):
                    return
                self.send(stream, one)

    @staticmethod
    def send(stream, packet):
        stream.sendall(struct.pack("!I", len(packet)) + packet)


def deliver(box, message=MESSAGE, env=None, **options):
    """A session with one message; the replies as lines."""
    box.capture_queue()
    said = box.smtpd_dialogue([*ENVELOPE, "DATA", message, "QUIT"], env, **options)
    return said.out.split(b"\r\n"), said


def last_but_quit(lines):
    return lines[-3] + b"\r\n"


def test_a_message_passes_and_is_changed(box):
    milter = Milter({"E": [b"hX-End\0a\r\n b\0", b"i\0\0\0\0X-Top\0t\0", b"m\0\0\0\1Subject\0changed\0", b"bnew\r\n", b"+<new@host.example.org>\0",
                           b"-<bob@host.example.org>\0", b"c"]})
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    lines, _ = deliver(box)
    assert last_but_quit(lines).startswith(b"250 ok ")
    assert milter.letters() in ("CHMRTLLNBEQ", "CHMRTLLNBE"), milter.letters()
    [(message, sender, recipients)] = box.captured()
    assert message.endswith(b"X-Top: t\nFrom: ann@client.example\nSubject: changed\nX-End: a\n b\n\nnew\n")
    assert message.startswith(b"Received: from ")
    assert sender == b"ann@client.example" and recipients == [b"new@host.example.org"]


@pytest.mark.parametrize("switch", ["dkimverify", "keys"])
@pytest.mark.parametrize("relaying", [False, True])
def test_results_of_a_milter_of_this_host_stay(box, switch, relaying):
    """Only those with which the message came are removed, wherever the milter puts its own; it changes one of the forged ones."""
    ours = "Authentication-Results: host.example.org; "
    value = b"Authentication-Results\0host.example.org; x-scan=%s\0"
    Milter({"E": [b"i\0\0\0\0" + value % b"top", b"h" + value % b"end", b"m\0\0\0\3" + value % b"changed", b"c"]})
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    if switch == "keys":
        box.mkdir("/var/qmail/control/domainkeys")
    else:
        box.control("dkimverify", "1\n")
    serve({})
    lines, said = deliver(box, f"{ours}dkim=pass\r\n{ours}x-scan=end\r\n" + MESSAGE, {"RELAYCLIENT": ""} if relaying else None)
    assert last_but_quit(lines).startswith(b"250 ok "), said
    header = box.captured()[0][0].partition(b"\n\n")[0].decode().replace("\n ", " ").splitlines()
    judged = ["dkim=none; arc=none"] if switch == "dkimverify" and not relaying else []
    found = [line.removeprefix(ours) for line in header if line.startswith(ours)]
    assert found == [*judged, "x-scan=top", "x-scan=changed", "x-scan=end"], header


# All but a milter that hangs at the end of a message, for which the answer has 300 seconds.
SENSELESS = [(letter, answer) for letter in "CMRLE" for answer in (HANG, CLOSE, b"\xff\xff", b"h") if (letter, answer) != ("E", HANG)]


@pytest.mark.parametrize("letter, answer", SENSELESS)
def test_a_milter_that_makes_no_sense_defers(box, letter, answer):
    Milter({letter: answer})
    box.control("smtpdmilters", f"unix:{PLACE},timeout=1\n")
    lines, said = deliver(box)
    assert UNAVAILABLE in said.out and b"\r\n5" not in said.out.replace(b"\r\n503 ", b"").replace(b"\r\n502 ", b""), said.out
    assert said.err.count(f"milter: unix:{PLACE}".encode()) == 1, said.err
    box.control("smtpdmilters", f"unix:{PLACE},timeout=1,default=accept\n")
    lines, _ = deliver(box)
    assert last_but_quit(lines).startswith(b"250 ok "), lines


def separate_milter():
    """A milter in a process of its own, which can be stopped; its pid."""
    ready, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        Milter()
        os.write(report, b"x")
        time.sleep(80)
        os._exit(0)
    os.read(ready, 1)
    return pid


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_milter_that_is_stopped_or_killed(box, number):
    pid = separate_milter()
    box.control("smtpdmilters", f"unix:{PLACE},timeout=1\n")
    os.kill(pid, number)
    _, said = deliver(box)
    assert UNAVAILABLE in said.out
    os.kill(pid, signal.SIGKILL)


def test_nobody_goes_around_a_refused_sender(box):
    """The first MAIL is accepted and the second one refused: no recipient belongs to the first one any more."""
    senders = iter([b"c", b"r"])
    milter = Milter({"M": lambda: next(senders)})
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    said = box.smtpd_dialogue(["EHLO c", "MAIL FROM:<a@client.example>", "MAIL FROM:<b@client.example>",
                               "RCPT TO:<bob@host.example.org>", "DATA", "QUIT"])
    assert said.out.split(b"\r\n")[-5:-2] == [b"550 rejected by a content filter (#5.7.1)", b"503 MAIL first (#5.5.1)",
                                              b"503 RCPT first (#5.5.1)"], said.out
    assert milter.letters().startswith("CHMAM")


def test_a_reply_keeps_its_lines_and_is_made_safe(box):
    Milter({"R": b"y550-5.7.1 one\xff\r\n550 5.7.1 two\0"})
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    said = box.smtpd_dialogue([*ENVELOPE, "QUIT"])
    assert b"550-5.7.1 one?\r\n550 5.7.1 two\r\n" in said.out


def test_reasons_in_the_session_log(box):
    Milter({"T": b"t"})
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    box.control("smtpdlog", "qlog\n")
    _, said = deliver(box)
    assert b" code=451 reason=milter " in said.err


def test_bad_lines_are_left_out_and_named_once(box):
    box.control("smtpdmilters", "tcp:host:1\n")
    box.control("smtpdpolicy", "unix:relative\n")
    lines, said = deliver(box)
    assert last_but_quit(lines).startswith(b"250 ok ")
    assert said.err.count(b": control/smtpdmilters: bad line: tcp:host:1 (") == 1
    assert said.err.count(b": control/smtpdpolicy: bad line: unix:relative (") == 1


@pytest.mark.limit(180)
def test_a_large_message_needs_little_memory(box):
    """50 MB through a milter: at most 8 MiB more than for 1 KB, as the queue program sees it of its parent."""
    Milter(steps=0x80000)
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    peaks = []
    for count in (1, 50_000):
        box.capture_queue(before="cat /proc/$PPID/status >/tmp/status")
        text = "A: 1\r\n\r\n" + ("x" * 998 + "\r\n") * count + "."
        said = box.smtpd_dialogue([*ENVELOPE, "DATA", text, "QUIT"], timeout=120)
        assert b"\r\n250 ok 1" in said.out
        peaks.append(int(open("/tmp/status", encoding="ascii").read().split("VmHWM:")[1].split()[0]))
    assert peaks[1] - peaks[0] < 8192
    assert len(box.captured()[-1][0]) > 49_000_000


class Policy(Service):
    def __init__(self, answer):
        self.answer, self.requests = answer, []
        super().__init__(self.talk)

    def talk(self, stream):
        reader = stream.makefile("rb")
        while True:
            request = {}
            while line := reader.readline().rstrip(b"\n"):
                name, _, value = line.decode().partition("=")
                request[name] = value
            if not request or self.answer == CLOSE:
                return
            self.requests.append(request)
            if self.answer == HANG:
                time.sleep(60)
            stream.sendall(f"action={self.answer}\n\n".encode())


@pytest.mark.parametrize("action, reply", [("DUNNO", b"250 ok"), ("OK", b"250 ok"), ("REJECT not you", b"554 not you (#5.7.1)"),
                                           ("DEFER_IF_PERMIT later", b"450 later (#4.7.1)"), ("421 4.3.2 away", b"421 4.3.2 away")])
def test_actions_of_a_policy_service(box, action, reply):
    service = Policy(action)
    box.control("smtpdpolicy", f"unix:{PLACE}\n")
    said = box.smtpd_dialogue([*ENVELOPE, "QUIT"])
    assert b"\r\n" + reply + b"\r\n" in said.out
    assert service.requests[0]["protocol_name"] == "ESMTP" and service.requests[0]["recipient"] == "bob@host.example.org"


@pytest.mark.parametrize("answer", [HANG, CLOSE, "FROBNICATE"])
def test_a_policy_service_that_makes_no_sense(box, answer):
    Policy(answer)
    for option, reply in (("", b"250 ok"), (",default=defer", b"451 policy service unavailable (#4.3.0)")):
        box.control("smtpdpolicy", f"unix:{PLACE},timeout=1{option}\n")
        said = box.smtpd_dialogue([*ENVELOPE, "QUIT"])
        assert said.out.split(b"\r\n")[-3] == reply, said.out
        assert f"policy: unix:{PLACE}".encode() in said.err


def test_prepended_fields_are_below_received(box):
    Policy("PREPEND X-Greylist: delayed")
    box.control("smtpdpolicy", f"unix:{PLACE}\n")
    deliver(box)
    assert b"-0000\nX-Greylist: delayed\nFrom: " in box.captured()[-1][0]


def test_a_recipient_with_u_labels_is_deleted_under_the_name_that_the_milter_was_told(box):
    milter = Milter({"E": lambda: [b"-" + dict(milter.log)["R"].split(b"\0")[0] + b"\0", b"c"]})
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    box.control("smtputf8", "1\n")
    box.file("control/rcpthosts", "host.example.org\nbücher.example\n".encode())
    box.capture_queue()
    said = box.smtpd_dialogue([ENVELOPE[0], ENVELOPE[1] + " SMTPUTF8", "RCPT TO:<bob@bücher.example>\r\n".encode(), "DATA", MESSAGE, "QUIT"])
    assert said.out.split(b"\r\n")[-3] == b"250 ok" and not box.captured()


def test_no_client_continues_a_prepended_field(box):
    Policy("PREPEND X-Greylist: delayed")
    box.control("smtpdpolicy", f"unix:{PLACE}\n")
    box.capture_queue()
    for switch in ("0\n", "1\n"):  # with 1 the message is held
        box.control("dkimverify", switch)
        said = box.smtpd_dialogue([*ENVELOPE, "DATA", b" by a friend\r\nSubject: x\r\n\r\nhi\r\n.\r\n", "QUIT"])
        assert b"250 ok " in said.out
        assert b"X-Greylist: delayed\n\n by a friend\nSubject: x\n\nhi\n" in box.captured()[-1][0]


@pytest.mark.parametrize("step", ["STARTTLS", "clear"])
def test_macros_of_tls_and_login(box, step):
    """A milter learns the version and cipher of TLS with HELO and the login with MAIL; nothing of what was said before STARTTLS."""
    install(box)
    milter = Milter()
    box.control("smtpdmilters", f"unix:{PLACE}\n")
    box.capture_queue()
    checker = box.file("/mnt/checker", "#!/bin/sh\nexit 0\n", mode=0o755)
    talk = Talk(box, {"SMTPAUTH": "", "FORCETLS": "0"}, [str(checker), "/bin/true"])
    assert talk.say("EHLO first.example").startswith("250")
    wanted = {}
    if step == "STARTTLS":
        talk.starttls()
        cipher, version, _ = talk.tls.cipher()
        wanted = {"{tls_version}": talk.tls.version(), "{cipher}": cipher}
        assert version and talk.say("EHLO second.example").startswith("250")
    assert talk.say("AUTH PLAIN " + base64.b64encode(b"\0joe@example.org\0word").decode()).startswith("235 ")
    assert talk.mail().startswith("250 ok ")
    macros = {packet[:1].decode(): dict(zip(*[iter(packet[1:].decode().split("\0"))] * 2)) for packet in milter.macros}
    assert macros.get("H", {}) == wanted
    assert macros["M"] == {"{mail_addr}": "a@client.example", "{auth_authen}": "joe@example.org", "{auth_type}": "PLAIN"}
    assert macros["R"] == {"{rcpt_addr}": "bob@host.example.org"}
    assert macros["C"]["{client_addr}"] == "192.0.2.99" and macros["C"]["j"] == "host.example.org"
    assert [data for letter, data in milter.log if letter == "H"] == [f"{'second' if wanted else 'first'}.example\0".encode()]
