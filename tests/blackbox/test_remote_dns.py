"""qmail-remote and sick name servers: mail is taken only where an address is known, bounced only
on a sound no, and waits in every other case."""

import threading
import time

import pytest

from dns_server import A, MX, DnsServer, a, cname, mx, record

SENDER = "alice@host.example.org"
MESSAGE = b"Subject: x\n\nhi\n"
HOST = "h.example"
TAKEN = b"r\0K192.0.2.1 accepted message.\nRemote host said: 250 ok\n\0"
NOT_NOW = b"ZSorry, I couldn't find any host by that name. (#4.1.2)\n\0"
NO_HOST = b"DSorry, I couldn't find any host named h.example. (#5.1.2)\n\0"
NO_ADDRESS = b"DSorry, I couldn't find a mail exchanger or IP address. (#5.4.4)\n\0"
NULL_MX = b"DSorry, host does not accept mail (null MX). (#5.1.10)\n\0"
MINE = (b"DSorry. Although I'm listed as a best-preference MX or A for that host,\n"
        b"it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)\n\0")


def remote(box, host=HOST):
    result = box.run(["qmail-remote", host, SENDER, "bob@b.example"], MESSAGE, as_user="qmailr", timeout=20)
    assert (result.code, result.err) == (0, b"")
    return result.out


def only_mx(respond):
    """Gives this answer to the question for MX, and a correct one to any other: h.example and mx1 are 192.0.2.1."""
    def answer(question):
        if question.type == MX:
            return respond(question)
        if question.type == A and question.name in (HOST, "mx1.example"):
            return question.answer(a(question.name, "192.0.2.1"))
        return question.answer(code=3)
    return answer


def wrong_id(question):
    return bytes([question.id[0] ^ 1, question.id[1]]) + question.answer(mx(HOST, 10, "mx1.example"))[2:]


def other_question(question):
    answer = question.answer(mx(HOST, 10, "mx1.example"))
    return answer.replace(b"\x01h\x07example\x00\x00\x0f", b"\x01i\x07example\x00\x00\x0f", 1)


def compression_loop(question):
    answer = question.answer(b"", count=1)
    here = 0xC000 | len(answer)
    return answer + here.to_bytes(2, "big") + b"\0\x0f\0\1\0\0\0\x3c\0\4\0\x0a\xc0\x0c"


def many_exchangers(question):
    records = [mx(HOST, 100 + number, f"mx{number}.a-rather-long-name-of-a-mail-exchanger.example")
               for number in range(120)]
    return question.whole_or_truncated(*records, mx(HOST, 10, "mx1.example"))


def huge(question):
    """The largest possible message has 65,535 bytes and comes by TCP."""
    records = [record(HOST, 16, b"\xff" + b"x" * 255) for _ in range(200)]
    return question.whole_or_truncated(*records, mx(HOST, 10, "mx1.example"))


@pytest.mark.parametrize("respond, expected", [
    pytest.param(lambda q: q.answer(mx(HOST, 10, "mx1.example")), TAKEN, id="healthy"),
    pytest.param(lambda q: None, NOT_NOW, id="silent"),
    pytest.param(lambda q: q.answer(code=2), NOT_NOW, id="servfail"),
    pytest.param(lambda q: q.answer(code=5), NOT_NOW, id="refused"),
    pytest.param(lambda q: q.answer(code=4), NOT_NOW, id="not_implemented"),
    pytest.param(lambda q: q.answer(code=1), NOT_NOW, id="format_error"),
    pytest.param(lambda q: q.answer(code=9), NOT_NOW, id="not_authoritative_code"),
    pytest.param(wrong_id, NOT_NOW, id="wrong_id"),
    pytest.param(other_question, NOT_NOW, id="other_question"),
    pytest.param(lambda q: b"\x07garbage" * 30, NOT_NOW, id="garbage"),
    pytest.param(lambda q: q.answer()[:7], NOT_NOW, id="short_header"),
    pytest.param(lambda q: b"", NOT_NOW, id="empty"),
    pytest.param(lambda q: q.answer(mx(HOST, 10, "mx1.example"))[:-3], NOT_NOW, id="cut"),
    pytest.param(compression_loop, NOT_NOW, id="compression_loop"),
    pytest.param(lambda q: q.answer(record(HOST, MX, b"\0")), NOT_NOW, id="bad_length"),
    pytest.param(lambda q: q.answer(mx(HOST, 10, "mx1.example"), count=7), NOT_NOW, id="counts_too_many"),
    pytest.param(lambda q: q.answer(mx(HOST, 10, "mx1.example"), count=0), NOT_NOW, id="counts_too_few"),
    pytest.param(lambda q: q.answer(cname(HOST, HOST)), NOT_NOW, id="alias_of_itself"),
    pytest.param(lambda q: q.answer(cname(q.name, "x" + q.name)), NOT_NOW, id="endless_aliases"),
    pytest.param(lambda q: q.answer(cname(HOST, "gone.example")) if q.name == HOST else q.answer(code=3),
                 TAKEN, id="alias_without_exchanger"),
    pytest.param(lambda q: q.answer(cname(HOST, "x.example")) if q.name == HOST
                 else q.answer(mx("x.example", 10, "mx1.example")), TAKEN, id="alias_in_two_answers"),
    pytest.param(lambda q: q.answer(mx("other.example", 10, "mx2.example")), TAKEN, id="answer_about_another"),
    pytest.param(many_exchangers, TAKEN, id="120_exchangers"),
    pytest.param(huge, TAKEN, id="huge"),
    pytest.param(lambda q: q.answer(code=1) if q.edns else q.answer(mx(HOST, 10, "mx1.example")), TAKEN,
                 id="no_edns"),
    pytest.param(lambda q: q.answer(mx(HOST, 0, "")), NULL_MX, id="null_mx"),
    pytest.param(lambda q: q.answer(mx(HOST, 0, ""), mx(HOST, 10, "mx1.example")), TAKEN, id="null_mx_and_another"),
    pytest.param(lambda q: q.answer(mx(HOST, 10, "192.0.2.1")), TAKEN, id="exchanger_is_an_address"),
    pytest.param(lambda q: q.answer(mx(HOST, 10, "gone.example")), NO_ADDRESS, id="exchanger_gone"),
    pytest.param(lambda q: q.answer(code=3), TAKEN, id="no_exchanger"),
])
def test_exchangers(box, respond, expected):
    box.smtp_server()
    DnsServer(only_mx(respond))
    assert remote(box) == expected


@pytest.mark.parametrize("respond, expected", [
    pytest.param(lambda q: q.answer(), NO_HOST, id="no_records"),
    pytest.param(lambda q: q.answer(code=3), NO_HOST, id="no_such_name"),
    pytest.param(lambda q: q.answer(code=2), NOT_NOW, id="servfail"),
    pytest.param(lambda q: q.answer(cname(HOST, "gone.example")) if q.name == HOST else q.answer(code=3),
                 NO_ADDRESS, id="alias_of_nothing"),
    pytest.param(lambda q: q.answer(cname(q.name, "gone.example")) if q.name == HOST else q.answer(code=2),
                 NOT_NOW, id="alias_of_trouble"),
    pytest.param(lambda q: q.answer(cname(HOST, "i.example"), cname("i.example", HOST)), NOT_NOW, id="alias_loop"),
    pytest.param(lambda q: q.answer(record(HOST, A, b"\xc0\0\2")), NOT_NOW, id="three_bytes"),
    pytest.param(lambda q: q.answer(a(HOST, "127.0.0.1")), MINE, id="this_host"),
    pytest.param(lambda q: q.answer(a(HOST, "0.0.0.0")), MINE, id="zero"),
    pytest.param(lambda q: q.answer(a(HOST, "0.1.2.3")), MINE, id="zero_net"),
    pytest.param(lambda q: q.answer(a(HOST, "127.0.0.2")), MINE, id="loopback_net"),
    pytest.param(lambda q: q.answer(a(HOST, "192.0.2.1"), a(HOST, "127.255.0.1")), MINE, id="one_of_two_loops"),
])
def test_addresses(box, respond, expected):
    """The host has no exchanger; this is the answer to the question for its address."""
    DnsServer(lambda question: question.answer() if question.type == MX else respond(question))
    assert remote(box) == expected


def test_truncated_and_no_tcp(box):
    """The answer needs TCP, which is not available."""
    DnsServer(only_mx(many_exchangers), tcp=False)
    assert remote(box) == NOT_NOW


def test_look_ups_end_together(box):
    """Hundreds of slow exchangers have one limit together."""
    box.control("timeoutsession", "2\n")

    def respond(question):
        if question.type == MX:
            return question.answer(*[mx(HOST, number, f"mx{number}.example") for number in range(100)])
        time.sleep(0.5)
        return question.answer(code=3)
    server = DnsServer(respond)
    assert remote(box) == NOT_NOW
    assert len(server.asked) < 20


def test_name_server_that_hangs(box):
    """The system's resolver waits without limit on a TCP connection; qmail-remote does not."""
    box.control("timeoutsession", "2\n")
    hang = threading.Event()

    def respond(question):
        if question.tcp:
            hang.wait(60)
            return None
        return question.answer(flags=0x8780)
    DnsServer(respond)
    assert remote(box) == NOT_NOW
    hang.set()


def test_label_too_long(box):
    """A name that is not valid in the DNS does not exist."""
    server = DnsServer(lambda question: None)
    host = "x" * 64 + ".example"
    assert remote(box, host) == f"DSorry, I couldn't find any host named {host}. (#5.1.2)\n\0".encode()
    assert server.asked == []


def test_worse_exchangers_are_not_asked_for(box):
    """If the best exchanger accepts the mail, the others are not looked up; AAAA records are never looked up."""
    box.smtp_server()
    server = DnsServer(only_mx(lambda q: q.answer(mx(HOST, 10, "mx1.example"), mx(HOST, 20, "mx2.example"))))
    assert remote(box) == TAKEN
    assert server.asked == [f"MX {HOST}", "A mx1.example"]


def test_better_exchanger_unknown_for_now(box):
    """This host is an exchanger, but the address of a better one cannot be looked up: the mail does not bounce."""
    def respond(question):
        if question.type == MX:
            return question.answer(mx(HOST, 10, "sick.example"), mx(HOST, 20, "me.example"))
        if question.name == "me.example":
            return question.answer(a("me.example", "127.0.0.1"))
        return question.answer(code=2)
    DnsServer(respond)
    assert remote(box) == NOT_NOW


@pytest.mark.parametrize("host", ["[127.0.0.2]", "[0.0.0.9]", "[IPv6:::1]", "[IPv6:::ffff:127.3.3.3]", "[::ffff:0.1.2.3]"])
def test_literal_that_leads_back(box, host):
    """Such an address in a recipient is this host, even if no interface has it."""
    server = box.smtp_server(ip="127.0.0.2")
    assert remote(box, host) == MINE
    assert server.connections == []


def test_exchanger_that_leads_back(box):
    """Exchangers of larger preference do not get the mail either, as with any address of this host."""
    server = box.smtp_server(ip="192.0.2.1")

    def respond(question):
        if question.type == MX:
            return question.answer(mx(HOST, 10, "loop.example"), mx(HOST, 20, "mx1.example"))
        return question.answer(a(question.name, "127.1.2.3" if question.name == "loop.example" else "192.0.2.1"))
    DnsServer(respond)
    assert remote(box) == MINE
    assert server.connections == []


def test_smtproutes_may_lead_back(box):
    """A relay may have any address, also if it is given by a name."""
    server = box.smtp_server(ip="127.0.0.2", port=2525)
    DnsServer(lambda question: question.answer(a(question.name, "127.0.0.2")))
    for relay in ("127.0.0.2", "filter.example"):
        box.control("smtproutes", f":{relay}:2525\n")
        assert remote(box) == b"r\0K127.0.0.2 accepted message.\nRemote host said: 250 ok\n\0"
    assert len(server.connections) == 2


def test_equal_preferences_share_the_mail(box):
    servers = [box.smtp_server(ip="192.0.2.1"), box.smtp_server(ip="192.0.2.2")]

    def respond(question):
        if question.type == MX:
            return question.answer(mx(HOST, 10, "mx1.example"), mx(HOST, 10, "mx2.example"))
        return question.answer(a(question.name, "192.0.2.1" if question.name.startswith("mx1") else "192.0.2.2"))
    DnsServer(respond)
    for _ in range(24):
        assert remote(box).startswith(b"r\0K192.0.2.")
    # One of them getting all of 24 by chance: once in eight million runs.
    assert all(server.connections for server in servers)
