"""Recipients of one message that go to a host in one transaction (control/transactionrecipients)."""

import os
import re
import signal

import pytest
from conformlib import CLOSE
from conformlib.process import until
from test_remote_kept import FIRST, said
from test_remote_shares import SENDER, Sessions, Spawner, accepted
from test_remote_workers import EXECUTED, IP, OTHER
from test_resident_signer import residents
from test_sign import new_key

NAMES = ["a", "b", "c", "d"]


def recipients(ip, names=NAMES):
    return [f"{name}@[{ip}]".encode() for name in names]


def send_orders(spawner, ip=IP, names=NAMES, senders=None):
    spawner._child.stdin.write(b"".join(bytes([slot]) + b"\0".join([b"0/230", (senders or {}).get(slot, SENDER), one, b""])
                                        for slot, one in enumerate(recipients(ip, names))))
    spawner._child.stdin.flush()


def deliver(spawner, ip=IP, names=NAMES, senders=None):
    """The reports by slot for orders that come at once."""
    send_orders(spawner, ip, names, senders)
    found = dict(spawner.report() for _ in names)
    assert sorted(found) == list(range(len(names)))
    return [found[slot].replace(ip.encode(), b"IP") for slot in range(len(names))]


def named(server):
    """The recipients of each connection."""
    return [[re.search(rb"<(.*)@", line)[1].decode() for line in log if line.startswith(b"C: RCPT")] for log in server.connections]


def by_name(**answers):
    """Answers to RCPT by the recipient's name, the last one repeats."""
    def answer(connection):
        name = re.search(rb"<(.*)@", connection.log[-1])[1].decode()
        steps = answers.get(name, ["250 ok"])
        connection.step(steps.pop(0) if len(steps) > 1 else steps[0])
    return answer


def test_one_transaction_has_all_recipients(box):
    box.control("transactionrecipients", "20\n")
    server = box.smtp_server(ip=IP)
    assert deliver(Spawner(box)) == 4 * [accepted("IP")]
    assert said(server) == [["EHLO", "MAIL", *4 * ["RCPT"], "DATA", "QUIT"]]
    assert sorted(named(server)[0]) == NAMES


@pytest.mark.parametrize("control", [{}, {"transactionrecipients": "1\n"}])
def test_without_the_file_each_has_its_own(box, control):
    for name, text in control.items():
        box.control(name, text)
    server = box.smtp_server(ip=IP)
    assert deliver(Spawner(box)) == 4 * [accepted("IP")]
    assert said(server) == 4 * [[*FIRST, "QUIT"]]


def test_number_of_recipients(box):
    box.control("transactionrecipients", "3\n")
    server = box.smtp_server(ip=IP)
    assert deliver(Spawner(box)) == 4 * [accepted("IP")]
    assert sorted(len(names) for names in named(server)) == [1, 3]


def test_another_sender_is_another_transaction(box):
    """VERP gives each recipient a sender of its own."""
    box.control("transactionrecipients", "20\n")
    server = box.smtp_server(ip=IP)
    assert deliver(Spawner(box), senders={1: b"s-b=h@a.example", 2: b"s-c=h@a.example"}) == 4 * [accepted("IP")]
    assert sorted(map(sorted, named(server))) == [["a", "d"], ["b"], ["c"]]


SAME = [{"MAIL": "550 no"}, {"MAIL": "451 no"}, {"DATA": "554 no"}, {"DATA": "421 no"}, {"DOT": "554 no"}, {"DOT": "451 later"}, {"DOT": CLOSE}, {"GREETING": "554 no"},
        {"EHLO": CLOSE}, {"RCPT": "550 no"}, {"RCPT": "452 no"}, {"MAIL": CLOSE}, {"DATA": CLOSE}, {"RCPT": CLOSE}, {"RCPT": "421 no"}]


PIPELINING = ("250-hello", "250 PIPELINING")


def test_commands_go_together_to_a_server_that_allows_it(box):
    """It answers nothing before it has all of them."""
    def all_at_once(connection):
        for command in (b"RCPT", b"RCPT", b"DATA"):
            assert connection.line().startswith(command)
        for reply in ("250 sender", "250 one", "250 two", "354 go"):
            connection.send(reply)
        connection.message()
        connection.send("250 ok")

    box.control("transactionrecipients", "2\n")
    box.smtp_server({"EHLO": PIPELINING, "MAIL": all_at_once}, ip=IP)
    assert deliver(Spawner(box), names=NAMES[:2]) == 2 * [accepted("IP")]


@pytest.mark.limit(150)
@pytest.mark.parametrize("more", [{}, {"EHLO": PIPELINING}], ids=["plain", "pipelining"])
def test_reports_are_those_of_single_deliveries(box, more):
    box.control("transactionrecipients", "20\n")
    grouped, executed = Spawner(box), Spawner(box, EXECUTED)
    for number, script in enumerate(SAME):
        ip = f"192.0.2.{10 + number}"
        server = box.smtp_server(more | script, ip=ip)
        texts = deliver(grouped, ip, NAMES[:2])
        assert texts == deliver(executed, ip, NAMES[:2]), script
        assert server.connections


def test_refused_and_accepted_recipients(box):
    box.control("transactionrecipients", "20\n")
    server = box.smtp_server({"RCPT": by_name(b=["550 no"], d=["550 never"])}, ip=IP)
    other = box.smtp_server({"RCPT": by_name(b=["550 no"], d=["550 never"])}, ip=OTHER)
    texts = deliver(Spawner(box))
    assert texts == deliver(Spawner(box, EXECUTED), OTHER)
    assert [text[:1] for text in texts] == [b"K", b"D", b"K", b"D"]
    assert len(server.connections) == 1 and len(other.connections) == 4


def test_too_many_recipients_go_in_the_next_transactions(box):
    """452 and any other deferral of some."""
    box.control("transactionrecipients", "20\n")
    def two_at_a_time(connection):
        here = sum(line.startswith(b"S: 250 taken") for line in connection.log)
        connection.send("452 too many recipients" if here == 2 else "250 taken")

    server = box.smtp_server({"RCPT": two_at_a_time}, ip=IP)
    assert deliver(Spawner(box)) == 4 * [accepted("IP")]
    assert [len(names) for names in named(server)] == [4, 2]


def test_a_recipient_that_stays_deferred(box):
    box.control("transactionrecipients", "20\n")
    server = box.smtp_server({"RCPT": by_name(c=["450 greylisted"])}, ip=IP)
    texts = deliver(Spawner(box))
    assert texts == [accepted("IP"), accepted("IP"), b"ZIP does not like recipient.\nRemote host said: 450 greylisted\nGiving up on IP.\n", accepted("IP")]
    assert [len(names) for names in named(server)] == [4, 1]


@pytest.mark.parametrize("step", [CLOSE, "421 too many"])
def test_a_server_that_hangs_up_gets_the_recipients_one_by_one(box, step):
    box.control("transactionrecipients", "20\n")

    def one_only(connection):
        connection.step(step if any(line.startswith(b"S: 250 taken") for line in connection.log) else "250 taken")

    box.smtp_server({"RCPT": one_only}, ip=IP)
    assert deliver(Spawner(box)) == 4 * [accepted("IP")]


def test_with_kept_connections(box):
    box.control("transactionrecipients", "20\n")
    box.control("connectionmessages", "20\n")
    server = box.smtp_server({"RCPT": by_name(c=["452 no", "250 ok"])}, ip=IP)
    assert deliver(Spawner(box)) == 4 * [accepted("IP")]
    assert said(server) == [["EHLO", "MAIL", *4 * ["RCPT"], "DATA", *FIRST[1:], "QUIT"]]


@pytest.mark.parametrize("together", [True, False])
def test_a_list_whose_hosts_alternate(box, together):
    """qmail-send orders those of a host together; without the file it keeps the order of the list."""
    if together:
        box.control("transactionrecipients", "20\n")
    servers = [box.smtp_server(ip=ip) for ip in (IP, OTHER, "192.0.2.3")]
    qmail = box.start_qmail()
    hosts = [IP, OTHER, "192.0.2.3"]
    names = [f"{name}@[{ip}]" for name in NAMES for ip in hosts]
    box.inject(b"Subject: x\n\nhi\n", "a@host.example.org", names)
    qmail.wait_log("end msg")
    qmail.stop()
    started = [line.rsplit(" ", 1)[1] for line in qmail.log() if line.startswith("starting delivery")]
    assert started == (sorted(names, key=lambda name: hosts.index(name.split("[")[1][:-1])) if together else names)
    assert sorted(len(one) for server in servers for one in named(server)) == (3 * [4] if together else 12 * [1])


def test_data_waits_for_the_signature(box):
    """It does not go with the recipients, whose replies it would precede if signing fails."""
    def answer_recipients(connection):
        for _ in range(2):
            assert connection.line().startswith(b"RCPT")
        together.append(connection._buffer)
        for reply in ("250 sender", "250 one", "250 two"):
            connection.send(reply)

    together = []
    new_key(box, domain="a.example")
    box.control("transactionrecipients", "2\n")
    server = box.smtp_server({"EHLO": PIPELINING, "MAIL": answer_recipients}, ip=IP)
    assert deliver(Spawner(box), names=NAMES[:2]) == 2 * [accepted("IP")]
    assert together == [b""]
    assert sum(line.startswith(b"C: DKIM-Signature: ") for line in server.connections[0]) == 1


def test_the_signer_ends_between_two_tries(box):
    """The second try of a recipient must not use the number that the signer's descriptor had, which is closed or another file."""
    new_key(box, domain="a.example")
    box.path("control/domainkeys").rename(box.path("control/elsewhere"))
    box.control("transactionrecipients", "20\n")
    first, held = Sessions(), Sessions()

    def dot(connection):
        held(connection)
        connection.send("250 ok")
    box.smtp_server({"GREETING": (first, CLOSE)}, ip=OTHER)
    server = box.smtp_server({"RCPT": by_name(b=["451 no", "250 ok"]), "DOT": dot}, ip=IP)
    spawner = Spawner(box)
    # While they have the lower descriptors, the signer gets a high one.
    slots = range(10, 16)
    for slot in slots:
        spawner.order(slot, f"r@[{OTHER}]".encode(), f"s{slot}@b.example".encode())
    first.wait_for(6)
    box.path("control/elsewhere").rename(box.path("control/domainkeys"))
    send_orders(spawner, names=["a", "b"])
    held.wait_for(1)
    first.release()
    assert sorted(spawner.report()[0] for _ in slots) == list(slots)
    (resident,) = residents()
    os.kill(resident, signal.SIGKILL)
    until(lambda: resident not in spawner.deliveries(), 10, "the end of the signer")
    held.release()
    assert sorted(spawner.report() for _ in "ab") == [(slot, accepted(IP)) for slot in range(2)]
    # The program signs in the place of the one that stays.
    assert [sum(line.startswith(b"C: DKIM-Signature: ") for line in log) for log in server.connections] == [1, 1]


def test_a_killed_worker_defers_all(box):
    box.control("transactionrecipients", "20\n")
    held = Sessions()
    box.smtp_server({"RCPT": (held, CLOSE)}, ip=IP)
    spawner = Spawner(box)
    send_orders(spawner)
    held.wait_for(1)
    (pid,) = spawner.deliveries()
    os.kill(pid, signal.SIGKILL)
    assert sorted(spawner.report() for _ in NAMES) == [(slot, b"Zqmail-remote crashed.\n") for slot in range(4)]
    held.release()
