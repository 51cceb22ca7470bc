"""A delivery in a child of qmail-lspawn's own: it must be what an executed qmail-local is, in each thing that can be seen."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from conformlib.process import PATIENCE
from test_spawners import MESSAGE, order, queued, replace, reports

# What differs from one process to the next, or says how much memory it needs.
OWN = re.compile(r"(Pid|PPid|Tgid|NSpid|NStgid|NSpgid|NSsid|Ngid|Vm\w+|Rss\w+|Hugetlb\w+|SigQ|\w*ctxt_switches|FDSize|x86_\w+|Threads"
                 r"|untag_mask|THP_enabled|Mems_allowed|Cpus_allowed)(_list)?:")
HOLD = "until test -e /tmp/go; do sleep 0.02; done"
SHOW = r"""|exec >>/tmp/seen; echo $PPID >/tmp/parent.new; cat /proc/self/status; cat /proc/self/limits; cut -d' ' -f6-8,17-20,41 /proc/self/stat
|exec >>/tmp/seen; env | sort; umask; pwd; id; ls -l /proc/self/fd | grep -c pipe; for n in 3 4 5 6 7 8 9 11 12; do test -e /proc/$$/fd/$n && echo $n; done; true
|mv /tmp/parent.new /tmp/parent; """ + HOLD + "\n"


def wait_for(condition, limit=10):
    deadline = time.monotonic() + limit * PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


class Spawner:
    """A qmail-lspawn that is given orders one after the other."""

    def __init__(self, box, env=None, default="./Mailbox", **more):
        queued(box)
        self.process = subprocess.Popen([box.program("qmail-lspawn"), default], env={**box.env, **(env or {})}, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **more)
        self.received = b""

    def send(self, *orders):
        self.process.stdin.write(b"".join(orders))
        self.process.stdin.flush()

    def reports(self, count):
        """Waits for so many reports in all."""
        while self.received.count(b"\0") < count:
            assert (some := os.read(self.process.stdout.fileno(), 65536))
            self.received += some
        return {slot: texts[-1] for slot, texts in reports(self.received).items()}

    def end(self):
        self.process.stdin.close()
        while some := os.read(self.process.stdout.fileno(), 65536):
            self.received += some
        assert self.process.wait(10) == 0
        return {slot: texts[-1] for slot, texts in reports(self.received).items()}


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return [line for line in lines if not OWN.match(line)]


def seen_of(pid):
    """What root sees of a process, without its numbers."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    files = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(entry)
        files[entry.name] = (re.sub(r"\d+", "N", target), os.stat(entry).st_size if target.startswith("/") else None)
    return {
        "status": status_of(pid),
        "limits": Path(f"/proc/{pid}/limits").read_text(),
        "environment": sorted(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")),
        "name": Path(f"/proc/{pid}/comm").read_text(),
        "directory": os.readlink(f"/proc/{pid}/cwd"),
        "root": os.readlink(f"/proc/{pid}/root"),
        "files": files,
        "owner": os.stat(f"/proc/{pid}/environ").st_uid,
        "oom": Path(f"/proc/{pid}/oom_score_adj").read_text(),
        "nice, priority, policy": (stat[15], stat[16], stat[38]),
        "leads a group": stat[2] == str(pid),
        "session": os.getsid(pid) == os.getsid(0),
        "core filter": Path(f"/proc/{pid}/coredump_filter").read_text(),
    }


def deliver_and_look(box, env, start):
    for name in ("/tmp/go", "/tmp/parent", "/tmp/seen"):
        Path(name).unlink(missing_ok=True)
    spawner = Spawner(box, env, preexec_fn=start)
    spawner.send(order(7, b"alice@Host"))
    pid = int(wait_for(lambda: os.path.exists("/tmp/parent") and Path("/tmp/parent").read_text()))
    seen = seen_of(pid)
    exe = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    Path("/tmp/go").touch()
    assert spawner.end() == {7: b"Kdid 0+0+3\n"}
    lines = Path("/tmp/seen").read_text().splitlines()
    output = [line for line in lines if not OWN.match(line) and not line.startswith(("QMAILLOCAL=", "UFLINE="))]
    seen["environment"] = [one for one in seen["environment"] if not one.startswith(b"QMAILLOCAL=")]
    return exe, seen, output


def plain():
    pass


def peculiar():
    import resource
    import signal
    os.nice(3)
    os.umask(0o027)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
    resource.setrlimit(resource.RLIMIT_CORE, (5000, 6000))
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])
    os.setgroups([4, 24])
    os.dup2(os.open("/etc/passwd", os.O_RDONLY), 9)


@pytest.mark.parametrize("start", [plain, peculiar])
@pytest.mark.parametrize("control", [{}, {"timeoutlocal": "60\n"}])
def test_a_child_is_what_the_executed_program_is(box, start, control):
    for name, text in control.items():
        box.control(name, text)
    box.dotqmail("alice", "", SHOW)
    executed = deliver_and_look(box, {"QMAILLOCAL": "bin/qmail-local", "SOME": "thing"}, start)
    forked = deliver_and_look(box, {"SOME": "thing"}, start)
    assert (executed[0], forked[0]) == ("qmail-local", "qmail-lspawn")
    assert forked[1] == executed[1]
    assert forked[2] == executed[2]
    # The comparison has something to compare.
    assert "Uid:\t7001\t7001\t7001\t7001" in forked[1]["status"] and "Groups:\t7001 " in forked[1]["status"]
    assert forked[1]["name"] == "qmail-local\n"
    assert b"SOME=thing" in forked[1]["environment"] and sorted(forked[1]["files"]) == ["0", "1", "2"]
    assert forked[1]["leads a group"] == bool(control)
    assert "USER=alice" in forked[2] and "0077" in forked[2]


def test_capabilities_that_securebits_would_leave(box):
    """With SECBIT_NO_SETUID_FIXUP a change of the uid alone would leave the delivery all of root's."""
    box.dotqmail("alice", "", "|grep ^Cap[EP] /proc/self/status /proc/$PPID/status\n")
    queued(box)
    box.file("/mnt/orders", order(7, b"alice@host"))
    line = "exec setpriv --securebits +no_setuid_fixup qmail-lspawn ./Mailbox </mnt/orders"
    done = box.run(["/bin/sh", "-c", line])
    values = re.findall(rb"Cap\w+:\t(\w+)", reports(done.out)[7][0])
    assert len(values) == 4 and set(values) == {b"0" * 16}


LOOK = """
import ctypes, sys
for name in ("mem", "environ", "maps", "auxv"):
    try:
        open(f"/proc/{sys.argv[1]}/{name}", "rb").close()
        print("opened", name)
    except PermissionError:
        pass
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH = 16
print("attached" if libc.ptrace(PTRACE_ATTACH, int(sys.argv[1]), 0, 0) == 0 else "refused")
"""


def held_child(box, spawner, *orders):
    box.dotqmail("alice", "", f"|echo $PPID >/tmp/parent.new; mv /tmp/parent.new /tmp/parent; {HOLD}\n")
    spawner.send(*orders)
    return int(wait_for(lambda: os.path.exists("/tmp/parent") and Path("/tmp/parent").read_text()))


def test_the_user_cannot_look_into_the_child(box):
    spawner = Spawner(box)
    pid = held_child(box, spawner, order(1, b"alice@host"))
    found = subprocess.run(["/usr/bin/python3", "-c", LOOK, str(pid)], user=7001, group=7001, extra_groups=[], stdout=subprocess.PIPE,
                           check=True, text=True)
    assert found.stdout == "refused\n"
    Path("/tmp/go").touch()
    assert spawner.end() == {1: b"Kdid 0+0+1\n"}


def memory_of(pid):
    """All that can be read of its memory."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            begin, end = (int(one, 16) for one in line.split()[0].split("-"))
            if "r" in line.split()[1] and "[v" not in line:
                memory.seek(begin)
                yield memory.read(end - begin)


def test_the_child_has_nothing_of_other_deliveries(box):
    """Neither of those that run nor of those that have ended."""
    box.dotqmail("bob", "", f"|echo noise-of-bobs-program-here; {HOLD}\n")
    box.dotqmail("bob", "ended-before-this-one-began", "|echo noise-that-was-reported\n")
    spawner = Spawner(box)
    spawner.send(order(2, b"bob-ended-before-this-one-began@host", b"sender-of-the-ended-one@a.example"))
    spawner.reports(1)
    spawner.send(order(3, b"bob@host-of-bob-alone.example", b"sender-of-bobs-message@a.example"))
    pid = held_child(box, spawner, order(1, b"alice@host-of-alice.example", b"sender-of-alices-message@a.example"))
    memory = b"".join(memory_of(pid))
    assert b"sender-of-alices-message" in memory
    for secret in (b"sender-of-bobs-message", b"host-of-bob-alone", b"sender-of-the-ended-one", b"ended-before-this-one-began",
                   b"noise-that-was-reported"):
        assert secret not in memory, secret
    Path("/tmp/go").touch()
    assert len(spawner.end()) == 3


def test_a_child_that_crashes(box):
    """HUP is no signal that an executed qmail-local survives either."""
    for env in ({}, {"QMAILLOCAL": "bin/qmail-local"}):
        for name in ("KILL", "HUP", "SEGV"):
            box.dotqmail("alice", "", f"|kill -{name} $PPID; sleep 5\n")
            spawner = Spawner(box, env)
            spawner.send(order(1, b"alice@host"))
            assert spawner.end() == {1: b"Zqmail-local crashed.\n"}


def exe_of_delivery(box, spawner, number=1):
    for name in ("/tmp/go", "/tmp/parent"):
        Path(name).unlink(missing_ok=True)
    pid = held_child(box, spawner, order(number, b"alice@host"))
    exe = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    Path("/tmp/go").touch()
    return exe


def test_another_qmail_local_is_run_as_soon_as_it_is_there(box):
    assert box.run(["/bin/cp", "-a", str(box.path("bin")), "/mnt/bin"]).code == 0
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/bin", str(box.path("bin"))]).code == 0
    own = box.path("bin/qmail-local")
    spawner = Spawner(box)
    assert exe_of_delivery(box, spawner, 1) == "qmail-lspawn"
    kept = own.with_name("kept")
    os.rename(own, kept)
    own.write_text("#!/bin/sh\necho another program\n")
    own.chmod(0o755)
    spawner.send(order(2, b"alice@host"))
    assert spawner.reports(2)[2] == b"Kanother program\n"
    os.rename(kept, own)
    assert exe_of_delivery(box, spawner, 3) == "qmail-lspawn"
    own.chmod(0o700)
    spawner.send(order(4, b"alice@host"))
    spawner.reports(4)
    own.chmod(0o4755)
    assert exe_of_delivery(box, spawner, 5) == "qmail-local"
    assert spawner.end() == {1: b"Kdid 0+0+1\n", 2: b"Kanother program\n", 3: b"Kdid 0+0+1\n", 4: b"ZUnable to run qmail-local.\n",
                             5: b"Kdid 0+0+1\n"}


def test_a_qmail_local_of_another_release_is_run(box):
    text = box.path("bin/qmail-local").read_bytes()
    mark = re.search(rb"reqmail program qmail-local of version [^\0]*\0", text).group()
    box.file("/mnt/other", text.replace(mark, mark[:-2] + b"!\0"), mode=0o711)
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/other", str(box.path("bin/qmail-local"))]).code == 0
    spawner = Spawner(box)
    assert exe_of_delivery(box, spawner) == "qmail-local"
    assert spawner.end() == {1: b"Kdid 0+0+1\n"}


def test_homes_that_qmail_local_refuses(box):
    """A home that is no absolute path gets the program's own text."""
    box.users_assign("=a:alice:7001:7001:home/alice:::\n.\n")
    spawner = Spawner(box)
    spawner.send(order(1, b"a@host"))
    assert spawner.end()[1].startswith(b"Dqmail-local: usage: qmail-local [ -nN ] user homedir")


def test_a_child_whose_memory_runs_out(box):
    """The text and the code are those of the program."""
    box.dotqmail("alice", "", "".join(f"./file-{number}-{'x' * 100}\n" for number in range(400000)))
    found = []
    for env in ({}, {"QMAILLOCAL": "bin/qmail-local"}):
        queued(box)
        box.file("/mnt/orders", order(5, b"alice@host"))
        line = "ulimit -v 60000; exec qmail-lspawn ./Mailbox </mnt/orders"
        done = box.run(["/bin/sh", "-c", line], env=env, timeout=30)
        found.append(reports(done.out)[5])
    assert found[0] == found[1] == [b"ZOut of memory. (#4.3.0)\n"]


def test_mailboxes_and_forwards(box):
    """All kinds of instructions in one child."""
    assert box.run(["maildirmake", "/home/alice/Maildir"], as_user="alice").code == 0
    box.capture_queue()
    box.dotqmail("alice", "", "./Maildir/\n./Mailbox\n|exit 0\n&bob@b.example\n")
    spawner = Spawner(box)
    spawner.send(order(1, b"alice@host"))
    assert re.fullmatch(rb"Kdid 2\+1\+1\nqp \d+\n", spawner.end()[1])
    assert MESSAGE in box.mailbox("alice") and len(os.listdir("/home/alice/Maildir/new")) == 1
