"""SRS: a forwarded message, its bounce, and peers that know the tokens."""

import subprocess

SENDER = "ann@sender.example"
FORWARDED = (b"Delivered-To: bob@host.example.org\nReceived: from c.example (192.0.2.9)\n  by host.example.org with SMTP; 1 Jan 2026 00:00:00 -0000\n"
             b"From: ann@sender.example\nSubject: x\n\nhi\n")
BOUNCE = b"From: MAILER-DAEMON@far.example\nTo: <x@srs.example>,\n y\nSubject: failure notice\n\nno\n"


def configure(box, secrets="hidden\nolder\n"):
    box.control("srs_domain", "srs.example\n")
    box.file("control/srs_secrets", secrets, mode=0o640, owner="qmailr:nofiles")


def srs(box, *arguments, user="root"):
    return box.run(["qmail-srs", *arguments], as_user=user)


def token(box, *options):
    return srs(box, *options, "forward", SENDER).out.decode().strip()


def mail_from(box, server, sender=SENDER, message=FORWARDED):
    before = len(server.connections)
    done = box.run(["qmail-remote", "[192.0.2.1]", sender, "bob@b.example"], message, as_user="qmailr", timeout=20)
    said = [line[3:].rstrip() for log in server.connections[before:] for line in log if line.startswith(b"C: MAIL")]
    return done.out, said


def test_a_forward_is_rewritten_and_its_bounce_comes_back(box):
    configure(box)
    report, (said,) = mail_from(box, box.smtp_server())
    address = said.partition(b"<")[2].partition(b">")[0].decode()
    assert report.startswith(b"r\0K") and address.startswith("SRS0=") and address.endswith("=sender.example=ann@srs.example")
    box.control("rcpthosts", "srs.example\n")
    talk = box.smtpd_dialogue(["MAIL FROM:<>", f"RCPT TO:<{address}>", "MAIL FROM:<x@y.example>", f"RCPT TO:<{address}>",
                               "RCPT TO:<postmaster@srs.example>", "QUIT"])
    assert talk.out.split(b"\r\n")[2:6] == [b"250 ok", b"250 ok", b"550 sorry, that SRS address takes bounces only (#5.7.1)", b"250 ok"]
    box.capture_queue()
    env = {"SENDER": "", "EXT2": address.partition("@")[0], "HOST": "srs.example", "DTLINE": "Delivered-To: srs\n"}
    assert box.run(["srsfilter"], BOUNCE, env=env, as_user="alias").code == 0
    ((message, sender, recipients),) = box.captured()
    assert (sender, recipients) == (b"", [SENDER.encode()])
    assert message.startswith(b"Delivered-To: srs\nFrom: MAILER-DAEMON@far.example\nTo: ann@sender.example\nSubject: failure notice\n\nno\n")


def test_a_domain_with_u_labels_is_rewritten_with_a_labels(box):
    """Else a token would be for servers with SMTPUTF8 alone."""
    configure(box)
    box.control("smtputf8", "1\n")
    server = box.smtp_server()
    sender = "ann@bücher.example"
    report, (said,) = mail_from(box, server, sender)
    assert report.startswith(b"r\0K") and b"=xn--bcher-kva.example=ann@srs.example>" in said
    box.control("srs_domain", "")
    assert mail_from(box, server, sender)[1] == [b"MAIL FROM:<ann@xn--bcher-kva.example>"]


def test_mail_that_was_not_forwarded_or_is_ours_keeps_its_sender(box):
    configure(box)
    box.control("locals", "ours.example\n")
    server = box.smtp_server()
    for sender, message in ((SENDER, b"Subject: x\n\nhi\n"), ("", FORWARDED), ("bob@ours.example", FORWARDED)):
        assert mail_from(box, server, sender, message)[1] == [f"MAIL FROM:<{sender}>".encode()]


def test_without_secrets_forwarded_mail_waits(box):
    box.control("srs_domain", "srs.example\n")
    server = box.smtp_server()
    report, said = mail_from(box, server)
    assert report == b"ZUnable to rewrite the sender: control/srs_secrets: file does not exist. (#4.3.0)\n\0" and not said
    assert mail_from(box, server, message=b"Subject: x\n\nhi\n")[0].startswith(b"r\0K")


def test_false_old_and_misused_addresses(box):
    configure(box)
    box.control("rcpthosts", "srs.example\n")
    box.control("smtpdlog", "qlog\n")
    good = token(box)
    talk = box.smtpd_dialogue(["MAIL FROM:<>", f"RCPT TO:<{good.replace('sender', 's3nder')}>", f"RCPT TO:<{token(box, '-t', '1600000000')}>", "QUIT"])
    assert talk.out.split(b"\r\n")[2:4] == [b"550 sorry, that SRS address is not valid (#5.1.1)", b"550 sorry, that SRS address has expired (#5.1.1)"]
    assert talk.err.count(b"reason=srs ") == 2
    env = {"SENDER": "", "EXT2": good.partition("@")[0], "HOST": "srs.example"}
    box.capture_queue()
    for change, code in (({"EXT2": "SRS0=abcd"}, 100), ({"SENDER": "x@y.example"}, 100), ({"EXT2": "postmaster"}, 100), ({}, 0)):
        assert box.run(["srsfilter"], BOUNCE, env=env | change, as_user="alias").code == code, change
    assert len(box.captured()) == 1
    box.path("control/srs_secrets").unlink()
    assert box.run(["srsfilter"], BOUNCE, env=env, as_user="alias").code == 111


def test_users_cannot_read_the_secrets(box):
    configure(box)
    assert srs(box, "forward", SENDER, user="nobody").code == 111
    assert srs(box, "forward", SENDER, user="qmailr").code == 0


def test_usage(box):
    configure(box)
    for arguments in ([], ["forward"], ["back", SENDER], ["-t", "x", "forward", SENDER], ["forward", SENDER, "x"], ["forward", "nobody"],
                      ["reverse", "nobody@srs.example"]):
        done = srs(box, *arguments)
        assert (done.code, done.out) == (100, b"") and done.err.startswith(b"qmail-srs: "), arguments
    box.control("srs_domain", "\n")
    assert srs(box, "forward", SENDER).code == 100


PERL = """use Mail::SRS; my $srs = new Mail::SRS(Secret => ["hidden", "older"]);
print $ARGV[0] eq "forward" ? $srs->forward($ARGV[1], "srs.example") : $srs->reverse($ARGV[1]);"""


def test_mail_srs_knows_our_tokens_and_we_its(box):
    configure(box)

    def peer(*words):
        return subprocess.run(["perl", "-e", PERL, *words], stdout=subprocess.PIPE, check=True, text=True).stdout

    for sender in (SENDER, "X.Y+z@Sender.EXAMPLE", "a=b=c@d.example", "SRS0=HjPA=G3=source.example=user@one.example",
                   "SRS1=abcd=one.example==HjPA=G3=source.example=user@two.example"):
        ours = srs(box, "forward", sender).out.decode().strip()
        assert ours == peer("forward", sender)
        assert srs(box, "reverse", ours).out.decode().strip() == peer("reverse", ours)
