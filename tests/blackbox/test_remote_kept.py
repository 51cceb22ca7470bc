"""Connections that qmail-rspawn's workers keep for the next delivery (control/connectionmessages, connectionidle)."""

import time

import pytest
from conformlib import CLOSE, delay
from conformlib.process import until
from test_remote_shares import Spawner, accepted
from test_remote_workers import EXECUTED, IP, OTHER, deliver, to


def keep(box):
    box.control("connectionmessages", "20\n")
    box.control("connectionidle", "2\n")


def verbs(log):
    return [line[3:].split()[0].decode() for line in log if line[:3] == b"C: " and line[3:4].isupper()]


FIRST = ["EHLO", "MAIL", "RCPT", "DATA"]
NEXT = ["MAIL", "RCPT", "DATA"]
END = ["QUIT"]


def said(server):
    """The commands of each connection, when all of them are closed."""
    return [[verb for verb in verbs(log) if verb not in ("Subject:", "HELO")] for log in server.connections]


def test_one_connection_carries_one_message_after_the_other(box):
    keep(box)
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    for _ in range(4):
        assert deliver(spawner) == accepted(IP)
    assert said(server) == [FIRST + 3 * NEXT + END]
    # Each message is what it is alone.
    (log,) = server.connections
    marks = [number for number, line in enumerate(log) if line.startswith(b"C: MAIL")] + [len(log)]
    parts = [log[one:other] for one, other in zip(marks, marks[1:])]
    assert parts[0] == parts[1] == parts[2] == parts[3][:len(parts[0])]


@pytest.mark.parametrize("control", [{}, {"connectionmessages": "1\n"}, {"connectionmessages": "20\n", "connectionidle": "0\n"}])
def test_without_the_files_each_has_its_own(box, control):
    for name, text in control.items():
        box.control(name, text)
    server = box.smtp_server(ip=IP)
    spawner, executed = Spawner(box), Spawner(box, EXECUTED)
    for one in (spawner, spawner, executed):
        assert deliver(one) == accepted(IP)
    assert said(server) == 3 * [[*FIRST, "QUIT"]]
    assert server.connections[0] == server.connections[1] == server.connections[2]


def test_it_is_closed_when_nothing_comes(box):
    keep(box)
    box.control("connectionidle", "1\n")
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    deliver(spawner)
    begun = time.monotonic()
    until(lambda: said(server) == [[*FIRST, "QUIT"]], 5, "QUIT")
    assert time.monotonic() - begun < 3
    assert len(spawner.deliveries()) == 1, "the process waits longer"


def test_it_is_closed_with_qmail_rspawn(box):
    keep(box)
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    deliver(spawner)
    spawner._child.stdin.close()
    until(lambda: said(server) == [[*FIRST, "QUIT"]], 3, "QUIT")


def test_number_of_messages(box):
    keep(box)
    box.control("connectionmessages", "2\n")
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    for _ in range(3):
        assert deliver(spawner) == accepted(IP)
    assert said(server) == [FIRST + NEXT + END, FIRST + END]


def test_reset_after_a_message_that_was_not_sent(box):
    keep(box)
    server = box.smtp_server({"RCPT": ["550 no", "250 ok"]}, ip=IP)
    spawner = Spawner(box)
    assert deliver(spawner) == f"D{IP} does not like recipient.\nRemote host said: 550 no\nGiving up on {IP}.\n".encode()
    assert deliver(spawner) == accepted(IP)
    assert said(server) == [["EHLO", "MAIL", "RCPT", "RSET", *NEXT, *END]]


@pytest.mark.parametrize("script", [{"DOT": [("250 ok", CLOSE), "250 ok"]}, {"MAIL": ["250 ok", CLOSE, "250 ok"]},
                                    {"MAIL": ["250 ok", "421 too long", "250 ok"]}, {"MAIL": ["250 ok", ("421 too long", CLOSE), "250 ok"]},
                                    {"RCPT": ["250 ok", CLOSE, "250 ok"]}, {"DOT": [("250 ok", delay(0.2), "421 idle"), "250 ok"]}])
def test_a_server_that_has_closed_is_no_failure(box, script):
    keep(box)
    server = box.smtp_server(script, ip=IP)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    time.sleep(0.5)
    assert deliver(spawner) == accepted(IP)
    assert len(server.connections) == 2 and said(server)[1] == FIRST + END


@pytest.mark.parametrize("script", [{"RCPT": ["250 ok", "421 no"]}, {"DATA": ["354 go", CLOSE]}, {"DOT": ["250 ok", CLOSE]},
                                    {"DATA": ["354 go", "421 no"]}, {"DOT": ["250 ok", "451 later"]}, {"MAIL": ["250 ok", "550 no"]}])
def test_what_comes_later_is_reported_as_ever(box, script):
    """The second message of a connection, beside the first of another."""
    keep(box)
    server = box.smtp_server(script, ip=IP)
    spawner = Spawner(box)
    assert deliver(spawner) == accepted(IP)
    text = deliver(spawner)
    ((verb, (_, answer)),) = script.items()
    other = box.smtp_server({verb: answer}, ip=OTHER)
    assert text == deliver(Spawner(box, EXECUTED), recipient=to(OTHER)).replace(OTHER.encode(), IP.encode())
    assert len(server.connections) == len(other.connections) == 1


def test_421_ends_it(box):
    keep(box)
    server = box.smtp_server({"DOT": "421 enough"}, ip=IP)
    spawner = Spawner(box)
    for _ in range(2):
        assert deliver(spawner).startswith(b"Z")
    assert len(server.connections) == 2


@pytest.mark.parametrize("name, text", [("helohost", "other.example\n"), ("timeoutremote", "900\n"), ("outgoingip", "127.0.0.1\n"),
                                        ("smtproutes", f"[{IP}]:{IP}\n"), ("helohostbyip", "192.0.2.200:x.example\n"), ("tlspolicy", "*:encrypt\n")])
def test_other_terms_need_another_connection(box, name, text):
    keep(box)
    server = box.smtp_server(ip=IP)
    spawner = Spawner(box)
    deliver(spawner)
    box.control(name, text)
    deliver(spawner)
    until(lambda: said(server)[0] == [*FIRST, "QUIT"], 3, "the end of the first")


def test_another_login_needs_another_connection(box):
    keep(box)
    server = box.smtp_server({"EHLO": "250-mx\r\n250 AUTH PLAIN", "AUTH": "235 ok"}, ip="127.0.0.1")
    spawner = Spawner(box)
    for login in ("one|secret", "one|secret", "one|other", "two|other"):
        box.control("smtproutes", f":127.0.0.1|{login}\n")
        assert deliver(spawner, recipient=b"r@b.example") == accepted("127.0.0.1")
    login = ["EHLO", "AUTH", *NEXT]
    assert said(server) == [login + NEXT + END, login + END, login + END]


def test_each_host_has_its_own(box):
    keep(box)
    servers = [box.smtp_server(ip=ip) for ip in (IP, OTHER)]
    spawner = Spawner(box)
    for _ in range(3):
        for ip in (IP, OTHER):
            assert deliver(spawner, recipient=to(ip)) == accepted(ip)
    assert [said(server) for server in servers] == 2 * [[FIRST + 2 * NEXT + END]]
    assert len(spawner.deliveries()) == 2
