"""qmail-checkpassword: accepted and refused logins, the account that it becomes, and its messages for errors."""

import os
import pwd
import re
import subprocess

import pytest
from conftest import ROOT
from logins import PASSWORD, QUICK, accepted, apop, check, cram, crypt, fields, secrets, shadow, today, user, virtual

WHO = ["/bin/sh", "-c", r"""echo "$USER $HOME $SHELL $PWD"; grep -E '^(Uid|Gid|Groups|CapEff|CapPrm):' /proc/$$/status
ls /proc/$$/fd | tr '\n' ' '; ulimit -c; tr '\0' '\n' </proc/$$/environ; echo "$@" """, "sh"]


def trouble(result, *words):
    assert (result.code, result.out) == (111, b""), result
    assert re.fullmatch(rb"qmail-checkpassword: fatal: [^\n]+\n", result.err), result.err
    for word in words:
        assert word.encode() in result.err, result.err
    for secret in (PASSWORD, "alice", "bob@"):
        assert secret.encode() not in result.err


# --- as whom ---

def test_an_account_of_the_system_with_its_groups(box):
    shadow(box, alice=PASSWORD)
    with open("/etc/group", "a", encoding="ascii") as stream:
        stream.write("video:x:7044:bob,alice\nother:x:7045:bob\n")
    result = check(box, program=[*WHO, "one", "two words"], env={"KEPT": "yes", "USER": "x", "LD_PRELOAD": "/nowhere"})
    assert (result.code, result.err) == (0, b"")
    text = result.out.decode()
    assert text.startswith("alice /home/alice /bin/sh /home/alice\n")
    for line in (r"Uid:\t7001\t7001\t7001\t7001", r"Gid:\t7001\t7001\t7001\t7001", r"Groups:\t7001 7044 ", r"CapPrm:\t0{16}",
                 r"CapEff:\t0{16}", "KEPT=yes", "USER=alice", "one two words"):
        assert re.search(rf"^{line}$", text, re.M), (line, text)
    assert "\n0 1 2 " in text and " 3 " not in text  # descriptor 3 is closed
    assert re.search(r" 0$", text, re.M)  # no core
    assert "LD_PRELOAD" not in text and PASSWORD not in text
    assert text.count("USER=") == text.count("PATH=") == 1


def test_a_virtual_user_has_its_own_group_alone(box):
    virtual(box, user("Bob@Example.org", shell="/bin/special"))
    for login in ("Bob@Example.org", "bob@example.ORG"):
        result = check(box, login, program=WHO)
        text = result.out.decode()
        assert text.startswith("bob@example.org /home/bob /bin/special /home/bob\n"), result
        assert "Groups:\t7002 \n" in text and "Uid:\t7002\t7002\t7002\t7002\n" in text
    virtual(box, user("joe"))
    assert check(box, "joe", program=WHO).out.startswith(b"joe /home/bob /bin/sh ")
    assert not accepted(check(box, "Joe"))


def test_the_program_is_found_by_the_path_of_the_caller(box):
    shadow(box, alice=PASSWORD)
    box.file("/mnt/one/prog", "#!/bin/sh\necho one\n", mode=0o644)
    box.file("/mnt/two/prog", "#!/bin/sh\necho two $PATH\n", mode=0o755)
    assert check(box, program=["prog"], env={"PATH": "/mnt/one:/mnt/two:/bin"}).out == b"two /mnt/one:/mnt/two:/bin\n"
    line = 'exec env -u PATH "$0" "$@"'  # then qmail's own programs are run
    done = box.run(["/bin/sh", "-c", line, box.program("qmail-checkpassword"), "except"], extra_fds={3: fields("alice", PASSWORD)},
                   as_user="qmaild")
    assert (done.code, done.err) == (100, b"except: usage: except program [ arg ... ]\n") or b"usage" in done.err


# --- who ---

@pytest.mark.parametrize("setting", [QUICK, "$6$rounds=1000$saltsalt$", "$y$j75$saltsalt$", "$gy$j75$saltsalt$", "$2b$04$" + "s" * 22,
                                     "$2a$04$" + "s" * 22, "$2y$04$" + "s" * 22, "$7$CU..../....saltsalt$"])
def test_modern_hashes(box, setting):
    shadow(box, alice=crypt(PASSWORD, setting))
    virtual(box, user("bob@x.example", crypt(PASSWORD, setting)))
    for login in ("alice", "bob@x.example"):
        assert accepted(check(box, login))
        assert not accepted(check(box, login, PASSWORD + "x"))
        assert not accepted(check(box, login, PASSWORD[:-1]))


@pytest.mark.parametrize("hashed", ["", "!", "!!", "*", "!*", "!" + crypt(PASSWORD), "x", crypt(PASSWORD, "ab"), crypt(PASSWORD, "$1$salt$"),
                                    PASSWORD, "$nonsense$", "$y$", "$2b$"])
def test_hashes_that_fit_nothing(box, hashed):
    shadow(box, "".join(f"{name}:{hashed}:{today(-10)}:0:99999:7:::\n" for name in ("alice",)))
    box.file("users/passwd", f"bob@x.example:{hashed}:7002:7002::/home/bob:\n.\n", mode=0o600)
    assert box.run(["qmail-newpasswd"]).code == 0
    for login in ("alice", "bob@x.example"):
        for password in (PASSWORD, "", hashed, "!" + PASSWORD):
            assert not accepted(check(box, login, password))


def test_a_hash_in_the_passwd_file_itself(box):
    lines = box.path("/etc/passwd").read_text().replace("alice:x:", f"alice:{crypt(PASSWORD)}:").replace("bob:x:", "bob::")
    box.path("/etc/passwd").write_text(lines)
    shadow(box)
    assert accepted(check(box))
    assert not accepted(check(box, "bob", "")) and not accepted(check(box, "bob", "x"))


def test_nobody_is_root(box):
    with open("/etc/passwd", "a", encoding="ascii") as stream:
        stream.write("toor:x:0:0:root:/root:/bin/sh\n")
    shadow(box, root=PASSWORD, toor=PASSWORD)
    virtual(box, user("super@x.example", uid=0))
    for login in ("root", "toor", "super@x.example"):
        assert not accepted(check(box, login))
        assert not accepted(check(box, login, as_user="root"))


@pytest.mark.parametrize("changed, middle, ends, good", [
    (0, "0:99999:7:", None, True), (-30, "0:30:7:", None, True), (-31, "0:30:7:", None, False), (-31, "0:30:7:10", None, False),
    (-9, "0:99999:7:", 1, True), (-9, "0:99999:7:", 0, False), (9, "0:1:7:", None, True),
])
def test_expiry(box, changed, middle, ends, good):
    secrets(box, f"alice:{PASSWORD}")
    day = -1
    while day != today():  # once more if midnight came between writing the file and reading it
        day = today()
        end = "" if ends is None else day + ends
        shadow(box, alice=f"{crypt(PASSWORD)}:{day + changed}:{middle}:{end}:")
        answers = accepted(check(box)), accepted(check(box, "alice", cram(PASSWORD, "<1@x>"), "<1@x>"))
    assert answers == (good, good)
    assert not accepted(check(box, "alice", "wrong"))


@pytest.mark.parametrize("dates, good", [("0:0:99999:7::", False), (":::::", True), ("1:0:99999:7::0", False)])
def test_expiry_on_any_day(box, dates, good):
    secrets(box, f"alice:{PASSWORD}")
    shadow(box, alice=f"{crypt(PASSWORD)}:{dates}:")
    assert accepted(check(box)) == good
    assert accepted(check(box, "alice", cram(PASSWORD, "<1@x>"), "<1@x>")) == good


def test_a_login_in_the_database_is_decided_there(box):
    shadow(box, alice=PASSWORD)
    assert accepted(check(box))
    virtual(box, user("alice", "another"))
    assert not accepted(check(box))
    assert accepted(check(box, "alice", "another"))
    virtual(box)
    assert accepted(check(box))


@pytest.mark.parametrize("login", ["", "@", "nobody-here", "alice@x.example", "ALICE", "alice ", " alice", "alice:", "al\nice", "..", "#x",
                                   "x" * 400, "\xff\xfe", "root@", "%s%n"])
def test_logins_that_are_none(box, login):
    shadow(box, alice=PASSWORD)
    virtual(box, user("bob@x.example"))
    assert not accepted(check(box, login))


# --- descriptor 3 ---

@pytest.mark.parametrize("data, code", [
    (b"", 2), (b"alice", 2), (b"alice\0", 2), (b"alice\0" + PASSWORD.encode(), 2), (b"\0", 2), (b"\0\0", 1), (b"alice\0\0", 1),
    (fields("alice", PASSWORD), 0), (fields("alice", PASSWORD, ""), 0), (fields("alice", PASSWORD, "<1.2@x>"), 0),
    (fields("alice", PASSWORD) + b"<1.2@x>", 0), (fields("alice", PASSWORD, "x") + b"more\0and more", 0),
    (fields("alice", PASSWORD).ljust(512, b"x"), 0), (fields("alice", PASSWORD).ljust(513, b"x"), 1), (b"x" * 512, 2), (b"x" * 100000, 1),
    (None, 2),
])
def test_what_comes_on_descriptor_3(box, data, code):
    shadow(box, alice=PASSWORD)
    result = check(box, data=data)
    assert (result.code, result.out) == (code, b"in\n" if code == 0 else b""), result
    assert (result.err == b"") == (code in (0, 1))
    assert PASSWORD.encode() not in result.err


def test_descriptor_3_in_pieces(box):
    shadow(box, alice=PASSWORD)
    line = "(printf 'ali'; sleep 0.1; printf 'ce\\0%s' " + PASSWORD + "; sleep 0.1; printf '\\0') | qmail-checkpassword echo in 3<&0"
    assert box.run(["/bin/sh", "-c", line], as_user="qmaild").out == b"in\n"


def test_without_a_program(box):
    result = check(box, program=[])
    assert (result.code, result.out) == (2, b"")
    assert b"usage: qmail-checkpassword program" in result.err


# --- CRAM-MD5 and APOP ---

def test_answers_to_challenges(box):
    shadow(box, alice=PASSWORD)
    virtual(box, user("bob@x.example"), user("nopw@x.example", "*"), user("shut@x.example", "!" + crypt(PASSWORD)))
    secrets(box, "alice:system: secret", "BOB@x.example:sécret", "nopw@x.example:third", "shut@x.example:fourth", "ghost@x.example:fifth",
            "nobody-here:sixth")
    where = "<123.456@host.example.org>"
    for login, secret, good in (("alice", "system: secret", True), ("bob@x.example", "sécret", True), ("nopw@X.example", "third", True),
                                ("shut@x.example", "fourth", False), ("ghost@x.example", "fifth", False), ("nobody-here", "sixth", False),
                                ("alice", PASSWORD, False), ("bob@x.example", PASSWORD, False)):
        for answer in (cram, apop):
            assert accepted(check(box, login, answer(secret, where), where)) == good, (login, answer)
            assert not accepted(check(box, login, answer(secret, where), where + "x"))
            assert not accepted(check(box, login, answer(secret, where)))  # no challenge, no answer
            assert not accepted(check(box, login, answer(secret, where).upper(), where))
            assert not accepted(check(box, login, answer("", where), where))
    # The stored secret is not a password.
    assert not accepted(check(box, "alice", "system: secret", where))


def test_a_password_beside_a_challenge(box):
    """qmail-popup gives its timestamp with USER and PASS too."""
    digits = "0123456789abcdef" * 2
    shadow(box, alice=PASSWORD, bob=crypt(digits))
    assert accepted(check(box, "alice", PASSWORD, "<1.2@x>"))
    assert accepted(check(box, "bob", digits, "<1.2@x>"))
    assert not accepted(check(box, "bob", digits[::-1], "<1.2@x>"))


def test_secrets_of_accounts_that_are_shut(box):
    shadow(box, alice="!" + crypt(PASSWORD), bob="*", root="*")
    secrets(box, "alice:one", "bob:two", "root:three")
    assert not accepted(check(box, "alice", cram("one", "<c>"), "<c>"))
    assert accepted(check(box, "bob", cram("two", "<c>"), "<c>"))
    assert not accepted(check(box, "root", cram("three", "<c>"), "<c>"))


# --- trouble ---

def test_the_setuid_bit_has_no_effect(box):
    shadow(box, alice=PASSWORD)
    program = box.program("qmail-checkpassword")
    result = box.run(["/usr/bin/setpriv", "--no-new-privs", program, "/bin/true"], as_user="qmaild",
                     extra_fds={3: fields("alice", PASSWORD)})
    trouble(result, "no_new_privs")
    box.file("/mnt/plain", box.path(program).read_bytes(), mode=0o755)
    result = box.run(["/mnt/plain", "/bin/true"], as_user="qmaild", extra_fds={3: fields("alice", PASSWORD)})
    trouble(result, "mode 4710")
    # As qmail-popup runs it.
    assert box.run(["/mnt/plain", "/bin/echo", "in"], extra_fds={3: fields("alice", PASSWORD)}).out == b"in\n"


def test_nobody_else_may_run_it(box):
    shadow(box, alice=PASSWORD)
    for other in ("alice", "qmailr", "qmails", "nobody"):
        with pytest.raises(AssertionError):
            accepted(check(box, as_user=other))
    assert accepted(check(box, as_user="qmaild"))


@pytest.mark.parametrize("other", ["alias", "qmaill", "qmailp", "qmailr"])
def test_other_accounts_of_its_group(box, other):
    """alias, qmaill and qmailp are in the group that may execute it, so the program checks its caller itself."""
    shadow(box, alice=PASSWORD)
    account = pwd.getpwnam(other)
    reading, writing = os.pipe()
    os.write(writing, fields("alice", PASSWORD))
    os.close(writing)
    argv = [box.program("qmail-checkpassword"), "/bin/echo", "in"]
    result = subprocess.run(["/bin/sh", "-c", f"exec {' '.join(argv)} 3<&0"], stdin=reading, capture_output=True, user=account.pw_uid,
                            group=pwd.getpwnam("qmaild").pw_gid, extra_groups=[], check=False)
    os.close(reading)
    assert (result.returncode, result.stdout) == (111, b"")
    assert result.stderr == b"qmail-checkpassword: fatal: only root and qmaild may ask about passwords\n"


def test_without_an_account_of_the_listeners(box):
    shadow(box, alice=PASSWORD)
    uid, gid = pwd.getpwnam("qmaild")[2:4]
    lines = box.path("/etc/passwd").read_text().splitlines(keepends=True)
    box.path("/etc/passwd").write_text("".join(line for line in lines if not line.startswith("qmaild:")))
    line = f"exec {box.program('qmail-checkpassword')} /bin/echo in 3<&0"
    result = subprocess.run(["/bin/sh", "-c", line], input=fields("alice", PASSWORD), capture_output=True, user=uid, group=gid,
                            extra_groups=[], check=False)
    assert (result.returncode, result.stdout) == (111, b"") and b"only root and" in result.stderr
    assert box.run(["qmail-checkpassword", "/bin/echo", "in"], extra_fds={3: fields("alice", PASSWORD)}).out == b"in\n"


@pytest.fixture(scope="module")
def with_fixed_ids(tmp_path_factory):
    """Builds the program as after ./configure --fixed-ids=6100: compiles the files with the IDs again and links them with the rest."""
    place = tmp_path_factory.mktemp("fixed")
    header, count = re.subn(r"(kFixedUids\[\] = )\{[^}]*\}", rf"\1{{{', '.join(map(str, range(6100, 6107)))}}}",
                            (ROOT / "config.h").read_text())
    assert count == 1
    (place / "config.h").write_text(header)
    steps = subprocess.run(["make", "-s", "-n", "-W", "sys/identity.cc", "cmd/qmail-checkpassword"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE, text=True).stdout.splitlines()
    (compiling,) = (line for line in steps if line.endswith("-c sys/identity.cc -o sys/identity.o"))
    (linking,) = (line for line in steps if line.endswith("-o cmd/qmail-checkpassword"))
    # The directory of the other config.h comes first.
    compiling = compiling.replace(" -iquote .", f" -iquote {place} -iquote .").replace("-o sys/identity.o", f"-o {place}/identity.o")
    linking = linking.replace(" auth/auth.a", f" {place}/identity.o auth/auth.a").replace("-o cmd/", f"-o {place}/")
    for line in (compiling, linking):
        subprocess.run(["/bin/sh", "-c", line], cwd=ROOT, check=True)
    return (place / "qmail-checkpassword").read_bytes()


def test_the_caller_where_ids_are_fixed(with_fixed_ids, box):
    """The fixed ID counts, even if qmaild has another one in /etc/passwd."""
    shadow(box, alice=PASSWORD)
    fixed = 6101  # alias is the first
    listed, group = pwd.getpwnam("qmaild")[2:4]
    assert fixed != listed
    program = box.file("/mnt/qmail-checkpassword", with_fixed_ids)
    os.chown(program, 0, group)
    os.chmod(program, 0o4710)

    def answer(uid):
        return subprocess.run(["/bin/sh", "-c", f"exec {program} /bin/echo in 3<&0"], input=fields("alice", PASSWORD),
                              capture_output=True, user=uid, group=group, extra_groups=[], check=False)

    for uid in (0, fixed):
        result = answer(uid)
        assert (result.returncode, result.stdout, result.stderr) == (0, b"in\n", b"")
    for uid in (listed, fixed - 1, fixed + 1):
        result = answer(uid)
        assert (result.returncode, result.stdout) == (111, b"")
        assert result.stderr == b"qmail-checkpassword: fatal: only root and qmaild may ask about passwords\n"


def test_shadow_that_cannot_be_read(box):
    shadow(box, alice=PASSWORD)
    virtual(box, user("bob@x.example"))
    assert box.run(["/usr/bin/umount", "/etc/shadow"]).code == 0
    subprocess.run(["cp", "-a", "/etc/.", "/mnt/etc2"], check=True)
    os.unlink("/mnt/etc2/shadow")
    subprocess.run(["mount", "--bind", "/mnt/etc2", "/etc"], check=True)
    trouble(check(box), "shadow")
    assert accepted(check(box, "bob@x.example"))
    os.mkdir("/etc/shadow")
    trouble(check(box), "shadow")


def test_databases_that_are_no_use(box):
    shadow(box, alice=PASSWORD)
    virtual(box, user("bob@x.example"))
    secrets(box, "bob@x.example:secret")
    challenge = ("bob@x.example", cram("secret", "<c>"), "<c>")
    whole = {name: box.path(f"users/{name}.cdb").read_bytes() for name in ("passwd", "secrets")}
    damages = [lambda data: b"", lambda data: data[:100], lambda data: data[:2050], lambda data: b"\xff" * len(data)]
    for name, login in (("passwd", ("bob@x.example",)), ("secrets", challenge)):
        path = f"users/{name}.cdb"
        for damage in damages:
            box.file(path, damage(whole[name]), mode=0o600)
            trouble(check(box, *login), path, "damaged")
        box.file(path, whole[name], mode=0o620)
        trouble(check(box, *login), path, "written by others")
        box.file(path, whole[name], mode=0o600, owner="qmaild")
        trouble(check(box, *login), path, "written by others")
        box.file(path, whole[name], mode=0o600)
        assert accepted(check(box, *login))
    box.path("users/passwd.cdb").unlink()
    box.mkdir("users/passwd.cdb")
    trouble(check(box), "users/passwd.cdb")


def test_a_record_that_is_no_user(box):
    """A malformed entry never gives root by accident."""
    virtual(box, user("bob@x.example"))
    data = box.path("users/passwd.cdb").read_bytes()
    for old, new in ((b":7002:7002:", b":7002:x002:"), (b":7002:7002:", b"::7002:002:"), (b"/home/bob", b"xhome/bob")):
        assert data.count(old) == 1
        box.file("users/passwd.cdb", data.replace(old, new), mode=0o600)
        trouble(check(box, "bob@x.example"), "damaged")


def test_what_cannot_be_run_or_entered(box):
    shadow(box, alice=PASSWORD, ghost=PASSWORD, bob=PASSWORD)
    for program in ("/nowhere/prog", "no-such-program", "/etc/passwd", "/home"):
        trouble(check(box, program=[program]), "unable to run " + program)
    trouble(check(box, "ghost"), "/home/ghost")
    os.chmod("/home/bob", 0)
    trouble(check(box, "bob"), "/home/bob")


def test_no_memory_for_a_hash(box):
    """softlimit in a run script: yescrypt needs 16 MiB."""
    shadow(box, alice=crypt(PASSWORD, "$y$j9T$saltsalt$"))
    for login in ("alice", "nobody-here"):
        for limit in ("v", "d"):
            result = box.run(["/bin/sh", "-c", f"ulimit -{limit} 12000; exec qmail-checkpassword echo in"],
                             extra_fds={3: fields(login, PASSWORD)}, as_user="qmaild")
            trouble(result, "not enough memory")


def test_no_descriptors_left(box):
    shadow(box, alice=PASSWORD)
    virtual(box, user("bob@x.example"))
    for login in ("alice", "bob@x.example"):
        result = box.run(["/bin/sh", "-c", f"ulimit -n 4; exec {box.program('qmail-checkpassword')} echo in"],
                         extra_fds={3: fields(login, PASSWORD)}, as_user="qmaild")
        assert result.code in (0, 111, 127), result  # never "refused"


def test_secrets_are_in_no_place_where_others_look(box):
    shadow(box, alice=PASSWORD)
    program = ["/bin/sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline; env"]
    assert PASSWORD.encode() not in check(box, program=program).out


def test_unknown_logins_cost_hashes_too(box):
    """Checks that the work is done (a hash takes 0.2 s of processor time), not its duration, which depends on the load."""
    heavy = "$5$rounds=400000$saltsalt$"
    virtual(box, user("bob@x.example", crypt(PASSWORD, heavy)))
    shadow(box, alice=crypt(PASSWORD, heavy))

    def cost(login, password):
        before = os.times()
        accepted(check(box, login, password))
        after = os.times()
        return after.children_user - before.children_user

    least = cost("bob@x.example", PASSWORD) / 4
    assert least > 0.01
    for login in ("bob@x.example", "nobody@x.example", "alice", "nobody-here", "bob", "", "al ice"):
        assert cost(login, "wrong") > least, login
