"""qmail-newpasswd: users/passwd and users/secrets, their databases, and the commands that change them."""

import fcntl
import os
import pty
import re
import stat
import subprocess
import termios
import time

import pytest
from logins import PASSWORD, QUICK, accepted, apop, check, cram, crypt, secrets, shadow, user, virtual

COMMENTED = "# who\n\n" + user("bob@x.example") + "\n# between\n" + user("Joe") + "\n.\nbehind the end: kept\n"


def run(box, *arguments, password=None, code=0, **options):
    result = box.run(["qmail-newpasswd", *arguments], b"" if password is None else password.encode() + b"\n", **options)
    assert result.code == code, result
    return result


def refuses(box, words, *arguments, code=111, **options):
    """Nothing changes, no file remains, and the message is one line."""
    before = {path.name: path.read_bytes() for path in box.path("users").iterdir() if path.is_file() and path.suffix != ".lock"}
    result = run(box, *arguments, code=code, **options)
    assert result.out == b"" and words.encode() in result.err, result
    assert re.fullmatch(rb"qmail-newpasswd: fatal: [^\n]+\n", result.err), result.err
    after = {path.name: path.read_bytes() for path in box.path("users").iterdir() if path.is_file() and path.suffix != ".lock"}
    assert after == before


def text(box, name="passwd"):
    return box.path(f"users/{name}").read_text()


# --- the databases ---

@pytest.mark.parametrize("mask", ["000", "077"])
def test_files_are_for_root_alone(box, mask):
    box.file("users/passwd.cdb.tmp", b"x" * 99999, mode=0o666, owner="alice")  # of a run that was killed
    box.file("users/passwd", COMMENTED, mode=0o600)
    box.file("users/secrets", "bob@x.example:secret\n", mode=0o600)
    for option in ("", "-s"):
        assert box.run(["/bin/sh", "-c", f"umask {mask}; exec qmail-newpasswd {option}"]).err == b""
    run(box, "lock", "Joe")
    run(box, "-s", "add", "Joe", password="x")
    for name in ("passwd", "passwd.cdb", "secrets", "secrets.cdb", "passwd.lock"):
        info = box.path(f"users/{name}").stat()
        assert (stat.S_IMODE(info.st_mode), info.st_uid) == (0o600, 0), name
    assert not list(box.path("users").glob("*.tmp"))
    assert box.path("users/passwd.cdb").stat().st_size < 5000


@pytest.mark.parametrize("line, words", [
    ("no colons", "the login"), ("x:y", "not login:hash:uid:gid:gecos:home:shell"), ("x:*:1:1::/:/bin/sh:more", "not login:hash"),
    ("x:*:1a:1::/:", "the uid is no number"), ("x:*::1::/:", "the uid is no number"), ("x:*:1:-1::/:", "the gid is no number"),
    ("x:*:4294967295:1::/:", "the uid is no number"), ("x:*:1:99999999999999999999::/:", "the gid is no number"),
    ("x:*:1:1::home:", "no absolute path"), ("x:*:1:1:::", "no absolute path"), (":*:1:1::/:", "no login"),
    ("a b:*:1:1::/:", "blank"), ("@x:*:1:1::/:", "cannot begin with"), ("x:*:1:1:a\tb:/:", "control character"),
    ("x:*:1:1::/\0:", "control character"), ("JOE@x.example:*:1:1::/:", "the login JOE@x.example has line 2 already"),
])
def test_lines_that_are_none(box, line, words):
    virtual(box, user("bob@x.example"))
    box.file("users/passwd", f"# comment\njoe@x.example:*:1:1::/:\n{line}\n.\n", mode=0o600)
    refuses(box, words)
    refuses(box, "users/passwd:3: ")
    refuses(box, "users/passwd:3: ", "lock", "joe@x.example")
    refuses(box, "users/passwd:3: ", "add", "new", "7002:7002", "/home/bob", password=PASSWORD)
    assert accepted(check(box, "bob@x.example"))


@pytest.mark.parametrize("content, words", [
    (user("joe") + "\n", "the file is not complete"), ("", "the file is not complete"), (user("joe"), "users/passwd:1: the line has no end"),
])
def test_a_file_that_may_be_cut_short(box, content, words):
    virtual(box, user("bob@x.example"))
    box.file("users/passwd", content, mode=0o600)
    refuses(box, words)


@pytest.mark.parametrize("line, words", [("joe", "not login:secret"), ("joe:", "not login:secret"), (":x", "no login"), ("a\0b:x", "control"),
                                         ("joe:a\0b", "a NUL"), ("bob:2", "has line 1 already")])
def test_secrets_that_are_none(box, line, words):
    secrets(box, "bob:one")
    box.file("users/secrets", f"bob:one\n{line}\n", mode=0o600)
    refuses(box, words, "-s")
    refuses(box, "users/secrets:2: ", "-s")


def test_end_lines(box):
    shadow(box, alice="*", bob="*")
    for content in ("alice:one\nbob:two\n", "alice:one\nbob:two\n.\n", "alice:one\nbob:two\n.", "alice:one\nbob:two\n.\ncarol:three\n"):
        box.file("users/secrets", content, mode=0o600)
        run(box, "-s")
        for login, secret in (("alice", "one"), ("bob", "two")):
            assert accepted(check(box, login, apop(secret, "<c>"), "<c>"))
    box.file("users/passwd", COMMENTED.split("behind")[0].rstrip("\n"), mode=0o600)
    run(box)
    assert accepted(check(box, "bob@x.example"))


def test_remarks(box):
    lines = [user("zero@x", uid=0), user("empty@x", ""), user("des@x", "*").replace("*", crypt(PASSWORD, "ab")), user("odd@x", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"),
             user("fine@x"), user("shut@x", "!"), user("none@x", "*")]
    box.file("users/passwd", "".join(line + "\n" for line in lines) + ".\n", mode=0o644)
    result = run(box)
    remarks = result.err.decode().splitlines()
    assert [line.split(":")[0] for line in remarks[1:]] == ["zero@x", "empty@x", "des@x", "odd@x"], remarks
    assert remarks[0] == "users/passwd can be read by others than root: chmod 600 users/passwd"


def test_missing_and_unwritable(box):
    refuses(box, "unable to read users/passwd")
    refuses(box, "unable to read users/secrets", "-s")
    virtual(box, user("bob@x.example"))
    old = {name: box.path(f"users/{name}").read_bytes() for name in ("passwd", "passwd.cdb")}
    assert box.run(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=200k", "none", "/var/qmail/users"]).code == 0
    for name, data in old.items():
        box.file(f"users/{name}", data, mode=0o600)
    box.file("users/passwd", "".join(user(f"u{number}@x", "*") + "\n" for number in range(3000)) + ".\n", mode=0o600)
    refuses(box, "unable to write users/passwd.cdb.tmp")
    assert accepted(check(box, "bob@x.example"))


def test_only_root(box):
    box.file("/mnt/plain", box.path(box.program("qmail-newpasswd")).read_bytes(), mode=0o755)
    virtual(box, user("bob@x.example"))
    for arguments in ([], ["list"], ["lock", "bob@x.example"]):
        result = box.run(["/mnt/plain", *arguments], as_user="alice")
        assert (result.code, result.out) == (111, b"") and b"access denied" in result.err, result


@pytest.mark.parametrize("arguments", [["-x"], ["nonsense"], ["add"], ["add", "a", "1:1"], ["add", "a", "1:1", "/", "more"], ["remove"],
                                       ["lock"], ["list", "x"], ["-s", "lock", "x"], ["-m", "md5", "change", "x"], ["change", "-c", "x", "y"],
                                       ["add", "-m"], ["-s", "add", "a", "b", "c"]])
def test_usage(box, arguments):
    result = run(box, *arguments, code=100)
    assert result.err.startswith(b"usage: qmail-newpasswd [-s]\n") and b"yescrypt" in result.err and result.out == b""


# --- the commands ---

def test_a_users_life(box):
    run(box, "add", "-g", "Ada L.", "-S", "/bin/zsh", "Ada@x.example", "7002:7003", "/home/bob", password=PASSWORD)
    assert re.fullmatch(r"Ada@x.example:\$y\$j9T\$[^:]+:7002:7003:Ada L.:/home/bob:/bin/zsh\n\.\n", text(box))
    who = ["/bin/sh", "-c", "echo $USER $SHELL $(id -u):$(id -g)"]
    assert check(box, "ada@x.example", program=who).out == b"ada@x.example /bin/zsh 7002:7003\n"
    refuses(box, "the login ada@X.example is there", "add", "ada@X.example", "1:1", "/", password="x")
    run(box, "change", "ada@x.example", password="another")
    assert not accepted(check(box, "ada@x.example")) and accepted(check(box, "ada@x.example", "another"))
    assert text(box).startswith("Ada@x.example:")
    run(box, "lock", "ada@x.example")
    assert not accepted(check(box, "ada@x.example", "another"))
    run(box, "lock", "ada@x.example")
    run(box, "unlock", "ada@x.example")
    assert accepted(check(box, "ada@x.example", "another"))
    hashed = text(box).split(":")[1]
    run(box, "change", "-d", "/home/alice", "-u", "alice", "-g", "", "-S", "", "ada@x.example")
    assert text(box) == f"Ada@x.example:{hashed}:7001:7001::/home/alice:\n.\n"
    run(box, "-p", "-g", "G", "change", "ada@x.example", password=PASSWORD)
    assert accepted(check(box, "ada@x.example")) and ":G:" in text(box)
    run(box, "-n", "change", "ada@x.example")
    assert text(box).startswith("Ada@x.example:*:") and not accepted(check(box, "ada@x.example"))
    run(box, "remove", "ADA@x.example")
    assert text(box) == ".\n" and not accepted(check(box, "ada@x.example"))
    for command in ("remove", "change", "lock", "unlock"):
        refuses(box, "users/passwd: no login ada@x.example", command, "ada@x.example")


def test_order_and_comments_stay(box):
    box.file("users/passwd", COMMENTED, mode=0o600)
    run(box, "add", "new@x.example", "alice", "/home/alice", password=PASSWORD)
    run(box, "lock", "bob@x.example")
    lines = text(box).splitlines()
    old = COMMENTED.splitlines()
    assert lines[:5] == [old[0], old[1], old[2].replace(":$", ":!$", 1), old[3], old[4]]
    assert re.match(r"new@x.example:\$y\$\S+:7001:7001::/home/alice:$", lines[5])
    assert lines[6:] == [".", "behind the end: kept"]
    run(box, "remove", "bob@x.example")
    run(box, "remove", "new@x.example")
    assert text(box) == COMMENTED.replace(old[2] + "\n", "")


@pytest.mark.parametrize("method, prefix", [("yescrypt", "$y$j9T$"), ("gost-yescrypt", "$gy$j9T$"), ("scrypt", "$7$"), ("bcrypt", "$2b$12$"),
                                            ("sha512", "$6$rounds=100000$"), ("sha256", "$5$rounds=100000$")])
def test_methods(box, method, prefix):
    run(box, "add", "-m", method, "bob@x.example", "bob", "/home/bob", password=PASSWORD)
    assert text(box).startswith("bob@x.example:" + prefix)
    assert accepted(check(box, "bob@x.example")) and not accepted(check(box, "bob@x.example", "x"))
    assert f"bob@x.example 7002 7002 {method} /home/bob\n".encode() == run(box, "list").out


def test_costs_and_what_a_method_cannot_do(box):
    virtual(box, user("bob@x.example"))
    run(box, "-m", "bcrypt", "-c", "5", "change", "bob@x.example", password="x" * 72)
    assert text(box).startswith("bob@x.example:$2b$05$")
    refuses(box, "72 bytes", "-m", "bcrypt", "change", "bob@x.example", password="x" * 73, code=100)
    refuses(box, "cannot do bcrypt with this count", "-m", "bcrypt", "-c", "77", "change", "bob@x.example", password="x", code=100)
    refuses(box, "cannot do argon2id", "-m", "argon2id", "change", "bob@x.example", password="x", code=100)
    run(box, "-c", "1", "change", "bob@x.example", password="x" * 255)
    assert text(box).startswith("bob@x.example:$y$j75$") and accepted(check(box, "bob@x.example", "x" * 255))
    refuses(box, "at most 255 bytes", "change", "bob@x.example", password="x" * 256, code=100)
    for empty in ("", None):
        refuses(box, "no password", "change", "bob@x.example", password=empty, code=100)
    refuses(box, "no password", "change", "bob@x.example", password="a\0b", code=100)


@pytest.mark.parametrize("arguments, words, code", [
    (["joe", "root", "/home/joe"], "uid 0", 100), (["joe", "0:0", "/home/joe"], "uid 0", 100), (["joe", "nobody-here", "/"], "no account", 100),
    (["joe", "1:x", "/"], "not uid:gid", 100), (["joe", "1:4294967295", "/"], "not uid:gid", 100), (["joe", "1:1", "home"], "absolute path", 111),
    (["jo:e", "1:1", "/"], "in the login", 111), (["#joe", "1:1", "/"], "cannot begin", 111), (["joe", "1:1", "/a:b"], "not login:hash", 111),
    (["joe", "1:1", "/a\nb"], "control character", 111), (["-g", "a:b", "joe", "1:1", "/"], "not login:hash", 111),
])
def test_users_that_cannot_be(box, arguments, words, code):
    virtual(box, user("bob@x.example"))
    refuses(box, words, "add", *arguments, password=PASSWORD, code=code)


def test_stored_secrets(box):
    shadow(box, alice="*")
    virtual(box, user("bob@x.example"), user("joe@x.example", "*"))
    run(box, "-s", "add", "bob@x.example", password="one: two ")
    run(box, "-s", "add", "alice", password="three")
    assert text(box, "secrets") == "bob@x.example:one: two \nalice:three\n.\n"
    assert accepted(check(box, "bob@x.example", cram("one: two ", "<c>"), "<c>"))
    refuses(box, "is there", "-s", "add", "alice", password="x")
    run(box, "change", "-s", "alice", password="four")
    assert accepted(check(box, "alice", cram("four", "<c>"), "<c>"))
    assert run(box, "list").out == (b"bob@x.example 7002 7002 sha256,stored-secret /home/bob\njoe@x.example 7002 7002 no-password /home/bob\n"
                                    b"alice - - stored-secret -\n")
    assert run(box, "-s", "list").out == b"bob@x.example stored-secret\nalice stored-secret\n"
    run(box, "-s", "remove", "alice")
    assert not accepted(check(box, "alice", cram("four", "<c>"), "<c>"))
    refuses(box, "users/secrets: no login alice", "-s", "remove", "alice")
    refuses(box, "users/secrets: no login alice", "-s", "change", "alice", password="x")
    # The next login of this name does not inherit the secret.
    run(box, "remove", "bob@x.example")
    assert text(box, "secrets") == ".\n"
    run(box, "add", "bob@x.example", "bob", "/home/bob", password=PASSWORD)
    assert not accepted(check(box, "bob@x.example", cram("one: two ", "<c>"), "<c>"))


def test_lists_show_no_hash_and_no_secret(box):
    hashes = [user("zero@x", uid=0), user("empty@x", ""), user("des@x", "*").replace("*", crypt(PASSWORD, "ab")), user("fine@x"), user("shut@x", "!" + crypt(PASSWORD))]
    virtual_text = "".join(line + "\n" for line in hashes) + ".\n"
    box.file("users/passwd", virtual_text, mode=0o600)
    secrets(box, "fine@x:" + PASSWORD)
    out = run(box, "list").out.decode()
    assert [line.split()[3] for line in out.splitlines()] == ["sha256", "empty-password", "weak-hash", "sha256,stored-secret", "locked"]
    assert "$" not in out and PASSWORD not in out


# --- asking for passwords, and simultaneous runs ---

def on_terminal(box, *arguments, typed):
    """Runs it on its own terminal and returns the output on the terminal and the exit code."""
    program = box.program("qmail-newpasswd")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(program, [program, *arguments], box.env)
    shown = b""
    for prompt, line in typed:
        while not shown.endswith(prompt):
            shown += os.read(terminal, 1000)
        assert not termios.tcgetattr(terminal)[3] & termios.ECHO
        os.write(terminal, line)
    try:
        while data := os.read(terminal, 1000):
            shown += data
    except OSError:
        pass
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_terminal_shows_no_password(box):
    virtual(box, user("bob@x.example"))
    first, again = b"Password: ", b"The same again: "
    shown, code = on_terminal(box, "change", "bob@x.example", typed=[(first, b"typed Pw\n"), (again, b"typed Pw\n")])
    assert code == 0 and "typed" not in shown, shown
    assert accepted(check(box, "bob@x.example", "typed Pw"))
    for typed in ([(first, b"one\n"), (again, b"two\n")], [(first, b"\n"), (again, b"\n")], [(first, b"\x03")], [(first, b"one\n"), (again, b"\x04")],
                  [(first, b"x" * 300 + b"\n")]):
        shown, code = on_terminal(box, "change", "bob@x.example", typed=typed)
        assert code in (100, 111) and "fatal: " in shown, (typed, shown)
    assert accepted(check(box, "bob@x.example", "typed Pw"))
    # An impossible request fails before it asks for a password.
    shown, code = on_terminal(box, "change", "nobody@x.example", typed=[])
    assert code == 111 and "Password" not in shown


def test_two_runs_wait_for_each_other(box):
    virtual(box, user("bob@x.example"))
    before = text(box)
    with open("/var/qmail/users/passwd.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = subprocess.Popen([box.program("qmail-newpasswd"), "lock", "bob@x.example"])
        time.sleep(0.3)
        assert waiting.poll() is None and text(box) == before
    assert waiting.wait(5) == 0 and text(box) != before
    # None of many changes at once is lost.
    runs = [subprocess.Popen([box.program("qmail-newpasswd"), "-n", "add", f"u{number}@x", "7002:7002", "/home/bob"]) for number in range(20)]
    assert all(run.wait(20) == 0 for run in runs)
    assert sorted(line.split(":")[0] for line in text(box).splitlines()[1:-1]) == sorted(f"u{number}@x" for number in range(20))


def test_many_users(box):
    box.file("users/passwd", "".join(f"u{number}@x.example:{crypt('x', QUICK)}:7002:7002::/home/bob:\n" for number in range(20000)) + ".\n",
             mode=0o600)
    run(box, timeout=20)
    assert accepted(check(box, "u19999@x.example", "x")) and not accepted(check(box, "u20000@x.example", "x"))
