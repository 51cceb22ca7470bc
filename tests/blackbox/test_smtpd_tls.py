"""qmail-smtpd: STARTTLS and TLS from the first byte. tests/tls-auth.map assigns the tests to the requirements."""

import os
import re
import ssl
import time

import pytest
from tls_client import Authority, Talk, context, install, self_signed

NAME = "host.example.org"


def received(box) -> str:
    (message, _, _), = box.captured()
    return re.split(rb"\n(?![ \t])", message)[0].decode("latin-1")


def der(pem: bytes) -> bytes:
    return ssl.PEM_cert_to_DER_cert(re.search(r"-----BEGIN CERT.*?END CERT[^\n]*\n", pem.decode(), re.S).group(0))


def keywords(talk) -> list[str]:
    return [line[4:] for line in talk.say("EHLO c.example").split("\n")[1:]]


def relay_tree(box) -> None:
    box.control("rcpthosts", f"{NAME}\n")
    box.control("timeoutsmtpd", "10\n")


def test_announced_while_the_certificate_is_there(box):
    talk = Talk(box)
    assert keywords(talk) == ["PIPELINING", "8BITMIME"]
    assert talk.say("STARTTLS") == "502 unimplemented (#5.5.1)"
    install(box)
    assert keywords(talk) == ["STARTTLS", "PIPELINING", "8BITMIME"]
    os.unlink(box.path("control/servercert.pem"))
    assert keywords(talk) == ["PIPELINING", "8BITMIME"]
    assert talk.quit() == 0


def test_arguments_disabletls_and_a_second_starttls(box):
    install(box)
    talk = Talk(box, {"DISABLETLS": "1"})
    assert "STARTTLS" not in keywords(talk)
    assert talk.say("STARTTLS") == "502 unimplemented (#5.5.1)"
    talk = Talk(box, {"DISABLETLS": "0"})
    assert talk.say("STARTTLS x") == "501 Syntax error (no parameters allowed) (#5.5.4)"
    assert talk.say("MAIL FROM:<a@b.example>") == "250 ok"
    assert talk.say("STARTTLS") == "503 no TLS during mail transaction (#5.5.1)"
    assert talk.say("RSET") == "250 flushed"
    talk.starttls()
    assert "STARTTLS" not in keywords(talk)
    assert talk.say("STARTTLS") == "502 unimplemented (#5.5.1)"
    assert talk.quit() == 0


@pytest.mark.parametrize("fault, why", [
    ("garbage", "unable to find a certificate in"), ("no key", "unable to find a key in"), ("unreadable", "unable to read"),
    ("ciphers", "unable to set ciphers"), ("no program", "unable to run bin/qmail-smtpd-tls")])
def test_what_keeps_tls_from_starting_is_454_and_the_session_goes_on(box, fault, why):
    box.capture_queue()
    pem = install(box)
    path = box.path("control/servercert.pem")
    if fault == "garbage":
        path.write_bytes(b"garbage\n")
    elif fault == "no key":
        path.write_bytes(pem[:pem.index(b"-----BEGIN PRIVATE")])
    elif fault == "unreadable":
        path.chmod(0)
    elif fault == "ciphers":
        box.control("tlsserverciphers", "NONSENSE\n")
    elif fault == "no program":
        os.mkdir("/tmp/bin")
        talk = Talk(box)
        from conformlib import sandbox
        sandbox.mount("/dev/null", box.path("bin/qmail-smtpd-tls"), flags=sandbox.MS_BIND)
    if fault != "no program":
        talk = Talk(box)
    keywords(talk)
    for _ in range(2):
        reply = talk.say("STARTTLS")
        assert reply.startswith(f"454 TLS {why}") and reply.endswith(" (#4.3.0)"), reply
        assert "PRIVATE" not in reply
    assert talk.mail().startswith("250 ok ")
    assert "(HELO c.example)" in received(box) and " with SMTP; " in received(box)
    assert talk.quit() == 0


@pytest.mark.parametrize("extra", [b"NOOP\r\n", b"MAIL FROM:<evil@x.example>\r\n", b"NO"])
def test_what_is_sent_behind_starttls_is_never_carried_out(box, extra):
    install(box)
    talk = Talk(box)
    talk.send(b"STARTTLS\r\n" + extra)
    assert talk.reply() == "220 ready for tls"
    talk.handshake()
    assert talk.say("RCPT TO:<bob@host.example.org>") == "503 MAIL first (#5.5.1)"
    assert talk.quit() == 0


def test_nothing_said_before_counts_but_relayclient(box):
    install(box)
    relay_tree(box)
    box.capture_queue()
    talk = Talk(box, {"RELAYCLIENT": ""})
    keywords(talk)
    talk.starttls()
    assert talk.say("RCPT TO:<x@far.example>") == "503 MAIL first (#5.5.1)"
    cipher = talk.tls.cipher()[0]
    assert talk.mail("x@far.example").startswith("250 ok ")
    assert "HELO" not in received(box)
    assert f"\n  by {NAME} with ESMTPS ({cipher} encrypted); " in received(box)
    assert talk.quit() == 0


@pytest.mark.parametrize("junk", [b"EHLO c\r\n" * 9, bytes(600), b"\x16\x03\x01\xff\xff" * 200])
def test_garbage_instead_of_a_handshake(box, junk):
    install(box)
    talk = Talk(box)
    assert talk.say("STARTTLS") == "220 ready for tls"
    talk.write_raw(junk)
    assert b"250" not in talk.rest(1)
    assert talk.hang_up() == 1


def test_the_whole_handshake_has_the_time_limit(box):
    install(box)
    box.control("timeoutsmtpd", "2\n")
    talk = Talk(box)
    assert talk.say("STARTTLS") == "220 ready for tls"
    begin = time.monotonic()
    for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03":
        talk.write_raw(bytes([byte]))
        if talk._read_raw(0.4) == b"":
            break
    talk.rest(5)
    assert talk.eof and 1 < time.monotonic() - begin < 4
    assert talk.hang_up() == 1


def test_silence_within_tls(box):
    install(box)
    box.control("timeoutsmtpd", "1\n")
    talk = Talk(box).starttls()
    assert talk.reply() == "451 timeout (#4.4.2)"
    assert talk.hang_up() == 1


def test_tls_from_the_first_byte(box):
    install(box)
    box.capture_queue()
    talk = Talk(box, {"SMTPS": "1"}, greeting=False).handshake()
    assert talk.reply() == f"220 {NAME} ESMTP"
    assert "STARTTLS" not in keywords(talk)
    assert talk.mail().startswith("250 ok ")
    assert " with ESMTPS (" in received(box)
    assert talk.quit() == 0
    clear = Talk(box, {"SMTPS": "1"}, greeting=False)
    clear.write_raw(b"EHLO c\r\nNOOP\r\n")
    assert not re.search(rb"^2\d\d", clear.rest(5), re.M)
    assert clear.hang_up() == 1
    box.path("control/servercert.pem").write_bytes(b"garbage\n")
    broken = Talk(box, {"SMTPS": "1"}, greeting=False)
    assert broken.rest(5) == b"" and broken.hang_up() == 1


def test_protocols_and_options_do_not_come_from_openssl_cnf(box):
    install(box)
    conf = box.file("/tmp/openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\n"
                    "MaxProtocol = TLSv1.1\nCipherString = ALL:@SECLEVEL=0\nOptions = UnsafeLegacyRenegotiation,-SessionTicket\n")
    box.control("tlsserverciphers", "ALL:@SECLEVEL=0\n")
    for version, works in (("TLSv1", False), ("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)):
        talk = Talk(box, {"OPENSSL_CONF": str(conf)})
        try:
            talk.starttls(context(version=version, ciphers="ALL:@SECLEVEL=0"))
            assert works, version
            assert talk.tls.compression() is None
            assert talk.quit() == 0
        except (ssl.SSLError, ConnectionError):
            assert not works, version


def test_sessions_are_resumed_only_with_a_ticket_key(box):
    install(box)
    mine = {version: context(version=version) for version in ("TLSv1_2", "TLSv1_3")}

    def visit(version, session=None):
        talk = Talk(box).starttls(mine[version], session=session)
        assert talk.say("NOOP") == "250 ok"
        found = talk.tls.session_reused, talk.tls.session
        assert talk.quit() == 0
        return found

    for version in mine:
        _, session = visit(version)
        assert not session.has_ticket
        assert not visit(version, session)[0]
    first, second = os.urandom(80), os.urandom(80)
    keys = box.file("control/tlsticketkey", first, mode=0o640, owner="qmaild:qmail")
    sessions = {version: visit(version)[1] for version in mine}
    for version, session in sessions.items():
        assert session.has_ticket == visit(version, session)[0] == (version == "TLSv1_3"), version
    keys.write_bytes(second + first)
    assert visit("TLSv1_3", sessions["TLSv1_3"])[0]
    for odd in (second, second[:79], b""):
        keys.write_bytes(odd)
        assert not any(visit(version, session)[0] for version, session in sessions.items())


def test_ciphers_from_file_and_environment(box):
    install(box)
    one, other = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
    box.control("tlsserverciphers", f"{other}\n{one}\n")

    def chosen(env, version="TLSv1_2"):
        talk = Talk(box, env).starttls(context(version=version))
        return talk.tls.cipher()[0]

    assert chosen({}) == other
    assert chosen({"TLSCIPHERS": one}) == one
    assert chosen({}, "TLSv1_3").startswith("TLS_AES_256")
    assert chosen({"TLSCIPHERS": f"TLS_CHACHA20_POLY1305_SHA256:{one}"}, "TLSv1_3") == "TLS_CHACHA20_POLY1305_SHA256"
    box.control("tlsserverciphers", None)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Talk(box, {"SMTPS": "1"}, greeting=False).handshake(context(version="TLSv1_2", ciphers="ECDHE-ECDSA-AES128-SHA"))


def test_certificates_by_name(box):
    usual = der(install(box))
    shop = der(install(box, "shop.example.net", "control/servercerts/shop.example.net/servercert.pem"))
    box.file("control/servercerts/broken.example.net/servercert.pem", "garbage\n")
    box.file("control/servercerts/.hidden/servercert.pem", self_signed("x"))
    box.control("tlsclients", "a@b.example\n")
    box.file("control/clientca.pem", self_signed("ca").split(b"-----BEGIN PRIVATE")[0])
    asked = {"shop.example.net": shop, "SHOP.Example.NET": shop, "who.example.net": usual, "broken.example.net": usual,
             "..": usual, ".hidden": usual, "a/../shop.example.net": usual, None: usual}
    for name, wanted in asked.items():
        with_context = context()
        talk = Talk(box)
        try:
            talk.starttls(with_context, name)
        except ValueError:  # Python refuses some names
            continue
        assert talk.tls.getpeercert(True) == wanted, name
        assert talk.quit() == 0


def test_certificates_of_clients(box):
    install(box)
    relay_tree(box)
    root = Authority("root")
    middle = Authority("middle", root)
    stranger = Authority("stranger")
    box.control("tlsclients", "Relay@client.example\n")
    box.file("control/clientca.pem", root.certificate)
    mail = "/CN=c/emailAddress=relay@client.example"
    good = middle.client(mail, middle)
    revoked = middle.client(mail, middle)
    middle.revoke(revoked)

    def relay(client):
        talk = Talk(box).starttls(context(client=client))
        assert talk.say("MAIL FROM:<a@b.example>") == "250 ok"
        reply = talk.say("RCPT TO:<x@far.example>")
        assert talk.say("RCPT TO:<bob@host.example.org>") == "250 ok"
        assert talk.say("QUIT").startswith("221 ")
        return reply

    refusal = "553 sorry, that domain isn't in my list of allowed rcpthosts; no valid cert for gatewaying"
    assert relay(good) == "250 ok"
    assert relay(revoked) == "250 ok"
    assert relay("") == f"{refusal} (#5.7.1)"
    assert relay(middle.client("/CN=relay@client.example", middle)) == f"{refusal} (#5.7.1)"
    assert relay(middle.client("/CN=c/emailAddress=other@client.example", middle)) == f"{refusal} (#5.7.1)"
    assert relay(stranger.client(mail)).startswith(f"{refusal}: ")
    assert relay(middle.client(mail)).startswith(f"{refusal}: ")  # the chain is missing
    box.file("control/clientcrl.pem", root.crl() + middle.crl())
    assert relay(good) == "250 ok"
    assert relay(revoked) == f"{refusal}: certificate revoked (#5.7.1)"
    box.file("control/clientcrl.pem", middle.crl())  # no list of the root: the whole chain is checked
    assert relay(good).startswith(f"{refusal}: ")


def test_a_relaying_certificate_is_seen_by_the_queue_and_in_received(box):
    install(box)
    relay_tree(box)
    authority = Authority("root")
    box.control("tlsclients", "relay@client.example\n")
    box.file("control/clientca.pem", authority.certificate)
    box.file("/mnt/env", b"", mode=0o666)
    box.capture_queue(before="env >/mnt/env")
    talk = Talk(box).starttls(context(client=authority.client("/CN=c/emailAddress=relay@client.example")))
    cipher = talk.tls.cipher()[0]
    assert talk.mail("x@far.example").startswith("250 ok ")
    assert f" with ESMTPS ({cipher} encrypted)\n  (cert relay@client.example); " in received(box)
    lines = box.path("/mnt/env").read_text().split("\n")
    assert "RELAYCLIENT=" in lines
    assert not any(line.startswith(("TCPREMOTEINFO", "SMTPAUTH", "SMTP_AUTH", "QMAILSTARTTLS")) for line in lines)


def test_pipes_and_cut_messages(box):
    install(box)
    for notify in (False, True):
        talk = Talk(box, pipes=True).starttls()
        talk.send(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<bob@host.example.org>\r\nDATA\r\n")
        assert [talk.reply()[:3] for _ in range(3)] == ["250", "250", "354"]
        talk.send(b"Subject: x\r\n\r\nhalf")
        if notify:
            talk.close_notify()
        assert talk.hang_up() == 1
    assert not [name for name in box.queue_tree() if name.startswith("todo")]


def test_clear_text_within_tls_ends_the_session(box):
    install(box)
    talk = Talk(box).starttls()
    talk.write_raw(b"NOOP\r\nQUIT\r\n" * 9)
    assert b"250" not in talk.rest(3)
    assert talk.hang_up() == 1


def test_one_process_and_no_openssl_before_starttls(box):
    install(box)
    talk = Talk(box, {"QMAILQUEUE": "bin/qmail-queue"})
    maps = f"/proc/{talk.pid}/maps"
    keywords(talk)
    with open(maps, encoding="utf-8") as stream:
        assert "libssl" not in stream.read()
    with open(f"/proc/{talk.pid}/cmdline", "rb") as stream:
        before = stream.read()
    talk.starttls()
    assert talk.say("NOOP") == "250 ok"
    with open(maps, encoding="utf-8") as stream:
        assert "libssl" in stream.read()
    with open(f"/proc/{talk.pid}/cmdline", "rb") as stream:
        assert stream.read() == before
    with open(f"/proc/{talk.pid}/limits", encoding="ascii") as stream:
        assert re.search(r"^Max core file size +0 +0 ", stream.read(), re.M)
    assert os.stat(f"/proc/{talk.pid}/mem").st_uid == 0  # not dumpable: not even for its own user
    assert talk.quit() == 0


def test_the_listener_may_speak_tls(box):
    relay_tree(box)
    box.capture_queue()
    control, ordered = os.pipe()
    clear_in, to_server = os.pipe()
    from_server, clear_out = os.pipe()
    env = {"UCSPITLS": "", "SSLCTLFD": str(ordered), "SSLREADFD": str(clear_in), "SSLWRITEFD": str(clear_out)}
    talk = Talk(box, env)
    assert "STARTTLS" in keywords(talk)
    talk.send(b"STARTTLS\r\nNOOP\r\n")
    assert talk.reply() == "220 ready for tls"
    assert os.read(control, 9) == b"y"
    talk._writer, talk._reader = to_server, from_server
    assert "STARTTLS" not in keywords(talk)
    assert talk.mail().startswith("250 ok ")
    assert " with ESMTPS; " in received(box)
    assert talk.quit() == 0
    off = Talk(box, env | {"UCSPITLS": "-"})
    assert "STARTTLS" not in keywords(off)
    install(box)  # not by us either
    assert "STARTTLS" not in keywords(off)
    assert off.say("STARTTLS") == "502 unimplemented (#5.5.1)"


@pytest.mark.parametrize("wish", ["!", "@"])
def test_the_listener_may_insist_on_tls(box, wish):
    relay_tree(box)
    box.control("smtpdlog", "qlog\n")
    first = "530 Must issue a STARTTLS command first (#5.7.0)"
    for names in ((), ("SSLCTLFD", "SSLREADFD", "SSLWRITEFD")):
        (control, ordered), (clear_in, to_server), (from_server, clear_out) = os.pipe(), os.pipe(), os.pipe()
        box.capture_queue(before="ls /proc/self/fd >/mnt/open; env >/mnt/env")
        for name in ("open", "env"):
            box.file(f"/mnt/{name}", b"", mode=0o666)
        env = {"UCSPITLS": wish, "SMTPAUTH": "", "FORCETLS": "0"} | dict(zip(names, map(str, (ordered, clear_in, clear_out))))
        talk = Talk(box, env, ["/bin/false", "/bin/true"])
        assert ("STARTTLS" in keywords(talk)) == bool(names)
        assert talk.say("MAIL FROM:<a@b.example>") == first
        assert talk.say("AUTH LOGIN") == first
        assert talk.say("RCPT TO:<bob@host.example.org>") == "503 MAIL first (#5.5.1)"
        assert "reason=tls" in talk.errors.lower() or " tls" in talk.errors
        if names:
            talk.send(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
            assert talk.reply() == "220 ready for tls" and os.read(control, 9) == b"y"
            talk._writer, talk._reader = to_server, from_server
            assert talk.mail().startswith("250 ok ")
            assert not [line for line in box.path("/mnt/env").read_text().split("\n") if line.startswith(("UCSPITLS", "SSL"))]
            assert not {str(ordered), str(clear_in), str(clear_out)} & (set(box.path("/mnt/open").read_text().split()) - set("0123456"))
        assert talk.say("QUIT").startswith("221 ")
    install(box)
    own = Talk(box, {"UCSPITLS": wish})
    assert own.say("MAIL FROM:<a@b.example>") == first
    own.starttls()
    box.capture_queue()
    assert own.mail().startswith("250 ok ") and own.quit() == 0
