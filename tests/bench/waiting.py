#!/usr/bin/python3
"""How qmail-send lives with a long queue: waiting.py [--count N] [--work DIR] [HOME]

Makes N messages that wait for another host, all preprocessed, in an ext4 image of its own, and starts qmail three times: with an empty
queue, with the long one and nothing of it in memory (cold), and again (warm). Each time local mail is sent, one message after the other,
until qmail-send has gone through the queue, and 100 messages more. Printed for each start:

  ready s      from the start of the processes until the first new message is delivered
  scanned s    until qmail-send has used no processor time for a second, less that second
  CPU s        its processor time until then
  during ms    time from SMTP to the maildir while it went through the queue: the median, and the longest
  after ms     the same for the messages after that
  memory       of its own (anonymous pages) in bytes

Needs root, mkfs.ext4, loop devices, and Postfix's smtp-source; HOME is an installed home, without it the built checkout is installed in a
private place. A million messages take 3 GB below --work and some minutes.
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
from arena import Arena, apart, end, wait
from conformlib.queue import SPLIT, make_queue
from systems import LOCAL, answers
from workloads import REMOTE, Run

QUEUE = Path("/var/qmail/queue")
FIRST = 10**12  # no file of the image has so high an inode number, so no new message gets one of these numbers
HOUR = 3600


def make_image(image, count):
    """Blocks of 1 KiB, since a file has few bytes."""
    with open(image, "wb") as file:
        file.truncate((count * 3 + 200_000) * 1024 + count * 2 * 256 + (256 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "1024", "-N", str(count * 2 + 20_000), image], check=True)


def mount(image):
    """Its queue/, which is made in a new image, is the queue."""
    disk = Path("/mnt/disk")
    disk.mkdir()
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    if not (disk / "queue").exists():
        make_queue(disk / "queue")
    subprocess.run(["mount", "--bind", disk / "queue", QUEUE], check=True)


def fill(count):
    """Messages as an earlier qmail-send leaves them. Nobody reads their text, so mess/N is another name of info/N."""
    owners = {kind: pwd.getpwnam("qmails") for kind in ("info", "remote")}
    next_try = time.time() + HOUR
    for number in range(FIRST, FIRST + count):
        place = f"{number % SPLIT}/{number}"
        for kind, text in (("info", b"Fsender@host.example.org\0"), ("remote", f"T{REMOTE}".encode() + b"\0")):
            path = f"{QUEUE}/{kind}/{place}"
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(file, text)
            os.fchown(file, owners[kind].pw_uid, owners[kind].pw_gid)
            os.close(file)
        os.utime(f"{QUEUE}/remote/{place}", (next_try, next_try))
        os.link(f"{QUEUE}/info/{place}", f"{QUEUE}/mess/{place}")


def made(tree, work, image, count):
    """In namespaces: fills the image."""
    arena = Arena(tree, roots=[work])
    image = f"{arena.roots[work]}/{image}"
    make_image(image, count)
    mount(image)
    fill(count)
    subprocess.run(["umount", QUEUE, "/mnt/disk"], check=True)
    return True


def find_send():
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text() == "qmail-send\n":
                return entry
        except OSError:
            continue
    return None


def spent(process):
    fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def start(run):
    """Starts everything, sends mail until qmail-send has nothing to go through any more, and returns the numbers."""
    began = time.monotonic()
    run.system.start()
    wait(answers, 300, 0.002)
    mail = Mail(run)
    mail.send()
    ready = time.monotonic() - began
    send = wait_for_send()
    during, last, at = [], -1.0, began
    while time.monotonic() - at < 1:
        # A message costs less than a tick of the clock by which processor time is measured, so few of them do not count.
        during.append(mail.send())
        time.sleep(0.1)
        if spent(send) > last + 0.02:
            last, at = spent(send), time.monotonic()
    after = [mail.send() for _ in range(100)]
    found = {"ready s": ready, "scanned s": at - began, "CPU s": last, "during ms": statistics.median(during), "longest during ms": max(during),
             "after ms": statistics.median(after), "longest after ms": max(after), "memory": own_memory(send)}
    end(run.system.processes, 3)
    return found


def wait_for_send():
    wait(find_send, 60, 0.002)
    return find_send()


def measured(tree, work, image, postfix, starts):
    """In namespaces: the numbers of each start with the queue of the image, or with an empty one."""
    arena = Arena(tree, roots=[work])
    if image:
        mount(f"{arena.roots[work]}/{image}")
    return [start(Run(arena, "qmail", tree, {}, postfix)) for _ in range(starts)]


def forget_cached(image):
    """The image was unmounted with its namespace; what is left of it in memory is its file."""
    file = os.open(image, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def starts_of(*arguments):
    return apart(measured, *arguments, limit=3600) or sys.exit("a start failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200_000, help="waiting messages (200000)")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp"), help="a folder on the disk that is measured (/var/tmp)")
    parser.add_argument("home", nargs="?", type=Path)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root, for namespaces")
    packages.lacking(["unshare", "mkfs.ext4", "mount"])
    postfix = str(packages.find_postfix(Path("/nonexistent")) or sys.exit("no smtp-source of Postfix: ./bootstrap deps"))
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        os.chmod(work, 0o755)
        import conftest
        home = str(options.home.resolve() if options.home else conftest.install(Path(work) / "tree"))
        apart(made, home, work, "image", options.count, limit=3600) or sys.exit("could not make the queue")
        image = Path(work) / "image"
        forget_cached(image)
        [empty] = starts_of(home, work, "", postfix, 1)
        cold, warm = starts_of(home, work, "image", postfix, 2)
        for name, found in (("empty", empty), ("cold", cold), ("warm", warm)):
            print(f"{name:6}" + "".join(f"  {what} {value:.4g}" for what, value in found.items()), flush=True)
        print("bytes for a waiting message:", *(f"{(found['memory'] - empty['memory']) / options.count:.1f}" for found in (cold, warm)))


if __name__ == "__main__":
    main()
