#!/usr/bin/env python3
"""The container's recipe without a container engine: run by check-packages in a chroot in which the steps of the last stage of
packaging/container/Dockerfile were done. Starts its entry point, sends mail over TLS with AUTH, ends it as an engine does."""

import pathlib
import signal
import smtplib
import ssl
import subprocess
import sys
import time

HOME = pathlib.Path("/var/qmail")
PASSWORD = "correct horse battery"


def check(condition, text):
    if not condition:
        sys.exit(f"WRONG: {text}")
    print(f"   ok: {text}", flush=True)


def wait_for(condition, what, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.2)
    print(pathlib.Path("/tmp/log").read_text())
    sys.exit(f"WRONG: no {what} within {seconds} s")


def begin():
    return subprocess.Popen(["/usr/local/sbin/start"], stdin=subprocess.DEVNULL, stdout=open("/tmp/log", "ab"),
                            stderr=subprocess.STDOUT)


def greeted(port):
    client = smtplib.SMTP("127.0.0.1", port, timeout=5)
    client.quit()
    return True


def finish(process):
    process.send_signal(signal.SIGTERM)
    check(process.wait(60) == 0, "TERM ends it, with exit code 0")
    # Orphans that nobody has waited for are not running; an engine's init, or start as the first process, does that.
    states = subprocess.run(["ps", "-eo", "stat=,comm="], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    left = [line for line in states if line[0] != "Z" and any(name in line for name in ("qmail", "supervise", "svscan", "tcpserver"))]
    check(not left, f"nothing runs any more {left}")


def main():
    subprocess.run(["useradd", "--create-home", "alice"], check=True)
    subprocess.run(["chpasswd"], input=f"alice:{PASSWORD}\n", text=True, check=True)
    subprocess.run(["su", "alice", "-c", "/var/qmail/bin/maildirmake ~/Maildir"], check=True)
    # Volumes of a new container are empty.
    for name in ("queue", "control", "users"):
        subprocess.run(["find", str(HOME / name), "-mindepth", "1", "-delete"], check=False)
    process = begin()
    for port in (25, 587):
        wait_for(lambda port=port: greeted(port), f"greeting on {port}")
    check((HOME / "control/me").read_text() == "mail.example.org\n", "the first start wrote control files")
    client = smtplib.SMTP("mail.example.org", 587)
    client.starttls(context=ssl._create_unverified_context())
    client.login("alice", PASSWORD)
    client.sendmail("alice@mail.example.org", ["alice@mail.example.org"], "Subject: from inside\r\n\r\nx\r\n")
    client.quit()
    new = wait_for(lambda: list(pathlib.Path("/home/alice/Maildir/new").glob("*")), "message")
    check("with ESMTPSA" in new[0].read_text(), "submission over TLS with AUTH, delivered to the maildir")
    finish(process)
    settings = (HOME / "control/servercert.pem").read_bytes()
    process = begin()
    wait_for(lambda: greeted(25), "greeting on 25 after the second start")
    check((HOME / "control/servercert.pem").read_bytes() == settings, "the second start keeps what the volumes have")
    finish(process)
    print("\nall right")


if __name__ == "__main__":
    main()
