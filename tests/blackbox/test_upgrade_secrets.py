"""qmail-upgrade and files that root must not use by path: certificates that several programs read, and directories of others."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path

import pytest

import tls_client
from test_upgrade_apply import kill_at
from upgrade_host import FEW, HOME, NEW, Host, give

RUN = """#!/bin/sh
exec env - PATH=/var/qmail/bin:/usr/bin:/bin tcpserver -v -R -H -l h -u {user} -g {user} 127.0.0.1 2500 qmail-smtpd 2>&1
"""


def listener(user: str) -> None:
    run = HOME / "supervise/qmail-smtpd/run"
    run.parent.mkdir(parents=True)
    run.write_text(RUN.format(user=user))
    run.chmod(0o755)


def certificate(owner: str, mode: int) -> Path:
    path = HOME / "control/servercert.pem"
    path.write_bytes(tls_client.self_signed("host.example.org"))
    give(path, owner, mode)
    return path


def access(path: Path) -> tuple[str, str, int]:
    return path.owner(), path.group(), path.stat().st_mode & 0o7777


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_a_certificate_under_two_names_is_one_secret(box, kind):
    """clientcert.pem is a link to servercert.pem after make cert: both qmaild and qmailr can read it after the upgrade."""
    host = Host(box, FEW)
    path = certificate("root:qmail", 0o644)
    other = HOME / "control/clientcert.pem"
    if kind == "symbolic":
        other.symlink_to("servercert.pem")
    else:
        other.hardlink_to(path)
    listener("qmaild")
    host.before = host.picture()
    text = host.apply(code=(1,))
    assert access(path) == ("qmaild", "qmail", 0o640)
    assert "STARTTLS works in a qmail-smtpd of qmaild" in text
    host.rollback()
    host.assert_old()
    assert access(path) == ("root", "qmail", 0o644)


@pytest.mark.parametrize("owner", ["alice:users", "root:qmail"])
def test_a_key_that_a_listener_of_somebody_else_reads_stays(box, owner):
    host = Host(box, FEW)
    group = grp.getgrgid(pwd.getpwnam("alice").pw_gid).gr_name
    path = certificate(owner.replace("users", group), 0o644)
    (HOME / "control/clientcert.pem").symlink_to("servercert.pem")
    listener("alice")
    before = access(path)
    text = host.apply(code=(1,))
    assert access(path) == before
    assert "STARTTLS works in a qmail-smtpd of alice" in text and "of qmaild" not in text


def test_a_listener_that_cannot_use_its_key_is_named(box):
    host = Host(box, FEW)
    certificate("root:root", 0o600)
    listener("qmaild")
    assert "STARTTLS does not work in a qmail-smtpd of qmaild: 454 TLS" in host.apply(code=(1,))
    host.assert_new()


@pytest.mark.parametrize("command, works", [
    ("setuidgid qmaild", False), ("s6-setuidgid qmaild", True), ("chpst -u qmaild:nofiles", False), ("chpst -u qmaild:nofiles:keys", True),
    ("tcpserver -u qmaild -g keys 127.0.0.1 2500", True), ("tcpserver -u qmaild 127.0.0.1 2500", False)])
def test_a_key_that_a_listener_reads_by_another_group(box, command, works):
    """qmaild is in the group of the key: the program that starts the listener determines whether it has that group."""
    with open("/etc/group", "a", encoding="ascii") as file:
        file.write("keys:x:7100:qmaild\n")
    host = Host(box, FEW)
    certificate("root:keys", 0o640)
    run = HOME / "supervise/qmail-smtpd/run"
    run.parent.mkdir(parents=True)
    run.write_text(f"#!/bin/sh\nexec {command} qmail-smtpd 2>&1\n")
    run.chmod(0o755)
    text = host.apply(code=(1,))
    assert ("STARTTLS works in a qmail-smtpd of qmaild" in text, "does not work" in text) == (works, not works)


def test_a_listener_that_does_not_end_is_not_waited_for(box):
    """An account can stop its own processes: the test of the handshake ends nevertheless."""
    certificate("qmaild:qmail", 0o640)
    host = Host(box, FEW)
    (NEW / "bin/qmail-smtpd").write_text("#!/bin/sh\necho 554 no\nkill -STOP $$\n")
    text = host.apply(code=(1,), limit=40)
    assert "STARTTLS does not work in a qmail-smtpd of qmaild: 554 no" in text and "applied" in text


@pytest.mark.parametrize("at", ["", "/tmp"])
def test_a_link_in_alias_leads_root_nowhere(box, at):
    """alias makes links in the place of the test mailbox: their targets keep owner, mode and content."""
    host = Host(box, FEW)
    host.daemontools()
    elsewhere = Path("/mnt/elsewhere")
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept\n")
    give(elsewhere, "root:root", 0o755)
    # The name contains the time, so make links for many names.
    script = Path("/mnt/links.py")
    script.write_text("import datetime, os\n"
                      "now = datetime.datetime.now(datetime.timezone.utc)\n"
                      "for second in range(120):\n"
                      "    name = (now + datetime.timedelta(seconds=second)).strftime('qmail-upgrade-%Y%m%d-%H%M%S')\n"
                      f"    at = {at!r}\n"
                      "    place = '/var/qmail/alias/' + name\n"
                      "    if at:\n        os.mkdir(place)\n"
                      "    os.symlink('/mnt/elsewhere', place + at)\n")
    done = box.run(["/usr/bin/python3", str(script)], as_user="alias")
    assert done.code == 0, done.err
    text = host.apply()
    assert "a test message went through" in text
    info = elsewhere.stat()
    assert (info.st_uid, info.st_gid, info.st_mode & 0o7777) == (0, 0, 0o755)
    assert sorted(path.name for path in elsewhere.iterdir()) == ["kept"]


def test_a_link_in_the_queue_leads_root_nowhere(box):
    """qmailq replaces a directory of its todo by a link."""
    host = Host(box, FEW, big_todo=True)
    elsewhere = Path("/mnt/elsewhere")
    (elsewhere / "5").mkdir(parents=True)
    (elsewhere / "5/28").write_text("another's")
    done = box.run(["/bin/sh", "-c", "cd /var/qmail/queue && mv intd pid/was && ln -s /mnt/elsewhere intd"], as_user="qmailq")
    assert done.code == 0, done.err
    done = host.upgrade("apply")
    assert done.returncode in (2, 111), done.stdout
    assert sorted(str(path) for path in elsewhere.rglob("*")) == ["/mnt/elsewhere/5", "/mnt/elsewhere/5/28"]
    assert (elsewhere / "5/28").read_text() == "another's"


def test_a_trigger_that_leads_elsewhere_is_not_written_to(box):
    """qmailq replaces the trigger by a link: rollback of a divided todo, which pulls it, writes nothing there."""
    host = Host(box, FEW, big_todo=True)
    host.apply()
    elsewhere = Path("/mnt/elsewhere")
    elsewhere.write_text("root:x:0:0\n")
    give(elsewhere, "root:root", 0o644)
    done = box.run(["/bin/sh", "-c", "cd /var/qmail/queue/lock && mv trigger was && ln -s /mnt/elsewhere trigger"], as_user="qmailq")
    assert done.code == 0, done.err
    host.rollback()
    assert elsewhere.read_text() == "root:x:0:0\n"


@pytest.mark.parametrize("made", ["mkfifo sendmutex", "ln -s /mnt/elsewhere sendmutex"])
def test_a_mutex_that_is_another_file_is_refused(box, made):
    """qmailq replaces the mutex by another file: rollback neither blocks on a FIFO nor locks a file of another account."""
    host = Host(box, FEW, big_todo=True)
    host.apply()
    Path("/mnt/elsewhere").write_text("x")
    lock = "cd /var/qmail/queue/lock && "
    done = box.run(["/bin/sh", "-c", f"{lock}mv sendmutex was && {made}"], as_user="qmailq")
    assert done.code == 0, done.err
    done = host.upgrade("rollback", limit=30)
    assert done.returncode == 111 and "the lock /var/qmail/queue/lock/sendmutex: " in done.stdout, done.stdout
    assert box.run(["/bin/sh", "-c", f"{lock}mv was sendmutex"], as_user="qmailq").code == 0
    host.rollback()
    host.assert_old()


def test_a_directory_of_somebody_else_that_became_a_link(box):
    """A certificate lies in alice's directory, and apply is killed before it gives the file its owner: alice has the directory
    lead elsewhere meanwhile. What lies there keeps its owner, and apply goes on when the directory is back."""
    host = Host(box, FEW)
    keys, elsewhere = Path("/home/alice/keys"), Path("/mnt/elsewhere")
    for folder in (keys, elsewhere):
        folder.mkdir()
        (folder / "cert.pem").write_bytes(tls_client.self_signed("host.example.org"))
        give(folder / "cert.pem", "root:root", 0o644)
    give(keys, "alice:" + grp.getgrgid(pwd.getpwnam("alice").pw_gid).gr_name, 0o755)
    (HOME / "control/servercert.pem").symlink_to(keys / "cert.pem")
    listener("qmaild")
    kill_at(host, "apply", ("renameat", 2))
    assert "step\tchange" in (HOME / "upgrade/journal").read_text()
    done = box.run(["/bin/sh", "-c", f"cd /home/alice && mv keys was && ln -s {elsewhere} keys"], as_user="alice")
    assert done.code == 0, done.err
    done = host.upgrade("apply")
    assert done.returncode == 111 and "not finished: apply goes on from here, rollback goes back" in done.stdout
    assert access(elsewhere / "cert.pem") == ("root", "root", 0o644)
    assert box.run(["/bin/sh", "-c", "cd /home/alice && rm keys && mv was keys"], as_user="alice").code == 0
    assert "applied" in host.apply()
    assert access(keys / "cert.pem") == ("qmaild", "qmail", 0o640)
    host.rollback()
    assert access(keys / "cert.pem") == ("root", "root", 0o644)


def test_a_file_with_another_name_in_somebody_elses_directory(box):
    """alice has made a hard link to a file of root in the place of a certificate: its owner does not change."""
    host = Host(box, FEW)
    keys, roots = Path("/home/alice/keys"), Path("/home/roots")
    keys.mkdir()
    roots.write_bytes(tls_client.self_signed("host.example.org"))
    give(roots, "root:root", 0o644)
    (keys / "cert.pem").hardlink_to(roots)
    give(keys, "alice:" + grp.getgrgid(pwd.getpwnam("alice").pw_gid).gr_name, 0o755)
    (HOME / "control/servercert.pem").symlink_to(keys / "cert.pem")
    listener("qmaild")
    host.before = host.picture()
    done = host.upgrade("apply")
    assert done.returncode == 111 and "has other names too" in done.stdout
    assert access(roots) == ("root", "root", 0o644)
    host.rollback()
    host.assert_old()
