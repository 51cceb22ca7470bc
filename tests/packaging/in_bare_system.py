#!/usr/bin/env python3
"""What a package has to show in a bare Debian: run by check-packages in a chroot without network but lo. Says what it does; the
first thing that is wrong ends it with code 1. Nothing here is undone: the system is thrown away."""

import base64
import os
import pathlib
import poplib
import pwd
import re
import shutil
import smtplib
import socket
import ssl
import stat
import subprocess
import sys
import time

PACKAGE = "/packages/reqmail.deb"
NEXT = "/packages/reqmail-next.deb"
HOME = pathlib.Path("/var/qmail")
QUEUE = pathlib.Path("/var/spool/qmail")
CONTROL = pathlib.Path("/etc/qmail")
SETUP = "/usr/lib/qmail/setup"
ALICE, BORIS = "correct horse battery", "virtual staple 42"
ACCOUNTS = ("alias", "qmaild", "qmaill", "qmailp", "qmailq", "qmailr", "qmails")
# What dpkg itself and the tools of this test write.
NOT_COMPARED = re.compile(r"^/(proc|sys|dev|tmp|run|packages|root|home|var/lib/dpkg|var/cache|var/log|var/lib/apt|var/lib/systemd|etc/(passwd|"
                          r"group|shadow|gshadow|subuid|subgid)-?|etc/ld\.so\.cache|usr/lib/python3.*__pycache__)(/|$)")
running = []


def step(text):
    print(f"\n-- {text}", flush=True)


def check(condition, text):
    if not condition:
        sys.exit(f"WRONG: {text}")
    print(f"   ok: {text}", flush=True)


def run(*words, code=0, feed=None, quiet=False, **environment):
    print(f"   $ {' '.join(map(str, words))}", flush=True)
    done = subprocess.run([str(word) for word in words], input=feed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env=os.environ | environment)
    if not quiet:
        for line in done.stdout.splitlines()[-25:]:
            print(f"     {line}")
    if code is not None and done.returncode != code:
        sys.exit(f"WRONG: exit code {done.returncode}, not {code}: {done.stdout}")
    return done.stdout


def wait_for(condition, what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(f"WRONG: no {what} within {seconds} s")


def files():
    """Every path of the system with its kind, but for what is not compared."""
    found = set()
    for place, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if not NOT_COMPARED.match(os.path.join(place, name))]
        for name in folders + names:
            path = os.path.join(place, name)
            if not NOT_COMPARED.match(path):
                found.add(path)
    return found


def start(*words, user=None, **environment):
    clean = {"PATH": "/var/qmail/bin:/usr/local/bin:/usr/bin:/bin"} | environment
    log = open(f"/tmp/{len(running)}.log", "wb")
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean, user=user)
    running.append(process)
    return process


def stop_all():
    while running:
        process = running.pop()
        process.terminate()
        process.wait(20)


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def serve():
    """The daemons and listeners as the run scripts start them."""
    start("qmail-start", "./Maildir/", "splogger", "qmail")
    qmaild, nofiles = pwd.getpwnam("qmaild").pw_uid, pwd.getpwnam("qmaild").pw_gid
    checker = ["/var/qmail/bin/qmail-checkpassword", "/bin/true"]
    for port, environment, program in (
            (25, {}, ["/var/qmail/bin/qmail-smtpd"]),
            (587, {"SMTPAUTH": "!"}, ["/var/qmail/bin/qmail-smtpd", *checker]),
            (465, {"SMTPS": "1", "SMTPAUTH": "!"}, ["/var/qmail/bin/qmail-smtpd", *checker])):
        start("tcpserver", "-HR", "-l", "mail.example.org", "-u", str(qmaild), "-g", str(nofiles), "127.0.0.1", str(port), *program, **environment)
    start("tcpserver", "-HR", "-l", "mail.example.org", "127.0.0.1", "995", "/var/qmail/bin/qmail-popup", "mail.example.org",
          "/var/qmail/bin/qmail-checkpassword", "/var/qmail/bin/qmail-pop3d", "Maildir", POP3S="1")
    for port in (25, 587, 465, 995):
        wait_for(lambda port=port: listening(port), f"listener on {port}")


def dpkg_state():
    return run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Version}", "reqmail", code=None, quiet=True).strip()


def waiting():
    return [path for path in QUEUE.glob("mess/*/*") if path.is_file()]


def mail_of(user):
    return sorted(pathlib.Path(f"/home/{user}/Maildir").glob("[cn]*/*"))


# --- the steps ---

def refusals():
    step("a qmail that is there already is not buried")
    (HOME / "queue/mess/0").mkdir(parents=True)
    (HOME / "queue/mess/0/23").write_text("a message")
    said = run("dpkg", "-i", PACKAGE, code=1)
    check("qmail-upgrade" in said and "INSTALL" in said and "mv /var/qmail" in said, "the refusal names both ways on")
    check((HOME / "queue/mess/0/23").read_text() == "a message" and not os.path.lexists("/var/lib/qmail"), "nothing was changed")
    check(not dpkg_state().startswith("ii") and not os.path.exists("/usr/sbin/qmail-queue"), "nothing was installed")
    shutil.rmtree(HOME)
    pathlib.Path("/var/lib/qmail/bin").mkdir(parents=True)
    pathlib.Path("/var/lib/qmail/bin/qmail-queue").write_text("old")
    said = run("dpkg", "-i", PACKAGE, code=1, quiet=True)
    check("/var/lib/qmail/bin has a qmail-queue" in said, "a qmail of old Debian in /var/lib/qmail neither")
    shutil.rmtree("/var/lib/qmail")
    (QUEUE / "mess/0").mkdir(parents=True)
    os.chown(QUEUE / "mess", 4711, 4711)
    check("does not belong to this host's qmailq" in run("dpkg", "-i", PACKAGE, code=1, quiet=True), "nor a queue of other ids")
    shutil.rmtree(QUEUE)
    run("dpkg", "--purge", "reqmail", code=None, quiet=True)


def installation():
    step("installation; fastforward is there before")
    run("dpkg", "-i", *pathlib.Path("/packages").glob("fastforward_*.deb"), quiet=True)
    pathlib.Path("/etc/mailname").write_text("example.org\n")
    run("dpkg", "-i", PACKAGE)
    check(dpkg_state().startswith("ii"), "the package is installed and configured")
    run(f"{SETUP}/instcheck.sh")
    check(all(pwd.getpwnam(name).pw_shell.endswith("nologin") for name in ACCOUNTS), "seven accounts without login")
    info = os.stat("/usr/sbin/qmail-queue")
    check((info.st_uid, stat.S_IMODE(info.st_mode)) == (pwd.getpwnam("qmailq").pw_uid, 0o4711), "qmail-queue is 4711 qmailq")
    check(stat.S_ISFIFO(os.stat(HOME / "queue/lock/trigger").st_mode), "the trigger was made")
    check(os.path.samefile("/var/qmail", "/var/lib/qmail"), "/var/qmail and /var/lib/qmail are one place")
    check((CONTROL / "me").read_text() == "mail.example.org\n" and (HOME / "control/me").is_file(), "control/me names the host")
    check((CONTROL / "rcpthosts").read_text().split() == ["mail.example.org", "example.org"], "the host is no open relay")
    check("fastforward" in (HOME / "alias/.qmail-default").read_text(), "fastforward's alias is in effect")
    before = {path: path.read_bytes() for path in CONTROL.rglob("*") if path.is_file()}
    run("dpkg-reconfigure", "-u", "reqmail", code=None, quiet=True)
    run("dpkg", "-i", PACKAGE, quiet=True)
    check(before == {path: path.read_bytes() for path in CONTROL.rglob("*") if path.is_file()}, "installed again: no setting changed")
    run(f"{SETUP}/instcheck.sh", quiet=True)


def interface():
    step("what other packages call")
    for name in ("/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/bin/mailq"):
        check(os.path.samefile(name, HOME / "bin/sendmail"), f"{name} is ours")
    run("newaliases", code=None)
    check("mail-transport-agent" in run("dpkg-query", "-W", "-f", "${Provides}", "reqmail", quiet=True), "a mail-transport-agent is provided")


def accounts():
    step("users and a certificate")
    run("useradd", "--create-home", "alice", quiet=True)
    run("chpasswd", feed=f"alice:{ALICE}\n", quiet=True)
    run("su", "alice", "-c", "cd; [ -d Maildir ] || /var/qmail/bin/maildirmake Maildir", quiet=True)
    run("useradd", "--create-home", "vmail", quiet=True)
    run("su", "vmail", "-c", "cd; [ -d Maildir ] || /var/qmail/bin/maildirmake Maildir", quiet=True)
    run("/var/qmail/bin/qmail-newpasswd", "add", "boris@example.org", "vmail", "/home/vmail", feed=f"{BORIS}\n")
    check(stat.S_IMODE(os.stat(CONTROL / "users/passwd.cdb").st_mode) == 0o600, "a user of qmail's own, in a file that root alone reads")
    run("/var/qmail/bin/qmail-cert", "make")
    run("/var/qmail/bin/qmail-cert", "check", code=None)
    info = os.stat(HOME / "control/servercert.pem")
    check((stat.S_IMODE(info.st_mode), info.st_uid) == (0o640, pwd.getpwnam("qmaild").pw_uid), "the key is for qmaild alone")


def submit(port, user, password, sender, recipient, text):
    context = ssl.create_default_context(cafile=HOME / "control/servercert.pem")
    client = smtplib.SMTP_SSL("mail.example.org", port, context=context) if port == 465 else smtplib.SMTP("mail.example.org", port)
    client._host = "mail.example.org"
    if port != 465:
        client.starttls(context=context)
    client.login(user, password)
    client.sendmail(sender, recipient, text)
    version = client.sock.version()
    client.quit()
    return version


def mail():
    step("a message over TLS with AUTH: in by submission, out by POP3")
    pathlib.Path("/etc/hosts").write_text("127.0.0.1 localhost\n127.0.0.1 mail.example.org mail\n")
    serve()
    text = "From: alice@example.org\r\nTo: alice@example.org\r\nSubject: {}\r\n\r\n.dot\r\nbody\r\n"
    version = submit(587, "alice", ALICE, "alice@example.org", ["alice@example.org"], text.format("first"))
    check(version == "TLSv1.3", f"STARTTLS on 587 ({version}), AUTH as alice (a system account)")
    wait_for(lambda: len(mail_of("alice")) == 1, "message in alice's maildir")
    got = mail_of("alice")[0].read_text()
    check("with ESMTPSA (TLS_" in got and "\n\n.dot\nbody\n" in got, "it arrived, and Received tells how: ESMTPSA")
    print("     " + "\n     ".join(got.split("\n\n")[0].splitlines()))
    submit(465, "boris@example.org", BORIS, "boris@example.org", ["alice@example.org"], text.format("second"))
    wait_for(lambda: len(mail_of("alice")) == 2, "second message")
    check(True, "TLS from the first byte on 465, AUTH as boris@example.org (users/passwd)")
    # A message of the current second is not listed, in netqmail's maildirs too.
    wait_for(lambda: time.time() >= max(path.stat().st_mtime for path in mail_of("alice")) // 1 + 1, "next second")
    box = poplib.POP3_SSL("mail.example.org", 995, context=ssl.create_default_context(cafile=HOME / "control/servercert.pem"))
    box.user("alice")
    box.pass_(ALICE)
    print(f"     {box.stat()} {box.list()}")
    subjects = {line for number in range(box.stat()[0]) for line in box.retr(number + 1)[1] if line.startswith(b"Subject: ")}
    check(subjects == {b"Subject: first", b"Subject: second"}, f"POP3 over TLS on 995 ({box.sock.version()}) gives both: {sorted(subjects)}")
    box.dele(1)
    box.quit()
    wait_for(lambda: len(mail_of("alice")) == 1, "removal")

    step("what is refused")
    for name, port, doing, code in (
            ("a wrong password", 587, lambda client: (client.starttls(context=ssl._create_unverified_context()),
                                                      client.login("alice", "wrong")), 535),
            ("a password without TLS", 587, lambda client: (client.ehlo(), client.docmd(
                "AUTH PLAIN", base64.b64encode(f"\0alice\0{ALICE}".encode()).decode())), 538),
            ("mail without AUTH on 587", 587, lambda client: (client.ehlo(), client.docmd("MAIL FROM:<x@example.net>")), 530),
            ("relaying on 25", 25, lambda client: (client.ehlo(), client.docmd("MAIL FROM:<x@example.net>"),
                                                   client.docmd("RCPT TO:<y@example.com>")), 553)):
        client = smtplib.SMTP("mail.example.org", port)
        try:
            replies = doing(client)
            found = replies[-1][0]
        except smtplib.SMTPAuthenticationError as error:
            found = error.smtp_code
        check(found == code, f"{name}: {found}")
        client.close()

    step("mail from programs, and to root")
    run("/usr/sbin/sendmail", "-t", feed="From: root\nTo: alice\nSubject: third\n\nx\n")
    wait_for(lambda: len(mail_of("alice")) == 2, "message from sendmail -t")
    reader = (HOME / "alias/.qmail-root").read_text()
    run("/usr/lib/sendmail", "root", feed="Subject: to root\n\nx\n")
    wait_for(lambda: not waiting(), "empty queue")
    check(True, f"mail to root was delivered (.qmail-root: {reader.strip()})")
    run("mailq")
    pathlib.Path("/etc/aliases").write_text("sales: alice\n")
    run("newaliases")
    run("/usr/sbin/sendmail", "sales", feed="Subject: to sales\n\nx\n")
    wait_for(lambda: len(mail_of("alice")) == 3, "message by fastforward")
    check(True, "an alias of /etc/aliases, by fastforward")


def upgrade():
    step("upgrade with a message in the queue")
    (CONTROL / "smtproutes").write_text(":127.0.0.1:9\n")
    run("/usr/sbin/sendmail", "-f", "alice@example.org", "bob@example.net", feed="Subject: waits\n\nx\n")
    wait_for(lambda: len(waiting()) == 1 and "deferral" in "".join(path.read_text() for path in pathlib.Path("/tmp").glob("*.log"))
             or len(waiting()) == 1 and not list(QUEUE.glob("todo/*")), "deferred message")
    number = waiting()[0].name
    (CONTROL / "me").write_text("mx.example.org\n")
    lock = os.stat(QUEUE / "lock/sendmutex").st_ino
    run("dpkg", "--unpack", NEXT, quiet=True)
    info = os.stat("/usr/sbin/qmail-queue")
    check((info.st_uid, stat.S_IMODE(info.st_mode)) == (pwd.getpwnam("qmailq").pw_uid, 0o4711),
          "unpacked, not yet configured: qmail-queue can queue")
    run("/usr/sbin/sendmail", "-f", "alice@example.org", "bob@example.net", feed="Subject: in between\n\nx\n")
    run("dpkg", "--configure", "reqmail")
    check(dpkg_state().endswith("+next"), dpkg_state())
    check(number in [path.name for path in waiting()] and len(waiting()) == 2, "both messages wait still")
    check(os.stat(QUEUE / "lock/sendmutex").st_ino == lock, "the lock of the running qmail-send is the same file")
    check((CONTROL / "me").read_text() == "mx.example.org\n", "settings are as they were left")
    run("/var/qmail/bin/qmail-qread")
    run(f"{SETUP}/instcheck.sh")


def removal(before):
    step("removal keeps settings and queue")
    stop_all()
    run("dpkg", "--remove", "reqmail")
    check(not os.path.exists("/usr/sbin/qmail-queue") and not os.path.lexists("/usr/sbin/sendmail"), "the programs are gone")
    check((CONTROL / "me").is_file() and len(waiting()) == 2, "settings and queue are there")
    run("dpkg", "-i", PACKAGE, quiet=True)
    check((CONTROL / "me").read_text() == "mx.example.org\n" and len(waiting()) == 2, "installed again: both are in use")
    run(f"{SETUP}/instcheck.sh")

    step("purge keeps mail that waits, and says so")
    said = run("dpkg", "--purge", "reqmail")
    check("2 messages wait in /var/spool/qmail" in said and len(waiting()) == 2, "the messages are kept")
    check(not CONTROL.exists(), "settings are gone")

    step("fastforward after; mail delivered; purge leaves nothing")
    run("dpkg", "--purge", "fastforward", quiet=True)
    run("dpkg", "-i", PACKAGE, quiet=True)
    run("dpkg", "-i", *pathlib.Path("/packages").glob("fastforward_*.deb"), *pathlib.Path("/packages").glob("dot-forward_*.deb"), quiet=True)
    check((HOME / "bin/fastforward").exists() and (HOME / "bin/dot-forward").exists()
          and "fastforward" in (HOME / "alias/.qmail-default").read_text(), "fastforward and dot-forward after us find their places")
    run(f"{SETUP}/instcheck.sh", quiet=True)
    (CONTROL / "virtualdomains").write_text("example.net:alice\n")
    start("qmail-start", "./Maildir/", "splogger", "qmail")
    count = len(mail_of("alice"))
    (CONTROL / "smtproutes").unlink(missing_ok=True)
    pathlib.Path("/home/alice/.qmail-default").write_text("./Maildir/\n")
    run("chown", "alice:", "/home/alice/.qmail-default", quiet=True)
    run("/usr/sbin/sendmail", "alice", feed="Subject: last\n\nx\n")
    wait_for(lambda: len(mail_of("alice")) > count, "last message")
    # The two of before were addressed before virtualdomains: they stay remote, so they are taken out by hand.
    stop_all()
    for path in waiting():
        for kind in ("mess", "info", "remote", "local"):
            (QUEUE / kind / path.parent.name / path.name).unlink(missing_ok=True)
    for name in os.listdir(HOME / "alias"):
        if not name.startswith(".qmail"):
            shutil.rmtree(HOME / "alias" / name, ignore_errors=True)
            (HOME / "alias" / name).unlink(missing_ok=True)
    run("dpkg", "--purge", "reqmail")
    check(os.path.exists("/var/lib/qmail/bin/fastforward"), "fastforward's own links are left to it")
    run("dpkg", "--purge", "fastforward", "dot-forward", quiet=True)
    left = files() - before
    ours = {"/etc/mailname", "/etc/aliases", "/etc/aliases.cdb", "/var/mail/alice", "/var/mail/vmail", "/var/spool/mail/alice"}
    check(not left - ours, f"left of it all: {sorted(left - ours)}")
    lost = before - files()
    check(not lost, f"nothing else is missing: {sorted(lost)}")
    overrides = run("dpkg-statoverride", "--list", code=None, quiet=True)
    check("qmail" not in overrides, "no override is left")
    check(all(pwd.getpwnam(name) for name in ACCOUNTS), "the accounts stay, files may still be theirs")


def main():
    before = files()
    refusals()
    check(files() == before, "the refusals left nothing")
    installation()
    interface()
    accounts()
    mail()
    upgrade()
    removal(before)
    print("\nall right")


if __name__ == "__main__":
    main()
