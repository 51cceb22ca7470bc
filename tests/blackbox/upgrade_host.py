"""A host with an old qmail inside a box, for the tests of qmail-upgrade: /var/qmail/bin becomes writable and holds "old"
programs (the tree's with other inodes and other bytes), the new programs lie in /mnt/new."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from conformlib.users import GROUPS, USERS, owner_ids

HOME = Path("/var/qmail")
BIN = HOME / "bin"
NEW = Path("/mnt/new")
QUEUE = HOME / "queue"
SET = ("qmail-start", "qmail-send", "qmail-clean", "qmail-lspawn", "qmail-rspawn")
# Programs of a small tree: enough to run a host, few enough to be killed at each step.
FEW = (*SET, "qmail-queue", "qmail-inject", "qmail-local", "qmail-getpw", "qmail-qstat", "qmail-qread", "qmail-smtpd",
       "qmail-smtpd-tls", "qmail-upgrade", "maildirmake", "qmail-remote")
# What only the new tree has.
ADDED = ("qmail-smtpd-tls", "qmail-upgrade")
# What only the old home has.
LOCAL = ("vchkpw", "qmail-todo")
MARK = b"\n# old\n"
LIMIT = 20.0


def wait(condition, limit: float = LIMIT, what: str = "something"):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited for {what} in vain")


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
    def __init__(self, box, programs=None, papers: bool = False) -> None:
        self.box = box
        self.sent: list[str] = []
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
        queue = USERS["qmailq"].uid
        os.chown(BIN / "qmail-queue", queue, GROUPS["qmail"])
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
        self.before = self.picture()

    def _old(self, name: str, body: bytes, mode: int) -> None:
        path = BIN / name
        path.write_bytes(body)
        os.chown(path, 0, GROUPS["qmail"])
        os.chmod(path, mode)
        os.utime(path, (1e9, 1e9))

    # What lies there

    @staticmethod
    def picture() -> dict:
        """Everything in bin/ and man/: inode, owner, mode, time."""
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
        """{"old"}, {"new"}, both, or one with {"gate"}: of the programs of bin/ that both trees have."""
        found = set()
        for name in self.names:
            path = BIN / name
            if name in ADDED and not path.exists():
                found.add("old")
                continue
            body = path.read_bytes()
            if name == "qmail-start" and body.startswith(b"#!"):
                found.add("gate")
                continue
            new = (NEW / "bin" / name).read_bytes()
            assert body in (new, new + MARK), f"{name} is neither old nor new"
            found.add("new" if body == new else "old")
        return found

    def start_set(self) -> str:
        """Which daemons somebody gets who runs bin/qmail-start now: old or new, never some of each."""
        folder = BIN
        if (text := (BIN / "qmail-start").read_bytes()).startswith(b"#!"):
            folder = Path(text.split(b"PATH='")[1].split(b"'")[0].decode())
            assert f"exec '{folder}/qmail-start'".encode() in text
        makes = {self.is_old(folder / name) for name in SET}
        assert len(makes) == 1, {name: self.is_old(folder / name) for name in SET}
        for name in SET:
            assert os.stat(folder / name).st_mode & 0o100
        return "old" if makes.pop() else "new"

    def assert_runnable(self) -> None:
        """Whatever was interrupted: each program is there, whole; the queue can be written; the daemons are one set."""
        self.makes()
        self.start_set()
        info = os.stat(BIN / "qmail-queue")
        assert (info.st_uid, info.st_mode & 0o7777) == (USERS["qmailq"].uid, 0o4711)
        for name in LOCAL:
            assert (BIN / name).exists()

    @staticmethod
    def leftovers() -> list[str]:
        """Files of a change that is under way."""
        return [str(path) for root in (BIN, HOME / "man", HOME / "control") if root.exists()
                for path in root.rglob(".*") if "qmail-upgrade" in path.name or "gate" in path.name]

    def assert_new(self) -> None:
        assert self.makes() == {"new"}
        assert self.leftovers() == []
        for name in self.names:
            info = os.stat(BIN / name)
            owner = USERS["qmailq"].uid if name == "qmail-queue" else 0
            assert (info.st_uid, info.st_gid) == (owner, GROUPS["qmail"]), name
            if name == "qmail-queue":
                assert info.st_mode & 0o7777 == 0o4711

    def assert_old(self) -> None:
        now = self.picture()
        assert now == self.before, {name: (self.before.get(name), now.get(name)) for name in now.keys() | self.before.keys()
                                    if self.before.get(name) != now.get(name)}
        assert self.leftovers() == []

    # Running it

    def upgrade(self, *words: str, program: Path | None = None, limit: float = 60, prefix=()) -> subprocess.CompletedProcess:
        command = [*prefix, str(program or NEW / "bin/qmail-upgrade"), f"--from={NEW}", *words]
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
        """Queues a message; it is one that must arrive when qmail-queue says 0."""
        result = self.box.inject(f"Subject: x\n\n{text}\n", sender, [recipient])
        assert result.code == 0, result
        self.sent.append(text)

    @staticmethod
    def arrived(user: str = "alice") -> list[str]:
        folder = Path(f"/home/{user}/Maildir/new")
        return [path.read_text().rstrip("\n").split("\n")[-1] for path in folder.iterdir()]

    def assert_all_arrive(self, limit: float = LIMIT) -> None:
        wait(lambda: set(self.sent) <= set(self.arrived()), limit,
             f"{set(self.sent) - set(self.arrived())}, queue {self.queued()}")

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
        """Of all daemons that run: {"new"} where every one is what lies in bin/ now."""
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
    os.chown(path, *owner_ids(owner))
    os.chmod(path, mode)
