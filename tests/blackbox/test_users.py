"""qmail-getpw, qmail-newu and splogger in situations without a conformance case."""

import os
import stat
from pathlib import Path

import pytest

GOOD = "=old:alice:7001:7001:/home/alice:::\n.\n"
ANSWER = b"alias\0%d\0%d\0/var/qmail/alias\0-\0"


def alias_answer(extension):
    info = os.stat("/var/qmail/alias")
    fields = next(line for line in Path("/etc/passwd").read_text().splitlines() if line.startswith("alias:")).split(":")
    assert info.st_uid == int(fields[2])
    return ANSWER % (int(fields[2]), int(fields[3])) + extension + b"\0"


# qmail-getpw

@pytest.mark.parametrize("local", [b"-", b"--", b"-n", b"caf\xe9-x", b"a b", b"x\ny", b"../root", b"*", b"+", b"@"])
def test_getpw_odd_addresses(box, local):
    result = box.run(["qmail-getpw", local], as_user="qmailp")
    assert (result.code, result.out, result.err) == (0, alias_answer(local), b"")


def test_getpw_looks_at_one_argument(box):
    result = box.run(["qmail-getpw", "alice", "bob"], as_user="qmailp")
    assert result.out == b"alice\x007001\x007001\x00/home/alice\0\0\0"


def test_getpw_accounts_that_cannot_be_read_defer(box):
    os.chmod("/etc/passwd", 0o600)
    result = box.run(["qmail-getpw", "alice"], as_user="qmailp")
    assert (result.code, result.out) == (118, b"")


def test_getpw_home_in_a_loop_is_no_home(box):
    os.rmdir("/home/bob")
    os.symlink("/home/bob", "/home/bob")
    assert box.run(["qmail-getpw", "bob"], as_user="qmailp").out == alias_answer(b"bob")


def test_getpw_answer_that_cannot_be_written(box):
    result = box.run(["/bin/sh", "-c", "exec qmail-getpw alice >/dev/full"])
    assert result.code == 118
    result = box.run(["/bin/sh", "-c", "exec qmail-getpw alice >&-"])
    assert result.code == 118


# qmail-newu

def fails(box, text):
    """Checks that the old users/cdb stays, that no other file remains, and that this is the reason."""
    before = Path("/var/qmail/users/cdb").read_bytes()
    result = box.run(["qmail-newu"])
    assert (result.code, result.out) == (111, b"")
    assert result.err == f"qmail-newu: fatal: {text}\n".encode()
    assert Path("/var/qmail/users/cdb").read_bytes() == before
    assert not os.path.isfile("/var/qmail/users/cdb.tmp")


@pytest.mark.parametrize("text", [b"=a\0:u:1:1:/:::\n.\n", b"=a:u:1:1:/\0:::\n.\n", b"=a:u:1:1:/:::", b"\xff\n.\n",
                                  b"=" + b"a" * 2_000_000 + b":u:1:1:/:::\n.\n"])
def test_newu_bad_format(box, text):
    assert box.users_assign(GOOD).code == 0
    box.file("users/assign", text)
    fails(box, "bad format in users/assign")


def test_newu_assign_is_a_directory(box):
    assert box.users_assign(GOOD).code == 0
    box.path("users/assign").unlink()
    box.mkdir("users/assign")
    fails(box, "unable to read users/assign")


def test_newu_full_disk(box):
    assert box.users_assign(GOOD).code == 0
    lines = "".join(f"=user{number}:u:1:1:/home/u{number}:::\n" for number in range(5000))
    old = box.path("users/cdb").read_bytes()
    assert box.run(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=300k", "none", "/var/qmail/users"]).code == 0
    box.file("users/cdb", old)
    box.file("users/assign", lines + ".\n")
    fails(box, "unable to write users/cdb.tmp")


def test_newu_no_home(box):
    line = "umount -l /var/qmail/bin 2>/dev/null; exec /mnt/qmail-newu"
    program = box.path(box.program("qmail-newu")).read_bytes()
    box.file("/mnt/qmail-newu", program, mode=0o755)
    os.chmod("/var/qmail", 0o700)
    result = box.run(["/bin/sh", "-c", line], as_user="alice")
    assert (result.code, result.err) == (111, b"qmail-newu: fatal: unable to chdir\n")


@pytest.mark.parametrize("mask", ["000", "022", "077"])
def test_newu_mode_whatever_the_umask(box, mask):
    box.users_assign(GOOD, newu=False)
    assert box.run(["/bin/sh", "-c", f"umask {mask}; exec qmail-newu"]).code == 0
    assert stat.S_IMODE(os.stat("/var/qmail/users/cdb").st_mode) == 0o644


def test_newu_left_over_file_does_not_matter(box):
    box.file("users/cdb.tmp", b"x" * 100000)
    assert box.users_assign(GOOD).code == 0
    assert box.path("users/cdb").stat().st_size < 10000
    assert not box.path("users/cdb.tmp").exists()


def test_newu_dot_without_line_end(box):
    assert box.users_assign(GOOD.rstrip("\n")).code == 0


def test_newu_upper_case_end_of_a_wildcard(box):
    box.users_assign("+JOE:alice:7001:7001:/home/alice:-::\n.\n")
    box.plant_message(b"x\n", "s@a.example", number=230, local=["joey@host"])
    box.dotqmail("alice", "default", "|echo $USER $EXT\n")
    result = box.run(["qmail-lspawn", "./Mailbox"], b"\1" + b"\0".join([b"0/230", b"", b"Joey@host", b""]))
    assert result.out == b"\x78\1Kalice y\ndid 0+0+1\n\0"


# splogger

def test_splogger_last_line_without_end(box):
    box.start_syslog()
    assert box.run(["splogger", "t"], b"one\nwarning: cut").code == 0
    lines = box.syslog()
    assert len(lines) == 2
    assert lines[1].startswith("<20>") and lines[1].endswith(" warning: cut")


@pytest.mark.parametrize("facility", ["128", "99999999999999999999999"])
def test_splogger_facility_out_of_range(box, facility):
    box.start_syslog()
    assert box.run(["splogger", "t", facility], b"alert: x\n").code == 0
    (line,) = box.syslog()
    assert line.startswith("<9>")


def test_splogger_lines_arrive_as_they_are_read(box):
    """A line is sent when it is complete, not when a buffer is full."""
    box.start_syslog()
    result = box.run(["/bin/sh", "-c", "(echo first; sleep 0.3; date +%s.%N >&2; echo second) | splogger t"])
    stamps = [float(line.split(" t: ")[1].split(" ")[0]) for line in box.syslog()]
    assert stamps[0] < float(result.err) - 0.2 < stamps[1]


# qmail-pw2u

PASSWD = b"alias:x:7001:7001::/home/alice:/bin/true\nbob:x:7002:7002:Bob:/home/bob:/bin/sh\n"


def pw2u(box, *options, passwd=PASSWD, **more):
    return box.run(["qmail-pw2u", *options], passwd, **more)


def test_pw2u_is_what_getpw_does(box):
    """Mail goes to the same users, with and without the assignments."""
    box.plant_message(b"x\n", "s@a.example", number=230, local=["alice@host"])
    for user in ("alice", "bob", "list-mgr", "alias"):
        box.dotqmail(user, "default", "|echo $USER $EXT $HOME\n")
        box.dotqmail(user, "", "|echo $USER\n")
    locals_ = [b"alice", b"Bob-x", b"list-mgr-Y-z", b"list", b"Carol", b"eve-x", b"ghost", b"zorro", b"alias-x"]
    orders = b"".join(bytes([slot]) + b"\0".join([b"0/230", b"", local + b"@host", b""])
                      for slot, local in enumerate(locals_, 1))

    def delivered():
        out = box.run(["qmail-lspawn", "./Mailbox"], orders).out
        return sorted(out[1:].split(b"\0"))

    before = delivered()
    result = pw2u(box, passwd=Path("/etc/passwd").read_bytes())
    assert result.code == 0
    assert box.users_assign(result.out).code == 0
    assert delivered() == before
    assert sum(text[1:2] == b"K" for text in before) == len(locals_)


def test_pw2u_option_without_argument(box):
    result = pw2u(box, "-c")
    assert (result.code, result.err) == (100, b"qmail-pw2u: option requires an argument -- c\n")


def test_pw2u_last_line_without_end(box):
    assert pw2u(box, "-C", passwd=PASSWD[:-1]).out == pw2u(box, "-C").out


def test_pw2u_stops_at_homes_of_others_no_more_than_it_must(box):
    passwd = PASSWD + b"eve:x:7005:7005::/home/eve:/bin/sh\n"
    result = pw2u(box, "-hC", passwd=passwd)
    assert result.code == 0
    assert b"eve" not in result.out


def test_pw2u_output_that_cannot_be_written(box):
    box.file("/mnt/passwd", PASSWD)
    result = box.run(["/bin/sh", "-c", "exec qmail-pw2u </mnt/passwd >/dev/full"])
    assert (result.code, result.err) == (111, b"qmail-pw2u: fatal: unable to write output\n")


def test_pw2u_line_of_an_absurd_length(box):
    result = pw2u(box, passwd=PASSWD + b"x" * 3_000_000 + b"\n")
    assert (result.code, result.err) == (111, b"qmail-pw2u: fatal: unable to read input\n")
