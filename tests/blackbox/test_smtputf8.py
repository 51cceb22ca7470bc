"""control/smtputf8: addresses that are UTF-8, domains with U-labels."""

import os
import signal

from conformlib.solo import Solo
from test_spawners import replace

MESSAGE = b"Subject: x\r\n\r\nhi\r\n.\r\n"
USER = "jörg@host.example.org".encode()
NOT_SAID = b"553 non-ASCII address without SMTPUTF8 (#5.6.7)"
NOT_LISTED = b"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"


def rcpt(address):
    return b"RCPT TO:<" + address.encode() + b">\r\n"


def replies(box, *lines):
    return box.smtpd_dialogue([*lines, "QUIT"]).out.split(b"\r\n")[1:-2]


def test_without_the_file_bytes_have_no_meaning(box):
    box.capture_queue()
    talk = box.smtpd_dialogue(["EHLO c", b"MAIL FROM:<\xff@\xe9.example> SMTPUTF8\r\n", rcpt("jörg@bücher.example"), "DATA", MESSAGE, "QUIT"])
    assert b"SMTPUTF8" not in talk.out and talk.out.count(b"250 ok") == 3
    ((message, sender, recipients),) = box.captured()
    assert (sender, recipients) == (b"\xff@\xe9.example", ["jörg@bücher.example".encode()])
    assert b" with SMTP; " in message


def test_an_address_goes_to_the_queue_as_it_came(box):
    box.control("smtputf8", "1\n")
    box.capture_queue()
    said = replies(box, "EHLO c", b"MAIL FROM:<" + USER + b"> SMTPUTF8\r\n", rcpt("Jörg@HOST.example.org"), "DATA", MESSAGE)
    assert b"250-SMTPUTF8" in said and said[4:7] == [b"250 ok", b"250 ok", b"354 go ahead"]
    ((message, sender, recipients),) = box.captured()
    assert (sender, recipients) == (USER, ["Jörg@HOST.example.org".encode()])
    assert b" with UTF8SMTP; " in message


def test_it_must_be_said_and_be_utf8(box):
    box.control("smtputf8", "1\n")
    box.control("smtpdlog", "qlog\n")
    talk = box.smtpd_dialogue(["MAIL FROM:<a@b.example>", b"RCPT TO:<" + USER + b">\r\n", b"MAIL FROM:<" + USER + b">\r\n",
                                b"MAIL FROM:<\xe9@b.example> SMTPUTF8\r\n", "QUIT"])
    assert talk.out.split(b"\r\n")[2:5] == [NOT_SAID, NOT_SAID, b"553 address is not valid UTF-8 (#5.6.7)"]
    assert talk.err.count(b"utf8") == 3


def test_domains_of_lists_in_either_form(box):
    box.control("smtputf8", "1\n")
    box.file("control/rcpthosts", "bücher.example\nxn--strae-oqa.de\n.müller.example\n".encode())
    box.file("control/badrcptto", "no@xn--bcher-kva.example\n@böse.müller.example\n".encode())
    denied = b"553 sorry, your envelope recipient has been denied (#5.7.1)"
    expected = {"x@bücher.example": b"250 ok", "x@BÜCHER.example": b"250 ok", "x@xn--bcher-kva.example": b"250 ok", "x@straße.de": b"250 ok",
                "x@a.müller.example": b"250 ok", "no@bücher.example": denied, "x@böse.müller.example": denied,
                "x@xn--bse-sna.xn--mller-kva.example": denied, "x@büche.example": NOT_LISTED,
                "x@ü\u2028.example": b"553 sorry, there can be no domain of that name (#5.1.2)"}
    said = replies(box, "MAIL FROM:<a@b.example> SMTPUTF8", *map(rcpt, expected))
    assert dict(zip(expected, said[1:])) == expected


def test_compiled_lists_have_a_labels(box):
    box.control("smtputf8", "1\n")
    box.control("rcpthosts", "host.example.org\n")
    box.file("control/morercpthosts", "bücher.example\n".encode())
    assert box.run(["qmail-newmrh"]).code == 0
    said = replies(box, "MAIL FROM:<a@b.example> SMTPUTF8", rcpt("x@BÜCHER.example"), rcpt("x@xn--bcher-kva.example"), rcpt("x@büche.example"))
    assert said[1:] == [b"250 ok", b"250 ok", NOT_LISTED]


def test_qmail_send_knows_its_domains_in_either_form(box):
    box.control("smtputf8", "1\n")
    box.file("control/locals", "bücher.example\n".encode())
    box.file("control/virtualdomains", "xn--strae-oqa.de:alice-v\n".encode())
    send = Solo(box)
    for address, channel, delivered in (("alice@BÜCHER.example", "local", "alice@BÜCHER.example"), ("x@straße.de", "local", "alice-v-x@straße.de"),
                                        ("x@xn--bcher-kva.example", "local", "x@xn--bcher-kva.example"),
                                        ("x@büche.example", "remote", "x@büche.example")):
        box.inject(b"Subject: x\n\nhi\n", "s@a.example", [address.encode().decode("latin-1")])
        order = send.next(channel)
        assert order.recipient == delivered.encode(), order
        send.answer(order, b"Kyes\n")
    assert send.stop() == 0


def test_qmail_send_learns_of_it_at_hup(box):
    box.control("locals", "xn--bcher-kva.example\n")
    send = Solo(box)
    send.wait_log("status")
    box.control("ratelimitremote", "its alert shows when the files have been read\n")
    address = "alice@bücher.example".encode().decode("latin-1")
    for channel, switch in (("remote", "1\n"), ("local", "0\n"), ("remote", "0\n")):
        box.inject(b"Subject: x\n\nhi\n", "s@a.example", [address])
        send.answer(send.next(channel), b"Kyes\n")
        box.control("smtputf8", switch)
        os.kill(send.pid, signal.SIGHUP)
        send.wait_log("control/ratelimitremote: bad line")
    assert send.stop() == 0


def test_qmail_send_does_not_remember_that_qmail_idna_failed(box):
    """It runs for months, and what it lacks once is memory or a process: mail that it cannot route waits in todo."""
    box.control("smtputf8", "1\n")
    box.control("locals", "xn--bcher-kva.example\n")
    replace(box, "qmail-idna", "#!/bin/sh\ntest -e /mnt/fails && kill -9 $$\necho xn--bcher-kva.example\n")
    box.file("/mnt/fails", "")
    send = Solo(box)
    address = "alice@bücher.example".encode().decode("latin-1")
    box.inject(b"Subject: x\n\nhi\n", "s@a.example", [address])
    send.wait_log("warning: unable to convert a domain in todo/")
    assert send.stop() == 0
    assert len(list(box.path("queue/todo").iterdir())) == 1
    box.path("/mnt/fails").unlink()
    send = Solo(box)
    for _ in range(2):
        send.answer(send.next("local"), b"Kyes\n")
        box.inject(b"Subject: x\n\nhi\n", "s@a.example", [address])
    send.answer(send.next("local"), b"Kyes\n")
    assert send.stop() == 0


def test_qmail_send_notices_its_children_after_qmail_idna(box):
    box.control("smtputf8", "1\n")
    box.inject(b"Subject: x\n\nhi\n", "s@a.example", ["x@bücher.example".encode().decode("latin-1")])
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dno such user (#5.1.1)\n")
    send.wait_log("end msg")
    assert send.stop() == 0 and len(box.captured()) == 1


def test_without_an_answer_of_qmail_idna_nothing_is_refused_for_good(box):
    box.control("smtputf8", "1\n")
    replace(box, "qmail-idna", "#!/bin/sh\nkill -9 $$\n")
    unsure = b"451 unable to check that domain (#4.3.0)"
    said = replies(box, "MAIL FROM:<x@bücher.example> SMTPUTF8\r\n".encode(), "MAIL FROM:<> SMTPUTF8", rcpt("x@bücher.example"))
    assert said == [unsure, b"250 ok", unsure]
    report, said = remote(box, server_with(box, "SMTPUTF8"), "x@bücher.example")
    assert report == b"ZSystem resources temporarily unavailable. (#4.3.0)\n\0" and not said


def server_with(box, offers):
    return box.smtp_server({"EHLO": f"250-mx\r\n250 {offers}"})


def remote(box, server, recipient, header="Subject: x", routes="xn--bcher-kva.example:[192.0.2.1]\nb.example:[192.0.2.1]\n"):
    """Returns the report, and the two commands after EHLO if the server saw them."""
    box.file("control/smtproutes", routes.encode())
    before = len(server.connections)
    done = box.run(["qmail-remote", recipient.partition("@")[2], "alice@host.example.org", recipient],
                   header.encode() + b"\n\nhi\n", as_user="qmailr", timeout=20)
    assert (done.code, done.err) == (0, b"")
    said = [line[3:].rstrip() for log in server.connections[before:] for line in log if line.startswith(b"C: ")]
    return done.out, said[1:3]


MAIL = b"MAIL FROM:<alice@host.example.org>"


def test_mail_that_needs_smtputf8_says_it(box):
    box.control("smtputf8", "1\n")
    server = server_with(box, "SMTPUTF8")
    for recipient, header, parameter in (("x@b.example", "Subject: x", b""), ("x@b.example", "Subject: Größe", b" SMTPUTF8"),
                                         ("x@bücher.example", "Subject: x", b" SMTPUTF8")):
        report, said = remote(box, server, recipient, header)
        assert report.startswith(b"r\0K") and said == [MAIL + parameter, b"RCPT TO:<" + recipient.encode() + b">"]


def test_a_server_without_it_gets_a_labels_or_nothing(box):
    box.control("smtputf8", "1\n")
    server = server_with(box, "PIPELINING")
    report, said = remote(box, server, "x@BÜCHER.example", routes="bücher.example:[192.0.2.1]\n")
    assert report.startswith(b"r\0K") and said == [MAIL, b"RCPT TO:<x@xn--bcher-kva.example>"]
    for recipient, header in (("x@b.example", "Subject: Größe"), ("jörg@b.example", "Subject: x")):
        report, said = remote(box, server, recipient, header)
        assert report == b"DConnected to 192.0.2.1 but server does not support unicode in email addresses. (#5.6.7)\n\0" and said == [b"QUIT"]


def test_a_policy_for_tls_in_either_form(box):
    """A domain whose line is not found would get its mail in clear."""
    box.control("smtputf8", "1\n")
    server = server_with(box, "SMTPUTF8")
    for domain in ("bücher.example", "BÜCHER.example", "xn--bcher-kva.example"):
        box.file("control/tlspolicy", f"{domain}:encrypt\n".encode())
        report, said = remote(box, server, "x@bücher.example")
        assert report.startswith(b"ZNo TLS achieved while the policy of xn--bcher-kva.example is encrypt; ") and said == [b"QUIT"]


def test_a_domain_without_a_label_has_no_host(box):
    box.control("smtputf8", "1\n")
    report, said = remote(box, server_with(box, "SMTPUTF8"), "x@ü\u2028.example")
    assert report.startswith(b"DSorry, I couldn't find any host named ") and report.endswith(b" (#5.1.2)\n\0") and not said


def test_without_the_file_qmail_remote_sends_bytes(box):
    report, said = remote(box, server_with(box, "8BITMIME"), "jörg@bücher.example", "Subject: Größe", ":[192.0.2.1]\n")
    assert report.startswith(b"r\0K") and said[0] == MAIL + b" BODY=8BITMIME" and "bücher.example>".encode() in said[1]
