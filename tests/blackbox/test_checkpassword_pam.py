"""qmail-checkpassword as built with ./configure --with-pam: accounts of the system are checked through PAM."""

import re
import shutil
import subprocess

import pytest
from conftest import ROOT
from logins import PASSWORD, accepted, cram, crypt, fields, secrets, shadow, today, user, virtual

UNIX = "auth required pam_unix.so nodelay\naccount required pam_unix.so\n"


def settings():
    text = "".join((ROOT / name).read_text() for name in ("config.mk", "rules.mk"))
    return dict(re.findall(r"^(\w+) = ?(.*)$", text.replace("\\\n", ""), re.M))


@pytest.fixture(scope="module")
def with_pam(tmp_path_factory):
    """Links the program from the built objects: the object for PAM comes before the library and replaces the other one."""
    place, made = tmp_path_factory.mktemp("pam"), settings()
    flags = f"{made['CPPFLAGS']} {made['CXXFLAGS']}"
    link = made["LINK"].replace("$(CXX)", made["CXX"])
    for command in (f"{made['CXX']} {flags} -Werror -c auth/system_login_pam.cc -o {place}/pam.o",
                    f"{link} cmd/qmail-checkpassword.o {place}/pam.o {made['LIBRARIES']} {made['CDB_LIBS']} "
                    f"{made['CRYPT_LIBS']} -lpam -o {place}/program"):
        done = subprocess.run(command, shell=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
    return (place / "program").read_bytes()


def service(box, program, text=UNIX):
    """Installs the program, and the service into a private /etc/pam.d."""
    box.file("/mnt/pam/program", program, owner="root:nofiles")
    box.path("/mnt/pam/program").chmod(0o4710)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/etc/pam.d"], check=True)
    if text is not None:
        box.file("/etc/pam.d/qmail", text)


def check(box, login="alice", password=PASSWORD, challenge=None, **options):
    return box.run(["/mnt/pam/program", "/bin/echo", "in"], as_user="qmaild", extra_fds={3: fields(login, password, challenge)}, **options)


def test_who_gets_in(box, with_pam):
    service(box, with_pam)
    shadow(box, alice=crypt(PASSWORD, "$y$j75$saltsalt$"), bob="!" + crypt(PASSWORD), root=PASSWORD,
           Carol=f"{crypt(PASSWORD)}:{today(-9)}:0:99999:7::{today(-1)}:", eve=f"{crypt(PASSWORD)}:0:0:99999:7:::")
    virtual(box, user("joe@x.example"))
    secrets(box, "alice:stored", "Carol:stored")
    for login in ("alice", "joe@x.example"):
        assert accepted(check(box, login)) and not accepted(check(box, login, "wrong"))
    for login in ("bob", "Carol", "eve", "root", "nobody-here", "nobody@x.example", ""):
        assert not accepted(check(box, login)), login
    assert accepted(check(box, "alice", cram("stored", "<c>"), "<c>"))
    assert not accepted(check(box, "Carol", cram("stored", "<c>"), "<c>"))
    assert not accepted(check(box, "alice", ""))


@pytest.mark.parametrize("text, words", [
    (None, "PAM has no service qmail: /etc/pam.d/qmail is missing"),
    ("auth required pam_no_such_module.so\n", "PAM: "),
    ("auth required pam_unix.so\naccount required pam_no_such_module.so\n", "PAM: "),
    ("auth [default=die] pam_debug.so auth=authinfo_unavail\n", "PAM: "),
    ("auth [default=die] pam_debug.so auth=system_err\n", "PAM: "),
])
def test_trouble_is_no_refusal(box, with_pam, text, words):
    service(box, with_pam, text)
    shadow(box, alice=PASSWORD)
    result = check(box)
    assert (result.code, result.out) == (111, b""), result
    assert re.fullmatch(rb"qmail-checkpassword: fatal: [^\n]+\n", result.err) and words.encode() in result.err, result.err


def test_modules_see_nothing_of_the_caller_but_the_peer(box, with_pam):
    """pam_exec runs a program with the variables of PAM and its own environment."""
    script = box.file("/mnt/seen.sh", "#!/bin/sh\n(env; echo host=$PAM_RHOST; echo service=$PAM_SERVICE) >/mnt/seen\n", mode=0o755)
    service(box, with_pam, f"auth required pam_exec.so seteuid {script}\naccount required pam_permit.so\n")
    assert accepted(check(box, env={"TCPREMOTEIP": "192.0.2.7", "EVIL": "yes", "KRB5_CONFIG": "/tmp/x"}))
    seen = box.path("/mnt/seen").read_text()
    assert "host=192.0.2.7\n" in seen and "service=qmail\n" in seen
    assert "EVIL" not in seen and "KRB5_CONFIG" not in seen and PASSWORD not in seen


def test_configure(tmp_path):
    for name in ("configure", "VERSION"):
        shutil.copy2(ROOT / name, tmp_path)
    for options, lines in (([], ["PAM = no", "PAM_LIBS =", "SYSTEM_LOGIN = shadow"]),
                           (["--with-pam"], ["PAM = yes", "PAM_LIBS = -lpam", "SYSTEM_LOGIN = pam"])):
        done = subprocess.run(["./configure", *options], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
        made = (tmp_path / "config.mk").read_text().splitlines()
        assert [line for line in lines if line not in made] == []
