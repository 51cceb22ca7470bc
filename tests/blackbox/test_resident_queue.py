"""qmailq, which takes messages in for qmail's own programs: each must be as one of an executed qmail-queue."""

import os
import pwd
import re
import signal
import socket
import stat
import time
from pathlib import Path

import pytest
from conformlib.process import until
from test_spawners import replace

SOCKET = "/var/qmail/qmailq"
QUEUE = Path("/var/qmail/queue")
IDLE = "#!/bin/sh\nexec sleep 1000\n"
SMTP = ["EHLO c", "MAIL FROM:<s@a.example>", "RCPT TO:<alice@host.example.org>", "DATA", "Subject: x\r\n\r\nbody\r\n.", "QUIT"]
# Processes that are started later than the daemons have higher IDs. The numbers of qmailq count on from its own.
LATER = 3_000_500


class Daemons:
    """qmail-start with a qmail-send that leaves the queue as it is."""

    def __init__(self, box, resident=True):
        self.box = box
        for name in ("qmail-send", "qmail-lspawn", "qmail-rspawn", "qmail-clean"):
            box.file(f"/mnt/fake/{name}", IDLE, mode=0o755)
        box.path("/mnt/fake/qmailq").unlink(missing_ok=True)
        if resident:
            box.path("/mnt/fake/qmailq").symlink_to("/var/qmail/bin/qmailq")
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(LATER - 400))
        self.pid = os.spawnve(os.P_NOWAIT, str(box.program("qmail-start")), ["qmail-start"], {"PATH": "/mnt/fake:/usr/bin:/bin"})
        if resident:
            until(residents, 5, "qmailq")
            until(connects, 5, "socket")
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(LATER))

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def residents():
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cmdline").read_bytes().startswith(b"qmailq\0"):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(5)
    client.connect(SOCKET)
    return client


def connects():
    try:
        connect().close()
        return True
    except OSError:
        return False


def begun(box):
    """Connects and is greeted."""
    version = re.search(rb"reqmail program qmail-queue of version ([^\0]*)\0", box.path(box.program("qmail-queue")).read_bytes())[1]
    client = connect()
    client.send(b"o" + version + b"\0")
    assert client.recv(1000).startswith(b"g")
    return client


def messages():
    return sorted(int(path.name) for path in (QUEUE / "todo").iterdir())


def files():
    """All files of messages, with what a stat and a read show; numbers, times and process IDs are put in one form."""
    found = {}
    numbers = {str(number): f"N{place}" for place, number in enumerate(sorted(os.stat(path).st_ino for path in (QUEUE / "mess").glob("*/*")
                                                                             if not path.name.endswith(".dsn")))}
    for kind in ("pid", "intd", "todo", "mess"):
        for path in (QUEUE / kind).rglob("*"):
            if path.is_file():
                info = path.stat()
                text = re.sub(rb"\(qmail \d+ (invoked [^)]*)\); .* -0000\n", rb"(qmail PID \1); DATE\n", path.read_bytes())
                text = re.sub(rb"\0p\d+\0", rb"\0pPID\0", text)
                text = re.sub(rb"\d+ \w{3} \d{4} \d\d:\d\d:\d\d -0000", b"DATE", text)
                text = re.sub(rb"<\d{14}\.\d+\.", b"<TIME.PID.", text)
                name, dot, end = path.name.partition(".")
                found[f"{kind}/{numbers[name]}{dot}{end}"] = (stat.filemode(info.st_mode), info.st_uid, info.st_gid, info.st_nlink, text)
    return found


def forget():
    for kind in ("pid", "intd", "todo", "mess"):
        for path in (QUEUE / kind).rglob("*"):
            if path.is_file():
                path.unlink()


def numbers_used():
    return [int(re.search(rb"\0p(\d+)\0", (QUEUE / f"todo/{number}").read_bytes())[1]) for number in messages()]


def by_smtp(box, steps=(), **more):
    talk = box.smtpd_dialogue(list(steps or SMTP), **more)
    return re.sub(rb"qp \d+", b"qp PID", re.sub(rb"ok \d{9,}", b"ok TIME", talk.out))


def long_lines(count):
    return "".join(f"{number:060}\r\n" for number in range(count))


def by_qmtp(box):
    def netstring(text):
        return b"%d:%s," % (len(text), text)
    talk = box.netstring_dialogue("qmail-qmtpd", [netstring(b"\nSubject: q\n\nbody\n") + netstring(b"s@a.example")
                                                  + netstring(netstring(b"alice@host.example.org"))])
    return re.sub(rb"\d+", b"N", talk.out)


WAYS = {
    "smtp": by_smtp,
    "long": lambda box: by_smtp(box, [*SMTP[:4], long_lines(20000) + ".", "QUIT"], timeout=20),
    "recipients": lambda box: by_smtp(box, [*SMTP[:2], *[f"RCPT TO:<u{number}@host.example.org>" for number in range(3000)], *SMTP[3:]], one_by_one=False,
                                      timeout=20),
    "no recipients": lambda box: by_smtp(box, [*SMTP[:2], *SMTP[3:]]),
    "too big": lambda box: by_smtp(box, [*SMTP[:4], long_lines(3000) + ".", "QUIT"], env={"DATABYTES": "100000"}),
    "loop": lambda box: by_smtp(box, [*SMTP[:4], "Received: x\r\n" * 101 + "\r\n.", "QUIT"]),
    "wishes": lambda box: by_smtp(box, ["EHLO c", "MAIL FROM:<s@a.example> RET=HDRS ENVID=QQ", "RCPT TO:<alice@host.example.org> NOTIFY=NEVER", *SMTP[3:]]),
    "qmtp": by_qmtp,
    "alias": lambda box: box.run(["qmail-inject", "-fs@a.example", "alice"], "Subject: x\n\nbody\n", as_user="alias").code,
    "root": lambda box: box.run(["sendmail", "-fs@a.example", "alice"], "Subject: x\n\nbody\n").code,
    "address too long": lambda box: box.run(["qmail-inject", "-fs@a.example", "x" * 2000 + "@a.example"], "Subject: x\n", as_user="alias").err,
}


@pytest.mark.parametrize("way", WAYS)
def test_all_is_as_with_an_executed_program(box, way):
    box.control("dsn", "1\n")
    seen = []
    for resident in (False, True):
        daemons = Daemons(box, resident)
        result = WAYS[way](box)
        seen.append((result, files()))
        assert all((number < LATER) == resident for number in numbers_used())
        forget()
        daemons.end()
        until(lambda: not residents(), 5, "end of qmailq")
    if way == "root":
        # The files of an executed qmail-queue have the group of its caller, those of qmailq that of most callers.
        nofiles = pwd.getpwnam("qmaild").pw_gid
        seen[0] = (seen[0][0], {name: (*file[:2], nofiles, *file[3:]) for name, file in seen[0][1].items()})
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == {"no recipients": 0, "too big": 0, "loop": 0, "address too long": 0}.get(way, 3)


def test_it_is_what_is_needed_and_no_more(box):
    daemons = Daemons(box)
    (resident,) = residents()
    status = Path(f"/proc/{resident}/status").read_text()
    owner, nofiles = pwd.getpwnam("qmailq").pw_uid, pwd.getpwnam("qmaild").pw_gid
    assert f"Uid:\t{owner}\t{owner}\t{owner}\t{owner}\n" in status and f"Groups:\t{nofiles} \n" in status and "NoNewPrivs:\t1\n" in status
    assert "Seccomp:\t2\n" in status
    assert os.stat(f"/proc/{resident}/mem").st_uid == 0
    info = os.stat(SOCKET)
    assert (stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid) == (0o660, pwd.getpwnam("qmails").pw_uid, nofiles)
    assert os.readlink(f"/proc/{resident}/cwd") == str(QUEUE)
    places = {number: os.readlink(f"/proc/{resident}/fd/{number}") for number in os.listdir(f"/proc/{resident}/fd")}
    assert places["1"] == places["2"] == "/dev/null" and places["0"].startswith("socket:")
    kept = {str(QUEUE / "todo"), *(str(path) for path in (QUEUE / "mess").iterdir())}
    assert {place.partition(":")[0] for number, place in places.items() if int(number) > 2} == {"pipe", "anon_inode", *kept}
    daemons.end()
    until(lambda: not residents(), 5, "end of qmailq")


@pytest.mark.parametrize("user, may", [("alice", False), ("qmailr", False), ("qmaild", True), ("qmails", True), ("alias", True), ("qmaill", True), ("root", True)])
def test_who_may_connect(box, user, may):
    Daemons(box)
    script = f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect({SOCKET!r})"
    result = box.run(["/usr/bin/python3", "-c", script], as_user=user)
    assert (result.code == 0) == may, result
    assert may or b"PermissionError" in result.err


def test_users_execute_the_program(box):
    Daemons(box)
    assert box.run(["qmail-inject", "bob"], "Subject: x\n\n", as_user="alice").code == 0
    (number,) = numbers_used()
    assert number > LATER
    (mess,) = QUEUE.glob("mess/*/*")
    assert b"invoked by uid 7001)" in mess.read_bytes()


def changed_mark(box):
    return box.path(box.program("qmail-queue")).read_bytes().replace(b"reqmail program qmail-queue", b"another program qmail-queue")


@pytest.mark.parametrize("what", ["other program", "not setuid", "other owner", "QMAILQUEUE", "size of files", "other user"])
def test_the_program_is_executed_where_it_matters(box, what):
    """The program that takes the place of bin/qmail-queue counts from the next message on."""
    Daemons(box)
    env, line = {}, "exec /var/qmail/bin/qmail-inject -fs@a.example alice"
    if what == "other program":
        replace(box, "qmail-queue", "#!/bin/sh\nexit 31\n")
    elif what in ("not setuid", "other owner"):
        replace(box, "qmail-queue", box.path(box.program("qmail-queue")).read_bytes(), mode=0o711)
        if what == "other owner":
            os.chown("/mnt/replaced-qmail-queue", 7001, 7001)
            os.chmod("/mnt/replaced-qmail-queue", 0o4711)
    elif what == "QMAILQUEUE":
        env["QMAILQUEUE"] = "bin/qmail-queue"
    elif what == "size of files":
        line = f"ulimit -f 1; {line}"
    result = box.run(["/bin/bash", "-c", line], "Subject: x\n\n" + "x\n" * 3000, as_user="alias", env=env)
    if what == "other user":
        forget()
        box.file("/mnt/inject", box.path(box.program("qmail-inject")).read_bytes(), mode=0o4755)
        os.chmod("/mnt/inject", 0o4755)
        result = box.run(["/mnt/inject", "-fs@a.example", "alice"], "Subject: x\n\n", as_user="alice")
        (mess,) = QUEUE.glob("mess/*/*")
        assert b"invoked by uid 7001)" in mess.read_bytes()
    codes = {"other program": 100, "size of files": 111, "not setuid": 111, "other owner": 111}
    assert result.code == codes.get(what, 0), result
    assert all(number > LATER for number in numbers_used()) and len(numbers_used()) == (0 if what in codes else 1)


def test_killed_before(box):
    Daemons(box)
    os.kill(residents()[0], signal.SIGKILL)
    until(lambda: not connects(), 5, "death")
    assert b"250 ok TIME qp PID" in by_smtp(box)
    (number,) = numbers_used()
    assert number > LATER


@pytest.mark.parametrize("size", [1, 5000])
def test_killed_while_a_message_comes(box, size):
    Daemons(box)
    server = Session(box)
    for step in SMTP[:4]:
        server.say(step)
    until(lambda: list(QUEUE.glob("mess/*/*")), 5, "file")
    server.write(long_lines(size))
    os.kill(residents()[0], signal.SIGKILL)
    until(lambda: not connects(), 5, "death")
    assert server.say(".") == b"451 qq crashed (#4.3.0)\r\n"
    assert messages() == []
    # The session goes on, without qmailq.
    for step in SMTP[1:]:
        answer = server.say(step)
    assert answer.startswith(b"221") and [number > LATER for number in numbers_used()] == [True]


class Session:
    """A qmail-smtpd that is spoken to step by step."""

    def __init__(self, box):
        mine, its = socket.socketpair()
        self.socket = mine
        mine.settimeout(15)
        account = pwd.getpwnam("qmaild")
        env = {"PATH": "/var/qmail/bin:/usr/bin:/bin", "TCPREMOTEIP": "192.0.2.99", "TCPLOCALIP": "192.0.2.1", "PROTO": "TCP"}
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(its.fileno(), 0)
                os.dup2(its.fileno(), 1)
                os.setgroups([])
                os.setgid(account.pw_gid)
                os.setuid(account.pw_uid)
                os.execve(box.program("qmail-smtpd"), ["qmail-smtpd"], env)
            finally:
                os._exit(127)
        its.close()
        self.read()

    def read(self):
        text = b""
        while not re.search(rb"(?m)^\d{3} .*\r\n\Z", text):
            piece = self.socket.recv(4096)
            if not piece:
                break
            text += piece
        return text

    def write(self, text):
        self.socket.sendall(text.encode())

    def say(self, text):
        self.write(text + "\r\n")
        return self.read()


def test_stopped(box):
    """A client that gets no answer executes the program; the message is there once."""
    Daemons(box)
    (resident,) = residents()
    os.kill(resident, signal.SIGSTOP)
    assert b"250 ok TIME qp PID" in by_smtp(box)
    os.kill(resident, signal.SIGCONT)
    assert b"250 ok TIME qp PID" in by_smtp(box)
    assert sorted(number < LATER for number in numbers_used()) == [False, True]
    until(lambda: len(list(QUEUE.glob("mess/*/*"))) == 2, 5, "two")


def test_full(box):
    """Clients that say nothing cannot keep others from the queue, and slow ones do not hold them up."""
    Daemons(box)
    slow = [begun(box) for _ in range(199)]
    for client in slow:
        client.send(b"mslow\n")
    started = time.monotonic()
    assert b"250 ok TIME qp PID" in by_smtp(box)
    slow.append(begun(box))
    assert b"250 ok TIME qp PID" in by_smtp(box)
    assert time.monotonic() - started < 5
    assert sorted(number < LATER for number in numbers_used()) == [False, True]
    for client in slow:
        client.close()
    until(lambda: len(list(QUEUE.glob("mess/*/*"))) == 2 and len(list((QUEUE / "pid").iterdir())) == 0, 10, "two")


def test_few_descriptors(box):
    box.file("/mnt/start", f"#!/bin/bash\nulimit -n 64\nexec {box.program('qmail-start')}\n", mode=0o755)
    for name in ("qmail-send", "qmail-lspawn", "qmail-rspawn", "qmail-clean"):
        box.file(f"/mnt/fake/{name}", IDLE, mode=0o755)
    box.path("/mnt/fake/qmailq").symlink_to("/var/qmail/bin/qmailq")
    os.spawnve(os.P_NOWAIT, "/mnt/start", ["start"], {"PATH": "/mnt/fake:/usr/bin:/bin"})
    until(connects, 5, "socket")
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(LATER))
    clients = [begun(box) for _ in range(6)]
    for client in clients:
        client.send(b"Mx\n")
    assert b"250 ok TIME qp PID" in by_smtp(box)
    for client in clients:
        client.send(b"eFs@a.example\0Talice@host\0\0")
    assert [client.recv(10) for client in clients] == [b"r0"] * 6
    assert len(messages()) == 7


def test_ends_with_its_parent_when_its_messages_are_done(box):
    daemons = Daemons(box)
    client = begun(box)
    client.send(b"Mx\n")
    daemons.end()
    until(lambda: not connects(), 5, "end of listening")
    assert b"250 ok TIME qp PID" in by_smtp(box)
    client.send(b"eFs@a.example\0Talice@host\0\0")
    assert client.recv(10) == b"r0"
    until(lambda: not residents(), 5, "end of qmailq")
    assert sorted(number < LATER for number in numbers_used()) == [False, True]
    again = Daemons(box)
    assert connects()
    again.end()


def test_a_second_start_leaves_the_first_its_socket(box):
    Daemons(box)
    (first,) = residents()
    os.spawnve(os.P_NOWAIT, str(box.program("qmail-start")), ["qmail-start"], {"PATH": "/mnt/fake:/usr/bin:/bin"})
    time.sleep(0.3)
    assert residents() == [first] and connects()


def test_a_restart_does_not_wait_for_the_old_one(box):
    """It may not have noticed yet that its qmail-send has ended, or still have messages."""
    daemons = Daemons(box)
    (old,) = residents()
    os.kill(old, signal.SIGSTOP)
    daemons.end()
    assert connects()
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(LATER - 200))
    os.spawnve(os.P_NOWAIT, str(box.program("qmail-start")), ["qmail-start"], {"PATH": "/mnt/fake:/usr/bin:/bin"})
    until(lambda: len(residents()) == 2, 5, "another")
    assert b"250 ok TIME qp PID" in by_smtp(box)
    assert [number < LATER for number in numbers_used()] == [True]
    os.kill(old, signal.SIGCONT)
    until(lambda: old not in residents(), 5, "end of the old one")


@pytest.mark.parametrize("full", ["blocks", "inodes"])
def test_a_full_disk_has_the_texts_of_the_program(box, full):
    size = "size=64k" if full == "blocks" else "size=10m,nr_inodes=12"
    assert box.run(["/bin/mount", "-t", "tmpfs", "-o", f"{size},mode=750,uid={pwd.getpwnam('qmailq').pw_uid},gid={pwd.getpwnam('qmailq').pw_gid}", "tmpfs",
                    str(QUEUE)]).code == 0
    for name in ("pid", "intd", "todo", "mess", "mess/0", "lock"):
        (QUEUE / name).mkdir()
        os.chown(QUEUE / name, pwd.getpwnam("qmailq").pw_uid, -1)
    if full == "inodes":
        for number in range(100):
            try:
                (QUEUE / f"lock/{number}").touch()
            except OSError:
                break
    seen = []
    for resident in (False, True):
        daemons = Daemons(box, resident)
        seen.append(by_smtp(box, [*SMTP[:4], long_lines(3000) + ".", "QUIT"]))
        assert not files()
        daemons.end()
        until(lambda: not residents(), 5, "end")
    assert seen[0] == seen[1] and b"451 qq" in seen[0]


def test_delivers_through_the_whole_system(box):
    box.dotqmail("alias", "list", "&alice\n&bob\n")
    send = box.start_qmail()
    until(connects, 5, "socket")
    assert b"250 ok" in by_smtp(box, [*SMTP[:2], "RCPT TO:<list@host.example.org>", *SMTP[3:]])
    until(lambda: box.mailbox("alice") and box.mailbox("bob"), 10, "delivery")
    (resident,) = residents()
    # Each connection has a number, one that only looks as well.
    second, first = [int(number) for number in re.findall(rb"\(qmail (\d+) invoked", box.mailbox("bob"))]
    assert resident < first and second == first + 1
    assert send.stop() == 0
    until(lambda: not residents(), 5, "end of qmailq")


def bounce_numbers(box, count):
    """The numbers with which the bounces that alice has got were queued."""
    found = []

    def all_are_there():
        found[:] = [int(number) for number in re.findall(rb"\(qmail (\d+) invoked for bounce\)", box.mailbox("alice") or b"")]
        return len(found) == count
    until(all_are_there, 10, f"{count} bounces")
    return found


@pytest.mark.parametrize("trouble", ["killed", "stopped", "another program"])
def test_bounces_too(box, trouble):
    """qmail-send gives its bounces to qmailq; the program gets those that qmailq does not take, and none is there twice."""
    send = box.start_qmail()
    until(residents, 5, "qmailq")
    until(connects, 5, "socket")
    (resident,) = residents()

    def fail():
        assert box.run(["qmail-inject", "-falice@host.example.org", "nobody-at-all"], "Subject: x\n\n", as_user="alice").code == 0
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(LATER))
    fail()
    (first,) = bounce_numbers(box, 1)
    assert resident < first < LATER
    if trouble == "another program":
        replace(box, "qmail-queue", changed_mark(box))
        os.chown("/mnt/replaced-qmail-queue", pwd.getpwnam("qmailq").pw_uid, pwd.getpwnam("qmailq").pw_gid)
        os.chmod("/mnt/replaced-qmail-queue", 0o4711)
    else:
        os.kill(resident, signal.SIGKILL if trouble == "killed" else signal.SIGSTOP)
    fail()
    assert [number > LATER for number in bounce_numbers(box, 2)] == [False, True]
    if trouble == "stopped":
        os.kill(resident, signal.SIGCONT)
        fail()
        assert [number > LATER for number in bounce_numbers(box, 3)] == [False, True, False]
    until(lambda: not list(QUEUE.glob("mess/*/*")), 10, "empty queue")
    assert send.stop() == 0
