"""The work of root in directories of other accounts: their links cannot redirect it."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import FIRST_ID, ROOT
from conformlib.users import GROUPS, USERS

IDS = f"--ids={FIRST_ID}"


def script(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
    os.chmod(path, 0o755)


def run(*words, **more):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)


@pytest.fixture
def secret(tmp_path):
    """A file of root that must not be changed, in a directory where no file may appear."""
    place = tmp_path / "roots"
    place.mkdir()
    (place / "secret").write_text("untouched")
    os.chmod(place / "secret", 0o600)
    yield place / "secret"
    status = (place / "secret").stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, 0, 0o600)
    assert (place / "secret").read_text() == "untouched"
    assert os.listdir(place) == ["secret"]


@pytest.fixture
def queue(tmp_path, numbered):
    run("cp", "-a", numbered, tmp_path / "d")
    return tmp_path / "d/var/qmail/queue"


def replaced(path, target):
    """The changes that the owner of a directory can make at any moment."""
    if path.is_dir():
        path.rename(path.with_name("aside"))
    else:
        path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("name", ["owners.sh", "install.sh"])
@pytest.mark.parametrize("where, target", [
    ("lock/sendmutex", "secret"), ("lock/sendmutex", "absent"), ("lock/tcpto", "absent"), ("lock/trigger", "absent"),
    ("lock", "."), ("mess", "."), ("mess/3", "."), ("todo", "."), ("pid", "absent"),
])
def test_links_in_the_queue_lead_nowhere(tmp_path, secret, queue, name, where, target):
    replaced(queue / where, secret.parent / target)
    done = run(ROOT / "setup" / name, f"--destdir={tmp_path}/d", *(["--partial"] if name == "install.sh" else []), IDS)
    assert done.returncode != 0 and "left alone" in done.stdout, done.stdout


def test_a_second_name_of_a_file_keeps_its_owner(tmp_path, secret, queue):
    (queue / "lock/sendmutex").unlink()
    os.link(secret, queue / "lock/sendmutex")
    done = run(ROOT / "setup/owners.sh", f"--destdir={tmp_path}/d", IDS)
    assert done.returncode == 1 and "sendmutex: left alone" in done.stdout, done.stdout


def test_second_names_of_files_that_are_right(tmp_path, queue):
    """A copy of the tree that consists of links, as backups make it, or a disk on which equal files are linked."""
    os.link(queue / "lock/sendmutex", tmp_path / "sendmutex")
    os.link(queue.parent / "bin/qmail-queue", tmp_path / "qmail-queue")
    done = run(ROOT / "setup/owners.sh", f"--destdir={tmp_path}/d", IDS)
    assert done.returncode == 0 and done.stdout.endswith(": 0 changed\n"), done.stdout


def test_the_rest_is_mended_all_the_same(tmp_path, secret, queue):
    replaced(queue / "lock/tcpto", secret)
    os.chmod(queue / "lock/trigger", 0o600)
    assert run(ROOT / "setup/owners.sh", f"--destdir={tmp_path}/d", IDS).returncode == 1
    assert stat.S_IMODE((queue / "lock/trigger").stat().st_mode) == 0o622


def test_roots_own_links_count(tmp_path, queue):
    """An administrator's home of alias on another disk."""
    (tmp_path / "disk").mkdir()
    alias = queue.parent / "alias"
    alias.rename(tmp_path / "disk/alias")
    alias.symlink_to(tmp_path / "disk/alias")
    os.chmod(tmp_path / "disk/alias", 0o700)
    done = run(ROOT / "setup/owners.sh", f"--destdir={tmp_path}/d", IDS)
    assert done.returncode == 0, done.stdout
    assert stat.S_IMODE((tmp_path / "disk/alias").stat().st_mode) == 0o2755


@pytest.mark.parametrize("kind, logger", [("svscan", "setuidgid"), ("runit", "chpst"), ("s6", "s6-setuidgid")])
def test_logs(box, kind, logger):
    """The run script of a log, started repeatedly while its account changes the directories."""
    qmaill = USERS["qmaill"]
    script(f"/tmp/bin/{logger}", "#!/bin/sh\nexit 0\n")
    script("/tmp/bin/sleep", "#!/bin/sh\nexit 0\n")
    Path("/tmp/roots").mkdir()
    Path("/tmp/roots/secret").write_text("untouched")
    subprocess.run("mount -t tmpfs none /var/log", shell=True, check=True)
    log_run = ROOT / f"setup/services/{kind}/qmail-send/log/run"

    def start():
        return run("sh", log_run, env=box.env | {"PATH": f"/tmp/bin:/var/qmail/bin:{os.environ['PATH']}"})

    assert start().returncode == 0
    parent, leaf = Path("/var/log/qmail"), Path("/var/log/qmail/qmail-send")
    assert parent.stat().st_uid == 0 and stat.S_IMODE(parent.stat().st_mode) == 0o755
    assert leaf.stat().st_uid == qmaill.uid
    # The state left by older run scripts: everything belongs to qmaill, which makes links there.
    os.chown(parent, qmaill.uid, 0)
    leaf.rename(leaf.with_name("aside"))
    for target in ("/tmp/roots", "/tmp/roots/secret", "/tmp/roots/absent"):
        leaf.symlink_to(target)
        start()
        leaf.unlink()
    assert os.listdir("/tmp/roots") == ["secret"]
    assert (os.stat("/tmp/roots").st_uid, os.stat("/tmp/roots/secret").st_uid) == (0, 0)


def test_aliases(box):
    """.qmail files of alias are written as alias, and only if they are missing."""
    alias = Path("/var/qmail/alias")
    Path("/tmp/roots").mkdir()
    (alias / ".qmail-root").symlink_to("/tmp/roots/absent")
    (alias / ".new").symlink_to("/tmp/roots/new")
    (alias / ".qmail-abuse").write_text("&boss\n")
    done = run(ROOT / "setup/aliases.sh", "&ann", env=box.env)
    assert (done.returncode, done.stdout.split()) == (0, ["postmaster", "mailer-daemon"]), done.stdout
    made = (alias / ".qmail-postmaster").stat()
    assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (USERS["alias"].uid, GROUPS["qmail"], 0o644)
    assert (alias / ".qmail-postmaster").read_text() == "&ann\n" and (alias / ".qmail-abuse").read_text() == "&boss\n"
    assert os.listdir("/tmp/roots") == []


def test_aliases_cannot_write_as_root(box):
    """A home of alias that is a link to a directory of root: alias may not write there, so nothing is written."""
    alias = Path("/var/qmail/alias")
    Path("/tmp/roots").mkdir(mode=0o755)
    subprocess.run(["mount", "--bind", "/tmp/roots", alias], check=True)
    done = run(ROOT / "setup/aliases.sh", "&ann", env=box.env)
    assert done.returncode == 1 and "unable to write" in done.stdout
    assert os.listdir("/tmp/roots") == []


def test_rows(box):
    rows = "dir 0 0 0750 /d\nfifo 0 0 0622 /d/f\nzeros:5 0 0 0600 /d/z\npresent 0 0 0600 /d/absent\n"
    Path("/tmp/below").mkdir()
    command = [box.program("qmail-mkowned"), "-d", "/tmp/below"]
    assert run(*command, input=rows).stdout == "3\n"
    assert run(*command, input=rows).stdout == "0\n"
    assert Path("/tmp/below/d/z").read_bytes() == bytes(5)
    os.chmod("/tmp/below/d", 0o700)
    assert run(*command, "-n", input=rows).stdout == "0\n"
    assert run(*command, input=rows).stdout == "1\n"


def test_links_of_a_caller_who_is_not_root(box):
    """A tree in which a packager has usr/sbin as a link to bin."""
    Path("/tmp/below/usr/bin").mkdir(parents=True)
    Path("/tmp/below/usr/sbin").symlink_to("bin")
    Path("/tmp/source").write_text("a program")
    for name in ("/tmp/below/usr/bin", "/tmp/below/usr"):
        os.chown(name, 7001, 7001)

    def install(name):
        done = run(box.program("qmail-mkowned"), "-d", "/tmp/below", input=f"file:/tmp/source - - 0755 /usr/sbin/{name}\n",
                   user=7001, group=7001, extra_groups=[])
        return done.returncode, Path("/tmp/below/usr/bin", name).exists()

    assert install("own") == (0, True)
    os.chmod("/tmp/below/usr", 0o775)
    assert install("group") == (111, False)
    os.chmod("/tmp/below/usr", 0o757)
    assert install("others") == (111, False)
    os.chmod("/tmp/below/usr", 0o755)
    os.chown("/tmp/below/usr", 7002, 7001)
    assert install("another") == (111, False)


def test_links_of_accounts_mean_nothing_to_root(box):
    Path("/tmp/below/usr/bin").mkdir(parents=True)
    Path("/tmp/below/usr/sbin").symlink_to("bin")
    os.chown("/tmp/below/usr", 7001, 7001)
    row = "dir 0 0 0755 /usr/sbin/x\n"
    assert run(box.program("qmail-mkowned"), "-d", "/tmp/below", input=row).returncode == 111
    os.chown("/tmp/below/usr", 0, 7001)
    assert run(box.program("qmail-mkowned"), "-d", "/tmp/below", input=row).returncode == 0


def test_a_caller_whose_account_has_no_number(box):
    """In a user namespace without a map nobody can set an owner, not even the one that a file has."""
    Path("/tmp/below").mkdir()
    Path("/tmp/source").write_text("a program")
    done = run("unshare", "--user", box.program("qmail-mkowned"), "-d", "/tmp/below",
               input="file:/tmp/source - - 0755 /x\ndir - - 0750 /d\nfifo - - 0622 /d/f\nzeros:5 - - 0600 /d/z\n")
    assert (done.returncode, done.stdout) == (0, "4\n"), done.stdout
    assert stat.S_IMODE(os.stat("/tmp/below/x").st_mode) == 0o755


@pytest.mark.parametrize("row", ["file 0 0 0600 /x", "dir 0 0 0600", "dir x 0 0600 /x", "", "dir 0 0 0999 /x", "x" * 9000])
def test_what_is_no_row(box, row):
    done = run(box.program("qmail-mkowned"), input=row + "\ndir 0 0 0755 /tmp/after\n")
    assert done.returncode == 111 and "qmail-mkowned: fatal: " in done.stdout
    assert not os.path.exists("/tmp/after")


@pytest.mark.parametrize("words", [("owners.sh",), ("install.sh", "--partial")])
def test_nothing_beside_a_temporary_file(tmp_path, queue, secret, words):
    """An account that sees a temporary file of root may make links in the same directory with the names that root may use next."""
    script(tmp_path / "bin/mktemp", f"""#!/bin/sh
made=$(/usr/bin/mktemp "$@") || exit
for more in .rows .rows-n .record; do ln -s {secret} "$made$more"; done
echo "$made"
""")
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "tmp")}
    done = run(ROOT / "setup" / words[0], f"--destdir={queue.parents[2]}", IDS, *words[1:], env=environment)
    assert done.returncode == 0, done.stdout
