"""The demonstration of ./bootstrap demo: the real daemons in private namespaces, sent to by a real SMTP client: one message to a
local user through port 25, one to a remote domain that speaks TLS through the submission port, after a login inside TLS. Exit 0
only if both arrived byte for byte, the second encrypted all the way.

demo.py [--stay]. Needs root and a built checkout. Nothing of the host is touched: mounts, processes, network and the files of
/etc are private, and everything dies with the demonstration.
"""

from __future__ import annotations

import ast
import os
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from conformlib import sandbox, users  # noqa: E402

HOME = sandbox.HOME
DOMAIN, REMOTE, REMOTE_IP, REMOTE_PORT = "demo.example.org", "remote.example", "192.0.2.10", 25
REMOTE_NAME = f"mx.{REMOTE}"
LOGIN, PASSWORD = f"alice@{DOMAIN}", "only for the demonstration"
SMTP, SUBMISSION = 25, 587
CERTIFICATE, REMOTE_PAIR = HOME / "control/servercert.pem", Path("/tmp/remote.pem")
LOG, AUTH_LOG = Path("/tmp/qmail-send.log"), Path("/tmp/qmail-smtpd.log")
BODY = """Mime-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n
A line.
.A line that begins with a dot.
From here on: nothing special, and a last line.
"""
WAIT = 20.0


def title(text: str) -> None:
    print(f"\n=== {text} ===", flush=True)


def wait_for(condition, what: str):
    deadline = time.monotonic() + WAIT
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise SystemExit(f"demo: waited {WAIT:.0f} s for {what}\n{LOG.read_text() if LOG.exists() else ''}")
        time.sleep(0.02)
    return found


class RemoteHost(threading.Thread):
    """The mail server of the remote domain, with STARTTLS; keeps the data as received, without the added dots."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.received: bytes | None = None
        self.encrypted = False
        self.dialogue: list[str] = []
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(REMOTE_PAIR)
        self.listener = socket.create_server((REMOTE_IP, REMOTE_PORT))

    def run(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            self._say_greeting(connection)
            with connection:
                connection = self._session(connection)
                if connection is not None:
                    with connection:
                        self._session(connection)

    def _say(self, stream, text: str) -> None:
        self.dialogue.append(f"S: {text}")
        stream.write(text.encode() + b"\r\n")
        stream.flush()

    def _say_greeting(self, connection: socket.socket) -> None:
        with connection.makefile("wb") as stream:
            self._say(stream, f"220 {REMOTE_NAME} ESMTP")

    def _session(self, connection: socket.socket) -> socket.socket | None:
        """Continues the session on the same connection with TLS, if the client asked for it."""
        encrypted = isinstance(connection, ssl.SSLSocket)
        with connection.makefile("rwb") as stream:
            for line in stream:
                command = line.decode("latin-1").rstrip("\r\n")
                self.dialogue.append(f"C: {command}")
                verb = command.upper()
                if verb.startswith("EHLO"):
                    self._say(stream, f"250{' ' if encrypted else '-'}{REMOTE_NAME}")
                    if not encrypted:
                        self._say(stream, "250 STARTTLS")
                elif verb == "STARTTLS" and not encrypted:
                    self._say(stream, "220 go ahead")
                    made = self.tls.wrap_socket(connection, server_side=True)
                    self.dialogue.append(f"-- {made.version()}, {made.cipher()[0]}")
                    return made
                elif verb == "DATA":
                    self._say(stream, "354 go ahead")
                    lines = []
                    while (data := stream.readline()) not in (b".\r\n", b""):
                        lines.append(data[1:] if data.startswith(b".") else data)
                    self.received, self.encrypted = b"".join(lines), encrypted
                    self._say(stream, "250 kept")
                elif verb == "QUIT":
                    self._say(stream, "221 bye")
                    return None
                else:
                    self._say(stream, "250 ok")
        return None


class Client(smtplib.SMTP):
    """smtplib with its dialogue printed."""

    def _print_debug(self, *args) -> None:
        kind, data = str(args[0]), args[1] if len(args) > 1 else b""
        if kind not in ("send:", "reply:") or not isinstance(data, (str, bytes)):
            return
        data = ast.literal_eval(data) if isinstance(data, str) else data
        text = data if isinstance(data, str) else data.decode("latin-1")
        for line in text.splitlines():
            if line.startswith("AUTH ") and kind == "send:":
                line = " ".join(line.split()[:2]) + " (login and password)"
            print(f"{'C' if kind == 'send:' else 'S'}: {line}", flush=True)


def prepare(place: Path) -> None:
    """Sets up the machine as pid 1 of the new namespaces, with the installation as its /var/qmail."""
    os.umask(0o022)
    sandbox.mount("none", "/", flags=sandbox.MS_REC | sandbox.MS_PRIVATE)
    sandbox.mount("proc", "/proc", "proc")
    sandbox._network()
    socket.sethostname(DOMAIN)
    installed = os.open(place / "var/qmail", os.O_PATH)
    if not HOME.is_dir():
        sandbox._make_room(HOME)
    sandbox.mount(f"/proc/self/fd/{installed}", HOME, flags=sandbox.MS_BIND)
    for directory, mode in (("/tmp", "1777"), ("/home", "0755"), (sandbox.PRIVATE, "0755")):
        sandbox.mount("tmpfs", directory, "tmpfs", data=f"mode={mode}")
    sandbox._etc()
    for name in ("alice", "bob"):
        os.mkdir(f"/home/{name}", 0o755)
        os.chown(f"/home/{name}", *users.owner_ids(name))


def configure() -> None:
    control = {"me": DOMAIN, "locals": DOMAIN, "rcpthosts": DOMAIN, "smtproutes": f"{REMOTE}:{REMOTE_IP}:{REMOTE_PORT}"}
    for name, text in control.items():
        (HOME / "control" / name).write_text(text + "\n")
    title("certificates (qmail-cert), a user with a password (qmail-newpasswd)")
    ours = HOME / "bin/qmail-cert"
    subprocess.run([ours, "make"], check=True)
    subprocess.run([ours, "make", "-s", REMOTE_NAME], check=True)  # of the stand-in
    shutil.move(HOME / f"control/servercerts/{REMOTE_NAME}/servercert.pem", REMOTE_PAIR)
    shutil.rmtree(HOME / "control/servercerts")
    subprocess.run([HOME / "bin/qmail-newpasswd", "add", LOGIN, "alice", "/home/alice"], input=PASSWORD.encode() + b"\n", check=True)
    subprocess.run([HOME / "bin/qmail-newpasswd", "list"], check=True)
    alice = users.USERS["alice"]
    subprocess.run([HOME / "bin/maildirmake", "/home/alice/Maildir"], user=alice.uid, group=alice.gid, extra_groups=[], check=True)
    rules = subprocess.run(["tcprules", "/tmp/tcp.smtp.cdb", "/tmp/tcp.smtp.tmp"], input=b'127.:allow,RELAYCLIENT=""\n:allow\n',
                           check=False)
    if rules.returncode != 0:
        raise SystemExit("demo: tcprules failed")
    os.chmod("/tmp/tcp.smtp.cdb", 0o644)


def start_daemons() -> list[subprocess.Popen]:
    environment = {"PATH": f"{HOME}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    qmaild = users.USERS["qmaild"]
    with LOG.open("wb") as log:
        send = subprocess.Popen([HOME / "bin/qmail-start", "./Maildir/"], env=environment, cwd="/", stdout=log, stderr=log,
                                stdin=subprocess.DEVNULL)
    listen = ["tcpserver", "-R", "-H", "-l", DOMAIN, "-u", str(qmaild.uid), "-g", str(qmaild.gid)]
    listeners = [subprocess.Popen([*listen, "-x", "/tmp/tcp.smtp.cdb", "127.0.0.1", str(SMTP), HOME / "bin/qmail-smtpd"],
                                  env=environment, cwd="/", stdin=subprocess.DEVNULL)]
    with AUTH_LOG.open("wb") as log:
        listeners.append(subprocess.Popen(
            [*listen, "127.0.0.1", str(SUBMISSION), HOME / "bin/qmail-smtpd", HOME / "bin/qmail-checkpassword", "/bin/true"],
            env=environment | {"SMTPAUTH": "!"}, cwd="/", stdin=subprocess.DEVNULL, stderr=log))
    return [send, *listeners]


def connect(port: int) -> Client:
    def attempt():
        try:
            client = Client(local_hostname="client.example.net")
            client.set_debuglevel(1)
            client.connect("127.0.0.1", port)
            return client
        except ConnectionRefusedError:
            return None
    return wait_for(attempt, f"the listener on port {port}")


def message(recipient: str) -> str:
    return f"From: demo@{DOMAIN}\nTo: {recipient}\nSubject: a demonstration\nMessage-ID: <{recipient}>\n{BODY}"


def send_messages() -> tuple[str, str]:
    local, remote = f"alice@{DOMAIN}", f"someone@{REMOTE}"
    title(f"port {SMTP}: a message to {local} (smtplib with qmail-smtpd)")
    with connect(SMTP) as client:
        client.sendmail(f"demo@{DOMAIN}", [local], message(local))
    title(f"port {SUBMISSION}: TLS, a login, a message to {remote}")
    with connect(SUBMISSION) as client:
        client._host = DOMAIN  # whose certificate it must be
        client.starttls(context=ssl.create_default_context(cafile=str(CERTIFICATE)))
        print(f"-- {client.sock.version()}, {client.sock.cipher()[0]}, the certificate is that of {DOMAIN}", flush=True)
        client.login(LOGIN, PASSWORD)
        client.sendmail(f"demo@{DOMAIN}", [remote], message(remote))
    return local, remote


def arrived(name: str, received: bytes, sent: str, fields: list[bytes]) -> bool:
    """Checks that the received message is the trace fields followed by the sent message, byte for byte."""
    text = received.replace(b"\r\n", b"\n")
    trace = text.removesuffix(sent.encode())
    good = text.endswith(sent.encode()) and b"\n\n" not in trace and all(field in trace for field in fields)
    print(f"\n{name}: {'arrived byte for byte' if good else 'IS NOT WHAT WAS SENT'}", flush=True)
    return good


def show(place: Path) -> bool:
    remote_host = RemoteHost()
    remote_host.start()
    local, remote = send_messages()
    new = Path("/home/alice/Maildir/new")
    delivered = wait_for(lambda: list(new.iterdir()), "the local delivery")
    wait_for(lambda: remote_host.received is not None, "the remote delivery")
    wait_for(lambda: LOG.read_text().count("end msg") >= 2, "the end of both messages in the log")
    title("qmail-send's log; qmail-smtpd's line about the login")
    print(LOG.read_text() + AUTH_LOG.read_text(), end="")
    title(f"{delivered[0]}")
    local_copy = delivered[0].read_bytes()
    print(local_copy.decode("latin-1"), end="")
    title(f"what {REMOTE} said and heard")
    print("\n".join(remote_host.dialogue))
    title(f"the copy of {REMOTE}")
    print(remote_host.received.decode("latin-1").replace("\r\n", "\n"), end="")
    good = arrived(local, local_copy, message(local), [b"Return-Path: <demo@", b"Delivered-To: alice@", b"Received: (qmail "])
    good &= arrived(remote, remote_host.received, message(remote), [
        b"Received: (qmail ", f"({LOGIN}@127.0.0.1)".encode(), b"with ESMTPSA (TLS_", b" encrypted, authenticated)"])
    if not remote_host.encrypted or f"auth-success type=plain user=<{LOGIN}>" not in AUTH_LOG.read_text():
        print("demo: the way to the remote host was not encrypted, or the login not noted")
        good = False
    if len(delivered) != 1 or b"\r" in local_copy or remote_host.received.count(b"\n") != remote_host.received.count(b"\r\n"):
        print("demo: line ends or the number of copies are wrong")
        good = False
    return good


def stay(outside: dict[int, socket.socket], outer_pid: int) -> None:
    """Connects the host's loopback ports to the listeners inside, until it is interrupted."""
    def pump(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def serve(listener: socket.socket, port: int) -> None:
        while True:
            connection, _ = listener.accept()
            inside = socket.create_connection(("127.0.0.1", port))
            for pair in ((connection, inside), (inside, connection)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    for port, listener in outside.items():
        threading.Thread(target=serve, args=(listener, port), daemon=True).start()
    smtp, submission = (outside[port].getsockname()[1] for port in (SMTP, SUBMISSION))
    title("it stays up; interrupt it to end")
    print(f"""SMTP:   127.0.0.1 port {smtp} of this host, for example
          swaks --server 127.0.0.1:{smtp} --to alice@{DOMAIN}
        mail for alice@{DOMAIN} and bob@{DOMAIN} is local
submission: port {submission}, after a login mail for {REMOTE} goes to the stand-in
          swaks --server 127.0.0.1:{submission} --tls --auth PLAIN --auth-user {LOGIN} --auth-password '{PASSWORD}' --to someone@{REMOTE}
inside: nsenter --target {outer_pid} --mount --net --pid sh
          cat {LOG}; ls /home/alice/Maildir/new; {HOME}/bin/qmail-qstat; {HOME}/bin/qmail-cert check
""", flush=True)
    while True:
        signal.pause()


def inside(place: Path, outside: dict[int, socket.socket] | None, outer_pid: int) -> int:
    sandbox.die_with_parent()
    prepare(place)
    configure()
    start_daemons()
    good = show(place)
    if good and outside:
        stay(outside, outer_pid)
    return 0 if good else 1


def in_namespaces(place: Path, outside: dict[int, socket.socket] | None) -> int:
    """Runs a process 1 in new namespaces and returns its exit code. They are not shared, so that mounts are not visible outside."""
    sandbox.die_with_parent()
    read_end, write_end = os.pipe()
    sandbox.unshare()
    child = os.fork()
    if child == 0:
        os.close(write_end)
        code = 1
        try:
            code = inside(place, outside, int(os.read(read_end, 20)))
        except SystemExit as end:
            print(end, file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            code = 0
        except Exception:  # noqa: BLE001 - shown, and the demonstration failed
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    os.write(write_end, str(child).encode())
    while True:
        try:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        except KeyboardInterrupt:
            os.kill(child, signal.SIGKILL)


def main() -> int:
    if sys.argv[1:2] in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    stays = "--stay" in sys.argv[1:]
    place = Path(tempfile.mkdtemp(prefix="reqmail-demo."))
    try:
        title("installing in a private place")
        ids = [] if "qmailq" in {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()} else ["--ids=64010"]
        subprocess.run([ROOT / "setup/install.sh", f"--destdir={place}", *ids], check=True)
        place.chmod(0o755)
        outside = {port: socket.create_server(("127.0.0.1", 0)) for port in (SMTP, SUBMISSION)} if stays else None
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        child = os.fork()
        if child == 0:
            os._exit(in_namespaces(place, outside))
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        except KeyboardInterrupt:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            code = 0
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"\ndemo: {'ended' if stays and code == 0 else 'both messages arrived byte for byte' if code == 0 else 'FAILED'}")
    return 0 if code == 0 else 1


sys.exit(main())
