"""qmail-showctl and qmail-newmrh: errors of the system, files of patches, closed descriptors."""

import os

import pytest


def test_files_of_patches_are_named(box):
    box.control("taps", "")
    box.control("badmailpatterns", "x\n")
    text = box.run(["qmail-showctl"]).out
    assert b"\n\nbadmailpatterns: ignored: belongs to indimail.\n" in text
    assert b"\n\ntaps: ignored: belongs to taps.\n" in text


def test_passwords_are_not_shown(box):
    box.control("smtproutes", "a.example:relay.example|joe|secret\n")
    text = box.run(["qmail-showctl"]).out
    assert b"secret" not in text and b"joe" not in text
    assert "SMTP route: a.example:relay.example|…\n".encode() in text


ESCAPE = b"\x1b[2J\x07\x9b\xff\t\x7f"


@pytest.mark.parametrize("name, before, after", [
    ("helohost", b"SMTP client HELO host name is ", b"."), ("locals", b"Messages for ", b" are delivered locally."),
    ("badmailfrom", b"", b" not accepted in MAIL FROM."), ("smtproutes", b"SMTP route: ", b""), ("me", b"My name is ", b"."),
    ("authsenders", b"SMTP route by sender: ", b""), ("smtpdlog", b"SMTP sessions are logged: ", b".")])
def test_nothing_commands_the_terminal(box, name, before, after):
    box.file(f"control/{name}", b"a b" + ESCAPE + b"c\n")
    text = box.run(["qmail-showctl"]).out
    assert before + b"a b?[2J?????c" + after + b"\n" in text
    assert all(32 <= byte <= 126 or byte == 10 for byte in text)


def test_routes_with_secrets_and_names_are_masked_too(box):
    box.file("control/smtproutes", b"a" + ESCAPE + b":r\x1b|joe|secret\n")
    box.file(b"control/x\x1b[2Jy".decode("latin-1"), b"")
    text = box.run(["qmail-showctl"]).out
    assert b"\x1b" not in text and b"secret" not in text
    assert "SMTP route: a?[2J?????:r?|…\n".encode() in text
    assert b"\n\nx?[2Jy: I have no idea what this file does.\n" in text


def test_defaults_without_me(box):
    box.control("me", None)
    text = box.run(["qmail-showctl"]).out
    for line in (b"me: (Default.) My name is undefined! Uh-oh.", b"helohost: (Default.) SMTP client HELO host name is helohost.",
                 b"localiphost: (Default.) Local IP address becomes localiphost.", b"idhost: (Default.) Message-ID host name is idhost.",
                 b"smtpgreeting: (Default.) SMTP greeting: 220 smtpgreeting.", b"bouncehost: (Default.) Bounce host name is bouncehost.",
                 b"bouncefrom: (Default.) Bounce user name is MAILER-DAEMON."):
        assert b"\n\n" + line + b"\n" in text


def test_values_that_end_in_cr(box):
    """They are shown unchanged, and a last paragraph explains their effect."""
    said = b"Oops! Lines of these files end in CR, which is part of the value: "
    assert said not in box.run(["qmail-showctl"]).out
    box.control("rcpthosts", "host.example.org\nb.example\r\n")
    box.control("helohost", "h.example\r\n")
    box.control("concurrencylocal", "7\r\n")
    text = box.run(["qmail-showctl"]).out
    assert b"recipients at host.example.org.\nSMTP clients may send messages to recipients at b.example?.\n" in text
    assert b"HELO host name is h.example?.\n" in text
    assert text.endswith(b"\n\n" + said + b"helohost, rcpthosts.\n")


def test_limits_of_local_deliveries(box):
    text = box.run(["qmail-showctl"]).out
    assert b"\n\nconcurrencylocaluser: (Default.) Local concurrency of one user is 8 (0: no limit).\n" in text
    assert b"\n\ntimeoutlocal: (Default.) Local delivery timeout is 0 seconds (0: none).\n" in text
    # No more than qmail-lspawn can run.
    for places, limit in ((50, 48), (4, 2), (3, 0), (200, 118)):
        box.control("concurrencylocal", f"{places}\n")
        text = box.run(["qmail-showctl"]).out
        assert b"\n\nconcurrencylocaluser: (Default.) Local concurrency of one user is %d (" % limit in text
    box.control("concurrencylocaluser", "48\n")
    box.control("timeoutlocal", "3600\n")
    text = box.run(["qmail-showctl"]).out
    assert b"\n\nconcurrencylocaluser: Local concurrency of one user is 48 (" in text
    assert b"\n\ntimeoutlocal: Local delivery timeout is 3600 seconds (0: none).\n" in text


def test_maxrcpt_and_timeoutsession(box):
    box.control("maxrcpt", "100\n")
    text = box.run(["qmail-showctl"]).out
    assert b"\n\nmaxrcpt: SMTP recipient limit per message is 100.\n" in text
    box.control("maxrcpt", None)
    assert b"\n\nmaxrcpt: (Default.) SMTP recipient limit per message is 10000.\n" in box.run(["qmail-showctl"]).out
    assert b"\n\ntimeoutsession: (Default.) SMTP client session timeout is 86400 seconds.\n" in text


def test_other_split_is_counted(box):
    os.rmdir(box.path("queue/mess/22"))
    assert b"\nsubdirectory split: 22.\n" in box.run(["qmail-showctl"]).out


def test_trouble_with_one_file(box):
    box.mkdir("control/locals")
    result = box.run(["qmail-showctl"])
    assert b"\n\nlocals: Oops! Trouble reading this file.\n" in result.out
    assert result.code == 0


def test_without_control(box):
    os.rename(box.path("control"), box.path("elsewhere"))
    result = box.run(["qmail-showctl"])
    assert (result.code, result.out.splitlines()[-1]) == (111, b"Oops! Unable to chdir to control.")
    assert b"\n\nOops" not in result.out


def test_newmrh_with_a_directory_in_its_place(box):
    box.control("morercpthosts", "a.example\n")
    box.mkdir("control/morercpthosts.cdb")
    result = box.run(["qmail-newmrh"])
    assert (result.code, result.err) == (
        111, b"qmail-newmrh: fatal: unable to move control/morercpthosts.tmp to control/morercpthosts.cdbis a directory\n")


def test_newmrh_keeps_a_nul(box):
    """It is an ordinary byte of its line."""
    box.control("morercpthosts", b"a.example\0b.example\n")
    assert box.run(["qmail-newmrh"]).code == 0
    assert b"a.example\0b.example" in box.path("control/morercpthosts.cdb").read_bytes()


@pytest.mark.parametrize("program", ["qmail-showctl", "qmail-newmrh"])
def test_closed_descriptors(box, program):
    box.control("morercpthosts", "a.example\n")
    for closed in ({0: None}, {2: None}):
        stdin = None if 0 in closed else b""
        extra = {} if 0 in closed else closed
        assert box.run([program], stdin, extra_fds=extra).code == 0
    code = box.run([program], extra_fds={1: None}).code
    assert code == (111 if program == "qmail-showctl" else 0)


def test_newmrh_without_list(box):
    box.file("control/morercpthosts.cdb", "old")
    result = box.run(["qmail-newmrh"])
    assert result.code == 111
    assert result.err == b"qmail-newmrh: fatal: unable to read control/morercpthosts: file does not exist\n"
    assert box.path("control/morercpthosts.cdb").read_bytes() == b"old"


def test_newmrh_result_is_readable_whatever_the_umask(box):
    box.control("morercpthosts", "a.example\n")
    script = box.file("/tmp/strict", f"#!/bin/sh\numask 077\nexec {box.program('qmail-newmrh')}\n", mode=0o755)
    assert box.run([str(script)]).code == 0
    assert box.path("control/morercpthosts.cdb").stat().st_mode & 0o777 == 0o644


def test_check_is_silent_if_all_is_well(box):
    box.control("badmailfrom", "a@b\n")
    done = box.run(["qmail-showctl", "--check"])
    assert (done.code, done.out, done.err) == (0, b"", b"")


def test_check_names_what_makes_no_sense(box):
    box.control("badmailfrom", "a(b@\n^ann@\n")
    box.control("qregex", "1\n")
    box.control("databytes", "none\n")
    box.mkdir("control/locals")
    done = box.run(["qmail-showctl", "--check"])
    lines = done.out.decode().splitlines()
    assert done.code == 1 and len(lines) == 3 and lines[0].startswith("control/badmailfrom: bad line: a(b@ (")
    assert lines[1:] == ["control/databytes: bad line: none (no number)", "control/locals: cannot be read: is a directory"]
