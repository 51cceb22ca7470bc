"""qmail-smtpd: AUTH and the session log. tests/tls-auth.map assigns the tests to the requirements."""

import hmac
import os
import re
import time

import pytest
from tls_client import PASSWORD, USER, Talk, auth_talk, b64, checker, install, logins, plain

REFUSED = "535 authentication failed (#5.7.1)"


def relays(talk) -> bool:
    assert talk.say("MAIL FROM:<a@b.example>") == "250 ok"
    allowed = talk.say("RCPT TO:<x@far.example>") == "250 ok"
    assert talk.say("RSET") == "250 flushed"
    return allowed


def last_chance(box, env=None, **options) -> Talk:
    """A session in which the next refusal is the fifth, so that a test waits only once."""
    return auth_talk(box, {"QMAILSTARTTLS": "4"} | (env or {}), program="qmail-smtpd-tls", greeting=False, **options)


def test_without_tls_only_where_forcetls_allows(box):
    install(box)
    refusal = "538 auth not available without TLS (#5.3.3)"
    for env in ({"FORCETLS": "1"}, {"FORCETLS": ""}):
        talk = auth_talk(box, env)
        assert "AUTH" not in talk.say("EHLO c")
        assert talk.say("AUTH PLAIN " + plain()) == refusal
        assert talk.say("AUTH LOGIN") == refusal
        assert talk.mail().startswith("250 ok ")  # mail itself is not affected
    for env in ({}, {"FORCETLS": "1", "ALLOW_INSECURE_AUTH": "1"}):
        talk = auth_talk(box, env)
        assert "250-AUTH LOGIN PLAIN\n" in talk.say("EHLO c")
    assert logins() == []
    inside = auth_talk(box, {"FORCETLS": "1"}).starttls()
    assert "250-AUTH LOGIN PLAIN\n" in inside.say("EHLO c")
    assert inside.say("AUTH PLAIN " + plain()) == "235 ok, go ahead (#2.0.0)"


def test_unusable_auth_is_503_and_required_auth_refuses_mail(box):
    for env, args in (({"SMTPAUTH": ""}, []), ({"SMTPAUTH": "-"}, checker(box)), ({}, checker(box)), ({"REQUIRE_AUTH": "1"}, [])):
        talk = Talk(box, env, args)
        assert talk.say("AUTH PLAIN " + plain()) == "503 auth not available (#5.3.3)"
        assert talk.say("MAIL FROM:<a@b>") == ("530 Authorization required (#5.7.1) " if "REQUIRE_AUTH" in env else "250 ok")
    talk = auth_talk(box, {"SMTPAUTH": "!", "RELAYCLIENT": ""})
    assert talk.say("MAIL FROM:<a@b>") == "530 Authorization required (#5.7.1) "
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.say("MAIL FROM:<a@b>") == "250 ok"


@pytest.mark.parametrize("space", [" ", "\t", "  \t "])
def test_white_space_at_the_end_of_a_line_is_ignored(box, space):
    for command in ("AUTH PLAIN", "AUTH PLAIN" + space):
        talk = auth_talk(box)
        assert talk.say(command) == "334 "
        assert talk.say(plain() + space).startswith("235 ")
    assert auth_talk(box).say("AUTH PLAIN " + plain() + space).startswith("235 ")
    talk = auth_talk(box)
    assert talk.say("AUTH LOGIN " + b64(USER) + space) == "334 UGFzc3dvcmQ6"
    assert talk.say("*" + space) == "501 auth exchange canceled (#5.0.0)"
    assert talk.say("AUTH LOGIN" + space) == "334 VXNlcm5hbWU6"
    assert talk.say(b64(USER) + space) == "334 UGFzc3dvcmQ6"
    assert talk.say(b64(PASSWORD) + space).startswith("235 ")


def test_mechanisms_and_what_the_checker_gets(box):
    talk = auth_talk(box)
    assert talk.say("AUTH PLAIN") == "334 "
    assert talk.say(plain()).startswith("235 ")
    talk = auth_talk(box)
    assert talk.say("auth login") == "334 VXNlcm5hbWU6"
    assert talk.say(b64(USER)) == "334 UGFzc3dvcmQ6"
    assert talk.say(b64(PASSWORD)).startswith("235 ")
    assert logins() == [f"{USER}\0{PASSWORD}\0".encode()]
    challenges = set()
    for _ in range(2):
        talk = auth_talk(box, {"SMTPAUTH": "cram"})
        prompt = talk.say("AUTH CRAM-MD5")
        challenge = __import__("base64").b64decode(prompt[4:])
        assert re.fullmatch(rb"<[0-9a-f]{32}@host\.example\.org>", challenge)
        challenges.add(challenge)
        digest = hmac.new(PASSWORD.encode(), challenge, "md5").hexdigest()
        assert talk.say(b64(f"{USER} {digest}")).startswith("235 ")
        assert logins() == [f"{USER}\0{digest}\0".encode() + challenge + b"\0"]
    assert len(challenges) == 2


@pytest.mark.parametrize("lines, code", [
    (["AUTH PLAIN !!!!"], "501"), (["AUTH PLAIN ="], "501"), (["AUTH PLAIN", ""], "501"), (["AUTH PLAIN", "*"], "501"),
    (["AUTH LOGIN", "YQ", "x"], "501"), (["AUTH LOGIN", b64("a\0b")], "501"), (["AUTH LOGIN", b64("a"), "*"], "501"),
    (["AUTH PLAIN " + b64("\0us\ner\0pw")], "501"), (["AUTH PLAIN " + b64("\0user\0pw\0")], "501"),
    (["AUTH LOGIN" + " " * 5 + b64("")], "334"), (["AUTH GSSAPI"], "504"), (["AUTH CRAM-MD5"], "504"), (["AUTH"], "504")])
def test_odd_input_never_reaches_the_checker(box, lines, code):
    talk = auth_talk(box)
    for line in lines:
        reply = talk.say(line)
        if reply[:3] != "334":
            break
    assert reply[:3] == code, reply
    if code == "334":
        talk.say("*")
    assert talk.say("NOOP") == "250 ok"
    assert logins() == [] and not relays(talk)


def test_long_lines(box):
    talk = auth_talk(box)
    user = "u" * 4000
    assert talk.say("AUTH PLAIN " + plain("all", user)).startswith("235 ")
    assert logins() == [f"all\0{user}\0".encode()]
    for commands in (["AUTH PLAIN " + "A" * 12288], ["AUTH PLAIN", "A" * 12292], ["AUTH LOGIN", b64("u"), "QUFB" * 50000]):
        talk = auth_talk(box)
        for command in commands:
            reply = talk.say(command)
        assert reply == "500 auth line too long (#5.5.6)"
        talk.rest(5)
        assert talk.eof and talk.hang_up() == 1
        assert logins() == []


@pytest.mark.parametrize("user, code", [("exit1", "535"), ("exit2", "535"), ("exit100", "535"), ("exit111", "454"),
                                        ("crash", "454"), ("hang", "454"), ("not executable", "454")])
def test_exit_codes_of_the_checker(box, user, code):
    box.control("timeoutsmtpd", "2\n")
    talk = last_chance(box)
    assert talk.reply().startswith("454 TLS ")  # no certificate: the session goes on
    if user == "not executable":
        os.chmod("/mnt/checker", 0o644)
    begin = time.monotonic()
    assert talk.say("AUTH PLAIN " + plain(user)).startswith(code)
    passed = time.monotonic() - begin
    if code == "535":
        assert 4.9 < passed < 7
        assert talk.line() == "421 too many failures (#4.7.0)"
        assert talk.hang_up() == 1
    else:
        assert passed < 4
        assert not relays(talk)
        os.chmod("/mnt/checker", 0o755)
        assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")


def test_five_refusals_end_the_session(box):
    talk = auth_talk(box)
    for _ in range(5):
        assert talk.say("AUTH PLAIN " + plain(password="wrong")) == REFUSED
    assert talk.line() == "421 too many failures (#4.7.0)"
    talk.rest(3)
    assert talk.eof and talk.hang_up() == 1
    assert talk.errors.count("auth-failed") == 5


def test_authentication_lasts_and_is_not_repeated(box):
    box.capture_queue()
    talk = auth_talk(box)
    assert talk.say("MAIL FROM:<a@b>") == "250 ok"
    assert talk.say("AUTH PLAIN " + plain()) == "503 no auth during mail transaction (#5.5.0)"
    assert talk.say("RCPT TO:<bob@host.example.org>") == "250 ok"
    assert talk.say("RSET") == "250 flushed"
    assert not relays(talk)
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.say("AUTH PLAIN " + plain()) == "503 you're already authenticated (#5.5.0)"
    assert talk.say("STARTTLS") == "502 unimplemented (#5.5.1)"
    for command in ("RSET", "EHLO c"):
        assert talk.mail("x@far.example").startswith("250 ok ")
        talk.say(command)
    for message, _, _ in box.captured():
        first = re.split(rb"\n(?![ \t])", message)[0].decode()
        assert f"({USER}@192.0.2.99)\n  by host.example.org with ESMTPA; " in first
    assert len(logins()) == 1


def test_starttls_after_auth_in_clear(box):
    install(box)
    talk = auth_talk(box)
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.say("STARTTLS").startswith("503 ")
    assert relays(talk)


def test_environment_of_the_queue_and_no_secret_anywhere(box):
    box.file("/mnt/env", b"", mode=0o666)
    box.capture_queue(before="env >>/mnt/env; cat /proc/$PPID/cmdline /proc/$PPID/environ >>/mnt/env 2>&1")
    for method, talk_in in (("plain", ["AUTH PLAIN " + plain()]), ("login", ["AUTH LOGIN " + b64(USER), b64(PASSWORD)])):
        box.path("/mnt/env").write_bytes(b"")
        talk = auth_talk(box, {"RELAYCLIENT": "@fax.example", "TCPREMOTEINFO": "ident"})
        replies = "".join(talk.say(line) for line in talk_in)
        assert talk.mail("x@far.example").startswith("250 ok ")
        seen = box.path("/mnt/env").read_bytes()
        for line in ("RELAYCLIENT=", f"TCPREMOTEINFO={USER}", f"SMTPAUTHUSER={USER}", f"SMTP_AUTH_USER={USER}",
                     f"SMTPAUTHMETHOD={method}"):
            assert line.encode() in seen.split(b"\n"), line
        message, _, recipients = box.captured()[-1]
        assert recipients == [b"x@far.example"]
        everything = seen + message + replies.encode() + talk.errors.encode()
        for secret in (PASSWORD, b64(PASSWORD), plain()):
            assert secret.encode() not in everything
    with open(f"/proc/{talk.pid}/limits", encoding="ascii") as stream:
        assert re.search(r"^Max core file size +0 +0 ", stream.read(), re.M)
    plainly = Talk(box, {"SMTPAUTH": ""}, checker(box))
    box.path("/mnt/env").write_bytes(b"")
    assert plainly.mail().startswith("250 ok ")
    assert not re.search(rb"^(RELAYCLIENT|TCPREMOTEINFO|SMTPAUTHUSER|SMTP_AUTH_USER|SMTPAUTHMETHOD)=",
                         box.path("/mnt/env").read_bytes(), re.M)


def test_secrets_are_not_left_in_memory(box):
    secret = "Hunter2-" * 10
    talk = auth_talk(box)
    assert talk.say("AUTH PLAIN " + plain("all", secret)).startswith("235 ")
    found = 0
    with open(f"/proc/{talk.pid}/maps", encoding="utf-8") as maps, open(f"/proc/{talk.pid}/mem", "rb") as memory:
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            if " rw" in line and "[v" not in line:
                memory.seek(begin)
                data = memory.read(end - begin)
                found += data.count(b"Hunter2-Hunter2") + data.count(b64("\0all\0" + secret).encode()[:30])
    assert found == 0


def test_noise_of_the_checker_does_not_reach_the_client(box):
    talk = auth_talk(box)
    assert talk.say("AUTH PLAIN " + plain()) == "235 ok, go ahead (#2.0.0)"
    assert talk.say("NOOP") == "250 ok"


def test_sender_must_be_the_user(box):
    talk = auth_talk(box, {"FORCEAUTHMAILFROM": "1"})
    assert talk.say("MAIL FROM:<other@b.example>") == "250 ok"
    assert talk.say("RSET") == "250 flushed"
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    for sender in ("other@b.example", "", "alice@example.org.evil"):
        assert talk.say(f"MAIL FROM:<{sender}>") == "503 from and auth not the same (#5.5.1)"
    assert talk.say(f"MAIL FROM:<{USER.upper()}>") == "250 ok"


def test_log_lines_of_logins(box):
    talk = auth_talk(box)
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.errors == f"qmail-smtpd[{talk.pid}]: auth: auth-success type=plain user=<{USER}>\n"
    talk = auth_talk(box)
    talk.send("AUTH LOGIN " + b64("a> b<x\xff"))
    assert talk.reply().startswith("334 ")
    assert talk.say(b64("pw")) == REFUSED
    assert talk.errors == f"qmail-smtpd[{talk.pid}]: auth: auth-failed type=login user=<a__b_x__>\n"


def test_old_arguments_with_a_host_name(box):
    box.control("rcpthosts", "host.example.org\n")
    talk = Talk(box, {"FORCETLS": "0"}, ["mail.example.net", *checker(box)])
    assert "250-AUTH LOGIN PLAIN\n" in talk.say("EHLO c")
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")


def test_size(box):
    box.control("databytes", "1000\n")
    talk = Talk(box)
    assert talk.say("EHLO c").split("\n")[1:] == ["250-SIZE 1000", "250-PIPELINING", "250 8BITMIME"]
    too_large = "552 sorry, that message size exceeds my databytes limit (#5.3.4)"
    for size in ("1001", "99999999999999999999999"):
        assert talk.say(f"MAIL FROM:<a@b> SIZE={size}") == too_large
    assert talk.say("MAIL FROM:<a@b> BODY=8BITMIME SIZE=1000 AUTH=<>") == "250 ok"


# The session log


def logged(talk) -> list[dict]:
    found = []
    for line in talk.errors.splitlines():
        kind, _, rest = line.partition(": ")
        if kind.startswith("qlog"):
            found.append({"kind": kind} | dict(pair.split("=", 1) for pair in rest.split(" ")))
    return found


@pytest.mark.parametrize("word", [None, "", "none\n", "QLOG\n"])
def test_no_log_unless_asked_for(box, word):
    if word is not None:
        box.control("smtpdlog", word)
    box.control("rcpthosts", "host.example.org\n")
    talk = Talk(box)
    assert talk.mail().startswith("250 ok ")
    talk.say("MAIL FROM:<a@b>")
    assert talk.say("RCPT TO:<x@far.example>").startswith("553 ")
    assert talk.errors == ""


def test_qlog(box):
    box.control("smtpdlog", "qlog\n")
    box.control("rcpthosts", "host.example.org\n")
    box.control("badmailfrom", "bad@b.example\n")
    box.control("databytes", "500\n")
    talk = Talk(box)
    talk.say("EHLO evil name\x1b\nresult=accepted")
    talk.reply()
    queued = re.fullmatch(r"250 ok (\d+) qp (\d+)", talk.mail())
    talk.say("MAIL FROM:<bad@b.example>")
    talk.say("RCPT TO:<bob@host.example.org>")
    talk.say("MAIL FROM:<a@b.example>")
    talk.say("RCPT TO:<x y@far.example>")
    talk.say("MAIL FROM:<a@b.example> SIZE=501")
    talk.say("RSET")
    assert talk.mail(body=b"x" * 600 + b"\r\n.\r\n").startswith("552 ")
    lines = logged(talk)
    assert [(line["kind"], line["result"], line["code"], line["reason"]) for line in lines] == [
        ("qlogreceived", "accepted", "250", "queued"), ("qlogenvelope", "rejected", "553", "badmailfrom"),
        ("qlogenvelope", "rejected", "553", "rcpthosts"), ("qlogenvelope", "rejected", "552", "size"),
        ("qlogreceived", "rejected", "552", "size")]
    first = lines[0]
    assert first["qp"] == queued.group(2) and first["pid"] == str(talk.pid)
    assert first["helo"] == "evil_name_" and first["mailfrom"] == "a@client.example"
    assert first["rcptto"] == "bob@host.example.org" and first["rcpthosts"] == "yes" and first["relay"] == "no"
    assert first["remoteip"] == "192.0.2.99" and first["remoteport"] == "40000" and first["localport"] == "25"
    assert lines[1]["mailfrom"] == "bad@b.example"
    assert lines[2]["rcptto"] == "x_y@far.example" and lines[2]["rcpthosts"] == "no"
    assert lines[3]["mailfrom"] == "a@b.example" and lines[3]["rcptto"] == ""
    for line in lines:
        assert set(line) == {"kind", "result", "code", "reason", "detail", "helo", "mailfrom", "rcptto", "relay", "rcpthosts",
                             "size", "authuser", "authtype", "encrypted", "sslverified", "localip", "localport", "remoteip",
                             "remoteport", "remotehost", "qp", "pid"}


def test_qlog_of_an_authenticated_session_in_tls(box):
    install(box)
    box.control("smtpdlog", "qlog\n")
    talk = auth_talk(box).starttls()
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.mail("x@far.example").startswith("250 ok ")
    line, = logged(talk)
    assert line["authuser"] == USER and line["authtype"] == "plain" and line["encrypted"] == "tls" and line["relay"] == "yes"


def first_field(box) -> str:
    message = box.captured()[-1][0]
    return re.split(rb"\n(?![ \t])", message)[0].decode("latin-1")


@pytest.mark.parametrize("value, hidden", [(None, False), ("0\n", False), ("\n", False), ("yes\n", False), ("1\n", True), ("7 days\n", True)])
def test_hideclient_hides_who_has_logged_in(box, value, hidden):
    install(box)
    if value is not None:
        box.control("hideclient", value)
    box.control("smtpdlog", "qlog\n")
    box.file("/mnt/env", b"", mode=0o666)
    box.capture_queue(before="env >/mnt/env")
    talk = auth_talk(box).starttls()
    talk.say("EHLO c.example")
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.mail("x@far.example").startswith("250 ok ")
    client = f"unknown ({USER})" if hidden else f"client.example.net (HELO c.example) ({USER}@192.0.2.99)"
    assert first_field(box).startswith(f"Received: from {client}\n  by host.example.org with ESMTPSA (")
    assert first_field(box).endswith(" -0000")
    environment = box.path("/mnt/env").read_text().split("\n")
    assert {"TCPREMOTEIP=192.0.2.99", "TCPREMOTEHOST=client.example.net", f"TCPREMOTEINFO={USER}"} <= set(environment)
    line, = logged(talk)
    assert line["remoteip"] == "192.0.2.99" and line["helo"] == "c.example"


def test_hideclient_needs_a_login(box):
    install(box)
    box.control("hideclient", "1\n")
    box.capture_queue()
    shown = "Received: from client.example.net (HELO c.example) (192.0.2.99)\n  by host.example.org with "
    for start, protocol in ((lambda: Talk(box), "SMTP; "), (lambda: Talk(box).starttls(), "ESMTPS ("),
                            (lambda: Talk(box, {"RELAYCLIENT": ""}), "SMTP; ")):
        talk = start()
        talk.say("EHLO c.example")
        assert talk.mail().startswith("250 ok ")
        assert first_field(box).startswith(shown + protocol)
    talk = auth_talk(box)  # a login in clear, where FORCETLS=0 allows it
    assert talk.say("AUTH PLAIN " + plain()).startswith("235 ")
    assert talk.mail("x@far.example").startswith("250 ok ")
    assert first_field(box).startswith(f"Received: from unknown ({USER})\n  by host.example.org with ESMTPA; ")
