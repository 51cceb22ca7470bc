#!/usr/bin/python3
"""How mail systems live with a long queue: waiting.py [--count N] [--work DIR] [--peer postfix=postfix:DIR]... [HOME]

Makes N messages that wait for another host, and whose next try is an hour away, in an ext4 image for each system, and starts each three
times: with an empty queue, with the long one and nothing of it in memory (cold), and again (warm). Each time local mail is sent, one
message after the other, until the queue has been gone through, and 100 messages more. Printed for each start:

  ready s      from the start of the processes until the first new message is delivered
  scanned s    until the queue manager (qmail-send, qmgr) has used no processor time for a second but for new mail, less that second
  CPU s        its processor time until then
  during ms    time from SMTP to the maildir while it went through the queue: the median, and the longest
  after ms     the same for the messages after that
  memory       of its own (anonymous pages) in bytes

HOME is an installed home, without it the built checkout is installed in a private place. A peer is NAME=KIND:DIR as for bench.py, of the
kinds qmail and postfix; DIR is a home, or where Postfix's package is unpacked. Needs root, mkfs.ext4 and loop devices. A million messages
take 3 GB below --work for each system, and some minutes.
"""

import argparse
import os
import pwd
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import drivers
import packages
import postfix_peer
from arena import Arena, apart, end, wait
from conformlib.queue import SPLIT, make_queue
from systems import LOCAL, answers
from workloads import REMOTE, Run

FIRST = 10**12  # no file of the image has so high an inode number, so no new message gets one of these numbers
HOUR = 3600
SENDING = 0.1  # seconds between two messages
STEP = 0.02  # seconds between two looks at the processor time, and for what a message makes the queue manager do
BUSY = 0.0003  # seconds of processor time in a step that are more than chance


class QmailQueue:
    """Messages as an earlier qmail-send leaves them. Nobody reads their text, so mess/N is another name of info/N."""

    manager, place, files = "qmail-send", Path("/var/qmail/queue"), 2

    def prepare(self, run, new):
        make_queue(new)

    def fill(self, count):
        owner, next_try = pwd.getpwnam("qmails"), time.time() + HOUR
        for number in range(FIRST, FIRST + count):
            at = f"{number % SPLIT}/{number}"
            for kind, text in (("info", b"Fsender@host.example.org\0"), ("remote", f"T{REMOTE}".encode() + b"\0")):
                put(f"{self.place}/{kind}/{at}", text, 0o600, owner)
            os.utime(f"{self.place}/remote/{at}", (next_try, next_try))
            os.link(f"{self.place}/info/{at}", f"{self.place}/mess/{at}")


class PostfixQueue:
    """Deferred messages. qmgr(8) reads none before its time, which is that of the file."""

    manager, place, files = "qmgr", postfix_peer.HOME / "queue", 1

    def prepare(self, run, new):
        if not self.place.exists():
            run.system.prepare()
        if not new.exists():
            subprocess.run(["cp", "-a", self.place, new], check=True)

    def fill(self, count):
        owner, next_try = pwd.getpwnam("postfix"), time.time() + HOUR
        for first in "0123456789ABCDEF":  # by which names are spread over subdirectories
            path = self.place / "deferred" / first
            path.mkdir(mode=0o700)
            os.chown(path, owner.pw_uid, owner.pw_gid)
        for number in range(count):
            # Microseconds, with which a name begins, and an inode number.
            name = f"{number * 7919 % 1000000:05X}{0xFFFF0000 + number:X}"
            path = f"{self.place}/deferred/{name[0]}/{name}"
            put(path, b"deferred\n", 0o700, owner)
            os.utime(path, (next_try, next_try))


QUEUES = {"qmail": QmailQueue, "postfix": PostfixQueue}


def put(path, text, mode, owner):
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    os.write(file, text)
    os.fchown(file, owner.pw_uid, owner.pw_gid)
    os.close(file)


def make_image(image, files):
    """Blocks of 1 KiB, since a file has few bytes."""
    with open(image, "wb") as file:
        file.truncate((files * 3 // 2 + 200_000) * 1024 + files * 256 + (256 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "1024", "-N", str(files + 20_000), image], check=True)


def mount(image, queue, run):
    """Its queue/, which is made in a new image, is the queue."""
    disk = Path("/mnt/disk")
    disk.mkdir()
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    if isinstance(queue, PostfixQueue) or not (disk / "queue").exists():
        queue.prepare(run, disk / "queue")
    subprocess.run(["mount", "--bind", disk / "queue", queue.place], check=True)


def enter(tree, work, kind, root):
    """In namespaces: a mail system that has not been started, with its queue, and the folder of the images."""
    arena = Arena(tree, roots=[work, *([root] if kind == "postfix" else [])])
    return Run(arena, kind, arena.roots.get(root, root), {}, "/"), QUEUES[kind](), arena.roots[work]


def made(tree, work, kind, root, image, count):
    """In namespaces: fills the image."""
    run, queue, images = enter(tree, work, kind, root)
    make_image(f"{images}/{image}", count * queue.files)
    mount(f"{images}/{image}", queue, run)
    queue.fill(count)
    subprocess.run(["umount", queue.place, "/mnt/disk"], check=True)
    return True


def find(name):
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text() == f"{name}\n":
                return entry
        except OSError:
            continue
    return None


def spent(process):
    """Seconds of all its threads."""
    return sum(int(task.read_text().split()[0]) for task in process.glob("task/*/schedstat")) / 1e9


def own_memory(process):
    return int(re.search(r"^Pss_Anon: +(\d+)", (process / "smaps_rollup").read_text(), re.M)[1]) * 1024


class Mail:
    """Local messages, one after the other."""

    def __init__(self, run):
        self.run, self.count = run, run.arena.delivered()

    def send(self):
        """Milliseconds from the connection to the file in the maildir."""
        began, _, session = drivers.one_message(LOCAL)
        self.count += 1
        done = self.run.until_delivered(self.count, 0.0004)
        session.close()
        return (done - began) * 1000


def while_busy(manager, mail):
    """Sends mail until the queue manager has nothing else to do; returns when that was, its processor time, and what the messages took."""
    took, last_busy = [], time.monotonic()
    while (now := time.monotonic()) - last_busy < 1:
        took.append(mail.send())
        time.sleep(STEP)
        before = spent(manager)
        while time.monotonic() - now < SENDING:
            time.sleep(STEP)
            used, before = spent(manager) - before, spent(manager)
            if used > BUSY:
                last_busy = time.monotonic()
    return last_busy, spent(manager), took


def start(run, queue):
    """Starts everything, sends mail until the queue has been gone through, and returns the numbers."""
    began = time.monotonic()
    run.system.start()
    wait(answers, 300, 0.002)
    mail = Mail(run)
    mail.send()
    ready = time.monotonic() - began
    wait(lambda: find(queue.manager), 60, 0.002)
    manager = find(queue.manager)
    scanned, used, during = while_busy(manager, mail)
    after = [mail.send() for _ in range(100)]
    found = {"ready s": ready, "scanned s": scanned - began, "CPU s": used, "during ms": statistics.median(during), "longest during ms": max(during),
             "after ms": statistics.median(after), "longest after ms": max(after), "memory": own_memory(manager)}
    end(run.system.processes, 3)
    return found


def measured(tree, work, kind, root, image, starts):
    """In namespaces: the numbers of each start with the queue of the image, or with an empty one."""
    run, queue, images = enter(tree, work, kind, root)
    if image:
        mount(f"{images}/{image}", queue, run)
    return [start(run, queue) for _ in range(starts)]


def forget_cached(image):
    """The image was unmounted with its namespace; what is left of it in memory is its file."""
    file = os.open(image, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def compare(home, work, kind, root, name, count):
    """Prints the lines of one system."""
    def starts_of(image, starts):
        return apart(measured, home, work, kind, root, image, starts, limit=3600) or sys.exit("a start failed")

    image = f"image-{name}"
    apart(made, home, work, kind, root, image, count, limit=7200) or sys.exit("could not make the queue")
    forget_cached(Path(work) / image)
    [empty] = starts_of("", 1)
    cold, warm = starts_of(image, 2)
    for state, found in (("empty", empty), ("cold", cold), ("warm", warm)):
        print(f"{name:8} {state:6}" + "".join(f"  {what} {value:.4g}" for what, value in found.items()), flush=True)
    print(f"{name}: bytes for a waiting message:", *(f"{(found['memory'] - empty['memory']) / count:.1f}" for found in (cold, warm)), flush=True)
    (Path(work) / image).unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200_000, help="waiting messages (200000)")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp"), help="a folder on the disk that is measured (/var/tmp)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=KIND:DIR", help="another system")
    parser.add_argument("home", nargs="?", type=Path)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root, for namespaces")
    packages.lacking(["unshare", "mkfs.ext4", "mount"])
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        os.chmod(work, 0o755)
        import conftest
        home = str(options.home.resolve() if options.home else conftest.install(Path(work) / "tree"))
        systems = [("reqmail", "qmail", home)]
        for peer in options.peer:
            name, _, what = peer.partition("=")
            kind, _, place = what.partition(":")
            if kind not in QUEUES or not place:
                sys.exit(f"{peer}: NAME=KIND:DIR, where KIND is {' or '.join(QUEUES)}")
            systems.append((name, kind, str(Path(place).resolve())))
        for name, kind, root in systems:
            compare(root if kind == "qmail" else home, work, kind, root, name, options.count)


if __name__ == "__main__":
    main()
