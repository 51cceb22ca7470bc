"""Connections in TLS that a worker of qmail-rspawn keeps, and groups over them: the worker has become qmail-remote-tls and stays."""

import os
import signal
import ssl
import time
from pathlib import Path

import pytest
from conformlib import CLOSE, delay
from conformlib.process import until
from test_remote_groups import NAMES, by_name, named
from test_remote_groups import deliver as deliver_group
from test_remote_kept import END, FIRST, NEXT, keep, verbs
from test_remote_policies import Zone, certified, key_of, tlsa
from test_remote_shares import Sessions, Spawner, accepted
from test_remote_tls import TRUSTED, any_context, certificate, context, new_authority, offers, tls
from test_remote_workers import EXECUTED, IP, OTHER, deliver, exe_of, to
from test_spawners import replace
from tls_client import self_signed

HELLO = ["EHLO", "STARTTLS"]
B = b"r@b.example"


def server(box, made=None, ip=IP, inside="250 mx", **answers):
    return box.smtp_server({"EHLO": offers(inside=inside), "STARTTLS": ("220 go", tls(made or any_context()))} | answers, ip=ip)


def said(listener):
    """The commands of each connection; all are closed."""
    return [[verb for verb in verbs(log) if verb != "Subject:"] for log in listener.connections]


def messages(listener):
    """How many messages each connection has carried, and whether in TLS."""
    return [(sum(line.startswith(b"C: DATA") for line in log), b"(TLS)" in log) for log in list(listener.connections)]


def worker(spawner):
    (pid,) = spawner.deliveries()
    return pid


def test_one_handshake_for_one_message_after_the_other(box):
    keep(box)
    made = any_context()
    listener = server(box, made)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    pid = worker(spawner)
    assert exe_of(pid) == "qmail-remote-tls"
    for slot in (2, 2, 3):
        assert deliver(spawner, slot) == accepted(IP)
    assert worker(spawner) == pid
    assert said(listener) == [HELLO + FIRST + 3 * NEXT + END]
    assert made.session_stats()["accept"] == 1
    # Each message is what it is alone.
    (log,) = listener.connections
    marks = [number for number, line in enumerate(log) if line.startswith(b"C: MAIL")] + [len(log)]
    parts = [log[one:other] for one, other in zip(marks, marks[1:])]
    assert parts[0] == parts[1] == parts[2] == parts[3][:len(parts[0])]


@pytest.mark.parametrize("control", [{}, {"connectionmessages": "1\n"}])
def test_without_the_file_the_program_makes_one_delivery(box, control):
    for name, text in control.items():
        box.control(name, text)
    listener = server(box)
    spawner, executed = Spawner(box), Spawner(box, EXECUTED)
    for one in (spawner, spawner, executed):
        assert deliver(one) == accepted(IP)
        assert not one.deliveries()
    assert said(listener) == 3 * [HELLO + FIRST + END]
    assert listener.connections[0] == listener.connections[1] == listener.connections[2]


def test_a_program_that_is_executed_makes_one_delivery(box):
    keep(box)
    listener = server(box)
    executed = Spawner(box, EXECUTED)
    for _ in range(2):
        assert deliver(executed) == accepted(IP)
    assert said(listener) == 2 * [HELLO + FIRST + END]


def test_what_comes_in_clear_is_delivered_too(box):
    box.control("transactionrecipients", "20\n")
    listener, plain = server(box), box.smtp_server(ip=OTHER)
    spawner = Spawner(box)
    assert deliver_group(spawner) == 4 * [accepted("IP")]
    pid = worker(spawner)
    for ip in (OTHER, IP, OTHER):
        assert deliver(spawner, recipient=to(ip)) == accepted(ip)
    assert worker(spawner) == pid and exe_of(pid) == "qmail-remote-tls"
    assert messages(listener) == 2 * [(1, True)] and messages(plain) == 2 * [(1, False)]


def test_tls_from_the_first_byte_on(box):
    keep(box)
    made = any_context()
    listener = box.smtp_server({"GREETING": (tls(made), "220 mx")}, ip=IP, port=465)
    box.control("smtproutes", f":[{IP}]:465\n")
    spawner = Spawner(box)
    for _ in range(2):
        assert deliver(spawner, recipient=B) == accepted(IP)
    assert messages(listener) == [(2, True)]


def test_a_login_is_said_once(box):
    keep(box)
    listener = server(box, ip=IP, inside="250-mx\r\n250 AUTH PLAIN", AUTH="235 ok")
    spawner = Spawner(box)
    for login in ("one|secret", "one|secret", "two|secret"):
        box.control("smtproutes", f":[{IP}]|{login}\n")
        assert deliver(spawner, recipient=B) == accepted(IP)
    begin = [*HELLO, "EHLO", "AUTH"]
    until(lambda: said(listener)[0] == begin + NEXT + NEXT + END, 3, "the end of the first")
    assert messages(listener) == [(2, True), (1, True)]


@pytest.mark.limit(60)
def test_the_connection_ends_first_and_then_the_process(box):
    keep(box)
    box.control("connectionidle", "1\n")
    listener = server(box)
    spawner = Spawner(box)
    deliver(spawner)
    pid = worker(spawner)
    begun = time.monotonic()
    until(lambda: said(listener) == [HELLO + FIRST + END], 5, "QUIT")
    assert time.monotonic() - begun < 3
    assert worker(spawner) == pid
    until(lambda: not spawner.deliveries(), 15, "the end of the process")


def test_it_ends_with_qmail_rspawn(box):
    keep(box)
    listener = server(box)
    spawner = Spawner(box)
    deliver(spawner)
    spawner._child.stdin.close()
    until(lambda: said(listener) == [HELLO + FIRST + END], 3, "QUIT")
    assert spawner._child.wait(5) == 0


def test_number_of_messages(box):
    keep(box)
    box.control("connectionmessages", "2\n")
    listener = server(box)
    spawner = Spawner(box)
    for _ in range(3):
        assert deliver(spawner) == accepted(IP)
    assert said(listener) == [HELLO + FIRST + NEXT + END, HELLO + FIRST + END]


def unwrap(connection):
    """Says close_notify, and waits for no answer."""
    connection._socket.settimeout(0)
    try:
        connection._socket.unwrap()
    except (ssl.SSLError, OSError):
        pass


CLOSED = [{"DOT": [("250 ok", CLOSE), "250 ok"]}, {"DOT": [("250 ok", unwrap, delay(1), CLOSE), "250 ok"]}, {"MAIL": ["250 ok", CLOSE, "250 ok"]},
          {"MAIL": ["250 ok", "421 too long", "250 ok"]}, {"RCPT": ["250 ok", CLOSE, "250 ok"]}, {"DOT": [("250 ok", delay(0.2), "421 idle"), "250 ok"]},
          {"DOT": ["250 ok\r\n421 idle", "250 ok"]}, {"DOT": [("250 ok", "421 idle"), "250 ok"]}]


@pytest.mark.parametrize("script", CLOSED)
def test_a_server_that_has_closed_is_no_failure(box, script):
    """Silently, with close_notify, with 421 in the same packet or later."""
    keep(box)
    listener = server(box, **script)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    time.sleep(0.5)
    assert deliver(spawner) == accepted(IP)
    assert [secure for _, secure in messages(listener)] == [True, True]
    assert said(listener)[1] == HELLO + FIRST + END


@pytest.mark.parametrize("script", [{"RCPT": ["250 ok", "421 no"]}, {"DATA": ["354 go", CLOSE]}, {"DOT": ["250 ok", CLOSE]},
                                    {"DATA": ["354 go", "421 no"]}, {"DOT": ["250 ok", "451 later"]}, {"MAIL": ["250 ok", "550 no"]}])
def test_what_comes_later_is_reported_as_ever(box, script):
    """The second message of a connection, beside the first of another."""
    keep(box)
    listener = server(box, **script)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    text = deliver(spawner)
    ((verb, (_, answer)),) = script.items()
    other = server(box, ip=OTHER, **{verb: answer})
    assert text == deliver(Spawner(box, EXECUTED), recipient=to(OTHER)).replace(OTHER.encode(), IP.encode())
    assert len(listener.connections) == len(other.connections) == 1


# The demands for TLS


@pytest.mark.parametrize("name, text", [("tlspolicy", "*:encrypt\n"), ("tlspolicy", "*:none\n"), ("clientcert.pem", None), ("tlsclientciphers", "ALL\n"),
                                        ("helohost", "other.example\n"), ("timeoutremote", "900\n")])
def test_other_terms_need_another_connection(box, name, text):
    keep(box)
    listener = server(box)
    spawner = Spawner(box)
    deliver(spawner)
    if text:
        box.control(name, text)
    else:
        box.file("control/clientcert.pem", Path("/tmp/any.pem").read_bytes(), mode=0o640, owner="qmailr:qmail")
    assert deliver(spawner) == accepted(IP)
    until(lambda: said(listener)[0] == [*HELLO, *FIRST, "QUIT"], 3, "the end of the first")
    assert messages(listener) == [(1, True), (1, text != "*:none\n")]


def test_a_connection_that_was_not_verified_is_none_for_a_domain_that_wants_it(box):
    """The server's certificate is good for nothing; mail goes there, but not when a policy comes up, and then again."""
    keep(box)
    Zone(box)
    listener = server(box)
    spawner = Spawner(box)
    assert deliver(spawner, recipient=B) == accepted(IP)
    box.control("tlspolicy", "b.example:verify\n")
    for _ in range(2):
        assert b"TLS unable to verify server" in deliver(spawner, recipient=B)
    box.path("control/tlspolicy").unlink()
    assert deliver(spawner, recipient=B) == accepted(IP)
    assert [count for count, _ in messages(listener)] == [1, 0, 0, 1]


def test_another_domain_of_the_same_server(box):
    keep(box)
    box.dns({name: {"MX": [(10, "mx.b.example")]} for name in ("b.example", "c.example")} | {"mx.b.example": {"A": [IP]}})
    box.control("tlspolicy", "c.example:encrypt\n")
    listener = server(box)
    spawner = Spawner(box)
    for name in (b"b", b"c", b"b", b"c"):
        assert deliver(spawner, recipient=b"r@%s.example" % name) == accepted(IP)
    assert messages(listener) == [(2, True), (2, True)]


def test_a_verified_connection_is_kept_until_its_authority_changes(box):
    keep(box)
    box.dns({"b.example": {"MX": [(10, "mx.b.example")]}, "mx.b.example": {"A": [IP]}})
    authority = new_authority()
    box.file(TRUSTED, authority.certificate)
    listener = server(box, context(certificate(authority, "/CN=x", "mx.b.example")))
    spawner = Spawner(box)
    for _ in range(2):
        assert deliver(spawner, recipient=B) == accepted(IP)
    assert messages(listener) == [(2, True)]
    box.file(TRUSTED, self_signed("ca.example"))
    assert b"TLS unable to verify server" in deliver(spawner, recipient=B)
    assert messages(listener) == [(2, True), (0, True)]


def test_tlsa_records_that_change(box):
    keep(box)
    pem, made = certified()
    right, wrong = tlsa("_25._tcp.mx.b.example", key_of(pem)), tlsa("_25._tcp.mx.b.example", b"x" * 32)
    zone = Zone(box, {"mx.b.example": []})
    box.control("dane", "1\n")
    # Each delivery asks the name server again.
    box.control("connectionidle", "30\n")
    server(box, made)
    spawner = Spawner(box)
    seen = []
    for records in ([], [right], [wrong, right], [right, wrong], [wrong], [right], []):
        zone.records["mx.b.example"] = records
        seen.append((deliver(spawner, recipient=B)[:1], made.session_stats()["accept"]))
    assert seen == [(b"K", 1), (b"K", 2), (b"K", 3), (b"K", 3), (b"Z", 4), (b"K", 5), (b"K", 6)]


def test_a_connection_in_clear_after_a_failure_is_not_kept(box):
    keep(box)
    listener = server(box, STARTTLS=("220 go", "no TLS"))
    spawner = Spawner(box)
    for _ in range(2):
        assert deliver(spawner) == accepted(IP)
    assert messages(listener) == 2 * [(0, False), (1, False)]


# Groups


def test_a_group_in_tls(box):
    box.control("transactionrecipients", "20\n")
    listener = server(box)
    assert deliver_group(Spawner(box)) == 4 * [accepted("IP")]
    assert said(listener) == [[*HELLO, "EHLO", "MAIL", *4 * ["RCPT"], "DATA", "QUIT"]]
    assert sorted(named(listener)[0]) == NAMES


def test_reports_of_a_group_are_those_of_single_deliveries(box):
    box.control("transactionrecipients", "20\n")
    grouped, executed = Spawner(box), Spawner(box, EXECUTED)
    scripts = [{"MAIL": "550 no"}, {"DATA": "421 no"}, {"DOT": "451 later"}, {"DOT": CLOSE}, {"RCPT": "452 no"}, {"MAIL": CLOSE}, {"STARTTLS": "454 no"}]
    for number, script in enumerate(scripts):
        ip = f"192.0.2.{10 + number}"
        server(box, ip=ip, **script)
        assert deliver_group(grouped, ip, NAMES[:2]) == deliver_group(executed, ip, NAMES[:2]), script


def test_a_group_that_must_be_verified(box):
    box.control("transactionrecipients", "20\n")
    box.control("tlspolicy", "*:verify\n")
    listener = server(box)
    texts = deliver_group(Spawner(box))
    assert len(set(texts)) == 1 and b"TLS unable to verify server" in texts[0]
    assert [count for count, _ in messages(listener)] == [0] * len(listener.connections)


def test_a_group_and_what_was_deferred_over_one_connection(box):
    box.control("transactionrecipients", "20\n")
    keep(box)
    listener = server(box, RCPT=by_name(c=["452 no", "250 ok"], d=["550 no"]))
    texts = deliver_group(Spawner(box))
    assert [text[:1] for text in texts] == [b"K", b"K", b"K", b"D"]
    assert messages(listener) == [(2, True)]


def test_a_program_that_cannot_be_executed(box):
    """Then mail goes in clear, as ever, and the worker stays a worker."""
    box.control("transactionrecipients", "20\n")
    keep(box)
    replace(box, "qmail-remote-tls", "", mode=0o600)
    listener = server(box)
    spawner = Spawner(box)
    assert deliver_group(spawner) == 4 * [accepted("IP")]
    assert deliver(spawner) == accepted(IP)
    assert exe_of(worker(spawner)) == "qmail-rspawn"
    assert messages(listener) == 2 * [(0, False), (1, False)]


# The process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_process_is_a_crashed_program(box, number):
    keep(box)
    held = Sessions()
    server(box, RCPT=["250 ok", (held, CLOSE)])
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    pid = worker(spawner)
    spawner.order(1, to(IP))
    held.wait_for(1)
    os.kill(pid, number)
    assert spawner.report() == (1, b"Zqmail-remote crashed.\n")
    held.release()
    until(lambda: pid not in spawner.deliveries(), 5, "the end of the process")


def test_a_new_file_of_the_program_counts_at_once(box):
    keep(box)
    listener = server(box)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    pid = worker(spawner)
    replace(box, "qmail-remote-tls", box.path(box.program("qmail-remote-tls")).read_bytes())
    assert deliver(spawner, 2) == accepted(IP)
    until(lambda: pid not in spawner.deliveries(), 5, "the end of the process")
    assert messages(listener) == [(1, True), (1, True)]


def test_what_the_sender_wants_is_for_its_message_alone(box):
    box.control("dsn", "1\n")
    keep(box)
    listener = server(box, inside="250-x\r\n250 DSN")
    spawner = Spawner(box)
    wishes = box.path("queue/mess/0/230.dsn")
    for text in (None, b"RET=HDRS\n", None):
        if text:
            wishes.write_bytes(text)
            os.chown(wishes, *[getattr(os.stat(box.path("queue/mess/0/230")), what) for what in ("st_uid", "st_gid")])
        elif wishes.exists():
            wishes.unlink()
        assert deliver(spawner)[:1] == b"K"
    (log,) = listener.connections
    assert [b"RET=HDRS" in line for line in log if line.startswith(b"C: MAIL")] == [False, True, False]


def test_memory_cannot_be_read(box):
    keep(box)
    server(box)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    assert os.stat(f"/proc/{worker(spawner)}/environ").st_uid == 0


def test_descriptors_do_not_add_up(box):
    keep(box)
    box.control("connectionmessages", "1000\n")
    server(box)
    spawner = Spawner(box)
    counts = set()
    for _ in range(6):
        assert deliver(spawner) == accepted(IP)
        counts.add(len(os.listdir(f"/proc/{worker(spawner)}/fd")))
    assert len(counts) == 1
