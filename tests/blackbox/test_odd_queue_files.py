"""qmail-send and its helpers if a name in the queue or the settings is not a regular file, or has other contents than written."""

import os
import shutil
import socket
import stat

import pytest

from conformlib.process import until
from conformlib.queue import split_path
from conformlib.solo import Solo

MESSAGE = b"Subject: odd\n\nbody\n"


def queue_file(box, kind, number):
    if kind in ("todo", "bounce"):
        return box.path(f"queue/{kind}/{number}")
    return split_path(box.path("queue"), kind, number)


def pull_trigger(box):
    with open(box.path("queue/lock/trigger"), "wb", buffering=0) as trigger:
        trigger.write(b"\0")


def make_odd(path, make):
    path.unlink(missing_ok=True)
    if make == "fifo":
        os.mkfifo(path)
    elif make == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    else:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    os.chmod(path, 0o600)


OWNERS = {"todo": "qmails", "mess": "qmailq", "info": "qmails", "local": "qmails", "remote": "qmails", "bounce": "qmails"}


@pytest.mark.parametrize("make", ["fifo", "socket", "device"])
@pytest.mark.parametrize("kind", OWNERS)
def test_what_is_no_file_holds_nobody_up(box, kind, make):
    odd = box.plant_message(MESSAGE, "s@a.example", remote=[] if kind == "bounce" else ["odd@x.example"],
                            state="todo" if kind == "todo" else "queued", age=100)
    path = queue_file(box, kind, odd)
    make_odd(path, make)
    shutil.chown(path, OWNERS[kind], "qmail")
    box.capture_queue()
    send = Solo(box)
    send.wait_log("status")
    box.inject(MESSAGE, "s@a.example", ["good@x.example"])
    pull_trigger(box)
    order = send.next("remote")
    while order.recipient != b"good@x.example":
        send.answer(order, b"Dno\n")
        order = send.next("remote")
    send.answer(order, b"Kyes\n")
    send.wait_log("success")
    assert send.stop() == 0
    assert os.path.lexists(path)


@pytest.mark.parametrize("make", ["fifo", "socket", "device"])
@pytest.mark.parametrize("name", ["me", "locals", "virtualdomains", "queuelifetime"])
def test_what_is_no_control_file_hangs_no_program(box, name, make):
    path = box.path("control") / name
    make_odd(path, make)
    os.chmod(path, 0o644)
    assert box.run(["qmail-showctl"]).code in (0, 111)
    send = Solo(box)
    assert send.end() == 111


@pytest.mark.parametrize("program, name, code", [
    ("qmail-smtpd", "databytes", 1), ("qmail-smtpd", "badmailfrom", 1), ("qmail-smtpd", "morercpthosts.cdb", 1),
    ("qmail-qmtpd", "rcpthosts", 111), ("qmail-qmtpd", "morercpthosts.cdb", 111), ("qmail-qmqpc", "qmqpservers", 55),
    ("qmail-qmqpc", "me", 55), ("qmail-newmrh", "morercpthosts", 111), ("qmail-inject", "defaultdomain", 111),
])
def test_a_fifo_for_a_control_file_ends_the_program(box, program, name, code):
    box.control("rcpthosts", "host.example.org\n")
    path = box.path("control") / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    os.chmod(path, 0o644)
    assert box.run([program], b"").code == code


def test_a_control_file_that_is_the_null_device_is_empty(box):
    (box.path("control") / "virtualdomains").symlink_to("/dev/null")
    send = Solo(box)
    send.wait_log("status")
    assert send.stop() == 0


def test_a_fifo_for_users_cdb_defers(box):
    os.mkfifo(box.path("users") / "cdb")
    box.inject(MESSAGE, "s@a.example", ["alice@host.example.org"])
    qmail = box.start_qmail()
    assert "deferral" in qmail.wait_log("^delivery 1:")


def test_a_fifo_for_the_mutex_hangs_nobody(box):
    path = box.path("queue/lock/sendmutex")
    make_odd(path, "fifo")
    shutil.chown(path, "qmails", "qmail")
    assert Solo(box).end() == 111


# --- Lists that lost their recipients ---

def test_an_empty_list_is_kept_and_warned_of(box):
    number = box.plant_message(MESSAGE, "s@a.example", local=["alice@host.example.org"], remote=["r@x.example"], age=100)
    queue_file(box, "local", number).write_bytes(b"")
    send = Solo(box)
    send.answer(send.next("remote"), b"Kyes\n")
    assert send.wait_log("warning") == f"warning: local/{number % 23}/{number} is empty; message kept"
    send.wait_log("success")
    send.signal("ALRM")
    send.wait_log("warning")
    assert send.stop() == 0
    assert "end msg" not in "".join(send.log())
    for kind in ("mess", "info", "local"):
        assert queue_file(box, kind, number).exists()


@pytest.mark.parametrize("place", ["suppl0/{split}/{number}", "suppl1/{number}"])
def test_a_message_of_an_unknown_channel_is_kept(box, place):
    number = box.plant_message(MESSAGE, "s@a.example", age=100)
    place = place.format(split=number % 23, number=number)
    file = box.path("queue") / place
    file.parent.mkdir(parents=True)
    file.write_bytes(b"Tr@x.example\0")
    for path in (file, file.parent, file.parent.parent):
        if path != box.path("queue"):
            shutil.chown(path, "qmails", "qmail")
    other = box.plant_message(MESSAGE, "s@a.example", age=100)
    send = Solo(box)
    warning = send.wait_log("warning")
    assert warning == f"warning: info/{number % 23}/{number} has no recipients but {place} is there; message kept"
    until(lambda: not queue_file(box, "mess", other).exists(), 5, "the end of the message without recipients")
    assert send.stop() == 0
    for kind in ("mess", "info"):
        assert queue_file(box, kind, number).exists()


def test_a_message_that_an_unknown_channel_has_too_is_kept(box):
    """Its local recipient gets it; the others are in a list that is not read here, and must not be lost."""
    number = box.plant_message(MESSAGE, "s@a.example", local=["alice@host.example.org"], age=100)
    place = f"suppl0/{number % 23}/{number}"
    file = box.path("queue") / place
    file.parent.mkdir(parents=True)
    file.write_bytes(b"Tr@x.example\0")
    for path in (file, file.parent, file.parent.parent):
        shutil.chown(path, "qmails", "qmail")
    send = Solo(box)
    send.answer(send.next("local"), b"Kyes\n")
    warning = send.wait_log("warning|end msg")
    assert send.stop() == 0
    assert warning == f"warning: info/{number % 23}/{number} has no recipients but {place} is there; message kept"
    for kind in ("mess", "info"):
        assert queue_file(box, kind, number).exists()
