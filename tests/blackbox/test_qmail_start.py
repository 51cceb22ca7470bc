"""qmail-start: accounts, descriptors, PATH, signals."""

from pathlib import Path

import pytest
from conformlib.process import until
from test_spawners import known_remote

NAMES = ("qmail-send", "qmail-lspawn", "qmail-rspawn", "qmail-clean")
SHOW = """#!/bin/sh
exec 9>/mnt/seen/%(name)s
for fd in 0 1 2 3 4 5 6 7 8 11 12 13 14 15 16 17 18; do
  if test -e /proc/$$/fd/$fd; then echo "$fd" >&9; fi
done
grep SigIgn /proc/$$/status >&9
mv /mnt/seen/%(name)s /mnt/seen/%(name)s.done
"""


def fakes(box, *names):
    box.mkdir("/mnt/seen", mode=0o777)
    for name in names:
        box.file(f"/mnt/fake/{name}", SHOW % {"name": name}, mode=0o755)
    return {"PATH": "/mnt/fake:/usr/bin:/bin"}


def seen(box, name):
    path = box.path(f"/mnt/seen/{name}.done")
    until(path.exists, 5, name)
    return path.read_text().split()


def drop(path, name):
    text = Path(path).read_text().splitlines()
    Path(path).write_text("\n".join(line for line in text if line.split(":")[0] != name) + "\n")


@pytest.mark.parametrize("account", ["qmailq", "qmailr", "qmails", "qmailp"])
def test_missing_account(box, account):
    env = fakes(box, *NAMES)
    drop("/etc/passwd", account)
    result = box.run(["qmail-start", "./Mailbox"], env=env)
    assert (result.code, result.out) == (111, b"")
    assert result.err == f"qmail-start: fatal: unable to find account {account}\n".encode()
    assert list(Path("/mnt/seen").iterdir()) == []


def test_missing_group(box):
    env = fakes(box, *NAMES)
    drop("/etc/group", "qmail")
    result = box.run(["qmail-start", "./Mailbox"], env=env)
    assert (result.code, result.err) == (111, b"qmail-start: fatal: unable to find group qmail\n")


def test_the_loggers_account_counts_with_a_logger_alone(box):
    env = fakes(box, *NAMES)
    drop("/etc/passwd", "qmaill")
    result = box.run(["qmail-start", "./Mailbox", "cat"], env=env)
    assert (result.code, result.err) == (111, b"qmail-start: fatal: unable to find account qmaill\n")
    assert box.run(["qmail-start", "./Mailbox"], env=env).code == 0


def test_not_root(box):
    program = box.path(box.program("qmail-start")).read_bytes()
    copy = box.file("/mnt/copy/qmail-start", program, mode=0o755)
    env = fakes(box, *NAMES)
    result = box.run([str(copy), "./Mailbox"], as_user="alice", env=env)
    assert (result.code, result.out) == (111, b"")
    assert list(Path("/mnt/seen").iterdir()) == []


def test_inherited_descriptors_go(box):
    env = fakes(box, *NAMES, "logger")
    line = "exec /var/qmail/bin/qmail-start ./Mailbox logger 7</etc/passwd 8>/mnt/x"
    result = box.run(["/bin/sh", "-c", line], env=env, extra_fds={12: b"x", 15: b"y"})
    assert result.code == 0
    assert seen(box, "qmail-send")[:-2] == ["0", "1", "2", "3", "4", "5", "6"]
    for name in ("qmail-lspawn", "qmail-rspawn", "qmail-clean", "logger"):
        assert seen(box, name)[:-2] == ["0", "1"], name


@pytest.mark.parametrize("line", ["<&-", ">&-", "<&- >&- 2>&-", "logger <&-"])
def test_started_without_input_or_log(box, line):
    """Nothing is started if a descriptor to pass on is missing."""
    env = fakes(box, *NAMES, "logger")
    result = box.run(["/bin/sh", "-c", f"exec /var/qmail/bin/qmail-start ./Mailbox {line}"], env=env)
    assert (result.code, result.out, result.err) == (111, b"", b"")
    assert list(Path("/mnt/seen").iterdir()) == []


@pytest.mark.parametrize("line", ["2>&-", "logger >&-", "logger >&- 2>&-"])
def test_started_without_standard_descriptors(box, line):
    env = fakes(box, *NAMES, "logger")
    result = box.run(["/bin/sh", "-c", f"exec /var/qmail/bin/qmail-start ./Mailbox {line}"], env=env)
    assert result.code == 0
    assert seen(box, "qmail-send")[:-2] == ["0", "1", "2", "3", "4", "5", "6"]
    assert seen(box, "qmail-lspawn")[:-2] == ["0", "1"]


def test_sigchld_is_reset(box):
    env = fakes(box, *NAMES)
    assert box.run(["/bin/bash", "-c", "trap '' CHLD; exec /var/qmail/bin/qmail-start ./Mailbox"], env=env).code == 0
    for name in NAMES:
        ignored = int(seen(box, name)[-1], 16)
        assert ignored & 1 << 16 == 0, name


def test_a_program_that_is_missing_is_noticed_by_qmail_send(box):
    """qmail-start has executed qmail-send by then, which exits because it cannot deliver."""
    box.mkdir("/mnt/bin")
    for name in ("qmail-send", "qmail-rspawn", "qmail-clean"):
        box.path(f"/mnt/bin/{name}").symlink_to(f"/var/qmail/bin/{name}")
    program = str(box.program("qmail-start"))
    result = box.run([program, "./Mailbox"], env={"PATH": "/mnt/bin:/usr/bin:/bin"})
    assert result.code == 111
    assert result.out.startswith(b"alert: cannot start: ") or b"lost spawn connection" in result.out


def test_without_path_the_home_is_searched(box):
    line = f"unset PATH; exec {box.program('qmail-start')} ./Mailbox"
    queue = box.path("queue/lock/sendmutex")
    assert queue.exists()
    process = box.run(["/bin/bash", "-c", f"({line}) & sleep 1; kill -TERM $!; wait $!"])
    assert b"status: local 0/10 remote 0/20\n" in process.out
    assert process.out.endswith(b"status: exiting\n")


@pytest.mark.parametrize("directory, told", [("/var/qmail/bin", True), ("/mnt/other", False), ("/mnt/none", False)])
def test_qmail_rspawn_alone_learns_which_file_is_qmail_remote(box, directory, told):
    """It is the file to which PATH leads, if it is that of this release."""
    env = fakes(box)
    box.file("/mnt/other/qmail-remote", "#!/bin/sh\n", mode=0o755)
    for name in NAMES:
        box.file(f"/mnt/fake/{name}", f"#!/bin/sh\nenv >/mnt/seen/{name}\nmv /mnt/seen/{name} /mnt/seen/{name}.done\n", mode=0o755)
    env["PATH"] = f"/mnt/fake:{directory}:/usr/bin:/bin"
    assert box.run([str(box.program("qmail-start")), "./Mailbox"], env=env | {"QMAILREMOTEFILE": "anything"}).code == 0
    for name in NAMES:
        seen(box, name)
        found = dict(line.split("=", 1) for line in box.path(f"/mnt/seen/{name}.done").read_text().splitlines() if "=" in line)
        if name != "qmail-rspawn":
            assert found["QMAILREMOTEFILE"] == "anything"
        else:
            assert found.get("QMAILREMOTEFILE") == (known_remote(box)["QMAILREMOTEFILE"] if told else None)
