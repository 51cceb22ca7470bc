"""What is measured. A workload is a function of a Run and its parameters; it returns numbers by name, all of which reports show."""

import os
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import drivers
from arena import wait
from systems import LOCAL, SYSTEMS, answers

REMOTE = "user@d1.test"


@dataclass
class Workload:
    what: str
    run: object
    metric: str  # the number that is compared
    unit: str
    more_is_better: bool = True
    parameters: dict = field(default_factory=dict)


class Run:
    """A mail system in its arena, and the drivers."""

    def __init__(self, arena, kind, root, settings, postfix):
        self.arena = arena
        self.system = SYSTEMS[kind](arena, root, settings)
        self.drivers = drivers.PostfixDrivers(arena, Path(postfix))

    def start(self):
        self.system.start()
        wait(answers, 120)
        time.sleep(0.3)

    def until_delivered(self, count, step=0.01):
        return wait(lambda: self.arena.delivered() >= count, what=f"{count} messages in the maildir", step=step)


def to_maildir(run, count, sessions, reuse):
    run.start()
    began, accepted = run.drivers.source(count, sessions, LOCAL, reuse)
    done = run.until_delivered(count)
    return {"accepted/s": count / (accepted - began), "delivered/s": count / (done - began)}


def to_sink(run, count, sessions):
    run.start()
    sink = run.drivers.sink(count)
    began, accepted = run.drivers.source(count, sessions, REMOTE, reuse=True)
    run.arena.finish(sink)
    return {"accepted/s": count / (accepted - began), "delivered/s": count / (time.monotonic() - began)}


def many_recipients(run, count, domains):
    run.start()
    sink = run.drivers.sink()
    session = drivers.Session()
    window = 100 if b"PIPELINING" in session.say(b"EHLO client.example") else 1
    began = time.monotonic()
    session.message([f"u{number}@d{number % domains + 1}.test" for number in range(count)], window)
    accepted = time.monotonic()
    session.quit()
    done = wait(lambda: run.system.queued() == 0, 600, 0.03)
    run.arena.stop(sink)
    return {"accepted s": accepted - began, "recipients/s": count / (done - began)}


def submitted(run, count, parallel):
    run.start()
    message = run.arena.box.file("/mnt/message", f"From: {drivers.SENDER}\nTo: {LOCAL}\nSubject: x\n\n" + ("x" * 70 + "\n") * 56)
    each = count // parallel
    command = f"n=0; while [ $n -lt {each} ]; do {' '.join(run.system.sendmail)} {LOCAL} <{message} || exit; n=$((n + 1)); done"
    began = time.monotonic()
    shells = [run.arena.spawn(["/bin/sh", "-c", command], "sendmail") for _ in range(parallel)]
    mine = run.arena.drivers
    for shell in shells:
        run.arena.finish(shell)
    run.arena.drivers = mine  # sendmail belongs to the mail system
    accepted = time.monotonic()
    done = run.until_delivered(each * parallel)
    return {"submitted/s": each * parallel / (accepted - began), "delivered/s": each * parallel / (done - began)}


def long_queue(run, count, more):
    system = run.system
    system.hold()
    run.start()
    began, accepted = run.drivers.source(count, 20, REMOTE, reuse=True)
    wait(system.held, 900, 0.2)
    time.sleep(1)
    system.stop()
    system.keep()
    waiting = system.queued()
    began_again = time.monotonic()
    system.start()
    wait(answers, 300, 0.005)
    run.drivers.source(1, 1, LOCAL)
    ready = run.until_delivered(1, 0.005) - began_again
    began_more, _ = run.drivers.source(more, 10, LOCAL)
    done = run.until_delivered(more + 1)
    return {"ready s": ready, "waiting": waiting, "filled/s": count / (accepted - began), "then delivered/s": more / (done - began_more),
            "MiB": memory()}


def memory():
    """The proportional part of the memory of all processes of the namespace but this one, in MiB."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            if "smtp-s" not in (process / "comm").read_text():
                found = re.search(r"^Pss: +(\d+)", (process / "smaps_rollup").read_text(), re.M)
                total += int(found.group(1)) if found else 0
        except OSError:
            continue  # it has ended
    return total / 1024


def idle_sessions(run, count):
    run.start()
    time.sleep(1)
    before = memory()
    sessions = []
    for _ in range(count):
        session = drivers.Session()
        session.say(b"EHLO client.example")
        sessions.append(session)
    time.sleep(1)
    with_sessions = memory()
    return {"MiB": with_sessions, "MiB without sessions": before, "KiB a session": (with_sessions - before) * 1024 / count}


def latency(run, count):
    run.start()
    found = []
    for number in range(count + 5):  # the first five find caches cold
        began, _, session = drivers.one_message(LOCAL)
        done = run.until_delivered(number + 1, 0.0004)
        session.close()
        if number >= 5:
            found.append((done - began) * 1000)
        time.sleep(0.005)
    return {"ms": statistics.median(found), "95 % ms": sorted(found)[int(len(found) * 0.95)]}


def with_tls(run, count, parallel, resume):
    run.start()
    began = time.monotonic()
    clients = [drivers.tls_client(count // parallel, resume, LOCAL) for _ in range(parallel)]
    for client in clients:
        _, status, spent = os.wait4(client, 0)
        run.arena.drivers += spent.ru_utime + spent.ru_stime
        if status:
            sys.exit("a client with TLS failed")
    seconds = time.monotonic() - began
    run.until_delivered(count // parallel * parallel)
    return {"connections/s": count // parallel * parallel / seconds}


def system_calls(run, count, recipient):
    """One message after the other, each delivered before the next one is sent: the number hardly depends on the machine and its load."""
    wrappers = [["strace", "-f", "-q", "-o", f"/mnt/trace.{part}"] for part in range(2)]
    run.system.start(wrappers)
    wait(answers, 120)
    warm_up = 5
    sink = run.drivers.sink()
    offsets = {}
    for number in range(1, count + warm_up + 1):
        run.drivers.source(1, 1, recipient)
        if recipient == LOCAL:
            run.until_delivered(number)
        wait(lambda: run.system.queued() == 0)
        if number == warm_up:
            time.sleep(0.3)
            offsets = {path: path.stat().st_size for path in Path("/mnt").glob("trace.*")}
    time.sleep(0.3)
    calls = {}
    for path, offset in offsets.items():
        with open(path, "rb") as trace:
            trace.seek(offset)
            for line in trace:
                if found := re.match(rb"\d+ +(\w+)\(", line):
                    name = found.group(1).decode()
                    calls[name] = calls.get(name, 0) + 1
    run.arena.stop(sink)

    def each(*names):
        return sum(calls.get(name, 0) for name in names) / count

    return {"calls": sum(calls.values()) / count, "forks": each("clone", "clone3", "fork", "vfork"), "execs": each("execve"),
            "syncs": each("fsync", "fdatasync", "sync_file_range"), "opens": each("open", "openat", "creat")}


def _maildir(what, count, sessions, reuse=False):
    return Workload(what, to_maildir, "delivered/s", "messages/s", True, {"count": count, "sessions": sessions, "reuse": reuse})


WORKLOADS = {
    "W1s1": _maildir("SMTP to a maildir, a connection for each message, one at a time", 600, 1),
    "W1s10": _maildir("SMTP to a maildir, a connection for each message, ten at a time", 1500, 10),
    "W1s50": _maildir("SMTP to a maildir, a connection for each message, fifty at a time", 1500, 50),
    "W1d10": _maildir("SMTP to a maildir, ten connections with many messages each", 1500, 10, True),
    "W2": Workload("SMTP in, SMTP out to one server", to_sink, "delivered/s", "messages/s", True, {"count": 1500, "sessions": 20}),
    "W3d1": Workload("one message to many recipients of one domain", many_recipients, "recipients/s", "recipients/s", True,
                     {"count": 5000, "domains": 1}),
    "W3d50": Workload("one message to many recipients of 50 domains", many_recipients, "recipients/s", "recipients/s", True,
                      {"count": 5000, "domains": 50}),
    "W4p1": Workload("the command sendmail, one at a time", submitted, "submitted/s", "messages/s", True, {"count": 1000, "parallel": 1}),
    "W4p10": Workload("the command sendmail, ten at a time", submitted, "submitted/s", "messages/s", True, {"count": 2000, "parallel": 10}),
    "W5": Workload("from the start with many waiting messages until a new one is delivered", long_queue, "ready s", "s", False,
                   {"count": 20000, "more": 500}),
    "W6": Workload("memory of the whole system with idle sessions", idle_sessions, "MiB", "MiB", False, {"count": 200}),
    "W7": Workload("from the connection of a single message to its file in the maildir", latency, "ms", "ms", False, {"count": 200}),
    "W8": Workload("connections with STARTTLS, full handshakes, a message each", with_tls, "connections/s", "connections/s", True,
                   {"count": 300, "parallel": 4, "resume": False}),
    "W8r": Workload("connections with STARTTLS, resumed sessions, a message each", with_tls, "connections/s", "connections/s", True, {"count": 300, "parallel": 4, "resume": True}),
    "SYS1": Workload("system calls of a message from SMTP to a maildir", system_calls, "calls", "calls", False, {"count": 20, "recipient": LOCAL}),
    "SYS2": Workload("system calls of a message from SMTP to SMTP", system_calls, "calls", "calls", False, {"count": 20, "recipient": REMOTE}),
}
