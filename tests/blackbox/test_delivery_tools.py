"""The programs for .qmail files and mail readers: bad arguments, closed descriptors, odd input, full disks."""

import os
import re
import signal
import struct
import subprocess
import time

import pytest
from conformlib import sandbox

ENV = {"SENDER": "s@a.example", "NEWSENDER": "new@a.example", "LOCAL": "alice-x", "HOST": "host.example.org",
       "USER": "alice", "DTLINE": "Delivered-To: alice@host.example.org\n", "RPLINE": "Return-Path: <s@a.example>\n",
       "UFLINE": "From s@a.example Thu Jan 01 00:00:00 1998\n", "MAIL": "/home/alice/mbox",
       "MAILTMP": "/home/alice/mbox.tmp", "MAILDIR": "/home/alice/Maildir"}
MESSAGE = b"Subject: x\n\nbody\n"


def run(box, *argv, message=MESSAGE, env=ENV, **more):
    return box.run(list(argv), message, env, "alice", cwd="/home/alice", **more)


# Arguments

@pytest.mark.parametrize("argv, err", [
    (["condredirect"], b"condredirect: usage: condredirect newaddress program [ arg ... ]\n"),
    (["except"], b"except: usage: except program [ arg ... ]\n"),
    (["bouncesaying"], b"bouncesaying: usage: bouncesaying error [ program [ arg ... ] ]\n"),
    (["preline"], b"preline: usage: preline cmd [ arg ... ]\n"),
    (["predate"], b"predate: usage: predate child\n"),
    (["qreceipt"], b"qreceipt: usage: qreceipt deliveryaddress\n"),
    (["qsmhook"], b"qsmhook: fatal: incorrect usage\n"),
    (["qsmhook", "-Z", "cat"], b"qsmhook: illegal option -- Z\n"),
    (["mailsubj"], b"mailsubj: usage: mailsubj subject recipient ...\n"),
])
def test_wrong_arguments(box, argv, err):
    result = run(box, *argv)
    assert (result.code, result.out, result.err) == (100, b"", err)


@pytest.mark.parametrize("argv, code", [
    (["forward", "b@b.example"], 100), (["condredirect", "b@b.example", "true"], 100), (["preline", "cat"], 100),
    (["qreceipt", "a@b"], 100), (["qsmhook", "cat"], 100), (["qbiff"], 0), (["maildir2mbox"], 111), (["maildirwatch"], 111),
])
def test_without_any_variable(box, argv, code):
    box.capture_queue()
    result = run(box, *argv, env={})
    assert (result.code, result.out) == (code, b"")
    assert box.captured() == []


# Descriptors, memory

COMMANDS = [["forward", "b@b.example"], ["condredirect", "b@b.example", "true"], ["except", "false"],
            ["bouncesaying", "no", "false"], ["preline", "cat"], ["predate", "cat"], ["qsmhook", "cat"],
            ["qreceipt", "a@b.example"], ["qbiff"]]


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: argv[0])
def test_without_input(box, argv):
    """A closed standard input is an error for a program that needs the message; it is never an empty message."""
    box.capture_queue()
    result = run(box, *argv, message=None)
    assert result.code == (0 if argv[0] in ("except", "bouncesaying", "qbiff") else 111)
    assert not any(recipients for _, _, recipients in box.captured())


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: argv[0])
@pytest.mark.parametrize("closed", [1, 2])
def test_without_output(box, argv, closed):
    box.capture_queue()
    result = run(box, *argv, extra_fds={closed: None})
    expected = 99 if argv[0] == "condredirect" else 0
    # cat without standard output fails, and its exit code counts
    assert result.code == (1 if "cat" in argv and closed == 1 else expected)


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: argv[0])
def test_little_memory(box, argv):
    box.capture_queue()
    command = "ulimit -v 12000; exec " + " ".join(argv)
    assert run(box, "/bin/sh", "-c", command).code == (99 if argv[0] == "condredirect" else 0)


# forward and condredirect

@pytest.mark.parametrize("argv, name", [(["forward", "b@b.example"], b"forward"),
                                        (["condredirect", "b@b.example", "true"], b"condredirect")])
def test_custom_refusal(box, argv, name):
    box.file("/home/queue", "#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\necho -n 'Dnot this one' >&6\nexit 82\n",
             mode=0o755)
    result = run(box, *argv, env=ENV | {"QMAILQUEUE": "/home/queue"})
    assert (result.code, result.err) == (100, name + b": fatal: not this one\n")


def test_forward_reads_a_pipe(box):
    box.capture_queue()
    result = run(box, "/bin/sh", "-c", "cat | forward a@b.example c@d.example")
    assert result.code == 0 and re.fullmatch(rb"forward: qp \d+\n", result.err)
    ((message, _, recipients),) = box.captured()
    assert message == ENV["DTLINE"].encode() + MESSAGE
    assert len(recipients) == 2


# preline, predate, qsmhook

@pytest.mark.parametrize("argv", [["preline"], ["predate"], ["qsmhook"]], ids=lambda argv: argv[0])
def test_child_that_does_not_read(box, argv):
    """The exit code of the child counts for a message of any length."""
    result = run(box, *argv, "sh", "-c", "exit 99", message=b"a: b\n\n" + b"x" * 500_000)
    assert (result.code, result.err) == (99, b"")


@pytest.mark.parametrize("name, err", [
    ("preline", b"preline: fatal: unable to copy input: is a directory\n"),
    ("predate", b"predate: fatal: unable to copy input: is a directory\n"),
    ("qsmhook", b"qsmhook: fatal: unable to read message\n"),
])
def test_unreadable_input(box, name, err):
    """The child does not take the beginning for the whole message."""
    result = run(box, name, "sh", "-c", "cat >/dev/null; touch done", extra_fds={0: "/home"})
    assert (result.code, result.err) == (111, err)
    assert not (box.user_home("alice") / "done").exists()


@pytest.mark.parametrize("argv, err", [(["preline", "-x"], b"preline: usage: preline cmd [ arg ... ]\n"),
                                       (["qsmhook", "-z"], b"qsmhook: fatal: incorrect usage\n")], ids=lambda value: str(value)[2:9])
def test_variables_before_options(box, argv, err):
    """Outside of a delivery the variables are missing; this is reported with all options."""
    result = box.run(argv)
    assert (result.code, result.err) == (100, err)


@pytest.mark.parametrize("name", ["preline", "predate", "qsmhook"])
def test_child_crashes(box, name):
    result = run(box, name, "sh", "-c", "kill -9 $$")
    text = b"temporary problem" if name == "qsmhook" else b"child crashed"
    assert (result.code, result.err) == (111, name.encode() + b": fatal: " + text + b"\n")


@pytest.mark.parametrize("name", ["preline", "predate", "qsmhook"])
def test_child_has_default_sigpipe(box, name):
    result = run(box, name, "sh", "-c", "kill -PIPE $$; echo alive")
    assert (result.code, result.out) == (111, b"")


def test_predate_names_the_zone(box):
    result = run(box, "predate", "cat", env=ENV | {"TZ": "EST5"}, message=b"")
    assert re.fullmatch(rb"Date: \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0500\n", result.out)


# qreceipt

def test_qreceipt_reads_only_the_header(box):
    box.capture_queue()
    result = run(box, "qreceipt", "alice@host.example.org",
                 message=b"Subject: x\n\nNotice-Requested-Upon-Delivery-To: alice@host.example.org\n")
    assert (result.code, box.captured()) == (0, [])


# maildir2mbox

def place(box, name, text, when=883612800):
    path = box.file(f"/home/alice/Maildir/{name}", text, owner="alice")
    os.utime(path, (when, when))


def test_maildir2mbox_order(box):
    box.maildir("alice")
    place(box, "new/1", "Subject: third\n\n", 883612803)
    place(box, "cur/2:2,S", "Subject: first\n\n", 883612801)
    place(box, "new/3", "Subject: second\n\n", 883612802)
    assert run(box, "maildir2mbox").code == 0
    assert re.findall(rb"Subject: (\w+)", box.mailbox("alice", "mbox")) == [b"first", b"second", b"third"]


@pytest.mark.parametrize("text", ["Subject: x\n\nlast", "one line", "Subject: x\n\nFrom last"])
def test_maildir2mbox_keeps_an_unfinished_last_line(box, text):
    box.maildir("alice")
    place(box, "new/1", text)
    assert run(box, "maildir2mbox").code == 0
    assert box.mailbox("alice", "mbox").endswith(b"\n" + text.replace("From", ">From").encode() + b"\n\n")


def test_maildir2mbox_on_a_full_disk(box):
    """Nothing is lost: messages and mbox stay as they are."""
    box.maildir("alice")
    place(box, "new/1", b"a: b\n\n" + b"x\n" * 50_000)
    directory = box.mkdir("/home/alice/small", owner="alice")
    assert box.run(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=16k", "none", str(directory)]).code == 0
    os.chown(directory, 7001, 7001)
    box.file("/home/alice/small/mbox", "before\n", owner="alice")
    result = run(box, "maildir2mbox", env=ENV | {"MAIL": "/home/alice/small/mbox", "MAILTMP": "/home/alice/small/tmp"})
    assert (result.code, result.err) == (
        111, b"maildir2mbox: fatal: unable to write to /home/alice/small/tmp: out of disk space\n")
    assert box.mailbox("alice", "small/mbox") == b"before\n"
    assert os.listdir("/home/alice/Maildir/new") == ["1"]


def test_maildir2mbox_temporary_file_elsewhere(box):
    box.maildir("alice")
    place(box, "new/1", "Subject: x\n\n")
    box.mkdir("/tmp/alice", owner="alice")
    assert box.run(["/usr/bin/mount", "-t", "tmpfs", "none", "/tmp/alice"]).code == 0
    os.chown("/tmp/alice", 7001, 7001)
    result = run(box, "maildir2mbox", env=ENV | {"MAILTMP": "/tmp/alice/tmp"})
    assert (result.code, result.err) == (
        111, b"maildir2mbox: fatal: unable to move /tmp/alice/tmp to /home/alice/mbox: cross-device link\n")
    assert os.listdir("/home/alice/Maildir/new") == ["1"]


def test_delivery_during_maildir2mbox(box):
    """A delivery that waits for the lock goes into the new mbox, not into the replaced one."""
    box.maildir("alice")
    place(box, "new/1", "Subject: moved\n\n")
    box.file("/home/alice/mbox", "", owner="alice")
    deliver = "qmail-local alice /home/alice alice '' '' h s@a.example ./mbox <message"
    box.file("/home/alice/message", "Subject: delivered\n\n", owner="alice")
    script = f"exec 9>>mbox; flock 9; maildir2mbox 9>&- & sleep 0.2; ({deliver}) 9>&- & sleep 0.3; flock -u 9; wait"
    assert run(box, "/bin/sh", "-c", script).code == 0
    assert sorted(re.findall(rb"Subject: (\w+)", box.mailbox("alice", "mbox"))) == [b"delivered", b"moved"]


# maildirwatch

def test_maildirwatch_without_new(box):
    box.mkdir("/home/alice/Maildir", owner="alice")
    result = run(box, "maildirwatch")
    assert (result.code, result.err) == (
        111, b"maildirwatch: fatal: unable to scan $MAILDIR/new: file does not exist\n")


def test_maildirwatch_unreadable_message(box):
    box.maildir("alice")
    place(box, "new/1", "Subject: x\n\n")
    os.chmod("/home/alice/Maildir/new/1", 0)
    result = run(box, "maildirwatch")
    assert (result.code, result.err) == (111, b"maildirwatch: fatal: trouble reading new message\n")


def test_maildirwatch_goes_on(box):
    box.maildir("alice")
    screen = open("/home/screen", "w+b")
    watch = subprocess.Popen(["/var/qmail/bin/maildirwatch"], stdout=screen, env=ENV, user=7001, group=7001,
                             extra_groups=[])
    while os.fstat(screen.fileno()).st_size == 0:
        assert watch.poll() is None
        time.sleep(0.01)
    watch.send_signal(signal.SIGTERM)
    assert watch.wait() == -signal.SIGTERM


@pytest.mark.parametrize("prefix, local, user", [
    ("alice-", "alice-x", b"x"), ("ALICE-", "alice-x", b"x"), ("alice-", "Alice-X", b"X"), ("alice-x", "alice-x", b""),
    ("bob-", "alice-x", b"alice-x"), ("alice-xy", "alice-x", b"alice-x"), ("", "alice-x", b"alice-x")])
def test_qsmhook_takes_a_prefix_off(box, prefix, local, user):
    result = run(box, "qsmhook", "-x", prefix, "echo", "<%u@%h>", env=ENV | {"LOCAL": local})
    assert (result.code, result.out) == (0, b"<" + user + b"@host.example.org>\n")


def test_condredirect_without_input(box):
    """A missing input cannot be rewound; an unreadable one can."""
    result = run(box, "condredirect", "b@b.example", "true", message=None)
    assert (result.code, result.err) == (111, b"condredirect: fatal: unable to rewind: file descriptor not open\n")
    box.file("/tmp/input", b"x\n", 0o666)
    result = run(box, "/bin/sh", "-c", "condredirect b@b.example true 0>>/tmp/input")
    assert result.code == 111 and result.err.startswith(b"condredirect: fatal: unable to read message: ")


# qbiff

def test_qbiff_writes_no_escapes(box):
    """Neither sender nor recipient nor text can control a terminal."""
    sandbox.private_dev()
    sandbox.mount("tmpfs", "/run", "tmpfs", data="mode=0755")
    box.file("/run/utmp", struct.pack("=h2xi32s4s32s256shhiii16s20x", 7, 1, b"tty1", b"", b"alice", b"", 0, 0, 0, 0, 0,
                                      b""))
    tty = box.file("/dev/tty1", b"", 0o700, "alice")
    result = run(box, "qbiff", message=b"Subject: \x1b[2J\n\n", env=ENV | {"SENDER": "\x1b[2J@a", "LOCAL": "x\x07"})
    assert (result.code, result.out, result.err) == (0, b"", b"")
    assert tty.read_bytes() == b"\r\n\x07*** TO <x_> FROM <_[2J@a>\r\n    /[2J//\r\n"


# Shell programs

def test_mailsubj_keeps_backslashes(box):
    box.capture_queue()
    assert run(box, "mailsubj", "a\\tb \\\\n", "bob@b.example", message=b"x\n").code == 0
    ((message, _, _),) = box.captured()
    assert b"Subject: a\\tb \\\\n\n" in message
