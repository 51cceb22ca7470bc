"""qmail-remote with TLS: STARTTLS and port 465, control/tlshosts and notlshosts, hostile servers, logins."""

import base64
import hmac
import os
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from conformlib import CLOSE, LINE, delay
from tls_client import Authority, openssl, self_signed

SENDER = "alice@host.example.org"
MX, IP = "mx.b.example", "192.0.2.1"
TRUSTED = f"control/tlshosts/{MX}.pem"
TAKEN = f"r\0K{IP} accepted message.\nRemote host said: 250 ok\n\0".encode()
OFFER = "250-mx\r\n250-PIPELINING\r\n250 STARTTLS"
ROUTE = "b.example:mx.b.example|joe@isp.example|top:se|cret\n"
USER, PASSWORD = b"joe@isp.example", b"top:se|cret"


def remote(box, message=b"Subject: x\n\nhi\n", host="b.example", sender=SENDER, program="qmail-remote", **options):
    result = box.run([program, host, sender, "bob@b.example"], message, **{"as_user": "qmailr", "timeout": 20} | options)
    assert (result.code, result.err) == (0, b"")
    return result.out


def z(text: str) -> bytes:
    return f"Z{text}\n\0".encode()


def certificate(authority: Authority, subject: str, *names: str, dates: tuple = ("-days", "9"), mail: str = "") -> str:
    """Makes a file with certificate and key."""
    extensions = "basicConstraints=CA:FALSE\n"
    alternatives = [f"DNS:{name}" for name in names] + ([f"email:{mail}"] if mail else [])
    if alternatives:
        extensions += f"subjectAltName={','.join(alternatives)}\n"
    Path(authority.home, "one.ext").write_text(extensions, encoding="ascii")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "leaf.key", "-subj", subject,
            "-out", "csr", cwd=authority.home)
    openssl("ca", "-batch", "-notext", "-config", "any.cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-in", "csr", *dates,
            "-extfile", "one.ext", "-out", "leaf.crt", cwd=authority.home)
    path = f"/tmp/server{time.monotonic_ns()}.pem"
    Path(path).write_bytes(b"".join(Path(authority.home, name).read_bytes() for name in ("leaf.crt", "leaf.key")))
    return path


def new_authority() -> Authority:
    made = Authority("ca")
    text = Path(made.home, "cnf").read_text(encoding="ascii").replace("commonName = supplied", "commonName = optional\norganizationName = optional")
    Path(made.home, "any.cnf").write_text(text, encoding="ascii")
    return made


def context(pem: str, **settings) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem)
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def any_context() -> ssl.SSLContext:
    """The context of a server that is not verified."""
    Path("/tmp/any.pem").write_bytes(self_signed("other.example"))
    return context("/tmp/any.pem")


def tls(made: ssl.SSLContext):
    return lambda connection: connection.start_tls(made)


def hang_up(connection) -> None:
    """Closes only the sending direction, so that the client sees the end of the connection and no reset."""
    connection._socket.shutdown(socket.SHUT_WR)


def offers(clear: str = OFFER, inside: str = "250 mx"):
    return lambda connection: connection.send(inside if connection.secure else clear)


def zone(box, more: dict | None = None) -> None:
    box.dns({"b.example": {"MX": [(10, MX)]}, MX: {"A": [IP]}} | (more or {}))
    box.control("timeoutremote", "4\n")
    box.control("timeoutconnect", "2\n")


def server(box, made: ssl.SSLContext | None, inside: str = "250 mx", ip: str = IP, port: int = 25, **answers):
    script = {"EHLO": offers(inside=inside)}
    if made:
        script["STARTTLS"] = ("220 go", tls(made))
    return box.smtp_server(script | answers, ip=ip, port=port)


def said(log: list[bytes]) -> list[bytes]:
    return [line[3:].rstrip(b"\r\n") for line in log if line.startswith(b"C: ")]


def verbs(log: list[bytes]) -> list[bytes]:
    return [line.split()[0].upper() if line.strip() else b"" for line in said(log)]


def split_at_tls(log: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    at = log.index(b"(TLS)")
    return log[:at], log[at + 1:]


# The dialogue before and within TLS


@pytest.mark.parametrize("program", ["qmail-remote", "qmail-remote-tls"])
def test_everything_is_said_again_inside(box, program):
    """Neither the message nor its size nor a login is sent without TLS; both programs can do the whole delivery."""
    zone(box)
    listener = server(box, any_context(), "250-mx\r\n250-SIZE\r\n250 8BITMIME")
    assert remote(box, b"Subject: \xe4\n\nhi\n", program=program) == TAKEN
    clear, inside = split_at_tls(listener.connections[0])
    assert said(clear) == [b"EHLO host.example.org", b"STARTTLS"]
    assert said(inside)[:2] == [b"EHLO host.example.org", b"MAIL FROM:<alice@host.example.org> SIZE=18 BODY=8BITMIME"]


@pytest.mark.parametrize("program", ["qmail-remote", "qmail-remote-tls"])
def test_size_and_body_in_clear(box, program):
    zone(box)
    listener = box.smtp_server({"EHLO": "250-mx\r\n250-SIZE 1000\r\n250 8BITMIME"}, ip=IP)
    assert remote(box, program=program) == TAKEN
    assert b"MAIL FROM:<alice@host.example.org> SIZE=18" in said(listener.connections[0])


def test_the_name_is_lower_case_and_without_its_dot(box):
    authority = new_authority()
    box.dns({"b.example": {"MX": [(10, "MX.b.Example")]}, MX: {"A": [IP]}})
    box.file(TRUSTED, authority.certificate)
    names = []
    made = context(certificate(authority, "/CN=x", MX))
    made.sni_callback = lambda connection, name, _: names.append(name)
    server(box, made)
    assert remote(box) == TAKEN
    assert names == [MX]


def test_a_literal_has_no_name(box):
    """A server without a name has neither files nor SNI."""
    for path in ("tlshosts/192.0.2.1.pem", "tlshosts/.pem"):
        box.file(f"control/{path}", b"")
    names = []
    made = any_context()
    made.sni_callback = lambda connection, name, _: names.append(name)
    listener = server(box, made)
    assert remote(box, host=f"[{IP}]") == TAKEN
    assert names == [None] and b"(TLS)" in listener.connections[0]


def test_protocols_do_not_come_from_openssl_cnf(box):
    """A server that supports only TLS 1.1 gets its mail without TLS, even if the library's file allows TLS 1.1."""
    cnf = box.file("/tmp/openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\n"
                                       "CipherString = DEFAULT@SECLEVEL=0\n")
    zone(box)
    made = any_context()
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1
    listener = server(box, made)
    assert remote(box, env=box.env | {"OPENSSL_CONF": str(cnf)}) == TAKEN
    assert any(line.startswith(b"(no TLS: ") for line in listener.connections[0])
    assert b"STARTTLS" not in said(listener.connections[1])


def test_tlsclientciphers(box):
    """Names with TLS_ are for TLS 1.3, all others for 1.2; a server without a common suite gets the mail without TLS."""
    zone(box)
    box.control("tlsclientciphers", "ECDHE-RSA-AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256\nECDHE-ECDSA-AES256-GCM-SHA384\n")
    for ip, ciphers, used in ((IP, "", "TLS_CHACHA20_POLY1305_SHA256"), ("192.0.2.2", "ALL", "ECDHE-ECDSA-AES256-GCM-SHA384"),
                              ("192.0.2.3", "ECDHE-ECDSA-AES128-GCM-SHA256", None)):
        made, found = any_context(), []
        if ciphers:
            made.maximum_version = ssl.TLSVersion.TLSv1_2
            made.set_ciphers(ciphers)
        server(box, made, ip=ip, MAIL=lambda c, found=found: (found.append(c.secure and c._socket.cipher()[0]), c.send("250 ok")))
        assert remote(box, host=f"[{ip}]") == TAKEN.replace(IP.encode(), ip.encode())
        assert found == [used or False]


@pytest.mark.parametrize("suite", ["ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES256-GCM-SHA384", "AES128-SHA"])
def test_whatever_openssl_offers_is_better_than_clear(box, suite):
    """TLS is used with a server of TLS 1.2 that supports nothing better than CBC, DHE or RSA key exchange."""
    zone(box)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/tmp/key", "-out", "/tmp/crt", "-subj", "/CN=x", "-days", "9")
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", "/tmp/dh")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain("/tmp/crt", "/tmp/key")
    made.load_dh_params("/tmp/dh")
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(suite)
    found = []
    listener = server(box, made, MAIL=lambda c: (found.append(c.secure and c._socket.cipher()[0]), c.send("250 ok")))
    assert remote(box) == TAKEN
    assert found == [suite] and len(listener.connections) == 1


def test_tlsclientciphers_of_no_use(box):
    """The effect is that of a failed handshake: the mail is sent without TLS, or not at all."""
    zone(box)
    box.control("tlsclientciphers", "NOSUCH\n")
    server(box, any_context())
    assert remote(box) == TAKEN
    box.file(TRUSTED, self_signed("x"))
    assert remote(box).startswith(b"ZTLS connect failed: unable to set ciphers: ")


# Reports, byte for byte


def test_nothing_is_offered(box):
    zone(box)
    box.file(TRUSTED, b"")
    listener = box.smtp_server({"EHLO": "250 mx"}, ip=IP)
    assert remote(box) == z(f"No TLS achieved while {TRUSTED} exists; connecting to {IP}.")
    assert verbs(listener.connections[0]) == [b"EHLO", b"QUIT"]


def test_starttls_is_refused(box):
    zone(box)
    box.file(TRUSTED, b"")
    listener = server(box, None, STARTTLS="454 not now")
    assert remote(box) == z(f"STARTTLS rejected while {TRUSTED} exists; connecting to {IP}.\nRemote host said: 454 not now")
    assert verbs(listener.connections[0]) == [b"EHLO", b"STARTTLS", b"QUIT"]


@pytest.mark.parametrize("text", [b"", b"garbage\n", None])
def test_no_cas_in_the_file(box, text):
    """The same is true if it cannot be read."""
    zone(box)
    if text is None:
        box.file(TRUSTED, self_signed("x"), mode=0o600)
    else:
        box.file(TRUSTED, text)
    server(box, any_context())
    assert remote(box) == z(f"TLS unable to load {TRUSTED}; connecting to {IP}.")


def test_handshakes_that_fail(box):
    zone(box)
    box.file(TRUSTED, self_signed("x"))
    answers = [("220 go", hang_up), ("220 go", "250 no TLS"), ("220 go", delay(3))]
    listener = server(box, None, STARTTLS=answers)
    for why in ("connection closed", "wrong version number", "timed out"):
        box.control("timeoutremote", "1\n" if why == "timed out" else "4\n")
        assert remote(box) == z(f"TLS connect failed: {why}; connected to {IP}.")
    assert len(listener.connections) == 3


def test_certificates_that_are_not_trusted(box):
    authority = new_authority()
    zone(box)
    box.file(TRUSTED, authority.certificate)
    old = certificate(authority, "/CN=x", MX, dates=("-startdate", "20200101000000Z", "-enddate", "20200102000000Z"))
    Path("/tmp/any.pem").write_bytes(self_signed(MX))
    contexts = []
    listener = server(box, None, STARTTLS=("220 go", lambda connection: connection.start_tls(contexts[-1])))
    for pem, why in ((old, "certificate has expired"), ("/tmp/any.pem", "self-signed certificate")):
        contexts.append(context(pem))
        assert remote(box) == z(f"TLS unable to verify server with {TRUSTED}: {why}; connected to {IP}.")
        assert verbs(split_at_tls(listener.connections[-1])[1]) == []


def test_certificates_of_others(box):
    """A dNSName must match; the common name counts only if there is no dNSName."""
    authority = new_authority()
    zone(box)
    box.file(TRUSTED, authority.certificate)
    contexts = []
    server(box, None, STARTTLS=("220 go", lambda connection: connection.start_tls(contexts[-1])))
    no_match = "certificate contains no matching dNSNnames"
    for subject, names, mail, why in (
            (f"/CN={MX}", ["other.example"], "", no_match), (f"/CN={MX}", ["*.example"], "", no_match),
            (f"/CN={MX}", ["b.example", "*.mx.b.example"], "", no_match),
            ("/CN=other.example", [], "", "received certificate for other.example"),
            ("/CN=a b\n%x", [], "", "received certificate for a?b?%x"), ("/O=nobody", [], "", "certificate contains no valid commonName"),
            ("/CN=x", [MX.upper()], "", None), ("/CN=x", ["no.example", "*.B.example"], "", None), (f"/CN={MX}", [], "a@b.example", None)):
        contexts.append(context(certificate(authority, subject, *names, mail=mail)))
        report = TAKEN if why is None else z(f"TLS unable to verify server {MX}: {why}; connected to {IP}.")
        assert remote(box) == report, subject
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("AECDH-AES128-SHA:@SECLEVEL=0")
    box.control("tlsclientciphers", "AECDH-AES128-SHA:@SECLEVEL=0\n")
    contexts.append(made)
    assert remote(box) == z(f"TLS unable to verify server {MX}: no certificate provided; connected to {IP}.")


# Without TLS, if it is not required


def test_the_second_connection_leaves_tcpto_alone(box):
    """It tries once more without TLS at the same address; a failed handshake is not a time-out, and the next exchanger is not tried."""
    zone(box, {"b.example": {"MX": [(10, MX), (20, "mx2.b.example")]}, "mx2.b.example": {"A": ["192.0.2.2"]}})
    table = box.path("queue/lock/tcpto")
    before = table.read_bytes()
    first = server(box, None, STARTTLS=("220 go", "not TLS", CLOSE))
    second = server(box, any_context(), ip="192.0.2.2")
    assert remote(box) == TAKEN
    assert [b"STARTTLS" in said(log) for log in first.connections] == [True, False]
    assert not second.connections and table.read_bytes() == before


@pytest.mark.parametrize("answer", [CLOSE, ("421 no", CLOSE)])
def test_a_server_that_hangs_up_at_starttls(box, answer):
    zone(box)
    listener = server(box, None, STARTTLS=answer)
    assert remote(box) == TAKEN
    assert len(listener.connections) == 2


def test_a_server_that_insists_on_a_certificate(box):
    """In TLS 1.3 the refusal comes after the client has completed the handshake."""
    zone(box)
    made = any_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations("/tmp/any.pem")
    listener = server(box, made)
    assert remote(box) == TAKEN
    assert len(listener.connections) == 2
    box.file(TRUSTED, Path("/tmp/any.pem").read_bytes())
    assert remote(box).startswith(b"Z")
    assert len(listener.connections) == 3


def test_a_stalled_handshake_is_not_waited_for_for_ever(box):
    zone(box)
    box.control("timeoutremote", "1\n")
    server(box, None, STARTTLS=("220 go", lambda connection: connection.read(100000)))
    started = time.monotonic()
    assert remote(box) == TAKEN
    assert time.monotonic() - started < 5


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_other_exchangers_after_a_second_connection_that_is_refused(box):
    """The remaining addresses are tried, with TLS, by the program that was executed."""
    zone(box, {"b.example": {"MX": [(10, MX), (20, "mx2.b.example"), (30, "mx3.b.example")]},
               MX: {"A": [IP, "192.0.2.9"]}, "mx2.b.example": {"A": ["192.0.2.2"]}, "mx3.b.example": {"A": ["192.0.2.3"]}})

    def vanish(connection):
        first._listener.shutdown(socket.SHUT_RDWR)
        connection.step(CLOSE)

    first = server(box, None, STARTTLS=("220 go", vanish))
    third = server(box, any_context(), ip="192.0.2.3")
    out = remote(box)
    assert out == TAKEN.replace(b"192.0.2.1", b"192.0.2.3")
    assert b"(TLS)" in third.connections[0]


def test_without_the_program_there_is_no_tls(box):
    zone(box)
    listener = server(box, any_context())
    box.file("/tmp/nothing", b"")
    subprocess.run(["mount", "--bind", "/tmp/nothing", box.program("qmail-remote-tls")], check=True)
    assert remote(box) == TAKEN
    assert len(listener.connections) == 2
    box.file(TRUSTED, b"")
    assert remote(box) == z(f"TLS connect failed: unable to run bin/qmail-remote-tls: access denied; connected to {IP}.")


# Hostile servers


@pytest.mark.parametrize("at_once", [True, False])
def test_replies_in_clear_behind_starttls(box, at_once):
    """In the same segment they are discarded, later they are not TLS: they are never treated as replies."""
    zone(box)
    box.control("smtproutes", ROUTE)
    injected = b"250-mx\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 stolen\r\n"
    made = any_context()
    steps = (b"220 go\r\n" + injected,) if at_once else (b"220 go\r\n", delay(0.3), injected)
    listener = server(box, made, "250-mx\r\n250 SIZE", STARTTLS=(*steps, tls(made)))
    out = remote(box)
    assert out.startswith(b"Z") and b"stolen" not in out
    for log in listener.connections:
        assert b"AUTH" not in verbs(log) and b"MAIL" not in verbs(log)
    if at_once:
        assert verbs(split_at_tls(listener.connections[0])[1]) == [b"EHLO", b"QUIT"]


def test_dripping_inside_tls_does_not_outlast_the_session(box):
    zone(box)
    box.control("timeoutsession", "2\n")

    def drip(connection):
        end = time.monotonic() + 12
        while time.monotonic() < end:
            try:
                connection._socket.sendall(b"2")
            except OSError:
                return
            time.sleep(0.05)

    server(box, any_context(), MAIL=drip)
    started = time.monotonic()
    assert remote(box) == f"ZConnected to {IP} but connection died. (#4.4.2)\n\0".encode()
    assert time.monotonic() - started < 6


def test_death_inside_tls(box):
    """The same is true without close_notify; after the message it may be a duplicate."""
    zone(box)
    server(box, any_context(), DOT=CLOSE)
    assert remote(box) == f"r\0ZConnected to {IP} but connection died. Possible duplicate! (#4.4.2)\n\0".encode()


# Port 465


def test_port_465_and_the_files(box):
    """TLS begins at once even if notlshosts has the name; it is verified if tlshosts has a file."""
    authority = new_authority()
    zone(box)
    box.control("smtproutes", f":{MX}:465\n")
    box.file(f"control/notlshosts/{MX}", b"")
    made = context(certificate(authority, "/CN=x", MX))
    listener = server(box, None, port=465, GREETING=(tls(made), "220 hi"))
    assert remote(box) == TAKEN
    assert listener.connections[0][0] == b"(TLS)" and b"STARTTLS" not in said(listener.connections[0])
    box.file(TRUSTED, self_signed("x"))
    assert remote(box) == z(f"TLS unable to verify server with {TRUSTED}: unable to get local issuer certificate; connected to {IP}.")
    box.file(TRUSTED, authority.certificate)
    assert remote(box) == TAKEN


def test_port_465_without_tls(box):
    zone(box)
    box.control("smtproutes", f":{MX}:465\n")
    listener = box.smtp_server({}, ip=IP, port=465)
    assert remote(box) == z(f"TLS connect failed: wrong version number; connected to {IP}.")
    assert len(listener.connections) == 1


# Logins


def answers_to(connection, challenge: str) -> bytes:
    connection.send("334 " + challenge)
    return base64.b64decode(connection.line().strip(), validate=True)


def check_login(seen: list, user: bytes = USER, password: bytes = PASSWORD):
    """AUTH at a server with one login."""
    def step(connection):
        words = said(connection.log)[-1].split()
        if words[1] == b"PLAIN":
            given = base64.b64decode(words[2], validate=True)
            good = given == b"\0" + user + b"\0" + password
        elif words[1] == b"LOGIN":
            given = answers_to(connection, "VXNlcm5hbWU6"), answers_to(connection, "UGFzc3dvcmQ6")
            good = given == (user, password)
        else:
            given = answers_to(connection, base64.b64encode(b"<1@mx>").decode())
            good = given == user + b" " + hmac.new(password, b"<1@mx>", "md5").hexdigest().encode()
        seen.append((words[1], connection.secure, good))
        connection.send("235 ok" if good else "535 no")
    return step


@pytest.mark.parametrize("offered, used", [("PLAIN LOGIN", b"PLAIN"), ("LOGIN PLAIN CRAM-MD5", b"LOGIN"), ("XOAUTH2 CRAM-MD5 PLAIN", b"CRAM-MD5")])
def test_the_first_mechanism_that_is_known(box, offered, used):
    zone(box)
    box.control("smtproutes", ROUTE)
    seen = []
    listener = server(box, any_context(), f"250-mx\r\n250 AUTH {offered}", AUTH=check_login(seen))
    assert remote(box) == TAKEN
    assert seen == [(used, True, True)]
    inside = split_at_tls(listener.connections[0])[1]
    assert [line for line in said(inside) if line.startswith(b"MAIL")] == [b"MAIL FROM:<alice@host.example.org>"]


@pytest.mark.parametrize("route", [":mx.b.example:587|joe|p w\n", ":mx.b.example:587 joe p w\n", ":mx.b.example;587|joe|p w\n"])
def test_spellings_of_a_route(box, route):
    zone(box)
    box.control("smtproutes", route)
    seen = []
    server(box, any_context(), "250-mx\r\n250 AUTH PLAIN", port=587, AUTH=check_login(seen, b"joe", b"p w"))
    assert remote(box) == TAKEN
    assert seen == [(b"PLAIN", True, True)]


def test_routes_by_sender(box):
    """authsenders has priority over smtproutes; each has a line for the empty sender."""
    zone(box, {"one.example": {"A": ["192.0.2.11"]}, "two.example": {"A": ["192.0.2.12"]}})
    box.control("authsenders", "alice@host.example.org:one.example|joe|pw\n@other.example:two.example\n")
    box.control("smtproutes", "!@:two.example\nb.example:mx.b.example\n")
    seen = []
    known = server(box, any_context(), "250-mx\r\n250 AUTH PLAIN", ip="192.0.2.11", AUTH=check_login(seen, b"joe", b"pw"))
    server(box, any_context(), ip="192.0.2.12")
    server(box, any_context())
    assert b"K192.0.2.11 accepted" in remote(box) and seen == [(b"PLAIN", True, True)]
    assert b"K192.0.2.12 accepted" in remote(box, sender="x@other.example")
    assert b"K192.0.2.12 accepted" in remote(box, sender="")
    assert b"K192.0.2.1 accepted" in remote(box, sender="x@host.example.org")
    assert len(known.connections) == 1


def test_passwords_in_clear(box):
    """A password is not sent without TLS to a name without notlshosts or to an address, except to 127.0.0.0/8."""
    zone(box)
    seen = []
    refused = z(f"Connected to {IP} but will not authenticate without TLS.")
    listener = box.smtp_server({"EHLO": "250-mx\r\n250 AUTH PLAIN", "AUTH": check_login(seen)}, ip=IP)
    for relay in (MX, IP, f"[{IP}]"):
        box.file(f"control/notlshosts/{IP}", b"")
        box.control("smtproutes", f":{relay}|joe@isp.example|top:se|cret\n")
        assert remote(box) == refused
    assert not seen and all(verbs(log) == [b"EHLO", b"QUIT"] for log in listener.connections)
    box.file("control/tlshosts/exhaustivelist", b"")
    box.control("smtproutes", ROUTE)
    assert remote(box) == refused
    box.file(f"control/notlshosts/{MX}", b"")
    assert remote(box) == TAKEN and seen == [(b"PLAIN", False, True)]
    box.smtp_server({"EHLO": "250-mx\r\n250 AUTH PLAIN", "AUTH": check_login(seen)}, ip="127.5.5.5", port=2525)
    box.control("smtproutes", ":127.5.5.5:2525|joe@isp.example|top:se|cret\n")
    assert b"K127.5.5.5 accepted message." in remote(box)


@pytest.mark.parametrize("answer, report", [
    ("454 not now", "Connected to {} but will not authenticate without TLS.\nRemote host said: 454 not now"),
    (("220 go", hang_up), "TLS connect failed: connection closed; connected to {}.")])
def test_a_login_is_never_without_tls(box, answer, report):
    zone(box)
    box.control("smtproutes", ROUTE)
    listener = server(box, None, STARTTLS=answer)
    assert remote(box) == z(report.format(IP))
    assert len(listener.connections) == 1


def test_logins_that_come_to_nothing(box):
    """The server repeats everything that it got; the report does not."""
    zone(box)
    box.control("smtproutes", ROUTE)
    made = any_context()
    plain = base64.b64encode(b"\0" + USER + b"\0" + PASSWORD).decode()
    echo = f"535 {plain} {USER.decode()}: {PASSWORD.decode()}"
    mechanisms = ["PLAIN", "PLAIN", "SCRAM-SHA-256"]
    listener = server(box, None, STARTTLS=("220 go", tls(made)), AUTH=[echo, "235 ok"], MAIL=f"553 not owned by {USER.decode()}",
                      EHLO=lambda c: c.send(f"250-mx\r\n250 AUTH {mechanisms.pop(0)}" if c.secure else OFFER))
    assert remote(box) == z(f"Connected to {IP} but authentication was rejected (AUTH PLAIN).\nRemote host said: 535 *** ***: ***")
    assert verbs(split_at_tls(listener.connections[0])[1]) == [b"EHLO", b"AUTH", b"QUIT"]
    assert remote(box).endswith(b"Remote host said: 553 not owned by ***\n\0")
    assert remote(box) == z(f"Connected to {IP} but no authentication that I know is offered.")
    assert verbs(split_at_tls(listener.connections[2])[1]) == [b"EHLO", b"QUIT"]


def test_secrets_are_nowhere_to_be_seen(box):
    """Neither environment nor arguments nor an open descriptor of the process has them, and it dumps no core."""
    zone(box)
    box.file("control/smtproutes", ROUTE, mode=0o640, owner="root:qmail")
    seen = []

    def look(connection):
        for entry in Path("/proc").glob("[0-9]*"):
            words = (entry / "cmdline").read_bytes()
            if b"bob@b.example" in words and os.readlink(entry / "exe").endswith("-tls"):
                seen.append(words + (entry / "environ").read_bytes())
                seen.append(b"\n".join(os.readlink(one).encode() for one in (entry / "fd").iterdir()))
                limits = (entry / "limits").read_text(encoding="ascii").splitlines()
                seen.extend(line.encode() for line in limits if line.startswith("Max core"))
        connection.send("250 mx")

    made = any_context()
    server(box, made, "250-mx\r\n250 AUTH PLAIN", AUTH="235 ok", MAIL=look)
    assert remote(box) == TAKEN
    assert len(seen) == 3, seen
    assert b"alice@host.example.org" in seen[0] and b"memfd:secret" not in seen[1] and b"socket" in seen[1] and seen[2].split()[4] == b"0"
    assert b"cret" not in seen[0] and USER not in seen[0]


def test_unreadable_authsenders(box):
    zone(box)
    box.control("authsenders", "@x:y\n")
    box.path("control/authsenders").chmod(0)
    assert remote(box) == b"ZUnable to read control files. (#4.3.0)\n\0"


@pytest.mark.parametrize("value", ["", "x", "2", "9", "99999999999999999999"])
def test_a_handover_that_is_none(box, value):
    zone(box)
    out = remote(box, program="qmail-remote-tls", env=box.env | {"QMAILREMOTETLS": value})
    assert out == b"ZUnable to take the connection over. (#4.3.0)\n\0"


def test_showctl_shows_no_login(box):
    box.control("authsenders", "@a.example:relay:587|joe|secret\n")
    box.control("smtproutes", "b.example:relay|joe|secret\nc.example:relay joe secret\n")
    box.file("control/tlshosts/x.pem", b"")
    out = box.run(["qmail-showctl"]).out.decode()
    assert "SMTP route by sender: @a.example:relay:587|…\n" in out
    assert "SMTP route: b.example:relay|…\n" in out and "SMTP route: c.example:relay …\n" in out
    assert "secret" not in out and "joe" not in out
    assert "SMTP servers that must speak TLS are here." in out
