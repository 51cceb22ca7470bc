"""qmail-queue, qmail-clean, qmail-qread, qmail-qstat where the conformance cases do not look: bad input, closed
descriptors, limits, signals, full disks, other splits; and the queue programs that stand in for qmail-queue."""

import os
import re
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conformlib.process import until
from conformlib.solo import SlowQueue

MESSAGE = b"Subject: x\n\nbody\n"
ENVELOPE = b"Fs@a.example\0Tr@b.example\0\0"
DAY = 86400


def queue(box, message=MESSAGE, envelope=ENVELOPE, as_user="alice", **more):
    return box.run(["qmail-queue"], message, extra_fds={1: envelope}, as_user=as_user, **more)


def files_left(box):
    """Returns all files in the queue except those in lock/."""
    top = box.path("queue")
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file() and path.parent.name != "lock")


def shell(box, line, as_user="alice", **more):
    """Runs a line of shell; the message is on descriptor 8, the envelope on 9."""
    return box.run(["/bin/sh", "-c", line], b"", extra_fds={8: MESSAGE, 9: ENVELOPE}, as_user=as_user, **more)


# qmail-queue: input

@pytest.mark.parametrize("envelope, code", [
    (b"\0", 91), (b"F\0", 54), (b"F", 54), (b"Fs\0T", 54), (b"Fs\0Tr\0", 54), (b"Fs\0\1", 91), (b"Fs\0Fs\0Tr\0\0", 91),
    (b"Fs\0tr\0\0", 91), (b"u1\0Fs\0\0", 91), (b"F" + b"x" * 1003, 11), (b"Fs\0T" + b"x" * 5_000_000, 11),
    (b"Fs\0T" + b"x" * 1003 + b"\0", 11),
])
def test_bad_envelopes_leave_nothing(box, envelope, code):
    assert queue(box, envelope=envelope).code == code
    assert files_left(box) == []


def test_nothing_behind_the_envelope_counts(box):
    assert queue(box, envelope=ENVELOPE + b"Tother@b.example\0\0").code == 0
    (todo,) = box.path("queue/todo").iterdir()
    assert todo.read_bytes().endswith(b"\0Fs@a.example\0Tr@b.example\0")


def test_many_recipients(box):
    recipients = b"".join(b"Tuser%d@b.example\0" % number for number in range(60000))
    assert queue(box, envelope=b"Fs@a.example\0" + recipients + b"\0").code == 0
    (todo,) = box.path("queue/todo").iterdir()
    assert todo.read_bytes().endswith(b"\0Fs@a.example\0" + recipients)


@pytest.mark.parametrize("size", [65535, 65536, 65537, 200_000])
def test_message_sizes_around_the_buffer(box, size):
    text = os.urandom(size)
    assert queue(box, text).code == 0
    (mess,) = box.path("queue/mess").glob("*/*")
    assert mess.read_bytes().partition(b"\n")[2] == text


def test_odd_bytes_in_addresses(box):
    every = bytes(byte for byte in range(1, 256))
    assert queue(box, envelope=b"F" + every + b"\0T" + every + b"\0\0").code == 0
    (todo,) = box.path("queue/todo").iterdir()
    assert todo.read_bytes().endswith(b"\0F" + every + b"\0T" + every + b"\0")


# qmail-queue: descriptors, environment, limits, signals

@pytest.mark.parametrize("redirections, code", [
    ("<&- 1<&9", 54), ("<&8 >&-", 54), ("<&- >&-", 54), ("<&- >&- 2>&-", 54), ("<&8 1<&9 2>&-", 0),
    ("0>/tmp/out 1<&9", 54), ("<&8 1>/tmp/out", 54), ("</ 1<&9", 54), ("<&8 1</", 54),
])
def test_descriptors(box, redirections, code):
    assert shell(box, f"exec qmail-queue {redirections}").code == code
    assert len(files_left(box)) == (3 if code == 0 else 0)


def test_environment_and_umask_do_not_count(box):
    odd = {"TZ": ":/etc/passwd", "LANG": "xx", "QMAILQUEUE": "/bin/false", "LD_PRELOAD": "/tmp/x.so", "HOME": ""}
    assert shell(box, "umask 777; exec qmail-queue <&8 1<&9", env=odd).code == 0
    (mess,) = box.path("queue/mess").glob("*/*")
    assert mess.stat().st_mode & 0o777 == 0o644
    (todo,) = box.path("queue/todo").iterdir()
    assert todo.stat().st_mode & 0o777 == 0o644
    assert re.match(rb"Received: \(qmail \d+ invoked by uid 7001\); \d+ \w{3} \d{4} \d\d:\d\d:\d\d -0000\n", mess.read_bytes())


@pytest.mark.parametrize("user, words", [("alias", b"by alias"), ("qmaild", b"from network"), ("qmails", b"for bounce"),
                                         ("qmailr", b"by uid %d"), ("bob", b"by uid %d")])
def test_who_calls(box, user, words):
    assert queue(box, as_user=user).code == 0
    (mess,) = box.path("queue/mess").glob("*/*")
    (todo,) = box.path("queue/todo").iterdir()
    uid = int(re.match(rb"u(\d+)\0", todo.read_bytes())[1])
    expected = words % uid if b"%d" in words else words
    assert b" invoked " + expected + b"); " in mess.read_bytes().partition(b"\n")[0]


@pytest.mark.parametrize("missing", ["qmaild", "all"])
def test_accounts_that_are_missing(box, missing):
    passwd = Path("/etc/passwd")
    kept = [line for line in passwd.read_text().splitlines(True)
            if not (line.startswith("qmail") if missing == "all" else line.startswith(missing + ":"))]
    passwd.write_text("".join(kept))
    assert queue(box, as_user="alice").code == 0
    (mess,) = box.path("queue/mess").glob("*/*")
    assert b"invoked by uid 7001)" in mess.read_bytes()


def test_file_size_limit_is_a_write_error(box):
    assert shell(box, "ulimit -f 1; trap '' XFSZ; exec qmail-queue </bin/sh 1<&9").code == 53
    assert files_left(box) == []
    # also where the signal is at its default
    result = subprocess.run([box.program("qmail-queue")], input=b"x" * 100_000, stdout=subprocess.DEVNULL, check=False,
                            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)))
    assert result.returncode == 53
    assert files_left(box) == []


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "PIPE", "XCPU", "XFSZ", "VTALRM", "PROF"])
def test_signals_that_are_ignored(box, name):
    slow = SlowQueue(box)
    slow.message(MESSAGE)
    slow.has("intd/*")
    os.kill(slow.pid, getattr(signal, f"SIG{name}"))
    slow.envelope(ENVELOPE)
    assert slow.end() == 0
    assert len(files_left(box)) == 3


@pytest.mark.parametrize("name, code, left", [
    ("ALRM", 52, 0), ("TERM", -15, 2), ("USR1", -10, 2), ("USR2", -12, 2), ("SEGV", 81, 2), ("BUS", 81, 2), ("ABRT", 81, 2),
    ("ILL", 81, 2), ("FPE", 81, 2), ("SYS", 81, 2),
])
def test_signals_that_end_it(box, name, code, left):
    slow = SlowQueue(box)
    slow.message(MESSAGE)
    slow.has("intd/*")
    assert slow.end(name) == code
    assert len(files_left(box)) == left
    assert list(box.path("queue/todo").iterdir()) == []


def test_alarm_while_the_message_comes(box):
    slow = SlowQueue(box)
    slow.message(b"Subject: slow\n", end=False)
    slow.has("mess/*/*")
    started = time.time()
    assert slow.end("ALRM") == 52
    assert time.time() - started < 0.5
    assert files_left(box) == []


def test_blocked_alarm_is_unblocked(box):
    """A caller that blocks SIGALRM must not disable the time limit."""
    reading, writing = os.pipe()
    child = subprocess.Popen([box.program("qmail-queue")], stdin=reading, stdout=subprocess.DEVNULL,
                             preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]))
    os.close(reading)
    until(lambda: list(box.path("queue").glob("mess/*/*")), 5, "the message file")
    os.kill(child.pid, signal.SIGALRM)
    assert child.wait(5) == 52
    os.close(writing)


# qmail-queue: the queue

def test_full_disk(box):
    directory = box.path("queue/mess/0").parent.parent
    copy = Path("/mnt/queue")
    copy.mkdir()
    assert box.run(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=200k", "none", str(copy)]).code == 0
    assert box.run(["/bin/cp", "-a", f"{directory}/.", str(copy)]).code == 0
    os.chown(copy, directory.stat().st_uid, directory.stat().st_gid)
    assert box.run(["/usr/bin/mount", "--bind", str(copy), str(directory)]).code == 0
    assert queue(box, b"x" * 1_000_000).code == 53
    assert files_left(box) == []
    assert queue(box).code == 0


def test_mess_name_that_is_taken(box):
    """An old file with the next number is not overwritten."""
    assert queue(box).code == 0
    (mess,) = box.path("queue/mess").glob("*/*")
    number = int(mess.name)
    for next_number in range(number + 1, number + 200):
        box.file(f"queue/mess/{next_number % 23}/{next_number}", b"old\n", owner="qmailq:qmail")
    before = files_left(box)
    codes = [queue(box).code for _ in range(3)]
    assert set(codes) <= {0, 64}
    for path in box.path("queue/mess").glob("*/*"):
        if int(path.name) > number and path.read_bytes() == b"old\n":
            assert path.stat().st_ino != int(path.name)
    if codes == [64, 64, 64]:
        assert files_left(box) == before


def test_todo_name_that_is_taken(box):
    """todo/N of an older message with the same number stays, and it exits 66."""
    slow = SlowQueue(box)
    slow.message(MESSAGE)
    slow.has("intd/*")
    (intd,) = box.path("queue/intd").iterdir()
    box.file(f"queue/todo/{intd.name}", b"old", owner="qmailq:qmail")
    slow.envelope(ENVELOPE)
    assert slow.end() == 66
    assert files_left(box) == [f"todo/{intd.name}"]


@pytest.mark.parametrize("split", [1, 7, 22, 24, 50])
def test_other_splits(box, split):
    top = box.path("queue/mess")
    for number in range(max(split, 23)):
        path = top / str(number)
        if number >= split:
            path.rmdir()
        elif not path.exists():
            path.mkdir(mode=0o750)
            os.chown(path, top.stat().st_uid, top.stat().st_gid)
    for _ in range(5):
        assert queue(box).code == 0
    names = [path.relative_to(top) for path in top.glob("*/*")]
    assert len(names) == 5
    assert all(int(name.parent.name) == int(name.name) % split for name in names)


def test_a_hole_in_the_split(box):
    """If one subdirectory is missing, messages for it are refused with 64, and others are accepted."""
    top = box.path("queue/mess")
    (top / "7").rmdir()
    codes = {queue(box).code for _ in range(60)}
    assert codes <= {0, 64} and 0 in codes
    assert all(path.parent.name == str(int(path.name) % 23) for path in top.glob("*/*"))


@pytest.mark.parametrize("directory, code", [("pid", 63), ("intd", 65), ("todo", 66), ("mess", 64)])
def test_missing_directories(box, directory, code):
    path = box.path(f"queue/{directory}")
    path.rename(box.path(f"queue/{directory}.away"))
    assert queue(box).code == code
    assert [name for name in files_left(box) if not name.startswith("mess.away")] == []


def test_odd_trigger(box):
    trigger = box.path("queue/lock/trigger")
    trigger.unlink()
    trigger.mkdir()
    assert queue(box).code == 0
    trigger.rmdir()
    trigger.write_bytes(b"")
    os.chmod(trigger, 0o666)
    assert queue(box).code == 0


def test_not_setuid(box):
    """If the setuid bit has no effect (no_new_privs), it exits 62, not 0."""
    result = box.run(["/usr/bin/setpriv", "--no-new-privs", "--reuid=7001", "--regid=7001", "--clear-groups",
                      box.program("qmail-queue")], MESSAGE, extra_fds={1: ENVELOPE})
    assert result.code == 62


# Injectors and other queue programs

def inject(box, script, message=MESSAGE, as_user="alice", **more):
    box.file("/mnt/qq", "#!/bin/sh\n" + script, mode=0o755)
    return box.run(["qmail-inject", "r@b.example"], message, env={"QMAILQUEUE": "/mnt/qq"}, as_user=as_user, **more)


@pytest.mark.parametrize("script, code, err", [
    ("printf 'Dno thanks' >&4; exit 82", 100, b"no thanks"),
    ("printf 'Dno thanks' >&6; exit 88", 100, b"no thanks"),
    ("printf 'Zlater' >&6; exit 82", 111, b"later"),
    ("cat >/dev/null; cat <&1 >/dev/null; printf 'Dafter all' >&4; exit 82", 100, b"after all"),
    ("printf D >&4; printf no >&6; exit 82", 100, b"no"),
    ("printf 'D' >&4; exit 82", 111, b"qq temporary problem (#4.3.0)"),
    ("printf 'Xno' >&4; exit 82", 111, b"qq temporary problem (#4.3.0)"),
    ("exit 82", 111, b"qq temporary problem (#4.3.0)"),
    ("printf 'Dno' >&2; exit 82", 111, b"qq temporary problem (#4.3.0)"),
    ("printf 'Dno' >&4; exit 81", 111, b"qq internal bug (#4.3.0)"),
    ("printf 'Dno\\n\\303\\244' >&4; exit 82", 100, b"no???"),
    ("printf 'D%0300d' 0 >&4; exit 82", 100, b"0" * 255),
    ("(sleep 5) & printf 'Dno' >&4; exit 82", 100, b"no"),
    ("cat >/dev/null; exit 115", 100, b"envelope address too long for qq (#5.1.3)"),
])
def test_custom_rejection(box, script, code, err):
    started = time.time()
    result = inject(box, script)
    text = result.err.rpartition(b"qmail-inject: fatal: ")[2].rstrip(b"\n")
    assert (result.code, text) == (code, err)
    assert time.time() - started < 3


def test_success_without_reading_is_no_success(box):
    result = inject(box, "exec 0</dev/null 1</dev/null; sleep 0.2; exit 0", b"Subject: x\n\n" + b"line\n" * 100_000)
    assert (result.code, result.err) == (111, b"qmail-inject: fatal: qq read error (#4.3.0)\n")


@pytest.mark.parametrize("program", ["", "/no/such/program", "no/such/program", "/", "/etc/passwd", "bin"])
def test_queue_program_that_cannot_run(box, program):
    result = box.run(["qmail-inject", "r@b.example"], MESSAGE, env={"QMAILQUEUE": program}, as_user="alice")
    assert (result.code, result.err) == (111, b"qmail-inject: fatal: unable to exec qq (#4.3.0)\n")


def test_queue_program_in_the_home(box):
    """A name without a slash is a file in the home, never in PATH."""
    box.file("/var/qmail/sh", "#!/bin/sh\nexit 31\n", mode=0o755)
    result = box.run(["qmail-inject", "r@b.example"], MESSAGE, env={"QMAILQUEUE": "sh"}, as_user="alice")
    assert (result.code, result.err) == (100, b"qmail-inject: fatal: mail server permanently rejected message (#5.3.0)\n")


def test_descriptors_of_the_queue_program(box):
    """The program gets 0, 1, 4, 6 and the caller's 2, and no other descriptor."""
    inject(box, "ls /proc/self/fd >/tmp/seen; cat >/dev/null; exit 0")
    seen = Path("/tmp/seen").read_text().split()
    # ls itself opens the directory, and 1 went into the file
    assert [fd for fd in seen if int(fd) > 2] in (["3", "4", "6"], ["4", "5", "6"], ["4", "6"])


# qmail-clean

def clean(box, commands, **more):
    return box.run(["qmail-clean"], commands, as_user="qmailq", **more)


@pytest.mark.parametrize("command", [
    b"foop/-1", b"foop/1x", b"foop/ 1", b"foop/1/2", b"foop/../todo/1", b"foop//1", b"todx/1", b"tod//1", b"Todo/1", b"FOOP/1",
    b"foop/18446744073709551616", b"foop", b"f", b"\xff" * 50, b"x" * 10_000,
])
def test_clean_refuses(box, command):
    """The answer is one x, nothing is removed, and the next command is carried out."""
    box.file("queue/todo/1", b"", owner="qmailq:qmail")
    box.file("queue/intd/1", b"", owner="qmailq:qmail")
    result = clean(box, command + b"\0foop/999\0")
    assert (result.code, result.out) == (0, b"x+")
    assert files_left(box) == ["intd/1", "todo/1"]


def test_clean_large_numbers(box):
    box.file("queue/intd/18446744073709551615", b"", owner="qmailq:qmail")
    box.file(f"queue/mess/{18446744073709551615 % 23}/18446744073709551615", b"", owner="qmailq:qmail")
    assert clean(box, b"foop/18446744073709551615\0").out == b"+"
    assert files_left(box) == []


def test_clean_ignores_a_cut_off_command(box):
    box.file("queue/intd/1", b"", owner="qmailq:qmail")
    assert clean(box, b"foop/1").out == b""
    assert files_left(box) == ["intd/1"]


def test_clean_without_split_directories(box):
    for directory in box.path("queue/mess").iterdir():
        directory.rmdir()
    assert clean(box, b"todo/1\0").code == 111


@pytest.mark.parametrize("line", ["qmail-clean <&-", "qmail-clean >&- </dev/null", "printf 'foop/1\\0' | qmail-clean >/dev/full"])
def test_clean_with_odd_descriptors(box, line):
    assert box.run(["/bin/sh", "-c", line], b"", as_user="qmailq").code == 0


def test_clean_sweeps_pid_again(box):
    """It does this at its start and after a number of commands."""
    reading, writing = os.pipe()
    child = subprocess.Popen([box.program("qmail-clean")], stdin=reading, stdout=subprocess.PIPE, cwd="/")
    os.close(reading)
    os.write(writing, b"foop/1\0")
    assert child.stdout.read(1) == b"+"
    box.file("queue/pid/1.2.3", b"", owner="qmailq:qmail", age=2 * DAY)
    os.write(writing, b"foop/1\0" * 60)
    os.close(writing)
    assert child.wait(5) == 0
    assert files_left(box) == []


# qmail-qread and qmail-qstat

def preprocessed(box, number, info=b"Fs@a.example\0", local=None):
    box.file(f"queue/mess/{number % 23}/{number}", b"12345", owner="qmailq:qmail")
    box.file(f"queue/info/{number % 23}/{number}", info, owner="qmails:qmail")
    if local is not None:
        box.file(f"queue/local/{number % 23}/{number}", local, owner="qmails:qmail")


@pytest.mark.parametrize("letter", [b"F", b"x", b"T", b"\xff"])
def test_qread_shows_a_sender_behind_any_letter(box, letter):
    preprocessed(box, 46, letter + b"s@a.example\0Tb@b.example\0")
    assert b" #46  5  <s@a.example> \n" in box.run(["qmail-qread"]).out


@pytest.mark.parametrize("info", [b"", b"\0", b"Fs@a.example"])
def test_qread_broken_info(box, info):
    preprocessed(box, 46, info)
    preprocessed(box, 47)
    result = box.run(["qmail-qread"])
    lines = result.out.splitlines()
    assert result.code == 0
    assert lines[0].startswith(b"warning: trouble with #46: ")
    assert b" #47  5  <s@a.example> " in lines[1]
    assert len(lines) == 2


@pytest.mark.parametrize("local, shown", [
    (b"Ta@b\0Xc@d\0De@f\0", [b"\tlocal\ta@b", b"  done\tlocal\te@f"]),
    (b"\0Ta@b\0\0Te@f\0", [b"\tlocal\ta@b", b"\tlocal\te@f"]),
    (b"Ta@b\0Tc@d", [b"\tlocal\ta@b"]),
    (b"xc@d", []),
])
def test_qread_leaves_odd_recipient_records_out(box, local, shown):
    preprocessed(box, 46, local=local)
    preprocessed(box, 47)
    lines = box.run(["qmail-qread"]).out.splitlines()
    assert b" #46 " in lines[0]
    assert lines[1:-1] == shown
    assert b" #47 " in lines[-1]


@pytest.mark.parametrize("kind", ["info", "local", "remote"])
def test_qread_goes_on_behind_a_file_that_cannot_be_read(box, kind):
    preprocessed(box, 46)
    preprocessed(box, 47)
    path = box.path(f"queue/{kind}/0/46")
    path.unlink(missing_ok=True)
    path.mkdir()
    result = box.run(["qmail-qread"])
    assert result.code == 0
    assert b"warning: trouble with #46: is a directory\n" in result.out and b" #47  5  <s@a.example> \n" in result.out


def test_qread_names_that_are_no_numbers(box):
    preprocessed(box, 46)
    box.file("queue/info/0/odd", b"Fx\0", owner="qmails:qmail")
    box.file("queue/info/0/046", b"Fx\0", owner="qmails:qmail")
    assert len(box.run(["qmail-qread"]).out.splitlines()) == 1


def test_qread_without_directories(box):
    for directory in box.path("queue/mess").iterdir():
        directory.rmdir()
    result = box.run(["qmail-qread"])
    assert result.code == 111
    assert result.out.startswith(b"fatal: unable to opendir mess/0: ")


def test_qread_full_output(box):
    preprocessed(box, 46)
    assert box.run(["/bin/sh", "-c", "qmail-qread >/dev/full"]).code == 111


def test_qstat_as_an_ordinary_user(box):
    result = box.run(["qmail-qstat"], as_user="alice")
    assert result.code == 0
    assert result.out == b"messages in queue: -1\nmessages in queue but not yet preprocessed: -1\n"
    assert result.err


def test_qstat_counts_a_message_once(box):
    """The message is preprocessed, but todo/N is not removed yet."""
    preprocessed(box, 46)
    box.file("queue/todo/46", b"", owner="qmailq:qmail")
    assert box.run(["qmail-qstat"]).out == b"messages in queue: 1\nmessages in queue but not yet preprocessed: 1\n"
