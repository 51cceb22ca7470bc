"""Deliveries by a worker of qmail-rspawn: they must be what those of an executed qmail-remote are, in each thing that can be seen."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from conformlib import CLOSE
from conformlib.process import until
from test_local_children import seen_of
from test_remote_shares import Sessions, Spawner, accepted
from test_remote_tls import any_context, offers, tls
from test_spawners import known_remote, replace

IP = "192.0.2.1"
TO = f"r@[{IP}]".encode()
OTHER = "192.0.2.2"
EXECUTED = {"QMAILREMOTE": "bin/qmail-remote"}


def exe_of(pid):
    return os.path.basename(os.readlink(f"/proc/{pid}/exe"))


def to(ip):
    return f"r@[{ip}]".encode()


def deliver(spawner, slot=1, recipient=TO):
    spawner.order(slot, recipient)
    number, text = spawner.report()
    assert number == slot
    return text


def look(box, env, control, ip):
    for name, text in control.items():
        box.control(name, text)
    held = Sessions()
    box.smtp_server({"GREETING": (held, CLOSE)}, ip=ip)
    spawner = Spawner(box, env | {"SOME": "thing"})
    spawner.order(1, to(ip))
    held.wait_for(1)
    (pid,) = spawner.deliveries()
    seen = seen_of(pid)
    # What qmail-rspawn has set itself is not in the part of its memory that /proc shows.
    seen["environment"] = [one for one in seen["environment"] if not one.startswith((b"QMAILREMOTE=", b"QMAILREMOTEFILE=", b"QMAILREMOTESLOTS="))]
    seen["status"] = [line for line in seen["status"] if not line.startswith("State:")]
    exe = exe_of(pid)
    held.release()
    slot, text = spawner.report()
    return exe, seen, (slot, text.replace(ip.encode(), b"IP"))


@pytest.mark.parametrize("control", [{}, {"concurrencyremoteip": "0\n"}])
def test_a_worker_is_what_the_executed_program_is(box, control):
    executed, forked = look(box, EXECUTED, control, IP), look(box, {}, control, OTHER)
    assert (executed[0], forked[0]) == ("qmail-remote", "qmail-rspawn")
    files = executed[1].pop("files"), forked[1].pop("files")
    assert forked[1] == executed[1] and forked[2] == executed[2]
    # The worker has its orders where the executed program has the message, and the message elsewhere.
    assert files[1].pop("0")[0].startswith("socket:")
    for name in ("1", "2") if control else ("1", "2", "3"):
        assert files[1][name] == files[0][name]
    assert ("memfd" in files[0]["3"][0]) == (not control)
    assert sorted(files[1].values(), key=str) == sorted(files[0].values(), key=str)
    assert forked[1]["name"] == "qmail-remote\n" and b"SOME=thing" in forked[1]["environment"]


def test_one_process_makes_one_delivery_after_the_other(box):
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    workers = spawner.deliveries()
    for slot in (2, 2, 3):
        assert deliver(spawner, slot) == accepted(IP)
    assert spawner.deliveries() == workers and len(workers) == 1
    assert len(server.connections) == 4
    assert server.connections[0] == server.connections[3]


def test_deliveries_at_a_time_have_a_process_each(box):
    held = Sessions()
    box.smtp_server({"GREETING": (held, CLOSE)}, ip=IP)
    fine = box.smtp_server(ip=OTHER)
    spawner = Spawner(box)
    for slot in range(5):
        spawner.order(slot, TO)
    held.wait_for(5)
    assert deliver(spawner, 7, to(OTHER)) == accepted(OTHER)
    assert len(spawner.deliveries()) == 6 and len(fine.connections) == 1
    held.release()
    assert sorted(spawner.report()[0] for _ in range(5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_is_a_crashed_program(box, number):
    texts = []
    for env, ip in ((EXECUTED, IP), ({}, OTHER)):
        held = Sessions()
        box.smtp_server({"GREETING": (held, CLOSE)}, ip=ip)
        spawner = Spawner(box, env)
        spawner.order(1, to(ip))
        held.wait_for(1)
        (pid,) = spawner.deliveries()
        os.kill(pid, number)
        texts.append(spawner.report())
        held.release()
    assert texts[0] == texts[1] == (1, b"Zqmail-remote crashed.\n")
    # The next delivery gets another process.
    box.smtp_server(ip="192.0.2.3")
    assert deliver(spawner, recipient=to("192.0.2.3")) == accepted("192.0.2.3")


SCRIPTS = [{"RCPT": "550 no"}, {"RCPT": "450 later"}, {"DATA": "554 no"}, {"DOT": "451 later"}, {"GREETING": "554 no"}, {"MAIL": "421 bye"},
           {"DOT": "250 " + "x" * 5000}, {"RCPT": "550-" + "y" * 3000 + "\r\n550 z"}, {"MAIL": CLOSE}]


def test_reports_are_the_same(box):
    executed, forked = Spawner(box, EXECUTED), Spawner(box)
    for number, script in enumerate(SCRIPTS):
        ip = f"192.0.2.{10 + number}"
        server = box.smtp_server(script, ip=ip)
        texts = [deliver(spawner, recipient=to(ip)) for spawner in (executed, forked, forked)]
        assert texts[0] == texts[1] == texts[2] and texts[0][:1] in b"KZD"
        assert server.connections[0] == server.connections[1]


def test_control_files_are_read_for_each_delivery(box):
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    for name in ("one.example", "two.example"):
        box.control("helohost", f"{name}\n")
        deliver(spawner)
        assert f"C: EHLO {name}\r\n".encode() in server.connections[-1]
    box.control("smtproutes", ":192.0.2.9\n")
    assert b"192.0.2.9" not in deliver(spawner) and len(server.connections) == 2


def test_what_the_sender_wants_is_for_its_message_alone(box):
    box.control("dsn", "1\n")
    server = box.smtp_server({"EHLO": "250-x\r\n250 DSN"}, ip=IP)
    spawner = Spawner(box)
    wishes = box.path("queue/mess/0/230.dsn")
    for text in (b"RET=HDRS\n", None):
        if text:
            wishes.write_bytes(text)
            os.chown(wishes, *[getattr(os.stat(box.path("queue/mess/0/230")), what) for what in ("st_uid", "st_gid")])
        else:
            wishes.unlink()
        deliver(spawner)
    said = [[line for line in log if line.startswith(b"C: MAIL")] for log in server.connections]
    assert said == [[b"C: MAIL FROM:<s@a.example> RET=HDRS\r\n"], [b"C: MAIL FROM:<s@a.example>\r\n"]]


def test_tls_is_spoken_by_the_executed_program(box):
    server = box.smtp_server({"EHLO": offers(), "STARTTLS": ("220 go", tls(any_context()))}, ip=IP)
    texts = []
    for env in (EXECUTED, {}):
        spawner = Spawner(box, env)
        texts += [deliver(spawner), deliver(spawner, 2)]
    assert len(set(texts)) == 1 and texts[0].startswith(b"K")
    assert len(server.connections) == 4


def test_another_program_is_executed(box):
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    (worker,) = spawner.deliveries()
    replace(box, "qmail-remote", "#!/bin/sh\nprintf 'r\\0Kreplaced %s\\n\\0' \"$1\"\n")
    assert deliver(spawner) == f"Kreplaced [{IP}]\n".encode()
    # The worker knows that it is not needed any more.
    until(lambda: worker not in spawner.deliveries(), 5, "the end of the worker")
    assert len(server.connections) == 1


def delivering(box, spawner):
    """The program of the process that makes a delivery."""
    held = Sessions()
    box.smtp_server({"GREETING": (held, CLOSE)}, ip=IP)
    spawner.order(1, TO)
    held.wait_for(1)
    (pid,) = spawner.deliveries()
    found = exe_of(pid)
    held.release()
    return found


@pytest.mark.parametrize("mode, program", [(0o711, "qmail-remote"), (0o4755, "qmail-remote"), (0o755, "qmail-rspawn")])
def test_a_program_that_may_be_another_is_executed(box, mode, program):
    """qmail-rspawn does not know a file that is new, unless it can read it."""
    spawner = Spawner(box)
    replace(box, "qmail-remote", box.path(box.program("qmail-remote")).read_bytes(), mode=mode)
    assert delivering(box, spawner) == program


@pytest.mark.parametrize("known", ["", "1 2 3 4 5 0.0.1", None])
def test_without_the_word_of_qmail_start_the_program_is_executed(box, known):
    """Its file has the mode of netqmail's, so qmailr cannot read it."""
    assert os.stat(box.program("qmail-remote")).st_mode & 0o7777 == 0o711
    value = known_remote(box)["QMAILREMOTEFILE"] + "1" if known is None else known
    assert delivering(box, Spawner(box, {"QMAILREMOTEFILE": value})) == "qmail-remote"


def test_qmail_start_says_which_file_it_is(box):
    held = Sessions()
    box.smtp_server({"GREETING": (held, CLOSE)}, ip=IP)
    qmail = box.start_qmail()
    for count, programs in enumerate((["qmail-rspawn"], ["qmail-remote", "qmail-rspawn"]), 1):
        box.inject(b"Subject: x\n\nhi\n", "a@host.example.org", [f"r@[{IP}]"])
        held.wait_for(count)
        names = [exe_of(path.parent.name) for path in Path("/proc").glob("[0-9]*/comm") if path.read_text() == "qmail-remote\n"]
        assert sorted(names) == programs
        if count == 1:
            replace(box, "qmail-remote", box.path(box.program("qmail-remote")).read_bytes(), mode=0o711)
    held.release()
    qmail.stop()


@pytest.mark.limit(60)
def test_a_worker_without_work_ends(box):
    box.smtp_server(ip=IP)
    spawner = Spawner(box)
    deliver(spawner)
    begun = time.monotonic()
    until(lambda: not spawner.deliveries(), 15, "the end of the worker")
    assert time.monotonic() - begun > 8
    assert deliver(spawner) == accepted(IP)


def test_workers_end_with_qmail_rspawn(box):
    box.smtp_server(ip=IP)
    spawner = Spawner(box)
    deliver(spawner)
    (worker,) = spawner.deliveries()
    spawner._child.stdin.close()
    assert spawner._child.wait(5) == 0
    until(lambda: not Path(f"/proc/{worker}").exists() or "Z (zombie)" in Path(f"/proc/{worker}/status").read_text(), 5, "the end of the worker")


def test_a_worker_ends_after_a_temporary_failure(box):
    spawner = Spawner(box)
    assert deliver(spawner).startswith(b"Z")
    until(lambda: not spawner.deliveries(), 5, "the end of the worker")


def test_memory_cannot_be_read(box):
    held = Sessions()
    box.smtp_server({"GREETING": (held, CLOSE)}, ip=IP)
    spawner = Spawner(box)
    spawner.order(1, TO)
    held.wait_for(1)
    (pid,) = spawner.deliveries()
    assert os.stat(f"/proc/{pid}/environ").st_uid == 0
    assert re.search(r"^Max core file size\s+0\s+0", Path(f"/proc/{pid}/limits").read_text(), re.M)
    held.release()
