"""qmail-smtpd with other people's clients: Postfix, swaks, the openssl command, Python's smtplib; on a listener with STARTTLS
and on one that begins with TLS."""

import re
import smtplib
import ssl
import subprocess

import pytest
from listening import listen
from postfix_peer import Postfix
from tls_client import context, install

NAME = "host.example.org"
LOGIN, PASSWORD = "joe@example.org", "pass word"
MESSAGE = b"From: a@b.example\nTo: bob@host.example.org\nSubject: t\n\n.dot\nlast\n"
STARTTLS, IMPLICIT = 587, 465
PORTS = [STARTTLS, IMPLICIT]


def checker(box) -> str:
    """Accepts one login, with its password or with an answer to a challenge."""
    return str(box.file("/mnt/checker", f"""#!/usr/bin/python3 -I
import hashlib, hmac, os, sys
login, second, third = os.read(3, 512).split(b"\\0")[:3]
right = {PASSWORD.encode()!r}
good = second == hmac.new(right, third, "md5").hexdigest().encode() if third else second == right
sys.exit(0 if good and login == {LOGIN.encode()!r} else 1)
""", mode=0o755))


def server(box, authentication: bool = True) -> None:
    install(box)
    box.control("rcpthosts", f"{NAME}\n")
    box.capture_queue()
    arguments = [checker(box), "/bin/true"] if authentication else []
    for port, variables in ((STARTTLS, {}), (IMPLICIT, {"SMTPS": "1"})):
        if authentication:
            variables = variables | {"SMTPAUTH": "!+cram"}
        listen(box, port, ["qmail-smtpd", *arguments], variables)


def taken(box) -> tuple[str, bytes]:
    """Returns trace field and message of the only message that was accepted."""
    (message, _, _), = box.captured()
    fields = re.split(rb"\n(?![ \t])", message, maxsplit=2)
    assert fields[0].startswith(b"Received: from ") or fields[1].startswith(b"Received: from ")
    trace = b"\n".join(field for field in fields[:2] if field.startswith(b"Received: "))
    return trace.decode("latin-1"), message


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5", None])
@pytest.mark.parametrize("port", PORTS)
def test_postfix_sends(box, port, mechanism):
    server(box, mechanism is not None)
    peer = Postfix(box)
    extra = {"smtp_tls_wrappermode": "yes"} if port == IMPLICIT else {}
    peer.client(NAME, "127.0.0.1", port, login=f"{LOGIN}:{PASSWORD}" if mechanism else "", mechanisms=mechanism or "",
                smtp_tls_security_level="encrypt", **extra)
    peer.start()
    peer.send(f"bob@{NAME}", MESSAGE)
    log = peer.wait_log("status=sent")
    assert re.search(r"TLS connection established to 127\.0\.0\.1\S*: TLSv1\.3 with cipher TLS_", log)
    trace, message = taken(box)
    assert f"with {'ESMTPSA' if mechanism else 'ESMTPS'} (TLS_" in trace
    assert ("encrypted, authenticated)" in trace) == bool(mechanism)
    assert message.endswith(MESSAGE.partition(b"\n\n")[2])


def test_postfix_with_a_wrong_password_and_verification(box):
    server(box)
    peer = Postfix(box)
    peer.client(NAME, "127.0.0.1", STARTTLS, login=f"{LOGIN}:wrong", mechanisms="plain", smtp_tls_security_level="encrypt")
    peer.start()
    peer.send(f"bob@{NAME}", MESSAGE)
    assert "said: 535 authentication failed (#5.7.1)" in peer.wait_log("status=deferred", 30)
    assert not box.captured()
    peer.stop()
    # The certificate is verified, including the name: the first half of control/servercert.pem is the CA.
    peer = Postfix(box)
    peer.client(NAME, "127.0.0.1", STARTTLS, login=f"{LOGIN}:{PASSWORD}", smtp_tls_security_level="verify",
                smtp_tls_CAfile=str(box.path("control/servercert.pem")), smtp_tls_verify_cert_match=NAME)
    peer.start()
    peer.send(f"bob@{NAME}", MESSAGE)
    assert "Verified TLS connection established" in peer.wait_log("status=sent")


def swaks(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(["swaks", "--server", "127.0.0.1", "--from", "a@b.example", "--to", f"bob@{NAME}", "--helo", "c.example",
                           "--data", "Subject: t\\n\\nhello\\n", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("port, option", [(STARTTLS, "--tls"), (IMPLICIT, "--tls-on-connect")])
def test_swaks(box, port, option, mechanism):
    server(box)
    words = ("--port", str(port), option, "--auth", mechanism, "--auth-user", LOGIN)
    done = swaks(*words, "--auth-password", PASSWORD)
    assert done.returncode == 0 and "235 ok, go ahead (#2.0.0)" in done.stdout and "250 ok " in done.stdout, done.stdout
    trace, _ = taken(box)
    assert f"({LOGIN}@127.0.0.1)" in trace and " with ESMTPSA (TLS_" in trace
    refused = swaks(*words, "--auth-password", "wrong", "--quit-after", "AUTH")
    assert refused.returncode != 0 and "535 authentication failed (#5.7.1)" in refused.stdout, refused.stdout
    unasked = swaks("--port", str(port), option)
    assert "530 Authorization required (#5.7.1)" in unasked.stdout and len(box.captured()) == 1


def test_swaks_does_not_log_in_without_tls(box):
    server(box)
    done = swaks("--port", str(STARTTLS), "--auth", "PLAIN", "--auth-user", LOGIN, "--auth-password", PASSWORD)
    assert done.returncode != 0 and "AUTH" not in re.findall(r"^<-\s+250.(\w+)", done.stdout, re.M), done.stdout
    assert not box.captured()


@pytest.mark.parametrize("version, protocol", [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
@pytest.mark.parametrize("port", PORTS)
def test_openssl_s_client(box, port, version, protocol):
    server(box, authentication=False)
    words = ["-starttls", "smtp"] if port == STARTTLS else []
    # Commands are sent one by one: s_client would use waiting input for STARTTLS.
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *words, version, "-crlf", "-ign_eof", "-servername", NAME,
                               "-CAfile", str(box.path("control/servercert.pem")), "-verify_return_error", "-verify_hostname", NAME],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    client.stdin.write(b"EHLO c.example\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@host.example.org>\nDATA\n" + b"Subject: t\n\nhi\n.\nquit\n")
    client.stdin.flush()
    out = client.communicate(timeout=20)[0].decode("latin-1")
    assert client.returncode == 0 and "Verify return code: 0 (ok)" in out, out
    assert re.search(rf"New, {re.escape(protocol)}, Cipher is \S+GCM|Protocol  ?: {re.escape(protocol)}", out), out
    assert "221 host.example.org" in out
    assert " with ESMTPS (" in taken(box)[0]


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram_md5"])
@pytest.mark.parametrize("port", PORTS)
def test_smtplib(box, port, mechanism):
    server(box)
    ours = ssl.create_default_context(cafile=str(box.path("control/servercert.pem")))
    if port == STARTTLS:
        client = smtplib.SMTP("127.0.0.1", port, local_hostname="c.example")
        client._host = NAME  # the name to be verified
        assert client.has_extn("starttls") is False and client.ehlo()[0] == 250 and client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.starttls(context=ours)[0] == 220
    else:
        ours.check_hostname = False
        client = smtplib.SMTP_SSL("127.0.0.1", port, local_hostname="c.example", context=ours)
    client.ehlo()
    assert client.esmtp_features["auth"].split() == ["LOGIN", "PLAIN", "CRAM-MD5"] and not client.has_extn("starttls")
    client.user, client.password = LOGIN, PASSWORD
    assert client.auth(mechanism.replace("_", "-").upper(), getattr(client, f"auth_{mechanism}"))[0] == 235
    assert client.sendmail("a@b.example", [f"bob@{NAME}"], MESSAGE.decode()) == {}
    client.quit()
    trace, message = taken(box)
    assert " with ESMTPSA (" in trace and message.endswith(b"\n\n.dot\nlast\n")


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_smtplib_resumes_a_session(box, version):
    """With the keys of qmail-cert a second connection of the same client is resumed, only in TLS 1.3."""
    server(box, authentication=False)
    assert box.run(["qmail-cert", "tickets"]).code == 0
    ours = context(version=version)
    session = None
    for expected in (False, version == "TLSv1_3"):
        with smtplib.SMTP("127.0.0.1", STARTTLS, local_hostname="c.example") as client:
            client.ehlo()
            assert client.docmd("STARTTLS")[0] == 220
            with ours.wrap_socket(client.sock, session=session) as wrapped:
                assert wrapped.session_reused == expected
                wrapped.sendall(b"QUIT\r\n")
                assert wrapped.recv(100).startswith(b"221 ")
                session = wrapped.session  # in TLS 1.3 the ticket comes with the first answer
                client.sock = None
