"""qmail-send in situations without a recorded case: crashes, helpers that refuse, damaged queues, held mail."""

import os
import re
import select
import signal
import time
from pathlib import Path

import pytest

from conformlib.process import until, wait
from conformlib.queue import message_numbers, split_path
from conformlib.solo import Solo, settled

MESSAGE = b"Subject: send\n\nbody\n"
LOCAL = "alice@host.example.org"
STATUS = "status: local 0/10 remote 0/20"


def queue_file(box, kind, number):
    return split_path(box.path("queue"), kind, number)


def end_of(send):
    """Returns the log after the first status line."""
    return send.log()[1:]


def stopped(send):
    assert send.stop() == 0
    return send.log()


# --- The life of a message ---

def test_a_fast_delivery_leaves_todo_and_mess_in_this_order(box):
    send = Solo(box, clean=lambda command: _clean(box, command))
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    send.answer(send.next("local"), b"Kyes\n")
    send.wait_log("end msg")
    assert send.cleanups == [b"todo/M1", b"foop/M1"]
    assert not box.queue_tree()


def _clean(box, command, answer=b"+"):
    """Does the work of qmail-clean."""
    kind, _, number = command.decode().partition("/")
    if answer == b"+":
        (box.path("queue/intd") / number).unlink(missing_ok=True)
        gone = box.path("queue/todo") / number if kind == "todo" else queue_file(box, "mess", int(number))
        gone.unlink(missing_ok=True)
    return answer


def test_files_are_written_before_the_first_delivery(box):
    send = Solo(box, clean=lambda command: _clean(box, command))
    box.inject(MESSAGE, "s@a.example", [LOCAL, "r@x.example"])
    send.next("local")
    number = message_numbers(box.path("queue"))[0]
    for kind, content in (("info", b"Fs@a.example\0"), ("local", b"Talice@host.example.org\0"),
                          ("remote", b"Tr@x.example\0")):
        path = queue_file(box, kind, number)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o7777 == 0o600
    assert (box.path("queue/todo") / str(number)).exists()


def test_a_slow_delivery_leaves_todo_meanwhile(box):
    send = Solo(box)
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    order = send.next("local")
    settled(box)
    assert not list(box.path("queue/intd").iterdir())
    send.answer(order, b"Kyes\n")
    send.wait_log("end msg")
    stopped(send)
    assert not box.queue_tree()


def test_after_a_deferral_is_logged_todo_is_empty(box):
    send = Solo(box)
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    send.answer(send.next("remote"), b"Zlater\n")
    send.wait_log(STATUS)
    send.wait_log(STATUS)
    assert not os.listdir(box.path("queue/todo"))


def test_term_leaves_nothing_in_todo(box):
    send = Solo(box, remote=5)
    for number in range(30):
        box.inject(MESSAGE, "s@a.example", [f"r{number}@x.example"])
    orders = [send.next("remote") for _ in range(5)]
    until(lambda: len([line for line in send.log() if line.startswith("new msg")]) == 30, 8, "all of them")
    send.signal("TERM")
    for order in orders:
        send.answer(order, b"Zlater\n")
    # Thirty messages are synced first: a busy disk takes its time.
    assert send.end(60) == 0
    assert not os.listdir(box.path("queue/todo"))
    assert len(message_numbers(box.path("queue"))) == 30


# --- Crashes ---

def test_a_crash_before_todo_is_gone_keeps_the_marks(box):
    send = Solo(box, clean=lambda command: _clean(box, command, b"!"))
    box.inject(MESSAGE, "s@a.example", [LOCAL, "done@x.example", "open@x.example"])
    orders = [send.next("local"), send.next("remote"), send.next("remote")]
    send.answer(orders[1], b"Kyes\n")
    send.wait_log("success")
    send.wait_log("status")
    send.kill()
    assert len(os.listdir(box.path("queue/todo"))) == 1
    again = Solo(box)
    assert {order.recipient for order in again.take(2)} == {b"alice@host.example.org", b"open@x.example"}
    assert not again.pending(0.2)
    assert not [line for line in again.log() if "new msg" in line or "info msg" in line]
    settled(box)


def test_a_crash_at_the_end_brings_nothing_back(box):
    """qmail-send is killed between the end of the last delivery and the removal of todo/N."""
    send = Solo(box, clean=lambda command: b"")  # no answer at all
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    send.answer(send.next("local"), b"Kyes\n")
    until(lambda: send.pending(0.01) == [] and send.cleanups, 8, "the command to qmail-clean")
    send.kill()
    assert len(os.listdir(box.path("queue/todo"))) == 1
    again = Solo(box)
    again.wait_log("end msg")
    assert end_of(again) == ["end msg M1"]
    assert not again.pending(0.1)
    stopped(again)
    assert not box.queue_tree()


@pytest.mark.parametrize("spoil", ["info gone", "info empty", "list cut", "list of others", "old files"])
def test_half_written_files_are_made_anew(box, spoil):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example", "q@x.example"], state="todo", age=100)
    info, remote = queue_file(box, "info", number), queue_file(box, "remote", number)
    box.file(info, b"" if spoil == "info empty" else b"Fs@a.example\0", 0o600, "qmails:qmail",
             age=200 if spoil == "old files" else 0)
    text = {"list cut": b"Dr@x.example\0Tq@x.exa", "list of others": b"Dr@x.example\0Dz@x.example\0"}
    box.file(remote, text.get(spoil, b"Dr@x.example\0Tq@x.example\0"), 0o600, "qmails:qmail")
    box.file(f"queue/bounce/{number}", b"<r@x.example>:\nold\n\n", 0o600, "qmails:qmail")
    if spoil == "info gone":
        info.unlink()
    send = Solo(box)
    assert {order.recipient for order in send.take(2)} == {b"r@x.example", b"q@x.example"}
    assert [line for line in send.log() if line.startswith("new msg")]
    settled(box)
    assert remote.read_bytes() == b"Tr@x.example\0Tq@x.example\0"
    assert not os.listdir(box.path("queue/bounce"))


def test_mail_of_an_earlier_run_is_found_beside_new_mail(box):
    box.plant_message(MESSAGE, "s@a.example", remote=["old@x.example"], age=100)
    box.plant_message(MESSAGE, "s@a.example", remote=["new@x.example"], state="todo")
    send = Solo(box)
    assert {order.recipient for order in send.take(2)} == {b"old@x.example", b"new@x.example"}


# --- Helpers that refuse or die ---

def test_clean_refuses_mess(box):
    send = Solo(box, clean=lambda command: _clean(box, command, b"+" if command.startswith(b"todo") else b"!"))
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    send.answer(send.next("local"), b"Kyes\n")
    send.wait_log("clean up foop/")
    assert send.log()[-2:] == ["end msg M1", "warning: qmail-clean unable to clean up foop/M1"]
    assert send.stop() == 0


def test_end_is_logged_before_info_that_cannot_be_removed(box):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], age=100)
    send = Solo(box)
    order = send.next("remote")
    os.chmod(queue_file(box, "info", number).parent, 0o500)
    send.answer(order, b"Kyes\n")
    send.wait_log("warning")
    assert stopped(send)[-3:] == ["end msg M1", "warning: unable to unlink info/S/M1; will try again later",
                                  "status: exiting"]


def test_bounce_file_that_cannot_be_examined(box):
    box.plant_message(MESSAGE, "s@a.example", bounce=b"<r@x.example>:\nno\n\n", age=100)
    os.chmod(box.path("queue/bounce"), 0)
    send = Solo(box)
    send.wait_log("warning")
    assert end_of(send) == ["warning: unable to stat bounce/M1"]


def test_a_failure_that_cannot_be_noted_holds_up_no_other(box):
    send = Solo(box)
    box.inject(MESSAGE, "s@a.example", ["bad@x.example", "good@x.example", "soft@x.example", LOCAL])
    local, bad, good, soft = send.take(4)
    os.chmod(box.path("queue/bounce"), 0o500)
    send.answer(bad, b"Dno\n")
    send.wait_log("alert: unable to append to bounce message; HELP! sleeping...")
    for order, text in ((good, b"Kyes\n"), (soft, b"Zlater\n"), (local, b"Kmine\n")):
        send.answer(order, text)
        send.wait_log("(success|deferral): " + text[1:-1].decode())
    send.wait_log("status: local 0/10 remote 1/20")
    os.chmod(box.path("queue/bounce"), 0o700)
    assert send.stop() == 0
    assert sum("failure" in line for line in send.log()) == 1


def test_clean_refuses_todo(box):
    send = Solo(box, clean=lambda command: _clean(box, command, b"!"))
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    order = send.next("local")
    send.wait_log("warning: qmail-clean unable to clean up todo/")
    send.answer(order, b"Kyes\n")
    send.wait_log("success")
    assert send.stop() == 0
    assert len(message_numbers(box.path("queue"))) == 1


def test_clean_dies(box):
    send = Solo(box, clean=lambda command: None)
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    order = send.next("local")
    send.answer(order, b"Kyes\n")
    assert send.end() == 0
    log = send.log()
    assert "alert: oh no! lost qmail-clean connection! dying..." in log
    assert "delivery 1: success: yes/" in log
    assert log[-1] == "status: exiting"


def test_remote_spawner_dies(box):
    send = Solo(box)
    box.inject(MESSAGE, "s@a.example", [LOCAL, "r@x.example"])
    orders = send.take(2)
    send.close("remote")
    send.wait_log("alert: oh no! lost spawn connection! dying...")
    send.answer(orders[0], b"Kyes\n")
    assert send.end() == 0
    assert send.log()[-2:] == ["status: local 0/10 remote 1/20 exitasap", "status: exiting"]


def test_logger_dies(box):
    """Mail goes on without a log."""
    send = Solo(box)
    send.wait_log("status")
    os.close(send._log_end)
    send._log_end, unused = os.pipe()
    for _ in range(3):
        box.inject(MESSAGE, "s@a.example", ["r@x.example"])
        send.answer(send.next("remote"), b"Kyes\n")
    until(lambda: not box.queue_tree(), 8, "an empty queue")
    os.kill(send.pid, signal.SIGTERM)
    assert wait(send.pid, 8) == 0
    os.close(unused)


def test_bounce_not_queued_is_tried_again_at_the_next_start(box):
    box.capture_queue(code=53)
    send = Solo(box)
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    send.answer(send.next("remote"), b"Dno\n")
    send.wait_log("warning: trouble injecting bounce message, will try later")
    log = stopped(send)
    assert sum("trouble injecting" in line for line in log) == 1
    assert not os.listdir(box.path("queue/todo"))
    box.capture_queue(code=0)
    again = Solo(box)
    again.wait_log("bounce msg")
    again.wait_log("end msg")


def test_queue_program_that_cannot_run(box):
    box.env["QMAILQUEUE"] = "/nowhere/qmail-queue"
    send = Solo(box)
    box.plant_message(MESSAGE, "s@a.example", bounce=b"<r@x.example>:\nno\n\n", age=100)
    send.kill()
    send = Solo(box)
    send.wait_log("warning: (trouble injecting bounce message|unable to start qmail-queue), will try later")
    stopped(send)


# --- Odd queues ---

@pytest.mark.parametrize("envelope", [b"", b"u7001\0p5\0", b"u7001\0p5\0Tr@x.example\0", b"Fs@a.example\0Tr@x.example",
                                      b"Fs@a.example\0Ta@x.example\0Tr@x"])
def test_unfinished_todo_entries_stay(box, envelope):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], state="todo")
    box.file(f"queue/todo/{number}", envelope, 0o644, "qmailq:qmail")
    send = Solo(box)
    send.wait_log(f"warning: trouble reading todo/{number}")
    assert not send.pending(0.2)
    stopped(send)
    assert box.path(f"queue/todo/{number}").read_bytes() == envelope
    assert queue_file(box, "mess", number).exists()


@pytest.mark.parametrize("name", ["notanumber", "12x", "-1", "007"])
def test_names_that_are_no_numbers_are_not_touched(box, name):
    box.file(f"queue/todo/{name}", b"Fs@a.example\0Tr@x.example\0", 0o644, "qmailq:qmail")
    send = Solo(box)
    send.wait_log("status")
    assert not send.pending(0.2)
    assert stopped(send) == [STATUS, "status: exiting"]
    assert box.path(f"queue/todo/{name}").exists()


def test_split_todo_is_refused(box):
    box.mkdir("queue/todo/0", 0o750, "qmailq:qmail")
    send = Solo(box)
    assert send.end() == 111
    assert len(send.log()) == 1 and "qmail-upgrade" in send.log()[0]
    assert send.log()[0].startswith("alert: cannot start: ")


@pytest.mark.parametrize("kind", ["mess", "info", "local", "remote"])
def test_a_missing_directory_is_refused(box, kind):
    box.path(f"queue/{kind}/11").rmdir()
    send = Solo(box)
    assert send.end() == 111
    assert send.log()[0].startswith("alert: cannot start: ")


def test_no_mutex(box):
    box.path("queue/lock/sendmutex").unlink()
    send = Solo(box)
    assert send.end() == 111
    assert send.log() == ["alert: cannot start: unable to open mutex"]


def test_another_split(box):
    for kind, owner in (("mess", "qmailq:qmail"), ("info", "qmails:qmail"), ("local", "qmails:qmail"),
                        ("remote", "qmails:qmail")):
        for number in range(23, 47):
            box.mkdir(f"queue/{kind}/{number}", 0o750 if kind == "mess" else 0o700, owner)
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    send = Solo(box)
    send.answer(send.next("remote"), b"Kyes\n")
    send.wait_log("end msg")
    stopped(send)


@pytest.mark.parametrize("records", [b"Tr@x.example\0Xwhat\0Tq@x.example\0", b"Tr@x.example\0\0", b"Tr@x.example\0Tq@x"])
def test_damaged_lists_wait(box, records):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], age=100)
    box.file(queue_file(box, "remote", number), records, 0o600, "qmails:qmail")
    send = Solo(box)
    order = send.next("remote")
    send.wait_log("warning: unknown record type in remote/")
    assert "warning: unknown record type in remote/S/M1!" in send.log()
    send.answer(order, b"Kyes\n")
    send.wait_log("status")
    stopped(send)
    assert queue_file(box, "remote", number).read_bytes() == b"D" + records[1:]


def test_no_local_places_hold_no_remote_mail_back(box):
    """With concurrencylocal 0 the local recipient is held, and the remote one of the same message is delivered."""
    box.control("concurrencylocal", "0\n")
    number = box.plant_message(MESSAGE, "s@a.example", local=["alice@host.example.org"], remote=["r@x.example"], age=100)
    send = Solo(box)
    send.answer(send.next("remote"), b"Kyes\n")
    until(lambda: not queue_file(box, "remote", number).exists(), 20, "the end of the remote list")
    stopped(send)
    assert queue_file(box, "local", number).read_bytes() == b"Talice@host.example.org\0"


@pytest.mark.limit(180)
def test_a_long_list_is_read_piece_by_piece(box):
    # Three pieces of 64 KiB, in as few orders as that takes.
    recipients = [f"{'r' * 900}{number}@x.example" for number in range(160)]
    box.plant_message(MESSAGE, "s@a.example", remote=recipients, age=100)
    box.control("concurrencyremote", "100\n")
    send = Solo(box)
    seen = []
    for _ in recipients:
        order = send.next("remote")
        seen.append(order.recipient.decode())
        send.answer(order, b"Kyes\n")
    assert seen == recipients
    send.wait_log("end msg")
    assert not box.queue_tree()


# --- The trigger ---

@pytest.mark.parametrize("spoil", ["missing", "plain file", "directory", "not writable", "not ours"])
def test_without_a_usable_trigger_todo_is_looked_at_often(box, spoil):
    trigger = box.path("queue/lock/trigger")
    if spoil == "not writable":
        os.chmod(trigger, 0o600)
    elif spoil == "not ours":
        os.chown(trigger, 0, 0)
    else:
        trigger.unlink()
    if spoil == "plain file":
        box.file("queue/lock/trigger", b"x", 0o622, "qmails:qmail")
    elif spoil == "directory":
        box.mkdir("queue/lock/trigger", 0o722, "qmails:qmail")
    send = Solo(box)
    send.wait_log("status")
    warning, status = send.log()
    assert re.fullmatch("warning: .*lock/trigger.*; looking at todo every 3 seconds", warning)
    assert status == STATUS
    for _ in range(2):
        box.inject(MESSAGE, "s@a.example", ["r@x.example"])
        send.answer(send.next("remote"), b"Kyes\n")
        send.wait_log("end msg")
    assert sum("trigger" in line for line in stopped(send)) == 1


def test_a_trigger_that_others_hold_open_is_read_empty(box):
    """If another process has the FIFO open, the bytes of a pull stay in it."""
    other = os.open(box.path("queue/lock/trigger"), os.O_RDWR | os.O_NONBLOCK)
    send = Solo(box)
    send.wait_log("status")
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    os.write(other, b"more than a byte" * 100)
    send.answer(send.next("remote"), b"Kyes\n")
    send.wait_log("end msg")

    def emptied():
        ready = select.select([other], [], [], 0)[0]
        return not ready

    until(emptied, 8, "an empty trigger")
    assert not [line for line in stopped(send) if "warning" in line]


def test_a_flood_of_pulls_is_one_warning_and_no_spinning(box):
    send = Solo(box)
    send.wait_log("status")
    trigger = os.open(box.path("queue/lock/trigger"), os.O_WRONLY)

    def flood():
        for _ in range(200):
            os.write(trigger, b"x")
        send._read(0)
        return any("woken" in line for line in send.log())

    until(flood, 40, "a warning")
    for _ in range(300):
        flood()
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    send.answer(send.next("remote"), b"Kyes\n")
    send.wait_log("end msg")
    assert sum("warning: woken again and again without work; pausing" in line for line in stopped(send)) == 1


# --- Time ---

def test_mail_queued_before_the_clock_was_set_is_not_too_old(box):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], age=100)
    for kind in ("info", "remote"):
        os.utime(queue_file(box, kind, number), (300, 300))
    send = Solo(box)
    send.answer(send.next("remote"), b"Zlater\n")
    send.wait_log("delivery 1: deferral")
    assert "delivery 1: deferral: later/" in send.log()
    assert abs(queue_file(box, "info", number).stat().st_mtime - time.time()) < 60
    send.wait_log("status")
    stopped(send)
    assert queue_file(box, "remote", number).stat().st_mtime < time.time() + 500


def test_file_times_far_ahead_are_cut(box):
    """If the clock is set back, mail must not wait long."""
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], age=100)
    path = queue_file(box, "remote", number)
    later = time.time() + 10_000_000
    os.utime(path, (later, later))
    send = Solo(box)
    send.wait_log("status")
    assert not send.pending(0.1)
    stopped(send)
    assert path.stat().st_mtime <= time.time() + 32000


def test_birth_in_the_future_counts_as_now(box):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"])
    later = time.time() + 86400
    os.utime(queue_file(box, "info", number), (later, later))
    send = Solo(box)
    send.answer(send.next("remote"), b"Zlater\n")
    send.wait_log("deferral")
    send.wait_log("status")
    stopped(send)
    assert abs(queue_file(box, "remote", number).stat().st_mtime - time.time() - 400) < 5


def test_utime_trouble(box):
    number = box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], age=100)
    send = Solo(box)
    send.answer(send.next("remote"), b"Zlater\n")
    send.wait_log("deferral")
    send.wait_log("status")
    os.chmod(queue_file(box, "remote", number).parent, 0)
    log = stopped(send)
    assert log[-2:] == ["warning: unable to utime remote/S/M1; message will be retried too soon", "status: exiting"]


# --- Signals and processes ---

def test_hup_without_virtualdomains_keeps_the_old_ones(box):
    box.control("virtualdomains", "v.example:old\n")
    send = Solo(box)
    send.wait_log("status")
    os.chmod(box.path("control/virtualdomains"), 0o600)
    send.signal("HUP")
    send.wait_log("alert: unable to reread control/virtualdomains")
    box.inject(MESSAGE, "s@a.example", ["u@v.example"])
    assert send.next("local").recipient == b"old-u@v.example"


def test_hup_while_the_home_is_closed(box):
    """No file is read again, and the line says why."""
    box.control("locals", "l.example\n")
    send = Solo(box, clean=lambda command: b"+")
    send.wait_log("status")
    os.chmod(box.path("."), 0o700)
    box.control("locals", "other.example\n")
    send.signal("HUP")
    send.wait_log("alert: unable to reread controls: unable to switch to home directory")
    os.chmod(box.path("."), 0o755)
    box.inject(MESSAGE, "s@a.example", ["u@l.example"])
    assert send.next("local").recipient == b"u@l.example"


def test_it_stays_one_process(box):
    """Scripts find it by pidof."""
    send = Solo(box)
    for _ in range(5):
        box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    send.take(5)
    settled(box)
    names = [path.read_text().strip() for path in Path("/proc").glob("[0-9]*/comm")]
    assert names.count("qmail-send") == 1


def test_signals_by_the_dozen(box):
    send = Solo(box)
    send.wait_log("status")
    box.plant_message(MESSAGE, "s@a.example", remote=["r@x.example"], age=100)
    for _ in range(50):
        os.kill(send.pid, signal.SIGALRM)
        os.kill(send.pid, signal.SIGHUP)
    box.inject(MESSAGE, "s@a.example", ["q@x.example"])
    assert send.next("remote").recipient == b"q@x.example"
    send.signal("TERM")
    send.signal("TERM")
    for order in send.pending(0.1):
        send.answer(order, b"Kyes\n")
    send.close("remote")
    assert send.end() == 0


def test_term_does_not_lose_a_report_in_pieces(box):
    send = Solo(box)
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    order = send.next("remote")
    send.report("remote", bytes([order.slot]) + b"Kye")
    send.signal("TERM")
    time.sleep(0.1)
    send.report("remote", b"s\n\0")
    assert send.end() == 0
    assert "delivery 1: success: yes/" in send.log()


# --- Bounces ---

def test_many_failures_come_in_one_bounce_in_order(box):
    recipients = [f"r{number}@x.example" for number in range(20)]
    box.inject(MESSAGE, "s@a.example", recipients)
    box.capture_queue()
    send = Solo(box)
    orders = send.take(20)
    send.report("remote", b"".join(bytes([order.slot]) + b"Dno " + order.recipient + b"\n\0" for order in orders))
    send.wait_log("end msg")
    text = box.captured()[0][0].decode()
    places = [text.index(f"<{recipient}>:\nno {recipient}\n\n") for recipient in recipients]
    assert places == sorted(places)


def test_an_empty_line_in_a_report_does_not_end_the_paragraph(box):
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dfirst\n\nsecond\n")
    send.wait_log("end msg")
    assert b"<r@x.example>:\nfirst\n/second\n\n---" in box.captured()[0][0]
    assert "delivery 1: failure: first//second/" in send.log()


def test_a_large_message_bounces_whole(box):
    body = MESSAGE + b"0123456789abcde\n" * 200_000
    box.inject(body, "s@a.example", ["r@x.example"])
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dno\n")
    send.wait_log("end msg")
    assert box.captured()[0][0].endswith(body)


@pytest.mark.parametrize("sender, bounced", [(b"-@[]", True), (b"#@[]-@[]", False)])
def test_bounces_of_bare_verp_senders(box, sender, bounced):
    """Without its end the first would be the null sender, the second the sender of double bounces."""
    box.inject(MESSAGE, sender, ["r@x.example"])
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dno\n")
    send.wait_log("end msg")
    assert bool(box.captured()) == bounced
    if bounced:
        ((text, envelope_sender, recipients),) = box.captured()
        assert (envelope_sender, recipients) == (b"#@[]", [b"postmaster@host.example.org"])
        assert b"bounce bounced!" in text


def test_line_feeds_in_reports(box):
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dtwo\n\n\nthree")
    send.wait_log("end msg")
    assert b"<r@x.example>:\ntwo\n//three\n\n---" in box.captured()[0][0]


# --- Bounces beside other work ---

HOLD = "while [ ! -e /tmp/go ]; do sleep 0.02; done"


def fail(box, send, sender="s@a.example"):
    """A message that bounces."""
    box.inject(MESSAGE, sender, ["r@x.example"])
    send.answer(send.next("remote"), b"Dno\n")


def delivers(box, send):
    """Another message comes and goes."""
    before = sum(line.startswith("end msg") for line in send.log())
    box.inject(MESSAGE, "s@a.example", [LOCAL])
    send.answer(send.next("local"), b"Kyes\n")
    until(lambda: sum(line.startswith("end msg") for line in send.log()) > before, 8, "another message's end")


def held_queue(box):
    """qmail-send, with a queue program for bounces that waits until release()."""
    Path("/tmp/go").unlink(missing_ok=True)
    box.capture_queue(before=HOLD)
    return Solo(box)


def release():
    Path("/tmp/go").touch()


def test_a_queue_program_that_hangs_holds_no_other_mail(box):
    held = held_queue(box)
    fail(box, held)
    for _ in range(3):
        delivers(box, held)
    assert not any(line.startswith("bounce msg") for line in held.log())
    release()
    held.wait_log("bounce msg")
    held.wait_log("end msg")
    assert len(box.captured()) == 1
    assert stopped(held)[-1] == "status: exiting"
    assert not box.queue_tree()


def test_more_bounces_than_run_at_a_time(box):
    held = held_queue(box)
    for number in range(11):
        fail(box, held, f"s{number}@a.example")
    delivers(box, held)
    release()
    until(lambda: sum(line.startswith("bounce msg") for line in held.log()) == 11, 8, "eleven bounces")
    until(lambda: not box.queue_tree(), 8, "an empty queue")
    assert {text[2][0] for text in box.captured()} == {f"s{number}@a.example".encode() for number in range(11)}
    assert not box.queue_tree()


def test_a_large_bounce_waits_for_its_reader_alone(box):
    held = held_queue(box)
    body = MESSAGE + b"0123456789abcde\n" * 200_000
    box.inject(body, "s@a.example", ["r@x.example"])
    held.answer(held.next("remote"), b"Dno\n")
    delivers(box, held)
    release()
    held.wait_log("bounce msg")
    assert box.captured()[0][0].endswith(body)


def test_a_queue_program_may_say_more_than_a_pipe_holds(box):
    box.capture_queue(before="head -c 300000 /dev/zero >&4")
    send = Solo(box)
    fail(box, send)
    send.wait_log("bounce msg")


def test_term_lets_a_bounce_under_way_finish(box):
    held = held_queue(box)
    fail(box, held)
    delivers(box, held)
    held.signal("TERM")
    time.sleep(0.3)
    assert "status: exiting" not in held.log()
    release()
    assert held.end() == 0
    log = held.log()
    assert [line.split(" qp")[0] for line in log[-3:]] == ["bounce msg M1", "end msg M1", "status: exiting"]
    assert not box.queue_tree()


def test_a_crash_during_a_bounce_repeats_it(box):
    held = held_queue(box)
    fail(box, held)
    delivers(box, held)
    held.kill()
    assert os.listdir(box.path("queue/bounce"))
    again = Solo(box)
    release()
    again.wait_log("bounce msg")
    again.wait_log("end msg")
    assert not box.queue_tree()


def test_a_queue_program_that_is_killed_is_tried_again_later(box):
    held = held_queue(box)
    fail(box, held)
    delivers(box, held)
    children = Path(f"/proc/{held.pid}/task/{held.pid}/children").read_text().split()
    os.kill(int(children[-1]), signal.SIGKILL)
    held.wait_log("warning: trouble injecting bounce message, will try later")
    assert os.listdir(box.path("queue/bounce"))
