"""qmail-send with envelopes of any length: memory, other mail meanwhile, restarts, a queue that cannot be written."""

import os
import subprocess

import pytest

from conformlib.process import until
from conformlib.queue import split_path
from conformlib.solo import Solo

MESSAGE = b"Subject: long\n\nbody\n"
MIB = 1 << 20


def queue_file(box, kind, number):
    return split_path(box.path("queue"), kind, number)


def plant_long(box, recipients, tail=b""):
    """Makes a message in todo/ with this number of recipients, every second one local."""
    number = box.plant_message(MESSAGE, "s@a.example", remote=["first@x.example"], state="todo")
    with open(box.path(f"queue/intd/{number}"), "ab") as file:
        for start in range(0, recipients, 10_000):
            file.write(b"".join(b"Trecipient%09d@%s\0" % (n, b"host.example.org" if n % 2 else b"somewhere.example")
                                for n in range(start, min(start + 10_000, recipients))))
        file.write(tail)
    return number


def peak_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


def pull_trigger(box):
    with open(box.path("queue/lock/trigger"), "wb", buffering=0) as trigger:
        trigger.write(b"\0")


@pytest.mark.limit(120)
def test_memory_does_not_grow_with_the_envelope(box):
    count = int(os.environ.get("REQMAIL_LONG_ENVELOPE", "200000"))
    box.control("concurrencylocal", "0\n")
    box.control("concurrencyremote", "0\n")
    send = Solo(box)
    send.wait_log("status")
    idle = peak_memory(send.pid)
    number = plant_long(box, count)
    size = box.path(f"queue/todo/{number}").stat().st_size
    pull_trigger(box)
    send.wait_log("info msg", 100)
    more = peak_memory(send.pid) - idle
    print(f"envelope {size / MIB:.1f} MiB, {more / MIB:.1f} MiB more than idle")
    assert more < 4 * MIB
    head = box.path(f"queue/todo/{number}").read_bytes()[:1000].split(b"T", 1)[0]
    local, remote = (queue_file(box, channel, number) for channel in ("local", "remote"))
    assert local.stat().st_size + remote.stat().st_size == size - len(head)
    assert local.read_bytes().count(b"\0") == count // 2
    assert send.stop() == 0


@pytest.mark.parametrize("tail", [b"Xodd\0", b"Tcut"])
def test_a_damaged_long_envelope_holds_nobody_up(box, tail):
    number = plant_long(box, 20_000, tail)
    box.inject(MESSAGE, "s@a.example", ["good@x.example"])
    send = Solo(box)
    order = send.next("remote")
    assert order.recipient == b"good@x.example"
    send.answer(order, b"Kyes\n")
    assert f"todo/{number}" in send.wait_log("warning: (unknown record|trouble reading)")
    assert send.stop() == 0
    assert not queue_file(box, "info", number).exists()
    assert box.path(f"queue/todo/{number}").exists()


def test_a_restart_keeps_the_marks_of_a_long_list(box):
    number = plant_long(box, 8_000)
    send = Solo(box, clean=lambda command: b"!")
    first, second = send.next("remote"), send.next("remote")
    send.answer(first, b"Kyes\n")
    send.wait_log("success")
    send.wait_log("status")
    send.kill()
    again = Solo(box)
    assert again.next("remote").recipient == second.recipient
    assert not [line for line in again.log() if "new msg" in line]
    assert queue_file(box, "remote", number).read_bytes().startswith(b"Dfirst@x.example\0T")


def test_a_queue_that_cannot_be_written_repeats_no_delivery(box):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["one@x.example", "two@x.example"], age=100)
    path = queue_file(box, "remote", number)
    send = Solo(box)
    orders = [send.next("remote"), send.next("remote")]
    os.chmod(path, 0o400)
    send.answer(orders[0], b"Kyes\n")
    send.wait_log("trouble marking")
    send.answer(orders[1], b"Zlater\n")
    send.wait_log("deferral")
    send.wait_log("status")
    for _ in range(3):
        send.signal("ALRM")
        again = send.next("remote")
        assert again.recipient == b"two@x.example"
        send.answer(again, b"Zlater\n")
        send.wait_log("deferral")
        assert not send.pending(0.1)
    assert path.read_bytes() == b"Tone@x.example\0Ttwo@x.example\0"
    os.chmod(path, 0o600)
    assert send.stop() == 0
    assert path.read_bytes() == b"Done@x.example\0Ttwo@x.example\0"


def test_a_done_message_that_cannot_leave_is_not_delivered_again(box):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["one@x.example"], age=100)
    directory = queue_file(box, "remote", number).parent
    subprocess.run(["mount", "--bind", directory, directory], check=True)
    send = Solo(box)
    order = send.next("remote")
    subprocess.run(["mount", "-o", "remount,bind,ro", directory], check=True)
    send.answer(order, b"Kyes\n")
    send.wait_log("trouble marking")
    send.wait_log("unable to unlink")
    for _ in range(3):
        send.signal("ALRM")
        send.wait_log("unable to unlink")
        assert not send.pending(0.1)
    subprocess.run(["umount", directory], check=True)
    send.signal("ALRM")
    send.wait_log("end msg")
    assert send.stop() == 0
    until(lambda: not box.queue_tree(), 5, "an empty queue")
