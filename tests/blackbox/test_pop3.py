"""qmail-pop3d and qmail-popup: odd clients, limits, broken surroundings, durability of what is not asked for."""

import os
import re
import socket
import subprocess

import pytest


def fill(box, count=2):
    root = box.maildir("alice")
    for number in range(1, count + 1):
        box.file(root / f"new/100000000{number}.h", b"S: %d\n\nbody\n" % number, mode=0o600, owner="alice", age=600 - number)
    return root


def script(box, text):
    return [str(box.file("/tmp/checker", f"#!/bin/sh\n{text}\n", mode=0o755))]


def test_endless_command_line(box):
    fill(box)
    talk = box.pop3d_dialogue("alice", ["DELE 1", b"x" * (1 << 20)], one_by_one=False)
    assert talk.out == b"+OK \r\n+OK \r\n-ERR line too long\r\n"
    assert len(box.maildir_messages("alice")) == 2
    talk = box.popup_dialogue([b"USER " + b"x" * (1 << 20)], ["/bin/true"], one_by_one=False)
    assert talk.out.endswith(b"-ERR line too long\r\n") and talk.code == 1


def test_capabilities(box):
    fill(box)
    assert box.pop3d_dialogue("alice", ["CAPA", "QUIT"]).out == b"+OK \r\n+OK \r\nUIDL\r\nTOP\r\n.\r\n+OK \r\n"
    assert b"+OK \r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n" in box.popup_dialogue(["CAPA", "QUIT"], ["/bin/true"]).out


def test_nul_never_reaches_the_checker(box):
    talk = box.popup_dialogue([b"USER alice\0root\r\n", b"APOP alice\0 x\r\n", "USER alice", b"PASS x\0y\r\n", "QUIT"],
                              [box.checkpassword(0), "/bin/echo", "in"])
    assert talk.out.count(b"-ERR syntax error\r\n") == 3
    assert box.checkpassword_seen() == b""


def test_client_goes_on_with_what_the_checker_becomes(box):
    argv = [box.checkpassword(0), "/bin/sh", "-c", "echo +OK in; cat"]
    talk = box.popup_dialogue(["USER alice", "PASS x", "STAT"], argv)
    assert talk.out.endswith(b"+OK \r\n+OK in\nSTAT\r\n")


def test_checker_that_cannot_run(box):
    talk = box.popup_dialogue(["USER alice", "PASS x"], ["/nonexistent/checker"])
    # Whether the pipe still has a reader when the password is written is a race; both replies refuse.
    assert talk.out.endswith((b"-ERR authorization failed\r\n", b"-ERR unable to write pipe\r\n")) and talk.code == 1


def test_checker_sees_no_other_descriptor(box):
    box.mkdir("/tmp", mode=0o1777)
    checker = script(box, "ls /proc/self/fd >/tmp/fds; cat <&3 >/dev/null; exit 1")
    box.popup_dialogue(["USER alice", "PASS x"], checker)
    numbers = {int(number) for number in box.path("/tmp/fds").read_text().split()}
    assert numbers - {0, 1, 2, 3} <= {max(numbers)}  # ls's own


def test_unwritable_output(box):
    fill(box)
    result = box.run(["qmail-pop3d", "Maildir"], b"DELE 1\r\nQUIT\r\n", as_user="alice", cwd="/home/alice",
                     extra_fds={1: None})
    assert result.code == 0
    assert len(box.maildir_messages("alice")) == 2


@pytest.mark.parametrize("program", [["qmail-pop3d", "Maildir"], ["qmail-popup", "h", "/bin/true"]])
def test_closed_input(box, program):
    fill(box)
    result = box.run(program, None, as_user="alice", cwd="/home/alice")
    assert result.code == (0 if program[0] == "qmail-pop3d" else 1)
    assert result.out.startswith(b"+OK ")


@pytest.mark.parametrize("command", ["RETR 1", "TOP 1 5"])
def test_a_read_error_is_not_the_end_of_the_message(box, command):
    """What the client has is not the message: it must not see a final dot, and what it says then must not remove anything."""
    root = fill(box)
    first = root / "new/0900000000.h"
    first.mkdir()  # can be opened, not read
    os.utime(first, (1, 1))
    talk = box.pop3d_dialogue("alice", [command, "DELE 1", "DELE 2", "QUIT"], one_by_one=False)
    assert talk.out == b"+OK \r\n+OK \r\n"
    assert sorted(os.listdir(root / "new")) == ["0900000000.h", "1000000001.h", "1000000002.h"]
    assert os.listdir(root / "cur") == []


def test_group_of_replies_in_one_write(box):
    fill(box)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # keeps writes apart
    process = subprocess.Popen([str(box.program("qmail-pop3d")), "/home/alice/Maildir"], stdin=subprocess.PIPE, stdout=theirs,
                               env=box.env)
    theirs.close()
    assert ours.recv(65536) == b"+OK \r\n"
    process.stdin.write(b"STAT\r\nUIDL\r\nRETR 1\r\nQUIT\r\n")
    process.stdin.flush()
    group = ours.recv(65536)
    assert group.startswith(b"+OK 2 ") and group.endswith(b"\r\n.\r\n+OK \r\n")
    assert process.wait(5) == 0


def test_large_message(box):
    root = box.maildir("alice")
    text = b"S: x\n\n" + b"".join(b".%d %s\n" % (n, b"y" * (n % 300)) for n in range(20_000))
    box.file(root / "new/1.h", text, owner="alice", age=60)
    talk = box.pop3d_dialogue("alice", ["RETR 1", "QUIT"])
    body = talk.out.split(b"+OK \r\n", 2)[2]
    assert body == re.sub(rb"^\.", b"..", text, flags=re.M).replace(b"\n", b"\r\n") + b"\r\n.\r\n+OK \r\n"


def test_message_gone_meanwhile(box):
    root = fill(box)
    os.unlink(root / "new/1000000001.h")
    (root / "new/1000000009.dangling").symlink_to("/nonexistent")
    talk = box.pop3d_dialogue("alice", ["STAT", "QUIT"])
    assert talk.out.startswith(b"+OK \r\n+OK 1 ")
