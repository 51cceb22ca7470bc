"""Logins from the client to the account: qmail-smtpd (as qmaild) and qmail-popup (as root) with the installed, setuid
qmail-checkpassword; accounts of the system, virtual users, stored secrets."""

import re
import subprocess

import pytest
from listening import listen
from logins import PASSWORD, apop, crypt, secrets, shadow, today, user, virtual
from tls_client import install

STARTTLS, IMPLICIT = 587, 465
SECRET = "st0red secret"
FILTER = re.compile(rb"^qmail-smtpd\[\d+\]: auth: (auth-\w+ type=\S+ user=<[^<>]*>)$", re.M)


def people(box):
    shadow(box, alice=PASSWORD, bob="!" + crypt(PASSWORD), Carol=f"{crypt(PASSWORD)}:{today(-9)}:0:99999:7::{today(-1)}:", root=PASSWORD)
    virtual(box, user("joe@example.org", home="/home/alice", uid=7001), user("zero@example.org", uid=0))
    secrets(box, f"joe@example.org:{SECRET}", f"alice:{SECRET}")


REFUSED = [("alice", "wrong"), ("joe@example.org", "wrong"), ("nobody-here", PASSWORD), ("nobody@example.org", PASSWORD), ("bob", PASSWORD),
           ("Carol", PASSWORD), ("root", PASSWORD), ("zero@example.org", PASSWORD)]


def server(box, port: int, mode: str = "!+cram"):
    install(box)
    box.control("rcpthosts", "host.example.org\n")
    box.capture_queue()
    variables = {"SMTPAUTH": mode} | ({"SMTPS": "1"} if port == IMPLICIT else {})
    log = box.file("/tmp/log", b"", mode=0o666)
    program = ["/bin/sh", "-c", f'exec "$@" 2>>{log}', "sh", box.program("qmail-smtpd"), "qmail-checkpassword", "true"]
    listen(box, port, program, variables | {"PATH": f"/var/qmail/bin:{box.env['PATH']}"})


def swaks(port: int, mechanism: str, login: str, password: str, *words: str) -> str:
    how = "--tls" if port == STARTTLS else "--tls-on-connect"
    done = subprocess.run(["swaks", "--server", "127.0.0.1", "--port", str(port), how, "--helo", "c.example", "--from", "a@b.example",
                           "--to", "x@far.example", "--auth", mechanism, "--auth-user", login, "--auth-password", password, *words],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


@pytest.mark.limit(90)
@pytest.mark.parametrize("port", [STARTTLS, IMPLICIT])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_smtp(box, port, mechanism):
    people(box)
    server(box, port)
    password = SECRET if mechanism == "CRAM-MD5" else PASSWORD
    for login in ("alice", "joe@example.org"):
        said = swaks(port, mechanism, login, password)
        assert "235 ok, go ahead (#2.0.0)" in said and "250 ok " in said, said
        message, _, recipients = box.captured()[-1]
        assert recipients == [b"x@far.example"] and f"({login}@127.0.0.1)".encode() in message
    assert len(box.captured()) == 2
    log = box.path("/tmp/log").read_bytes()
    kind = mechanism.lower().encode()
    assert FILTER.findall(log) == [b"auth-success type=%s user=<alice>" % kind, b"auth-success type=%s user=<joe@example.org>" % kind]
    for secret in (PASSWORD, SECRET):
        assert secret.encode() not in log


@pytest.mark.limit(90)
@pytest.mark.parametrize("login, password", REFUSED)
def test_smtp_refuses(box, login, password):
    people(box)
    server(box, IMPLICIT)
    running = {mechanism: subprocess.Popen(["swaks", "--server", "127.0.0.1", "--port", str(IMPLICIT), "--tls-on-connect", "--to", "x@y.example",
                                            "--from", "a@b.example", "--auth", mechanism, "--auth-user", login, "--auth-password", password],
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for mechanism in ("PLAIN", "CRAM-MD5")}
    for mechanism, client in running.items():
        said = client.communicate()[0]
        assert "535 authentication failed (#5.7.1)" in said and "235" not in said, (mechanism, said)
    assert not box.captured()
    assert set(FILTER.findall(box.path("/tmp/log").read_bytes())) == {f"auth-failed type={mechanism} user=<{login}>".encode()
                                                                     for mechanism in ("plain", "cram-md5")}


def test_smtp_in_a_unit_without_new_privileges(box):
    """The reply is 454, not 535, so the client keeps its password; the log says what is wrong."""
    people(box)
    install(box)
    log = box.file("/tmp/log", b"", mode=0o666)
    program = ["/bin/sh", "-c", f'exec "$@" 2>>{log}', "sh", "/usr/bin/setpriv", "--no-new-privs", box.program("qmail-smtpd"),
               "qmail-checkpassword", "true"]
    listen(box, IMPLICIT, program, {"SMTPAUTH": "", "SMTPS": "1", "PATH": f"/var/qmail/bin:{box.env['PATH']}"})
    assert "454 " in swaks(IMPLICIT, "PLAIN", "alice", PASSWORD, "--quit-after", "AUTH")
    assert b"qmail-checkpassword: fatal: not root: the setuid bit has no effect, since no_new_privs is set" in log.read_bytes()


# --- POP3 ---

def talk(box, *steps):
    return box.popup_dialogue(list(steps), ["/var/qmail/bin/qmail-checkpassword", "/var/qmail/bin/qmail-pop3d", "Maildir"], timeout=10)


def pop3(box, *steps):
    return talk(box, *steps).out




def fill(box):
    people(box)
    root = box.maildir("alice")
    box.file(root / "new/1000000001.h", b"S: 1\n\nbody\n", mode=0o600, owner="alice", age=600)


@pytest.mark.parametrize("login", ["alice", "joe@example.org", "JOE@Example.org"])
def test_pop3_user_and_pass(box, login):
    fill(box)
    out = pop3(box, f"USER {login}", f"PASS {PASSWORD}", "STAT", "DELE 1", "QUIT")
    assert out.endswith(b"+OK \r\n+OK \r\n+OK 1 11\r\n+OK \r\n+OK \r\n"), out
    assert not box.maildir_messages("alice")  # alice's process removed it


def test_pop3_refuses(box):
    fill(box)
    for login, password in REFUSED:
        assert pop3(box, f"USER {login}", f"PASS {password}").endswith(b"+OK \r\n-ERR authorization failed\r\n"), login


def test_pop3_apop(box):
    fill(box)
    listen(box, 110, ["qmail-popup", "host.example.org", "/var/qmail/bin/qmail-checkpassword", "/var/qmail/bin/qmail-pop3d", "Maildir"], user=None)
    client = """
import poplib, sys
pop = poplib.POP3("127.0.0.1", 110, timeout=10)
try:
    pop.apop(sys.argv[1], sys.argv[2])
    print(pop.stat())
except poplib.error_proto as error:
    print(error)
"""
    for login, secret, answer in (("alice", SECRET, "(1, 11)"), ("joe@example.org", SECRET, "(1, 11)"),
                                  ("alice", PASSWORD, "b'-ERR authorization failed'"), ("bob", SECRET, "b'-ERR authorization failed'"),
                                  ("nobody-here", SECRET, "b'-ERR authorization failed'")):
        done = subprocess.run(["/usr/bin/python3", "-c", client, login, secret], stdout=subprocess.PIPE, text=True, check=False)
        assert done.stdout == answer + "\n", (login, secret)


def test_pop3_program_that_is_missing(box):
    fill(box)
    out = box.popup_dialogue(["USER alice", f"PASS {PASSWORD}"], ["/var/qmail/bin/qmail-checkpassword", "/nowhere/pop3d"]).out
    assert out.endswith(b"qmail-checkpassword: fatal: unable to run /nowhere/pop3d: file does not exist\n-ERR authorization failed\r\n"), out


def test_apop_digest_of_a_dialogue(box):
    """The digest covers the timestamp of the greeting, including its brackets."""
    fill(box)
    checker = ["/var/qmail/bin/qmail-checkpassword", "/bin/echo", "in"]
    out = box.popup_dialogue(["APOP alice " + apop(SECRET, "<1.2@host.example.org>")], checker).out
    assert out.endswith(b"-ERR authorization failed\r\n")


def test_a_checkpassword_of_the_host_is_not_hidden(box):
    """Run scripts begin PATH with qmail's bin and name checkpassword: the host's own program is run, as before."""
    assert not box.path("bin/checkpassword").exists()
    box.file("/mnt/host/checkpassword", '#!/bin/sh\nread -r login <&3 || [ "$login" ]\n[ "$login" ] && exec "$@"\n', mode=0o755)
    path = {"PATH": f"/var/qmail/bin:/mnt/host:{box.env['PATH']}"}
    out = box.popup_dialogue(["USER somebody", "PASS x"], ["checkpassword", "/bin/echo", "+OK in"], env=path).out
    assert out.endswith(b"+OK in\n"), out
