"""The qmail-getpw that qmail-lspawn keeps: it must answer as one that is executed for each address."""

import os
import pwd
import signal
import time
from pathlib import Path

import pytest
from test_local_children import Spawner, wait_for
from test_spawners import order, replace

SHOW = "|echo $USER $HOME\n"


def residents():
    """The processes that answer for qmailp."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cmdline").read_bytes() == b"bin/qmail-getpw\0\0stay\0":
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def ask(spawner, number, local):
    spawner.send(order(number, local + b"@host"))
    return spawner.reports(number)[number]


def resident_of(spawner):
    (resident,) = wait_for(residents)
    return resident


def test_one_process_answers_all(box):
    spawner = Spawner(box)
    assert ask(spawner, 1, b"alice") == b"Kdid 1+0+0\n"
    resident = resident_of(spawner)
    account = pwd.getpwnam("qmailp")
    status = Path(f"/proc/{resident}/status").read_text()
    assert f"Uid:\t{account.pw_uid}\t{account.pw_uid}\t{account.pw_uid}\t{account.pw_uid}\n" in status
    assert f"Groups:\t{account.pw_gid} \n" in status
    assert sorted(os.listdir(f"/proc/{resident}/fd")) == ["0", "1", "2"]
    for number, local in enumerate([b"bob", b"alice-x", b"no-such", b"ALICE", b"list-mgr"], 2):
        ask(spawner, number, local)
    assert residents() == [resident]
    spawner.end()
    wait_for(lambda: not residents())


@pytest.mark.parametrize("services", ["passwd: files\n", "passwd: files compat\n"])
def test_the_answers_are_those_of_the_executed_program(box, services):
    Path("/etc/nsswitch.conf").write_text(services)
    # A home that root can see, but not qmailp.
    box.mkdir("/mnt/closed/home")
    with Path("/etc/passwd").open("a") as passwd:
        passwd.write("closed:x:7001:7001::/mnt/closed/home:/bin/sh\nlinked:x:7001:7001::/mnt/link:/bin/sh\n")
    os.chown("/mnt/closed/home", 7001, 7001)
    os.symlink("/home/alice", "/mnt/link")
    for path in ("/mnt", "/mnt/closed"):
        os.chmod(path, 0o755)
    locals_ = [b"alice", b"Alice-Ext-more", b"alice-", b"alicex", b"root", b"root-x", b"Carol", b"carol", b"list-mgr-x", b"eve", b"ghost", b"-",
               b"closed", b"linked", b"x" * 40, b"x" * 5000, b"bob@inner", b"--help", b"alice\xff"]
    os.chmod("/mnt/closed", 0o700)
    default = "|echo $USER $HOME $LOCAL $EXT\n"
    box.dotqmail("alias", "default", default)
    for name in ("alice", "list-mgr"):
        box.dotqmail(name, "default", default)
    found = []
    for executed in (False, True):
        if executed:
            replace(box, "qmail-getpw", Path("/var/qmail/bin/qmail-getpw").read_bytes().replace(b"reqmail program ", b"another program "))
        spawner = Spawner(box, default=default)
        found.append([ask(spawner, number, local) for number, local in enumerate(locals_, 1)])
        assert bool(residents()) is not executed
        spawner.end()
        wait_for(lambda: not residents())
    assert found[0] == found[1]
    closed = found[0][locals_.index(b"closed")]
    assert closed.startswith(b"Kalias /var/qmail/alias closed closed\n"), closed
    assert found[0][locals_.index(b"linked")].startswith(b"Klinked /mnt/link linked")


def test_a_new_account_counts_at_once(box):
    box.dotqmail("alias", "default", SHOW)
    spawner = Spawner(box, default=SHOW)
    assert ask(spawner, 1, b"newcomer") == b"Kalias /var/qmail/alias\ndid 0+0+1\n"
    passwd = Path("/etc/passwd")
    text = passwd.read_text()
    passwd.write_text(text + "newcomer:x:7001:7001::/home/alice:/bin/sh\n")
    assert ask(spawner, 2, b"newcomer") == b"Knewcomer /home/alice\ndid 0+0+1\n"
    passwd.write_text(text)
    assert ask(spawner, 3, b"newcomer") == b"Kalias /var/qmail/alias\ndid 0+0+1\n"


def test_another_takes_the_place_of_a_dead_one(box):
    spawner = Spawner(box)
    assert ask(spawner, 1, b"alice") == b"Kdid 1+0+0\n"
    resident = resident_of(spawner)
    os.kill(resident, signal.SIGKILL)
    wait_for(lambda: not os.path.exists(f"/proc/{resident}"))
    assert ask(spawner, 2, b"alice") == b"Kdid 1+0+0\n"
    assert resident_of(spawner) != resident


def test_a_silent_one_holds_up_nobody(box):
    """Whoever was asking it, and whoever comes after, runs the program."""
    spawner = Spawner(box)
    assert ask(spawner, 1, b"alice") == b"Kdid 1+0+0\n"
    resident = resident_of(spawner)
    os.kill(resident, signal.SIGSTOP)
    began = time.monotonic()
    spawner.send(order(2, b"alice@host"), order(3, b"bob@host"))
    assert spawner.reports(3) == {number: b"Kdid 1+0+0\n" for number in (1, 2, 3)}
    assert 0.9 < time.monotonic() - began < 5
    wait_for(lambda: not residents())
    assert ask(spawner, 4, b"alice") == b"Kdid 1+0+0\n"
    assert not residents()


def test_the_time_limit_of_a_delivery_holds(box):
    box.control("timeoutlocal", "1\n")
    spawner = Spawner(box)
    assert ask(spawner, 1, b"alice") == b"Kdid 1+0+0\n"
    os.kill(resident_of(spawner), signal.SIGSTOP)
    spawner.send(order(2, b"alice@host"))
    # The limit and the patience end in the same moment: the program is run, or the time is up.
    assert spawner.reports(2)[2] in (b"Kdid 1+0+0\n", b"ZTemporary failure in qmail-lspawn.\n")


def test_one_that_is_replaced_is_not_asked_any_more(box):
    spawner = Spawner(box)
    assert ask(spawner, 1, b"alice") == b"Kdid 1+0+0\n"
    replace(box, "qmail-getpw", "#!/bin/sh\nexit 116\n")
    assert ask(spawner, 2, b"alice") == b"ZUnable to find alias user!\n"


def test_many_questions_at_once(box):
    spawner = Spawner(box)
    spawner.send(*[order(number, b"alice@host") for number in range(100)])
    assert spawner.end() == {number: b"Kdid 1+0+0\n" for number in range(100)}


@pytest.mark.limit(120)
def test_it_ends_when_nobody_asks(box):
    spawner = Spawner(box)
    assert ask(spawner, 1, b"alice") == b"Kdid 1+0+0\n"
    resident_of(spawner)
    wait_for(lambda: not residents(), 60)
    assert ask(spawner, 2, b"alice") == b"Kdid 1+0+0\n"
    assert wait_for(residents)


def test_arguments(box):
    """A qmail-getpw that is not asked by qmail-lspawn to stay answers one question as ever."""
    for arguments in (["alice", "stay"], ["", "x"], ["", "stay", "more"], [""]):
        result = box.run(["qmail-getpw", *arguments], b"", as_user="qmailp")
        assert (result.code, result.out.count(b"\0")) == (0, 6)
    # Descriptor 0 is no socket.
    assert box.run(["qmail-getpw", "", "stay"], b"", as_user="qmailp").code == 0
