"""qmail-upgrade on old sets of daemons with more programs than qmail's: additional channels, a qmail-todo, remaining programs."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from test_upgrade_apply import calls_of, forget, kill_at, layout, plant_divided
from upgrade_host import BIN, EXT_TODO, FEW, HOME, MARK, QUEUE, SET, Host, give, processes, wait

FURTHER = "r@s.example"


class Load:
    """Injects to one address until it is stopped; `sent` counts the accepted messages."""

    def __init__(self, recipient: str) -> None:
        self.recipient, self.sent, self.refused, self.stopped = recipient, 0, 0, False
        self.thread = threading.Thread(target=self._go, daemon=True)
        self.thread.start()

    def _go(self) -> None:
        while not self.stopped:
            done = subprocess.run([BIN / "qmail-inject", "-fs@a.example", self.recipient], check=False, input=b"Subject: x\n\nx\n",
                                  env={"PATH": "/usr/bin:/bin"})
            self.sent += done.returncode == 0
            self.refused += done.returncode != 0

    def stop(self) -> None:
        self.stopped = True
        self.thread.join()


def recipients(kind: str) -> list[str]:
    """Returns the recipients of all lists of one channel, without marks."""
    found = []
    for path in (QUEUE / kind).glob("*/*"):
        found += [field[1:].decode() for field in path.read_bytes().split(b"\0") if field]
    return found


def at_work(name: str) -> list[int]:
    """Returns the processes of that name that have entered the queue directory; an interpreter needs some time."""
    found = []
    for pid in processes(name):
        try:
            found += [pid] * os.path.samefile(f"/proc/{pid}/cwd", QUEUE)
        except FileNotFoundError:  # it has just ended
            pass
    return found


def is_queue_held() -> bool:
    """Checks this without trying the lock, which would prevent qmail-send from getting it."""
    inode = (QUEUE / "lock/sendmutex").stat().st_ino
    return any(line.split()[5].endswith(f":{inode}") for line in Path("/proc/locks").read_text().splitlines())


def start_beside(folder: Path) -> int:
    """Starts the set as a supervisor does while the lock is held: qmail-send exits at once, its qmail-todo stays."""
    wait(is_queue_held, what="a qmail-send that has the lock")
    before = wait(lambda: at_work("qmail-todo"), what="its qmail-todo") if folder == BIN else []
    subprocess.run([folder / "qmail-start"], check=False, stdout=subprocess.DEVNULL,
                   env={"PATH": f"{folder}:/usr/bin:/bin"})
    return wait(lambda: [pid for pid in at_work("qmail-todo") if pid not in before], what="a stray qmail-todo")[0]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_lock_that_no_qmail_send_holds_is_not_waited_for(box, restarted):
    """Another process has the mutex; a supervisor's qmail-send exits at once, too."""
    host = Host(box, FEW, big_todo=True)
    with open(QUEUE / "lock/sendmutex", "r+", encoding="ascii") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if restarted:
            host.daemontools()
        done = host.upgrade("apply", limit=40)
        assert done.returncode == 111 and "is held by a process that is no qmail-send" in done.stdout, done.stdout
        assert "not finished: apply goes on from here, rollback goes back" in done.stdout
    host.apply()
    host.assert_new()


@pytest.mark.limit(90)
def test_mail_of_further_channels_that_came_meanwhile_goes_by_remote(box):
    """Mail for a domain of control/suppls0 comes in until the old qmail-send has exited: all of it is kept and delivered."""
    box.control("suppls0", "s.example\n")
    box.control("smtproutes", ":[127.0.0.1]:1\n")
    host = Host(box, FEW, ext_todo=True)
    host.daemontools()
    for _ in range(5):
        host.box.inject("Subject: x\n\nx\n", "s@a.example", ["r@b.example", FURTHER])
    wait(lambda: len(recipients("suppl0")) == 5, what="lists of a further channel")
    load = Load(FURTHER)
    try:
        wait(lambda: load.sent > 10, what="load")
        text = host.apply("--accept-loss", code=(1,), limit=80)
    finally:
        load.stop()
    assert "further channels had" in text and "a test message went through" in text
    assert load.refused == 0
    wait(lambda: recipients("remote").count(FURTHER) == load.sent + 5, what=lambda: f"{load.sent + 5} recipients: {host.queued()}")
    assert recipients("remote").count("r@b.example") == 5
    assert recipients("suppl0") == [] and (QUEUE / "suppl0/22").is_dir()
    for path in (QUEUE / "remote").glob("*/*"):
        assert (QUEUE / "mess" / path.relative_to(QUEUE / "remote")).exists()
        assert (path.owner(), path.group(), path.stat().st_mode & 0o777) == ("qmails", "qmail", 0o600)
    host.rollback()
    host.assert_old()
    assert recipients("remote").count(FURTHER) == load.sent + 5
    assert "nothing to do" not in host.apply("--accept-loss", code=(1,))
    assert recipients("remote").count(FURTHER) == load.sent + 5


@pytest.mark.limit(600)
@pytest.mark.parametrize("stride", [pytest.param(1, id="every", marks=pytest.mark.slow), pytest.param(9, id="some")])
def test_channels_are_emptied_whatever_interrupts_it(box, stride):
    """It is killed at a step: every recipient is in some list, and exactly once in that of remote when apply has finished."""
    host = Host(box, (*SET, "qmail-queue", "qmail-inject", "qmail-local", "qmail-remote", "qmail-upgrade"))
    host.add_channel()
    alone = host.box.plant_message(b"x: y\n\nalone\n", b"s@a.example", remote=[b"a@s.example"])
    both = host.box.plant_message(b"x: y\n\nboth\n", b"s@a.example", remote=[b"r@b.example"])
    lists = {f"suppl0/{alone % 23}/{alone}": b"Ta@s.example\0", f"suppl0/{both % 23}/{both}": b"Tb@s.example\0Dd@s.example\0",
             f"remote/{both % 23}/{both}": b"Tr@b.example\0"}
    (QUEUE / f"remote/{alone % 23}/{alone}").unlink()
    everybody = sorted(["a@s.example", "b@s.example", "d@s.example", "r@b.example"])

    def plant() -> None:
        for path in (f"remote/{alone % 23}/{alone}", *lists):
            (QUEUE / path).unlink(missing_ok=True)
        for path, text in lists.items():
            (QUEUE / path).write_bytes(text)
            give(QUEUE / path, "qmails:qmail", 0o600)

    plant()
    calls = calls_of(host, "apply")
    host.rollback()
    forget(host)
    for call in calls[::stride]:
        plant()
        kill_at(host, "apply", call)
        host.assert_runnable()
        assert set(recipients("remote")) | set(recipients("suppl0")) == set(everybody), call
        host.apply()
        assert sorted(recipients("remote")) == everybody and recipients("suppl0") == [], call
        assert [path.name for path in (QUEUE / "suppl0").glob("*/*")] == []
        host.rollback()
        host.assert_old()
        forget(host)


@pytest.mark.limit(90)
def test_a_qmail_todo_without_its_qmail_send_is_ended(box):
    """svscan starts the old set while another one runs: apply and rollback end the remaining processes."""
    host = Host(box, FEW, ext_todo=True)
    host.daemontools()
    stray = start_beside(BIN)
    cleaner = [pid for pid in processes("qmail-clean") if pid > stray - 3]
    text = host.apply(code=(0, 1))
    assert f"qmail-todo (process {stray}) has lost its qmail-send and is ended" in text
    assert processes("qmail-todo") == [] and not set(cleaner) & set(processes("qmail-clean")) - set(processes("qmail-send"))
    assert host.running_makes() == {"current"}
    host.inject("after apply")
    host.assert_all_arrive()
    stray = start_beside(next(HOME.glob("bin.old.*")))
    text = host.rollback()
    assert f"qmail-todo (process {stray}) has lost its qmail-send and is ended" in text
    send = wait(lambda: processes("qmail-send"), what="qmail-send")[0]
    for pid in processes("qmail-todo"):
        assert Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1] == str(send)
    host.inject("after rollback")
    host.assert_all_arrive()


@pytest.mark.limit(120)
def test_a_qmail_todo_that_is_still_on_its_way_to_the_queue_is_ended(box):
    """A supervisor starts the old set a moment before the programs change, and an interpreter takes its time: of what
    apply leaves behind nothing comes to the queue later."""
    host = Host(box, FEW, ext_todo=True)
    slow = EXT_TODO["qmail-todo"].replace("os.chdir", "import time; time.sleep(60 if 'LATE' in os.environ else 0)\nos.chdir", 1)
    (BIN / "qmail-todo").write_bytes(slow.encode() + MARK)
    host.before = host.picture()
    host.daemontools()
    wait(is_queue_held, what="a qmail-send that has the lock")
    first = wait(lambda: at_work("qmail-todo"), what="its qmail-todo")
    subprocess.run([BIN / "qmail-start"], check=False, stdout=subprocess.DEVNULL, env={"PATH": f"{BIN}:/usr/bin:/bin", "LATE": ""})
    stray = wait(lambda: [pid for pid in processes("qmail-todo") if pid not in first], what="a stray qmail-todo")[0]
    assert stray not in at_work("qmail-todo")
    text = host.apply(code=(0, 1))
    assert f"qmail-todo (process {stray}) has lost its qmail-send and is ended" in text, text
    assert processes("qmail-todo") == []


@pytest.mark.limit(120)
def test_an_old_set_that_comes_up_after_the_programs_have_changed_is_replaced(box):
    """A supervisor starts it through the gate, and it is so slow that the lock is free when it asks for it."""
    host = Host(box, FEW, ext_todo=True)
    slow = "import os, sys, time\nif '/bin.old.' in sys.argv[0]: time.sleep(5)"
    (BIN / "qmail-start").write_bytes(EXT_TODO["qmail-start"].replace("import os", slow).encode() + MARK)
    host.before = host.picture()
    host.daemontools()
    wait(is_queue_held, what="a qmail-send that has the lock")
    # While the daemons get their places one after the other, supervise starts what is there every second.
    host.apply(code=(0, 1), prefix=["strace", "-qq", "-o", "/dev/null", "-e", "trace=renameat", "-e", "inject=renameat:delay_enter=500000"])
    assert host.running_makes() == {"current"} and processes("qmail-todo") == []
    host.inject("after apply")
    host.assert_all_arrive()


@pytest.mark.parametrize("name", ["qmail-clean", "qmail-queue"])
def test_a_strangers_process_of_a_qmail_name_is_not_waited_for(box, name):
    """A name and a place are anybody's to take: apply and rollback neither end it nor wait for it."""
    host = Host(box, FEW, big_todo=True)
    own = Path("/mnt/own")
    own.mkdir()
    shutil.copy2("/bin/sleep", own / name)
    QUEUE.chmod(0o755)
    alice = pwd.getpwnam("alice")
    with subprocess.Popen([own / name, "600"], cwd=QUEUE, user=alice.pw_uid, group=alice.pw_gid, extra_groups=[]) as child:
        try:
            begin = time.monotonic()
            host.apply(limit=40)
            host.assert_new()
            host.rollback(limit=40)
            host.assert_old()
            assert time.monotonic() < begin + 20
            assert child.poll() is None
        finally:
            child.kill()


def test_an_rc_that_starts_something_else_stops(box):
    """Without a supervisor rc starts qmail again: an rc with another default delivery would change the place of all mail."""
    host = Host(box, FEW)
    (HOME / "rc").write_text('#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" \\\nqmail-start ./Mailbox cat >/dev/null\n')
    (HOME / "rc").chmod(0o755)
    subprocess.run(["sh", "-c", "setsid qmail-start ./Maildir/ cat </dev/null >/dev/null 2>&1 &"], check=True,
                   env={"PATH": f"{BIN}:/usr/bin:/bin"})
    wait(lambda: processes("qmail-send") and processes("qmail-lspawn") and processes("cat"), what="qmail-send")
    done = host.upgrade("apply")
    text = " ".join(done.stdout.split())
    assert done.returncode == 2, text
    assert "would start qmail-start './Mailbox' cat" in text and "started as qmail-start './Maildir/' cat" in text
    host.assert_old()
    (HOME / "rc").write_text("#!/bin/sh\nPATH=/var/qmail/bin:/usr/bin:/bin; export PATH\nexec qmail-start './Maildir/' cat >/dev/null\n")
    host.apply()
    pid = wait(lambda: processes("qmail-lspawn"), what="qmail-lspawn")[0]
    assert Path(f"/proc/{pid}/cmdline").read_bytes() == b"qmail-lspawn\0./Maildir/\0"


def start_by_hand(**variables: str) -> None:
    """Starts qmail without a supervisor, in its own environment."""
    subprocess.run(["sh", "-c", "setsid qmail-start ./Maildir/ cat </dev/null >/dev/null 2>&1 &"], check=True, env=variables)
    wait(lambda: processes("qmail-send") and processes("qmail-lspawn") and processes("cat"), what="qmail-send")


def end_by_hand() -> None:
    Host.kill("qmail-send")
    wait(lambda: not processes("qmail-send"), what="the end of qmail-send")


@pytest.mark.limit(90)
def test_an_rc_with_another_environment_stops(box):
    """rc sets QMAILQUEUE and PATH itself (env -), or takes them from its caller: both are compared with the running processes."""
    host = Host(box, FEW)
    rc = HOME / "rc"
    rc.write_text('#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" \\\nqmail-start ./Maildir/ cat >/dev/null\n')
    rc.chmod(0o755)
    start_by_hand(PATH=f"{BIN}:/opt/x:/usr/bin:/bin", QMAILQUEUE="/opt/filter")
    done = host.upgrade("apply")
    text = " ".join(done.stdout.split())
    assert done.returncode == 2 and "would start qmail with no QMAILQUEUE, and what runs was started with QMAILQUEUE=/opt/filter" in text
    assert "with PATH" not in text
    host.assert_old()
    for line in ("exec qmail-start ./Maildir/ cat", "QMAILQUEUE=/opt/other exec qmail-start ./Maildir/ cat"):
        rc.write_text(f"#!/bin/sh\n{line} >/dev/null\n")
        text = " ".join(host.upgrade("check").stdout.split())
        assert ("with QMAILQUEUE=/opt/other, and" if "other" in line else "with no QMAILQUEUE, and") in text
    end_by_hand()
    rc.write_text("#!/bin/sh\nPATH=/var/qmail/bin:/usr/bin:/bin; export PATH\nexec qmail-start ./Maildir/ cat >/dev/null\n")
    start_by_hand(PATH=f"{BIN}:/opt/x:/usr/bin:/bin")
    text = " ".join(host.upgrade("check").stdout.split())
    assert "with PATH=/var/qmail/bin:/usr/bin:/bin, and what runs was started with PATH=/var/qmail/bin:/opt/x:/usr/bin:/bin" in text


def test_an_rc_gets_the_path_that_ran(box):
    """rc adds its directory to the PATH with which qmail-send ran, not to that of the caller of qmail-upgrade."""
    host = Host(box, FEW)
    rc = HOME / "rc"
    rc.write_text('#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" \\\nqmail-start ./Maildir/ cat >/dev/null\n')
    rc.chmod(0o755)
    start_by_hand(PATH=f"{BIN}:/opt/x:/usr/bin:/bin")
    for command in (host.apply, host.rollback):
        command()
        pid = wait(lambda: processes("qmail-send"), what="qmail-send")[0]
        variables = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        path = next(one for one in variables if one.startswith("PATH="))[5:].split(":")
        assert list(dict.fromkeys(path)) == [str(BIN), "/opt/x", "/usr/bin", "/bin"]
    host.assert_old()


@pytest.mark.parametrize("account", ["qmailr", "qmails"])
def test_root_believes_no_other_account_about_its_path(box, account):
    """A process of one of qmail's accounts has the name qmail-send, is older than the real one, and has its own PATH."""
    host = Host(box, FEW)
    evil = Path("/mnt/evil")
    evil.mkdir()
    (evil / "setsid").write_text(f"#!/bin/sh\nid -u >{evil}/ran\nexec /usr/bin/setsid \"$@\"\n")
    (evil / "qmail-send").write_text("#!/bin/sh\ncd /var/qmail/queue\ntrap 'exit 0' TERM\nwhile :; do sleep 0.05; done\n")
    for path in evil.iterdir():
        path.chmod(0o755)
    entry = pwd.getpwnam(account)
    liar = subprocess.Popen([evil / "qmail-send"], user=entry.pw_uid, group=entry.pw_gid, extra_groups=[],
                            env={"PATH": f"{BIN}:{evil}:/usr/bin:/bin"})
    wait(lambda: at_work("qmail-send"), what="the liar")
    rc = HOME / "rc"
    rc.write_text('#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" \\\nqmail-start ./Maildir/ cat >/dev/null\n')
    rc.chmod(0o755)
    if account == "qmailr":
        start_by_hand(PATH=f"{BIN}:/usr/bin:/bin")
    host.apply()
    host.assert_new()
    assert not (evil / "ran").exists()
    # Only a process that may be the real one is ended.
    assert (liar.poll() is None) == (account == "qmailr")
    liar.kill()
    liar.wait()


def begin_message(text: str) -> tuple[subprocess.Popen, int]:
    """Starts a qmail-queue that has its message and waits for more of its envelope: it has made intd/N and not todo/N."""
    reading, writing = os.pipe()
    before = {path.name for path in (QUEUE / "intd").rglob("*") if path.is_file()}
    queue = subprocess.Popen([BIN / "qmail-queue"], stdin=subprocess.PIPE, stdout=reading)
    os.close(reading)
    queue.stdin.write(f"Subject: x\n\n{text}\n".encode())
    queue.stdin.close()
    os.write(writing, b"Fs@a.example\0")
    wait(lambda: {path.name for path in (QUEUE / "intd").rglob("*") if path.is_file()} - before, what="an envelope")
    return queue, writing


@pytest.mark.limit(120)
@pytest.mark.parametrize("when", ["while it waits", "after it has moved the rest"])
def test_big_todo_rollback_leaves_a_newer_qmail_queue_its_envelope(box, when):
    """An envelope that is still being written stays in its place, and the message arrives."""
    host = Host(box, FEW, big_todo=True)
    host.sent += plant_divided(host, 3).values()
    host.daemontools()
    host.apply()
    queue, writing = begin_message("slow")
    host.sent.append("slow")
    rollback = subprocess.Popen([BIN / "qmail-upgrade", "rollback"], stdout=subprocess.PIPE, text=True,
                                env={"PATH": "/usr/bin:/bin"})
    if when == "while it waits":
        wait(lambda: host.is_old(BIN / "qmail-queue"), what="the old qmail-queue")
    else:
        # The mutex is free again.
        wait(lambda: "step\tundo-start" in (HOME / "upgrade/journal").read_text() and processes("qmail-send"), 30, "the old qmail-send")
    os.write(writing, b"Talice@host.example.org\0\0")
    os.close(writing)
    assert queue.wait() == 0
    text = rollback.communicate()[0]
    assert rollback.returncode in (0, 1), text
    host.assert_old()
    host.assert_all_arrive()
    assert [path for path in (QUEUE / "intd").iterdir() if path.is_file()] == []


def test_big_todo_a_rest_with_the_number_of_a_message_is_set_aside(box):
    """An incomplete division is completed: of two envelopes with one number, the one without a message is moved away."""
    host = Host(box, FEW, big_todo=True)
    before = layout()
    planted = plant_divided(host, 2)
    host.apply()
    for number in planted:
        (QUEUE / f"intd/{number % 23}").mkdir()
        rest = QUEUE / f"intd/{number % 23}/{number}"
        rest.write_bytes(b"u1\0")
        give(rest, "qmailq:qmail", 0o644)
    host.rollback()
    host.assert_old()
    assert layout() == before
    for number in planted:
        assert os.path.samefile(QUEUE / f"todo/{number % 23}/{number}", QUEUE / f"intd/{number % 23}/{number}")
    assert sorted(path.name.split(".")[1] for path in (QUEUE / "pid").iterdir()) == sorted(map(str, planted))
