"""qmail-upgrade check: what it says about old trees of every kind, that its exit code follows the worst of it, and that it
changes nothing."""

import json
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from conformlib.users import USERS

from old_trees import BIN, FAMILIES, HOME, NEW, PROGRAMS, QUEUE, TOASTER_RUN, OldTree, cdb, showctl

VERSION = (Path(__file__).resolve().parent.parent.parent / "VERSION").read_text().strip()


def test_classic_tree_goes(box):
    old = OldTree(box)
    code, text = old.check()
    assert code == 0, text
    assert "old programs: netqmail 1.06, or qmail 1.03 with the QMAILQUEUE patch" in text
    assert "queue:        0 messages" in text and "23 directories" in text
    assert text.endswith("\nverdict: go\n")
    assert "rcpthosts are honoured" in " ".join(text.split())


def test_json_says_the_same(box):
    old = OldTree(box)
    report = old.report()
    assert (report["verdict"], report["exit_code"], report["code"]) == ("go", 0, 0)
    assert report["home"] == "/var/qmail" and report["tree"] == str(NEW)
    assert report["queue"]["split"] == 23 and report["queue"]["old_split"] is None
    assert report["supervisor"] == "none" and report["daemons"] == []
    assert report["space"]["free_bytes"] > report["space"]["needed_bytes"] > 0
    assert {finding["severity"] for finding in report["findings"]} == {"harmless"}


def test_qmail_1_03_and_notqmail_have_their_names(box):
    old = OldTree(box)
    for name in ("elq", "pinq", "qail"):
        (BIN / name).unlink()
    assert old.report()["version"] == "notqmail"
    old.put(BIN / "qmail-inject", b"\x7fELFnothing", 0o755)
    assert old.report()["version"] == "qmail 1.03"


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["check", "apply"], b"one word too many: apply"),
        (["--version", "check"], b"one word too many: check"),
        (["look"], b"unknown command: look"),
        ([], b"no command"),
        (["--from=here", "check"], b"no absolute path: --from=here"),
        (["--home", "check"], b"unknown option: --home"),
    ],
)
def test_wrong_usage(box, arguments, text):
    result = box.run(["qmail-upgrade", *arguments])
    assert result.code == 100 and result.out == b""
    assert text in result.err and b"qmail-upgrade: usage: " in result.err


def test_version(box):
    result = box.run(["qmail-upgrade", "--version"])
    assert (result.code, result.out, result.err) == (0, f"reqmail {VERSION}\n".encode(), b"")


def test_no_home_is_trouble(box):
    result = box.run(["qmail-upgrade", "--home=/tmp/none", "check"])
    assert (result.code, result.out) == (111, b"") and b"unable to look at /tmp/none/bin: file does not exist" in result.err


def test_a_home_without_qmail_is_a_stop(box):
    old = OldTree(box)
    (BIN / "qmail-send").unlink()
    code, text = old.check()
    assert code == 2 and "has no qmail-send: this is no qmail" in text


# The table of verdicts: severity, exit code and words for each control file of a patch.

LOSS = [
    ("badmailfrom", "^spam.*@\n", "holds expressions"),
    ("badmailfrom", "good@example.org\n.example.net\n", ".example.net"),
    ("badrcptto", "^a@\n", "recipients that they refuse will be accepted"),
    ("badmailto", "a@b$\n", "recipients that they refuse will be accepted"),
    ("badhelonorelay", "^[0-9]\n", "taken for names: HELO names that they refuse will be accepted"),
    ("badmailfromnorelay", "^x\n", "senders that they refuse will be accepted"),
    ("smtpplugins", "[rcpt]\nplugins/x\n", "the plugins will not be run"),
    ("srsdomains", "*:secret||srs.\n", "will not be rewritten"),
    ("tlsdestinations", "*:\n", "will not be demanded"),
    ("domaincerts", "*:x|y\n", "will not be shown"),
    ("qmtproutes", "example.org:h\n", "not by QMTP"),
    ("bindroutes", "192.0.2.:192.0.2.9\n", "will leave from another address"),
    ("concurrencyremote", "400\n", "asks for 400 deliveries at once"),
    ("concurrencylocal", "121\n", "the limit of reqmail's programs is 120"),
    ("suppls0", "example.org\n", "the two channels local and remote alone"),
    ("concurrencysuppl0", "20\n", "the two channels local and remote alone"),
    ("ldapserver", "ldap.example.org\n", "accounts in LDAP will not be found"),
    ("taps", "F:.*:keep@example.org\n", "no copies of mail"),
    ("rbllist", "zen.example.org a b c\n", "listed clients will be accepted"),
    ("relaymailfrom", "@example.org\n", "may no longer relay"),
    ("policy", "example.org:L,user:L\n", "who may write to whom"),
    ("smtpcert", "/etc/cert.pem\n", "STARTTLS will not be offered"),
    ("holdlocal", "1\n", "held back will be delivered"),
    ("holdremote", "1\n", "held back will be delivered"),
    ("goodmailfrom", "a@b\n", "excepts from badmailfrom will be refused"),
    ("badrcptpatterns", "*x*\n", "refused recipients will be accepted"),
    ("badmailpatterns", "*x*\n", "refused senders will be accepted"),
    ("badmailfrom-unknown", "@x.example\n", "refused senders will be accepted"),
    ("localdomains", "example.org\n", "senders will not be held against"),
    ("relaylimits", ":1000\n", "will not be limited"),
]


@pytest.mark.limit(120)
def test_what_would_be_lost_stops_unless_accepted(box):
    old = OldTree(box)
    for name, text, words in LOSS:
        old.control(name, text)
        finding = old.found(f"control/{name}")
        assert (finding["severity"], finding["exit"]) == ("loss", 2), (name, finding)
        assert words in finding["text"], (name, finding)
        assert old.found(f"control/{name}", "--accept-loss")["exit"] == 1, name
        old.control(name, None)
    assert old.check()[0] == 0


@pytest.mark.parametrize("name, text, words", [
    ("dkimpolicy", "x\n", "only programs of that patch"),
    ("mystery", "x\n", "belongs to nothing that is known"),
    ("locals~", "x\n", "belongs to nothing that is known"),
    ("servercert.pem", "-----BEGIN CERTIFICATE-----\n", "STARTTLS will be offered and answered 454"),
    ("bouncelifetime", "3600\n", "as long as all mail"),
    ("rcpthosts", "a.example\r\nb.example\nc.example\r\n", "has 2 lines with a CR at the end, which will be part of the value"),
    ("helohost", "a.example\r", "has 1 line with a CR at the end"),
])
def test_what_somebody_should_know(box, name, text, words):
    old = OldTree(box)
    old.control(name, text, 0o640)
    finding = old.found(f"control/{name}")
    assert (finding["severity"], finding["exit"]) == ("note", 1), finding
    assert words in finding["text"]


def test_what_is_harmless(box):
    old = OldTree(box)
    for name, text in {
        "rsa512.pem": "x", "rsa2048.pem": "x", "rsa4096.pem": "x", "dh512.pem": "x", "dh1024.pem": "x", "dh2048.pem": "x",
        "badmimetypes": "TVqQ\n", "badmimetypes.cdb": "x", "badloadertypes": "M\n", "badloadertypes.cdb": "x",
        "defaultdelivery": "./Maildir/\n", "concurrencyincoming": "20\n", "softlimit": "30000000\n", "logcount": "5\n",
        "logsize": "1000\n",
        # Files without any effect:
        "holdremote": "0\n", "smtpplugins": "# sample\n[connection]\n[helo]\n",
        # Files of other programs:
        "rcpthosts.lock": "", "virtualdomains.lock": "", "simcontrol": ":clam=yes\n", "simcontrol.cdb": "x", "simversions.cdb": "x",
        "tcp.smtp": ":allow\n", "blacklists": "-r zen.example.org\n",
        "spfbehavior": "0\n", "mfcheck": "0\n", "srs_domain": "\n", "srs_secrets": "x\n",
        # Files that reqmail uses:
        "dkimdomains": "example.org:sel\n", "dkimkeys": "example.org:x\n",
        "badhelo": "localhost\n.dyn.example\n", "badhelonorelay": "localhost\n", "badmailfromnorelay": "x\n", "badmailto": "a@b\n",
        "badrcptto": "a@b\n@c\n", "brtlimit": "3\n", "morevalidrcptto.cdb": "x", "rcptchecks": "bin/x\n", "realrcptto": "1\n",
        "recipients": "example.org:x\n", "rejectnullsenders": "1\n", "tarpitcount": "9\n", "validrcptto": "a@b\n",
        "validrcptto.cdb": "x",
        "badmailfrom": "spam@example.org\n@example.net\n", "concurrencyremote": "120\n", "maxrcpt": "100\n", "tlsclients": "a@b\n",
        "smtpgreeting": "host.example.org\n", "doublebounceto": "postmaster\n", "smtproutes": ":relay.example.org:26\n# x y z\n",
    }.items():
        old.control(name, text)
        finding = old.found(f"control/{name}")
        assert (finding["severity"], finding["exit"]) == ("harmless", 0), (name, finding)
    assert "rsa512.pem are obsolete" in " ".join(old.check()[1].split())


def test_srsdomains_of_sqmail(box):
    """A line that names one domain for senders is converted; without one, SRS is lost."""
    old = OldTree(box)
    old.control("srsdomains", "example.org:geheim older||srs.\n")
    finding = old.found("srsdomains")
    assert (finding["severity"], finding["exit"]) == ("note", 1) and "srs.example.org" in finding["text"]
    assert "geheim" not in old.check()[1]
    old.control("srs_domain", "x.example.org\n")
    assert old.found("srsdomains")["severity"] == "harmless"
    old.control("srsdomains", "#\n*:geheim||srs.\n")
    assert old.found("srsdomains")["severity"] == "loss"
    old.control("srsdomains", "# nothing\n")
    assert old.found("srsdomains")["severity"] == "harmless"


def test_filters_that_go_on_are_no_loss(box):
    old = OldTree(box)
    old.program("qmail-qfilter")
    for more, queue in (("", "loss"), ("export QMAILQUEUE=/var/qmail/bin/qmail-qfilter", "harmless")):
        old.put(HOME / "rc", f"#!/bin/sh\n{more}\nexec qmail-start ./Maildir/\n", 0o755)
        old.control("qfilters", "/bin/filter\n")
        old.control("filterargs", "*:remote:/var/qmail/bin/qmail-dkim\n")
        assert old.found("qfilters")["severity"] == queue, more
        assert old.found("filterargs")["severity"] == "harmless", more


def test_plugins_of_the_combined_patch_want_their_switch(box):
    old = OldTree(box)
    old.control("smtpplugins", "[helo]\nplugins/helodnscheck\n")
    assert old.found("smtpplugins")["severity"] == "loss"
    old.patch("qmail-smtpd", "qlogenvelope", "smtpplugins")
    assert old.found("smtpplugins")["severity"] == "harmless"
    for value, severity in (("0", "harmless"), ("1", "loss")):
        old.run_script(SMTPD.format(more=f"export ENABLE_SPP={value}", arguments=""))
        assert old.found("smtpplugins")["severity"] == severity


def test_losses_without_a_file(box):
    old = OldTree(box)

    def codes() -> dict:
        return {finding["code"]: finding for finding in old.report()["findings"]
                if finding["code"] in ("chkuser", "log-lines", "client-address", "smtputf8", "quota")}

    assert codes() == {}
    old.patch("qmail-smtpd", "CHKUSER_RCPTLIMIT")
    found = codes()
    assert set(found) == {"chkuser", "log-lines"} and found["chkuser"]["severity"] == "loss"
    assert old.report()["code"] == 2 and old.report("--accept-loss")["code"] == 1
    old.patch("qmail-smtpd", "CHKUSER_START")  # a variable enables it, and is not set
    assert codes()["chkuser"]["severity"] == "note"
    old.run_script(SMTPD.format(more="export CHKUSER_START=ALWAYS", arguments=""))
    assert "chkuser" not in codes() and old.found("CHKUSER_START")["severity"] == "harmless"
    old.run_script(SMTPD.format(more="", arguments=""))
    assert "chkuser" in codes()
    old.control("realrcptto", "1\n")
    assert "chkuser" not in codes()
    old.put(HOME / "supervise/qmail-smtpd/log/run", "#!/bin/sh\nexec multilog t '-*' '+*CHKUSER*' ./main\n", 0o755)
    assert codes()["log-lines"]["places"] == ["/var/qmail/supervise/qmail-smtpd/log/run"]
    old.patch("qmail-smtpd", "qlogenvelope", "SMTPUTF8")
    old.patch("qmail-local", "maildirsize")
    assert set(codes()) == {"log-lines", "client-address", "smtputf8", "quota"}
    assert codes()["smtputf8"]["action"] == "write 1 into control/smtputf8"
    old.control("smtputf8", "1\n")
    assert set(codes()) == {"log-lines", "client-address", "quota"}
    assert "qlogenvelope" in codes()["log-lines"]["text"]


# Whole reports: their length and their key lines.

def lines_of(text: str) -> list[str]:
    assert all(len(line) <= 100 or "; export " in line for line in text.split("\n"))
    return text.rstrip("\n").split("\n")


def test_the_report_of_a_plain_host(box):
    code, text = OldTree(box).life_with_qmail().check()
    assert code == 0 and len(lines_of(text)) <= 25, text
    assert "verdict: go\n" in text and "?" not in text


def guide_entries(guide: str) -> list[str]:
    """Returns the reports in doc/MIGRATE.GUIDE: names of groups and findings, one per line, without counts and processes."""
    entries: list[str] = []
    inside = False
    for line in (Path(__file__).resolve().parent.parent.parent / f"doc/MIGRATE.{guide}").read_text().splitlines():
        text = line[7:] if line.startswith(" " * 7) else ""
        inside = inside and bool(text or not line) or text == "..." or text.startswith("old programs:")
        if not inside or not text or text == "..." or text.startswith(("queue:", "running:", "  /var/qmail has")):
            continue
        if text.startswith("    "):
            entries[-1] += " " + text.strip()
        else:
            entries.append(" ".join(text.split()))
        inside = inside and not text.startswith("verdict:")
    return entries


@pytest.mark.parametrize("guide, kinds", [("netqmail", ["life_with_qmail"]), ("qmailtoaster", ["toaster"]), ("sagredo", ["sagredo"]),
                                          ("sqmail-ldap", ["s/qmail", "qmail-ldap"])])
def test_guides_show_true_reports(box, guide, kinds):
    reports = ""
    old = OldTree(box)
    for kind in kinds:
        if kind in FAMILIES:
            old.family(kind)
        else:
            getattr(old, kind)()
        reports += " ".join(old.check()[1].split()) + " "
        if kind == "s/qmail":  # the next one has another origin
            for name in ("qmail-rspawn", "qmail-smtpd"):
                old.program(name)
            for name in (*FAMILIES[kind]["programs"], *(f"../control/{name}" for name in FAMILIES[kind]["control"])):
                (BIN / name).unlink()
    entries = guide_entries(guide)
    assert len(entries) >= 5 and not [entry for entry in entries if entry not in reports], reports


def test_the_report_of_a_toaster(box):
    code, text = OldTree(box).toaster().check()
    assert code == 2 and len(lines_of(text)) <= 70, text
    words = " ".join(text.split())
    for said in ("old programs: QMailToaster", "bin/qmail-queue is a link to /var/qmail/bin/qmail-dk, a program in front",
                 "qmail-smtpd asked chkuser about recipients",
                 "supervise/smtp/run: SMTPAUTH= FORCETLS=0 QMAILQUEUE=/var/qmail/bin/qmail-dk; export SMTPAUTH FORCETLS QMAILQUEUE",
                 "control/badmailfrom holds expressions", "control/me has 1 line with a CR at the end",
                 "simcontrol, simcontrol.cdb, simversions.cdb, NOP0FCHECK are read by simscan",
                 "supervise/smtp/run, supervise/smtps/run let clients log in because of qmail-smtpd's arguments alone",
                 "ends 20", " UTC (36"):
        assert said in words, (said, text)
    assert "s3cr3t" not in text and text.endswith("verdict: stop\n")
    for name in ("REQUIRE_AUTH", "DKSIGN"):
        assert words.count(name) == 1, name  # one place for each variable


def test_limits_of_old_programs_that_are_known_count(box):
    """The old programs limited concurrencyremote silently, and so do ours."""
    old = OldTree(box)
    old.control("concurrencyremote", "200\n")
    assert "is not known (no symbols)" in old.found("concurrencyremote")["text"]
    old.put(BIN / "qmail-send", elf(auto_spawn=120), 0o755)
    assert old.found("concurrencyremote")["severity"] == "harmless"
    old.put(BIN / "qmail-send", elf(auto_spawn=509), 0o755)
    finding = old.found("concurrencyremote")
    assert finding["severity"] == "loss" and "that of the old ones 509" in finding["text"]


def elf(**variables):
    """Makes an ELF file with these variables, like an unstripped program."""
    import struct

    data = b"".join(struct.pack("<i", value) for value in variables.values())
    names = b"\0" + b"".join(name.encode() + b"\0" for name in variables)
    symbols = bytes(24)
    at = 1
    for index, name in enumerate(variables):
        symbols += struct.pack("<IBBHQQ", at, 0x11, 0, 1, 0x1000 + 4 * index, 4)
        at += len(name) + 1
    offset = 64
    sections = [bytes(64)]
    for kind, body, address, link in ((1, data, 0x1000, 0), (2, symbols, 0, 3), (3, names, 0, 0)):
        sections.append(struct.pack("<IIQQQQIIQQ", 0, kind, 0, address, offset, len(body), link, 0, 1, 24 if kind == 2 else 0))
        offset += len(body)
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, offset, 0, 64, 0, 0, 64, 4, 0)
    return head + data + symbols + names + b"".join(sections)


# Families of patches

@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_families_are_recognised(box, name):
    old = OldTree(box).family(name)
    report = old.report()
    version = {"sagredo": "qmail 1.03 or netqmail 1.06 with the combined patch of sagredo", "qmailtoaster": "QMailToaster",
               "tls-auth": "netqmail 1.06, or qmail 1.03 with the QMAILQUEUE patch"}.get(name, name)
    assert report["version"] == version
    fork = [finding for finding in report["findings"] if finding["code"] == "fork"]
    if name in ("s/qmail", "qmail-ldap", "indimail"):
        assert fork[0]["severity"] == "loss" and report["code"] == 2
        assert name in fork[0]["text"] and name in report["patches"]
    else:
        assert not fork
    if name == "tls-auth":
        assert report["patches"] == ["QMAILQUEUE", "SMTP AUTH", "SMTP AUTH for qmail-remote", "TLS"]
        assert report["code"] == 2  # its certificate is not usable
    if name == "sagredo":
        assert {"DKIM", "SRS", "channels", "chkuser", "ext-todo", "outgoingip", "qmail-spp", "qregex", "spawn-filter",
                "validrcptto"} <= set(report["patches"])
        assert report["code"] == 2


def test_a_lone_qmail_upgrade_hides_no_patch(box):
    """The program was copied into the old bin/."""
    old = OldTree(box).family("sagredo")
    before = old.report()
    shutil.copy2(NEW / "bin/qmail-upgrade", BIN)
    report = old.report()
    assert (report["version"], report["patches"], report["code"]) == (before["version"], before["patches"], before["code"])


def test_our_own_programs_are_known_without_their_symbols(box):
    old = OldTree(box)
    for name in PROGRAMS:
        subprocess.run(["strip", "-o", BIN / name, NEW / "bin" / name], check=True)
    report = old.report()
    assert (report["version"], report["patches"]) == ("reqmail", [])


def test_programs_in_front_of_the_true_ones(box):
    old = OldTree(box)
    (BIN / "qmail-queue").rename(BIN / "qmail-queue.orig")
    old.put(BIN / "qmail-queue", "#!/bin/sh\nexec /usr/bin/scanner\n", 0o755, "qmailq:qmail")
    finding = old.found("bin/qmail-queue")
    assert (finding["severity"], finding["exit"]) == ("loss", 2)
    assert "stands in front of qmail-queue.orig" in finding["text"] and "QMAILQUEUE" in finding["action"]
    (BIN / "qmail-queue.orig").unlink()
    finding = old.found("bin/qmail-queue")
    # The real program may be anywhere: mail that the script refused would be accepted.
    assert (finding["severity"], finding["exit"]) == ("loss", 2) and "is a script" in finding["text"]


def test_a_regex_list_without_metacharacters(box):
    old = OldTree(box)
    old.control("badmailfrom", "@example.com\n")
    assert old.found("badmailfrom")["severity"] == "harmless"
    old.patch("qmail-smtpd", "LOGREGEX")
    finding = old.found("badmailfrom")
    assert finding["severity"] == "note" and "@example.com.au" in finding["text"]
    old.control("badmailfrom", "spammer\n")  # anywhere in the address
    assert old.found("badmailfrom")["severity"] == "loss"
    old.control("qregex", "1\n")
    assert old.found("badmailfrom")["severity"] == "harmless"
    old.control("qregex", None)
    old.run_script(SMTPD.format(more="export QREGEX=1", arguments=""))
    assert old.found("badmailfrom")["severity"] == "harmless"


# Routes

def test_blank_separated_routes_are_converted(box):
    old = OldTree(box)
    old.patch("qmail-remote", "STARTTLS", "AUTH LOGIN")
    old.control("smtproutes", "# mine\nexample.org:relay.example.org:587 joe s3cr3t\n:plain.example.org\n", 0o640)
    code, text = old.check()
    assert code == 1 and "has lines of another form (example.org:relay.example.org:587)" in " ".join(text.split())
    assert "write-file /var/qmail/control/smtproutes" in text
    assert "s3cr3t" not in text and "s3cr3t" not in json.dumps(old.report())


def test_routes_that_cannot_be_said(box):
    old = OldTree(box)
    old.patch("qmail-remote", "STARTTLS", "AUTH LOGIN")
    for line in ("!@:bounces.example.org", "example.org:relay:25:5:10", "example.org:relay:25 u p /s"):
        old.control("smtproutes", line + "\n", 0o640)
        finding = old.found("smtproutes")
        assert (finding["severity"], finding["exit"]) == ("loss", 2), line
        assert "routes that reqmail cannot take" in finding["text"]


def test_clear_smarthosts_get_their_mark(box):
    old = OldTree(box)
    old.patch("qmail-remote", "AUTH LOGIN")
    old.control("smtproutes", ":Relay.Example.org|joe|pw\nx.org:[127.0.0.1]|joe|pw\ny.org:tls.example.org:465|joe|pw\n", 0o640)
    report = old.report()
    marks = [finding for finding in report["findings"] if finding["code"] == "clear-smarthost"]
    assert len(marks) == 1 and report["code"] == 1
    assert marks[0]["conversions"] == [{"kind": "write-file", "path": "/var/qmail/control/notlshosts/relay.example.org",
                                        "owner": "root", "group": "qmail", "mode": 0o644}]
    old.control("smtproutes", ":[192.0.2.7]|joe|pw\n", 0o640)
    assert old.found("smtproutes")["severity"] == "loss"
    old.patch("qmail-remote", "STARTTLS")
    assert not [finding for finding in old.report()["findings"] if finding["code"] == "clear-smarthost"]


# Run scripts and rules

SMTPD = """#!/bin/sh
QMAILDUID=`id -u qmaild`
{more}
exec softlimit -m 30000000 \\
    tcpserver -v -R -l 0 -x /var/qmail/rules/tcp.smtp.cdb -c 20 -u "$QMAILDUID" -g 2108 0 smtp \\
    /var/qmail/bin/qmail-smtpd {arguments} 2>&1
"""


@pytest.mark.limit(120)
def test_variables_of_run_scripts(box):
    old = OldTree(box)
    for line, severity, words in (
        ("CHKUSER_START=ALWAYS; export CHKUSER_START", "harmless", "is honoured"),
        ("export CHKUSER_START=NONE", "harmless", "is honoured"),
        ("export RCPTCHECK=/usr/local/bin/check", "harmless", "is honoured"),
        ("export SPFBEHAVIOR=3", "harmless", "is honoured"),
        ("export DNSBLLIST=control/lists MFCHECK=1", "harmless", "is honoured"),
        ("export BADMIMETYPE=", "harmless", "obsolete"),
        ("export REQUIRE_AUTH=1", "harmless", "is honoured"),
        ("export QMAILREMOTE=/var/qmail/bin/spawn-filter", "loss", "is no program here"),
        ("export QMAILLOCAL=bin/none", "loss", "is no program here"),
        ("export QMAILQUEUE=/var/qmail/bin/qmail-scanner", "loss", "is no program here"),
        ("export QMAILQUEUE=/bin/cat", "harmless", "is honoured"),
        ("export GREETDELAY=5", "harmless", "is honoured"),
        ("export ENABLE_SPP=1", "loss", "plugins"),
        ("export ENABLE_SPP=0", "harmless", "is off"),
        ("export DROP_PRE_GREET=0", "harmless", "is honoured"),
        ("MAXSMTPD=20", None, ""),
        ("MFCHECK=1", None, ""),  # the script's own: not exported
        ("unset DNSBLLIST; export FOO=1", None, ""),
    ):
        old.run_script(SMTPD.format(more=line, arguments=""))
        report = old.report()
        about = [finding for finding in report["findings"] if finding["code"].startswith("variable")]
        if severity is None:
            assert not about, line
            continue
        assert about and about[0]["severity"] == severity, (line, about)
        assert words in about[0]["text"], (line, about)
        assert report["code"] == {"harmless": 0, "note": 1, "loss": 2}[severity], line
        assert about[0]["places"] == ["/var/qmail/supervise/qmail-smtpd/run"]


REFUSING = {"MFCHECK": "harmless", "SPF": "harmless", "SANITYCHECK": "loss", "SENDERCHECK": "loss", "BLOCKRELAYPROBE": "loss", "RELAYREJ": "loss",
            "SPF_BLOCK_PLUS_ALL": "loss", "MAXRCPT": "note", "MAXRCPTCOUNT": "note", "QHPSI": "loss", "DENY_TLS": "note", "AUTH_CDB": "loss",
            "TLS_SERVER_CERT": "loss", "SMTPGREETING": "note", "SMTP550DISCONNECT": "note",
            "AUTHREQUIRED": "loss", "REJECTEXEC": "loss", "SSLCERT": "loss", "VALIDRCPTTO_CDB": "loss"}


def test_variables_that_mean_refusals_wherever_they_are(box):
    """The variable is in a run script, a sourced file, an environment directory, a rule, or the file of a unit."""
    old = OldTree(box)
    places = {}
    names = sorted(REFUSING)
    old.put(HOME / "mail.conf", "".join(f"export {name}=3\n" for name in names[1::4]))
    old.run_script("#!/bin/sh\n. /var/qmail/mail.conf\n" + "".join(f"export {name}=3\n" for name in names[0::4])
                   + "exec envdir ./env tcpserver -x /etc/tcp.smtp.cdb 0 25 qmail-smtpd\n")
    for name in names[2::4]:
        old.put(HOME / f"supervise/qmail-smtpd/env/{name}", "3\n")
    old.put(HOME / "control/tcp.submission", "".join(f':allow,{name}="3"\n' for name in names[3::4]))
    for finding in old.report()["findings"]:
        if finding["code"] == "variable":
            places[finding["subject"]] = (finding["severity"], finding["places"])
    run, rules = "/var/qmail/supervise/qmail-smtpd/run", "/var/qmail/control/tcp.submission"
    assert places == {name: (REFUSING[name], [rules if index % 4 == 3 else run]) for index, name in enumerate(names)}


def test_variables_of_environment_directories_and_rules(box):
    old = OldTree(box)
    old.run_script("#!/bin/sh\nexport FOO=1 NOBOUNCE=1\n"
                   "exec envdir ./env tcpserver -x/var/qmail/rules/tcp.smtp.cdb 0 25 /var/qmail/bin/qmail-smtpd\n")
    old.put(HOME / "supervise/qmail-smtpd/env/RCPTCHECK", "/bin/check\n")
    old.put(HOME / "rules/tcp.smtp", '127.:allow,RELAYCLIENT="",RBLSMTPD=""\n#:allow,NOBOUNCE="x"\n'
            ':allow,CHKUSER_START="ALWAYS",QMAILQUEUE="/var/qmail/bin/simscan",NOP0FCHECK="1",FOO="1"\n10.:allow,CHKUSER_START="NONE"\n')
    old.put(HOME / "rules/tcp.smtp.cdb", cdb({b"127.": b'+RELAYCLIENT=\0', b"": b"+DNSBLLIST=zen.example.org\0", b"10.": b"D"}))
    report = old.report()
    about = {(finding["subject"], finding["severity"]): finding["places"] for finding in report["findings"]
             if finding["code"].startswith("variable")}
    run, text, compiled = (f"/var/qmail/{name}" for name in ("supervise/qmail-smtpd/run", "rules/tcp.smtp", "rules/tcp.smtp.cdb"))
    assert about == {
        ("RCPTCHECK", "harmless"): [run], ("NOBOUNCE", "loss"): [run], ("RELAYCLIENT", "harmless"): [text, compiled],
        ("RBLSMTPD", "harmless"): [text], ("CHKUSER_START", "harmless"): [text],
        ("QMAILQUEUE", "loss"): [text], ("NOP0FCHECK", "harmless"): [text], ("FOO", "note"): [text], ("DNSBLLIST", "harmless"): [compiled]}
    old.put(HOME / "rules/tcp.smtp.cdb", b"no cdb")
    assert old.found("tcp.smtp.cdb")["text"] == "was not read: is no cdb"


@pytest.mark.limit(90)
def test_clear_auth_is_kept_by_a_line(box):
    old = OldTree(box)
    clear, both = "FORCETLS=0; export FORCETLS", "SMTPAUTH= FORCETLS=0; export SMTPAUTH FORCETLS"
    for texts, more, arguments, line in (
        ([], 'export SMTPAUTH=""', "checkpassword true", None),  # no AUTH in the old program
        (["334 VXNlcm5hbWU6", "SMTPAUTH"], 'export SMTPAUTH=""', "", None),  # no checker
        ([], 'export SMTPAUTH=""', "/bin/checkpassword true", clear),
        ([], "", "/bin/checkpassword true", None),  # off without SMTPAUTH
        ([], "", "host.example.org /bin/checkpassword true", clear),  # the older form is on
        ([], "", "`hostname` /bin/checkpassword true", clear),
        ([], 'H=mail', '"$H" /bin/checkpassword true', both),  # ours treats mail as the checker
        ([], "export REQUIRE_AUTH=1", "/bin/checkpassword true", clear),
        ([], "export SMTPAUTH=-", "host.example.org /bin/checkpassword true", None),
        ([], "export SMTPAUTH=! SMTPS=1", "/bin/checkpassword true", None),
        ([], "export SMTPAUTH=! FORCETLS=1", "/bin/checkpassword true", None),
        ([], "export SMTPAUTH=! ALLOW_INSECURE_AUTH=1", "/bin/checkpassword true", None),
        ([], "SMTPAUTH=!", "/bin/checkpassword true", None),  # not exported
        (["FORCETLS"], "export SMTPAUTH=!", "/bin/checkpassword true", None),  # the old program forced TLS
    ):
        old.patch("qmail-smtpd", *texts)
        run = old.run_script(SMTPD.format(more=more, arguments=arguments))
        report = old.report()
        conversions = [conversion for finding in report["findings"] for conversion in finding["conversions"]]
        wanted = [{"kind": "edit-script", "path": str(run), "old_line": "", "new_line": line}] if line else []
        assert conversions == wanted, (texts, more, arguments, conversions)
        assert [finding["code"] for finding in report["findings"] if "auth" in finding["code"]] == (
            [] if line is None else ["clear-auth"] if line is clear else ["auth-arguments", "clear-auth"])
        assert report["code"] == (0 if line is None else 1 if line is clear else 2)


def test_arguments_alone_switch_auth_on_where_no_variable_does(box):
    """A qmail-smtpd with AUTH and without the text SMTPAUTH, as a toaster has."""
    old = OldTree(box)
    old.patch("qmail-smtpd", "334 VXNlcm5hbWU6")
    run = old.run_script(TOASTER_RUN.format(more="REQUIRE_AUTH=0", memory=20000000, port="smtp"))
    findings = {finding["code"]: finding for finding in old.report()["findings"]}
    assert findings["auth-arguments"]["severity"] == "loss" and findings["clear-auth"]["severity"] == "note"
    line = "SMTPAUTH= FORCETLS=0; export SMTPAUTH FORCETLS"
    assert findings["auth-arguments"]["conversions"] == [{"kind": "edit-script", "path": str(run), "old_line": "", "new_line": line}]
    assert findings["clear-auth"]["conversions"] == []  # one change of a file
    assert f"which apply adds with --edit-run-scripts alone supervise/qmail-smtpd/run: {line}" in " ".join(old.check()[1].split())
    # If the line is added, nothing is lost.
    assert old.report("--edit-run-scripts")["code"] == 1 and old.report()["code"] == 2
    old.patch("qmail-smtpd", "CRAM-MD5")
    assert "SMTPAUTH=+cram " in old.found("qmail-smtpd/run")["conversions"][0]["new_line"]


def test_a_line_that_apply_will_not_add_stays_a_loss(box):
    """A file that the script sources runs qmail-smtpd; such a file is not edited."""
    old = OldTree(box)
    old.patch("qmail-smtpd", "334 VXNlcm5hbWU6")
    old.put(HOME / "listen.sh", "exec tcpserver 0 25 qmail-smtpd /bin/checkpassword true\n")
    old.run_script("#!/bin/sh\n. /var/qmail/listen.sh\n")
    report = old.report("--edit-run-scripts")
    finding = next(finding for finding in report["findings"] if finding["code"] == "auth-arguments")
    assert (finding["severity"], finding["conversions"], report["code"]) == ("loss", [], 2)
    assert finding["action"].startswith("a file that it sources runs the program: add there")


def test_auth_behind_shells_and_sourced_files(box):
    old = OldTree(box)
    old.patch("qmail-smtpd", "334 VXNlcm5hbWU6", "SMTPAUTH")
    old.put(HOME / "smtpd.conf", "SMTPD='qmail-smtpd mail.example.org'\nCHECK=/bin/checkpassword\nexport SMTPAUTH=\n")
    for text in ("exec tcpserver 0 25 sh -c 'exec qmail-smtpd mail.example.org /bin/checkpassword true'\n",
                 "exec tcpserver 0 25 sh -c '\nulimit -n 100\nexec qmail-smtpd `hostname` /bin/checkpassword true\n'\n",
                 ". /var/qmail/smtpd.conf\nexec tcpserver 0 25 $SMTPD ${CHECK} true\n"):
        run = old.run_script("#!/bin/sh\n" + text)
        conversion = old.found("qmail-smtpd/run")["conversions"]
        assert conversion == [{"kind": "edit-script", "path": str(run), "old_line": "", "new_line": "FORCETLS=0; export FORCETLS"}], text
    # Scripts that cannot be understood are named.
    old.run_script("#!/bin/sh\nCOMMAND=`cat /etc/qmail-smtpd.command`\nexec tcpserver 0 25 $COMMAND\n")
    finding = old.found("qmail-smtpd/run")
    assert (finding["code"], finding["exit"]) == ("auth-unknown", 1) and "FORCETLS=0" in finding["action"]


@pytest.mark.parametrize("name", ["qmail-dk", "simscan", "qmail-scanner-queue.pl"])
def test_a_link_in_the_place_of_qmail_queue_goes_on_by_a_line(box, name):
    old = OldTree(box)
    (BIN / "qmail-queue").rename(BIN / "qmail-queue.orig")
    old.put(BIN / name, "#!/usr/bin/perl\n", 0o755)
    (BIN / "qmail-queue").symlink_to(name)
    run = old.run_script(SMTPD.format(more="", arguments=""))
    findings = {finding["code"]: finding for finding in old.report()["findings"]}
    assert f"is a link to /var/qmail/bin/{name}, a program in front" in findings["program-wrapped"]["text"]
    assert findings["queue-program"]["severity"] == "loss" and findings["queue-program"]["conversions"] == [
        {"kind": "edit-script", "path": str(run), "old_line": "",
         "new_line": f"QMAILQUEUE=/var/qmail/bin/{name}; export QMAILQUEUE"}]
    old.run_script(SMTPD.format(more="export QMAILQUEUE=/bin/cat", arguments=""))
    assert "queue-program" not in {finding["code"] for finding in old.report()["findings"]}


def test_hidden_client_addresses_are_a_loss(box):
    """The combined patch does not write the addresses of users into Received; reqmail does that with control/hideclient."""
    old = OldTree(box).family("sagredo")
    found = {finding["code"]: finding for finding in old.report()["findings"]}["client-address"]
    assert found["severity"] == "loss" and "recipients will see where users are" in found["text"]
    assert found["action"].startswith("write 1 into control/hideclient")
    for value, hidden in (("0\n", False), ("no\n", False), ("1\n", True)):
        old.control("hideclient", value)
        codes = {finding["code"] for finding in old.report()["findings"]}
        assert ("client-address" not in codes) == hidden


def test_a_link_in_the_place_of_qmail_queue_that_no_script_can_name(box):
    """Nothing will run it any more: this is a loss, not a note."""
    old = OldTree(box)
    (BIN / "qmail-queue").unlink()
    old.put(BIN / "simscan", "#!/usr/bin/perl\n", 0o755)
    (BIN / "qmail-queue").symlink_to("simscan")
    finding = {finding["code"]: finding for finding in old.report()["findings"]}["queue-program"]
    assert finding["severity"] == "loss" and "set QMAILQUEUE=/var/qmail/bin/simscan" in finding["action"]
    assert (old.check()[0], old.check("--accept-loss")[0]) == (2, 1)


def test_a_listener_of_a_host_without_a_queue(box):
    """qmail-queue is qmail-qmqpc on a host with all programs of qmail: it does not count as a wrapper, and needs no line."""
    old = OldTree(box)
    (BIN / "qmail-queue").unlink()
    (BIN / "qmail-queue").symlink_to("qmail-qmqpc")
    old.control("qmqpservers", "192.0.2.1\n")
    old.run_script(SMTPD.format(more="", arguments=""))
    report = old.report()
    codes = {finding["code"] for finding in report["findings"]}
    assert "mini-qmail" in codes and not codes & {"queue-program", "program-wrapped", "setuid", "ids"}
    assert report["verdict"] == "go"
    old.control("policy", "x:L\n")
    assert old.check()[0] == 2


def test_too_little_memory_for_tls(box):
    old = OldTree(box)
    old.control("servercert.pem", "x", 0o640)
    old.run_script(SMTPD.format(more="", arguments=""))
    assert not [finding for finding in old.report()["findings"] if finding["code"] == "memory-limit"]
    run = old.run_script(SMTPD.format(more="", arguments="").replace("30000000", "8000000"))
    finding = old.found("qmail-smtpd/run")
    assert finding["severity"] == "note" and "limits memory to 8000000 bytes" in finding["text"]
    (HOME / "control/servercert.pem").unlink()
    assert old.check()[0] == 0, run


# The queue

def test_messages_are_counted(box):
    old = OldTree(box)
    for kind in ("todo", "todo", "sent"):
        number = old.message(kind)
    old.put(QUEUE / "bounce" / str(number), "x", 0o600, "qmails:qmail")
    queue = old.report()["queue"]
    assert (queue["messages"], queue["unprocessed"], queue["bounces"], queue["misplaced"]) == (3, 2, 1, 0)
    assert old.check()[0] == 0


def test_big_todo_is_flattened_by_apply(box):
    old = OldTree(box)
    old.message()
    old.big_todo()
    report = old.report()
    about = [finding for finding in report["findings"] if finding["code"] == "big-todo"]
    assert report["code"] == 1 and report["queue"]["todo_divided"] and report["queue"]["unprocessed"] == 1
    assert about[0]["conversions"] == [{"kind": "flatten-todo", "path": "/var/qmail/queue"}]


def test_other_splits(box):
    old = OldTree(box)
    old.split(211)
    assert old.check()[0] == 0 and old.report()["queue"]["split"] == 211
    number = old.message("sent", split=23)
    finding = old.found("queue/mess")
    assert number % 211 != number % 23 and finding["code"] == "other-split"
    assert (finding["severity"], finding["exit"]) == ("loss", 2) and "1 message lies where another split puts it" in finding["text"]


def test_the_split_that_old_programs_were_built_for(box):
    old = OldTree(box)
    old.put(BIN / "qmail-send", elf(auto_split=23), 0o755)
    assert old.check()[0] == 0 and old.report()["queue"]["old_split"] == 23
    old.put(BIN / "qmail-send", elf(auto_split=211), 0o755)
    finding = old.found("queue/mess")
    assert finding["severity"] == "loss" and "built for 211" in finding["text"]


def test_holes_stop(box):
    old = OldTree(box)
    (QUEUE / "info/7").rmdir()
    code, text = old.check("--accept-loss")
    assert code == 2 and "these are missing: info/7" in " ".join(text.split())


@pytest.mark.parametrize("character, bits, code, words", [
    (b"-", 0o002, None, ""), (b"+", 0o002, "break", "--break='+'"), (b"-", 0o022, "paternalism", "--patrn=022")])
def test_what_the_old_programs_were_built_with(box, character, bits, code, words):
    old = OldTree(box)
    old.put(BIN / "qmail-showctl", showctl(character, bits), 0o755)
    found = [finding for finding in old.report("--accept-loss")["findings"] if finding["subject"].endswith("qmail-showctl")]
    if not code:
        assert found == []
        return
    assert [(finding["code"], finding["severity"]) for finding in found] == [(code, "stop")] and words in found[0]["action"]
    assert old.check("--accept-loss")[0] == 2


@pytest.mark.parametrize("page, user, code, severity", [
    ("man/man5/dot-qmail.5", "user\\fB-\\fIanything", None, None),
    ("man/man5/dot-qmail.5", "user\\fB=\\fIanything", "break", "stop"),
    ("man/man8/qmail-getpw.8", "user\\fB+\\fIanything", "break", "stop"),
    ("man/man5/dot-qmail.5", "user and anything", "break", "note"),
    (None, "", "break", "note")])
def test_the_break_character_of_a_manual_page(box, page, user, code, severity):
    """qmail-showctl does not print the break character; the manual page has it from conf-break."""
    old = OldTree(box)
    old.program("qmail-showctl")
    if page:
        old.put(HOME / page, f"you control all local addresses of the form\n.IR {user} ,\nas well\n")
    findings = {finding["code"]: finding for finding in old.report("--accept-loss")["findings"]}
    assert findings["paternalism"]["severity"] == "note" and "./configure --patrn=OCTAL" in findings["paternalism"]["action"]
    assert (code in findings) == bool(code) and (not code or findings[code]["severity"] == severity)
    if severity == "stop":
        assert findings["break"]["subject"] == str(HOME / page) and f"./configure --break='{user[7]}'" in findings["break"]["action"]
    elif code:
        assert "no manual page does; ours is -" in findings["break"]["text"] and "./configure --break=" in findings["break"]["action"]
    assert old.check("--accept-loss")[0] == (2 if severity == "stop" else 1)


def test_another_home_stops(box):
    old = OldTree(box)
    Path("/mnt/other").mkdir()
    subprocess.run(["cp", "-a", *HOME.iterdir(), "/mnt/other"], check=True)
    code, text = old.check("--accept-loss", "--home=/mnt/other")
    assert code == 2 and "./configure --home=/mnt/other" in " ".join(text.split())


def test_channels(box):
    old = OldTree(box)
    old.directory(QUEUE / "suppl0", "qmails", 0o700)
    old.directory(QUEUE / "suppl0/0", "qmails", 0o700)
    old.put(QUEUE / "suppl0/0/23", "Tx\0", 0o600, "qmails:qmail")
    finding = old.found("queue/suppl0")
    assert (finding["severity"], finding["exit"]) == ("note", 1) and "(suppl0) with 1 file;" in finding["text"]
    assert finding["conversions"] == [{"kind": "empty-channels", "path": "/var/qmail/queue"}]


def test_a_queue_that_was_copied(box):
    old = OldTree(box)
    old.message("sent", number=99999999)
    finding = old.found("queue/mess")
    assert finding["severity"] == "note" and "the queue was copied" in finding["text"]


def test_a_queue_without_directories(box):
    old = OldTree(box)
    old.split(0)
    assert "is no queue of qmail's" in old.found("/var/qmail/queue")["text"] and old.check()[0] == 2


def test_broken_locks(box):
    old = OldTree(box)
    (QUEUE / "lock/trigger").unlink()
    assert old.found("lock/trigger")["severity"] == "note"


# Owners and modes

def test_other_ids(box):
    old = OldTree(box)
    os.chown(QUEUE / "info", 7791, -1)
    finding = old.found("queue/info")
    assert (finding["severity"], finding["exit"]) == ("stop", 2)
    assert f"belongs to uid 7791, but qmails is uid {USERS['qmails'].uid}" in finding["text"]


def test_missing_accounts(box):
    old = OldTree(box)
    box.run(["/bin/sh", "-c", "grep -v ^qmailr: /etc/passwd >/tmp/p; cat /tmp/p >/etc/passwd"])
    finding = old.found("/etc/passwd")
    assert finding["severity"] == "stop" and finding["text"] == "does not have qmailr"


def test_secrets_that_everybody_can_read(box):
    old = OldTree(box)
    old.control("servercert.pem", "key")
    old.control("smtproutes", ":relay.example.org|joe|pw\n")
    old.patch("qmail-remote", "STARTTLS", "AUTH LOGIN")
    about = {finding["subject"]: finding["conversions"] for finding in old.report()["findings"] if finding["code"] == "secret-readable"}
    assert about == {
        "/var/qmail/control/servercert.pem": [{"kind": "set-access", "path": "/var/qmail/control/servercert.pem", "owner": "qmaild",
                                               "group": "qmail", "mode": 0o640}],
        "/var/qmail/control/smtproutes": [{"kind": "set-access", "path": "/var/qmail/control/smtproutes", "owner": "root",
                                           "group": "qmail", "mode": 0o640}],
    }
    assert "set-access /var/qmail/control/servercert.pem qmaild:qmail 0640" in old.check()[1]
    # A server that runs as another account must still be able to read its key.
    old.run_script(SMTPD.format(more="QMAILDUID=`id -u vpopmail`", arguments=""))
    about = {finding["subject"]: finding["conversions"] for finding in old.report()["findings"] if finding["code"] == "secret-readable"}
    assert about["/var/qmail/control/servercert.pem"] == []


def test_setuid_programs(box):
    old = OldTree(box)
    os.chmod(BIN / "qmail-queue", 0o755)
    os.chmod(BIN / "qmail-remote", 0o4755)
    about = {finding["subject"]: finding["text"] for finding in old.report()["findings"] if finding["code"] == "setuid"}
    assert about["/var/qmail/bin/qmail-queue"].startswith("is not setuid")
    assert about["/var/qmail/bin/qmail-remote"].startswith("runs with other rights")


def test_places_that_everybody_can_change(box):
    old = OldTree(box)
    os.chmod(HOME / "control", 0o777)
    assert old.found("/var/qmail/control")["action"] == "chmod o-w /var/qmail/control"


# The new programs and the host

def test_the_new_tree(box):
    old = OldTree(box)
    assert "is no tree of new programs: without qmail-clean" in old.check("--from=/tmp")[1]
    assert old.check("--from=/tmp")[0] == 2
    assert "is the home itself" in old.found("/var/qmail", "--from=/var/qmail")["text"]


def test_room(box):
    old = OldTree(box)
    box.run(["/bin/mount", "-o", "remount,size=1m", "/var/qmail"])
    code, text = old.check()
    assert code == 2 and "are needed for the old and the new programs" in " ".join(text.split())
    box.run(["/bin/mount", "-o", "remount,ro", "/var/qmail"])
    assert "mounted read-only" in old.check()[1]


def test_running_daemons(box):
    tree = OldTree(box)
    (BIN / "qmail-send").unlink()
    tree.put(BIN / "qmail-send", open("/bin/sleep", "rb").read(), 0o755)
    script = f"cd {QUEUE} && exec {BIN}/qmail-send 60"
    pid = os.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", script])
    try:
        for _ in range(200):
            report = tree.report()
            if report["daemons"]:
                break
        assert report["daemons"] == [{"pid": pid, "program": "qmail-send"}]
        finding = [finding for finding in report["findings"] if finding["code"] == "daemons"][0]
        assert f"running as process {pid}" in finding["text"] and "started by no supervisor" in finding["text"]
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_daemons_behind_links_are_found(box):
    tree = OldTree(box)
    (BIN / "qmail-lspawn").unlink()
    elsewhere = tree.put(Path("/mnt/sbin/qmail-lspawn"), open("/bin/sleep", "rb").read(), 0o755)
    (BIN / "qmail-lspawn").symlink_to(elsewhere)
    with subprocess.Popen([BIN / "qmail-lspawn", "60"]) as child:
        try:
            for _ in range(200):
                if daemons := tree.report()["daemons"]:
                    break
            assert daemons == [{"pid": child.pid, "program": "qmail-lspawn"}]
        finally:
            child.kill()


def test_a_certificate_that_the_servers_refuse_says_so(box):
    old = OldTree(box)
    box.run(["/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "99", "-keyout", "/tmp/key", "-out", "/tmp/cert",
             "-subj", "/CN=mx.example.org"], timeout=20)
    old.control("servercert.pem", open("/tmp/cert").read() + open("/tmp/key").read(), 0o640)
    finding = old.found("servercert.pem")
    assert "it cannot be used (" in finding["text"] and "key too small" in finding["text"] and finding["severity"] == "note"
    old.patch("qmail-smtpd", "STARTTLS")  # it was in use
    assert old.found("servercert.pem")["severity"] == "loss"


def test_the_certificate_is_named(box):
    old = OldTree(box)
    box.run(["/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "99", "-keyout",
             "/tmp/key", "-out", "/tmp/cert", "-subj", "/CN=mx.example.org", "-addext", "subjectAltName=DNS:mx.example.org"], timeout=20)
    old.control("servercert.pem", open("/tmp/cert").read() + open("/tmp/key").read(), 0o640)
    finding = next(finding for finding in old.report()["findings"] if finding["code"] == "certificate")
    assert re.match(r"is for mx\.example\.org, ends \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(9[89] days\); it switches on", finding["text"])
    assert "it switches on STARTTLS in qmail-smtpd and STLS in qmail-popup" in finding["text"]


# Damaged files

def test_broken_things_are_named_and_harm_nobody(box):
    old = OldTree(box)
    control = HOME / "control"
    os.mkfifo(control / "policy")
    os.mknod(control / "virtualdomains", 0o020644, os.makedev(1, 5))  # /dev/zero
    (control / "loop").symlink_to("loop")
    (control / "morercpthosts").symlink_to("/nowhere")
    with open(control / "percenthack", "wb") as file:
        file.truncate(1 << 40)
    old.control("badmailfrom", os.urandom(5000).replace(b"*", b"x"))
    old.put(BIN / "qmail-remote", os.urandom(5000), 0o755)
    os.unlink(BIN / "qmail-smtpd")
    os.mkfifo(BIN / "qmail-smtpd")
    os.makedirs(HOME / "supervise/qmail-smtpd")
    os.mkfifo(HOME / "supervise/qmail-smtpd/run")
    code, text = old.check()
    text = " ".join(text.split())
    assert code == 2  # policy: its entries would be lost
    for said in ("control/policy was not read: is a FIFO", "control/virtualdomains was not read: is a device",
                 "control/loop was not read: is a symbolic link to itself",
                 "control/morercpthosts was not read: is a symbolic link to nothing",
                 "control/percenthack was not read: is larger than 4194304 bytes",
                 "bin/qmail-smtpd could not be looked into (is a FIFO)", "run was not read: is a FIFO"):
        assert said in text, said
    json.dumps(old.report())


def test_reports_have_no_control_characters(box):
    old = OldTree(box)
    old.control("a\x1b[31mb\n", "x")
    code, text = old.check()
    assert code == 1 and "\x1b" not in text and "control/a?[31mb?" in text
    assert any(finding["subject"] == "/var/qmail/control/a\x1b[31mb\n" for finding in old.report()["findings"])


def test_somebody_who_is_not_root_sees_less(box):
    old = OldTree(box)
    code, text = old.check(as_user="alice")
    assert code == 2 and "cannot be looked into" in text


def test_nothing_changes(box):
    old = OldTree(box).family("sagredo")
    old.message()
    old.message("sent")
    old.big_todo()
    old.run_script(SMTPD.format(more="export CHKUSER_START=ALWAYS", arguments="x /bin/y z"))
    old.control("smtproutes", "a:b u p\n")
    old.put(HOME / "rules/tcp.smtp", ":allow\n")
    before = old.picture()
    for _ in range(2):
        assert old.check()[0] == 2
        assert old.check("--json", "--accept-loss")[0] == 1
    assert old.picture() == before
