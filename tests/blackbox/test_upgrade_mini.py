"""qmail-upgrade on a host without a queue of its own: qmail-queue is qmail-qmqpc, there are no daemons, accounts or queue."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from test_upgrade_apply import calls_of, forget, kill_at
from test_upgrade_check import guide_entries
from upgrade_host import BIN, HOME, MARK, NEW, QUEUE, Host, processes, wait

PROGRAMS = ("qmail-inject", "sendmail", "forward", "qmail-qmqpc", "predate", "datemail", "mailsubj", "qail", "elq", "pinq", "maildirmake")
ADDED = "qmail-upgrade"


class MiniHost(Host):
    """With `copy`, qmail-queue is a second file, otherwise a link."""

    def __init__(self, box, copy: bool = False) -> None:  # pylint: disable=super-init-not-called
        self.box, self.names, self.copy = box, [*PROGRAMS, ADDED], copy
        (NEW / "bin").mkdir(parents=True)
        for path in BIN.iterdir():
            if path.is_file():
                shutil.copy2(path, NEW / "bin")
        subprocess.run(["umount", BIN], check=True)
        for name in PROGRAMS:
            self.old_program(name, (NEW / "bin" / name).read_bytes() + MARK)
        if copy:
            self.old_program("qmail-queue", (BIN / "qmail-qmqpc").read_bytes())
        else:
            (BIN / "qmail-queue").symlink_to("qmail-qmqpc")
        shutil.rmtree(QUEUE)
        for name in ("passwd", "group"):
            path = Path("/etc", name)
            path.write_text("".join(line + "\n" for line in path.read_text().splitlines() if not line.startswith(("qmail", "alias:", "nofiles:"))))
        for path in (HOME / "control").iterdir():
            path.unlink()
        for name, text in {"me": "mini.example.org\n", "idhost": "mini.example.org\n", "defaultdomain": "example.org\n",
                           "plusdomain": "example.org\n", "qmqpservers": "127.0.0.1\n"}.items():
            (HOME / "control" / name).write_text(text)
        (HOME / "man/man8").mkdir(parents=True)
        (HOME / "man/man8/qmail-inject.8").write_text("old page\n")
        (NEW / "man/man8").mkdir(parents=True)
        (NEW / "man/man8/qmail-inject.8").write_text("new page\n")
        (NEW / "setup").mkdir()
        (NEW / "setup/instcheck.sh").write_text("#!/bin/sh\n")
        self.before = self.picture()

    @staticmethod
    def old_program(name: str, body: bytes) -> None:
        (BIN / name).write_bytes(body)
        (BIN / name).chmod(0o755)
        os.utime(BIN / name, (1e9, 1e9))

    def assert_runnable(self) -> None:
        """Checks that each program is completely the old or the new one, and that qmail-queue leads to qmail-qmqpc."""
        for name in PROGRAMS:
            assert (BIN / name).read_bytes() in ((NEW / "bin" / name).read_bytes(), (NEW / "bin" / name).read_bytes() + MARK), name
            assert os.stat(BIN / name).st_mode & 0o111, name
        client = (NEW / "bin/qmail-qmqpc").read_bytes()
        assert (BIN / "qmail-queue").read_bytes() in (client, client + MARK)
        if not self.copy:
            assert os.readlink(BIN / "qmail-queue") == "qmail-qmqpc"

    def assert_new(self) -> None:
        for name in self.names:
            info = os.lstat(BIN / name)
            assert (BIN / name).read_bytes() == (NEW / "bin" / name).read_bytes(), name
            assert (info.st_uid, info.st_gid, info.st_mode & 0o7777) == (0, os.stat(BIN).st_gid, info.st_mode & 0o755), name
        assert (BIN / "qmail-queue").read_bytes() == (NEW / "bin/qmail-qmqpc").read_bytes()
        assert sorted(path.name for path in BIN.iterdir()) == sorted([*self.names, "qmail-queue"])
        assert self.leftovers() == [] and not QUEUE.exists() and not (HOME / "setup").exists() and not (HOME / "services").exists()
        assert (HOME / "man/man8/qmail-inject.8").read_text() == "new page\n"

    def assert_old(self) -> None:
        super().assert_old()
        assert (HOME / "man/man8/qmail-inject.8").read_text() == "old page\n"


class Server:
    """Receives one message by QMQP."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 628))
        self.got = b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            length = b""
            while not length.endswith(b":"):
                length += connection.recv(1)
            while len(self.got) < int(length[:-1]) + 1:
                self.got += connection.recv(65536)
            connection.sendall(b"3:Kok,")


def send(text: str) -> bytes:
    """Returns what the server receives when qmail-inject sends a message."""
    server = Server()
    done = subprocess.run([BIN / "qmail-inject", "r@b.example"], input=f"Subject: x\n\n{text}\n".encode(), check=False,
                          env={"PATH": "/usr/bin:/bin", "QMAILUSER": "s", "QMAILHOST": "a.example"})
    assert done.returncode == 0
    server.thread.join(5)
    server.listener.close()
    return server.got


@pytest.mark.parametrize("copy", [False, True], ids=["link", "copy"])
def test_there_and_back(box, copy):
    host = MiniHost(box, copy)
    assert b"Subject: x\n\nbefore\n" in send("before")
    text = host.apply(code=(0,))
    assert "qmail-inject -n writes a message, and qmail-queue is qmail-qmqpc; no test message was sent" in text
    assert "daemons" not in text and "the way back: /var/qmail/bin/qmail-upgrade" in text
    host.assert_new()
    got = send("between")
    assert b"Subject: x\n\nbetween\n" in got and b"11:s@a.example,11:r@b.example," in got
    assert "nothing to do" in host.apply(code=(0,))
    text = host.rollback(program=BIN / "qmail-upgrade", code=(0,))
    assert "old programs are in place" in text
    host.assert_old()
    assert b"after\n" in send("after")
    assert "nothing to roll back" in host.rollback(code=(0,))
    host.apply(code=(0,))
    host.assert_new()


def test_check(box):
    host = MiniHost(box)
    host.old_program("qmail-inject", b"\x7fELF QMAILQUEUE")
    host.old_program("qmail-qmqpc", b"\x7fELF control/qmqpservers")
    for name, text in {"rcpthosts": "example.org\n", "badmailfrom": "^spam@\n", "spfbehavior": "3\n", "validrcptto": "x\n"}.items():
        (HOME / "control" / name).write_text(text)
    done = host.upgrade("check")
    text = " ".join(done.stdout.split())
    assert done.returncode == 0 and "old programs: mini-qmail" in text and "queue: none" in text, done.stdout
    assert "bin/qmail-queue is qmail-qmqpc: mail of this host goes by QMQP to 127.0.0.1" in text
    assert "defaultdomain, idhost, me, plusdomain, qmqpservers are honoured" in text
    assert "badmailfrom, rcpthosts, spfbehavior, validrcptto are read by no program of a host without a queue" in text
    assert text.endswith("verdict: go")
    shown = guide_entries("mini")
    assert len(shown) == 6 and all(entry.replace("192.0.2.1", "127.0.0.1") in text for entry in shown), shown
    (HOME / "control/qmqpservers").write_text("hub.example.org\n192.0.2.1:628\n")
    (HOME / "control/me").unlink()
    report = json.loads(host.upgrade("--json", "check").stdout)
    said = {(finding["code"], finding["severity"]): finding["text"] for finding in report["findings"]}
    assert said["qmqpservers", "note"] == "has lines that are no addresses, and are passed over: hub.example.org"
    assert "goes by QMQP to 192.0.2.1:628" in said["mini-qmail", "harmless"]
    assert report["verdict"] == "go with notes" and report["queue"]["present"] is False
    assert any(finding["subject"].endswith("/me") and "is missing" in finding["text"] for finding in report["findings"])
    (HOME / "control/qmqpservers").unlink()
    assert "names no server: no mail leaves this host, before or after" in " ".join(host.upgrade("check").stdout.split())


def test_a_client_that_lies_elsewhere(box):
    host = MiniHost(box)
    elsewhere = Path("/mnt/elsewhere/qmail-qmqpc")
    elsewhere.parent.mkdir()
    shutil.move(BIN / "qmail-qmqpc", elsewhere)
    (BIN / "qmail-queue").unlink()
    (BIN / "qmail-queue").symlink_to(elsewhere)
    body = elsewhere.read_bytes()
    host.before = host.picture()
    text = " ".join(host.apply(code=(1,)).split())
    assert "applied" in text and elsewhere.read_bytes() == body and os.readlink(BIN / "qmail-queue") == str(elsewhere)
    assert f"leads to {elsewhere}, which apply does not replace" in " ".join(host.upgrade("check").stdout.split())
    assert (BIN / "sendmail").read_bytes() == (NEW / "bin/sendmail").read_bytes() and not (BIN / "qmail-qmqpc").exists()
    host.rollback(code=(0,))
    host.assert_old()


def test_another_home_stops_here_too(box):
    host = MiniHost(box)
    shutil.copytree(HOME, "/mnt/other", symlinks=True)
    done = host.upgrade("--home=/mnt/other", "apply")
    assert done.returncode == 2 and "is another home than /var/qmail" in " ".join(done.stdout.split())


def test_new_programs_that_cannot_run_are_said(box):
    """The new programs are tested, and rollback is possible."""
    host = MiniHost(box)
    (NEW / "bin/qmail-inject").write_bytes(b"#!/bin/sh\nexit 111\n")
    done = host.upgrade("apply")
    assert done.returncode == 111 and "qmail-inject -n writes no message" in done.stdout and "rollback goes back" in done.stdout
    host.rollback(code=(0,))
    host.assert_old()


@pytest.mark.limit(600)
@pytest.mark.parametrize("stride", [pytest.param(1, id="every", marks=pytest.mark.slow), pytest.param(9, id="some")])
@pytest.mark.parametrize("copy", [False, True], ids=["link", "copy"])
def test_killed_at_a_step(box, copy, stride):
    host = MiniHost(box, copy)
    calls = calls_of(host, "apply")
    back = calls_of(host, "rollback")
    host.assert_old()
    forget(host)
    assert len(calls) > 60 and len(back) > 30
    for command, steps in (("apply", calls), ("rollback", back)):
        for position, call in enumerate(steps[::stride]):
            if command == "rollback":
                host.apply()
            kill_at(host, command, call)
            host.assert_runnable()
            if position % 2:
                host.apply(code=(0,))
                host.assert_new()
            host.rollback(code=(0,))
            host.assert_old()
            forget(host)


def test_a_qmail_send_that_runs_stops(box):
    """A full qmail whose qmail-queue is qmail-qmqpc and whose queue is still in use: the kind of host is ambiguous."""
    host = Host(box)
    host.daemontools()
    (BIN / "qmail-queue").unlink()
    (BIN / "qmail-queue").symlink_to("qmail-qmqpc")
    done = host.upgrade("--accept-loss", "apply")
    assert done.returncode == 2 and "a qmail-send serves a queue here" in " ".join(done.stdout.split())
    host.kill("supervise")
    host.kill("qmail-send")
    wait(lambda: not processes("qmail-send"), what="the end of qmail-send")
    host.before = host.picture()
    host.apply()
    assert os.readlink(BIN / "qmail-queue") == "qmail-qmqpc"
    assert (BIN / "qmail-send").read_bytes() == (NEW / "bin/qmail-send").read_bytes()
    host.rollback()
    host.assert_old()
