"""Delivery status notifications (RFC 3461): from SMTP through the queue to reports, and on to other hosts."""

import email
import os

import pytest

from conformlib.process import until
from conformlib.queue import message_numbers
from conformlib.solo import Solo

MESSAGE = b"Subject: dsn\n\nThe body.\n"
WISHES = "RET=HDRS ENVID=QQ+2B1\nNOTIFY=SUCCESS,FAILURE ORCPT=rfc822;o+40x\tr@x.example\n"


def inject(box, wishes, recipients=("r@x.example",), sender="s@a.example", on=True):
    if on:
        box.control("dsn", "1\n")
    box.env["QMAILDSN"] = wishes
    box.inject(MESSAGE, sender, list(recipients))
    del box.env["QMAILDSN"]


def dsn_file(box):
    number = message_numbers(box.path("queue"))[0]
    return box.path(f"queue/mess/{number % 23}/{number}.dsn")


def report_on(box, report, wishes=WISHES, sender="s@a.example", on=True):
    """Returns the notice that follows a report of qmail-remote, or None, and the log."""
    inject(box, wishes, sender=sender, on=on)
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), report)
    send.wait_log("end msg")
    assert send.stop() == 0
    captured = box.captured()
    assert not list(box.path("queue/mess").glob("*/*"))
    return (email.message_from_bytes(captured[-1][0]) if captured else None), send.log()


def test_the_queue_keeps_the_wishes_beside_the_message(box):
    inject(box, WISHES)
    assert dsn_file(box).read_text() == WISHES
    assert oct(dsn_file(box).stat().st_mode)[-3:] == "644"


@pytest.mark.parametrize("wishes", ["", "nonsense\n", "RET=HDRS", "\nNOTIFY=NEVER,DELAY\tr@x.example\n"])
def test_malformed_wishes_are_ignored(box, wishes):
    inject(box, wishes)
    assert not dsn_file(box).exists()


def test_success_at_a_host_without_dsn(box):
    report, log = report_on(box, b"K192.0.2.1 accepted message.\nRemote host said: 250 ok\n")
    assert report["Subject"] == "success notice" and report["Auto-Submitted"]
    text, status, header = report.get_payload()
    message, recipient = status.get_payload()
    assert message["Original-Envelope-Id"] == "QQ+1"
    assert (recipient["Action"], recipient["Original-Recipient"]) == ("relayed", "rfc822; o@x")
    assert header.get_content_type() == "text/rfc822-headers" and "The body" not in header.get_payload()
    assert any(line.startswith("report on msg M1 qp ") for line in log)


def test_success_at_a_host_with_dsn(box):
    assert report_on(box, b"K192.0.2.1 accepted message and its DSN parameters.\nRemote host said: 250 ok\n")[0] is None


def test_failure_is_a_report_with_the_header(box):
    report, _ = report_on(box, b"Dno such user (#5.1.1)\n")
    assert report.get_content_type() == "multipart/report" and report["Subject"] == "failure notice"
    recipient = report.get_payload()[1].get_payload()[1]
    assert (recipient["Action"], recipient["Status"], recipient["Original-Recipient"]) == ("failed", "5.1.1", "rfc822; o@x")
    assert b"The body" not in report.as_bytes()


def test_an_address_that_is_not_ascii(box):
    box.control("smtputf8", "1\n")
    address = "jörg@bücher.example".encode()
    box.control("dsn", "1\n")
    talk = box.smtpd_dialogue(["EHLO c", "MAIL FROM:<s@a.example> SMTPUTF8", b"RCPT TO:<" + address + b"> ORCPT=utf-8;" + address + b"\r\n",
                               "DATA", b"Subject: x\r\n\r\nhi\r\n.\r\n", "QUIT"], {"RELAYCLIENT": ""})
    assert b"250 ok " in talk.out
    assert dsn_file(box).read_bytes() == b"\nORCPT=utf-8;j\\x{F6}rg@b\\x{FC}cher.example\t" + address + b"\n"
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dno such user (#5.1.1)\n")
    send.wait_log("end msg")
    assert send.stop() == 0
    recipient = email.message_from_bytes(box.captured()[0][0]).get_payload()[1].get_payload()[1]
    shown = "utf-8; j\\x{F6}rg@b\\x{FC}cher.example"
    assert recipient["Original-Recipient"] == shown and recipient["Final-Recipient"] == shown


def test_never(box):
    report, log = report_on(box, b"Dno\n", "\nNOTIFY=NEVER\tr@x.example\n")
    assert report is None and any("failure: no/" in line for line in log)


def test_never_for_a_recipient_without_a_domain(box):
    box.control("dsn", "1\n")
    box.smtpd_dialogue(["EHLO c", "MAIL FROM:<s@a.example>", "RCPT TO:<bob> NOTIFY=NEVER", "DATA", b"Subject: x\r\n\r\nhi\r\n.\r\n", "QUIT"])
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("local"), b"Dno\n")
    send.wait_log("end msg")
    assert send.stop() == 0 and not box.captured()


def test_nobody_is_told_of_bounces(box):
    assert report_on(box, b"Kyes\n", sender="")[0] is None


def test_without_the_file_nothing_counts(box):
    report, _ = report_on(box, b"Dno\n", "\nNOTIFY=NEVER\tr@x.example\n", on=False)
    assert report.get_content_type() == "text/plain"


def test_wishes_that_are_older_than_the_message_do_not_count(box):
    inject(box, "\nNOTIFY=NEVER\tr@x.example\n")
    os.utime(dsn_file(box), (1, 1))
    box.capture_queue()
    send = Solo(box)
    send.answer(send.next("remote"), b"Dno\n")
    send.wait_log("end msg")
    send.stop()
    assert len(box.captured()) == 1


def test_delay_once(box):
    box.control("delaywarning", "100\n")
    inject(box, "\nNOTIFY=DELAY\tr@x.example\n")
    number = message_numbers(box.path("queue"))[0]
    box.capture_queue()
    box.control("retryschedule", "remote:1 2 3\n")
    box.control("delaywarning", "1\n")
    send = Solo(box)
    for _ in range(4):
        send.answer(send.next("remote"), b"Zlater (#4.4.1)\n")
    until(lambda: box.captured(), 5, "the notice")
    send.stop()
    assert number and len(box.captured()) == 1
    report = email.message_from_bytes(box.captured()[0][0])
    recipient = report.get_payload()[1].get_payload()[1]
    assert report["Subject"] == "delay notice" and (recipient["Action"], recipient["Status"]) == ("delayed", "4.4.1")


def sendmail(box, *options, on=True):
    if on:
        box.control("dsn", "1\n")
    assert box.run(["sendmail", *options, "r@x.example", "bob@y.example"], MESSAGE, as_user="alice").code == 0


def test_sendmail_passes_wishes_on(box):
    sendmail(box, "-N", "success,delay", "-R", "hdrs", "-VQQ")
    assert dsn_file(box).read_text() == ("RET=HDRS ENVID=QQ\nNOTIFY=SUCCESS,DELAY\tr@x.example\n"
                                         "NOTIFY=SUCCESS,DELAY\tbob@y.example\n")


@pytest.mark.parametrize("options", [(), ("-Nsometimes", "-Rsome", "-V="), ("-N", "")])
def test_sendmail_without_wishes_makes_no_file(box, options):
    sendmail(box, *options)
    assert not dsn_file(box).exists()


def test_sendmails_wishes_need_the_control_file(box):
    sendmail(box, "-Nnever", on=False)
    assert not dsn_file(box).exists()
