"""qmail-smtpd: lists of senders, recipients and HELO names that are refused; limits; the delay of the greeting."""

import os
import pwd
import re
import subprocess
import time

import pytest
from conformlib.box import TCP_ENV

RCPT = "RCPT TO:<bob@host.example.org>"
BAD_SENDER = b"553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\r\n"
DENIED_SENDER = b"553 sorry, your envelope sender has been denied (#5.7.1)\r\n"
DENIED_RECIPIENT = b"553 sorry, your envelope recipient has been denied (#5.7.1)\r\n"
DENIED_HELO = b"553 sorry, your HELO host name has been denied (#5.7.1)\r\n"


def talk(box, *lines, env=None, **options):
    return box.smtpd_dialogue([*lines, "QUIT"], env, **options)


def to_rcpt(box, sender="a@client.example", recipient="bob@host.example.org", helo="client.example", env=None):
    """The reply to RCPT."""
    said = talk(box, f"HELO {helo}", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", env=env)
    return said.out.split(b"\r\n")[3] + b"\r\n"


def test_lists_refuse_at_each_recipient(box):
    box.control("badmailfrom", "spam@client.example\n")
    box.control("badrcptto", "@closed.example\nno@host.example.org\n")
    box.control("badmailto", "older@host.example.org\n")
    box.control("badhelo", ".dyn.example\n")
    for env in ({}, {"RELAYCLIENT": ""}):
        assert to_rcpt(box, sender="SPAM@client.example", env=env) == BAD_SENDER
        for recipient in ("No@host.example.org", "x@Closed.example", "older@host.example.org"):
            assert to_rcpt(box, recipient=recipient, env=env) == DENIED_RECIPIENT
        assert to_rcpt(box, helo="a.b.dyn.example", env=env) == DENIED_HELO
        assert to_rcpt(box, env=env) == b"250 ok\r\n"


def test_lists_for_clients_that_may_not_relay(box):
    box.control("badmailfromnorelay", "@host.example.org\n")
    box.control("badrcpttonorelay", "no@host.example.org\n")
    box.control("badmailtonorelay", "older@host.example.org\n")
    box.control("badhelonorelay", "localhost\n")
    odd = [{"sender": "x@host.example.org"}, {"recipient": "no@host.example.org"}, {"recipient": "older@host.example.org"},
           {"helo": "localhost"}]
    wanted = [BAD_SENDER, DENIED_RECIPIENT, DENIED_RECIPIENT, DENIED_HELO]
    assert [to_rcpt(box, **words) for words in odd] == wanted
    assert [to_rcpt(box, **words, env={"RELAYCLIENT": ""}) for words in odd] == [b"250 ok\r\n"] * 4


def test_a_login_makes_a_client_that_may_relay(box):
    box.control("badmailfromnorelay", "@client.example\n")
    login = ["EHLO c", "AUTH PLAIN AGpvZQBwYXNz", "MAIL FROM:<a@client.example>", RCPT]
    said = talk(box, *login, env={"SMTPAUTH": "", "FORCETLS": "0"}, args=[box.checkpassword(), "/bin/true"])
    assert b"235 " in said.out and b"553" not in said.out


def test_without_helo_no_name_is_refused(box):
    box.control("badhelo", "!\\.\n")
    said = talk(box, "MAIL FROM:<a@b>", RCPT, "HELO nodot", "MAIL FROM:<a@b>", RCPT, "HELO", "MAIL FROM:<a@b>", RCPT,
                env={"QREGEX": "1"})
    assert re.findall(rb"^(\d+) ", said.out, re.M) == [b"220", b"250", b"250", b"250", b"250", b"553", b"250", b"250", b"553", b"221"]


def test_expressions(box):
    box.control("badmailfrom", "^[0-9]+@\n!@(good|fine)\\.example$\n")
    box.control("qregex", "1\n")
    assert to_rcpt(box, sender="12@good.example") == DENIED_SENDER
    assert to_rcpt(box, sender="x@bad.example") == DENIED_SENDER
    assert to_rcpt(box, sender="x@FINE.example") == b"250 ok\r\n"
    assert to_rcpt(box, sender="") == b"250 ok\r\n"
    # The variable wins.
    assert to_rcpt(box, sender="x@bad.example", env={"QREGEX": "0"}) == b"250 ok\r\n"


def test_switches(box):
    box.control("badmailfrom", "a@client.example\n")
    box.control("badhelo", "client.example\n")
    assert to_rcpt(box) == DENIED_HELO
    assert to_rcpt(box, env={"NOBADHELO": ""}) == BAD_SENDER
    assert to_rcpt(box, env={"NOBADHELO": "", "DISABLE_BADMAILFROM": ""}) == b"250 ok\r\n"


def test_lines_of_the_log(box):
    box.control("badrcptto", "b\xe9b@host.example.org\n".encode("latin-1"))
    lines = ["MAIL FROM:<a@b>", b"RCPT TO:<b\xe9b@host.example.org>\r\n"]
    said = talk(box, *lines)
    assert re.fullmatch(rb"qmail-smtpd\[\d+\]: badrcptto: <b\?b@host\.example\.org> at 192\.0\.2\.99\n", said.err)
    said = talk(box, *lines, env={"LOGREGEX": ""})
    assert said.err.endswith(b": badrcptto: <b?b@host.example.org> matches pattern: b?b@host.example.org\n")
    box.control("smtpdlog", "qlog\n")
    said = talk(box, *lines)
    assert said.err.count(b"\n") == 2 and b" reason=badrcptto " in said.err


def test_badmailfrom_alone_is_as_silent_as_ever(box):
    box.control("badmailfrom", "a@b\n")
    lines = ["MAIL FROM:<a@b>", RCPT]
    assert talk(box, *lines).err == b""
    assert talk(box, *lines, env={"LOGREGEX": ""}).err.endswith(b": badmailfrom: <a@b> matches pattern: a@b\n")
    assert talk(box, *lines, env={"QREGEX": "1"}).err.endswith(b": badmailfrom: <a@b> at 192.0.2.99\n")


def test_bad_lines_are_named_once_for_each_session(box):
    box.control("badmailfrom", "a(b\nspam@\n")
    box.control("qregex", "1\n")
    said = talk(box, *["MAIL FROM:<spam@c>", RCPT] * 2)
    assert len(re.findall(rb"^qmail-smtpd\[\d+\]: control/badmailfrom: bad line: a\(b \(.+\)$", said.err, re.M)) == 1
    assert said.out.count(DENIED_SENDER) == 2


@pytest.mark.parametrize("name", ["badmailfromnorelay", "badrcptto", "badmailto", "badrcpttonorelay", "badmailtonorelay", "badhelo",
                                  "badhelonorelay", "qregex", "brtlimit", "tarpitcount", "tarpitdelay", "rejectnullsenders"])
def test_a_file_that_cannot_be_read(box, name):
    os.chmod(box.control(name, "1\n") or box.path(f"control/{name}"), 0)
    said = box.smtpd_dialogue([])
    assert (said.out, said.code) == (b"421 unable to read controls (#4.3.0)\r\n", 1)


def test_brtlimit_counts_the_session(box):
    box.control("badrcptto", "no@host.example.org\n")
    box.control("brtlimit", "2\n")
    no = "RCPT TO:<no@host.example.org>"
    said = talk(box, "MAIL FROM:<a@b>", no, "RSET", "MAIL FROM:<a@b>", no, RCPT)
    assert said.out.endswith(b"250 ok\r\n" + DENIED_RECIPIENT + b"421 too many invalid addresses, goodbye (#4.3.0)\r\n")
    assert said.code == 1
    assert talk(box, "MAIL FROM:<a@b>", no, no, RCPT, env={"BRTLIMIT": "0"}).out.endswith(b"250 ok\r\n221 host.example.org\r\n")


def test_number_of_recipients(box):
    box.control("maxrcpt", "3\n")
    three = ["MAIL FROM:<a@b>", RCPT, RCPT, RCPT]
    codes = re.compile(rb"^(250|452) ", re.M)
    assert codes.findall(talk(box, *three, env={"MAXRECIPIENTS": "2"}).out)[-1] == b"452"
    assert codes.findall(talk(box, *three, RCPT).out)[-1] == b"452"
    assert codes.findall(talk(box, *three, RCPT, env={"MAXRECIPIENTS": "2", "DISABLE_MAXRCPT": ""}).out)[-1] == b"250"


def test_null_senders_can_be_refused(box):
    box.control("rejectnullsenders", "1\n")
    said = talk(box, "MAIL FROM:<a@b>", "MAIL FROM:<>")
    assert said.out.endswith(b"250 ok\r\n421 null senders temporarily denied (#4.3.0)\r\n") and said.code == 1
    assert talk(box, "MAIL FROM:<>", env={"REJECTNULLSENDERS": ""}).out.endswith(b"250 ok\r\n221 host.example.org\r\n")


def test_tarpit(box):
    """Two of four recipients wait; what was answered before is not held back."""
    box.control("rcpthosts", "host.example.org\n")
    started = time.monotonic()
    said = talk(box, "MAIL FROM:<a@b>", RCPT, RCPT, RCPT, "RCPT TO:<x@far.example>",
                env={"TARPITCOUNT": "2", "TARPITDELAY": "1"}, one_by_one=False)
    assert 2 <= time.monotonic() - started < 10
    assert re.findall(rb"^(\d+) ", said.out, re.M) == [b"220", b"250", b"250", b"250", b"250", b"553", b"221"]


def early(box, env, text=b"HELO early\r\nQUIT\r\n"):
    """A client that does not wait for the greeting."""
    account = pwd.getpwnam("qmaild")
    done = subprocess.run([box.program("qmail-smtpd")], input=text, env=box.env | TCP_ENV | env, cwd="/", user=account.pw_uid,
                          group=account.pw_gid, extra_groups=[], capture_output=True, timeout=20, check=False)
    return done.stdout, done.stderr, done.returncode


NAMED = rb"qmail-smtpd\[\d+\]: GREETDELAY from 192\.0\.2\.99: client sent data before greeting\n"


def test_clients_that_talk_too_early(box):
    for env in ({"SMTPD_GREETDELAY": "60", "DROP_PRE_GREET": "1"}, {"GREETDELAY": "-60"}, {"GREETDELAY": "60", "DROPRUSHGREET": ""}):
        out, err, code = early(box, env)
        assert (out, code) == (b"554 SMTP protocol violation\r\n", 1)
        assert re.fullmatch(NAMED, err)
    box.control("smtpdlog", "qlog\n")
    assert b" reason=pregreet " in early(box, {"GREETDELAY": "-60"})[1]


def test_early_talkers_that_are_only_named(box):
    started = time.monotonic()
    out, err, code = early(box, {"SMTPD_GREETDELAY": "1", "DROP_PRE_GREET": "0"})
    assert time.monotonic() - started >= 1
    assert re.findall(rb"^(\d+) ", out, re.M) == [b"220", b"250", b"221"] and code == 0
    assert re.fullmatch(NAMED, err)


def test_a_client_that_hangs_up_before_the_greeting(box):
    out, err, code = early(box, {"GREETDELAY": "60"}, b"")
    assert (out, err, code) == (b"", b"", 1)


def test_nothing_is_looked_for_that_is_not_there(box):
    """Without the files of this page no system call asks for one of them."""
    box.control("rcpthosts", "host.example.org\n")
    trace = box.file("/mnt/trace", b"")
    # As root: a program that holds secrets shows its memory to nobody else.
    subprocess.run(["strace", "-u", "qmaild", "-e", "trace=file", "-o", str(trace), box.program("qmail-smtpd")],
                   input=b"HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<bob@host.example.org>\r\nQUIT\r\n", env=box.env | TCP_ENV, cwd="/",
                   capture_output=True, timeout=20, check=True)
    asked = set(re.findall(r'"control/([a-z0-9.]+)"', open(trace, encoding="latin-1").read()))
    assert {"me", "rcpthosts"} <= asked
    assert not {name for name in asked if re.match(r"bad|brt|more|qregex|real|recip|reject|tarpit|timeoutsmtpd|valid", name)}, asked
