"""What qmail-send does while it goes through the queue at its start, here with a directory that takes seconds to be read."""

import os
import re
import signal
import time
from pathlib import Path

from conformlib.daemon import Qmail
from conformlib.process import until
from conformlib.queue import SPLIT, split_path

MESSAGE = b"Subject: scan\n\nbody\n"
ALICE = "alice@host.example.org"
SLOW = 5  # the subdirectory of info that is slow
OLD = SPLIT * 100 + SLOW  # the number of a message in it
SECONDS = 3


def start(box):
    """qmail-start, whose qmail-send reads the slow directory for SECONDS; the other directories are as fast as ever."""
    qmail = Qmail(["/usr/bin/strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-P", str(box.path(f"queue/info/{SLOW}")), "-e", "trace=getdents64",
                   "-e", f"inject=getdents64:delay_enter={SECONDS}s:when=1", box.program("qmail-start"), "./Mailbox"], box.env, True, box.numbers)
    qmail.wait_log("^status: local 0/10 remote 0/20$")
    return qmail


def send_pid():
    return next(int(entry.name) for entry in Path("/proc").glob("[0-9]*") if (entry / "comm").read_text() == "qmail-send\n")


def put_off(box, number, seconds):
    """The next try of a planted message is so far ahead."""
    later = time.time() + seconds
    os.utime(split_path(box.path("queue"), "local", number), (later, later))


def test_new_mail_does_not_wait_for_a_directory(box):
    box.plant_message(MESSAGE, "s@a.example", local=[ALICE], age=100, number=OLD)
    qmail = start(box)
    began = time.monotonic()
    box.inject(MESSAGE, "s@a.example", [ALICE])
    qmail.wait_log("^end msg", SECONDS)
    assert time.monotonic() - began < SECONDS / 2
    assert not [line for line in qmail.log() if line.startswith("starting delivery 2")]
    # The message in the slow directory is found all the same.
    assert re.search(rf"msg {OLD} ", qmail.wait_log("^starting delivery 2:", 2 * SECONDS))
    qmail.wait_log(f"^end msg {OLD}", SECONDS)


def test_alrm_counts_for_messages_that_are_still_to_be_found(box):
    box.plant_message(MESSAGE, "s@a.example", local=[ALICE], age=100, number=OLD)
    put_off(box, OLD, 3600)
    qmail = start(box)
    os.kill(send_pid(), signal.SIGALRM)
    assert re.search(rf"msg {OLD} ", qmail.wait_log("^starting delivery 1:", 2 * SECONDS))
    qmail.wait_log(f"^end msg {OLD}", SECONDS)


def test_term_waits_for_no_more_than_the_directory(box):
    box.plant_message(MESSAGE, "s@a.example", local=[ALICE], age=100, number=OLD)
    qmail = start(box)
    os.kill(send_pid(), signal.SIGTERM)
    qmail.wait_log("^status: exiting$", SECONDS)
    until(lambda: not [entry for entry in Path("/proc").glob("[0-9]*/comm") if entry.read_text() == "qmail-send\n"], 2 * SECONDS, "its end")
    assert split_path(box.path("queue"), "info", OLD).exists()
