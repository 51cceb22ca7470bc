"""make install and make instcheck: the files on disk match setup/install.txt, and no file of a site is lost."""

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
def home(tmp_path, numbered):
    subprocess.run(["cp", "-a", f"{numbered}/.", tmp_path], check=True)
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
    # What a run that was interrupted leaves.
    (home / "bin/.qmail-queue.new").write_text("half of it")
    os.chmod(home / "bin/.qmail-queue.new", 0o4711)
    code, text = setup_program("install.sh", f"--destdir={home.parent.parent}", IDS)
    assert code == 0, text
    assert [path for path in home.rglob(".*") if path.name.endswith(".new")] == []
    assert (home / "control/me").read_text() == "mail.example.org\n"
    assert (home / "users/assign").read_text() == ".\n"
    assert (home / "queue/mess/5/28").read_bytes() == b"a message"
    assert (home / "queue/lock/tcpto").read_bytes() == b"\1" * 1024
    assert (home / "alias/.qmail-postmaster").exists()
    assert (home / "queue/lock/trigger").stat().st_ino == trigger
    assert (home / "bin/qmail-queue").stat().st_ino != program, "renamed into place: a running program stays whole"


def test_each_file_is_whole_and_owned_before_it_has_its_name(home):
    """Nobody can run a qmail-queue without its owner, or the half of one."""
    log = home.parent.parent / "calls"
    done = subprocess.run(["strace", "-f", "--seccomp-bpf", "-y", "-e", "trace=write,fchown,fchmod,renameat,execve", "-o", log, ROOT / "setup/install.sh",
                           f"--destdir={home.parent.parent}", IDS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    calls = log.read_text().splitlines()
    mine = [re.sub(r"<[^>]*>", "", line.split(" ", 1)[1]) for line in calls if ".qmail-queue.new" in line]
    assert [call.split("(")[0].strip() for call in mine][-4:] == ["write", "fchown", "fchmod", "renameat"], mine
    assert f", {OWNERS['qmailq']}, {GROUPS['qmail']})" in mine[-3] and ", 04711)" in mine[-2] and mine[-1].endswith("= 0"), mine
    # A process for each file would be more than five hundred of them.
    assert sum("execve(" in call for call in calls) < 100


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


def test_what_comes_and_goes_during_the_check(home, tmp_path):
    """An entry that is there for the second look only, or for the first, says nothing about the others."""
    (home / "bin/maildirmake").rename(home / "aside")
    (tmp_path / "stat").write_text(f"""#!/bin/sh
/usr/bin/stat "$@"
[ ! -e {home}/aside ] || {{ mv {home}/aside {home}/bin/maildirmake; rm {home}/bin/qmail-clean; }}
""")
    (tmp_path / "stat").chmod(0o755)
    code, text = setup_program("instcheck.sh", f"--destdir={home.parent.parent}", IDS,
                               environment={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert code == 1 and f"{home}/bin/qmail-clean is missing" in text and text.endswith(": 1 wrong\n"), text


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
    ("control/servercert.pem", "key"), ("control/servercerts/a.example/servercert.pem", "key"), ("control/clientcert.pem", "key"),
    ("control/tlsticketkey", "key"), ("control/servercert.pem.old.20261122-204500", "key"), ("users/passwd", "x"), ("users/passwd.cdb", "x"), ("users/secrets", "x"), ("users/secrets.cdb", "x"),
    ("control/domainkeys/a.example/default", "key"), ("control/authsenders", "x"), ("control/srs_secrets", "x"), ("control/smtproutes", "a:b|user|password\n"),
])
def test_secrets_that_others_can_read(home, name, text):
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(text)
    (home / name).chmod(0o644)
    code, said = check(home)
    assert code == 1 and f"{home / name} can be read by everybody" in said, said
    mend(said)
    assert check(home)[0] == 0


@pytest.mark.parametrize("name, group, good", [
    ("control/servercert.pem", "qmail", True), ("control/servercert.pem", "nofiles", True), ("control/tlsticketkey", "nofiles", True),
    ("control/servercert.pem", 7001, False), ("control/authsenders", "qmail", True), ("control/authsenders", "nofiles", False), ("control/srs_secrets", "nofiles", True),
    ("users/passwd", "qmail", False), ("users/secrets.cdb", "nofiles", False),
])
def test_secrets_that_a_group_can_read(home, name, group, good):
    (home / name).write_text("x")
    os.chown(home / name, 0, GROUPS.get(group, group))
    (home / name).chmod(0o640)
    code, said = check(home)
    assert code == (0 if good else 1), said
    if not good:
        assert f"{home / name} can be read by group" in said
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
    """Files and modes are complete, without the setuid bit if owners are not set; below DESTDIR this is a success."""
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
    """Installs as a packager's build does."""
    os.chmod("/tmp", 0o1777)
    # A directory that the account can enter: a checkout may be in a home that only root can enter.
    os.mkdir("/tmp/checkout")
    subprocess.run(["mount", "--bind", ROOT, "/tmp/checkout"], check=True)
    done = subprocess.run(["/tmp/checkout/setup/install.sh", "--destdir=/tmp/d", "--partial"], stdout=subprocess.PIPE, text=True, check=False,
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


# --- other places ---

def checkout(place, **choices):
    """Makes a copy of this checkout as after ./configure with other options; the built programs are the same."""
    place.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in ("setup", "config.mk"):
            (place / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "setup", place / "setup")
    text = (ROOT / "config.mk").read_text()
    for key, value in choices.items():
        text = re.sub(rf"^{key} =.*$", f"{key} = {value}", text, flags=re.M)
    (place / "config.mk").write_text(text)
    return place


def script(source, name, *options, environment=None):
    done = subprocess.run([source / "setup" / name, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env=environment)
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def distribution(tmp_path_factory):
    place = tmp_path_factory.mktemp("fhs")
    source = checkout(place / "source", LAYOUT="fhs", QUEUE_DIR="/var/spool/qmail")
    code, text = script(source, "install.sh", f"--destdir={place}/d", IDS)
    assert code == 0, text
    return source, place / "d"


@pytest.fixture
def fhs(distribution, tmp_path):
    source, tree = distribution
    subprocess.run(["cp", "-a", tree, tmp_path / "d"], check=True)
    return source, tmp_path / "d"


def test_places_of_a_distribution(fhs):
    source, tree = fhs
    assert script(source, "instcheck.sh", f"--destdir={tree}", IDS)[0] == 0
    assert os.readlink(tree / "var/qmail") == "lib/qmail"
    links = {name: os.readlink(tree / "var/lib/qmail" / name) for name in os.listdir(tree / "var/lib/qmail")
             if name not in ("alias", "bin")}
    assert links == {"boot": "/usr/lib/qmail/boot", "control": "/etc/qmail", "doc": "/usr/share/doc/reqmail",
                     "man": "/usr/share/man", "queue": "../../spool/qmail", "services": "/usr/lib/qmail/services",
                     "setup": "/usr/lib/qmail/setup", "users": "/etc/qmail/users"}
    # Each program is a link in the real directory bin, to one of three places that its manual page and its name determine.
    programs = {path[4:]: kind for path, _, _, _, kind, _ in table() if path.startswith("bin/")}
    home = tree / "var/lib/qmail/bin"
    assert home.is_dir() and not home.is_symlink() and set(os.listdir(home)) == set(programs)
    for name in programs:
        place = os.readlink(home / name)
        assert place in (f"/usr/bin/{name}", f"/usr/sbin/{name}", f"/usr/lib/qmail/bin/{name}")
        assert (tree / place[1:]).is_file()
    for name in ("maildirmake", "except", "forward", "pinq", "elq", "qail", "config", "dnsip", "sendmail", "qmail-smtpd-tls"):
        assert os.readlink(home / name) == f"/usr/lib/qmail/bin/{name}"
    assert set(os.listdir(tree / "usr/sbin")) & set(programs) >= {"qmail-send", "qmail-queue", "qmail-inject", "splogger"}
    # The commands of sendmail; pages without names that other packages have.
    for name in ("usr/sbin/sendmail", "usr/bin/mailq", "usr/bin/newaliases"):
        assert os.readlink(tree / name) == "../lib/qmail/bin/sendmail"
    pages = {page.name for page in (tree / "usr/share/man").glob("*/*")}
    assert {"maildir.5qmail", "forward.1qmail", "sendmail.8qmail", "qmail-send.8", "dot-qmail.5"} <= pages and "mbox.5" not in pages
    assert (tree / "usr/lib/systemd/system/qmail-smtpd.socket").is_file()


def test_what_a_distribution_brings_belongs_to_root(fhs):
    """All files that need no other owner belong to root, so packages need no IDs of ours."""
    _, tree = fhs
    other = {str(path.relative_to(tree)) for path in tree.rglob("*") if not path.is_symlink() and (path.lstat().st_uid, path.lstat().st_gid) != (0, 0)}
    assert {path for path in other if not path.startswith("var/spool/qmail")} \
        == {"var/lib/qmail/alias", "usr/sbin/qmail-queue", "usr/sbin/qmail-checkpassword"}


def test_installed_scripts_do_without_the_sources(fhs, tmp_path):
    """Runs them as a package's postinst does, with a queue of another split."""
    _, tree = fhs
    setup = tree / "usr/lib/qmail/setup"
    for kind in ("mess", "info", "local", "remote"):
        for number in range(5, SPLIT):
            (tree / "var/spool/qmail" / kind / str(number)).rmdir()
    (tree / "var/spool/qmail/lock/trigger").unlink()
    os.chmod(tree / "usr/sbin/qmail-queue", 0o755)
    run = lambda name: subprocess.run([setup / name, f"--destdir={tree}", IDS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,  # noqa: E731
                                      text=True, check=False, cwd=tmp_path)
    done = run("instcheck.sh")
    assert done.returncode == 1 and "trigger is missing" in done.stdout and "qmail-queue: owner and mode" in done.stdout
    assert run("owners.sh").returncode == 0
    done = run("instcheck.sh")
    assert done.returncode == 0, done.stdout
    assert len(os.listdir(tree / "var/spool/qmail/mess")) == 5
    # A distribution may leave documentation out.
    shutil.rmtree(tree / "usr/share")
    assert run("instcheck.sh").returncode == 0


@pytest.mark.parametrize("spoil", [
    lambda home: (home / "queue").unlink(), lambda home: (home / "bin/qmail-send").unlink(),
    lambda home: ((home / "control").unlink(), (home / "control").symlink_to("/etc")),
])
def test_links_are_checked(fhs, spoil):
    source, tree = fhs
    spoil(tree / "var/lib/qmail")
    code, text = script(source, "instcheck.sh", f"--destdir={tree}", IDS)
    assert code == 1, text
    mend(text)
    assert script(source, "instcheck.sh", f"--destdir={tree}", IDS)[0] == 0


def test_packages_put_links_into_bin_before_and_after(distribution, tmp_path):
    """Debian's fastforward and dot-forward have links below /var/lib/qmail/bin."""
    source, _ = distribution
    place = tmp_path / "d/var/lib/qmail/bin"
    place.mkdir(parents=True)
    (place / "fastforward").symlink_to("/usr/bin/fastforward")
    assert script(source, "install.sh", f"--destdir={tmp_path}/d", "--no-owners")[0] == 0
    (place / "dot-forward").symlink_to("/usr/bin/dot-forward")
    assert script(source, "install.sh", f"--destdir={tmp_path}/d", "--no-owners", "--no-mta")[0] == 0
    assert os.readlink(place / "fastforward") == "/usr/bin/fastforward" and os.readlink(place / "dot-forward") == "/usr/bin/dot-forward"


def test_without_links_for_sendmail(distribution, tmp_path):
    source, _ = distribution
    code, text = script(source, "install.sh", f"--destdir={tmp_path}/d", "--no-owners", "--no-mta")
    assert code == 0, text
    assert not (tmp_path / "d/usr/sbin/sendmail").is_symlink() and not (tmp_path / "d/usr/lib/sendmail").is_symlink()
    assert (tmp_path / "d/usr/lib/qmail/bin/sendmail").is_file()


def test_older_home_in_the_place_of_the_link_is_refused(distribution, tmp_path):
    source, _ = distribution
    (tmp_path / "d/var/qmail/control").mkdir(parents=True)
    code, text = script(source, "install.sh", f"--destdir={tmp_path}/d", "--no-owners")
    assert code == 1 and f"{tmp_path}/d/var/qmail is a directory" in text and "nothing was changed" in text, text
    assert os.listdir(tmp_path / "d") == ["var"] and os.listdir(tmp_path / "d/var") == ["qmail"]
    # An empty directory is replaced.
    (tmp_path / "d/var/qmail/control").rmdir()
    assert script(source, "install.sh", f"--destdir={tmp_path}/d", "--no-owners")[0] == 0
    assert (tmp_path / "d/var/qmail").is_symlink()


def test_queue_elsewhere(tmp_path):
    source = checkout(tmp_path / "source", QUEUE_DIR="/srv/queue")
    code, text = script(source, "install.sh", f"--destdir={tmp_path}/d", IDS)
    assert code == 0, text
    assert os.readlink(tmp_path / "d/var/qmail/queue") == "/srv/queue"
    assert (tmp_path / "d/srv/queue/lock/trigger").is_fifo()
    assert script(source, "instcheck.sh", f"--destdir={tmp_path}/d", IDS)[0] == 0
    # An ordinary queue is not left behind without a message.
    assert script(ROOT, "install.sh", f"--destdir={tmp_path}/e", IDS)[0] == 0
    code, text = script(source, "install.sh", f"--destdir={tmp_path}/e", IDS)
    assert code == 1 and "/var/qmail/queue is a directory" in text and "nothing was changed" in text, text


def test_mail_goes_through_a_queue_elsewhere():
    from host import NAME, Host
    with Host() as host:
        host.good(f"""mkdir /root/c && cd /root/c && ln -s {ROOT}/* . && rm setup config.mk && cp -a {ROOT}/setup . &&
            sed 's,^QUEUE_DIR =.*,QUEUE_DIR = /srv/queue,' {ROOT}/config.mk >config.mk""")
        host.install(Path("/root/c"))
        host.user("ann", "x")
        host.good(f"config-fast {NAME} && mount -t tmpfs none /srv/queue && /root/c/setup/install.sh && readlink /var/qmail/queue")
        host.start("env PATH=/var/qmail/bin qmail-start ./Maildir/")
        host.good("printf 'Subject: x\n\nelsewhere\n' | qmail-inject ann")
        host.wait_for(lambda: host.run("grep -l elsewhere /home/ann/Maildir/new/*").returncode == 0, "the delivery")
        assert host.good("qmail-qstat") == "messages in queue: 0\nmessages in queue but not yet preprocessed: 0\n"


def test_file_in_the_place_of_a_link_is_kept(fhs):
    source, tree = fhs
    users = tree / "var/lib/qmail/users"
    users.unlink()
    users.write_text("of a site\n")
    code, text = script(source, "install.sh", f"--destdir={tree}", IDS)
    assert code == 0 and f"{users} was a file; it is {users}.old now" in text, text
    assert os.readlink(users) == "/etc/qmail/users" and Path(f"{users}.old").read_text() == "of a site\n"


def awk_that(tmp_path, does):
    """Returns an environment whose awk does something else when it writes the texts."""
    place = tmp_path / "awk"
    place.mkdir()
    (place / "awk").write_text(f"""#!/bin/sh
PATH=${{PATH#*:}}
case " $* " in *" texts "*) {does} ;; esac
exec awk "$@"
""")
    (place / "awk").chmod(0o755)
    return {**os.environ, "PATH": f"{place}:{os.environ['PATH']}"}


def test_file_in_the_place_of_a_link_stays_until_the_link_is_made(fhs, tmp_path):
    """Whoever sends mail meanwhile, or after an installation that failed, needs the old sendmail."""
    source, tree = fhs
    sendmail, users = tree / "usr/sbin/sendmail", tree / "var/lib/qmail/users"
    sendmail.unlink()
    sendmail.write_text("an older one\n")
    users.unlink()
    users.mkdir()
    code, text = script(source, "install.sh", f"--destdir={tree}", IDS, environment=awk_that(tmp_path, "exit 1"))
    assert code != 0 and sendmail.read_text() == "an older one\n" and users.is_dir() and not users.is_symlink(), text
    code, text = script(source, "install.sh", f"--destdir={tree}", IDS)
    assert code == 0 and sendmail.is_symlink() and users.is_symlink(), text


@pytest.mark.parametrize("awk", [
    # One that says nothing when a file system is full, and one that fails in the middle.
    """awk "$@"; cd text && for text in *; do head -c 100 $text >.$text && mv .$text $text; done; exit""",
    """awk "$@"; exit 2""",
])
def test_texts_that_are_not_whole_are_not_installed(tmp_path, awk):
    code, text = setup_program("install.sh", f"--destdir={tmp_path}/d", IDS, environment=awk_that(tmp_path, awk))
    assert code != 0, text
    assert [path for path in (tmp_path / "d").rglob("*") if path.is_file() and "queue" not in path.parts] == []


@pytest.mark.parametrize("name", ["install.sh", "instcheck.sh", "owners.sh"])
def test_full_place_of_temporary_files(box, name):
    """Some awks say nothing then."""
    assert setup_program("install.sh", "--destdir=/tmp/d", "--partial", IDS)[0] == 0
    for place in ("/tmp/awk", "/tmp/t"):
        os.mkdir(place)
    Path("/tmp/awk/awk").write_text('#!/bin/sh\nPATH=${PATH#*:}\nawk "$@" 2>/dev/null\nexit 0\n')
    os.chmod("/tmp/awk/awk", 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", "/tmp/t"], check=True)
    code, text = setup_program(name, "--destdir=/tmp/d", IDS, environment={**os.environ, "PATH": f"/tmp/awk:{os.environ['PATH']}", "TMPDIR": "/tmp/t"})
    assert code != 0 and re.search("I/O error|No space", text), text


def test_temporary_files_may_be_in_a_relative_place(tmp_path):
    (tmp_path / "t").mkdir()
    done = subprocess.run([ROOT / "setup/install.sh", f"--destdir={tmp_path}/d", IDS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, cwd=tmp_path, env={**os.environ, "TMPDIR": "t"})
    assert done.returncode == 0, done.stdout
    assert list((tmp_path / "t").iterdir()) == []


def test_links_are_made_when_what_they_lead_to_is_there(distribution):
    _, tree = distribution
    made = {}
    for link in (tree / "var/lib/qmail/bin").iterdir():
        made[link.name] = link.lstat().st_ctime_ns - (tree / os.readlink(link)[1:]).stat().st_ctime_ns
    assert made and min(made.values()) >= 0, made


def test_link_that_leads_elsewhere_is_replaced(fhs):
    source, tree = fhs
    users = tree / "var/lib/qmail/users"
    users.unlink()
    users.symlink_to("/etc")
    assert script(source, "install.sh", f"--destdir={tree}", IDS)[0] == 0
    assert os.readlink(users) == "/etc/qmail/users"


def test_texts_name_the_home(tmp_path):
    """One whose name begins with that of the usual home, too."""
    source = checkout(tmp_path / "source", HOME_DIR="/var/qmail2")
    code, text = script(source, "install.sh", f"--destdir={tmp_path}/d", IDS)
    assert code == 0, text
    home = tmp_path / "d/var/qmail2"
    for name in ("boot/home", "man/man8/qmail-start.8"):
        words = re.findall(r"@HOME@|/var/qmail\d*", (home / name).read_text())
        assert set(words) == {"/var/qmail2"}, name


# --- configure ---

def configure(place, *options, environment=None):
    for name in ("configure", "VERSION"):
        shutil.copy2(ROOT / name, place)
    done = subprocess.run(["./configure", *options], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env=os.environ | (environment or {}))
    return done.returncode, done.stdout


def test_choices_of_a_site(tmp_path, compilers):
    code, text = configure(tmp_path, "--home=/opt//mail/", "--split=199", "--spawn-limit=255", "--patrn=022", "--break=+",
                           "--user-alias=mailalias", "--group-qmail=mail", "--fixed-ids=500", "--uid-qmaild=77",
                           environment={"PATH": compilers, "CXX": "g++", "CXXFLAGS": "-DEXTRA=1"})
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
    ("--layout=debian", "classic or fhs"), ("--queue=q", "absolute path"), ("--queue=/", "cannot be the queue"),
    ("--queue=/a/../b", "cannot be the queue"), ("--queue=/a b", "only letters"), ("--uid-alias=x", "not a number"), ("--fixed-ids=x", "not a number"), ("--home=/a'b", "not possible"),
])
def test_bad_choices_write_nothing(tmp_path, option, words):
    code, text = configure(tmp_path, option, environment={"CXX": "g++"})
    assert code == 2 and words in text, text
    assert not (tmp_path / "config.mk").exists() and not (tmp_path / "config.h").exists()


def test_useless_compiler_is_named(tmp_path):
    code, text = configure(tmp_path, environment={"CXX": "/bin/false"})
    assert code == 2 and "/bin/false does not compile" in text, text


def test_compiler_of_the_unit_tests_is_one_that_links_them(tmp_path, compilers):
    code, text = configure(tmp_path, environment={"PATH": compilers, "CXX": "g++", "TEST_CXX": "/bin/false"})
    assert code == 0 and "unit tests: g++, with sanitizers" in text, text
    assert {"TEST_CXX = g++", "CXX = g++"} <= set((tmp_path / "config.mk").read_text().splitlines())


@pytest.fixture
def easy_compiler(tmp_path):
    """Returns a PATH with a g++ that takes every flag and every program, at no cost."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/g++").write_text("""#!/bin/sh
while [ $# -gt 1 ]; do
  [ "$1" != -o ] || exec cp /bin/true "$2"
  shift
done
""")
    (tmp_path / "bin/g++").chmod(0o755)
    return f"{tmp_path}/bin:{os.environ['PATH']}"


def test_what_a_change_throws_away(tmp_path, easy_compiler):
    """What was built with the same flags is kept; a compiler cache in front of the compiler is none of them."""
    made = [tmp_path / name for name in ("x.o", "x.a", "x.sano", "x.sana", "x.testo", "x.testa", "prelude.h.gch")]

    def lost(**environment):
        for path in made:
            path.touch()
        code, text = configure(tmp_path, environment={"PATH": easy_compiler, "CXX": "g++", "TEST_CXX": "g++", **environment})
        assert code == 0, text
        return {path.name for path in made if not path.exists()}

    lost()
    settings = (tmp_path / "config.mk").read_text()
    (tmp_path / "config.mk").write_text(settings.replace("\nCXX = g++", "\nCXX = ccache g++"))
    assert lost() == set()
    assert "\nCXX = ccache g++\n" in (tmp_path / "config.mk").read_text()
    (tmp_path / "config.mk").write_text(settings.replace("\nTEST_CXX = g++", "\nTEST_CXX = other"))
    assert lost() == {"x.sano", "x.sana", "x.testo", "x.testa", "prelude.h.gch"}
    assert lost(CXXFLAGS="-DX") == {path.name for path in made}
