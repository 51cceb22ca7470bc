"""A session in a process that qmail-listen forks: it must be what an executed qmail-smtpd is, in each thing that can be seen, and
follow changes of files as one would."""

import os
import pwd
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from test_listen import Server, rules
from test_local_children import memory_of, peculiar, plain, seen_of, wait_for
from tls_client import Authority, context, install

NAME = "host.example.org"
SMTPD = "/var/qmail/bin/qmail-smtpd"


def as_qmaild():
    account = pwd.getpwnam("qmaild")
    return ["-u", str(account.pw_uid), "-g", str(account.pw_gid)]


def other_release(box):
    """A qmail-smtpd that does the same and is of another release, so that it is executed."""
    text = Path(SMTPD).read_bytes()
    mark = re.search(rb"reqmail program qmail-smtpd of version [^\0]*\0", text).group()
    os.makedirs("/mnt/other", exist_ok=True)
    path = box.file("/mnt/other/qmail-smtpd", text.replace(mark, mark[:-2] + b"!\0"), mode=0o755)
    return str(path)


class Client:
    """A client of a session, in clear or in TLS."""

    def __init__(self, server, greets=True, **more):
        self.socket = server.connect(**more)
        self.stream = self.socket.makefile("rb")
        self.greeting = self.reply() if greets else None

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == b"-":
            lines.append(self.stream.readline())
        return b"".join(lines).decode().replace("\r\n", "\n").rstrip("\n")

    def say(self, command):
        self.socket.sendall(command.encode() + b"\r\n")
        return self.reply()

    def handshake(self, with_context=None, session=None, name=None):
        self.socket = (with_context or context()).wrap_socket(self.socket, server_hostname=name, session=session)
        self.stream = self.socket.makefile("rb")
        return self

    def starttls(self, **more):
        assert self.say("STARTTLS") == "220 ready for tls"
        return self.handshake(**more)

    def mail(self):
        for command in ("EHLO c.example", "MAIL FROM:<a@b.example>", f"RCPT TO:<bob@{NAME}>", "DATA"):
            assert self.say(command)[0] in "23"
        return self.say("Subject: t\r\n\r\nhi\r\n.")


def child_of(server):
    """The process of the only connection, once those before it have ended."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    wait_for(lambda: len(children.read_text().split()) == 1)
    return int(children.read_text())


def exe_of(pid):
    return os.path.basename(os.readlink(f"/proc/{pid}/exe"))


@pytest.mark.parametrize("start", [plain, peculiar])
@pytest.mark.parametrize("tls", [False, True])
def test_a_session_is_what_the_executed_program_is(box, start, tls):
    if tls:
        install(box)
    found = []
    for program in (other_release(box), SMTPD):
        server = Server(box, "qmail-listen", as_qmaild(), [program], preexec_fn=start)
        client = Client(server)
        if tls:
            client.starttls()
        assert client.say("NOOP") == "250 ok"
        pid = child_of(server)
        wait_for(lambda pid=pid: "State:\tS" in Path(f"/proc/{pid}/status").read_text())
        seen = seen_of(pid)
        # The environment that the kernel shows is that of the listener.
        del seen["environment"]
        found.append((exe_of(pid), seen))
        client.socket.close()
    executed, forked = found
    suffix = "-tls" if tls else ""
    assert (executed[0], forked[0]) == (f"qmail-smtpd{suffix}", f"qmail-listen{suffix}")
    for seen in (executed[1], forked[1]):
        if tls:
            assert seen.pop("name").startswith("qmail-smtpd")
            assert seen["status"].pop(0).startswith("Name:\tqmail-smtpd")
    assert forked[1] == executed[1]
    assert forked[1]["directory"] == "/var/qmail" and sorted(forked[1]["files"]) == ["0", "1", "2"]


def test_what_the_queue_program_gets(box):
    """Its variables, limits, umask, directory, descriptors and signals."""
    box.control("rcpthosts", f"{NAME}\n")
    box.file("/mnt/queue", b"#!/bin/sh\n{ env | sort; ulimit -a; umask; pwd; ls /proc/self/fd; grep Sig[BIC] /proc/self/status; nice; } >>/tmp/seen\n"
             b"cat >/dev/null; cat <&1 >/dev/null; exit 0\n", mode=0o755)
    box.file("/tmp/seen", b"", mode=0o666)
    found = []
    for program in (other_release(box), SMTPD):
        Path("/tmp/seen").write_bytes(b"")
        server = Server(box, "qmail-listen", [*as_qmaild(), *rules(box, "127.:allow,FROMRULE=\"x\"\n")], [program],
                        env={"QMAILQUEUE": "/mnt/queue", "SOME": "thing"}, preexec_fn=peculiar)
        assert Client(server).mail().startswith("250 ok ")
        text = Path("/tmp/seen").read_text()
        found.append(re.sub(r"(?m)^(TCP\w+PORT|_|PPID)=.*$", r"\1=N", text))
    assert found[0] == found[1]
    for line in ("FROMRULE=x", "SOME=thing", "TCPREMOTEIP=127.0.0.1", "PROTO=TCP", "TCPLOCALHOST=here.example"):
        assert f"{line}\n" in found[1]


def test_received_and_the_end_of_a_session(box):
    box.control("rcpthosts", f"{NAME}\n")
    box.capture_queue()
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    client = Client(server)
    assert client.mail().startswith("250 ok ")
    assert client.say("QUIT").startswith("221 ") and client.stream.read() == b""
    server.lines_until(rb"end \d+ status 0\n")
    Client(server).socket.close()
    server.lines_until(rb"end \d+ status 256\n")
    (message, _, _), = box.captured()
    assert b"from unknown (HELO c.example) (127.0.0.1)\n  by here.example with SMTP; " in message


def greeting(server):
    client = Client(server)
    client.socket.close()
    return client.greeting


def test_control_files_count_for_the_next_connection(box):
    """At once, also if a file changes several times within the resolution of the clock, and after a pause."""
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    for pause in (0, 0.2):
        for name in ("one", "two", "six"):
            box.control("smtpgreeting", f"{name}.example\n")
            assert greeting(server) == f"220 {name}.example ESMTP"
        time.sleep(pause)
    for name in ("seven", "eight"):
        box.control("smtpgreeting.new", f"{name}.example\n")
        os.rename(box.path("control/smtpgreeting.new"), box.path("control/smtpgreeting"))
        assert greeting(server) == f"220 {name}.example ESMTP"
    os.unlink(box.path("control/smtpgreeting"))
    assert greeting(server) == f"220 {NAME} ESMTP"


def test_files_that_cannot_be_read_refuse_sessions(box):
    """As long as they cannot be read, as an executed qmail-smtpd does; the last one is read by sessions."""
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    for name in ("databytes", "rcpthosts", "dnsbllist"):
        box.control(name, "1\n")
        path = box.path(f"control/{name}")
        assert greeting(server).startswith("220 ")
        path.chmod(0)
        assert greeting(server) == "421 unable to read controls (#4.3.0)"
        server.lines_until(rb"end \d+ status 256\n")
        path.chmod(0o644)
        assert greeting(server).startswith("220 ")
    box.file("control/morercpthosts.cdb", b"", mode=0)
    assert greeting(server) == "421 unable to read controls (#4.3.0)"
    os.unlink(box.path("control/morercpthosts.cdb"))
    box.path("control").chmod(0o711)
    assert greeting(server).startswith("220 ")
    box.path("control").chmod(0)
    assert greeting(server) == "421 unable to read controls (#4.3.0)"
    box.path("control").chmod(0o755)
    assert greeting(server).startswith("220 ")


def test_morercpthosts(box):
    box.control("rcpthosts", "a.example\n")
    box.control("morercpthosts", "more.example\n")
    assert box.run(["qmail-newmrh"]).code == 0
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    for name, code in (("more.example", "250"), ("late.example", "553")):
        client = Client(server)
        client.say("MAIL FROM:<>")
        assert client.say(f"RCPT TO:<x@{name}>").startswith(code)
    box.control("morercpthosts", "late.example\n")
    assert box.run(["qmail-newmrh"]).code == 0
    client = Client(server)
    client.say("MAIL FROM:<>")
    assert client.say("RCPT TO:<x@late.example>").startswith("250")


def test_another_program_is_run_as_soon_as_it_is_there(box):
    assert box.run(["/bin/cp", "-a", str(box.path("bin")), "/mnt/bin"]).code == 0
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/bin", str(box.path("bin"))]).code == 0
    server = Server(box, "qmail-listen", as_qmaild(), ["qmail-smtpd"])
    assert greeting(server).startswith("220 ")
    own = box.path("bin/qmail-smtpd")
    os.rename(own, own.with_name("kept"))
    own.write_text("#!/bin/sh\necho 220 another program\n")
    own.chmod(0o755)
    assert greeting(server) == "220 another program"
    os.rename(own.with_name("kept"), own)
    client = Client(server)
    assert client.greeting == f"220 {NAME} ESMTP" and exe_of(child_of(server)) == "qmail-listen"
    # The same for TLS.
    install(box)
    box.path("bin/qmail-smtpd-tls").write_text("#!/bin/sh\necho 220 another program for TLS\n")
    client = Client(server)
    client.say("EHLO c")
    assert client.say("STARTTLS") == "220 another program for TLS"


def test_starttls_and_smtps(box):
    install(box)
    box.control("rcpthosts", f"{NAME}\n")
    box.capture_queue()
    client = Client(Server(box, "qmail-listen", as_qmaild(), [SMTPD]))
    assert "STARTTLS" in client.say("EHLO before.example")
    client.starttls()
    assert client.mail().startswith("250 ok ")
    client = Client(Server(box, "qmail-listen", as_qmaild(), [SMTPD], env={"SMTPS": "1"}), greets=False).handshake()
    assert client.reply() == f"220 {NAME} ESMTP" and client.mail().startswith("250 ok ")
    for message, _, _ in box.captured():
        assert b"before.example" not in message and re.search(rb"with ESMTPS \(\S+ encrypted\); ", message)


def certificate_of(client):
    return client.socket.getpeercert(binary_form=True)


def test_a_new_certificate_counts_for_the_next_connection(box):
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    assert "STARTTLS" not in Client(server).say("EHLO c")
    seen = set()
    for name in ("a.example", "b.example", "c.example"):
        pem = install(box, name)
        client = Client(server).starttls()
        assert certificate_of(client) == ssl.PEM_cert_to_DER_cert(re.search(r"-----BEGIN CERT.*?END CERT[^\n]*\n", pem.decode(), re.S).group(0))
        seen.add(certificate_of(client))
    assert len(seen) == 3
    box.file("control/servercert.pem", b"garbage", mode=0o640, owner="qmaild:qmail")
    client = Client(server)
    assert client.say("STARTTLS").startswith("454 TLS unable to find a certificate in control/servercert.pem")
    assert client.say("NOOP") == "250 ok"
    install(box, "c.example")
    Client(server).starttls()


def test_a_listener_becomes_the_one_with_tls(box):
    """When a certificate comes: the process, its sockets and its connections stay, and so does the program when the certificate goes."""
    server = Server(box, "qmail-listen", [*as_qmaild(), "-c", "3", "-C", "2"], [SMTPD])
    pid = server.process.pid
    first = Client(server)
    served = child_of(server)
    assert exe_of(pid) == "qmail-listen" and server.lines_until(rb"ok \d+").count(b"status: ") == 2
    install(box)
    second = Client(server)
    assert (exe_of(pid), exe_of(served)) == ("qmail-listen-tls", "qmail-listen")
    assert first.say("NOOP") == "250 ok"
    second.starttls()
    assert re.findall(rb"status: \S+", server.lines_until(rb"(?s)ok.*ok \d+")) == [b"status: 0/3", b"status: 1/3", b"status: 2/3"]
    # The first one counts.
    with server.connect() as third:
        assert third.recv(1) == b""
    server.lines_until(rb"too many connections from 127.0.0.1: 3/2\n")
    assert first.say("QUIT").startswith("221 ")
    server.lines_until(rb"end %d status 0\n" % served)
    os.unlink(box.path("control/servercert.pem"))
    client = Client(server)
    assert "STARTTLS" not in client.say("EHLO c") and client.say("QUIT").startswith("221 ")
    assert exe_of(pid) == "qmail-listen-tls" and server.process.pid == pid
    assert second.say("NOOP") == "250 ok"
    server.process.terminate()
    assert server.process.wait(10) == 0


def test_no_connection_is_lost_meanwhile(box):
    server = Server(box, "qmail-listen", [*as_qmaild(), "-c", "400"], [SMTPD])
    for turn in range(6):
        clients = [server.connect() for _ in range(15)]
        if turn == 2:
            install(box)
        for client in clients:
            assert client.recv(100).startswith(b"220 ")
            client.close()
        while server.received.count(b": end ") < 15 * (turn + 1):
            server.received += os.read(server.process.stderr.fileno(), 65536)
    assert exe_of(server.process.pid) == "qmail-listen-tls"
    assert server.received.count(b": ok ") == 90


def test_without_the_listener_with_tls_sessions_execute_a_program(box):
    """It is of another release, or cannot be executed."""
    assert box.run(["/bin/cp", "-a", str(box.path("bin")), "/mnt/bin"]).code == 0
    assert box.run(["/usr/bin/mount", "--bind", "/mnt/bin", str(box.path("bin"))]).code == 0
    path = box.path("bin/qmail-listen-tls")
    path.write_bytes(path.read_bytes().replace(b"reqmail program ", b"another program "))
    install(box)
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    client = Client(server).starttls()
    assert client.say("NOOP") == "250 ok" and exe_of(child_of(server)) == "qmail-smtpd-tls"
    assert exe_of(server.process.pid) == "qmail-listen"
    client = Client(Server(box, "qmail-listen", as_qmaild(), [SMTPD], env={"SMTPS": "1"}), greets=False).handshake()
    assert client.reply() == f"220 {NAME} ESMTP"


def test_names_and_ciphers_of_a_rule(box):
    install(box)
    install(box, "other.example", "control/servercerts/other.example/servercert.pem")
    server = Server(box, "qmail-listen", [*as_qmaild(), *rules(box, "127.:allow,TLSCIPHERS=\"ECDHE-RSA-AES256-GCM-SHA384:"
                                                             "ECDHE-ECDSA-AES256-GCM-SHA384\"\n")], [SMTPD])
    client = Client(server).starttls(with_context=context(version="TLSv1_2"))
    assert client.socket.cipher()[0].endswith("-AES256-GCM-SHA384")
    one, other = (certificate_of(Client(server).starttls(name=name)) for name in (NAME, "other.example"))
    assert one != other


def ticket_key(number):
    return bytes([number]) * 80


def visit(server, session=None):
    """One connection; returns whether it resumed the session, and its own session."""
    client = Client(server)
    with_context = visit.context
    client.starttls(with_context=with_context, session=session)
    assert client.say("NOOP") == "250 ok"
    result = client.socket.session_reused, client.socket.session
    assert client.say("QUIT").startswith("221 ")
    return result


def test_sessions_are_resumed_with_rotated_keys(box):
    install(box)
    visit.context = context()
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    assert not visit(server)[1].has_ticket

    def keys(*numbers):
        box.file("control/tlsticketkey", b"".join(ticket_key(number) for number in numbers), mode=0o640, owner="qmaild:qmail")
    keys(1)
    reused, first = visit(server)
    assert not reused and first.has_ticket
    assert visit(server, first)[0]
    keys(2, 1)
    reused, second = visit(server, first)
    assert reused
    keys(3, 2)
    assert not visit(server, first)[0]
    assert visit(server, second)[0]
    os.unlink(box.path("control/tlsticketkey"))
    assert not visit(server, second)[0]


def test_keys_of_tickets_are_not_kept(box):
    """Neither in the process of a session after its handshake nor, when they were replaced, in the listener."""
    install(box)
    key = os.urandom(80)
    box.file("control/tlsticketkey", key, mode=0o640, owner="qmaild:qmail")
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    client = Client(server).starttls()
    assert client.say("NOOP") == "250 ok"
    assert key[48:] in b"".join(memory_of(server.process.pid))
    assert key[48:] not in b"".join(memory_of(child_of(server)))
    box.file("control/tlsticketkey", os.urandom(80), mode=0o640, owner="qmaild:qmail")
    assert client.say("QUIT").startswith("221 ")
    server.lines_until(rb"end \d+ status ")
    assert Client(server).say("NOOP") == "250 ok"
    assert key[48:] not in b"".join(memory_of(server.process.pid))


def test_clients_with_certificates(box):
    install(box)
    authority = Authority("ca.example")
    box.file("control/clientca.pem", authority.certificate)
    box.control("tlsclients", "known@client.example\n")
    box.control("rcpthosts", f"{NAME}\n")
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    pem = authority.client("/CN=x/emailAddress=known@client.example")
    for with_context, code in ((context(client=pem), "250"), (context(), "553")):
        client = Client(server).starttls(with_context=with_context)
        client.say("EHLO c")
        client.say("MAIL FROM:<>")
        assert client.say("RCPT TO:<x@elsewhere.example>").startswith(code)


def test_the_user_cannot_look_into_the_listener(box):
    """It has the key, as a session in TLS has."""
    install(box)
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    client = Client(server)
    look = "import sys; open(f'/proc/{sys.argv[1]}/mem', 'rb')"
    for pid in (server.process.pid, child_of(server)):
        done = subprocess.run(["/usr/bin/python3", "-c", look, str(pid)], user="qmaild", group="nofiles", extra_groups=[], stderr=subprocess.PIPE,
                              check=False, text=True)
        assert "PermissionError" in done.stderr
    client.socket.close()


def test_killed_sessions_and_the_listener(box):
    server = Server(box, "qmail-listen", as_qmaild(), [SMTPD])
    first, second = Client(server), None
    os.kill(child_of(server), 9)
    assert first.stream.read() == b""
    server.lines_until(rb"end \d+ status 9\n")
    second = Client(server)
    server.process.kill()
    server.process.wait()
    assert second.say("NOOP") == "250 ok"
    assert isinstance(second.socket, socket.socket)
