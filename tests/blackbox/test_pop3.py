"""qmail-pop3d and qmail-popup: odd clients, limits, errors of the system, and messages that must not be removed."""

import os
import re
import socket
import subprocess
import time

import pytest
from listening import listen
from logins import PASSWORD, secrets, shadow
from tls_client import Talk


def fill(box, count=2):
    root = box.maildir("alice")
    for number in range(1, count + 1):
        box.file(root / f"new/100000000{number}.h", b"S: %d\n\nbody\n" % number, mode=0o600, owner="alice", age=600 - number)
    return root


def script(box, text):
    return [str(box.file("/tmp/checker", f"#!/bin/sh\n{text}\n", mode=0o755))]


def test_endless_command_line(box):
    fill(box)
    talk = box.pop3d_dialogue("alice", ["DELE 1", b"x" * (1 << 20)], one_by_one=False)
    assert talk.out == b"+OK \r\n+OK \r\n-ERR line too long\r\n"
    assert len(box.maildir_messages("alice")) == 2
    talk = box.popup_dialogue([b"USER " + b"x" * (1 << 20)], ["/bin/true"], one_by_one=False)
    assert talk.out.endswith(b"-ERR line too long\r\n") and talk.code == 1


def test_capabilities(box):
    fill(box)
    assert box.pop3d_dialogue("alice", ["CAPA", "QUIT"]).out == b"+OK \r\n+OK \r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n+OK \r\n"
    assert b"+OK \r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n" in box.popup_dialogue(["CAPA", "QUIT"], ["/bin/true"]).out


def test_nul_never_reaches_the_checker(box):
    talk = box.popup_dialogue([b"USER alice\0root\r\n", b"APOP alice\0 x\r\n", "USER alice", b"PASS x\0y\r\n", "QUIT"],
                              [box.checkpassword(0), "/bin/echo", "in"])
    assert talk.out.count(b"-ERR syntax error\r\n") == 3
    assert box.checkpassword_seen() == b""


def test_client_goes_on_with_what_the_checker_becomes(box):
    argv = [box.checkpassword(0), "/bin/sh", "-c", "echo +OK in; cat"]
    talk = box.popup_dialogue(["USER alice", "PASS x", "STAT"], argv)
    assert talk.out.endswith(b"+OK \r\n+OK in\nSTAT\r\n")


def test_checker_that_cannot_run(box):
    talk = box.popup_dialogue(["USER alice", "PASS x"], ["/nonexistent/checker"])
    # Whether the pipe still has a reader when the password is written is a race; both replies refuse.
    assert talk.out.endswith((b"-ERR authorization failed\r\n", b"-ERR unable to write pipe\r\n")) and talk.code == 1


def test_checker_sees_no_other_descriptor(box):
    box.mkdir("/tmp", mode=0o1777)
    checker = script(box, "ls /proc/self/fd >/tmp/fds; cat <&3 >/dev/null; exit 1")
    box.popup_dialogue(["USER alice", "PASS x"], checker)
    numbers = {int(number) for number in box.path("/tmp/fds").read_text().split()}
    assert numbers - {0, 1, 2, 3} <= {max(numbers)}  # ls's own


def test_unwritable_output(box):
    fill(box)
    result = box.run(["qmail-pop3d", "Maildir"], b"DELE 1\r\nQUIT\r\n", as_user="alice", cwd="/home/alice",
                     extra_fds={1: None})
    assert result.code == 0
    assert len(box.maildir_messages("alice")) == 2


@pytest.mark.parametrize("program", [["qmail-pop3d", "Maildir"], ["qmail-popup", "h", "/bin/true"]])
def test_closed_input(box, program):
    fill(box)
    result = box.run(program, None, as_user="alice", cwd="/home/alice")
    assert result.code == (0 if program[0] == "qmail-pop3d" else 1)
    assert result.out.startswith(b"+OK ")


@pytest.mark.parametrize("command", ["RETR 1", "TOP 1 5"])
def test_a_read_error_is_not_the_end_of_the_message(box, command):
    """The client does not have the whole message: it must not get a final dot, and its later commands must not remove anything."""
    root = fill(box)
    first = root / "new/0900000000.h"
    first.mkdir()  # can be opened, not read
    os.utime(first, (1, 1))
    talk = box.pop3d_dialogue("alice", [command, "DELE 1", "DELE 2", "QUIT"], one_by_one=False)
    assert talk.out == b"+OK \r\n+OK \r\n"
    assert sorted(os.listdir(root / "new")) == ["0900000000.h", "1000000001.h", "1000000002.h"]
    assert os.listdir(root / "cur") == []


def test_group_of_replies_in_one_write(box):
    fill(box)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # keeps writes apart
    process = subprocess.Popen([str(box.program("qmail-pop3d")), "/home/alice/Maildir"], stdin=subprocess.PIPE, stdout=theirs,
                               env=box.env)
    theirs.close()
    assert ours.recv(65536) == b"+OK \r\n"
    process.stdin.write(b"STAT\r\nUIDL\r\nRETR 1\r\nQUIT\r\n")
    process.stdin.flush()
    group = ours.recv(65536)
    assert group.startswith(b"+OK 2 ") and group.endswith(b"\r\n.\r\n+OK \r\n")
    assert process.wait(5) == 0


def test_large_message(box):
    root = box.maildir("alice")
    text = b"S: x\n\n" + b"".join(b".%d %s\n" % (n, b"y" * (n % 300)) for n in range(20_000))
    box.file(root / "new/1.h", text, owner="alice", age=60)
    talk = box.pop3d_dialogue("alice", ["RETR 1", "QUIT"])
    body = talk.out.split(b"+OK \r\n", 2)[2]
    assert body == re.sub(rb"^\.", b"..", text, flags=re.M).replace(b"\n", b"\r\n") + b"\r\n.\r\n+OK \r\n"


def test_message_gone_meanwhile(box):
    root = fill(box)
    os.unlink(root / "new/1000000001.h")
    (root / "new/1000000009.dangling").symlink_to("/nonexistent")
    talk = box.pop3d_dialogue("alice", ["STAT", "QUIT"])
    assert talk.out.startswith(b"+OK \r\n+OK 1 ")


# --- the login ---

KNOWS_ALICE = """data=$(cat <&3 | tr '\\0' ,)
echo "$data" >>/mnt/seen
case $data in alice,right,*) exec "$@" ;; *) exit 1 ;; esac"""


def logins(box):
    fill(box)
    box.file("/mnt/seen", b"", mode=0o666)
    return [*script(box, KNOWS_ALICE), box.program("qmail-pop3d"), "/home/alice/Maildir"]


def auth_lines(text):
    return re.findall(r"^qmail-popup\[\d+\]: auth: (.*)$", text, re.M)


def test_commands_behind_the_login_reach_the_mailbox(box):
    checker = logins(box)
    for secret in ("USER alice\r\nPASS right", "APOP alice right"):
        talk = box.popup_dialogue([f"CAPA\r\n{secret}\r\nSTAT\r\nUIDL 2\r\nQUIT\r\n".encode()], checker, one_by_one=False)
        assert b"PIPELINING\r\n" in talk.out
        assert talk.out.endswith(b"+OK \r\n+OK 2 22\r\n+OK 2 1000000002.h\r\n+OK \r\n"), talk.out


def test_commands_behind_the_login_over_pipes(box):
    result = box.run(["qmail-popup", "h", *logins(box)], b"USER alice\r\nPASS right\r\nSTAT\r\nQUIT\r\n")
    assert result.out.endswith(b"+OK \r\n+OK \r\n+OK 2 22\r\n+OK \r\n")


def test_guessing_is_slow_logged_and_ends(box):
    box.file("/mnt/seen", b"", mode=0o666)
    begun = time.monotonic()
    talk = Talk(box, {"TCPLOCALPORT": "110"}, ["host.example.org", *logins(box)], program="qmail-popup", user="root", greeting=False)
    assert talk.line().startswith("+OK <")
    for number in range(5):
        command = ("USER al<ic e", f"PASS wrong{number}") if number else ("NOOP", "APOP alice 0123")
        assert talk.say(command[0]) == "+OK "
        assert talk.say(command[1], 20) == "-ERR authorization failed"
    assert talk.rest() == b"" and talk.eof
    assert time.monotonic() - begun > 24
    assert talk.hang_up() == 1
    assert auth_lines(talk.errors) == ["auth-failed type=apop user=<alice> ip=192.0.2.99"] \
        + 4 * ["auth-failed type=pass user=<al_ic_e> ip=192.0.2.99"]


def test_another_try_after_a_refusal(box):
    talk = Talk(box, {}, ["host.example.org", *logins(box)], program="qmail-popup", user="root", greeting=False)
    talk.line()
    replies = [talk.say(line, 20) for line in ("USER alice", "PASS wrong", "USER alice", "PASS right", "STAT", "QUIT")]
    assert replies == ["+OK ", "-ERR authorization failed", "+OK ", "+OK ", "+OK 2 22", "+OK "]


def test_our_own_checker_over_pipes_is_guarded_too(box):
    shadow(box, alice=PASSWORD)
    talk = box.popup_dialogue(["USER alice", "PASS wrong"], ["qmail-checkpassword", "/bin/true"], timeout=20)
    assert talk.out.endswith(b"-ERR authorization failed\r\n")
    assert auth_lines(talk.err.decode()) == ["auth-failed type=pass user=<alice> ip=192.0.2.99"]
    other = box.popup_dialogue(["USER alice", "PASS wrong"], script(box, "cat <&3 >/dev/null; exit 1"))
    assert other.out.endswith(b"-ERR authorization failed\r\n") and other.err == b""


@pytest.mark.parametrize("end", ["exit 111", "kill -9 $$", "exec /nowhere/checker", "exec setpriv --reuid 7001 --clear-groups sh -c 'exit 3'"])
def test_what_is_no_guess_is_not_logged_and_ends_at_once(box, end):
    """Errors of the checker, and exit codes of a user's program after a login."""
    program = ["/nowhere/checker"] if "/nowhere" in end else script(box, f"cat <&3 >/dev/null; {end}")
    talk = Talk(box, {}, ["host.example.org", *program], program="qmail-popup", user="root", greeting=False)
    talk.line()
    assert talk.say("USER alice") == "+OK "
    assert talk.say("PASS x", 3).startswith("-ERR ")
    assert talk.rest() == b"" and talk.eof
    talk.hang_up()
    assert auth_lines(talk.errors) == []


def greeting(box, checker, env=None):
    return box.popup_dialogue(["QUIT"], [checker, "true"], env=env).out.split(b"\r\n")[0]


def test_no_timestamp_where_no_answer_to_it_could_be_right(box):
    own = box.program("qmail-checkpassword")
    for checker in (own, "qmail-checkpassword"):
        assert greeting(box, checker) == b"+OK host.example.org"
    out = box.popup_dialogue(["APOP alice 0123456789abcdef0123456789abcdef", "QUIT"], [own, "true"]).out
    assert out.endswith(b"-ERR authorization first\r\n+OK \r\n")
    secrets(box, "bob@x.example:secret")
    assert greeting(box, own).startswith(b"+OK <")
    other = str(box.file("/mnt/other", "#!/bin/sh\ncat <&3 >/mnt/seen\nexit 1\n", mode=0o755))
    assert greeting(box, other).startswith(b"+OK <")
    assert greeting(box, other, {"POP3APOP": "0"}) == b"+OK host.example.org"
    assert greeting(box, other, {"POP3APOP": "1"}).startswith(b"+OK <")
    box.popup_dialogue(["USER a", "PASS b"], [other], env={"POP3APOP": "0"})
    assert box.path("/mnt/seen").read_bytes() == b"a\0b\0\0"


@pytest.mark.parametrize("variables", [{}, {"POP3APOP": "0"}])
def test_curl_reads_a_mailbox(box, variables):
    """If there is a timestamp, curl uses only APOP."""
    shadow(box, alice=PASSWORD)
    fill(box)
    checker = ["/var/qmail/bin/qmail-checkpassword"]
    if variables:
        box.file("users/secrets.cdb", box.path("/dev/null").read_bytes(), mode=0o600)
        secrets(box, "bob@x.example:secret")
    listen(box, 110, ["qmail-popup", "host.example.org", *checker, box.program("qmail-pop3d"), "Maildir"], variables, user=None)
    done = subprocess.run(["curl", "-sS", "--max-time", "20", "-u", f"alice:{PASSWORD}", "pop3://127.0.0.1/1"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"S: 1\r\n\r\nbody\r\n\r\n"), done


def test_a_login_has_a_limit_in_all(box):
    """The limit applies even if the client keeps sending bytes."""
    talk = Talk(box, {"POP3LOGINTIME": "3"}, ["host.example.org", "/bin/true"], program="qmail-popup", user="root", greeting=False)
    talk.line()
    deadline = time.monotonic() + 20
    while talk.process.poll() is None and time.monotonic() < deadline:
        talk.send(b"N")
        time.sleep(0.2)
    assert talk.process.poll() == 1
    assert talk.rest() == b"" and talk.eof


def test_a_client_that_reads_nothing_has_it_too(box):
    talk = Talk(box, {"POP3LOGINTIME": "3"}, ["host.example.org", "/bin/true"], program="qmail-popup", user="root", greeting=False)
    os.set_blocking(talk._writer, False)  # pylint: disable=protected-access
    deadline = time.monotonic() + 20
    while talk.process.poll() is None and time.monotonic() < deadline:
        try:
            os.write(talk._writer, b"CAPA\r\n" * 100)  # pylint: disable=protected-access
        except BlockingIOError:
            time.sleep(0.1)
        except (BrokenPipeError, ConnectionResetError):
            break
    assert talk.process.wait(10) == 1
