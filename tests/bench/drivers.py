"""The programs and sessions that give mail to a system and take it from there. None of them counts as the system's processor time."""

import os
import socket
import ssl
import sys
import time

import packages
from arena import wait
from systems import ADDRESS, SENDER, SINK_PORT

NAME = "client.example"
BODY = (b"x" * 70 + b"\r\n") * 56  # with its header a message has about 4 KiB


class PostfixDrivers:
    """smtp-source(1) and smtp-sink(1) of Postfix."""

    def __init__(self, arena, root):
        self.arena, self.root = arena, root
        self.environment = {"LD_LIBRARY_PATH": packages.library_path(root)}

    def source(self, count, sessions, recipient, reuse=False):
        """Sends `count` messages of 4 KiB by so many sessions at once; returns when it began and when all were accepted."""
        began = time.monotonic()
        self.arena.finish(self.arena.spawn(
            [self.root / "usr/sbin/smtp-source", "-s", str(sessions), "-m", str(count), "-l", "4096", "-M", NAME, "-f", SENDER, "-t", recipient,
             *(["-d"] if reuse else []), f"{ADDRESS[0]}:{ADDRESS[1]}"], "source", env=self.environment))
        return began, time.monotonic()

    def sink(self, count=None):
        """Accepts all mail on every address; with a count it ends after so many messages, maybe before it has answered the last one."""
        process = self.arena.spawn([self.root / "usr/sbin/smtp-sink", "-u", "nobody", *(["-M", str(count)] if count else []), f"0.0.0.0:{SINK_PORT}",
                                    "1000"], "sink", env=self.environment)
        needle = f":{SINK_PORT:04X} "
        wait(lambda: needle in open("/proc/net/tcp", encoding="ascii").read(), 10, what="smtp-sink")
        return process


class Session:
    """An SMTP session without a library's delays: one write a command."""

    def __init__(self):
        self.socket = socket.create_connection(ADDRESS, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.reply()

    def reply(self):
        """All lines of a reply, which must not be a refusal."""
        text = b""
        while True:
            line = self.file.readline()
            text += line
            if line[3:4] != b"-":
                break
        if line[:1] not in (b"2", b"3"):
            sys.exit(f"the system said {line!r}")
        return text

    def say(self, command):
        self.socket.sendall(command + b"\r\n")
        return self.reply()

    def start_tls(self, context, session):
        self.say(b"STARTTLS")
        self.socket = context.wrap_socket(self.socket, server_hostname=NAME, session=session)
        self.file = self.socket.makefile("rb")

    def message(self, recipients, window=1):
        """One message to all of them, so many RCPT commands at once."""
        self.say(f"MAIL FROM:<{SENDER}>".encode())
        for begin in range(0, len(recipients), window):
            some = recipients[begin:begin + window]
            self.socket.sendall("".join(f"RCPT TO:<{one}>\r\n" for one in some).encode())
            for _ in some:
                self.reply()
        self.say(b"DATA")
        self.say(b"Subject: x\r\n\r\n" + BODY + b".")

    def quit(self):
        self.socket.sendall(b"QUIT\r\n")

    def close(self):
        self.file.close()
        self.socket.close()


def one_message(recipient):
    """A session of its own; returns when it began and when the message was accepted."""
    began = time.monotonic()
    session = Session()
    session.say(f"EHLO {NAME}".encode())
    session.message([recipient])
    accepted = time.monotonic()
    session.quit()
    return began, accepted, session


def tls_client(count, resume, recipient):
    """In a process of its own: `count` connections with STARTTLS and one message each; returns the pid. It exits 1 if a handshake was not
    as wanted: the first one full, the others resumed or not."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        known = None
        for number in range(count):
            session = Session()
            session.say(f"EHLO {NAME}".encode())
            session.start_tls(context, known)
            session.say(f"EHLO {NAME}".encode())
            session.message([recipient])
            if session.socket.session_reused != bool(resume and number):
                sys.exit(f"resumed: {session.socket.session_reused}")
            if resume:
                known = session.socket.session
            session.quit()
            session.close()
        code = 0
    finally:
        os._exit(code)
