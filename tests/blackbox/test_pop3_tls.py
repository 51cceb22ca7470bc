"""qmail-popup: STLS, POP3S and their processes. tests/tls-auth.map assigns the tests to the requirements."""

import os
import poplib
import pwd
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest
from conformlib import sandbox
from conformlib.process import PATIENCE, until
from listening import listen
from tls_client import Talk, b64, context, install

MAIL = b"Subject: one\n\nhello\n.dot\n"
CHECKER = r"""#!/usr/bin/python3 -IS
import os, pwd, sys
data = b""
while chunk := os.read(3, 65536):
    data += chunk
os.close(3)
with open("/mnt/seen", "ab") as seen:
    seen.write(data.hex().encode() + b"\n")
user, secret, stamp = (data.split(b"\0") + [b"", b""])[:3]
if (user, secret) != (b"alice", b"alicepw"):
    os.write(2, b"-ERR checker says no\r\n")
    sys.exit(1)
account = pwd.getpwnam("alice")
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
os.chdir(account.pw_dir)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def serve(box, *mails: bytes, behind: list | None = None) -> list:
    """Makes alice's mail and returns the arguments of qmail-popup."""
    root = box.maildir("alice")
    for number, text in enumerate(mails):
        box.file(root / f"new/{1700000000 + number}.m.host", text, mode=0o600, owner="alice", age=600 - number)
    box.file("/mnt/seen", b"", mode=0o666)
    checker = str(box.file("/mnt/checker", CHECKER, mode=0o755))
    return ["host.example.org", checker, *(behind or [box.program("qmail-pop3d"), "Maildir"])]


class Pop(Talk):
    def __init__(self, box, argv: list, env: dict | None = None, greeting: bool = True, **options) -> None:
        super().__init__(box, {"TCPLOCALPORT": "110"} | (env or {}), argv, program="qmail-popup", greeting=False,
                         **{"user": "root"} | options)
        self.stamp = self.line() if greeting else ""
        assert not greeting or re.fullmatch(r"\+OK <\d+\.\d+@host\.example\.org>", self.stamp), self.stamp

    def lines(self, command: str) -> list[str]:
        assert self.say(command).startswith("+OK"), command
        found = []
        while (line := self.line()) != "." and not self.eof:
            found.append(line)
        assert line == "."
        return found

    def stls(self, *arguments, **options) -> "Pop":
        assert self.say("STLS").startswith("+OK")
        return self.handshake(*arguments, **options)

    def login(self) -> "Pop":
        assert self.say("USER alice") == "+OK "
        assert self.say("PASS alicepw") == "+OK "
        return self

    def ends_cleanly(self) -> bool:
        """Returns whether close_notify comes, with nothing before it."""
        while True:
            try:
                return self.tls.read(9) == b""
            except ssl.SSLWantReadError:
                data = self._read_raw(8)
                if not data:
                    return False
                self._incoming.write(data)

    def child(self) -> int:
        """Returns the process that does TLS."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as stream:
            pids = [int(number) for number in stream.read().split()]
        (found,) = [pid for pid in pids if name_of(pid) == "qmail-popup-tls"]
        return found


def name_of(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            return os.path.basename(stream.read().split(b"\0")[0].decode())
    except OSError:
        return ""


def running() -> list[str]:
    """Returns the names of qmail's processes in this test's namespace."""
    names = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            names.append(name_of(int(entry)))
    return [name for name in names if name.startswith("qmail-")]


def gone(seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds * PATIENCE
    while running() and time.monotonic() < deadline:
        time.sleep(0.02)
    return running() == []


def status(pid: int) -> dict[str, str]:
    with open(f"/proc/{pid}/status", encoding="ascii") as stream:
        return {key: " ".join(value.split()) for key, _, value in (line.partition(":") for line in stream)}


def test_announced_while_the_certificate_is_there(box):
    talk = Pop(box, serve(box))
    assert talk.lines("CAPA") == ["USER", "UIDL", "TOP", "PIPELINING"]
    assert talk.say("STLS") == "-ERR authorization first"
    install(box)
    assert talk.lines("CAPA") == ["USER", "UIDL", "TOP", "PIPELINING", "STLS"]
    assert talk.say("STLS now") == "-ERR syntax error"
    box.path("control/servercert.pem").unlink()
    assert talk.lines("CAPA") == ["USER", "UIDL", "TOP", "PIPELINING"]
    install(box)
    off = Pop(box, serve(box), {"DISABLETLS": "1"})
    assert off.lines("CAPA") == ["USER", "UIDL", "TOP", "PIPELINING"]
    assert off.say("STLS") == "-ERR authorization first"
    assert off.login().lines("CAPA") == ["UIDL", "TOP", "PIPELINING"]
    assert off.say("STLS") == "-ERR unimplemented"
    assert off.say("QUIT") == "+OK " and off.hang_up() == 1


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_session_over_stls(box, version):
    install(box)
    talk = Pop(box, serve(box, MAIL, b"Subject: two\n\n\n")).stls(context(version=version))
    assert talk.lines("CAPA") == ["USER", "SASL PLAIN", "UIDL", "TOP", "PIPELINING"]
    assert talk.say("STLS") == "-ERR authorization first"
    assert talk.login().lines("CAPA") == ["UIDL", "TOP", "PIPELINING"]
    assert talk.say("STLS") == "-ERR unimplemented"
    assert talk.say("STAT").startswith("+OK 2 ")
    assert talk.lines("RETR 1") == ["Subject: one", "", "hello", "..dot", ""]
    assert talk.say("DELE 1") == "+OK "
    assert talk.say("QUIT") == "+OK "
    assert talk.ends_cleanly()
    assert talk.hang_up() == 1 and gone()
    assert len(box.maildir_messages("alice")) == 1
    stamp = talk.stamp.removeprefix("+OK ").encode()
    assert bytes.fromhex(box.path("/mnt/seen").read_text().strip()) == b"alice\0alicepw\0" + stamp + b"\0"


@pytest.mark.parametrize("fault, why", [
    ("garbage", "unable to find a certificate in control/servercert.pem"), ("no key", "unable to find a key in"),
    ("ciphers", "unable to set ciphers"), ("no program", "unable to start TLS"), ("no account", "unable to change identity")])
def test_what_keeps_tls_from_starting_is_an_error_and_the_session_goes_on(box, fault, why):
    pem = install(box)
    path = box.path("control/servercert.pem")
    if fault == "garbage":
        path.write_bytes(b"garbage\n")
    elif fault == "no key":
        path.write_bytes(pem[:pem.index(b"-----BEGIN PRIVATE")])
    elif fault == "ciphers":
        box.control("tlsserverciphers", "NONSENSE\n")
    elif fault == "no program":
        sandbox.mount("/dev/null", box.path("bin/qmail-popup-tls"), flags=sandbox.MS_BIND)
    else:
        with open("/etc/passwd", "r+", encoding="ascii") as accounts:
            lines = [line for line in accounts if not line.startswith("qmaild:")]
            accounts.seek(0)
            accounts.truncate()
            accounts.writelines(lines)
    talk = Pop(box, serve(box, MAIL))
    for _ in range(2):
        talk.send(b"STLS\r\nNOOP\r\n")
        reply = talk.reply()
        assert reply.startswith(f"-ERR TLS {why}") and "PRIVATE" not in reply, reply
        assert talk.reply() == "+OK "
    assert talk.login().say("STAT").startswith("+OK 1 ")
    assert talk.say("QUIT") == "+OK " and talk.hang_up() == 1
    broken = Pop(box, serve(box), {"POP3S": "1"}, greeting=False)
    assert broken.rest(5) == b"" and broken.hang_up() == 1
    assert broken.errors.startswith(f"qmail-popup: fatal: TLS {why}") and gone()


def test_tls_from_the_first_byte(box):
    install(box)
    talk = Pop(box, serve(box, MAIL), {"POP3S": "1"}, greeting=False).handshake()
    assert re.fullmatch(r"\+OK <\d+\.\d+@host\.example\.org>", talk.line())
    assert talk.lines("CAPA") == ["USER", "SASL PLAIN", "UIDL", "TOP", "PIPELINING"]
    assert talk.login().say("STAT").startswith("+OK 1 ")
    assert talk.say("QUIT") == "+OK " and talk.ends_cleanly() and talk.hang_up() == 1
    clear = Pop(box, serve(box), {"POP3S": "1"}, greeting=False)
    clear.write_raw(b"USER alice\r\nPASS alicepw\r\n")
    assert b"+OK" not in clear.rest(5) and clear.eof and clear.hang_up() == 1
    usage = Pop(box, ["host.example.org"], {"POP3S": "1"}, greeting=False)
    assert usage.rest(5) == b"" and usage.hang_up() == 1
    assert Pop(box, serve(box), {"POP3S": ""}).say("QUIT") == "+OK "
    assert gone() and box.path("/mnt/seen").read_text().count("\n") == 0


@pytest.mark.parametrize("extra", [b"USER alice\r\nPASS alicepw\r\n", b"NOOP\r\nNOOP\r\n", b"USER mall"])
def test_what_is_sent_behind_stls_is_never_carried_out(box, extra):
    install(box)
    talk = Pop(box, serve(box, MAIL))
    talk.send(b"USER alice\r\nSTLS\r\n" + extra)
    assert talk.reply() == "+OK " and talk.reply() == "+OK begin TLS"
    talk.handshake()
    assert talk.say("PASS alicepw") == "-ERR USER first"
    assert talk.say("NOOP") == "+OK " and talk.line(0.3) == ""
    assert talk.say("QUIT") == "+OK " and talk.hang_up() == 1
    assert box.path("/mnt/seen").read_text() == ""


def test_passwords_in_clear_only_where_that_is_allowed(box):
    install(box)
    argv = serve(box, MAIL)
    assert Pop(box, argv).login().say("QUIT") == "+OK "
    for env in ({"FORCETLS": "1"}, {"UCSPITLS": "!"}):
        talk = Pop(box, argv, env)
        assert talk.lines("CAPA") == ["UIDL", "TOP", "PIPELINING", "STLS"]
        for command in ("USER alice", "PASS alicepw", "APOP alice 00112233445566778899aabbccddeeff"):
            assert talk.say(command) == "-ERR STLS first"
        talk.stls()
        assert talk.lines("CAPA") == ["USER", "SASL PLAIN", "UIDL", "TOP", "PIPELINING"]
        assert talk.login().say("QUIT") == "+OK "
        assert talk.hang_up() == 1
    inside = Pop(box, argv).stls()
    assert inside.say("AUTH PLAIN") == "+ "
    assert inside.say(b64("\0alice\0alicepw") + " ") == "+OK " and inside.say("STAT").startswith("+OK 1 ")
    assert Pop(box, argv).say("AUTH PLAIN") == "-ERR authorization first"
    assert Pop(box, argv, {"FORCETLS": "1", "POP3S": "1"}, greeting=False).handshake().line().startswith("+OK <")
    assert Pop(box, argv, {"FORCETLS": "0"}).login().say("QUIT") == "+OK "


def test_wrong_password_and_what_the_checker_says(box):
    install(box)
    talk = Pop(box, serve(box)).stls()
    assert talk.say("USER alice") == "+OK "
    assert talk.say("PASS nope") == "-ERR checker says no"
    assert talk.reply() == "-ERR authorization failed"
    assert talk.say("QUIT") == "+OK " and talk.ends_cleanly() and talk.hang_up() == 1 and gone()


def test_the_program_behind_the_checker_sees_a_plain_socket(box):
    install(box)
    show = "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; ls /proc/self/fd; echo $TCPREMOTEIP; cat"
    talk = Pop(box, serve(box, behind=["/bin/sh", "-c", show]), {"TCPREMOTEIP": "192.0.2.9"}).stls()
    talk.send(b"USER alice\r\n")
    assert talk.reply() == "+OK "
    talk.send(b"PASS alicepw\r\n")
    descriptors = [talk.line() for _ in range(3)]
    assert descriptors[0].startswith("socket:[") and len(set(descriptors)) == 1
    assert [talk.line() for _ in range(4)] == ["0", "1", "2", "3"]  # the last is ls's own
    assert talk.line() == "192.0.2.9"
    assert talk.say("more") == "more"
    talk.close_notify()
    assert talk.hang_up() == 1 and gone()


@pytest.mark.parametrize("junk", [b"USER alice\r\n" * 9, bytes(600), b"\x16\x03\x01\xff\xff" * 200, b""])
@pytest.mark.parametrize("implicit", [False, True])
def test_garbage_instead_of_a_handshake(box, junk, implicit):
    install(box)
    talk = Pop(box, serve(box), {"POP3S": "1"} if implicit else {}, greeting=not implicit)
    if not implicit:
        assert talk.say("STLS") == "+OK begin TLS"
    talk.write_raw(junk)
    if junk:
        assert b"+OK" not in talk.rest(2)
    assert talk.hang_up() == 1 and gone()


@pytest.mark.parametrize("implicit", [False, True])
def test_a_client_that_takes_its_time(box, implicit):
    """The process that speaks TLS is confined, and waits longer than a moment."""
    install(box)
    talk = Pop(box, serve(box), {"POP3S": "1"} if implicit else {}, greeting=not implicit)
    if not implicit:
        assert talk.say("STLS") == "+OK begin TLS"
    time.sleep(0.7)
    talk.handshake()
    if implicit:
        assert talk.line().startswith("+OK <")
    time.sleep(0.7)
    assert talk.login().say("QUIT") == "+OK "
    assert talk.ends_cleanly()


@pytest.mark.slow
@pytest.mark.limit(90)
def test_the_whole_handshake_has_a_minute(box):
    install(box)
    talk = Pop(box, serve(box))
    assert talk.say("STLS") == "+OK begin TLS"
    begin = time.monotonic()
    for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(20):
        talk.write_raw(bytes([byte]))
        if talk._read_raw(5) == b"":
            break
    assert 50 < time.monotonic() - begin < 75
    assert talk.hang_up() == 1 and gone()


@pytest.mark.parametrize("last, left", [(b"DELE 1\r\nQUIT\r\n", 0), (b"DELE 1\r\n", 1)])
@pytest.mark.parametrize("notify", [False, True])
def test_a_cut_connection(box, last, left, notify):
    """Complete commands count, in whatever way the client leaves; without QUIT nothing is removed."""
    install(box)
    talk = Pop(box, serve(box, MAIL)).stls().login()
    talk.send(last)
    if notify:
        talk.close_notify()
    assert talk.hang_up() == 1 and gone()
    assert len(box.maildir_messages("alice")) == left


def test_clear_text_within_tls_ends_the_session(box):
    install(box)
    talk = Pop(box, serve(box, MAIL)).stls().login()
    talk.write_raw(b"DELE 1\r\nQUIT\r\n" * 9)
    assert b"+OK" not in talk.rest(3)
    assert talk.hang_up() == 1 and gone()
    assert len(box.maildir_messages("alice")) == 1


def test_large_messages_both_ways_full(box):
    """A client that writes without reading is blocked, and nothing is lost when it reads."""
    install(box)
    body = b"".join(b"%06d %s\n" % (number, b"x" * 60) for number in range(30000))
    talk = Pop(box, serve(box, b"Subject: big\n\n" + body)).stls().login()
    for _ in range(3):
        talk.send(b"RETR 1\r\n")
    talk.send(b"NOOP\r\n" * 2000)
    time.sleep(0.5)
    for pid in (talk.pid, talk.child()):
        assert int(status(pid)["VmRSS"].split()[0]) < 20000
    for _ in range(3):
        assert talk.line() == "+OK "
        assert talk.line() == "Subject: big" and talk.line() == ""
        received = b""
        while not received.endswith(b"\r\n\r\n.\r\n"):
            received += talk.line().encode() + b"\r\n"
        assert received.replace(b"\r\n", b"\n") == body + b"\n.\n"
    assert [talk.line() for _ in range(2000)] == ["+OK "] * 2000
    assert talk.say("QUIT") == "+OK " and talk.ends_cleanly() and talk.hang_up() == 1


def test_a_client_that_never_reads(box):
    install(box)
    body = b"".join(b"%06d %s\n" % (number, b"x" * 60) for number in range(30000))
    talk = Pop(box, serve(box, b"Subject: big\n\n" + body)).stls().login()
    talk.send(b"RETR 1\r\n" * 5)
    time.sleep(0.5)
    child = talk.child()
    before = status(child)
    time.sleep(0.5)
    assert status(child)["State"].startswith("S") and status(talk.pid)["State"].startswith("S")
    switches = [int(one["voluntary_ctxt_switches"]) for one in (before, status(child))]
    assert switches[1] - switches[0] <= 2  # waits, does not spin
    assert talk.hang_up() == 1 and gone()


@pytest.mark.parametrize("victim", ["qmail-popup-tls", "qmail-pop3d", "qmail-popup"])
def test_no_orphans_whoever_dies(box, victim):
    install(box)
    talk = Pop(box, serve(box, MAIL)).stls().login()
    assert sorted(running()) == ["qmail-pop3d", "qmail-popup", "qmail-popup-tls"]
    (pid,) = [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and name_of(int(entry)) == victim]
    os.kill(pid, signal.SIGKILL)
    if victim == "qmail-popup":
        assert talk.say("STAT").startswith("+OK 1 ")  # as in clear: pop3d has the connection
        assert talk.say("QUIT") == "+OK " and talk.ends_cleanly()
        assert talk.hang_up() == -signal.SIGKILL
    else:
        if victim == "qmail-pop3d":
            assert talk.reply() == "-ERR aack, child crashed" and talk.ends_cleanly()
        else:
            assert talk.rest(5) == b""
        assert talk.hang_up() == 1
    assert gone()


@pytest.mark.parametrize("moment", ["greeted", "waiting for a handshake", "in TLS", "a name given"])
def test_no_orphans_when_the_client_goes(box, moment):
    install(box)
    talk = Pop(box, serve(box, MAIL))
    if moment == "waiting for a handshake":
        assert talk.say("STLS") == "+OK begin TLS"
    elif moment != "greeted":
        talk.stls()
    if moment == "a name given":
        assert talk.say("USER alice") == "+OK "
    assert talk.hang_up() == 1 and gone()


def assert_confined(pid: int) -> None:
    account = pwd.getpwnam("qmaild")
    found = status(pid)
    assert found["Uid"] == " ".join([str(account.pw_uid)] * 4) and found["Gid"] == " ".join([str(account.pw_gid)] * 4)
    assert found["Groups"] == "" and found["NoNewPrivs"] == "1" and int(found["CapEff"], 16) == 0 == int(found["CapPrm"], 16)
    assert os.listdir(f"/proc/{pid}/root/") == [] and os.stat(f"/proc/{pid}/root/").st_ino != os.stat("/").st_ino
    assert os.readlink(f"/proc/{pid}/root").endswith(" (deleted)") and os.listdir(f"/proc/{pid}/cwd/") == []
    assert sorted(os.listdir(f"/proc/{pid}/fd"), key=int) == ["0", "1", "2", "3"]
    assert os.readlink(f"/proc/{pid}/fd/2") == "/dev/null"
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0  # not dumpable: not even for its own user
    with open(f"/proc/{pid}/limits", encoding="ascii") as stream:
        assert re.search(r"^Max core file size +0 +0 ", stream.read(), re.M)
    # If the kernel supports it, any system call except those for communication kills it.
    assert found.get("Seccomp", "2") == "2"


def memory(pid: int) -> bytes:
    found = b""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as stream:
        for line in maps:
            first, last = (int(number, 16) for number in line.split()[0].split("-"))
            if " r" in line and "[v" not in line:
                stream.seek(first)
                found += stream.read(last - first)
    return found


@pytest.mark.parametrize("implicit", [False, True])
def test_guessing_in_tls_is_slow_logged_and_ends(box, implicit):
    """As without TLS, with every checker; the pause comes after the answer."""
    install(box)
    where = {"TCPREMOTEIP": "192.0.2.77"}
    talk = Pop(box, serve(box), where | ({"POP3S": "1"} if implicit else {}), greeting=not implicit)
    if implicit:
        assert talk.handshake().line().startswith("+OK <")
    else:
        talk.stls()
    begun = time.monotonic()
    for number in range(5):
        assert talk.say("USER alice", 20) == "+OK "
        asked = time.monotonic()
        assert talk.say(f"PASS wrong{number}") == "-ERR checker says no"
        assert time.monotonic() - asked < 4
        assert talk.line() == "-ERR authorization failed"
    assert talk.ends_cleanly() and talk.hang_up() == 1
    assert time.monotonic() - begun > 24
    lines = re.findall(r"^qmail-popup\[\d+\]: auth: (.*)$", talk.errors, re.M)
    assert lines == ["auth-failed type=pass user=<alice> ip=192.0.2.77"] * 5
    assert gone()


@pytest.mark.parametrize("implicit", [False, True])
def test_who_holds_the_key_and_who_listens_to_strangers(box, implicit):
    install(box)
    pem = install(box, "shop.example.net", "control/servercerts/shop.example.net/servercert.pem")
    inherited = box.file("/mnt/inherited", b"")
    box.mkdir("/tmp", mode=0o1777)
    with open(inherited, "rb") as stream:
        os.set_inheritable(stream.fileno(), True)
        talk = Pop(box, serve(box, MAIL), {"POP3S": "1"} if implicit else {}, greeting=not implicit)
    if implicit:
        deadline = time.monotonic() + 5
        while "qmail-popup-tls" not in running() or status(talk.child())["NoNewPrivs"] != "1":
            assert time.monotonic() < deadline
    else:
        assert running() == ["qmail-popup"]
        assert talk.say("STLS") == "+OK begin TLS"
    child = talk.child()
    # Before the first byte of the handshake; if the kernel has filters, one is the last step.
    until(lambda: status(child).get("Seccomp", "2") == "2", 10, "the confinement")
    assert_confined(child)
    talk.handshake(name="shop.example.net")
    if implicit:
        assert talk.line().startswith("+OK <")
    assert ssl.DER_cert_to_PEM_cert(talk.tls.getpeercert(True)).encode() in pem
    assert talk.say("NOOP") == "+OK "
    assert_confined(child)
    with open(f"/proc/{child}/maps", encoding="ascii") as stream:
        assert "libssl" in stream.read()
    with open(f"/proc/{talk.pid}/maps", encoding="ascii") as stream:
        assert "libssl" not in stream.read() and status(talk.pid)["Uid"].split()[0] == "0"
    assert all(re.match("socket:|/", os.readlink(f"/proc/{talk.pid}/fd/{number}")) for number in os.listdir(f"/proc/{talk.pid}/fd"))
    key = re.search(rb"PRIVATE KEY-----\n(.{30})", pem).group(1)
    assert key not in memory(talk.pid)
    assert b"alicepw" not in memory(talk.login().pid)
    assert not [name for name in os.listdir("/tmp") if name.startswith("qmail.")]
    assert talk.say("QUIT") == "+OK " and talk.hang_up() == 1 and gone()


def test_where_it_is_not_root(box):
    install(box)
    box.file("control/servercert.pem", box.path("control/servercert.pem").read_bytes(), mode=0o640, owner="alice")
    talk = Pop(box, serve(box, MAIL), user="alice").stls()
    found = status(talk.child())
    assert found["Uid"].split()[0] == str(pwd.getpwnam("alice").pw_uid) and found["NoNewPrivs"] == "1" and found.get("Seccomp", "2") == "2"
    assert talk.login().say("STAT").startswith("+OK 1 ")
    assert talk.say("QUIT") == "+OK " and talk.hang_up() == 1 and gone()
    refused = Pop(box, serve(box), user="qmailp")  # a user who may not read the file
    assert refused.say("STLS").startswith("-ERR TLS unable to read control/servercert.pem: ")
    assert refused.say("QUIT") == "+OK "


def test_certificates_by_name(box):
    usual, shop = (ssl.PEM_cert_to_DER_cert(re.search(r"-----BEGIN CERT.*?END CERT[^\n]*\n", pem.decode(), re.S).group(0)) for pem in (
        install(box), install(box, "shop.example.net", "control/servercerts/shop.example.net/servercert.pem")))
    box.file("control/servercerts/broken.example.net/servercert.pem", "garbage\n")
    asked = {"shop.example.net": shop, "SHOP.Example.NET": shop, "who.example.net": usual, "broken.example.net": usual, None: usual}
    argv = serve(box)
    for name, wanted in asked.items():
        talk = Pop(box, argv).stls(name=name)
        assert talk.tls.getpeercert(True) == wanted, name
        assert talk.say("QUIT") == "+OK "


def test_protocols_ciphers_and_tickets(box):
    install(box)
    argv = serve(box)
    conf = box.file("/tmp/openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\n"
                    "MaxProtocol = TLSv1.1\nCipherString = ALL:@SECLEVEL=0\nOptions = UnsafeLegacyRenegotiation,-SessionTicket\n")
    for version, works in (("TLSv1", False), ("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)):
        talk = Pop(box, argv, {"OPENSSL_CONF": str(conf)})
        try:
            talk.stls(context(version=version, ciphers="ALL:@SECLEVEL=0"))
            assert works and talk.tls.compression() is None, version
        except (ssl.SSLError, ConnectionError):
            assert not works, version
    one, other = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
    box.control("tlsserverciphers", f"{other}\n{one}\n")
    assert Pop(box, argv).stls(context(version="TLSv1_2")).tls.cipher()[0] == other
    assert Pop(box, argv, {"TLSCIPHERS": one}).stls(context(version="TLSv1_2")).tls.cipher()[0] == one

    def visit(mine, session=None):
        talk = Pop(box, argv).stls(mine, session=session)
        assert talk.say("NOOP") == "+OK "
        return talk.tls.session_reused, talk.tls.session

    for version in ("TLSv1_2", "TLSv1_3"):
        mine = context(version=version)
        assert not visit(mine)[1].has_ticket
        box.file("control/tlsticketkey", os.urandom(80), mode=0o640)
        assert visit(mine, visit(mine)[1])[0] == (version == "TLSv1_3")
        box.path("control/tlsticketkey").unlink()


def test_clients_that_people_have(box):
    install(box)
    argv = ["qmail-popup", *serve(box, MAIL, MAIL, MAIL, MAIL, MAIL)]
    listen(box, 110, argv, user=None)
    listen(box, 995, argv, {"POP3S": "1"}, user=None)

    def first(session):
        session.user("alice")
        session.pass_("alicepw")
        assert session.retr(1)[1][:3] == [b"Subject: one", b"", b"hello"]
        session.dele(1)
        session.quit()

    clear = poplib.POP3("127.0.0.1", 110, timeout=9)
    clear.stls(context())
    first(clear)
    first(poplib.POP3_SSL("127.0.0.1", 995, timeout=9, context=context()))
    assert len(box.maildir_messages("alice")) == 3
    for port, options in (("110", ["-starttls", "pop3"]), ("995", [])):
        client = subprocess.Popen(["openssl", "s_client", "-quiet", "-crlf", "-connect", f"127.0.0.1:{port}", *options],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        assert options or client.stdout.readline().startswith(b"+OK <")  # after STLS it shows no greeting
        for command, answer in ((b"USER alice\n", b"+OK "), (b"PASS alicepw\n", b"+OK "), (b"STAT\n", b"+OK 3 "), (b"QUIT\n", b"+OK ")):
            client.stdin.write(command)
            assert client.stdout.readline().startswith(answer), (port, command)
        assert client.stdout.read() == b"" and client.wait(5) == 0
    for port, options in (("110", ["--sslproto", "TLS1.2+"]), ("995", ["--ssl"])):
        settings = box.file("/tmp/fetchmailrc", f"poll 127.0.0.1 service {port} proto pop3 user alice password alicepw fetchlimit 1 nokeep "
                            "mda \"cat >>/tmp/fetched; echo END >>/tmp/fetched\"\n", mode=0o600)
        done = subprocess.run(["fetchmail", "-f", str(settings), "--nosslcertck", *options], capture_output=True, timeout=15, check=False,
                              env=box.env | {"HOME": "/tmp", "USER": "root", "FETCHMAILHOME": "/tmp"})
        assert done.returncode in (0, 13), done  # 13: more data remain than were requested
    fetched = box.path("/tmp/fetched").read_bytes()
    assert fetched.count(b"END\n") == 2 and fetched.count(b"hello\n.dot\n") == 2
    assert len(box.maildir_messages("alice")) == 1
    assert gone()


def listener(argv_env: dict, separate: bool) -> tuple[dict, list[int]]:
    """Makes the descriptors of a listener with UCSPI-TLS, for orders and for both directions, and returns our ends."""
    if not separate:  # one descriptor may be all three
        ours, theirs = socket.socketpair()
        ends = [theirs.detach()] * 3
        mine = [ours.detach()] * 3
    else:
        control, ordered = os.pipe()
        reading, to_server = os.pipe()
        from_server, writing = os.pipe()
        ends, mine = [ordered, reading, writing], [control, to_server, from_server]
    return argv_env | dict(zip(("SSLCTLFD", "SSLREADFD", "SSLWRITEFD"), map(str, ends))), mine


@pytest.mark.parametrize("separate", [True, False])
@pytest.mark.parametrize("wish", ["", "!", "?"])
def test_the_listener_may_speak_tls(box, wish, separate):
    env, (control, to_server, from_server) = listener({"UCSPITLS": wish}, separate)
    argv = serve(box, MAIL, behind=["/bin/sh", "-c", "ls /proc/self/fd; env; echo END; exec \"$@\"", "sh", box.program("qmail-pop3d"), "Maildir"])
    talk = Pop(box, argv, env)
    assert talk.lines("CAPA") == (["UIDL", "TOP", "PIPELINING", "STLS"] if wish == "!" else ["USER", "UIDL", "TOP", "PIPELINING", "STLS"])
    talk.send(b"USER alice\r\nSTLS\r\nPASS alicepw\r\n")
    assert talk.reply() == ("-ERR STLS first" if wish == "!" else "+OK ")
    assert talk.reply() == "+OK begin TLS"
    assert os.read(control, 9) == b"y"
    assert not talk._read_raw(0.2)
    talk._writer, talk._reader = to_server, from_server
    assert talk.lines("CAPA") == ["USER", "SASL PLAIN", "UIDL", "TOP", "PIPELINING"]
    assert talk.say("PASS alicepw") == "-ERR USER first"
    assert talk.say("USER alice") == "+OK "
    talk.send(b"PASS alicepw\r\n")
    seen = []
    while not seen or seen[-1] != "END":
        seen.append(talk.line())
    assert seen[:4] == ["0", "1", "2", "3"]  # the last is ls's own
    assert not [line for line in seen if line.startswith(("UCSPITLS", "SSL"))]
    assert talk.reply() == "+OK " and talk.say("STAT").startswith("+OK 1 ") and talk.say("QUIT") == "+OK "
    assert talk.process.wait(5) == 1


def test_a_listener_that_is_not_to_speak_tls_or_can_not(box):
    install(box)
    argv = serve(box)
    env, _ = listener({"UCSPITLS": "-"}, True)
    assert Pop(box, argv, env).lines("CAPA") == ["USER", "UIDL", "TOP", "PIPELINING"]
    assert Pop(box, argv, {"UCSPITLS": "-"}).say("STLS") == "-ERR authorization first"
    env, _ = listener({"UCSPITLS": "", "DISABLETLS": "1"}, True)
    assert Pop(box, argv, env).lines("CAPA") == ["USER", "UIDL", "TOP", "PIPELINING"]
    own = Pop(box, argv, {"UCSPITLS": ""}).stls()  # no descriptors: our own TLS
    assert own.say("QUIT") == "+OK "
    env, (control, to_server, _) = listener({"UCSPITLS": ""}, True)
    failing = Pop(box, argv, env)  # a handshake that fails is an end of file
    assert failing.say("STLS") == "+OK begin TLS" and os.read(control, 1) == b"y"
    os.close(to_server)
    os.close(int(env["SSLREADFD"]))
    assert failing.process.wait(5) == 1
