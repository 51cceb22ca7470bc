"""Our programs beside parts of another qmail, which plain_parts.py stands for: who swaps binaries under a queue may mix them."""

import os
import signal
import time
from pathlib import Path

import pytest
from conformlib.process import until

PARTS = Path(__file__).with_name("plain_parts.py")
SPAWNERS = ("qmail-lspawn", "qmail-rspawn")
HERE = "{}@host.example.org"
FAR = "{}@x.example"


def start(box, *plain):
    """qmail-start that finds the plain one of these programs, and ours of all others."""
    box.mkdir("/mnt/plain", mode=0o755)
    box.mkdir("/mnt/ran", mode=0o777)
    for old in Path("/mnt/plain").iterdir():
        old.unlink()
    for name in plain:
        box.file(f"/mnt/plain/{name}", f"#!/bin/sh\n: >/mnt/ran/{name}\nexec /usr/bin/python3 /mnt/parts {name} \"$@\"\n", mode=0o755)
    box.file("/mnt/parts", PARTS.read_bytes(), mode=0o755)
    box.env["PATH"] = "/mnt/plain:/var/qmail/bin:/usr/bin:/bin"
    return box.start_qmail()


def text(number):
    return f"Subject: {number}\n\n".encode() + b"body of %d\n" % number * 300


def arrived(box, user):
    """The texts in a user's maildir, each without the lines that delivery and queueing add."""
    return [one["content"].partition(b"Subject: ")[2] for one in box.maildir_messages(user) if one["file"].startswith("new/")]


def is_empty():
    return not any(path.is_file() for kind in ("todo", "mess", "info", "local", "remote") for path in Path(f"/var/qmail/queue/{kind}").rglob("*"))


def hosts(box):
    """Alice and Bob have maildirs, and a server takes mail to x.example."""
    for user in ("alice", "bob"):
        box.maildir(user)
        box.dotqmail(user, "", "./Maildir/\n")
    box.control("locals", "host.example.org\n")
    box.control("smtproutes", "x.example:192.0.2.1\n")
    return box.smtp_server()


@pytest.mark.parametrize("plain", [SPAWNERS, SPAWNERS[:1], SPAWNERS[1:], ("qmail-send",), ("qmail-send", "qmail-lspawn")], ids="+".join)
def test_each_part_works_beside_those_of_another(box, plain):
    server = hosts(box)
    start(box, *plain)
    for number in range(12):
        assert box.inject(text(number), "s@a.example", [HERE.format("alice"), HERE.format("bob"), FAR.format(f"r{number}")]).code == 0
    until(is_empty, 20, "an empty queue")
    assert {path.name for path in Path("/mnt/ran").iterdir()} == set(plain)
    for user in ("alice", "bob"):
        assert sorted(arrived(box, user)) == sorted(text(number).partition(b"Subject: ")[2] for number in range(12))
    assert {number for number in range(12) if f"RCPT TO:<r{number}@x.example>" in str(server.observation())} == set(range(12))


def test_a_queue_changes_hands_at_any_moment(box):
    """Each sender finishes what the other left when it was killed: nothing is lost, nothing is cut."""
    server = hosts(box)
    count = 0
    for turn in range(8):
        qmail = start(box, *(("qmail-send",) if turn % 2 else ()))
        for _ in range(6):
            assert box.inject(text(count), "s@a.example", [HERE.format("alice"), FAR.format(f"r{count}")]).code == 0
            count += 1
        time.sleep(0.03 * turn)
        os.kill(qmail.pid, signal.SIGKILL)
        until(lambda: not spawners(), 8, "spawners that end")
    start(box)
    until(is_empty, 20, "an empty queue")
    assert set(arrived(box, "alice")) == {text(number).partition(b"Subject: ")[2] for number in range(count)}
    said = str(server.observation())
    assert all(f"RCPT TO:<r{number}@x.example>" in said for number in range(count))


def spawners():
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith((b"qmail-lspawn", b"qmail-rspawn", b"qmail-clean", b"qmail-send")) for word in words[:3]):
            found.append(int(entry.name))
    return found
