"""The commands of doc/MIGRATE.*, as they are written there, on stand-ins for the hosts that the guides are for."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from old_trees import FAMILIES, OldTree
from test_upgrade_mini import MiniHost, Server
from upgrade_host import BIN, HOME, NEW

DOC = Path(__file__).resolve().parent.parent.parent / "doc"
BUILD = ("./configure", "make ")


def commands_of(guide: str) -> list[str]:
    """The lines of the guide that are to be typed, but for those that build."""
    lines = re.findall(r"^ {7}((?:\./|make |/var/|echo ).*)$", (DOC / f"MIGRATE.{guide}").read_text(), re.M)
    assert lines
    return [line for line in lines if not line.startswith(BUILD)]


def install(place: str) -> None:
    """The new tree where "make install DESTDIR=/var/tmp/new" puts it."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/tmp"], check=True)
    Path(place).mkdir(parents=True)
    subprocess.run(["mount", "--rbind", NEW, place], check=True)


def run(command: str) -> tuple[int, str]:
    done = subprocess.run(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=80, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
    return done.returncode, done.stdout


def picture() -> dict:
    """Programs, settings and scripts: inode, owner, mode, time and bytes."""
    found = {}
    for path in (HOME / "rc", *(path for name in ("bin", "control", "supervise", "man") for path in (HOME / name).rglob("*"))):
        if path.is_symlink() or path.is_file():
            info = path.lstat()
            body = os.readlink(path) if path.is_symlink() else path.read_bytes()
            found[str(path)] = (info.st_ino, info.st_uid, info.st_gid, info.st_mode, info.st_mtime_ns, body)
    return found


@pytest.mark.limit(120)
@pytest.mark.parametrize("guide, kind, first", [("netqmail", "life_with_qmail", 0), ("qmailtoaster", "toaster", 2), ("sagredo", "sagredo", 2)])
def test_a_guide_is_walked_through(box, guide, kind, first):
    """There with what the guide says of each step, and back to what was there, byte by byte."""
    old = OldTree(box)
    if kind in FAMILIES:
        old.family(kind)
    else:
        getattr(old, kind)()
    install("/var/tmp/new/var/qmail")
    before = picture()
    check, apply, rollback = commands_of(guide)
    code, text = run(check)
    assert code == first and f"verdict: {'go' if first == 0 else 'stop'}\n" in text, text
    assert picture() == before
    # No qmail-send runs here, so no test message is delivered: 1.
    code, text = run(apply)
    assert code == 1 and "\napplied\n" in text, text
    for name in ("qmail-queue", "qmail-send", "qmail-smtpd", "qmail-upgrade"):
        assert (BIN / name).read_bytes() == (NEW / "bin" / name).read_bytes(), name
    assert f"the way back: {rollback.split()[0]} " in text
    if guide == "qmailtoaster":
        assert "SMTPAUTH= FORCETLS=0 QMAILQUEUE=/var/qmail/bin/qmail-dk; export SMTPAUTH FORCETLS QMAILQUEUE\n" in (HOME / "supervise/smtp/run").read_text()
        assert (HOME / "control/smtproutes").read_text() == "example.com:relay.example.com:587|joe|s3cr3t\n"
    code, text = run(rollback)
    assert code == 1 and "\nrolled back\n" in text, text
    assert picture() == before


@pytest.mark.limit(120)
def test_the_guide_of_mini_qmail_is_walked_through(box):
    host = MiniHost(box)
    install("/var/tmp/new/var/qmail")
    check, apply, test, rollback = commands_of("mini")
    code, text = run(check)
    assert code == 0 and text.endswith("verdict: go\n"), text
    code, text = run(apply)
    assert code == 0 and "qmail-inject -n writes a message" in text, text
    host.assert_new()
    server = Server()
    code, text = run(test)
    server.thread.join(5)
    assert code == 0 and b"Subject: test\n" in server.got and b"15:you@example.org," in server.got, (code, text)
    code, text = run(rollback)
    assert code == 0, text
    host.assert_old()


@pytest.mark.parametrize("kind", ["s/qmail", "qmail-ldap"])
def test_the_guide_of_forks_begins_with_a_look(box, kind):
    OldTree(box).family(kind)
    install("/var/tmp/new/var/reqmail")
    before = picture()
    (check,) = commands_of("sqmail-ldap")
    code, text = run(check)
    assert code == 2 and f"bin is {kind}, whose accounts, settings and queue are its own" in " ".join(text.split()), text
    assert picture() == before
