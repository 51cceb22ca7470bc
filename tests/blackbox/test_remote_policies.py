"""qmail-remote: control/tlspolicy, DANE, and policies from a socketmap server."""

import hashlib
import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from dns_server import A, MX, TXT, DnsServer, a, mx, record
from test_remote_tls import IP, TAKEN, any_context, certificate, context, new_authority, remote, said, server, split_at_tls, z

TLSA = 52
SECURE, PLAIN = 0x85A0, 0x8580
NO_TLS = "No TLS achieved while the policy of b.example is {}; connected to 192.0.2.1."
UNKNOWN = z("TLS policy of b.example unknown for now. (#4.7.5)")


def tlsa(owner, data, usage=3, matching=1):
    return record(owner, TLSA, bytes([usage, 1, matching]) + data)


def key_of(pem):
    """The digest of the key in a certificate."""
    public = subprocess.run(["openssl", "x509", "-noout", "-pubkey", "-in", pem], stdout=subprocess.PIPE, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, stdout=subprocess.PIPE, check=True).stdout
    return hashlib.sha256(der).digest()


class Zone:
    """b.example with these exchangers in order of preference, all at one address, and TLSA records by exchanger: a list of records, None for a
    failure."""

    def __init__(self, box, records=None, hosts=("mx.b.example",), flags=SECURE, resolver="127.0.0.1"):
        self.records, self.hosts, self.flags, self.reports = records or {}, hosts, flags, ""
        Path("/etc/resolv.conf").write_text(f"nameserver {resolver}\noptions timeout:1 attempts:1\n")
        box.control("timeoutremote", "4\n")
        self.server = DnsServer(self.respond)

    def respond(self, question):
        if question.type == MX and question.name == "b.example":
            return question.answer(*(mx("b.example", 10 * (at + 1), host) for at, host in enumerate(self.hosts)), flags=self.flags)
        if question.type == A and question.name in self.hosts:
            return question.answer(a(question.name, IP), flags=self.flags)
        if question.type == TXT and question.name == "_smtp._tls.b.example" and self.reports:
            return question.answer(record(question.name, TXT, bytes([len(self.reports)]) + self.reports.encode()))
        if question.type == TLSA:
            found = self.records.get(question.name.removeprefix("_25._tcp."), [])
            return question.answer(code=2) if found is None else question.answer(*found, flags=self.flags)
        return question.answer(code=3, flags=self.flags)


def certified(tmp="mx.b.example"):
    made = certificate(new_authority(), f"/CN={tmp}", tmp)
    return made, context(made)


def in_tls(log):
    return any(line.startswith(b"MAIL") for line in said(split_at_tls(log)[1])) if b"(TLS)" in log else False


def in_clear(log):
    return any(line.startswith(b"MAIL") for line in said(log[:log.index(b"(TLS)")] if b"(TLS)" in log else log))


@pytest.mark.parametrize("line, tls", [("b.example:none", False), ("b.example:may", True), ("*:none\n.example:encrypt", True),
                                       ("b.example:encrypt\n.example:none", True)])
def test_levels_without_verification(box, line, tls):
    Zone(box)
    box.control("tlspolicy", line + "\n")
    listener = server(box, any_context())
    assert remote(box) == TAKEN
    assert in_tls(listener.connections[0]) == tls and in_clear(listener.connections[0]) != tls


@pytest.mark.parametrize("answers", [{"EHLO": "250 mx"}, {"EHLO": "502 no"}, {"STARTTLS": "454 not now"}, {"STARTTLS": ("220 go", "no TLS")}])
@pytest.mark.parametrize("level", ["encrypt", "verify"])
def test_never_in_clear(box, level, answers):
    Zone(box)
    box.control("tlspolicy", f"b.example:{level}\n")
    listener = server(box, None, **answers)
    report = remote(box)
    assert report[:1] == b"Z" and not any(in_clear(log) for log in listener.connections)
    if answers == {"EHLO": "250 mx"}:
        assert report == z(NO_TLS.format(level))


def test_a_server_that_hangs_up_on_ehlo_gets_no_mail_by_helo(box):
    from conformlib import CLOSE
    Zone(box)
    box.control("tlspolicy", "*:encrypt\n")
    listener = server(box, None, EHLO=CLOSE)
    assert remote(box)[:1] == b"Z"
    assert len(listener.connections) == 1


def test_a_line_that_makes_no_sense_defers(box):
    Zone(box)
    box.control("tlspolicy", "b.example:encrypted\n*:may\n")
    listener = server(box, any_context())
    assert remote(box) == UNKNOWN and not listener.connections
    shown = box.run(["qmail-showctl", "--check"])
    assert b"control/tlspolicy: bad line: b.example:encrypted (unknown level)\n" in shown.out and shown.code == 1


@pytest.mark.parametrize("of, match, good", [("mx.b.example", "", True), ("x.example", "", False), ("x.example", " match=x.example", True),
                                             ("a.x.example", " match=y.example:.x.example", True), ("x.example", " match=.x.example", False)])
def test_verification_by_a_directory_of_authorities(box, of, match, good):
    Zone(box)
    authority = new_authority()
    listener = server(box, context(certificate(authority, f"/CN={of}", of)))
    os.mkdir("/tmp/cas")
    Path("/tmp/cas/ca.pem").write_bytes(Path(authority.home, "ca.crt").read_bytes())
    subprocess.run(["openssl", "rehash", "/tmp/cas"], check=True)
    box.control("tlscapath", "/tmp/cas\n")
    box.control("tlspolicy", f"b.example:verify{match}\n")
    report = remote(box)
    assert (report == TAKEN) == good
    if not good:
        assert report == z("TLS unable to verify server mx.b.example: certificate contains no matching dNSNnames; connected to 192.0.2.1.")
    box.control("tlscapath", "/nowhere\n")
    assert b"TLS unable to verify server mx.b.example: " in remote(box)
    assert not any(in_clear(log) for log in listener.connections)


def test_dane(box):
    pem, made = certified("other.example")
    zone = Zone(box, {"mx.b.example": [tlsa("_25._tcp.mx.b.example", key_of(pem))]})
    listener = server(box, made)
    assert remote(box) == TAKEN and f"{TLSA} _25._tcp.mx.b.example" not in zone.server.asked
    box.control("dane", "1\n")
    assert remote(box) == TAKEN and f"{TLSA} _25._tcp.mx.b.example" in zone.server.asked
    assert in_tls(listener.connections[-1])
    zone.records["mx.b.example"] = [tlsa("_25._tcp.mx.b.example", bytes(32))]
    assert remote(box) == z("TLS unable to verify server mx.b.example: no matching TLSA record; connected to 192.0.2.1.")
    zone.flags = PLAIN
    assert remote(box) == TAKEN
    zone.flags = SECURE
    zone.records["mx.b.example"] = None
    assert remote(box) == z("TLSA records of mx.b.example unknown for now. (#4.7.5)")
    assert not any(in_clear(log) for log in listener.connections)


def test_dane_tries_the_next_exchanger(box):
    """One with a record that does not match, one whose record cannot be looked up, one that is right."""
    pem, made = certified()
    hosts = ("mx.b.example", "mx2.b.example", "mx3.b.example")
    zone = Zone(box, {hosts[0]: [tlsa(f"_25._tcp.{hosts[0]}", bytes(32))], hosts[1]: None, hosts[2]: [tlsa(f"_25._tcp.{hosts[2]}", key_of(pem))]},
                hosts)
    box.control("dane", "1\n")
    listener = server(box, made)
    assert remote(box) == TAKEN
    assert len(listener.connections) == 2 and in_tls(listener.connections[1])
    zone.records[hosts[2]] = []
    box.control("tlspolicy", "b.example:dane-only\n")
    assert remote(box) == z("No secure TLSA records of mx3.b.example while the policy of b.example is dane-only. (#4.7.5)")


def test_name_servers_elsewhere_vouch_for_nothing(box):
    """Not even if resolv.conf says that they may; danetrust does."""
    zone = Zone(box, {"mx.b.example": [tlsa("_25._tcp.mx.b.example", bytes(32))]})
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("192.0.2.53", 53))

    def serve():
        while True:
            packet, client = udp.recvfrom(4096)
            udp.sendto(zone.server._reply(packet, False), client)
    threading.Thread(target=serve, daemon=True).start()
    Path("/etc/resolv.conf").write_text("nameserver 192.0.2.53\nnameserver 127.0.0.1\noptions timeout:1 attempts:1 trust-ad\n")
    box.control("dane", "1\n")
    server(box, any_context())
    assert remote(box) == TAKEN
    box.control("danetrust", "1\n")
    assert b"no matching TLSA record" in remote(box)


class Policies:
    """A socketmap server with one answer for all questions; "" closes the connection."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind("/tmp/policies")
        os.chmod("/tmp/policies", 0o777)
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client = self._listener.accept()[0]
            with client:
                self.asked.append(client.recv(1000))
                client.sendall(f"{len(self.answer)}:{self.answer},".encode() if self.answer else b"")


def test_the_policy_server(box):
    Zone(box)
    policies = Policies("OK secure match=mx.b.example servername=hostname policy_type=sts { policy_string = version: STSv1 }")
    box.control("tlspolicyserver", "unix:/tmp/policies:QUERY\n")
    listener = server(box, any_context())
    assert b"TLS unable to verify server mx.b.example: " in remote(box)
    assert policies.asked == [b"15:QUERY b.example,"]
    policies.answer = "NOTFOUND "
    assert remote(box) == TAKEN
    for policies.answer in ("TEMP x", "PERM x", "OK what", "OK", ""):
        assert remote(box) == UNKNOWN
    box.control("tlspolicyfailopen", "1\n")
    assert remote(box) == TAKEN
    policies.answer = "OK secure match=x"
    box.control("tlspolicy", "b.example:encrypt\n")
    count = len(policies.asked)
    assert remote(box) == TAKEN and len(policies.asked) == count
    assert not any(in_clear(log) for log in listener.connections)
    box.control("tlspolicyserver", "nonsense\n")
    assert b"control/tlspolicyserver: bad line: nonsense (no name of a map)\n" in box.run(["qmail-showctl", "--check"]).out


class Collector:
    def __init__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("/tmp/collector")
        os.chmod("/tmp/collector", 0o777)
        self._socket.setblocking(False)

    def results(self):
        """Everything that has come so far: after qmail-remote has ended nothing more will."""
        found = []
        while True:
            try:
                found.append(json.loads(self._socket.recv(1 << 16)))
            except BlockingIOError:
                return found


def test_results_for_the_collector(box):
    pem, made = certified()
    zone = Zone(box, {"mx.b.example": [tlsa("_25._tcp.mx.b.example", key_of(pem))]})
    box.control("dane", "1\n")
    collector = Collector()
    box.control("tlsrptsocket", "/tmp/collector\n")
    server(box, made)
    assert remote(box) == TAKEN and collector.results() == []
    zone.reports = "v=TLSRPTv1; rua=mailto:r@b.example"
    assert remote(box) == TAKEN
    (result,) = collector.results()
    assert (result["dpv"], result["d"], result["pr"]) == ("1", "b.example", zone.reports)
    (policy,) = result["policies"]
    assert policy == {"policy-type": 1, "policy-string": [f"3 1 1 {key_of(pem).hex()}"], "policy-domain": "mx.b.example",
                      "failure-details": [], "t": 0, "f": 0}
    zone.records["mx.b.example"] = [tlsa("_25._tcp.mx.b.example", bytes(32))]
    assert b"no matching TLSA record" in remote(box)
    (detail,) = collector.results()[0]["policies"][0]["failure-details"]
    assert detail["c"] == 304 and detail["n"] == "mx.b.example" and detail["r"] == IP and "no matching TLSA record" in detail["f"]
    box.control("tlsrptsocket", "/nowhere\n")
    zone.records["mx.b.example"] = []
    assert remote(box) == TAKEN


def test_a_session_in_clear_is_a_result_too(box):
    Zone(box).reports = "v=TLSRPTv1; rua=mailto:r@b.example"
    collector = Collector()
    box.control("tlsrptsocket", "/tmp/collector\n")
    box.smtp_server({"EHLO": "250 mx"})
    assert remote(box) == TAKEN
    (policy,) = collector.results()[0]["policies"]
    assert policy["policy-type"] == 9 and policy["failure-details"][0]["c"] == 201 and policy["f"] == 1
    box.control("tlspolicy", "*:none\n")
    assert remote(box) == TAKEN and collector.results() == []


@pytest.mark.parametrize("replies", [{"GREETING": "421 later"}, {"EHLO": "450 later"}])
def test_a_session_that_ends_before_tls_is_no_result(box, replies):
    """It was neither in TLS nor without: a domain that counts it would take it for one of those."""
    Zone(box).reports = "v=TLSRPTv1; rua=mailto:r@b.example"
    collector = Collector()
    box.control("tlsrptsocket", "/tmp/collector\n")
    box.smtp_server(replies)
    assert remote(box).startswith(b"ZConnected to ") and collector.results() == []
