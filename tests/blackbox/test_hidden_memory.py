"""No other process of the same account may read the memory of programs that read from the network."""

import os
import pwd
import socket
import subprocess
import time

import pytest
from tls_client import Talk, install

LOOK = """
import sys
for name in ("mem", "environ", "maps"):
    try:
        open(f"/proc/{sys.argv[1]}/{name}", "rb").close()
        print("opened", name)
    except PermissionError:
        pass
"""


def wait_until_hidden(pid: int) -> bool:
    """Files in /proc that belong to root although the process does not cannot be opened by others."""
    deadline = time.monotonic() + 10
    while os.stat(f"/proc/{pid}/environ").st_uid != 0:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def look(pid: int, user: str) -> str:
    account = pwd.getpwnam(user)
    return subprocess.run(["/usr/bin/python3", "-c", LOOK, str(pid)], user=account.pw_uid, group=account.pw_gid, extra_groups=[],
                          stdout=subprocess.PIPE, check=True, text=True).stdout


def is_hidden(pid: int, user: str) -> bool:
    assert os.stat(f"/proc/{pid}").st_uid in (0, pwd.getpwnam(user).pw_uid)
    return wait_until_hidden(pid) and look(pid, user) == ""


def test_the_look_itself(box):
    account = pwd.getpwnam("qmaild")
    sleeper = subprocess.Popen(["/bin/sleep", "60"], user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    try:
        deadline = time.monotonic() + 10
        while not (found := look(sleeper.pid, "qmaild")) and time.monotonic() < deadline:
            pass
        assert "opened environ" in found
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("program, user, arguments", [
    ("qmail-smtpd", "qmaild", []), ("qmail-qmtpd", "qmaild", []), ("qmail-qmqpd", "qmaild", []),
    ("qmail-popup", "qmaild", ["host.example.org", "/bin/true"]), ("qmail-rspawn", "qmailr", []),
])
def test_programs(box, program, user, arguments):
    talk = Talk(box, args=arguments, program=program, user=user, greeting=False)
    assert is_hidden(talk.pid, user)
    talk.hang_up()


@pytest.mark.parametrize("variables", [{}, {"SMTPS": "1"}])
def test_what_smtpd_executes_for_tls(box, variables):
    install(box)
    talk = Talk(box, variables, greeting=not variables)
    talk.handshake() if variables else talk.starttls()
    assert os.path.basename(os.readlink(f"/proc/{talk.pid}/exe")) == "qmail-smtpd-tls"
    assert is_hidden(talk.pid, "qmaild")
    talk.hang_up()


def test_smtpd_tls_before_it_has_read_anything(box):
    install(box)
    talk = Talk(box, {"SMTPS": "1"}, program="qmail-smtpd-tls", greeting=False)
    assert is_hidden(talk.pid, "qmaild")
    talk.hang_up()


def test_popup_tls_before_it_is_told_to_begin(box):
    install(box)
    for user in ("root", "qmaild"):
        ours, theirs = socket.socketpair()
        account = pwd.getpwnam(user)
        line = f"exec {box.program('qmail-popup-tls')} 3<&0 0</dev/null"
        process = subprocess.Popen(["/bin/sh", "-c", line], user=account.pw_uid, group=account.pw_gid, extra_groups=[], stdin=theirs)
        theirs.close()
        assert ours.recv(100) == b"ready\n"
        assert is_hidden(process.pid, "qmaild")
        ours.close()
        process.wait(10)


@pytest.mark.parametrize("program", ["qmail-remote", "qmail-remote-tls"])
def test_a_delivery_to_another_host(box, program):
    with socket.create_server(("127.0.0.1", 25)) as server:
        server.settimeout(10)
        box.control("smtproutes", ":[127.0.0.1]\n")
        account = pwd.getpwnam("qmailr")
        process = subprocess.Popen([box.program("qmail-remote"), "a.example", "", "b@a.example"], env=box.env, user=account.pw_uid,
                                   group=account.pw_gid, extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            peer = server.accept()[0]
            if program == "qmail-remote-tls":
                peer.settimeout(10)
                peer.sendall(b"220 x\r\n")
                assert peer.recv(100).startswith(b"EHLO")
                peer.sendall(b"250-x\r\n250 STARTTLS\r\n")
                assert peer.recv(100) == b"STARTTLS\r\n"
                peer.sendall(b"220 go\r\n")
                assert peer.recv(1)
            assert os.path.basename(os.readlink(f"/proc/{process.pid}/exe")) == program
            assert is_hidden(process.pid, "qmailr")
        finally:
            process.kill()
            process.wait()
            peer.close()
