"""A host with an old qmail inside a box, for the tests of qmail-upgrade: /var/qmail/bin becomes writable and holds "old"
programs (the tree's with other inodes and other bytes), the new programs lie in /mnt/new."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from conformlib.process import PATIENCE


HOME = Path("/var/qmail")
BIN = HOME / "bin"
NEW = Path("/mnt/new")
QUEUE = HOME / "queue"
SET = ("qmail-start", "qmail-send", "qmail-clean", "qmail-lspawn", "qmail-rspawn")
# Programs of a small tree: enough to run a host, few enough to be killed at each step.
FEW = (*SET, "qmail-queue", "qmail-inject", "qmail-local", "qmail-getpw", "qmail-qstat", "qmail-qread", "qmail-smtpd",
       "qmail-smtpd-tls", "qmail-upgrade", "maildirmake", "qmail-remote")
# Files of the new tree only.
ADDED = ("qmail-smtpd-tls", "qmail-upgrade")
# Files of the old home only.
LOCAL = ("vchkpw", "qmail-todo")
MARK = b"\n# old\n"
GATE = b"# qmail-upgrade is replacing qmail's daemons;"
INSTALLED = Path(__file__).resolve().parent.parent.parent / "setup/install.txt"
# Owner, group, mode of every program, as make install sets them.
ACCESS = {row[0][4:]: (row[1], row[2], int(row[3], 8)) for row in map(str.split, INSTALLED.read_text().splitlines())
          if row and row[0].startswith("bin/")}

# Stand-ins for a qmail with the big-todo patch: they keep queue/todo and queue/intd in numbered directories. Written for
# these tests: qmail-queue, and a qmail-send that delivers to alice and to a maildir named in ~alias.
BIG_TODO_QUEUE = """#!/usr/bin/python3
import os, shutil
q = "/var/qmail/queue/"
message, envelope = os.read(0, 1 << 20), os.read(1, 65536)
pid = f"{q}pid/{os.getpid()}"
with open(pid, "xb") as file:
    file.write(message)
n = os.stat(pid).st_ino
mess, intd, todo = f"{q}mess/{n % 23}/{n}", f"{q}intd/{n % 23}/{n}", f"{q}todo/{n % 23}/{n}"
os.rename(pid, mess)
try:
    with open(intd, "xb") as file:
        file.write(b"u0\\0p1\\0" + envelope.rstrip(b"\\0") + b"\\0")
    for path in (mess, intd):
        shutil.chown(path, "qmailq", "qmail")
    os.link(intd, todo)
except OSError:
    os._exit(65)
os._exit(0)
"""
BIG_TODO_SEND = """#!/usr/bin/python3
import fcntl, os, pwd, signal, sys, time
os.chdir("/var/qmail/queue")
mutex = open("lock/sendmutex", "r+")
try:
    fcntl.flock(mutex, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print("alert: cannot start: qmail-send is already running")
    sys.exit(111)
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
def deliver(name, folder, user):
    entry = pwd.getpwnam(user)
    new = f"{folder}/new/{time.time_ns()}.{name}"
    with open(f"mess/{int(name) % 23}/{name}", "rb") as source, open(new, "wb") as file:
        file.write(source.read())
    os.chown(new, entry.pw_uid, entry.pw_gid)
def serve(kind, others):
    for number in range(23):
        for name in os.listdir(f"{kind}/{number}"):
            with open(f"{kind}/{number}/{name}", "rb") as file:
                to = [field[1:].decode() for field in file.read().split(b"\\0") if field[:1] == b"T"]
            for address in to:
                if address.startswith("alias-"):
                    folder = address[6:].split("@")[0]
                    if os.path.exists(f"/var/qmail/alias/.qmail-{folder}"):
                        deliver(name, f"/var/qmail/alias/{folder}", "alias")
                else:
                    deliver(name, "/home/alice/Maildir", "alice")
            for other in (*others, kind, "mess"):
                os.unlink(f"{other}/{number}/{name}")
# Messages that a newer qmail-send had taken out of todo.
serve("local", ["info"])
while not over:
    serve("todo", ["intd"])
    time.sleep(0.05)
"""
# Stand-ins for a qmail with the ext-todo and channels patches: a qmail-todo of its own writes the lists of recipients, those of
# control/suppls0 to queue/suppl0, which this qmail-send never serves. qmail-todo ends when qmail-send tells it to; where
# qmail-send ends without a word, as it does when another one has the lock, qmail-todo goes on, whatever it is sent, and
# keeps the trigger and qmail-clean.
EXT_TODO_START = """#!/usr/bin/python3
import os
words, tell = os.pipe()
names, ask = os.pipe()
for program, moves in (("qmail-clean", {0: names}), ("qmail-todo", {0: words, 1: ask})):
    if os.fork() == 0:
        for to, number in moves.items():
            os.dup2(number, to)
        os.closerange(3, 64)
        os.execvp(program, [program])
os.dup2(tell, 9)
os.closerange(3, 9)
os.execvp("qmail-send", ["qmail-send"])
"""
EXT_TODO_TODO = """#!/usr/bin/python3
import os, select, shutil, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.chdir("/var/qmail/queue")
trigger = os.open("lock/trigger", os.O_RDONLY | os.O_NONBLOCK)
held = os.open("lock/trigger", os.O_WRONLY | os.O_NONBLOCK)
try:
    with open("../control/suppls0") as file:
        further = tuple("@" + line.strip() for line in file)
except FileNotFoundError:
    further = ()
def channel(address):
    if address.endswith(further):
        return "suppl0"
    return "local" if address.endswith("@host.example.org") else "remote"
def preprocess(name):
    try:
        with open("todo/" + name, "rb") as file:
            fields = file.read().split(b"\\0")
    except OSError:
        return
    lists = {"info": b""}
    for field in fields:
        if field[:1] == b"F":
            lists["info"] += field + b"\\0"
        if field[:1] == b"T":
            kind = channel(field[1:].decode())
            lists[kind] = lists.get(kind, b"") + field + b"\\0"
    for kind in ("local", "remote", "suppl0", "info"):
        path = f"{kind}/{int(name) % 23}/{name}"
        if kind in lists:
            with open(path, "wb") as file:
                file.write(lists[kind])
            shutil.chown(path, "qmails", "qmail")
            os.chmod(path, 0o600)
    for kind in ("intd", "todo"):
        os.unlink(f"{kind}/{name}")
wait_for, told = [0, trigger], False
while not told:
    ready = select.select(wait_for, [], [], 0.02)[0]
    if 0 in ready:
        word = os.read(0, 1)
        told = word == b"x"
        wait_for = [trigger]
    for name in os.listdir("todo"):
        try:
            preprocess(name)
        except OSError:
            pass
"""
EXT_TODO_CLEAN = """#!/usr/bin/python3
import os
os.chdir("/var/qmail/queue")
while os.read(0, 100):
    pass
"""
EXT_TODO_SEND = """#!/usr/bin/python3
import fcntl, os, pwd, signal, sys, time
os.chdir("/var/qmail/queue")
mutex = open("lock/sendmutex", "r+")
try:
    fcntl.flock(mutex, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print("alert: cannot start: qmail-send is already running")
    sys.exit(111)
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
def deliver(name, folder, user):
    entry = pwd.getpwnam(user)
    new = f"{folder}/new/{time.time_ns()}.{name}"
    with open(f"mess/{int(name) % 23}/{name}", "rb") as source, open(new, "wb") as file:
        file.write(source.read())
    os.chown(new, entry.pw_uid, entry.pw_gid)
def serve():
    for number in range(23):
        for name in os.listdir(f"info/{number}"):
            path = f"local/{number}/{name}"
            if not os.path.exists(path):
                continue
            with open(path, "rb") as file:
                to = [field[1:].decode() for field in file.read().split(b"\\0") if field[:1] == b"T"]
            for address in to:
                if address.startswith("alias-"):
                    folder = address[6:].split("@")[0]
                    if os.path.exists(f"/var/qmail/alias/.qmail-{folder}"):
                        deliver(name, f"/var/qmail/alias/{folder}", "alias")
                else:
                    deliver(name, "/home/alice/Maildir", "alice")
            os.unlink(path)
            if not any(os.path.exists(f"{kind}/{number}/{name}") for kind in ("remote", "suppl0")):
                os.unlink(f"info/{number}/{name}")
                os.unlink(f"mess/{number}/{name}")
while not over:
    serve()
    time.sleep(0.02)
os.write(9, b"x")
for _ in range(2):
    os.wait()
"""
EXT_TODO = {"qmail-start": EXT_TODO_START, "qmail-todo": EXT_TODO_TODO, "qmail-clean": EXT_TODO_CLEAN, "qmail-send": EXT_TODO_SEND}
LIMIT = 20.0


def wait(condition, limit: float = LIMIT, what="something"):
    """Waits for a condition. `what` is a text for the failure, or a function that returns it."""
    end = time.monotonic() + limit * PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited for {what() if callable(what) else what} in vain")


def children_of(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def processes(name: str) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            stat = (path / "stat").read_text()
        except OSError:
            continue
        if stat[stat.index("(") + 1:stat.rindex(")")] == name and stat[stat.rindex(")") + 2] not in "ZX":
            found.append(int(path.name))
    return found


class Host:
    # Whether wrappers or replacements of programs are scripts: a loss that must be accepted.
    scripts = False

    def __init__(self, box, programs=None, papers: bool = False, big_todo: bool = False, ext_todo: bool = False) -> None:
        self.box = box
        self.sent: list[str] = []
        self.scripts = big_todo
        names = sorted(programs or os.listdir(BIN))
        (NEW / "bin").mkdir(parents=True)
        for name in names:
            shutil.copy2(BIN / name, NEW / "bin" / name)
        subprocess.run(["umount", BIN], check=True)
        for name in names:
            if name not in ADDED:
                self._old(name, (NEW / "bin" / name).read_bytes() + MARK, os.stat(NEW / "bin" / name).st_mode & 0o7777)
        for name in LOCAL:
            self._old(name, b"#!/bin/sh\nexit 0\n", 0o755)
        if big_todo:
            self._old("qmail-start", b"#!/bin/sh\nexec qmail-send", 0o755)
            self._old("qmail-send", BIG_TODO_SEND.encode(), 0o755)
            self._old("qmail-queue", BIG_TODO_QUEUE.encode(), 0o755)
            self.divide()
        if ext_todo:
            for name, body in EXT_TODO.items():
                self._old(name, body.encode(), 0o755)
            self.add_channel()
        queue = self.uid("qmailq")
        os.chown(BIN / "qmail-queue", queue, self.gid("qmail"))
        os.chmod(BIN / "qmail-queue", 0o4711)
        if papers:
            for folder in (NEW, HOME):
                (folder / "man/man8").mkdir(parents=True)
            (HOME / "man/man8/qmail-send.8").write_text("old page\n")
            (NEW / "man/man8/qmail-send.8").write_text("new page\n")
            (NEW / "man/man8/qmail-upgrade.8").write_text("added page\n")
        box.maildir("alice")
        box.dotqmail("alice", "", "./Maildir/\n")
        self.names = names
        self.bodies = {(BIN / name).read_bytes() for name in names if name not in ADDED}
        self.before = self.picture()

    def _old(self, name: str, body: bytes, mode: int) -> None:
        path = BIN / name
        path.write_bytes(body if body.endswith(MARK) else body + MARK)
        os.chown(path, 0, self.gid("qmail"))
        os.chmod(path, mode)
        os.utime(path, (1e9, 1e9))

    def wrap(self, lines: dict[str, str] | None = None) -> None:
        """The old programs become shell scripts that run the true ones from elsewhere, with more lines where given;
        qmail-queue only then, since a script cannot be setuid."""
        self.scripts = True
        true = Path("/mnt/true")
        true.mkdir()
        for name in self.names:
            if name not in ADDED and (name != "qmail-queue" or lines):
                shutil.move(BIN / name, true / name)
                self._old(name, f'#!/bin/sh\n{(lines or {}).get(name, "")}\nexec {true}/{name} "$@"\n'.encode(), 0o755)
        give(BIN / "qmail-queue", "qmailq:qmail", 0o4711)
        self.bodies |= {(BIN / name).read_bytes() for name in self.names if name not in ADDED}
        self.before = self.picture()

    @staticmethod
    def divide() -> None:
        for number in range(23):
            for kind, mode in (("todo", 0o750), ("intd", 0o700)):
                path = QUEUE / kind / str(number)
                path.mkdir()
                give(path, "qmailq:qmail", mode)

    @staticmethod
    def add_channel() -> None:
        """Makes queue/suppl0 as the channels patch does."""
        for path in (QUEUE / "suppl0", *(QUEUE / "suppl0" / str(number) for number in range(23))):
            path.mkdir()
            give(path, "qmails:qmail", 0o700)

    # The contents of the home

    @staticmethod
    def picture() -> dict:
        """Returns inode, owner, mode and time of everything in bin/ and man/."""
        found = {}
        for root in (BIN, HOME / "man", HOME / "control"):
            for folder, _, names in os.walk(root):
                for name in names:
                    info = os.lstat(os.path.join(folder, name))
                    found[os.path.join(folder, name)] = (info.st_ino, info.st_uid, info.st_gid, info.st_mode, info.st_mtime)
        return found

    @staticmethod
    def is_old(path: Path) -> bool:
        return path.read_bytes().endswith(MARK)

    def makes(self) -> set:
        """Returns {"old"}, {"new"}, both, or one with {"gate"}, for the programs of bin/ that both trees have."""
        found = set()
        for name in self.names:
            path = BIN / name
            if name in ADDED and not path.exists():
                found.add("old")
                continue
            body = path.read_bytes()
            if GATE in body[:200]:
                found.add("gate")
                continue
            new = (NEW / "bin" / name).read_bytes()
            assert body == new or body in self.bodies, f"{name} is neither old nor new"
            found.add("new" if body == new else "old")
        return found

    def start_set(self) -> str:
        """Returns which daemons bin/qmail-start starts now: old or new, and checks that they are not mixed."""
        folder = BIN
        if GATE in (text := (BIN / "qmail-start").read_bytes())[:200]:
            folder = Path(text.split(b"PATH='")[1].split(b"'")[0].decode())
            assert f"exec '{folder}/qmail-start'".encode() in text
        makes = {self.is_old(folder / name) for name in SET}
        assert len(makes) == 1, {name: self.is_old(folder / name) for name in SET}
        for name in SET:
            assert os.stat(folder / name).st_mode & 0o100
        return "old" if makes.pop() else "new"

    def assert_runnable(self) -> None:
        """Checks the state after an interruption: each program is complete, the queue is writable, the daemons are one set."""
        self.makes()
        self.start_set()
        info = os.stat(BIN / "qmail-queue")
        assert (info.st_uid, info.st_mode & 0o7777) == (self.uid("qmailq"), 0o4711)
        for name in LOCAL:
            assert (BIN / name).exists()

    @staticmethod
    def leftovers() -> list[str]:
        """Returns the temporary files of a running change."""
        return [str(path) for root in (BIN, HOME / "man", HOME / "control") if root.exists()
                for path in root.rglob(".*") if "qmail-upgrade" in path.name or "gate" in path.name]

    def assert_new(self) -> None:
        assert self.makes() == {"new"}
        assert self.leftovers() == []
        for name in self.names:
            info = os.stat(BIN / name)
            owner, group, mode = ACCESS[name]
            assert (info.st_uid, info.st_gid, info.st_mode & 0o7777) == (self.uid(owner), self.gid(group), mode), name

    @staticmethod
    def uid(name: str) -> int:
        return pwd.getpwnam(name).pw_uid

    @staticmethod
    def gid(name: str) -> int:
        return grp.getgrnam(name).gr_gid

    def assert_old(self) -> None:
        now = self.picture()
        assert now == self.before, {name: (self.before.get(name), now.get(name)) for name in now.keys() | self.before.keys()
                                    if self.before.get(name) != now.get(name)}
        assert self.leftovers() == []

    # Running it

    def upgrade(self, *words: str, program: Path | None = None, limit: float = 60, prefix=()) -> subprocess.CompletedProcess:
        accepted = ["--accept-loss"] if self.scripts else []
        command = [*prefix, str(program or NEW / "bin/qmail-upgrade"), f"--from={NEW}", *accepted, *words]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=limit, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})

    def apply(self, *words: str, code=(0, 1), **options) -> str:
        done = self.upgrade(*words, "apply", **options)
        assert done.returncode in code, (done.returncode, done.stdout)
        return done.stdout

    def rollback(self, *words: str, code=(0, 1), **options) -> str:
        done = self.upgrade(*words, "rollback", **options)
        assert done.returncode in code, (done.returncode, done.stdout)
        return done.stdout

    def inject(self, text: str, recipient: str = "alice@host.example.org", sender: str = "s@a.example") -> None:
        """Queues a message; it must arrive if qmail-queue exits 0."""
        result = self.box.inject(f"Subject: x\n\n{text}\n", sender, [recipient])
        assert result.code == 0, result
        self.sent.append(text)

    @staticmethod
    def arrived(user: str = "alice") -> list[str]:
        folder = Path(f"/home/{user}/Maildir/new")
        return [path.read_text().rstrip("\n").split("\n")[-1] for path in folder.iterdir()]

    def assert_all_arrive(self, limit: float = LIMIT) -> None:
        wait(lambda: set(self.sent) <= set(self.arrived()), limit,
             lambda: f"{set(self.sent) - set(self.arrived())}, queue {self.queued()}")

    @staticmethod
    def queued() -> list[str]:
        return [str(path.relative_to(QUEUE)) for kind in ("todo", "intd", "mess", "info", "local", "remote", "bounce")
                for path in sorted((QUEUE / kind).rglob("*")) if path.is_file()]

    # qmail-send's supervisors

    def run_script(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        run = folder / "run"
        run.write_text(f"#!/bin/sh\nexec env - PATH=/var/qmail/bin:/usr/bin:/bin qmail-start ./Mailbox >>{folder}/log 2>&1\n")
        run.chmod(0o755)
        return folder

    def supervise(self, command: list[str], folder: Path) -> subprocess.Popen:
        child = subprocess.Popen([*command, str(folder)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
        wait(lambda: processes("qmail-send"), what="qmail-send")
        return child

    def daemontools(self) -> Path:
        folder = self.run_script(Path("/mnt/service/qmail"))
        self.supervise(["supervise"], folder)
        return folder

    @staticmethod
    def running_makes() -> set:
        """Returns the versions of all running daemons: {"new"} if each runs the file that is in bin/ now."""
        found = set()
        for name in SET[1:]:
            for pid in processes(name):
                try:
                    same = os.path.samestat(os.stat(f"/proc/{pid}/exe"), os.stat(BIN / name))
                except OSError:
                    continue
                found.add("current" if same else "other")
        return found

    @staticmethod
    def kill(name: str) -> None:
        for pid in processes(name):
            os.kill(pid, signal.SIGTERM)


def give(path: Path, owner: str, mode: int) -> None:
    shutil.chown(path, *owner.split(":"))
    os.chmod(path, mode)
