"""qmail-local in situations without a conformance case: odd files, full disks, closed descriptors, signals."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

ARGUMENTS = ["alice", "/home/alice", "alice", "", "", "host.example.org", "s@a.example", "./Mailbox"]
MESSAGE = b"Subject: x\n\nbody\n"
COMMAND = "exec qmail-local " + " ".join(f"'{word}'" for word in ARGUMENTS)
COPY = b"Return-Path: <s@a.example>\nDelivered-To: alice@host.example.org\n" + MESSAGE


def deliver(box, *, message=MESSAGE, ext=None, default="./Mailbox", as_user="alice", **more):
    words = ARGUMENTS[:-1] + [default]
    if ext is not None:
        words[2:5] = [f"alice-{ext}", "-", ext]
    return box.run(["qmail-local", "--", *words], message, as_user=as_user, **more)


def small_disk(box, path, options):
    directory = box.mkdir(path, owner="alice")
    assert box.run(["/usr/bin/mount", "-t", "tmpfs", "-o", options, "none", str(directory)]).code == 0
    os.chown(directory, 7001, 7001)
    return directory


# .qmail files

@pytest.mark.parametrize("content, code, err", [
    (b"\0\0\0", 111, b"Uh-oh: first line of .qmail file is blank. (#4.2.1)\n"),
    (b" \t\n./box\n", 111, b"Uh-oh: first line of .qmail file is blank. (#4.2.1)\n"),
    (b"\xff\xfe\n", 111, b"Unable to forward message: unable to exec qq (#4.3.0).\n"),
    (b"./box\0rest\n", 0, b""),
    (b"./" + b"x" * 300 + b"\n", 111, b"Unable to open ./" + b"x" * 300 + b": file name too long. (#4.2.1)\n"),
    (b"|" + b"x" * 200000 + b"\n", 111, b"Unable to run /bin/sh: argument list too long. (#4.3.0)\n"),
])
def test_odd_dotqmail(box, content, code, err):
    box.dotqmail("alice", "", content)
    result = deliver(box, env={"QMAILQUEUE": "/no/such/queue"})
    assert (result.code, result.err) == (code, err)


def test_many_instructions(box):
    """A list of ten thousand addresses is one injection."""
    box.capture_queue()
    addresses = [f"u{number}@b.example" for number in range(10000)]
    box.dotqmail("alice", "", "".join(f"&{address}\n" for address in addresses))
    result = deliver(box)
    assert re.fullmatch(rb"did 0\+10000\+0\nqp \d+\n", result.out)
    ((_, sender, recipients),) = box.captured()
    assert sender in ("s@a.example", b"s@a.example")
    assert len(recipients) == 10000


def test_extension_of_many_dashes(box):
    """Every dash is tried; the search is limited and ends."""
    box.dotqmail("alice", "default", "|echo \"${#DEFAULT}\"\n")
    result = deliver(box, ext="-" * 900)
    assert result.out == b"900\ndid 0+0+1\n"


def test_dotqmail_is_a_socket(box):
    box.dotqmail("alice", "default", "|echo default\n")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("/home/alice/.qmail-x")
    assert deliver(box, ext="x").out == b"default\ndid 0+0+1\n"


def test_dotqmail_is_a_link_to_itself(box):
    os.symlink(".qmail-x", "/home/alice/.qmail-x")
    result = deliver(box, ext="x")
    assert (result.code, result.err) == (111, b"Unable to open .qmail-x: symbolic link loop. (#4.3.0)\n")


def test_home_is_a_file(box):
    box.file("/home/alice/file", "x", owner="alice")
    words = ["alice", "/home/alice/file", *ARGUMENTS[2:]]
    result = box.run(["qmail-local", *words], MESSAGE, as_user="alice")
    assert (result.code, result.err) == (
        111, b"Unable to switch to /home/alice/file: not a directory. (#4.3.0)\n")


# Descriptors and resources

@pytest.mark.parametrize("closed", [0, 1, 2])
def test_closed_descriptor(box, closed):
    """A mailbox file never gets a low descriptor; without a message nothing is delivered."""
    more = {"message": None} if closed == 0 else {"extra_fds": {closed: None}}
    result = deliver(box, **more)
    if closed == 0:
        assert (result.code, result.err) == (111, b"Unable to rewind message. (#4.3.0)\n")
        assert box.mailbox("alice") is None
    else:
        assert result.code == 0
        assert box.mailbox("alice").endswith(COPY + b"\n")


def test_report_on_a_full_device(box):
    """A report that can't be written does not undo the delivery."""
    assert box.run(["/bin/sh", "-c", COMMAND + " >/dev/full"], MESSAGE, as_user="alice").code == 0
    assert box.mailbox("alice").endswith(COPY + b"\n")


def test_little_memory(box):
    result = box.run(["/bin/sh", "-c", "ulimit -v 12000; " + COMMAND], MESSAGE, as_user="alice")
    assert (result.code, result.out) == (0, b"did 1+0+0\n")


def test_no_memory_left(box):
    """If the instructions do not fit into memory, it exits 111; the message never bounces."""
    box.dotqmail("alice", "", b"&" + b"x" * 40_000_000)
    result = box.run(["/bin/sh", "-c", "ulimit -v 30000; " + COMMAND], MESSAGE, as_user="alice")
    assert (result.code, result.err) == (111, b"Out of memory. (#4.3.0)\n")


def test_children_ignored_by_the_parent(box):
    """A parent that ignores SIGCHLD does not hide the exit code of a program."""
    box.dotqmail("alice", "", "|exit 100\n")
    script = f"$SIG{{CHLD}} = 'IGNORE'; exec('/var/qmail/bin/qmail-local', {', '.join(repr(w) for w in ARGUMENTS)})"
    assert box.run(["/usr/bin/perl", "-e", script], MESSAGE, as_user="alice").code == 100


def test_inherited_environment(box):
    """Variables of the caller reach programs, a stale DEFAULT does not."""
    box.dotqmail("alice", "", "|echo \"$KEPT ${DEFAULT-unset} $USER\"\n")
    result = deliver(box, env={"KEPT": "kept", "DEFAULT": "stale", "USER": "root"})
    assert result.out == b"kept unset alice\ndid 0+0+1\n"


def test_environment_of_the_queue_program(box):
    """For a forward the queue program gets the same variables as programs of a .qmail file."""
    names = ("SENDER NEWSENDER RECIPIENT USER HOME HOST HOST2 HOST3 HOST4 LOCAL EXT EXT2 EXT3 EXT4 DEFAULT DTLINE RPLINE "
             "UFLINE KEPT").split()
    show = "".join(f'printf "%s=%s\\n" {name} "${{{name}-unset}}"\n' for name in names)
    box.file("/home/queue", f"#!/bin/sh\n(cat >/dev/null; cat <&1 >/dev/null; exec >>/tmp/seen; {show})\n", mode=0o755)
    box.file("/tmp/show", f"#!/bin/sh\ncat >/dev/null\n{show}", mode=0o755)
    box.file("/tmp/seen", "", owner="alice")
    box.dotqmail("alice", "list-default", "|/tmp/show\n&a@b.example\n")
    box.dotqmail("alice", "plain", "&a@b.example\n")
    env = {"QMAILQUEUE": "/home/queue", "KEPT": "kept", "DEFAULT": "stale", "SENDER": "stale"}
    result = deliver(box, ext="list-x-y", env=env)
    assert result.code == 0, result
    seen = box.path("/tmp/seen").read_bytes()
    assert result.out.startswith(seen) and b"unset" not in seen
    assert b"SENDER=s@a.example\n" in seen and b"DEFAULT=x-y\n" in seen and b"EXT2=x-y\n" in seen and b"KEPT=kept\n" in seen
    assert deliver(box, ext="plain", env=env).code == 0
    assert b"DEFAULT=unset\n" in box.path("/tmp/seen").read_bytes()


@pytest.mark.parametrize("words", [ARGUMENTS[:-1], [*ARGUMENTS, "more"], [*ARGUMENTS, ""], []])
def test_number_of_arguments(box, words):
    result = box.run(["qmail-local", *words], MESSAGE, as_user="alice")
    assert (result.code, result.out) == (100, b"")
    assert result.err.startswith(b"qmail-local: usage: qmail-local [ -nN ] user homedir local dash ext domain sender")
    assert box.mailbox("alice") is None


# mbox

def test_mbox_is_a_fifo(box):
    """No process reads it, and the delivery does not hang."""
    os.mkfifo("/home/alice/fifo")
    os.chown("/home/alice/fifo", 7001, 7001)
    result = deliver(box, default="./fifo")
    assert (result.code, result.err) == (111, b"Unable to open ./fifo: device not configured. (#4.2.1)\n")


def test_mbox_locked_for_too_long(box):
    """Checks the effect of the alarm after 30 seconds."""
    box.file("/home/alice/Mailbox", "kept\n", owner="alice")
    holder = subprocess.Popen(["/usr/bin/flock", "/home/alice/Mailbox", "/bin/sleep", "20"])
    while box.run(["/usr/bin/flock", "-n", "/home/alice/Mailbox", "/bin/true"]).code == 0:
        time.sleep(0.01)
    Path("/home/message").write_bytes(MESSAGE)
    with open("/home/message", "rb") as stream:
        local = subprocess.Popen(["/var/qmail/bin/qmail-local", *ARGUMENTS], stdin=stream, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, user=7001, group=7001, extra_groups=[])
    while "lock" not in Path(f"/proc/{local.pid}/wchan").read_text():
        assert local.poll() is None
        time.sleep(0.01)
    local.send_signal(signal.SIGALRM)
    out, err = local.communicate()
    holder.kill()
    assert (local.returncode, out) == (111, b"")
    assert err == b"File has been locked for 30 seconds straight. (#4.3.0)\n"
    assert box.mailbox("alice") == b"kept\n"


def test_mbox_on_a_read_only_disk(box):
    directory = small_disk(box, "/home/alice/disk", "size=64k,mode=0755")
    assert box.run(["/usr/bin/mount", "-o", "remount,ro", str(directory)]).code == 0
    result = deliver(box, default="./disk/box")
    assert (result.code, result.err) == (111, b"Unable to open ./disk/box: read-only file system. (#4.2.1)\n")


def test_mbox_in_a_directory_that_cannot_be_listed(box):
    box.mkdir("/home/alice/closed", mode=0o300, owner="alice")
    assert deliver(box, default="./closed/box").code == 0
    assert box.mailbox("alice", "closed/box").endswith(COPY + b"\n")


# Maildirs

def test_maildir_on_another_disk(box):
    small_disk(box, "/home/alice/disk", "size=1m,mode=0755")
    box.maildir("alice", "disk/Maildir")
    assert deliver(box, default="./disk/Maildir/").code == 0
    assert [found.read_bytes() for found in box.user_home("alice").glob("disk/Maildir/new/*")] == [COPY]


def test_maildir_on_a_full_disk(box):
    small_disk(box, "/home/alice/disk", "size=16k,mode=0755")
    box.maildir("alice", "disk/Maildir")
    result = deliver(box, default="./disk/Maildir/", message=b"a: b\n\n" + b"x\n" * 50_000)
    assert (result.code, result.err) == (111, b"Temporary error on maildir delivery. (#4.3.0)\n")
    assert [str(left) for left in box.user_home("alice").glob("disk/Maildir/*/*")] == []


def test_maildir_without_inodes(box):
    small_disk(box, "/home/alice/disk", "size=1m,nr_inodes=6,mode=0755")
    box.maildir("alice", "disk/Maildir")
    while True:
        try:
            (box.user_home("alice") / "disk" / f"f{time.time_ns()}").touch()
        except OSError:
            break
    result = deliver(box, default="./disk/Maildir/")
    assert (result.code, result.err) == (111, b"Temporary error on maildir delivery. (#4.3.0)\n")


def test_maildir_new_cannot_be_listed(box):
    """Write permission in new/ is enough."""
    root = box.maildir("alice")
    os.chmod(root / "new", 0o300)
    assert deliver(box, default="./Maildir/").code == 0
    assert [found["content"] for found in box.maildir_messages("alice")] == [COPY]


def test_maildir_new_on_another_disk(box):
    """If tmp/ and new/ are not on one file system, the message is deferred and no file remains."""
    box.maildir("alice")
    small_disk(box, "/home/alice/Maildir/new", "size=1m,mode=0755")
    result = deliver(box, default="./Maildir/")
    assert (result.code, result.err) == (111, b"Temporary error on maildir delivery. (#4.3.0)\n")
    assert [str(left) for left in box.user_home("alice").glob("Maildir/*/*")] == []


def test_maildir_names_of_a_burst_differ(box):
    box.maildir("alice")
    box.dotqmail("alice", "", "./Maildir/\n" * 200)
    assert deliver(box).out == b"did 200+0+0\n"
    assert len(box.maildir_messages("alice")) == 200


# Forwards

@pytest.mark.parametrize("code, text, expected", [
    (82, "Dno way (#5.7.1)", (100, b"Unable to forward message: no way (#5.7.1).\n")),
    (88, "Zlater", (111, b"Unable to forward message: later.\n")),
    (82, "", (111, b"Unable to forward message: qq temporary problem (#4.3.0).\n")),
])
def test_custom_refusal(box, code, text, expected):
    box.file("/home/queue", f"#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\nprintf '%s' '{text}' >&4\nexit {code}\n",
             mode=0o755)
    result = deliver(box, default="&a@b.example", env={"QMAILQUEUE": "/home/queue"})
    assert (result.code, result.err) == expected


def test_queue_program_that_reads_nothing(box):
    """Exit code 0 is not a success if the message was not read."""
    box.file("/home/queue", "#!/bin/sh\nexit 0\n", mode=0o755)
    message = b"a: b\n\n" + b"x" * 300_000
    result = deliver(box, default="&a@b.example", message=message, env={"QMAILQUEUE": "/home/queue"})
    assert (result.code, result.err) == (111, b"Unable to forward message: qq read error (#4.3.0).\n")


def test_forward_of_a_long_address(box):
    box.dotqmail("alice", "", "&" + "a" * 1100 + "@b.example\n")
    result = deliver(box)
    assert result.code == 100
    assert result.err == b"Unable to forward message: envelope address too long for qq (#5.1.3).\n"


# maildirmake

def test_maildirmake_arguments(box):
    run = box.run(["maildirmake"], as_user="alice", cwd="/home/alice")
    assert (run.code, run.err) == (100, b"maildirmake: usage: maildirmake name\n")
    small_disk(box, "/home/alice/disk", "size=1m,nr_inodes=4,mode=0755")
    run = box.run(["maildirmake", "disk/M"], as_user="alice", cwd="/home/alice")
    assert (run.code, run.out) == (111, b"")
    assert run.err.endswith(b": out of disk space\n")
