"""Control files of qmail-send that netqmail has not: forms of bounces, the retry schedule, limits of domains."""

import email
import os
import re
import signal
import time

import pytest

from conformlib.process import PATIENCE, until
from conformlib.solo import Solo

MESSAGE = b"Subject: send\n\nfirst line\nsecond line\n"
HI = b"Hi. This is the qmail-send program at host.example.org.\n"
SORRY = b"This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
REFUSED = b"D192.0.2.1 does not like recipient.\nRemote host said: 550 5.2.1 disabled\nGiving up on 192.0.2.1.\n"


def bounce(box, sender="s@a.example", report=b"Dno\n", message=MESSAGE):
    """Returns the bounce of a message for one remote recipient."""
    box.capture_queue()
    send = Solo(box)
    box.inject(message, sender, ["r@x.example"])
    send.answer(send.next("remote"), report)
    send.wait_log("end msg")
    assert send.stop() == 0
    box.log = send.log()
    captured = box.captured()
    return captured[-1][0] if captured else None


def body(text):
    return text.partition(b"\n\n")[2]


def test_without_files_bounces_are_qmails(box):
    text = bounce(box)
    assert re.fullmatch(rb"Date: .*\nFrom: .*\nTo: s@a.example\nSubject: failure notice", text.partition(b"\n\n")[0])


def test_headers_alone_change_the_header_alone(box):
    plain = bounce(box)
    box.control("bouncestyle", "headers\n")
    text = bounce(box)
    assert re.search(rb"\nSubject: failure notice\nMessage-ID: <[!-~]+@host.example.org>\nAuto-Submitted: auto-replied\n\nHi[.]", text)
    assert re.sub(rb"(qmail|date|uid) .*", b"", body(text)) == re.sub(rb"(qmail|date|uid) .*", b"", body(plain)) or \
        len(body(text)) == len(body(plain))


def test_a_report_has_three_parts(box):
    box.control("bouncestyle", "dsn\n")
    report = email.message_from_bytes(bounce(box, report=REFUSED))
    assert report.get_content_type() == "multipart/report" and report.get_param("report-type") == "delivery-status"
    text, status, original = report.get_payload()
    assert text.get_payload(decode=True).startswith(HI) and b"<r@x.example>:\n192.0.2.1 does not" in text.get_payload(decode=True)
    message, recipient = status.get_payload()
    assert message["Reporting-MTA"] == "dns; host.example.org" and message["Arrival-Date"]
    assert dict(recipient.items()) == {
        "Final-Recipient": "rfc822; r@x.example", "Action": "failed", "Status": "5.2.1",
        "Remote-MTA": "dns; [192.0.2.1]", "Diagnostic-Code": "smtp; 550 5.2.1 disabled"}
    assert original.get_payload()[0].get_payload() == "first line\nsecond line\n"


def test_double_bounces_have_the_style_too(box):
    box.control("bouncestyle", "dsn\n")
    report = email.message_from_bytes(bounce(box, sender=""))
    assert report.get_content_type() == "multipart/report" and b"the bounce bounced!" in report.get_payload()[0].get_payload(decode=True)


def test_subject_text_and_size(box):
    box.control("bouncesubject", "Came back\n")
    box.control("custombouncetext", "# Ask us.\n\nThank you.\n")
    box.control("bouncemaxbytes", "200\n")
    text = bounce(box, message=MESSAGE + b"x" * 100 + b"\n" + b"y" * 100 + b"\n")
    assert b"\nSubject: Came back\n" in text
    assert SORRY + b"# Ask us.\n\nThank you.\n\n<r@x.example>:\n" in text
    assert text.endswith(b"\n--- The rest of the message is cut here. ---\n") and b"yyy" not in text


def test_an_unknown_style_is_an_alert(box):
    box.control("bouncestyle", "mime\n")
    assert b"Message-ID" not in bounce(box)
    assert box.log[0] == "alert: control/bouncestyle: bad line: mime (neither headers nor dsn)"
    done = box.run(["qmail-showctl", "--check"])
    assert done.code == 1 and b"control/bouncestyle: bad line: mime" in done.out


def test_double_bounces_are_discarded(box):
    box.control("doublebounceto", "\n")
    assert bounce(box, sender="") is None
    assert "double bounce: discarding bounce/M1" in box.log
    assert not box.queue_tree()
    # Bounces to senders are not.
    assert bounce(box) is not None


def test_hangup_reads_the_files_again(box):
    box.capture_queue()
    send = Solo(box)
    send.wait_log("status")
    box.control("bouncesubject", "After HUP\n")
    box.control("concurrencyremotedomains", "x.example\n")
    os.kill(send.pid, signal.SIGHUP)
    assert send.wait_log("alert") == "alert: control/concurrencyremotedomains: bad line: x.example (no domain and number)"
    box.inject(MESSAGE, "s@a.example", ["r@x.example"])
    send.answer(send.next("remote"), b"Dno\n")
    send.wait_log("end msg")
    send.stop()
    assert b"\nSubject: After HUP\n" in box.captured()[0][0]


@pytest.mark.parametrize("name, line", [("retryschedule", "remote:400 100"), ("ratelimitremote", "x.example:1")])
def test_malformed_lines_are_alerts(box, name, line):
    box.control(name, f"{line}\n")
    send = Solo(box)
    assert line in send.wait_log(f"alert: control/{name}: bad line: ")
    send.stop()
    assert box.run(["qmail-showctl", "--check"]).code == 1


def test_the_schedule_of_the_file(box):
    box.control("retryschedule", "remote:1000 3000\n")
    number = box.plant_message(MESSAGE, "s@a.example", remote=[b"r@x.example"], state="queued", age=1500)
    path = box.path(f"queue/remote/{number % 23}/{number}")
    os.utime(path, (1, 1))
    born = time.time() - 1500
    send = Solo(box)
    send.answer(send.next("remote"), b"Zlater\n")
    send.wait_log("deferral")
    send.stop()
    assert abs(os.stat(path).st_mtime - born - 3000) < 30


def test_a_domain_at_its_limit_holds_up_no_other(box):
    box.control("concurrencyremotedomains", "x.example:1\n")
    send = Solo(box)
    for recipient in ("a@x.example", "b@x.example", "c@y.example"):
        box.inject(MESSAGE, "s@a.example", [recipient])
    first, other = send.next("remote"), send.next("remote")
    assert {first.recipient, other.recipient} == {b"a@x.example", b"c@y.example"}
    send.answer(other, b"Kyes\n")
    send.wait_log("end msg")
    send.answer(first, b"Kyes\n")
    last = send.next("remote")
    assert last.recipient == b"b@x.example"
    send.answer(last, b"Kyes\n")
    until(lambda: not box.queue_tree(), 5, "the end")
    send.stop()
    assert not [line for line in send.log() if "deferral" in line]


def test_starts_are_limited_in_time(box):
    box.control("ratelimitremote", "*:1/2\n")
    send = Solo(box)
    started = time.monotonic()
    for recipient in ("a@x.example", "b@x.example"):
        box.inject(MESSAGE, "s@a.example", [recipient])
    send.answer(send.next("remote"), b"Kyes\n")
    send.answer(send.next("remote"), b"Kyes\n")
    assert 1.9 < time.monotonic() - started < 4 * PATIENCE
    send.wait_log("end msg")
    send.stop()
