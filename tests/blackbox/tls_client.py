"""A client with STARTTLS for qmail-smtpd, and certificates made by the openssl command."""

from __future__ import annotations

import base64
import os
import pwd
import select
import socket
import ssl
import subprocess
import time
import warnings

from conformlib.box import TCP_ENV
from conformlib.process import PATIENCE, contents, memory_file

warnings.filterwarnings("ignore", category=DeprecationWarning)
CA_CONFIG = """[ca]
default_ca = d
[d]
database = index
new_certs_dir = .
rand_serial = yes
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
email_in_dn = yes
unique_subject = no
policy = p
[p]
commonName = supplied
emailAddress = optional
"""


def openssl(*arguments: str, cwd: str = "/tmp") -> bytes:
    done = subprocess.run(["openssl", *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def new_key(path: str) -> list[str]:
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]


def self_signed(name: str) -> bytes:
    """Makes certificate and key in PEM."""
    openssl("req", "-x509", *new_key("one.key"), "-days", "9", "-subj", f"/CN={name}", "-out", "one.crt")
    return b"".join(open(f"/tmp/one.{part}", "rb").read() for part in ("crt", "key"))


def install(box, name: str = "host.example.org", path: str = "control/servercert.pem") -> bytes:
    pem = self_signed(name)
    box.file(path, pem, mode=0o640, owner="qmaild:qmail")
    return pem


class Authority:
    """A CA in /tmp, which may be below another one."""

    def __init__(self, name: str, parent: "Authority | None" = None) -> None:
        self.name, self.home = name, f"/tmp/{name}"
        os.mkdir(self.home)
        for file, text in (("cnf", CA_CONFIG), ("index", ""), ("crlnumber", "01\n"), ("index.attr", "unique_subject = no\n"),
                           ("ca.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"),
                           ("leaf.ext", "basicConstraints=CA:FALSE\n")):
            with open(f"{self.home}/{file}", "w", encoding="ascii") as stream:
                stream.write(text)
        if parent:
            self.certificate = parent.sign(f"/CN={name}", "ca.ext", key=f"{self.home}/ca.key")
            with open(f"{self.home}/ca.crt", "wb") as stream:
                stream.write(self.certificate)
        else:
            openssl("req", "-x509", *new_key("ca.key"), "-days", "9", "-subj", f"/CN={name}", "-out", "ca.crt", "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign", cwd=self.home)
            with open(f"{self.home}/ca.crt", "rb") as stream:
                self.certificate = stream.read()

    def _ca(self, *arguments: str) -> None:
        openssl("ca", "-batch", "-notext", "-config", "cnf", "-cert", "ca.crt", "-keyfile", "ca.key", *arguments, cwd=self.home)

    def sign(self, subject: str, extensions: str = "leaf.ext", key: str = "leaf.key") -> bytes:
        openssl("req", *new_key(key), "-subj", subject, "-out", "csr", cwd=self.home)
        self._ca("-in", "csr", "-days", "9", "-extfile", extensions, "-out", "leaf.crt")
        with open(f"{self.home}/leaf.crt", "rb") as stream:
            return stream.read()

    def client(self, subject: str, *chain: "Authority") -> str:
        """Makes a file with a client's certificate, the chain and its key."""
        path = f"/tmp/client{time.monotonic_ns()}.pem"
        text = self.sign(subject) + b"".join(one.certificate for one in chain)
        with open(f"{self.home}/leaf.key", "rb") as key, open(path, "wb") as stream:
            stream.write(text + key.read())
        return path

    def revoke(self, path: str) -> None:
        self._ca("-revoke", path)

    def crl(self) -> bytes:
        self._ca("-gencrl", "-out", "crl.pem")
        with open(f"{self.home}/crl.pem", "rb") as stream:
            return stream.read()


def context(client: str = "", version: str = "", ciphers: str = "") -> ssl.SSLContext:
    """Returns a context that verifies nothing and offers the certificate in the file `client`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if version:
        made.minimum_version = made.maximum_version = ssl.TLSVersion[version]
    if ciphers:
        made.set_ciphers(ciphers)
    if client:
        made.load_cert_chain(client)
    return made


class Talk:
    """qmail-smtpd as qmaild (or another program as another user), and its client. With pipes=True descriptors 0 and 1 are two pipes."""

    def __init__(self, box, env: dict | None = None, args: list | None = None, pipes: bool = False, program: str = "qmail-smtpd",
                 greeting: bool = True, user: str = "qmaild") -> None:
        account = pwd.getpwnam(user)
        if pipes:
            there, self._writer = os.pipe()
            self._reader, back = os.pipe()
        else:
            ours, theirs = socket.socketpair()
            there = back = theirs.detach()
            self._reader = self._writer = ours.detach()
        self._errors = memory_file()
        environment = box.env | TCP_ENV | {"TCPLOCALPORT": "25"} | (env or {})
        argv = [box.program(program), *(args or [])]
        if (env or {}).keys() & {"SSLCTLFD"}:
            passed = tuple(int(env[name]) for name in ("SSLCTLFD", "SSLREADFD", "SSLWRITEFD"))
        else:
            passed = ()
        self.process = subprocess.Popen(argv, env=environment, cwd="/", user=account.pw_uid, group=account.pw_gid,
                                        extra_groups=[], stdin=there, stdout=back, stderr=self._errors, pass_fds=passed)
        for descriptor in {there, back}:
            os.close(descriptor)
        self.tls: ssl.SSLObject | None = None
        self.eof = False
        self._plain = b""
        if greeting:
            assert self.reply().startswith("220 ")

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def errors(self) -> str:
        return contents(self._errors).decode("latin-1")

    # bytes

    def write_raw(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._writer, data):]
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _read_raw(self, timeout: float) -> bytes | None:
        if not select.select([self._reader], [], [], max(timeout, 0))[0]:
            return None
        try:
            return os.read(self._reader, 65536)
        except ConnectionResetError:
            return b""

    def handshake(self, with_context: ssl.SSLContext | None = None, name: str | None = None,
                  session: ssl.SSLSession | None = None) -> "Talk":
        self._plain = b""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = (with_context or context()).wrap_bio(self._incoming, self._outgoing, server_hostname=name, session=session)
        deadline = time.monotonic() + 8 * PATIENCE
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.write_raw(self._outgoing.read())
                data = self._read_raw(deadline - time.monotonic())
                if not data:
                    self.eof = data == b""
                    raise ConnectionError("no handshake") from None
                self._incoming.write(data)
        self.write_raw(self._outgoing.read())
        self.tls = tls
        return self

    def send(self, data: bytes | str) -> None:
        data = data.encode("latin-1") + b"\r\n" if isinstance(data, str) else data
        if self.tls:
            self.tls.write(data)
            data = self._outgoing.read()
        self.write_raw(data)

    def _pull(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout * PATIENCE
        while True:
            if self.tls:
                try:
                    data = self.tls.read(65536)
                    self.eof = not data
                    self._plain += data
                    return bool(data)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError:
                    self.eof = True
                    return False
            data = self._read_raw(deadline - time.monotonic())
            if not data:
                self.eof = data == b""
                return False
            if not self.tls:
                self._plain += data
                return True
            self._incoming.write(data)

    # SMTP

    def line(self, timeout: float = 8) -> str:
        while b"\n" not in self._plain and self._pull(timeout):
            pass
        line, _, self._plain = self._plain.partition(b"\n")
        return line.decode("latin-1").rstrip("\r")

    def reply(self, timeout: float = 8) -> str:
        lines = [self.line(timeout)]
        while lines[-1][3:4] == "-":
            lines.append(self.line(timeout))
        return "\n".join(lines)

    def say(self, command: bytes | str, timeout: float = 8) -> str:
        self.send(command)
        return self.reply(timeout)

    def rest(self, timeout: float = 8) -> bytes:
        deadline = time.monotonic() + timeout * PATIENCE
        while not self.eof and self._pull(deadline - time.monotonic()):
            pass
        taken, self._plain = self._plain, b""
        return taken

    def starttls(self, with_context: ssl.SSLContext | None = None, name: str | None = None, **options) -> "Talk":
        assert self.say("STARTTLS") == "220 ready for tls"
        return self.handshake(with_context, name, **options)

    def mail(self, recipient: str = "bob@host.example.org", body: bytes = b"Subject: t\r\n\r\nhi\r\n.\r\n") -> str:
        assert self.say("MAIL FROM:<a@client.example>") == "250 ok"
        assert self.say(f"RCPT TO:<{recipient}>") == "250 ok"
        assert self.say("DATA") == "354 go ahead"
        return self.say(body)

    def close_notify(self) -> None:
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.write_raw(self._outgoing.read())

    def hang_up(self) -> int:
        """Closes the connection and returns the exit code."""
        for descriptor in {self._reader, self._writer}:
            os.close(descriptor)
        return self.process.wait(10)

    def quit(self) -> int:
        assert self.say("QUIT").startswith("221 ")
        return self.hang_up()


# AUTH

USER, PASSWORD = "alice@example.org", "s3cret-Pw"
CHECKER = r"""#!/usr/bin/python3 -IS
import os, signal, sys, time
data = b""
while chunk := os.read(3, 65536):
    data += chunk
with open("/mnt/logins", "ab") as seen:
    seen.write(data.hex().encode() + b"\n")
user, secret, challenge = (data.split(b"\0") + [b"", b""])[:3]
if user == b"crash":
    os.kill(os.getpid(), signal.SIGKILL)
if user == b"hang":
    time.sleep(60)
if user.startswith(b"exit"):
    sys.exit(int(user[4:]))
os.write(1, b"250 noise\r\n")
if challenge:
    import hmac
    sys.exit(secret != hmac.new(b"s3cret-Pw", challenge, "md5").hexdigest().encode())
sys.exit((user, secret) != (b"alice@example.org", b"s3cret-Pw") and user != b"all")
"""


def checker(box) -> list[str]:
    box.file("/mnt/logins", b"", mode=0o666)
    return [str(box.file("/mnt/checker", CHECKER, mode=0o755)), "/bin/true"]


def logins() -> list[bytes]:
    with open("/mnt/logins", encoding="ascii") as stream:
        return [bytes.fromhex(line) for line in stream.read().split()]


def b64(text: bytes | str) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def plain(user: str = USER, password: str = PASSWORD) -> str:
    return b64(f"\0{user}\0{password}")


def auth_talk(box, env: dict | None = None, **options) -> Talk:
    """A session without TLS in which AUTH is offered."""
    box.control("rcpthosts", "host.example.org\n")
    return Talk(box, {"SMTPAUTH": "", "FORCETLS": "0"} | (env or {}), checker(box), **options)
