"""qmail-upgrade apply and rollback: old qmails of several shapes, under load, killed at every step."""

from __future__ import annotations

import collections
import fcntl
import grp
import os
import pwd
import random
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from upgrade_host import BIN, FEW, HOME, NEW, QUEUE, SET, Host, give, processes, wait

STEPS = "?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat,?mkdir,?mkdirat,?rmdir,fchown,fchmod,fsync"


def test_there_and_back(box):
    host = Host(box, papers=True)
    (NEW / "setup").mkdir()
    (NEW / "setup/instcheck.sh").write_text("#!/bin/sh\n")
    (NEW / "setup/instcheck.sh").chmod(0o755)
    (NEW / "services/runit/qmail").mkdir(parents=True)
    (NEW / "services/runit/qmail/conf").write_text("x\n")
    text = host.apply(code=(1,))
    for path, mode in (("setup", 0o755), ("setup/instcheck.sh", 0o755), ("services/runit/qmail/conf", 0o644), ("services/runit", 0o755)):
        info = (HOME / path).stat()
        assert (info.st_uid, info.st_gid, info.st_mode & 0o7777) == (0, Host.gid("qmail"), mode), path
    assert "no test message was sent" in text and "the way back: /var/qmail/bin/qmail-upgrade" in text
    host.assert_new()
    assert (HOME / "man/man8/qmail-send.8").read_text() == "new page\n"
    old = [path for path in HOME.iterdir() if path.name.startswith("bin.old.")]
    assert len(old) == 1
    for name, (inode, *_) in host.before.items():
        if name.startswith(str(BIN)):
            assert os.lstat(old[0] / Path(name).name).st_ino == inode
    assert "nothing to do" in host.apply()
    host.rollback(program=BIN / "qmail-upgrade")
    host.assert_old()
    assert not (HOME / "setup").exists() and not (HOME / "services").exists()
    assert "nothing to roll back" in host.rollback()
    host.assert_old()


def test_under_daemontools(box):
    host = Host(box)
    host.daemontools()
    host.inject("before")
    text = host.apply()
    assert "(daemontools)" in text and "a test message went through" in text
    host.assert_new()
    assert host.running_makes() == {"current"}
    host.inject("between")
    text = host.rollback()
    assert "(daemontools)" in text and "a test message went through" in text
    host.assert_old()
    assert host.running_makes() == {"current"}
    host.inject("after")
    host.assert_all_arrive()
    wait(lambda: not host.queued(), what="an empty queue")


# --- killed at every step ---
def calls_of(host, command: str) -> list[tuple[str, int]]:
    """Returns the calls in STEPS that one run makes, each with the number of calls of this name so far."""
    done = host.upgrade(command, prefix=["strace", "-qq", "-o", "/mnt/calls", "-e", "signal=none", "-e", f"trace={STEPS}"])
    assert done.returncode in (0, 1), done.stdout
    seen = collections.Counter()
    calls = []
    for line in Path("/mnt/calls").read_text().splitlines():
        name = line.split("(")[0]
        seen[name] += 1
        calls.append((name, seen[name]))
    return calls


def kill_at(host, command: str, call: tuple[str, int]) -> None:
    """Runs it with a SIGKILL at one of its calls."""
    name, number = call
    done = host.upgrade(command, prefix=["strace", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e",
                                         f"inject={name}:signal=KILL:when={number}"])
    assert done.returncode in (-9, 137), (call, done.returncode, done.stdout)


def forget(host) -> None:
    """Removes old directories and journals, as if there had never been an upgrade."""
    for path in HOME.iterdir():
        if path.name.startswith("bin.old.") or path.name == "upgrade":
            shutil.rmtree(path)


@pytest.mark.slow
@pytest.mark.limit(600)
@pytest.mark.parametrize("way", ["apply", "rollback"])
def test_apply_is_killed_at_every_step(box, way):
    """Checks files only: at each point the host could be started, and either command completes the work."""
    host = Host(box, FEW, papers=True)
    calls = calls_of(host, "apply")
    assert len(calls) > 100
    host.rollback()
    host.assert_old()
    forget(host)
    changed = 0
    for call in calls:
        kill_at(host, "apply", call)
        host.assert_runnable()
        changed += host.makes() != {"old"}
        if way == "apply":
            host.apply()
            host.assert_new()
        host.rollback()
        host.assert_old()
        forget(host)
    assert changed > 20


@pytest.mark.slow
@pytest.mark.limit(600)
@pytest.mark.parametrize("way", ["apply", "rollback"])
def test_rollback_is_killed_at_every_step(box, way):
    host = Host(box, FEW, papers=True)
    host.apply()
    calls = calls_of(host, "rollback")
    assert len(calls) > 50
    for call in calls:
        forget(host)
        host.apply()
        kill_at(host, "rollback", call)
        host.assert_runnable()
        if way == "apply":
            host.apply()
            host.assert_new()
        host.rollback()
        host.assert_old()


# --- under load, in every queue state ---
class Load:
    """Injects as fast as it can until it is stopped; messages that qmail-queue accepted are in host.sent."""

    def __init__(self, host) -> None:
        self.host, self.refused, self.number = host, 0, 0
        self.stopped = False
        self.thread = threading.Thread(target=self._go, daemon=True)
        self.thread.start()

    def _go(self) -> None:
        while not self.stopped:
            self.number += 1
            text = f"load-{self.number}"
            done = subprocess.run([BIN / "qmail-inject", "-fs@a.example", "alice@host.example.org"], check=False,
                                  input=f"Subject: x\n\n{text}\n".encode(), env={"PATH": "/usr/bin:/bin"})
            if done.returncode == 0:
                self.host.sent.append(text)
            else:
                self.refused += 1

    def stop(self) -> None:
        self.stopped = True
        self.thread.join()


def plant_all_states(box) -> dict[str, int]:
    """Makes a message in each state of the queue; alice's texts begin with "planted"."""
    numbers = {}
    to = [b"alice@host.example.org"]
    numbers["todo"] = box.plant_message(b"x: y\n\nplanted-todo\n", b"s@a.example", local=to, state="todo")
    numbers["queued"] = box.plant_message(b"x: y\n\nplanted-queued\n", b"s@a.example", local=to)
    numbers["some done"] = box.plant_message(b"x: y\n\nplanted-rest\n", b"s@a.example",
                                             local=[*to, b"bob@host.example.org"], done=[b"bob@host.example.org"])
    numbers["remote"] = box.plant_message(b"x: y\n\nremote\n", b"s@a.example", remote=[b"r@b.example"], age=60)
    numbers["bounce"] = box.plant_message(b"x: y\n\nbouncing\n", b"alice@host.example.org", remote=[b"r@b.example"],
                                          bounce=b"<q@b.example>:\nno such user\n\n")
    for age, name in ((0, "half"), (200000, "ossified")):
        path = HOME / "queue/pid/x"
        path.write_bytes(b"half a message")
        number = path.stat().st_ino
        path.rename(HOME / f"queue/mess/{number % 23}/{number}")
        path = HOME / f"queue/mess/{number % 23}/{number}"
        give(path, "qmailq:qmail", 0o644)
        os.utime(path, (path.stat().st_mtime - age,) * 2)
        numbers[name] = number
    return numbers


@pytest.mark.limit(120)
def test_every_queue_state_under_load(box):
    """Programs are replaced and restored while qmail-send runs and mail comes in: all mail arrives, from every state."""
    host = Host(box)
    box.dotqmail("bob", "", "./Mailbox\n")
    box.control("smtproutes", "b.example:[127.0.0.1]:2525\n")
    numbers = plant_all_states(box)
    host.sent += ["planted-todo", "planted-queued", "planted-rest"]
    host.before = host.picture()
    host.daemontools()
    load = Load(host)
    try:
        for _ in range(3):
            wait(lambda: len(host.arrived()) > 10, what="load")
            assert "a test message went through" in host.apply()
            host.assert_new()
            assert "a test message went through" in host.rollback()
            host.assert_old()
        host.apply()
    finally:
        load.stop()
    assert load.refused == 0 and len(host.sent) > 50
    host.assert_all_arrive(40)
    arrived = collections.Counter(host.arrived())
    assert all(count == 1 for text, count in arrived.items() if text in host.sent), arrived.most_common(5)
    assert box.mailbox("bob") is None
    number = numbers["remote"]
    assert (HOME / f"queue/remote/{number % 23}/{number}").exists()
    number = numbers["half"]
    assert (HOME / f"queue/mess/{number % 23}/{number}").read_bytes() == b"half a message"
    number = numbers["ossified"]
    assert not (HOME / f"queue/mess/{number % 23}/{number}").exists()
    bounce = numbers["bounce"]
    assert (HOME / f"queue/bounce/{bounce}").exists()


@pytest.mark.slow
@pytest.mark.limit(200)
def test_killed_at_random_under_load(box):
    """Runs of apply and rollback are killed at random times on a host that delivers."""
    host = Host(box)
    host.daemontools()
    load = Load(host)
    chance = random.Random(5)
    try:
        for _ in range(12):
            for command in ("apply", "rollback"):
                with subprocess.Popen([NEW / "bin/qmail-upgrade", f"--from={NEW}", command], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}) as run:
                    time.sleep(chance.uniform(0.01, 0.7))
                    run.kill()
                host.assert_runnable()
                text = f"after-{len(host.sent)}"
                host.inject(text)
                wait(lambda: text in host.arrived(), what=f"{text} after a killed {command}")  # noqa: B023
        host.apply()
        host.assert_new()
        host.rollback()
    finally:
        load.stop()
    assert load.refused == 0 and len(host.sent) > 50
    host.assert_old()
    host.assert_all_arrive(40)
    wait(lambda: not host.queued(), what=lambda: f"an empty queue: {host.queued()}")
    assert [path.name for path in (HOME / "alias").iterdir() if "upgrade" in path.name] == []


# --- each supervisor ---
def test_under_runit(box):
    host = Host(box, FEW)
    host.supervise(["runsv"], host.run_script(Path("/mnt/service/qmail")))
    assert "(runit)" in host.apply(code=(0,))
    host.assert_new()
    assert host.running_makes() == {"current"}
    assert "(runit)" in host.rollback(code=(0,))
    assert host.running_makes() == {"current"}
    host.inject("runit")
    host.assert_all_arrive()


def test_under_s6(box):
    host = Host(box, FEW)
    host.supervise(["s6-supervise"], host.run_script(Path("/mnt/service/qmail")))
    assert "(s6)" in host.apply(code=(0,))
    assert host.running_makes() == {"current"}
    assert "(s6)" in host.rollback(code=(0,))
    assert host.running_makes() == {"current"}
    host.inject("s6")
    host.assert_all_arrive()


def test_without_a_supervisor_rc_starts_it(box):
    host = Host(box, FEW)
    rc = HOME / "rc"
    subprocess.run(["sh", "-c", "/var/qmail/rc </dev/null >/dev/null 2>&1 &"], check=True, env={"PATH": "/usr/bin:/bin"})
    wait(lambda: processes("qmail-send"), what="qmail-send")
    assert "(none)" in host.apply(code=(0,))
    assert host.running_makes() == {"current"}
    rc.chmod(0o644)
    done = host.upgrade("rollback")
    assert done.returncode == 111 and "start qmail by hand" in done.stdout
    rc.chmod(0o755)
    host.rollback(code=(0,))
    assert host.running_makes() == {"current"}
    host.inject("rc")
    host.assert_all_arrive()


def test_under_systemd(box):
    """A stub replaces systemctl: this test shows the commands, not the work of systemd."""
    host = Host(box, FEW)
    tools = Path("/mnt/tools")
    tools.mkdir()
    (tools / "systemctl").write_text("#!/bin/sh\necho \"$@\" >>/mnt/asked\ncase $1 in restart) setsid /var/qmail/rc "
                                     "</dev/null >/dev/null 2>&1 & ;; esac\n")
    (tools / "systemctl").chmod(0o755)
    box.start_qmail("./Mailbox", log=False)
    pid = wait(lambda: processes("qmail-send"), what="qmail-send")[0]
    Path("/mnt/cgroup").write_text("0::/system.slice/qmail.service\n")
    subprocess.run(["mount", "--bind", "/mnt/cgroup", f"/proc/{pid}/cgroup"], check=True)
    done = subprocess.run([NEW / "bin/qmail-upgrade", f"--from={NEW}", "apply"], stdout=subprocess.PIPE, text=True,
                          check=False, env={"PATH": f"{tools}:/usr/bin:/bin"})
    assert done.returncode == 0 and "(systemd)" in done.stdout, done
    assert Path("/mnt/asked").read_text().splitlines()[-1] == "restart qmail.service"
    assert host.running_makes() == {"current"}


# --- big-todo ---
def plant_divided(host, count: int = 30, split: int = 23) -> dict[int, str]:
    """Makes messages as a big-todo qmail-queue leaves them; returns number and text."""
    planted = {}
    for position in range(count):
        text = f"divided-{position}"
        number = host.box.plant_message(f"x: y\n\n{text}\n".encode(), b"s@a.example", local=[b"alice@host.example.org"],
                                        state="todo")
        for kind in ("intd", "todo"):
            (QUEUE / kind / str(number)).rename(QUEUE / kind / str(number % split) / str(number))
        planted[number] = text
    return planted


def places(number: int, split: int = 23) -> list[str]:
    """Returns the places of envelopes in todo and checks that each message has at most one."""
    return [where for where, path in (("flat", f"todo/{number}"), ("divided", f"todo/{number % split}/{number}"))
            if (QUEUE / path).is_file()]


def layout() -> dict:
    return {str(path): (info.st_uid, info.st_gid, info.st_mode) for kind in ("todo", "intd")
            for path in (QUEUE / kind).rglob("*") if path.is_dir() for info in [path.stat()]}


def test_big_todo_there_and_back_under_load(box):
    host = Host(box, FEW, big_todo=True)
    before = layout()
    half = QUEUE / "intd/3/999"
    half.write_bytes(b"u1\0")
    give(half, "qmailq:qmail", 0o600)
    host.sent += plant_divided(host).values()
    host.daemontools()
    load = Load(host)
    try:
        wait(lambda: len(host.arrived()) > 40, what="load")
        text = host.apply()
        assert "queue/todo and queue/intd are flat" in text and "a test message went through" in text
        assert layout() == {}
        assert not (QUEUE / "intd/999").exists()
        assert [path.read_bytes() for path in (QUEUE / "pid").glob("intd.999.*")] == [b"u1\0"]
        count = len(host.arrived())
        wait(lambda: len(host.arrived()) > count + 20, what="load after apply")
        text = host.rollback()
        assert "are divided again" in text and "a test message went through" in text
        host.assert_old()
        assert layout() == before
        count = len(host.arrived())
        wait(lambda: len(host.arrived()) > count + 20, what="load after rollback")
    finally:
        load.stop()
    # When todo/ has lost its directories, a qmail-queue of the old set reports this to its caller and keeps no files.
    assert load.refused < 10
    host.assert_all_arrive()


def test_big_todo_waits_for_an_old_qmail_queue(box):
    """If it finishes in time, its message is queued; otherwise it reports that the message was not accepted."""
    host = Host(box, FEW, big_todo=True)
    script = Path("/mnt/qmail-queue")
    script.write_text("#!/usr/bin/python3\nimport os, sys, time\nn, seconds = sys.argv[1], float(sys.argv[2])\n"
                      "os.chdir('/var/qmail/queue')\ntime.sleep(seconds)\ns = int(n) % 23\n"
                      "try:\n    os.link(f'intd/{s}/{n}', f'todo/{s}/{n}')\nexcept OSError:\n    sys.exit(66)\n")
    script.chmod(0o755)
    quick, slow = plant_divided(host, 2)
    for number in (quick, slow):
        (QUEUE / f"todo/{number % 23}/{number}").unlink()
    runs = [subprocess.Popen([script, str(number), seconds]) for number, seconds in ((quick, "1.5"), (slow, "9"))]
    wait(lambda: len(processes("qmail-queue")) == 2, what="both")
    host.apply()
    assert [run.wait() for run in runs] == [0, 66]
    assert places(quick) == ["flat"] and places(slow) == []


@pytest.mark.slow
@pytest.mark.limit(600)
def test_big_todo_is_killed_at_every_step(box):
    """Every message is always in exactly one place."""
    host = Host(box, (*SET, "qmail-queue", "qmail-inject", "qmail-local", "qmail-remote", "qmail-upgrade"), big_todo=True)
    # Three directories need the same kinds of steps as more directories.
    split = 3
    for kind in ("todo", "intd"):
        for number in range(split, 23):
            (QUEUE / kind / str(number)).rmdir()
    planted = plant_divided(host, 4, split)
    before = layout()
    calls = calls_of(host, "apply")
    back = calls_of(host, "rollback")
    forget(host)
    for command, steps in (("apply", calls), ("rollback", back)):
        for position, call in enumerate(steps):
            if command == "rollback":
                host.apply()
            kill_at(host, command, call)
            host.assert_runnable()
            assert all(len(places(number, split)) == 1 for number in planted), call
            if position % 2:
                host.apply()
                host.assert_new()
                assert layout() == {} and all(places(number, split) == ["flat"] for number in planted)
            host.rollback()
            host.assert_old()
            assert layout() == before
            for number in planted:
                assert places(number, split) == ["divided"]
                assert os.path.samefile(QUEUE / f"todo/{number % split}/{number}", QUEUE / f"intd/{number % split}/{number}")
            forget(host)


def test_big_todo_with_a_stranger_inside_is_refused(box):
    host = Host(box, FEW, big_todo=True)
    (QUEUE / "todo/5/README").write_text("who put this here?\n")
    done = host.upgrade("apply")
    assert done.returncode in (2, 111) and "/var/qmail/queue/todo/5/README" in done.stdout
    host.assert_old()
    assert [path.name for path in HOME.iterdir() if path.name.startswith("bin.old")] == []


# --- other splits, other ids ---
def test_another_split_stays(box):
    for kind in ("mess", "info", "local", "remote"):
        for number in range(23, 31):
            path = QUEUE / kind / str(number)
            path.mkdir()
            shutil.copystat(QUEUE / kind / "0", path)
            shutil.chown(path, *("qmailq", "qmail") if kind == "mess" else ("qmails", "qmail"))
    host = Host(box, FEW)
    host.daemontools()
    host.apply()
    for number in range(5):
        host.inject(f"split-{number}")
    host.assert_all_arrive()
    host.rollback()
    host.inject("split-back")
    host.assert_all_arrive()
    assert len(list((QUEUE / "mess").iterdir())) == 31
    wait(lambda: not host.queued(), what="an empty queue")


def test_other_ids_are_found(box):
    """The accounts of this host have other IDs than those of any build."""
    moved = {}
    for name in ("passwd", "group"):
        lines = []
        for line in Path("/etc", name).read_text().splitlines():
            fields = line.split(":")
            for position in (2, 3):
                if fields[position:position + 1] and fields[position].isdigit() and (name, fields[0]) != ("passwd", "root"):
                    number = int(fields[position])
                    if number >= 64000 or fields[0].startswith(("qmail", "alias", "nofiles")):
                        moved[number] = fields[position] = str(number % 1000 + 3000)
            lines.append(":".join(fields))
        Path("/etc", name).write_text("\n".join(lines) + "\n")
    for path in [HOME, *HOME.rglob("*")]:
        if not str(path).startswith(str(BIN)):
            info = path.lstat()
            os.lchown(path, int(moved.get(info.st_uid, info.st_uid)), int(moved.get(info.st_gid, info.st_gid)))
    host = Host(box, FEW)
    host.daemontools()
    host.apply()
    host.assert_new()
    assert os.stat(BIN / "qmail-queue").st_uid == Host.uid("qmailq") and Host.uid("qmailq") < 10000
    host.inject("ids")
    host.assert_all_arrive()
    host.rollback()
    host.assert_old()


# --- refusals and errors ---
def test_two_runs_at_once(box):
    host = Host(box, FEW)
    (HOME / "upgrade").mkdir()
    lock = os.open(HOME / "upgrade/lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    for command in ("apply", "rollback"):
        done = host.upgrade(command)
        assert (done.returncode, "another qmail-upgrade is at work" in done.stdout) == (111, True)
    host.assert_old()
    os.close(lock)
    host.apply()


def test_no_room_changes_nothing(box):
    host = Host(box, FEW)
    free = os.statvfs(HOME)
    box.file("fill", b"x")
    subprocess.run(["mount", "-o", f"remount,size={(free.f_blocks - free.f_bavail) * free.f_frsize + 600000}", HOME],
                   check=True)
    done = host.upgrade("apply")
    assert done.returncode in (2, 111), done.stdout
    (HOME / "fill").unlink()
    host.assert_old()
    assert [path.name for path in HOME.iterdir() if path.name.startswith("bin.old")] == []
    subprocess.run(["mount", "-o", "remount,size=50%", HOME], check=True)
    host.apply()
    host.assert_new()


def test_a_failed_test_message_is_said(box):
    """If users/cdb sends the test mail elsewhere than to ~alias, the upgrade is done but not confirmed."""
    box.users_assign("+alias-:alice:7001:7001:/home/alice:-:alias-:\n.\n")
    host = Host(box, FEW)
    host.daemontools()
    done = host.upgrade("apply")
    assert done.returncode == 111 and "was not delivered" in done.stdout, done
    assert "not finished: apply goes on from here, rollback goes back" in done.stdout
    host.assert_new()
    assert [path.name for path in (HOME / "alias").iterdir() if "upgrade" in path.name] == []
    (HOME / "users/cdb").unlink()
    assert "a test message went through" in host.apply()
    host.rollback()
    host.assert_old()


def test_a_failed_test_message_does_not_keep_rollback_from_its_end(box):
    """The old programs are restored even if mail to ~alias does not arrive: another apply or rollback finds nothing incomplete."""
    box.users_assign("+alias-:alice:7001:7001:/home/alice:-:alias-:\n.\n")
    (HOME / "users/cdb").rename(HOME / "users/away")
    host = Host(box, FEW)
    host.daemontools()
    host.apply()
    (HOME / "users/away").rename(HOME / "users/cdb")
    text = host.rollback(code=(1,))
    assert "was not delivered" in text and "rolled back" in text
    host.assert_old()
    assert "nothing to roll back" in host.rollback(code=(0,))


def test_a_host_without_local_names_gets_no_test_message(box):
    """All mail of a host with vpopmail may be virtual, and control/locals empty."""
    box.control("locals", "")
    host = Host(box, FEW)
    host.daemontools()
    text = host.apply(code=(1,))
    assert "no test message was sent: no name is local (control/locals)" in text and "applied" in text
    assert host.running_makes() == {"current"}
    host.rollback(code=(1,))
    host.assert_old()
    assert host.running_makes() == {"current"}


def test_a_set_that_was_started_while_apply_was_dead_is_replaced(box):
    """qmail-send did not run when apply began; it is started before apply is run again."""
    host = Host(box, FEW)
    kill_at(host, "apply", ("renameat", 1))
    host.daemontools()
    text = host.apply(code=(0,))
    assert "qmail-send was started again (daemontools)" in text
    host.assert_new()
    assert host.running_makes() == {"current"}
    host.rollback(code=(0,))
    host.assert_old()
    assert host.running_makes() == {"current"}


def test_an_incomplete_tree_is_refused(box):
    host = Host(box, FEW)
    (NEW / "bin/qmail-clean").unlink()
    done = host.upgrade("apply")
    assert done.returncode in (2, 111) and "qmail-clean" in done.stdout
    host.assert_old()


def test_old_programs_that_are_gone(box):
    host = Host(box, FEW)
    host.apply()
    old = next(path for path in HOME.iterdir() if path.name.startswith("bin.old."))
    shutil.copy2(old / "qmail-local", "/mnt/kept")
    (old / "qmail-local").unlink()
    done = host.upgrade("rollback")
    assert done.returncode == 111 and f"{old}/qmail-local is gone" in done.stdout
    host.assert_new()
    shutil.copy2("/mnt/kept", old / "qmail-local")
    host.rollback()
    assert host.makes() == {"old"}


def test_not_root(box):
    host = Host(box, FEW)
    done = box.run([str(NEW / "bin/qmail-upgrade"), f"--from={NEW}", "apply"], as_user="alice")
    assert done.code == 111 and b"only root" in done.err
    host.assert_old()


# --- conversions that check announced ---
SMTPD_RUN = """#!/bin/sh
exec env - PATH=/var/qmail/bin:/usr/bin:/bin tcpserver -v -R -H -l h 127.0.0.1 2500 \\
  qmail-smtpd host.example.org /bin/checkpassword /bin/true 2>&1
"""


def test_conversions_there_and_back(box):
    box.control("smtproutes", "b.example:relay.example alice secret\nc.example:other.example\n")
    (HOME / "control/smtproutes").chmod(0o644)
    host = Host(box, FEW)
    os.chmod(HOME / "control/smtproutes", 0o644)
    host.apply(code=(1,))
    assert (HOME / "control/smtproutes").read_text() == "b.example:relay.example|alice|secret\nc.example:other.example\n"
    assert (HOME / "control/smtproutes").stat().st_mode & 0o777 == 0o640
    host.rollback()
    host.assert_old()


def test_srsdomains_become_the_files_of_srs(box):
    """The address that the old secret made leads back; rollback takes the files away."""
    box.control("srsdomains", "example.org:new old|+|srs.\n")
    host = Host(box, [*FEW, "qmail-srs"])
    host.apply(code=(1,))
    files = {name: (HOME / f"control/srs_{name}").read_text() for name in ("domain", "secrets", "separator")}
    assert files == {"domain": "srs.example.org\n", "secrets": "new\nold\n", "separator": "+\n"}
    status = (HOME / "control/srs_secrets").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (pwd.getpwnam("qmailr").pw_uid, grp.getgrnam("nofiles").gr_gid, 0o640)
    made = box.run(["qmail-srs", "forward", "joe@example.net"], as_user="qmailr").out.decode().strip()
    assert made.startswith("SRS0+") and made.endswith("@srs.example.org")
    assert box.run(["qmail-srs", "reverse", made], as_user="qmailr").out.decode().strip() == "joe@example.net"
    host.rollback()
    assert not list((HOME / "control").glob("srs_*")) and (HOME / "control/srsdomains").exists()


def test_a_file_that_was_changed_since_is_kept(box):
    box.control("smtproutes", "b.example:relay.example alice secret\n")
    host = Host(box, FEW)
    host.apply(code=(1,))
    with open(HOME / "control/smtproutes", "a") as file:
        file.write("d.example:third.example\n")
    text = host.rollback()
    assert "/var/qmail/control/smtproutes had been changed after apply: that one is /var/qmail/upgrade/" in text
    host.assert_old()
    kept = [path for path in HOME.glob("upgrade/*/var/qmail/control/*") if path.name == "smtproutes.changed"]
    assert len(kept) == 1 and kept[0].read_text().endswith("d.example:third.example\n")


def call_that_puts(host, path: Path) -> tuple[str, int]:
    """The call of apply that gives `path` its new content; the host is as before."""
    calls = calls_of(host, "apply")
    lines = Path("/mnt/calls").read_text().splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith("rename") and f".{path.name}.qmail-upgrade" in line)
    host.rollback()
    forget(host)
    return calls[number]


@pytest.mark.limit(120)
def test_a_setting_that_was_replaced_while_apply_was_dead_is_not_lost(box):
    """A killed apply has made new content of a file: it stops where that file is another one when it goes on."""
    routes = HOME / "control/smtproutes"
    box.control("smtproutes", "b.example:relay.example alice secret\n")
    routes.chmod(0o644)
    host = Host(box, FEW)
    call = call_that_puts(host, routes)
    for newer in ("by another file", "in place"):
        kill_at(host, "apply", call)
        text = f"# {newer}\nc.example:relay.example carol secret\n"
        target = HOME / "control/.newer" if newer == "by another file" else routes
        target.write_text(text)
        target.replace(routes)
        done = host.upgrade("apply")
        assert done.returncode == 111 and f"{routes} was changed after apply had read it" in done.stdout, done.stdout
        assert routes.read_text() == text
        assert "had been changed" not in host.rollback()
        assert routes.read_text() == text
        assert host.leftovers() == []
        host.apply(code=(1,))
        assert routes.read_text() == f"# {newer}\nc.example:relay.example|carol|secret\n"
        host.rollback()
        assert routes.read_text() == text
        forget(host)


def test_a_resumed_apply_ends_as_an_unbroken_one(box):
    """With the notes of the first run, and with 0 where there were none."""
    host = Host(box, FEW)
    host.daemontools()
    queue_program = call_that_puts(host, BIN / "qmail-queue")
    kill_at(host, "apply", queue_program)
    assert "a test message went through" in host.apply(code=(0,))
    host.rollback()
    forget(host)
    box.control("smtproutes", "b.example:relay.example alice secret\n")
    (HOME / "control/smtproutes").chmod(0o644)
    kill_at(host, "apply", call_that_puts(host, BIN / "qmail-queue"))
    assert "a test message went through" in host.apply(code=(1,))


def test_run_scripts_are_printed_or_edited(box):
    folder = HOME / "supervise/qmail-smtpd"
    folder.mkdir(parents=True)
    run = folder / "run"
    run.write_text(SMTPD_RUN)
    run.chmod(0o755)
    host = Host(box, FEW)
    host.wrap({"qmail-smtpd": "# 334 VXNlcm5hbWU6"})
    subprocess.Popen(["supervise", str(folder)], env={"PATH": "/usr/bin:/bin"}, stdout=subprocess.DEVNULL)
    listener = wait(lambda: processes("tcpserver"), what="tcpserver")
    text = host.apply(code=(1,))
    assert "to be changed by hand (or with --edit-run-scripts) in /var/qmail/supervise/qmail-smtpd/run" in text
    assert "FORCETLS" in text and run.read_text() == SMTPD_RUN
    host.rollback()
    forget(host)
    text = host.apply("--edit-run-scripts", code=(1,))
    assert "its service started again" in text and "FORCETLS" in run.read_text() and run.stat().st_mode & 0o777 == 0o755
    edited = wait(lambda: [pid for pid in processes("tcpserver") if pid not in listener], what="tcpserver again")
    assert b"FORCETLS=0" in Path(f"/proc/{edited[0]}/environ").read_bytes()
    text = host.rollback()
    assert f"{run} is the old one again, and its service started again\n" in text and run.read_text() == SMTPD_RUN
    wait(lambda: [pid for pid in processes("tcpserver") if pid not in edited], what="tcpserver once more")
    host.assert_old()


def test_a_finding_that_stops_changes_nothing(box):
    box.control("policy", "host.example.org:L\n")
    host = Host(box, FEW)
    done = host.upgrade("apply")
    assert done.returncode == 2 and "control/policy" in done.stdout
    host.assert_old()
    assert not list(HOME.glob("bin.old.*"))
    host.apply("--accept-loss", code=(1,))
    host.assert_new()


def test_old_programs_are_wrappers(box):
    """The old programs are shell scripts that run the real ones from elsewhere: the old set is recognized by the processes."""
    host = Host(box, FEW)
    host.wrap()
    host.daemontools()
    host.apply()
    assert host.running_makes() == {"current"}
    host.inject("new")
    host.rollback()
    host.assert_old()
    host.inject("wrapped")
    host.assert_all_arrive()
