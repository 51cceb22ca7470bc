"""qmail-smtpd behind the listeners that hosts use: tcpserver with recordio and rblsmtpd, and a service manager that hands
over the accepted connection as descriptors 0 and 1 (systemd's Accept=yes with StandardInput=socket, inetd)."""

import socket
import subprocess
import threading

import pytest

MESSAGE = b"Subject: x\r\n\r\nhi\r\n.\r\n"


def talk(address, helo=b"client.example.net"):
    """Sends one message from connect to QUIT and returns the replies, one line each."""
    replies = []
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as stream:
        def read():
            while True:
                line = stream.readline()
                replies.append(line)
                if line[3:4] != b"-":
                    return
        read()
        for step in (b"EHLO " + helo, b"MAIL FROM:<s@a.example>", b"RCPT TO:<bob@host.example.org>", b"DATA"):
            connection.sendall(step + b"\r\n")
            read()
        connection.sendall(MESSAGE)
        read()
        connection.sendall(b"QUIT\r\n")
        read()
    return replies


def wait_until_listening(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            threading.Event().wait(0.02)
    raise AssertionError("nobody listens")


@pytest.mark.parametrize("wrapper", [[], ["recordio"], ["rblsmtpd", "-r", "none.example.org"]], ids=lambda w: w[0] if w else "plain")
def test_tcpserver(box, wrapper):
    box.dns({})
    listener = subprocess.Popen(
        ["tcpserver", "-H", "-R", "-l", "host.example.org", "127.0.0.1", "2525", *wrapper, "/var/qmail/bin/qmail-smtpd"],
        env=box.env | {"RELAYCLIENT": ""}, stderr=subprocess.PIPE)
    try:
        wait_until_listening(2525)
        replies = talk(("127.0.0.1", 2525))
    finally:
        listener.terminate()
        record = listener.stderr.read()
    assert replies[0] == b"220 host.example.org ESMTP\r\n"
    assert replies[-2].startswith(b"250 ok ") and replies[-1] == b"221 host.example.org\r\n"
    if wrapper == ["recordio"]:
        assert b"< EHLO client.example.net" in record and b"> 221 host.example.org" in record
    (message,) = [entry["content"] for name, entry in box.queue_tree().items() if name.startswith("mess/")]
    assert "from unknown (HELO client.example.net) (127.0.0.1)" in str(message)


@pytest.mark.parametrize("through", [[], ["/var/qmail/bin/tcp-env", "-R"]], ids=["bare", "tcp-env"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_accepted_connection_as_descriptors(box, address, through):
    """Without tcp-env TCPREMOTEIP is not set: no client may relay, and Received says unknown."""
    box.dns({})
    box.control("rcpthosts", "host.example.org\n")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 2525), family=family) as server:
        def serve():
            connection, _ = server.accept()
            with connection:
                subprocess.run([*through, "/var/qmail/bin/qmail-smtpd"], stdin=connection, stdout=connection, env=box.env,
                               check=False)
        thread = threading.Thread(target=serve)
        thread.start()
        replies = talk((address, 2525))
        thread.join()
    assert replies[-2].startswith(b"250 ok "), replies
    (message,) = [entry["content"] for name, entry in box.queue_tree().items() if name.startswith("mess/")]
    known = address if through else "unknown"
    assert f"from unknown (HELO client.example.net) ({known})" in str(message)
