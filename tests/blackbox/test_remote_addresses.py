"""qmail-remote: the addresses it connects from, the versions of IP, and what counts as this host."""

import contextlib
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from dns_server import A, AAAA, MX, DnsServer, a, aaaa, mx

SENDER = "alice@host.example.org"
MESSAGE = b"Subject: x\n\nhi\n"
NOT_CONNECTED = b"ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\0"
OTHER_VERSION = b"ZSorry, that host has no address of a version of IP that I use. (#4.4.4)\n\0"


class Clients:
    """A server that greets, notes where each client comes from and what it says, and takes mail."""

    def __init__(self, address="192.0.2.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.seen = []
        self._listener = socket.create_server((address, 25), family=family)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, peer = self._listener.accept()
            # qmail-remote does not wait for the reply to QUIT.
            with contextlib.suppress(ConnectionError), connection, connection.makefile("rwb", buffering=0) as stream:
                self._talk(stream, peer)

    def _talk(self, stream, peer):
        stream.write(b"220 b.example\r\n")
        while line := stream.readline():
            if line.startswith(b"EHLO "):
                self.seen.append((peer[0], line.split()[1].decode()))
            if line == b"DATA\r\n":
                stream.write(b"354 go\r\n")
                while stream.readline() != b".\r\n":
                    pass
            stream.write(b"250 ok\r\n")


def remote(box, host="[192.0.2.1]", sender=SENDER):
    box.control("timeoutconnect", "2\n")
    result = box.run(["qmail-remote", host, sender, "bob@b.example"], MESSAGE, as_user="qmailr", timeout=30)
    assert (result.code, result.err) == (0, b"")
    return result.out


def six():
    """Makes 2001:db8::/64 addresses of this host, which qmail-remote may also connect from."""
    subprocess.run(["ip", "-6", "route", "add", "local", "2001:db8::/64", "dev", "lo"], check=True, capture_output=True)
    Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1")


def names(*records):
    """A name server with h.example, whose exchanger is mx.example with these addresses."""
    found = {A: [a("mx.example", one) for one in records if ":" not in one], AAAA: [aaaa("mx.example", one) for one in records if ":" in one],
             MX: [mx("h.example", 10, "mx.example")]}

    def respond(question):
        of = "h.example" if question.type == MX else "mx.example"
        return question.answer(*found[question.type] if question.name == of else [])
    Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    return DnsServer(respond)


def test_the_address_to_connect_from(box):
    made = Clients()
    box.control("outgoingip", "192.0.2.70\n")
    box.control("domainbindings", "example.org:192.0.2.71\nann@example.org:192.0.2.72\n")
    box.control("helohostbyip", "192.0.2.71:m71.example.org\n")
    for sender, seen in (("ann@example.org", ("192.0.2.72", "host.example.org")), ("bob@EXAMPLE.org", ("192.0.2.71", "m71.example.org")),
                         ("", ("192.0.2.70", "host.example.org"))):
        assert remote(box, sender=sender).startswith(b"r\0K192.0.2.1 accepted")
        assert made.seen[-1] == seen


def test_malformed_addresses_defer(box):
    Clients()
    box.control("outgoingip", "192.0.2.70 \nx\n")
    assert remote(box) == b"Zinvalid ipaddr in control/outgoingip (#4.3.0)\n\0"
    box.control("outgoingip", "\n")
    box.control("domainbindings", "host.example.org:\nother.example:192.0.2.1\n")
    assert remote(box) == b"Zinvalid ipaddr in control/domainbindings (#4.3.0)\n\0"
    assert remote(box, sender="x@other.example").startswith(b"r\0K")


def test_an_address_that_this_host_does_not_have(box):
    """The version of IP is not used, the other one is, and nothing is learnt about the server."""
    six()
    v4, v6 = Clients(), Clients("2001:db8::1")
    names("192.0.2.1", "2001:db8::1")
    box.control("ipversions", "46\n")
    box.control("outgoingip", "198.51.100.7\n")
    before = box.path("queue/lock/tcpto").read_bytes()
    assert remote(box, host="h.example").startswith(b"r\0K2001:db8::1 accepted")
    assert v6.seen and not v4.seen
    assert box.path("queue/lock/tcpto").read_bytes() == before
    box.control("ipversions", "4\n")
    assert remote(box, host="h.example") == NOT_CONNECTED


@pytest.mark.parametrize("value, peer", [("4", "192.0.2.1"), ("46", "192.0.2.1"), ("64", "2001:db8::1"), ("6", "2001:db8::1"),
                                         ("x", "192.0.2.1")])
def test_versions(box, value, peer):
    six()
    Clients(), Clients("2001:db8::1")
    server = names("192.0.2.1", "2001:db8::1")
    box.control("ipversions", value + "\n")
    assert remote(box, host="h.example").startswith(b"r\0K" + peer.encode())
    assert ("AAAA mx.example" in server.asked) == ("6" in value)
    assert ("A mx.example" in server.asked) == (value != "6")


def test_a_host_of_the_other_version_is_tried_again(box):
    server = names("2001:db8::1")
    assert remote(box, host="h.example") == OTHER_VERSION
    assert server.asked == ["MX h.example", "A mx.example", "AAAA mx.example"]
    box.control("smtproutes", ":mx.example\n")
    assert remote(box, host="h.example") == OTHER_VERSION


def test_what_is_this_host(box):
    server = Clients()
    names("192.0.2.1")
    box.control("moreipme", "192.0.2.0/28\n")
    assert b"it isn't in my control/locals file" in remote(box, host="h.example")
    box.control("notipme", "192.0.2.1\n")
    assert remote(box, host="h.example").startswith(b"r\0K")
    assert len(server.seen) == 1


def test_literals_of_this_host_at_qmail_smtpd(box):
    """They become localiphost: one of moreipme at once, one of IPv6 only if that version is used."""
    box.control("localiphost", "mail.example.org\n")
    box.control("rcpthosts", "mail.example.org\n")
    box.control("moreipme", "192.0.2.200\n")
    box.control("notipme", "192.0.2.201\n")

    def replies():
        talk = box.smtpd_dialogue(["HELO c", "MAIL FROM:<>", "RCPT TO:<b@[192.0.2.200]>", "RCPT TO:<b@[192.0.2.201]>", "RCPT TO:<b@[IPv6:::1]>",
                                   "RCPT TO:<b@[IPv6:2001:db8:5::1]>", "QUIT"])
        return [line[:3] for line in talk.out.splitlines()[3:7]]
    assert replies() == [b"250", b"553", b"553", b"553"]
    box.control("ipversions", "46\n")
    assert replies() == [b"250", b"553", b"250", b"553"]


def test_showctl_names_malformed_lines(box):
    box.control("ipversions", "10\n")
    box.control("moreipme", "192.0.2.1\n192.0.2.1/99\n")
    shown = box.run(["qmail-showctl", "--check"])
    assert shown.code == 1
    assert b"control/ipversions: bad line: 10 (none of 4, 46, 64 and 6)\n" in shown.out
    assert b"control/moreipme: bad line: 192.0.2.1/99 (no prefix of a network)\n" in shown.out
