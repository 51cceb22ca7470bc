"""make install and make instcheck: setup/install.txt is what is on disk, and nothing of a site is lost."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import FIRST_ID, ROOT

IDS = f"--ids={FIRST_ID}"
OWNERS = {"root": 0} | {name: FIRST_ID + place for place, name in enumerate(
    ("alias", "qmaild", "qmaill", "qmailp", "qmailq", "qmailr", "qmails"))}
GROUPS = {"qmail": FIRST_ID, "nofiles": FIRST_ID + 1}
SPLIT = 23


def setup_program(name, *options, environment=None):
    done = subprocess.run([ROOT / "setup" / name, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env=environment)
    return done.returncode, done.stdout


def table():
    for line in (ROOT / "setup/install.txt").read_text().splitlines():
        fields = line.split("#")[0].split()
        if fields:
            yield fields[:6]


@pytest.fixture
def home(tmp_path):
    code, text = setup_program("install.sh", f"--destdir={tmp_path}", IDS)
    assert code == 0, text
    return tmp_path / "var/qmail"


def check(home, *options):
    return setup_program("instcheck.sh", f"--destdir={home.parent.parent}", IDS, *options)


def paths_of(path, source):
    if path.endswith("/*"):
        return [f"{path[:-1]}{number}" for number in range(SPLIT)]
    if path.endswith("/+"):
        return [f"{path[:-1]}{file.name}" for file in ROOT.glob(source)]
    return [path]


def test_every_row_is_on_disk_and_nothing_else(home):
    expected = {}
    for path, owner, group, mode, kind, source in table():
        if kind == "tree":
            expected[path] = (0, GROUPS["qmail"], 0o755, "dir")
            for found in (ROOT / source).rglob("*"):
                if found.name != ".made":
                    plain = found.is_file() and not os.access(found, os.X_OK)
                    expected[f"{path}/{found.relative_to(ROOT / source)}"] = (
                        0, GROUPS["qmail"], 0o644 if plain else 0o755, "dir" if found.is_dir() else "file")
            continue
        for name in paths_of(path, source):
            expected[os.path.normpath(name)] = (OWNERS[owner], GROUPS[group], int(mode, 8), kind)
    found = {os.path.relpath(os.path.join(place, name), home) for place, folders, files in os.walk(home)
             for name in [*folders, *files]} | {"."}
    assert found == set(expected)
    for name, (uid, gid, mode, kind) in expected.items():
        info = (home / name).lstat()
        assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (uid, gid, mode), name
        right_type = {"dir": stat.S_ISDIR, "fifo": stat.S_ISFIFO}.get(kind, stat.S_ISREG)
        assert right_type(info.st_mode), name
    assert (home / "queue/lock/tcpto").read_bytes() == bytes(1024)


def test_queue_layout_is_the_recorded_one(home):
    from conformlib.queue import LAYOUT, LOCKS
    for name, (user, mode) in LAYOUT.items():
        info = (home / "queue" / name).stat()
        assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (OWNERS[user], GROUPS["qmail"], mode), name
    for name, (user, mode, content) in LOCKS.items():
        info = (home / "queue" / name).stat()
        assert (info.st_uid, stat.S_IMODE(info.st_mode)) == (OWNERS[user], mode), name
        assert content == "fifo" or (home / "queue" / name).read_bytes() == content.encode()


def test_fresh_installation_checks_right(home):
    code, text = check(home)
    assert code == 0 and "all right" in text, text


def test_second_installation_keeps_what_a_site_has(home):
    (home / "control/me").write_text("mail.example.org\n")
    (home / "users/assign").write_text(".\n")
    (home / "queue/mess/5/28").write_bytes(b"a message")
    (home / "queue/lock/tcpto").write_bytes(b"\1" * 1024)
    (home / "alias/.qmail-postmaster").write_text("&x@example.org\n")
    trigger = (home / "queue/lock/trigger").stat().st_ino
    program = (home / "bin/qmail-queue").stat().st_ino
    code, text = setup_program("install.sh", f"--destdir={home.parent.parent}", IDS)
    assert code == 0, text
    assert (home / "control/me").read_text() == "mail.example.org\n"
    assert (home / "users/assign").read_text() == ".\n"
    assert (home / "queue/mess/5/28").read_bytes() == b"a message"
    assert (home / "queue/lock/tcpto").read_bytes() == b"\1" * 1024
    assert (home / "alias/.qmail-postmaster").exists()
    assert (home / "queue/lock/trigger").stat().st_ino == trigger
    assert (home / "bin/qmail-queue").stat().st_ino != program, "renamed into place: a running program stays whole"


def test_queue_of_another_split_stays(home):
    for kind in ("mess", "info", "local", "remote"):
        for number in range(7, SPLIT):
            (home / "queue" / kind / str(number)).rmdir()
    code, text = setup_program("install.sh", f"--destdir={home.parent.parent}", IDS)
    assert code == 0 and "split 7 ways and stays so" in text, text
    assert len(list((home / "queue/mess").iterdir())) == 7
    assert check(home)[0] == 0


def test_queue_of_other_ids_is_refused(home):
    before = (home / "bin/qmail-queue").stat().st_mtime_ns
    code, text = setup_program("install.sh", f"--destdir={home.parent.parent}", f"--ids={FIRST_ID + 100}")
    assert code == 1 and "nothing was changed" in text, text
    assert (home / "bin/qmail-queue").stat().st_mtime_ns == before
    assert (home / "bin/qmail-queue").stat().st_uid == OWNERS["qmailq"]


def mend(text):
    for command in re.findall(r"^  mend: (.*)$", text, re.M):
        subprocess.run(["sh", "-c", command], check=True)


@pytest.mark.parametrize("path, spoil", [
    ("bin/qmail-queue", lambda path: os.chmod(path, 0o755)),
    ("bin/qmail-queue", lambda path: os.chown(path, 0, 0)),
    ("bin/qmail-checkpassword", lambda path: os.chmod(path, 0o755)),
    ("bin/qmail-checkpassword", lambda path: os.chmod(path, 0o4711)),
    ("bin/qmail-checkpassword", lambda path: os.chown(path, 0, 0)),
    ("bin/qmail-lspawn", lambda path: os.chmod(path, 0o755)),
    ("queue/mess/3", lambda path: os.chmod(path, 0o777)),
    ("queue/lock/trigger", lambda path: os.chmod(path, 0o666)),
    ("queue/lock/tcpto", lambda path: os.truncate(path, 10)),
    ("alias", lambda path: os.chmod(path, 0o755)),
    ("control", lambda path: os.chown(path, 7001, 7001)),
])
def test_check_says_what_is_wrong_and_how_to_mend_it(home, path, spoil):
    spoil(home / path)
    code, text = check(home)
    assert code == 1 and str(home / path) in text, text
    mend(text)
    assert check(home)[0] == 0


@pytest.mark.parametrize("path, spoil", [
    ("queue/intd", shutil.rmtree),
    ("queue/lock/trigger", os.unlink),
    ("queue/info/22", shutil.rmtree),
    ("bin/qmail-send", os.unlink),
])
def test_installation_mends_what_is_missing(home, path, spoil):
    spoil(home / path)
    code, text = check(home)
    assert code == 1 and f"{home / path} is missing" in text and "make install" in text, text
    assert setup_program("install.sh", f"--destdir={home.parent.parent}", IDS)[0] == 0
    assert check(home)[0] == 0


def test_ordinary_file_in_place_of_the_trigger(home):
    (home / "queue/lock/trigger").unlink()
    (home / "queue/lock/trigger").write_text("")
    code, text = check(home)
    assert code == 1 and "is no named pipe" in text, text


@pytest.mark.parametrize("name, text", [
    ("control/servercert.pem", "key"), ("control/authsenders", "x"), ("users/passwd", "x"), ("users/passwd.cdb", "x"),
    ("users/secrets", "x"), ("users/secrets.cdb", "x"), ("control/smtproutes", "a:b|user|password\n"),
])
def test_secrets_that_others_can_read(home, name, text):
    (home / name).write_text(text)
    (home / name).chmod(0o644)
    code, said = check(home)
    assert code == 1 and f"{home / name} can be read by everybody" in said, said
    mend(said)
    assert check(home)[0] == 0


def test_smtproutes_without_password_may_be_read(home):
    (home / "control/smtproutes").write_text("a.example:relay.example\n")
    assert check(home)[0] == 0


def without_accounts(box):
    lines = [line for line in Path("/etc/passwd").read_text().splitlines() if not line.startswith(("qmail", "alias"))]
    box.file("/tmp/passwd", "\n".join(lines) + "\n")
    subprocess.run(["mount", "--bind", "/tmp/passwd", "/etc/passwd"], check=True)


def test_without_accounts_the_step_that_is_left_is_said(box):
    """Files and modes are complete; no setuid bit for whoever built it; below DESTDIR this is a success."""
    without_accounts(box)
    code, text = setup_program("install.sh", "--destdir=/tmp/d", "--partial")
    assert code == 0 and "make users\n" in text and "make instchown DESTDIR=/tmp/d\n" in text, text
    program = Path("/tmp/d/var/qmail/bin/qmail-queue").stat()
    assert (program.st_uid, stat.S_IMODE(program.st_mode)) == (0, 0o711)
    code, text = setup_program("owners.sh", "--destdir=/tmp/d")
    assert code == 1 and "qmailq" in text and "make users" in text, text
    code, text = setup_program("instcheck.sh", "--destdir=/tmp/d")
    assert code == 1 and "users.sh" in text, text


def test_without_accounts_an_installation_for_this_host_is_not_finished(box):
    without_accounts(box)
    subprocess.run(["umount", "/var/qmail/bin"], check=True)
    code, text = setup_program("install.sh", "--partial")
    assert code == 1 and "make users\n  make instchown\n" in text, text
    assert stat.S_IMODE(os.stat("/var/qmail/bin/qmail-queue").st_mode) == 0o711
    os.chmod("/var/qmail/bin/qmail-queue", 0o4711)
    before = os.stat("/var/qmail/bin/qmail-queue").st_ino
    code, text = setup_program("install.sh", "--partial")
    assert code == 1 and "is in use" in text and "nothing was changed" in text, text
    assert os.stat("/var/qmail/bin/qmail-queue").st_ino == before


def test_whoever_is_not_root_gets_the_files(tmp_path, box):
    """What a packager's build does."""
    os.chmod("/tmp", 0o1777)
    done = subprocess.run([ROOT / "setup/install.sh", "--destdir=/tmp/d", "--partial"], stdout=subprocess.PIPE, text=True, check=False,
                          user=7001, group=7001, extra_groups=[])
    assert done.returncode == 0 and "make instchown DESTDIR=/tmp/d" in done.stdout, done.stdout
    assert Path("/tmp/d/var/qmail/bin/qmail-queue").stat().st_uid == 7001


def test_accounts_of_the_system_are_used(box):
    code, text = setup_program("install.sh", "--destdir=/tmp/d", "--partial")
    assert code == 0, text
    from conformlib.users import GROUPS as groups, USERS as accounts
    info = Path("/tmp/d/var/qmail/bin/qmail-queue").stat()
    assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (accounts["qmailq"].uid, groups["qmail"], 0o4711)
    assert setup_program("instcheck.sh", "--destdir=/tmp/d")[0] == 0


def test_owners_may_follow_later(tmp_path):
    code, text = setup_program("install.sh", f"--destdir={tmp_path}", "--no-owners")
    assert code == 0 and "owners are not set" in text and "make instchown" in text, text
    queue = (tmp_path / "var/qmail/bin/qmail-queue").stat()
    assert stat.S_IMODE(queue.st_mode) == 0o711, "no setuid bit for whoever built it"
    assert check(tmp_path / "var/qmail")[0] == 1
    code, text = setup_program("owners.sh", f"--destdir={tmp_path}", IDS)
    assert code == 0, text
    code, text = setup_program("owners.sh", f"--destdir={tmp_path}", IDS)
    assert code == 0 and ": 0 changed" in text, text
    code, text = check(tmp_path / "var/qmail")
    assert code == 0, text


@pytest.mark.parametrize("option", ["--nonsense", "--ids=x", "--destdir"])
def test_bad_options(option):
    code, text = setup_program("install.sh", option)
    assert code == 2 and option in text, text


# --- configure ---

def configure(place, *options, environment=None):
    for name in ("configure", "VERSION"):
        shutil.copy2(ROOT / name, place)
    done = subprocess.run(["./configure", *options], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env=os.environ | (environment or {}))
    return done.returncode, done.stdout


def test_choices_of_a_site(tmp_path):
    code, text = configure(tmp_path, "--home=/opt//mail/", "--split=199", "--spawn-limit=255", "--patrn=022", "--break=+",
                           "--user-alias=mailalias", "--group-qmail=mail", "--fixed-ids=500", "--uid-qmaild=77",
                           environment={"CXX": "g++", "CXXFLAGS": "-DEXTRA=1"})
    assert code == 0, text
    header = (tmp_path / "config.h").read_text()
    for line in ('kHome = "/opt/mail";', "kSplit = 199;", "kSpawnLimit = 255;", "kPaternalism = 0022;", "kBreak = '+';",
                 'kAccountNames[] = {"mailalias", "qmaild",', 'kGroupNames[] = {"mail", "nofiles"}',
                 "kFixedUids[] = {500, 77, 502, 503, 504, 505, 506}", "kFixedGids[] = {500, 501}"):
        assert line in header, header
    assert "-DEXTRA=1" in (tmp_path / "config.mk").read_text()


@pytest.mark.parametrize("option, words", [
    ("--nonsense", "no such option"), ("--home=var", "absolute path"), ("--home=/", "cannot be the home"),
    ("--home=/a b", "only letters"), ("--split=0", "1 to 100000"), ("--split=x", "1 to 100000"), ("--spawn-limit=256", "1 to 255"),
    ("--spawn-limit=0", "1 to 255"), ("--patrn=9", "octal"), ("--break=--", "one character"), ("--break=a", "one character"),
    ("--user-nobody=x", "no such account"), ("--user-alias=a b", "not the name"), ("--group-wheel=x", "no such group"),
    ("--uid-alias=x", "not a number"), ("--fixed-ids=x", "not a number"), ("--home=/a'b", "not possible"),
])
def test_bad_choices_write_nothing(tmp_path, option, words):
    code, text = configure(tmp_path, option, environment={"CXX": "g++"})
    assert code == 2 and words in text, text
    assert not (tmp_path / "config.mk").exists() and not (tmp_path / "config.h").exists()


def test_useless_compiler_is_named(tmp_path):
    code, text = configure(tmp_path, environment={"CXX": "/bin/false"})
    assert code == 2 and "/bin/false does not compile" in text, text
