"""A whole private host: the machine's own file system as a layer below, its own /etc, /var, /run, processes, network (only lo) and
hostname, with systemd as process 1 where asked for. What is done in it is gone when it ends.

    with Host() as host:
        host.install()                     # accounts, programs: as an administrator would, from this checkout
        assert host.run("qmail-qstat").returncode == 0
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from conformlib.process import PATIENCE

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "mail.example.org"
# A name server that says at once that no address has a name, and fails at all other questions: without it tcpserver, which wants its
# peer's name, waits for eleven seconds.
NAME_SERVER = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    query, peer = server.recvfrom(512)
    end = 12
    while query[end]:
        end += 1 + query[end]
    code = 3 if query[end + 1:end + 3] == bytes([0, 12]) else 2
    server.sendto(query[:2] + bytes([0x80 | query[2] & 1, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0]) + query[12:end + 5], peer)
"""
# The tests do not use the units of the machine: process 1 starts as little as possible and does not change kernel variables.
SCRIPT = r"""
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=755 private "$PLACE"
mkdir "$PLACE/up" "$PLACE/work" "$PLACE/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$PLACE/up,workdir=$PLACE/work" "$PLACE/root"
cd "$PLACE/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 dev dev
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "dev/${number#*:}"; done
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p ".$CHECKOUT" home etc
mount --bind "$CHECKOUT" ".$CHECKOUT"
sed -i '/^\(qmail\|alias:\|nofiles:\)/d' etc/passwd etc/group etc/shadow
awk -F: '$3 < 1000 || $3 >= 60000' etc/passwd >run/passwd
cat run/passwd >etc/passwd
rm -rf var/qmail var/lib/qmail etc/qmail etc/service service var/log/qmail etc/tcp.* etc/systemd/system/* etc/skel/Maildir home/*
printf '127.0.0.1 localhost\n127.0.0.2 %s\n' "$NAME" >etc/hosts
echo "$NAME" >etc/hostname
echo 'nameserver 127.0.0.1' >run/resolv.conf
rm -f etc/resolv.conf
ln -s /run/resolv.conf etc/resolv.conf
printf '%032d\n' 1 >etc/machine-id
hostname "$NAME"
ip link set lo up
/usr/bin/python3 -S -c "$NAME_SERVER" &
mkdir -p etc/systemd/system
cat >etc/systemd/system/tests.target <<END
[Unit]
Requires=systemd-journald.service sockets.target
AllowIsolate=yes
END
for unit in systemd-sysctl systemd-modules-load systemd-udevd systemd-tmpfiles-setup systemd-tmpfiles-setup-dev systemd-sysusers \
  systemd-remount-fs systemd-update-utmp systemd-binfmt systemd-random-seed; do
  ln -s /dev/null "etc/systemd/system/$unit.service"
done
touch run/ready
case $INIT in
  systemd) exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --system --show-status=no --unit=tests.target ;;
  # The first process, as in a container: it reaps processes that lose their parents.
  *) exec chroot . /bin/sh -c 'trap "" TERM HUP; while :; do sleep 1000 & wait; done' ;;
esac
"""


class Host:
    def __init__(self, init: str = "none"):
        self.place = Path(tempfile.mkdtemp(prefix="host."))
        self.log = (self.place.parent / f"{self.place.name}.log").open("w+b")
        environment = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "PLACE": str(self.place), "CHECKOUT": str(ROOT), "NAME": NAME, "INIT": init,
                       "NAME_SERVER": NAME_SERVER}
        self.outer = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net", "--cgroup", "sh", "-c", SCRIPT],
            env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self.wait_for(self._first_process, "process 1")
        self.wait_for(lambda: self.run("test -e /run/ready").returncode == 0, "the private host")
        if init == "systemd":
            self.wait_for(lambda: self.run("systemctl is-system-running").stdout.strip() in ("running", "degraded"), "systemd")

    def _first_process(self):
        if self.outer.poll() is not None:
            raise AssertionError("the private host did not start:\n" + self._text())
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text().split()
        if not children:
            return None
        # Its root is the private one only after chroot.
        return int(children[0]) if os.path.lexists(f"/proc/{children[0]}/root/run/ready") else None

    def _text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def wait_for(self, condition, what: str, seconds: float = 40.0):
        deadline = time.monotonic() + seconds * PATIENCE
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds:.0f} s for {what}\n{self._text()}")
            time.sleep(0.05)
        return found

    def enter(self, *command: str) -> list[str]:
        return ["nsenter", "-t", str(self.pid), "-m", "-p", "-u", "-i", "-n", "-r", "-w", "env", "-i", "TERM=dumb", "HOME=/root",
                "PATH=/var/qmail/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *command]

    def run(self, script: str, data: str = "", seconds: float = 120.0) -> subprocess.CompletedProcess:
        return subprocess.run(self.enter("sh", "-c", script), input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=seconds)

    def good(self, script: str, data: str = "", seconds: float = 120.0) -> str:
        done = self.run(script, data, seconds)
        assert done.returncode == 0, f"{script}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def start(self, script: str) -> subprocess.Popen:
        """Runs a command in the background. Its output is in the log of the host, which is shown if a wait times out."""
        return subprocess.Popen(self.enter("sh", "-c", "exec " + script), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def path(self, name: str) -> Path:
        return Path(f"/proc/{self.pid}/root{name}")

    def install(self, source: Path = ROOT) -> None:
        self.good(f"{source}/setup/users.sh && {source}/setup/install.sh --partial && {source}/setup/instcheck.sh")

    def source(self, layout: str) -> Path:
        """Makes a checkout with another layout that is visible only inside: configure would change config.mk of this checkout."""
        if layout == "classic":
            return ROOT
        copy = Path("/root/fhs")
        self.good(f"""mkdir -p {copy} && cd {copy} && ln -sf {ROOT}/* . && rm -rf setup config.mk && cp -a {ROOT}/setup . &&
            sed -e 's,^LAYOUT = .*,LAYOUT = fhs,; s,^QUEUE_DIR =.*,QUEUE_DIR = /var/spool/qmail,' {ROOT}/config.mk >config.mk &&
            setup/services.sh setup/services""")
        return copy

    def user(self, name: str, password: str) -> None:
        self.good(f"useradd --create-home --password \"$(openssl passwd -6 '{password}')\" {name} && chmod 755 /home/{name} && "
                  f"cd /home/{name} && setpriv --reuid={name} --regid={name} --clear-groups maildirmake Maildir")

    def answers(self, port: int) -> bool:
        return self.run(f"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'").returncode == 0

    def connect(self, port: int, address: str = "127.0.0.1") -> socket.socket:
        """Returns a connection that is made inside and used outside. Raises ConnectionRefusedError if nobody listens."""
        here, there = socket.socketpair()
        code = ("import array, socket, sys\n"
                f"s = socket.create_connection(('{address}', {port}), 10)\n"
                "c = socket.socket(fileno=0)\n"
                "c.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])\n")
        done = subprocess.run(self.enter("/usr/bin/python3", "-c", code), stdin=there, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=30)
        there.close()
        if "ConnectionRefusedError" in done.stdout:
            raise ConnectionRefusedError(port)
        assert done.returncode == 0, done.stdout
        _, descriptors, _, _ = socket.recv_fds(here, 1, 1)
        here.close()
        stream = socket.socket(fileno=descriptors[0])
        stream.settimeout(20)
        return stream

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.outer.wait()
        self.log.close()
        Path(self.log.name).unlink()
        shutil.rmtree(self.place, ignore_errors=True)
