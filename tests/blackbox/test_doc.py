"""The steps in doc/ work as described: TEST.deliver, TEST.receive, and the deliveries of PIC.*."""

import re
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent
ME = {"USER": "alice"}


def lines(box, daemon):
    """Returns the log without the values that differ from run to run."""
    text = "\n".join(daemon.log())
    text = re.sub(r"msg \w+", "msg N", text)
    text = re.sub(r"(bytes|qp|uid) \S+", r"\1 N", text)
    return re.sub(r"qp_\w+", "qp_N", text)


def say(box, message, args=(), user="alice"):
    result = box.run(["qmail-inject", *args], message, {"USER": user}, user)
    assert (result.code, result.err) == (0, b"")


def start(box):
    box.file("/var/qmail/alias/.qmail-postmaster", "&alice\n", owner="alias:qmail")
    return box.start_qmail("./Mailbox")


def test_deliver_to_yourself_and_to_nobody(box):
    daemon = start(box)
    say(box, b"to: alice\n")
    daemon.wait_idle(left=0)
    say(box, b"to: nonexistent\n")
    daemon.wait_idle(left=0)
    daemon.stop()
    log = lines(box, daemon)
    assert "info msg N: bytes N from <alice@host.example.org> qp N uid N" in log
    assert "delivery 1: success: did_1+0+0/" in log
    assert "delivery 2: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/" in log
    assert "bounce msg N qp N" in log
    assert b"Subject: failure notice\n" in box.mailbox("alice", "Mailbox")


def test_double_bounce(box):
    daemon = start(box)
    say(box, b"", ["-f", "nonexistent", "nonexistent"])
    daemon.wait_idle(left=0)
    daemon.stop()
    assert lines(box, daemon).count("bounce msg") == 2
    assert b"the bounce bounced" in box.mailbox("alice", "Mailbox")


def test_instructions_of_all_kinds(box):
    box.maildir("alice", "Maildir")
    box.dotqmail("alice", "test", "&alice\n|cat >/dev/null\n./Maildir/\n")
    daemon = start(box)
    say(box, b"to: alice-test\n")
    daemon.wait_idle(left=0)
    daemon.stop()
    assert "success: did_1+1+1/qp_N/" in lines(box, daemon)
    assert b"Delivered-To: alice-test@host.example.org\n" in box.mailbox("alice", "Mailbox")


def test_extension_alias_and_virtual_domain(box):
    box.control("virtualdomains", "shop.example:bob-shop\n")
    box.dotqmail("bob", "lists-default", "|printf '%s %s\\n' \"$EXT\" \"$DEFAULT\" >>seen\n")
    box.dotqmail("bob", "shop-default", "|printf '%s %s\\n' \"$HOST\" \"$RECIPIENT\" >>seen\n")
    daemon = start(box)
    for address in (b"bob-lists-debian", b"info@shop.example", b"postmaster"):
        say(box, b"to: " + address + b"\n")
        daemon.wait_idle(left=0)
    daemon.stop()
    assert (box.user_home("bob") / "seen").read_text().splitlines() == [
        "lists-debian debian", "shop.example bob-shop-info@shop.example"]
    log = lines(box, daemon)
    assert "starting delivery 2: msg N to local bob-shop-info@shop.example" in log
    assert "delivery 3: success: did_0+1+0/qp_N/" in log


def test_remote_by_the_nullclient(box):
    box.control("defaulthost", "example.org\n")
    box.control("defaultdomain", "example.org\n")
    box.control("locals", "")
    box.control("smtproutes", ":192.0.2.1\n")
    server = box.smtp_server({}, ip="192.0.2.1")
    daemon = start(box)
    say(box, b"to: bob\n")
    daemon.wait_idle(left=0)
    daemon.stop()
    assert "starting delivery 1: msg N to remote bob@example.org" in lines(box, daemon)
    assert "success: 192.0.2.1_accepted_message./Remote_host_said:_250" in lines(box, daemon)
    assert any(b"RCPT TO:<bob@example.org>" in line for line in server.connections[0])


def test_receive(box):
    box.control("rcpthosts", "host.example.org\n")
    box.capture_queue()
    talk = box.smtpd_dialogue(["helo test", "mail from:<me@example.org>", "rcpt to:<alice@host.example.org>",
                               "rcpt to:<somebody@example.net>", "data", b"subject: testing\r\n\r\nhello\r\n.\r\n", "quit"])
    replies = [line for line in talk.out.decode().split("\r\n") if line]
    assert [reply[:3] for reply in replies] == ["220", "250", "250", "250", "553", "354", "250", "221"]
    assert replies[0] == "220 host.example.org ESMTP" and replies[1] == "250 host.example.org"
    assert replies[4] == "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"
    assert re.fullmatch(r"250 ok \d+ qp \d+", replies[6]) and replies[7] == "221 host.example.org"
    allowed = box.smtpd_dialogue(["helo c", "mail from:<>", "rcpt to:<carol@example.net>", "quit"], env={"RELAYCLIENT": ""})
    assert b"553" not in allowed.out


def test_bare_line_feed(box):
    session = b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@host.example.org>\r\nDATA\r\n\r\nx\n.\n"
    box.capture_queue()
    talk = box.smtpd_dialogue([session], one_by_one=False)
    assert b"451 See http://pobox.com/~djb/docs/smtplf.html." in talk.out
    assert all(not recipients for _, _, recipients in box.captured())


def test_qmail_showctl_knows_the_files_that_qmail_upgrade_knows(box):
    """qmail-showctl names every control file of the table legacy/control_verdicts.h that has a fixed name."""
    names = re.findall(r'ControlVerdict\{\s*"([^"]+)"', (TREE / "legacy/control_verdicts.h").read_text())
    fixed = [name for name in names if "*" not in name and not box.path(f"control/{name}").exists()]
    for name in fixed:
        box.control(name, "1\n")
    text = box.run(["qmail-showctl"]).out.decode()
    missing = [name for name in fixed if f"\n{name}: " not in text or f"\n{name}: I have no idea what this file does." in text]
    assert len(fixed) > 30 and not missing, missing


def test_the_migrants_table_names_everything_that_qmail_upgrade_knows():
    """doc/MIGRATE lists every control file, variable and program of a patch or fork."""
    table = (TREE / "doc/MIGRATE").read_text()
    for file, kind in (("control_verdicts.h", "ControlVerdict"), ("variable_verdicts.h", "VariableVerdict"), ("marks.h", "ForeignProgram")):
        names = re.findall(kind + r'\{\s*"([^"]+)"', (TREE / "legacy" / file).read_text())
        assert len(names) > 10
        missing = [name for name in names if not re.search(rf"(?<![\w*]){re.escape(name)}(?![\w*])", table)]
        assert not missing, missing
    for guide in ("netqmail", "mini", "qmailtoaster", "sagredo", "sqmail-ldap"):
        text = (TREE / f"doc/MIGRATE.{guide}").read_text()
        assert f"MIGRATE.{guide}" in table
        for part in ("qmail-upgrade", "week", "ack"):
            assert part in text, (guide, part)
