"""qmail-smtpd: which recipients exist, by lists, databases, look-ups and programs."""

import os
import re
import time

ME = "host.example.org"
NOT_VALID = b"553 sorry, this recipient is not in my validrcptto list (#5.7.1)"
NO_MAILBOX = b"550 sorry, no mailbox here by that name (#5.1.1)"
OK = b"250 ok"


def has_domains(box):
    box.control("rcpthosts", f"{ME}\nv.example\nfar.example\n")


def session(box, *recipients, env=None):
    has_domains(box)
    return box.smtpd_dialogue(["HELO c.example", "MAIL FROM:<ann@b.example>", *(f"RCPT TO:<{rcpt}>" for rcpt in recipients), "QUIT"], env)


def replies(box, *recipients, env=None):
    return session(box, *recipients, env=env).out.split(b"\r\n")[3:3 + len(recipients)]


def test_validrcptto_and_its_database(box):
    box.control("validrcptto", f"bob@{ME}\n-eve@v.example\n@v.example\n")
    box.control("morevalidrcptto", f"-@{ME}\nCarl@{ME}\n")
    assert box.run(["qmail-newmvrt"]).code == 0
    rcpts = [f"BOB@{ME}", f"carl@{ME}", f"x@{ME}", "eve@v.example", "x@v.example", "x@far.example"]
    assert replies(box, *rcpts) == [OK, OK, NOT_VALID, NOT_VALID, OK, OK]
    assert replies(box, *rcpts, env={"RELAYCLIENT": ""}) == [OK] * 6
    assert replies(box, *rcpts, env={"VALIDRCPTTO": "", "MOREVALIDRCPTTO_CDB": ""}) == [OK] * 6
    said = session(box, f"bob@{ME}", f"x@{ME}").err
    assert re.fullmatch(rb"(qmail-smtpd\[\d+\]): validrcptto: accepted address <bob@host\.example\.org> at 192\.0\.2\.99\n"
                        rb"\1: validrcptto: drop address <x@host\.example\.org> at 192\.0\.2\.99\n", said)


def test_a_damaged_database_ends_the_session(box):
    box.file("control/validrcptto.cdb", b"no cdb")
    said = session(box, f"bob@{ME}")
    assert said.out.endswith(b"421 unable to read controls (#4.3.0)\r\n") and said.code == 1
    os.chmod(box.path("control/validrcptto.cdb"), 0)
    assert session(box, f"bob@{ME}").out.endswith(b"421 unable to read controls (#4.3.0)\r\n")


def test_recipients(box):
    box.file("users/recipients", f"Bob@{ME}\n")
    assert box.run(["qmail-recipients"]).code == 0
    box.file("/mnt/check", "#!/bin/sh\ncase $(tr '\\0' . <&3) in yes@v.example...) exit 0;; ill*) exit 2;; esac\nexit 1\n", mode=0o755)
    box.control("recipients", f"{ME}:users/recipients.cdb\nv.example|/mnt/check\nnonsense\n")
    rcpts = [f"bob@{ME}", f"x@{ME}", "yes@v.example", "no@v.example", "ill@v.example", "x@far.example"]
    unsure = b"451 unable to check recipient (#4.3.0)"
    assert replies(box, *rcpts) == [OK, NO_MAILBOX, OK, NO_MAILBOX, unsure, NO_MAILBOX]
    soft = b"450 sorry, no mailbox here by that name (#4.1.1)"
    assert replies(box, *rcpts, env={"RECIPIENTS450": ""}) == [OK, soft, OK, soft, unsure, soft]
    assert session(box).err.count(b"control/recipients: bad line: nonsense (") == 1


def test_realrcptto_looks_where_a_delivery_would(box):
    box.control("realrcptto", "1\n")
    box.control("virtualdomains", "v.example:alice-shop\n")
    for user, ext in (("alice", "list"), ("alice", "shop-info"), ("bob", "default"), ("alias", "postmaster")):
        box.dotqmail(user, ext, "./Mailbox\n")
    rcpts = [f"alice@{ME}", f"alice-list@{ME}", f"alice-x@{ME}", f"bob-x@{ME}", f"postmaster@{ME}", "postmaster", f"none@{ME}",
             "info@v.example", "x@v.example", "x@far.example", f"root@{ME}"]
    assert replies(box, *rcpts) == [OK, OK, NO_MAILBOX, OK, OK, OK, NO_MAILBOX, OK, NO_MAILBOX, OK, NO_MAILBOX]


def test_realrcptto_and_what_qmaild_may_not_read(box):
    box.control("realrcptto", "1\n")
    os.chmod(box.user_home("alice"), 0o700)
    said = session(box, f"alice@{ME}", f"alice-x@{ME}")
    assert said.out.count(b"250 ok\r\n") == 3
    assert b": realrcptto: unable to check address <alice-x@host.example.org> at 192.0.2.99: " in said.err
    assert replies(box, f"alice-x@{ME}", env={"REALRCPTTO": "2"}) == [b"451 unable to check recipient (#4.3.0)"]


def test_chkuser_variables(box):
    env = {"CHKUSER_START": "ALWAYS", "CHKUSER_IDENTIFY": "1"}
    assert replies(box, f"none@{ME}", f"alice@{ME}", env=env) == [NO_MAILBOX + b" (chkuser)", OK]
    assert replies(box, f"none@{ME}", env={"CHKUSER_START": "NONE"}) == [OK]


def test_a_later_line_of_recipients_may_know_better(box):
    box.file("users/recipients", f"bob@{ME}\n")
    assert box.run(["qmail-recipients"]).code == 0
    box.control("recipients", f"{ME}:missing.cdb\n{ME}:users/recipients.cdb\n")
    assert replies(box, f"bob@{ME}", f"x@{ME}") == [b"250 ok", b"451 unable to check recipient (#4.3.0)"]


def test_a_malformed_line_of_validrcptto_has_no_effect(box):
    box.control("validrcptto", f"-\nbob@{ME}\n")
    assert replies(box, "", f"bob@{ME}") == [b"250 ok"] * 2
    said = box.run(["qmail-showctl", "--check"])
    assert (said.code, said.out) == (1, b"control/validrcptto: bad line: - (no address)\n"), said


def check(box, what):
    return {"RCPTCHECK": str(box.file("/mnt/check", f"#!/bin/sh\n{what}\n", mode=0o755))}


def test_rcptcheck_runs_last_and_ends_sessions(box):
    box.control("validrcptto", f"bob@{ME}\n-@{ME}\n")
    box.file("/mnt/seen", b"", mode=0o666)
    env = check(box, 'echo "$RECIPIENT ${RCPTFOUND-no}" >>/mnt/seen; case $RECIPIENT in x*) exit 111;; esac')
    said = session(box, f"bob@{ME}", f"carl@{ME}", "a@v.example", "x@v.example", env=env)
    assert said.out.endswith(b"421 unable to verify recipient (#4.3.0)\r\n") and said.code == 1
    assert open("/mnt/seen").read() == f"bob@{ME} 1\na@v.example no\nx@v.example no\n"


def test_rcptcheck_after_a_login(box):
    box.file("/mnt/seen", b"", mode=0o666)
    env = check(box, 'echo "$SMTPAUTHUSER ${RELAYCLIENT-no} ${RCPTHOSTS-no}" >>/mnt/seen; exit 113')
    has_domains(box)
    env |= {"RCPTCHECKRELAYCLIENT": "1", "SMTPAUTH": "", "FORCETLS": "0"}
    said = box.smtpd_dialogue(["EHLO c", "AUTH PLAIN AGpvZQBwYXNz", "MAIL FROM:<a@b>", "RCPT TO:<x@elsewhere.example>", "QUIT"], env,
                              args=[box.checkpassword(), "/bin/true"])
    assert said.out.endswith(b"421 you have exceeded your messaging limits (#4.3.0)\r\n")
    assert open("/mnt/seen").read() == "joe  no\n"


def running(argument: bytes) -> list[str]:
    """The processes that have this argument; those that end meanwhile are not among them."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                arguments = file.read().split(b"\0")
        except OSError:
            continue
        if argument in arguments:
            found.append(pid)
    return found


def test_rcptcheck_that_hangs_is_killed_with_its_children(box):
    box.control("timeoutsmtpd", "1\n")
    started = time.monotonic()
    said = session(box, f"bob@{ME}", env=check(box, "sleep 987; exit 0"))
    assert said.out.endswith(b"421 unable to verify recipient (#4.3.0)\r\n") and time.monotonic() - started < 10
    # A killed process takes a moment to leave the table of processes.
    while running(b"987"):
        assert time.monotonic() - started < 10
        time.sleep(0.01)


def test_qmail_rcptcheck(box):
    box.file("/mnt/one", "#!/bin/sh\nexit 0\n", mode=0o755)
    box.file("/mnt/two", "#!/bin/sh\necho '450 try later' >&4\nexit 100\n", mode=0o755)
    env = {"RCPTCHECK": "bin/qmail-rcptcheck"}
    assert replies(box, f"bob@{ME}", env=env) == [OK]
    box.control("rcptchecks", "/mnt/one\n")
    assert replies(box, f"bob@{ME}", env=env) == [OK]
    box.control("rcptchecks", "/mnt/one\n/mnt/two word\n/mnt/one\n")
    assert replies(box, f"bob@{ME}", env=env) == [b"450 try later"]
    box.control("rcptchecks", "/mnt/missing\n")
    assert session(box, f"bob@{ME}", env=env).out.endswith(b"421 unable to execute recipient check (#4.3.0)\r\n")


def test_brtlimit_counts_recipients_that_do_not_exist(box):
    box.control("validrcptto", f"-@{ME}\n")
    box.control("brtlimit", "1\n")
    said = session(box, "x@elsewhere.example", f"x@{ME}", "x@v.example")
    assert said.out.endswith(NOT_VALID + b"\r\n421 too many invalid addresses, goodbye (#4.3.0)\r\n")


def test_qlog_names_the_source(box):
    box.control("smtpdlog", "qlog\n")
    box.control("validrcptto", f"-@{ME}\n")
    box.control("recipients", "!far.example\n")
    box.control("realrcptto", "1\n")
    assert re.findall(rb" reason=(\w+) ", session(box, f"x@{ME}", "x@v.example").err) == [b"validrcptto", b"recipients"]
    box.control("recipients", None)
    assert b" reason=nomailbox " in session(box, f"none@{ME}", env={"VALIDRCPTTO": ""}).err
    assert b" reason=rcptcheck " in session(box, "x@v.example", env={"VALIDRCPTTO": "", "REALRCPTTO": "0"} | check(box, "exit 100")).err
