"""Where measurements run: namespaces of their own, whose first process starts the mail system and the drivers and counts processor time."""

import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "conformance"), str(ROOT / "tests" / "blackbox")]

from conformlib import sandbox  # noqa: E402
from conformlib.box import Box  # noqa: E402
from conformlib.queue import make_queue  # noqa: E402

USER, HOST = "alice", sandbox.HOSTNAME


def home_of(given, place):
    """Returns the home that a caller names, or that of a fresh installation of the built checkout below the place."""
    if given:
        return Path(given).resolve()
    import conftest  # which needs pytest
    return conftest.install(Path(place))


def apart(function, *arguments, limit=900):
    """What function(*arguments) returns, called as the first process of new namespaces; None if it fails, which stderr explains, or takes
    more than `limit` seconds. The value travels as JSON."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    supervisor = os.fork()
    if supervisor == 0:
        sandbox.unshare()
        init = os.fork()
        if init == 0:
            try:
                sandbox.die_with_parent()
                os.write(writing, json.dumps(function(*arguments)).encode())
            except SystemExit as why:
                print(why, file=sys.stderr)
            except BaseException:  # noqa: BLE001 - the process is a copy of its parent, and ends here
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(init, 0)[1]))
    os.close(writing)
    if not select.select([reading], [], [], limit)[0]:
        print(f"ended after {limit} s", file=sys.stderr)
        os.kill(supervisor, signal.SIGKILL)  # the first process of the namespaces dies with it, and all others with that
    with os.fdopen(reading, "rb") as stream:
        got = stream.read()
    os.waitpid(supervisor, 0)
    return json.loads(got) if got else None


def wait(condition, seconds=300, step=0.01, what="the mail system"):
    """Returns the time at which the condition holds."""
    end_of_patience = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_of_patience:
            sys.exit(f"waited {seconds} s for {what} in vain")
        time.sleep(step)
    return time.monotonic()


def used():
    """Processor seconds, user and system, of all processes that have ended and were waited for."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def end(processes, patience=10):
    """Ends everything, and takes over what has lost its parent: this process is the first one of its namespace."""
    for process in reversed(processes):
        process.terminate()
    deadline = time.monotonic() + patience
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if time.monotonic() > deadline:
                os.kill(-1, signal.SIGKILL)
            time.sleep(0.01)


class Arena:
    """The machine of one sample. With a folder, everything that a mail system writes (queue, maildir, Postfix's and Exim's files) is below
    it, on the file system that is to be measured; without one it is on tmpfs. `roots` are folders with programs; self.roots has
    their names in here, since /tmp and /home are others now."""

    def __init__(self, tree, folder=None, roots=()):
        place = os.open(folder, os.O_PATH) if folder else None
        opened = {root: os.open(root, os.O_PATH) for root in roots if root != "/"}
        sandbox.enter(Path(tree))
        self.roots = {"/": "/"}
        for root, descriptor in opened.items():
            self.roots[root] = f"/mnt/root{descriptor}"
            os.mkdir(self.roots[root])
            sandbox.mount(f"/proc/self/fd/{descriptor}", self.roots[root], flags=sandbox.MS_BIND)
            os.close(descriptor)
        Path("/mnt/etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")  # nobody waits for a name server
        self.box = Box()
        self.drivers = 0.0  # processor seconds of what is not the mail system
        if place is not None:
            self._move(place)
        self.maildir = self.box.maildir(USER) / "new"
        self.log = Path("/mnt/log")
        self.log.mkdir()
        self.log.chmod(0o777)

    def _move(self, place):
        for name, target in (("home", f"/home/{USER}"), ("spool", "/tmp"), ("queue", "/var/qmail/queue")):
            source = Path(f"/proc/self/fd/{place}/{name}")
            if name == "queue":
                make_queue(source)
            else:
                source.mkdir()
                shutil.copystat(target, source)
            owner = os.stat(target)
            os.chown(source, owner.st_uid, owner.st_gid)
            sandbox.mount(str(source), target, flags=sandbox.MS_BIND)
        os.close(place)

    def delivered(self):
        with os.scandir(self.maildir) as entries:
            return sum(1 for _ in entries)

    def spawn(self, argv, name, **options):
        """A process whose output is in the file NAME of the logs."""
        with open(self.log / name, "ab") as output:
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", **options)

    def stop(self, driver):
        """Ends a driver that does not end by itself."""
        driver.kill()
        self.finish(driver, code=-signal.SIGKILL)

    def finish(self, driver, seconds=600, code=0):
        """Waits for a driver, whose processor time is not the mail system's. Exits where it ends with another code."""
        found = []

        def ended():
            pid, status, spent = os.wait4(driver.pid, os.WNOHANG)
            if pid:
                found.append((status, spent))
            return bool(pid)

        wait(ended, seconds, 0.002, "a driver")
        status, spent = found[0]
        driver.returncode = os.waitstatus_to_exitcode(status)
        self.drivers += spent.ru_utime + spent.ru_stime
        if driver.returncode != code:
            sys.exit(f"{driver.args}: ended with {driver.returncode}\n{self.ends_of_logs()}")

    def ends_of_logs(self):
        return "\n".join(f"{path.name}: " + path.read_text(errors="replace")[-600:] for path in sorted(self.log.iterdir()))
