"""Our servers behind tcpserver on a port of a test's loopback interface."""

from __future__ import annotations

import pwd
import socket
import subprocess
import time

from conformlib.process import PATIENCE


def listen(box, port: int, command: list[str], variables: dict[str, str] | None = None, user: str | None = "qmaild",
           address: str = "127.0.0.1") -> subprocess.Popen:
    """Runs `command`, a program of the installation with its arguments, as `user` (None for root), until the test ends."""
    account = pwd.getpwnam(user) if user else None
    as_whom = ["-u", str(account.pw_uid), "-g", str(account.pw_gid)] if account else []
    listener = subprocess.Popen(["tcpserver", "-H", "-R", "-l", "host.example.org", *as_whom, address, str(port),
                                 box.program(command[0]), *command[1:]], env=box.env | (variables or {}), cwd="/", stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 10 * PATIENCE
    while True:
        try:
            socket.create_connection((address, port), timeout=2).close()
            return listener
        except ConnectionRefusedError:
            assert time.monotonic() < deadline and listener.poll() is None, "nobody listens"
            time.sleep(0.02)
