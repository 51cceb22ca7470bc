"""The qmail-sign that qmail-rspawn keeps: it must sign as one that is executed for each delivery, and be confined."""

import contextlib
import os
import pwd
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conformlib.process import until
from test_remote_tls import any_context, offers, tls
from test_sign import FORWARD, MESSAGE, OWN, new_key
from test_spawners import known_remote, replace, reports

IP = "192.0.2.1"
NAME = b"0/230"


class Rspawn:
    """A qmail-rspawn that gets orders for one message, and the server that gets the mail."""

    def __init__(self, box, message=MESSAGE, sender=b"ann@d.example", env=None, wrapper=(), server=None):
        self.sender = sender
        self.server = server or box.smtp_server({})
        box.plant_message(message, sender, number=230, remote=["r@b.example"])
        self.process = subprocess.Popen([*wrapper, "setpriv", "--reuid", "qmailr", "--regid", "qmail", "--clear-groups", box.program("qmail-rspawn")],
                                        env=box.env | known_remote(box) | (env or {}), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.received = b""

    def order(self, slot):
        self.process.stdin.write(bytes([slot]) + b"\0".join([NAME, self.sender, f"r@[{IP}]".encode(), b""]))
        self.process.stdin.flush()

    def report(self, slot):
        """The next report."""
        while not self.received.endswith(b"\0"):
            assert (some := os.read(self.process.stdout.fileno(), 65536))
            self.received += some
        ((number, (text,)),) = reports(self.received).items()
        assert number == slot
        self.received = self.received[:1]
        return text

    def deliver(self, slot=1):
        """The report, and the message as the server got it."""
        self.order(slot)
        text = self.report(slot)
        log = self.server.connections[-1]
        said = [line[3:] for line in log if line.startswith(b"C: ")]
        if b"DATA\r\n" not in said:
            return text, None
        got = b"".join(said[said.index(b"DATA\r\n") + 1:said.index(b".\r\n")]).replace(b"\r\n", b"\n")
        return text, got

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(20) == 0


def residents():
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cmdline").read_bytes() == b"qmail-sign\0stay\0" and "PPid:\t" in (entry / "status").read_text():
                found.append(int(entry.name))
        except OSError:
            pass
    # A child that it forks has its command line.
    return [pid for pid in found if parent_of(pid) not in found]


def parent_of(pid):
    try:
        return int(re.search(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
    except OSError:
        return None


def is_signed(got):
    return got is not None and got.startswith(b"DKIM-Signature: ")


def without_time(got):
    """Without what differs from one second to the next."""
    return re.sub(rb"([btx])=[^;]*?(;|\n(?=\S))", rb"\1=\2", got)


def test_one_process_signs_all(box):
    new_key(box)
    rspawn = Rspawn(box)
    assert is_signed(rspawn.deliver()[1])
    (resident,) = residents()
    status = Path(f"/proc/{resident}/status").read_text()
    uid = pwd.getpwnam("qmailr").pw_uid
    assert f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n" in status
    assert "NoNewPrivs:\t1\n" in status and "Seccomp:\t2\n" in status
    assert Path(f"/proc/{resident}/environ").stat().st_uid == 0, "its memory can be read"
    targets = [os.readlink(f"/proc/{resident}/fd/{number}").partition(":")[0] for number in os.listdir(f"/proc/{resident}/fd")]
    assert sorted(targets) == ["/dev/null", "/dev/null", "pipe", "pipe", "socket"]
    for slot in range(2, 6):
        text, got = rspawn.deliver(slot)
        assert text.startswith(b"K") and is_signed(got)
    assert residents() == [resident]
    rspawn.end()
    until(lambda: not residents(), 10, "the end of the signer")


@pytest.mark.parametrize("message, sender, env", [
    (MESSAGE, b"ann@d.example", {}),
    (MESSAGE, b"", {}),
    (MESSAGE, b"ann@d.example", {"NODKIM": "1"}),
    (b"Subject: no author\n\nx\n", b"x@sub.d.example", {}),
    (MESSAGE.replace(b"d.example", b"simple.example"), b"ann@d.example", {}),
    (MESSAGE.replace(b"d.example", b"none.example"), b"ann@d.example", {}),
    (MESSAGE.replace(b"d.example", b"broken.example"), b"ann@d.example", {}),
    (FORWARD % b"SMTP" + (OWN % b"pass").replace(b"; dkim", b"; arc=none; dkim") + MESSAGE, b"eve@evil.example", {}),
    (FORWARD % b"SMTP" + MESSAGE, b"ann@d.example", {}),
])
def test_it_signs_as_an_executed_one(box, message, sender, env):
    for kind, name in (("ed25519", "ed25519"), ("rsa", "default")):
        new_key(box, "-t", kind, name)
    new_key(box, "-t", "ed25519", "k", domain="simple.example")
    new_key(box, "seal", domain="host.example.org")
    box.control("dkimkeys", "simple.example:control/domainkeys/simple.example/k:DKIMSIGNOPTIONS=-c s -x 600 -i @sub.simple.example\n"
                            "broken.example:control/none\n")
    box.control("arcseal", "host.example.org:control/domainkeys/host.example.org/seal\n")
    box.control("authservid", "host.example.org\n")
    found, server = [], box.smtp_server({})
    for executed in (False, True):
        if executed:
            replace(box, "qmail-sign", Path("/var/qmail/bin/qmail-sign").read_bytes().replace(b"reqmail program ", b"another program "))
        rspawn = Rspawn(box, message, sender, env, server=server)
        text, got = rspawn.deliver()
        assert bool(residents()) is not executed
        found.append((text, without_time(got or b"")))
        rspawn.end()
        until(lambda: not residents(), 10, "the end of the signer")
    assert found[0] == found[1]


def calls_of(trace, pid):
    return [line for line in trace if line.startswith(f"{pid} ")]


def test_children_are_confined_before_they_read_the_message(box):
    new_key(box)
    rspawn = Rspawn(box, wrapper=["strace", "-f", "-o", "/tmp/trace"])
    for slot in (1, 2):
        assert is_signed(rspawn.deliver(slot)[1])
    (resident,) = residents()
    rspawn.end()
    trace = Path("/tmp/trace").read_text().splitlines()
    started = next(line for line in trace if line.startswith(f"{resident} ") and "execve(" in line)
    before = [line for line in trace[:trace.index(started)] if line.startswith(f"{resident} ")]
    assert any("PR_SET_SECCOMP" in line for line in before), "the program runs unconfined"
    assert not any(f"{MESSAGE[:9].decode()}" in line for line in calls_of(trace, resident)), "it reads the message itself"
    readers = {line.split()[0] for line in trace if "pread64(0, \"From: Ann" in line}
    assert len(readers) == 2
    for reader in readers:
        calls = calls_of(trace, reader)
        confined = next(at for at, line in enumerate(calls) if "PR_SET_SECCOMP" in line)
        assert any(re.search(r"\balarm\(300\)", line) for line in calls[:confined]), "it may stay for ever"
        assert confined < next(at for at, line in enumerate(calls) if "pread64(0" in line)
        assert not any("openat(" in line for line in calls)
        assert not any("SIGSYS" in line for line in calls)


def test_new_keys_and_control_files_count_at_once(box):
    new_key(box)
    rspawn = Rspawn(box)
    assert b"s=default;" in rspawn.deliver(1)[1]
    new_key(box, "other")
    box.control("dkimkeys", "d.example:control/domainkeys/d.example/other\n")
    assert b"s=other;" in rspawn.deliver(2)[1]
    key = box.path("control/domainkeys/d.example/other")
    box.file(key, b"no key\n", mode=0o640, owner="root:qmail")
    text, got = rspawn.deliver(3)
    assert got is None and text == (b"ZUnable to sign the message: control/domainkeys/d.example/other: no private key in PEM of RSA or Ed25519 "
                                    b"without a password. (#4.3.0)\n")
    key.chmod(0o600)
    assert rspawn.deliver(4)[0] == b"ZUnable to sign the message: control/domainkeys/d.example/other: access denied. (#4.3.0)\n"
    box.path("control/dkimkeys").unlink()
    assert b"s=default;" in rspawn.deliver(5)[1]
    rspawn.end()


def test_it_comes_and_goes_with_the_control_files(box):
    rspawn = Rspawn(box)
    assert not is_signed(rspawn.deliver(1)[1]) and not residents()
    new_key(box)
    assert is_signed(rspawn.deliver(2)[1]) and len(residents()) == 1
    box.path("control/domainkeys").rename(box.path("control/elsewhere"))
    assert not is_signed(rspawn.deliver(3)[1])
    until(lambda: not residents(), 10, "the end of the signer")
    rspawn.end()


def test_when_it_is_killed_the_delivery_waits_and_the_next_ones_are_signed(box):
    new_key(box)
    recipients = []

    def accept(connection):
        recipients.append(True)
        connection.send("250 ok")
    rspawn = Rspawn(box, server=box.smtp_server({"RCPT": accept}))
    assert is_signed(rspawn.deliver(1)[1])
    (resident,) = residents()
    os.kill(resident, signal.SIGSTOP)
    rspawn.order(2)
    until(lambda: len(recipients) == 2, 10, "the second recipient: the request was sent before")
    os.kill(resident, signal.SIGKILL)
    assert rspawn.report(2) == b"ZUnable to sign the message: qmail-sign failed. (#4.3.0)\n"
    text, got = rspawn.deliver(3)
    assert text.startswith(b"K") and is_signed(got)
    assert not residents(), "it is not started again at once"
    rspawn.end()


def test_when_it_is_silent_the_delivery_waits(box):
    new_key(box)
    box.control("timeoutsession", "2\n")
    rspawn = Rspawn(box)
    assert is_signed(rspawn.deliver(1)[1])
    (resident,) = residents()
    os.kill(resident, signal.SIGSTOP)
    try:
        assert rspawn.deliver(2) == (b"ZUnable to sign the message: it takes too long. (#4.3.0)\n", None)
    finally:
        os.kill(resident, signal.SIGCONT)
    rspawn.end()


def peak_of_child(resident, report):
    """The most memory that a child of the process has had before there is a report, in KiB."""
    peak = 0
    while not report.done():
        for pid in Path(f"/proc/{resident}/task/{resident}/children").read_text().split():
            with contextlib.suppress(OSError, TypeError):
                peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]))
    return peak


def test_memory_does_not_grow(box):
    """It has signed when qmail-remote says DATA, which the server refuses."""
    new_key(box, "-t", "ed25519")
    line = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\n"
    rspawn = Rspawn(box, MESSAGE + line * (50_000_000 // len(line)), server=box.smtp_server({"DATA": "450 not now"}))
    rspawn.order(1)
    assert b"failed on DATA command" in rspawn.report(1)
    (resident,) = residents()
    own = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{resident}/status").read_text())[1])
    rspawn.order(2)
    with ThreadPoolExecutor(1) as pool:
        peak = peak_of_child(resident, pool.submit(rspawn.report, 2))
    assert 0 < peak < own + 1024, (own, peak)
    rspawn.end()


def test_in_tls(box):
    new_key(box)
    rspawn = Rspawn(box, server=box.smtp_server({"EHLO": offers(), "STARTTLS": ("220 go", tls(any_context()))}))
    text, got = rspawn.deliver()
    assert text.startswith(b"K") and is_signed(got) and len(residents()) == 1
    assert b"C: STARTTLS\r\n" in rspawn.server.connections[-1]
    rspawn.end()


def test_a_program_between(box):
    """A script in the place of qmail-remote that executes it, as it is named in PATH: QMAILREMOTE gets no descriptor."""
    new_key(box)
    box.file("/mnt/hook", "#!/bin/sh\ntest -e /proc/$$/fd/4 && exit 100\ntest -z \"$QMAILREMOTESIGNER\" || exit 100\nexec /var/qmail/bin/qmail-remote \"$@\"\n",
             mode=0o755)
    rspawn = Rspawn(box, env={"QMAILREMOTE": "/mnt/hook"})
    text, got = rspawn.deliver()
    assert text.startswith(b"K") and is_signed(got) and not residents()
    rspawn.end()
    server = rspawn.server
    box.file("/mnt/bin/qmail-remote", "#!/bin/sh\nexec 4>&-\nexec /var/qmail/bin/qmail-remote \"$@\"\n", mode=0o755)
    box.path("/mnt/bin").chmod(0o755)
    rspawn = Rspawn(box, env={"PATH": "/mnt/bin:/usr/bin:/bin"}, server=server)
    text, got = rspawn.deliver()
    assert text.startswith(b"K") and is_signed(got) and len(residents()) == 1
    rspawn.end()


def test_without_control_files_there_is_no_process_more(box):
    rspawn = Rspawn(box, wrapper=["strace", "-f", "-o", "/tmp/trace"])
    # A directory that has changed just now is looked at more than once.
    time.sleep(1.2)
    for slot in (1, 2, 3):
        assert rspawn.deliver(slot)[0].startswith(b"K")
    rspawn.end()
    trace = Path("/tmp/trace").read_text()
    # The socket is that of the worker that delivers.
    assert "qmail-sign" not in trace and trace.count("SOCK_SEQPACKET") == 1
    assert not re.findall(r'execve\("\S+qmail-remote"', trace)
    for name in ("arcseal", "dkimkeys", "dkimdomains", "domainkeys"):
        assert len(re.findall(rf'control/{name}"', trace)) == 1, "qmail-rspawn looks once, and qmail-remote in its list of the directory"
    assert len(re.findall(r'"/var/qmail/control"', trace)) == 3 and trace.count('bin/qmail-remote", X_OK') == 3
