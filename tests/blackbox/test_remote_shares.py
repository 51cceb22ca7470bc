"""How many connections one address may have (control/concurrencyremoteip): a host that is slow on purpose holds its own
share of qmail-send's deliveries, and no more."""

import os
import re
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest
from conformlib import CLOSE
from conformlib.process import until
from test_spawners import known_remote
from tls_client import self_signed

SENDER = b"s@a.example"
TAR, FINE = "192.0.2.1", "192.0.2.2"
SHARES_TAKEN = b"ZSorry, that host has as many connections as I allow one address. (#4.4.5)\n"
ZONE = {
    "tar.example": {"A": [TAR]},
    "other.example": {"A": [TAR]},
    "fine.example": {"A": [FINE]},
    "two.example": {"MX": [(10, "tar.example"), (20, "fine.example")]},
}


class Sessions:
    """A step of a server that holds the session until release(), and with `byte` sends a byte from time to time."""

    def __init__(self, byte=b""):
        self.byte = byte
        self.open = self.most = 0
        self._count = threading.Condition()
        self._released = threading.Event()

    def __call__(self, connection):
        with self._count:
            self.open += 1
            self.most = max(self.most, self.open)
            self._count.notify_all()
        try:
            while not self._released.wait(0.2):
                if self.byte:
                    connection._socket.sendall(self.byte)
        except OSError:
            pass
        with self._count:
            self.open -= 1

    def wait_for(self, count):
        with self._count:
            assert self._count.wait_for(lambda: self.open >= count, 20), self.open

    def release(self):
        self._released.set()


class Spawner:
    """A qmail-rspawn that waits for orders."""

    def __init__(self, box, env=None):
        box.plant_message(b"Subject: x\n\nhi\n", "s@a.example", number=230, remote=["r@b.example"])
        self._child = subprocess.Popen(
            ["setpriv", "--reuid", "qmailr", "--regid", "qmail", "--clear-groups", box.program("qmail-rspawn")],
            env=box.env | known_remote(box) | (env or {}), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._child.stdout.read(1) == b"\x78"

    def order(self, slot, recipient, sender=SENDER):
        self._child.stdin.write(bytes([slot]) + b"\0".join([b"0/230", sender, recipient, b""]))
        self._child.stdin.flush()

    def report(self):
        """Returns slot and text of the next report."""
        out = self._child.stdout
        slot = out.read(1)[0]
        text = b""
        while (byte := out.read(1)) != b"\0":
            assert byte
            text += byte
        return slot, text

    def deliveries(self):
        return [int(pid) for pid in
                Path(f"/proc/{self._child.pid}/task/{self._child.pid}/children").read_text(encoding="ascii").split()]


def accepted(ip):
    return f"K{ip} accepted message.\nRemote host said: 250 ok\n".encode()


@pytest.mark.limit(90)
def test_slow_host_does_not_stop_mail_to_others(box):
    """Twenty messages to a host that sends single bytes slowly: it gets ten connections, and other mail is delivered."""
    box.dns(ZONE)
    slow = Sessions(b"2")
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    fine = box.smtp_server(ip=FINE)
    qmail = box.start_qmail("./Mailbox")
    for number in range(20):
        box.inject(b"Subject: x\n\nhi\n", "a@host.example.org", [f"r{number}@tar.example"])
    slow.wait_for(10)
    begun = time.monotonic()
    box.inject(b"Subject: y\n\nhi\n", "a@host.example.org", ["bob@fine.example"])
    qmail.wait_log(r"^delivery \d+: success: 192\.0\.2\.2_accepted", timeout=60)
    print("other mail went after", round(time.monotonic() - begun, 1), "s")
    assert slow.most == 10 and len(fine.connections) == 1
    slow.release()


@pytest.mark.limit(90)
def test_reserve_of_places(box):
    """With control/concurrencyremotereserve, mail for other hosts leaves at once while one hangs with as much mail as there are places."""
    box.dns(ZONE)
    box.control("concurrencyremotereserve", "20\n")
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    fine = box.smtp_server(ip=FINE)
    qmail = box.start_qmail("./Mailbox")
    for number in range(30):
        box.inject(b"Subject: x\n\nhi\n", "a@host.example.org", [f"r{number}@tar.example"])
    slow.wait_for(10)
    qmail.wait_log(r"^status: local 0/10 remote 16/20", timeout=20)
    begun = time.monotonic()
    box.inject(b"Subject: y\n\nhi\n", "a@host.example.org", ["bob@fine.example"])
    qmail.wait_log(r"^delivery \d+: success: 192\.0\.2\.2_accepted", timeout=20)
    assert time.monotonic() - begun < 1
    assert len(fine.connections) == 1
    slow.release()


@pytest.mark.limit(90)
def test_reserve_of_places_and_many_domains(box):
    """The same while 24 different domains hang: mail for a host that is new, and for one that has taken mail, leaves at once."""
    hanging = [f"192.0.2.{number}" for number in range(10, 14)]
    box.dns({f"h{number}.example": {"A": [hanging[number % 4]]} for number in range(24)} | {"fine.example": {"A": [FINE]}, "good.example": {"A": [FINE]}})
    box.control("concurrencyremotereserve", "20\n")
    slow = Sessions()
    for ip in hanging:
        box.smtp_server({"GREETING": (slow, CLOSE)}, ip=ip)
    box.smtp_server(ip=FINE)
    qmail = box.start_qmail("./Mailbox")

    def leaves_at_once(recipient):
        before = sum("192.0.2.2_accepted" in line for line in qmail.log())
        begun = time.monotonic()
        box.inject(b"Subject: y\n\nhi\n", "a@host.example.org", [recipient])
        until(lambda: sum("192.0.2.2_accepted" in line for line in qmail.log()) > before, 20, recipient)
        assert time.monotonic() - begun < 1

    leaves_at_once("bob@good.example")
    box.inject(b"Subject: x\n\nhi\n", "a@host.example.org", [f"r@h{number}.example" for number in range(24)])
    slow.wait_for(17)
    leaves_at_once("bob@good.example")
    time.sleep(2.5)
    assert slow.open == slow.most == 17
    for recipient in ("bob@fine.example", "bob@good.example", "ann@fine.example"):
        leaves_at_once(recipient)
    slow.release()


def test_share_of_an_address(box):
    """The share belongs to an address, not to a name: an address of two domains counts once."""
    box.dns(ZONE)
    box.control("concurrencyremoteip", "2\n")
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    spawner = Spawner(box)
    spawner.order(0, b"r@tar.example")
    spawner.order(1, b"r@other.example")
    slow.wait_for(2)
    spawner.order(2, b"r@tar.example")
    assert spawner.report() == (2, SHARES_TAKEN)
    # There was no time-out, so the table of time-outs is empty.
    assert box.path("queue/lock/tcpto").read_bytes() == bytes(1024)
    slow.release()


@pytest.mark.parametrize("concurrency, share", [("1\n", 1), ("5\n", 2), ("", 10)])
def test_default_is_half_of_concurrencyremote(box, concurrency, share):
    box.dns(ZONE)
    box.control("concurrencyremote", concurrency)
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    spawner = Spawner(box)
    for slot in range(share + 1):
        spawner.order(slot, b"r@tar.example")
    _, text = spawner.report()
    assert text == SHARES_TAKEN and slow.most == share
    slow.release()


@pytest.mark.parametrize("route, limit", [(f":{TAR}\n", "1\n"), (":tar.example\n", "1\n"), ("", "0\n"), ("", "256\n")])
def test_no_limit(box, route, limit):
    """There is no limit for a smarthost, by address or name, and if the file says so."""
    box.dns(ZONE)
    box.control("smtproutes", route)
    box.control("concurrencyremoteip", limit)
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    spawner = Spawner(box)
    for slot in range(12):
        spawner.order(slot, b"r@tar.example")
    slow.wait_for(12)
    slow.release()


def test_next_exchanger_of_a_busy_one(box):
    box.dns(ZONE)
    box.control("concurrencyremoteip", "1\n")
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    box.smtp_server(ip=FINE)
    spawner = Spawner(box)
    spawner.order(0, b"r@tar.example")
    slow.wait_for(1)
    spawner.order(1, b"r@two.example")
    assert spawner.report() == (1, accepted(FINE))
    slow.release()


def test_literal_addresses_count(box):
    """The host of a recipient may be an address; this is not a smarthost."""
    box.control("concurrencyremoteip", "1\n")
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    spawner = Spawner(box)
    spawner.order(0, f"r@[{TAR}]".encode())
    slow.wait_for(1)
    spawner.order(1, f"r@[{TAR}]".encode())
    assert spawner.report() == (1, SHARES_TAKEN)
    slow.release()


def test_moving_address_is_waited_for(box):
    """If connections have ended recently, the next delivery gets its turn."""
    box.dns(ZONE)
    box.control("concurrencyremoteip", "1\n")
    slow = Sessions()
    first = iter([True])

    def answer(connection):
        if not next(first, None):
            slow(connection)
        connection.send("250 ok")
    box.smtp_server({"MAIL": answer}, ip=TAR)
    spawner = Spawner(box)
    spawner.order(0, b"r@tar.example")
    assert spawner.report() == (0, accepted(TAR))
    spawner.order(1, b"r@tar.example")
    slow.wait_for(1)
    spawner.order(2, b"r@tar.example")
    # Longer than the wait for an address whose connections do not end.
    time.sleep(5)
    slow.release()
    assert sorted([spawner.report(), spawner.report()]) == [(1, accepted(TAR)), (2, accepted(TAR))]
    assert slow.most == 1


def test_killed_delivery_frees_its_place(box):
    box.dns(ZONE)
    box.control("concurrencyremoteip", "1\n")
    slow = Sessions()
    first = iter([True])
    box.smtp_server({"MAIL": lambda connection: slow(connection) if next(first, None) else connection.send("250 ok")}, ip=TAR)
    spawner = Spawner(box)
    spawner.order(0, b"r@tar.example")
    slow.wait_for(1)
    (child,) = spawner.deliveries()
    os.kill(child, 9)
    assert spawner.report()[1].startswith(b"Z")
    spawner.order(1, b"r@tar.example")
    assert spawner.report() == (1, accepted(TAR))
    slow.release()


def test_place_is_kept_when_tls_begins(box):
    """Another program then does TLS, in the same process."""
    Path("/tmp/any.pem").write_bytes(self_signed("tar.example"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/tmp/any.pem")
    box.dns(ZONE)
    box.control("concurrencyremoteip", "1\n")
    slow = Sessions()
    box.smtp_server({
        "EHLO": lambda connection: slow(connection) if connection.secure else connection.send("250-mx\r\n250 STARTTLS"),
        "STARTTLS": ("220 go", lambda connection: connection.start_tls(context)),
    }, ip=TAR)
    spawner = Spawner(box)
    spawner.order(0, b"r@tar.example")
    slow.wait_for(1)
    (child,) = spawner.deliveries()
    assert os.readlink(f"/proc/{child}/exe").endswith("/qmail-remote-tls")
    spawner.order(1, b"r@tar.example")
    assert spawner.report() == (1, SHARES_TAKEN)
    assert slow.most == 1
    slow.release()


def test_program_in_front(box):
    """QMAILREMOTE programs pass the table on without using it."""
    box.dns(ZONE)
    box.control("concurrencyremoteip", "1\n")
    box.file("/mnt/front", '#!/bin/sh\nqmail-remote "$@"\nexit 0\n', mode=0o755)
    slow = Sessions()
    box.smtp_server({"GREETING": (slow, CLOSE)}, ip=TAR)
    spawner = Spawner(box, {"QMAILREMOTE": "/mnt/front"})
    spawner.order(0, b"r@tar.example")
    slow.wait_for(1)
    spawner.order(1, b"r@tar.example")
    assert spawner.report() == (1, SHARES_TAKEN)
    slow.release()


def test_by_hand_there_is_no_limit(box):
    """Without a table there is no limit; another file in its place is not written."""
    box.dns(ZONE)
    box.smtp_server(ip=TAR)
    note = box.file("/tmp/note", b"keep me\n" * 4096, owner="qmailr:qmail", mode=0o644)
    for script in ("exec", "exec 3<>/tmp/note; exec", "exec 3>&-; exec"):
        result = box.run(["/bin/sh", "-c", f'{script} qmail-remote "$@"', "sh", "tar.example", "s@a.example", "r@b.example"],
                         b"x\n", as_user="qmailr", env={"QMAILREMOTESLOTS": "3"})
        assert re.match(rb"r\0K192\.0\.2\.1 accepted", result.out), result.out
    assert Path(note).read_bytes() == b"keep me\n" * 4096
