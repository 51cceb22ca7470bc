"""qmail-upgrade apply and rollback: old qmails of several shapes, under load, killed at every step."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from upgrade_host import BIN, FEW, HOME, NEW, Host, processes, wait

ONCE = "?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat,?mkdir,?mkdirat,?rmdir,fchown,fchmod,fsync"


def test_there_and_back(box):
    host = Host(box, papers=True)
    text = host.apply(code=(1,))
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
