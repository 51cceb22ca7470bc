"""qmail-tcpto and qmail-tcpok: odd tables, locks, closed descriptors."""

import fcntl
import os
import subprocess
import time

import pytest

TABLE = "queue/lock/tcpto"


def used(ip, count, age):
    return bytes(ip) + bytes([count, 0, 0, 0]) + (int(time.time()) - age).to_bytes(4, "little") + bytes(4)


def test_partial_record(box):
    """An incomplete record is ignored."""
    box.file(TABLE, used((192, 0, 2, 1), 1, 5) + used((192, 0, 2, 2), 1, 5)[:15], owner="qmailr:qmail")
    out = box.run(["qmail-tcpto"]).out
    assert out.startswith(b"192.0.2.1 timed out ") and out.count(b"\n") == 1


def test_table_of_noise(box):
    """Invalid records are shown unchanged, so that an administrator can see them. Values above 127 are not counts."""
    for byte, text in ((b"\x7f", b"127.127.127.127 timed out 0 seconds ago; # recent timeouts: 127\n"), (b"\xff", b"")):
        box.file(TABLE, byte * 1024, owner="qmailr:qmail")
        result = box.run(["qmail-tcpto"])
        assert (result.code, result.out) == (0, text * 64)


def test_table_that_is_a_directory(box):
    box.path(TABLE).unlink()
    box.mkdir(TABLE)
    result = box.run(["qmail-tcpto"])
    assert (result.code, result.out) == (111, b"fatal: unable to open tcpto: is a directory\n")
    result = box.run(["qmail-tcpok"])
    assert (result.code, result.err) == (
        111, b"qmail-tcpok: fatal: unable to write /var/qmail/queue/lock/tcpto: is a directory\n")


def test_table_that_is_a_fifo(box):
    box.path(TABLE).unlink()
    os.mkfifo(box.path(TABLE))
    for program in ("qmail-tcpto", "qmail-tcpok"):
        assert box.run([program], timeout=5).code == 111, program


@pytest.mark.parametrize("program", ["qmail-tcpto", "qmail-tcpok"])
def test_a_link_in_its_place_leads_root_nowhere(box, program):
    """qmailq can write the directory: a file that only root may read or write is neither shown nor cleared."""
    precious = box.file("/mnt/precious", used((192, 0, 2, 1), 1, 5) * 64, mode=0o600, owner="root")
    before = precious.read_bytes()
    box.path(TABLE).unlink()
    os.symlink(precious, box.path(TABLE))
    result = box.run([program])
    assert result.code == 111 and b"192.0.2.1" not in result.out and b"access denied" in result.out + result.err
    assert precious.read_bytes() == before


@pytest.mark.parametrize("user", ["qmails", "qmailq"])
def test_only_root_and_qmailr_see_the_table(box, user):
    """A user who may not change the table cannot read it either."""
    result = box.run(["qmail-tcpto"], as_user=user)
    assert (result.code, result.out, result.err) == (111, b"fatal: unable to open tcpto: access denied\n", b"")
    assert box.run(["qmail-tcpto"], as_user="qmailr").code == 0


def test_table_that_cannot_be_written_is_not_looked_at(box):
    """Otherwise an address would never be tried again, since its record could not be cleared."""
    box.file(TABLE, used((192, 0, 2, 1), 5, 60).ljust(1024, b"\0"), owner="root:qmail", mode=0o644)
    server = box.smtp_server()
    result = box.run(["qmail-remote", "[192.0.2.1]", "a@host.example.org", "b@b.example"], b"x\n", as_user="qmailr")
    assert result.out.startswith(b"r\0K") and len(server.connections) == 1


def test_both_wait_for_the_lock(box):
    """A qmail-remote that changes the table is not disturbed."""
    for program in ("qmail-tcpto", "qmail-tcpok"):
        with open(box.path(TABLE), "r+b") as table:
            fcntl.flock(table, fcntl.LOCK_EX)
            child = subprocess.Popen([box.program(program)])
            time.sleep(0.3)
            assert child.poll() is None, program
        assert child.wait(5) == 0, program


def test_unwritable_output(box):
    box.file(TABLE, used((192, 0, 2, 1), 1, 5).ljust(1024, b"\0"), owner="qmailr:qmail")
    assert box.run(["/bin/sh", "-c", "exec qmail-tcpto >/dev/full"]).code == 111
    assert box.run(["/bin/sh", "-c", "exec qmail-tcpto >&-"]).code == 111


def test_clearing_keeps_what_lies_behind(box):
    """The first 1024 bytes are the table."""
    box.file(TABLE, b"\1" * 1040, owner="qmailr:qmail")
    assert box.run(["qmail-tcpok"], as_user="qmailr").code == 0
    assert box.path(TABLE).read_bytes() == bytes(1024) + b"\1" * 16
    assert os.stat(box.path(TABLE)).st_size == 1040
