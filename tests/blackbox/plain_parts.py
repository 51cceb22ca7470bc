#!/usr/bin/python3
"""A sender and two spawners as plain as can be, by the manual pages: plain_parts.py qmail-send | qmail-lspawn [DEFAULT] | qmail-rspawn.

They stand for the parts of another qmail in a queue that ours share. Each order is carried out by an executed program, one after the
other; the sender knows nothing of bounces, schedules and HUP, and asks for a deferred recipient again at once.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HOME = Path("/var/qmail")
QUEUE = HOME / "queue"
LOCAL_DOMAIN = b"@host.example.org"
GRADES = {0: b"K", 100: b"D", 111: b"Z"}
REMOTE_GRADES = {b"r": b"K", b"h": b"D", b"s": b"Z"}
LOGGER, CLEAN = 0, (5, 6)
SPAWNERS = {"local": (1, 2), "remote": (3, 4)}


def read_text(fd):
    """Up to a NUL; whoever has nothing more to say lets this process end."""
    text = b""
    while not text.endswith(b"\0"):
        byte = os.read(fd, 1)
        if not byte:
            sys.exit()
        text += byte
    return text[:-1]


def deliver_locally(message, sender, recipient, default):
    local, _, domain = recipient.rpartition(b"@")
    found = subprocess.run([HOME / "bin/qmail-getpw", local], stdout=subprocess.PIPE, check=True).stdout
    user, uid, gid, home, dash, extension = found.split(b"\0")[:6]
    ended = subprocess.run(["qmail-local", "--", user, home, local, dash, extension, domain, sender, default], executable=HOME / "bin/qmail-local",
                           stdin=message, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, user=int(uid), group=int(gid), extra_groups=[])
    return GRADES.get(ended.returncode, b"Z") + ended.stdout


def deliver_remotely(message, sender, recipient):
    host = recipient.rpartition(b"@")[2]
    ended = subprocess.run(["qmail-remote", host, sender, recipient], executable=HOME / "bin/qmail-remote", stdin=message, stdout=subprocess.PIPE)
    reports = ended.stdout.split(b"\0")
    mark = REMOTE_GRADES.get(reports[0][:1])
    return b"".join([mark or reports[0][:1]] + [report[1:] for report in reports])


def spawner(deliver):
    os.write(1, bytes([10]))
    while True:
        slot = os.read(0, 1)
        if not slot:
            return
        name, sender, recipient = (read_text(0) for _ in range(3))
        with open(QUEUE / "mess" / os.fsdecode(name), "rb") as message:
            os.write(1, slot + deliver(message, sender, recipient).replace(b"\0", b"") + b"\0")


def place(kind, number):
    return QUEUE / kind / str(number % 23) / str(number)


def clean(what):
    os.write(CLEAN[0], what.encode() + b"\0")
    if os.read(CLEAN[1], 1) != b"+":
        sys.exit(f"qmail-clean does not like {what}")


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
        os.fsync(file.fileno())


def take_in(number):
    """From todo/ to info/, local/ and remote/. What is left there of an earlier try is not looked at."""
    lists = {"local": b"", "remote": b""}
    for kind in ("info", *lists):
        place(kind, number).unlink(missing_ok=True)
    for record in (QUEUE / "todo" / str(number)).read_bytes().split(b"\0"):
        if record.startswith(b"T"):
            lists["local" if record.endswith(LOCAL_DOMAIN) else "remote"] += record + b"\0"
        elif record.startswith(b"F"):
            write(place("info", number), record + b"\0")
    for kind, content in lists.items():
        if content:
            write(place(kind, number), content)
    clean(f"todo/{number}")


def ask(kind, number, sender, recipient):
    orders, reports = SPAWNERS[kind]
    os.write(orders, b"\1" + os.fsencode(f"{number % 23}/{number}") + b"\0" + sender + b"\0" + recipient + b"\0")
    return read_text(reports)[1:]


def work_on(number):
    """One order for each recipient that is not done."""
    sender = place("info", number).read_bytes()[1:-1]
    is_done = True
    for kind in SPAWNERS:
        path = place(kind, number)
        offset = 0
        records = path.read_bytes().split(b"\0")[:-1] if path.exists() else []
        for record in records:
            if record.startswith(b"T"):
                report = ask(kind, number, sender, record[1:])
                os.write(LOGGER, b"plain " + kind.encode() + b" " + record[1:] + b" " + report + b"\n")
                if report[:1] in b"KD":
                    with open(path, "r+b") as file:
                        file.seek(offset)
                        file.write(b"D")
                else:
                    is_done = False
            offset += len(record) + 1
    if is_done:
        for kind in (*SPAWNERS, "info"):
            place(kind, number).unlink(missing_ok=True)
        clean(f"foop/{number}")


def send():
    for _, reports in SPAWNERS.values():
        os.read(reports, 1)
    while True:
        for name in os.listdir(QUEUE / "todo"):
            take_in(int(name))
        for path in QUEUE.glob("info/*/*"):
            work_on(int(path.name))
        time.sleep(0.02)


if __name__ == "__main__":
    if sys.argv[1] == "qmail-lspawn":
        spawner(lambda message, sender, recipient: deliver_locally(message, sender, recipient, sys.argv[2]))
    elif sys.argv[1] == "qmail-rspawn":
        spawner(deliver_remotely)
    else:
        send()
