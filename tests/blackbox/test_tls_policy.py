"""The TLS servers: cipher suites and versions of each service, tickets and ALPN, and log lines for failures."""

import re
import ssl

import pytest
from tls_client import Authority, Talk, context, install, openssl

NAME = "host.example.org"
SMTPS, POP3S = {"SMTPS": "1"}, {"POP3S": "1"}


def rsa(box) -> None:
    """Suites with DHE and with key exchange by RSA need such a key."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "rsa.key", "-days", "9", "-subj", f"/CN={NAME}", "-out", "rsa.crt")
    box.file("control/servercert.pem", open("/tmp/rsa.crt", "rb").read() + open("/tmp/rsa.key", "rb").read(), mode=0o640, owner="qmaild:qmail")


def talk_to(box, env: dict) -> Talk:
    if "POP3S" in env:
        return Talk(box, env, ["host.example.org", "/bin/false"], program="qmail-popup", user="root", greeting=False)
    talk = Talk(box, env, ["/bin/false"], greeting="SMTPS" not in env)
    if "SMTPS" not in env:
        assert talk.say("STARTTLS") == "220 ready for tls"
    return talk


def shaken(box, env: dict, with_context: ssl.SSLContext, **options) -> Talk | None:
    talk = talk_to(box, env)
    try:
        return talk.handshake(with_context, **options)
    except (ConnectionError, ssl.SSLError):
        talk.rest(2)
        talk.hang_up()
        return None


def tls_lines(talk: Talk, program: str = "qmail-smtpd") -> list[str]:
    return re.findall(rf"^{program}\[\d+\]: tls: (.*)$", talk.errors, re.M)


@pytest.mark.parametrize("suite", ["ECDHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384", "AES128-SHA", "ECDHE-RSA-AES256-SHA"])
def test_a_mail_exchanger_is_liberal_and_logins_are_not(box, suite):
    rsa(box)
    strong = suite.startswith("ECDHE") and "GCM" in suite
    for env, liberal in (({}, True), ({"SMTPAUTH": "", "FORCETLS": "1"}, True), ({"SMTPAUTH": "!"}, False), ({"REQUIRE_AUTH": "1"}, False),
                         (SMTPS, False), (POP3S, False)):
        talk = shaken(box, env, context(version="TLSv1_2", ciphers=suite + ":@SECLEVEL=1"))
        assert (talk is not None) == (strong or liberal), (env, suite)
        if talk:
            assert talk.tls.cipher()[0] == suite
    offer = context(version="TLSv1_2", ciphers=f"{suite}:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=1")
    assert "GCM" in shaken(box, {}, offer).tls.cipher()[0] and shaken(box, {}, offer).tls.cipher()[0].startswith("ECDHE")


def test_ciphers_that_are_named_work(box):
    rsa(box)
    box.control("tlsserverciphers", "DHE-RSA-AES256-GCM-SHA384\n")
    for env in ({}, SMTPS, POP3S):
        assert shaken(box, env, context(version="TLSv1_2", ciphers="DHE-RSA-AES256-GCM-SHA384"))
        assert not shaken(box, env, context(version="TLSv1_2", ciphers="ECDHE-RSA-AES256-GCM-SHA384"))


@pytest.mark.parametrize("value, oldest", [("1.0", 0), ("1.1", 1), ("1.2", 2), (None, 2)])
def test_older_versions_where_they_are_asked_for(box, value, oldest):
    rsa(box)
    versions = ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"]
    variable = {"TLSMINVERSION": value} if value else {}
    for env in ({}, SMTPS, POP3S):
        for number, version in enumerate(versions):
            old = context(version=version, ciphers="ALL:@SECLEVEL=0")
            assert (shaken(box, env | variable, old) is not None) == (number >= oldest), (env, version)
    if value:
        box.control("tlsminversion", value + "\n")
        assert (shaken(box, {}, context(version="TLSv1", ciphers="ALL:@SECLEVEL=0")) is not None) == (value == "1.0")
        assert not shaken(box, {"TLSMINVERSION": "1.2"}, context(version="TLSv1", ciphers="ALL:@SECLEVEL=0"))


@pytest.mark.parametrize("value", ["1.3", "1", "SSLv3", "1.0 "])
def test_what_is_no_version(box, value):
    install(box)
    talk = Talk(box, {"TLSMINVERSION": value})
    assert talk.say("STARTTLS") == "454 TLS tlsminversion is none of 1.0, 1.1 and 1.2 (#4.3.0)"
    assert tls_lines(talk) == ["192.0.2.99 tlsminversion is none of 1.0, 1.1 and 1.2"]
    talk.quit()


def test_tickets_are_for_tls_1_3_and_their_service_alone(box):
    install(box)
    box.file("control/tlsticketkey", bytes(range(80)), mode=0o640, owner="root:nofiles")
    new = context(version="TLSv1_3")

    def session(env, **options):
        talk = talk_to(box, env).handshake(new, **options)
        talk.line()
        return talk.tls.session, talk.tls.session_reused

    smtp, _ = session(SMTPS)
    assert smtp.has_ticket and session(SMTPS, session=smtp)[1]
    assert not session(POP3S, session=smtp)[1]
    pop3, _ = session(POP3S)
    assert pop3.has_ticket and session(POP3S, session=pop3)[1]
    assert not session(SMTPS, session=pop3)[1]
    for env in (SMTPS, POP3S, {}):
        old = context(version="TLSv1_2")
        talk = talk_to(box, env).handshake(old)
        assert not talk.tls.session.has_ticket
        assert not talk_to(box, env).handshake(old, session=talk.tls.session).tls.session_reused


def test_protocols_that_fit(box):
    install(box)
    for env, name, other in (({}, "smtp", "pop3"), (SMTPS, "smtp", "http/1.1"), (POP3S, "pop3", "smtp")):
        for names in ([name], ["http/1.1", name]):
            fits = context()
            fits.set_alpn_protocols(names)
            assert shaken(box, env, fits).tls.selected_alpn_protocol() == name
        fits_not = context()
        fits_not.set_alpn_protocols([other, "h2"])
        assert shaken(box, env, fits_not) is None


def test_failures_are_logged(box):
    install(box)
    old = context(version="TLSv1", ciphers="ALL:@SECLEVEL=0")
    for env in ({}, SMTPS):
        talk = talk_to(box, env)
        with pytest.raises((ConnectionError, ssl.SSLError)):
            talk.handshake(old)
        assert talk.rest() is not None and talk.hang_up() == 1
        assert tls_lines(talk) == ["192.0.2.99 handshake failed: unsupported protocol"]
    gone = talk_to(box, SMTPS)
    gone.hang_up()
    assert tls_lines(gone) == ["192.0.2.99 handshake failed: connection closed"]
    for env in (POP3S, {"POP3S": ""}):
        talk = Talk(box, env, ["host.example.org", "/bin/false"], program="qmail-popup", user="root", greeting=False)
        if not env["POP3S"]:
            talk.line()
            assert talk.say("STLS").startswith("+OK")
        with pytest.raises((ConnectionError, ssl.SSLError)):
            talk.handshake(old)
        talk.rest()
        talk.hang_up()
        assert tls_lines(talk, "qmail-popup") == ["192.0.2.99 handshake failed: unsupported protocol"]


def test_an_unusable_certificate_is_logged(box):
    box.file("control/servercert.pem", "no certificate\n", mode=0o644)
    talk = Talk(box)
    reply = talk.say("STARTTLS")
    assert reply.startswith("454 TLS ") and talk.say("NOOP").startswith("250 ")
    assert tls_lines(talk) == ["192.0.2.99 " + reply.removeprefix("454 TLS ").removesuffix(" (#4.3.0)")]
    implicit = Talk(box, SMTPS, greeting=False)
    implicit.rest()
    implicit.hang_up()
    assert len(tls_lines(implicit)) == 1
    pop = Talk(box, {}, ["h", "/bin/false"], program="qmail-popup", user="root", greeting=False)
    pop.line()
    assert pop.say("STLS").startswith("-ERR TLS ")
    assert len(tls_lines(pop, "qmail-popup")) == 1


def test_client_certificates_that_are_refused_are_logged(box):
    install(box)
    good, bad = Authority("good"), Authority("bad")
    box.file("control/clientca.pem", good.certificate)
    box.control("tlsclients", "joe@example.org\n")
    for client, why in ((good.client("/CN=x/emailAddress=joe@example.org"), None),
                        (good.client("/CN=x/emailAddress=eve@example.org"), "not in control/tlsclients"),
                        (bad.client("/CN=x/emailAddress=joe@example.org"), "unable to get local issuer certificate"), ("", None)):
        talk = Talk(box).starttls(context(client))
        talk.quit()
        assert tls_lines(talk) == ([f"192.0.2.99 client certificate refused: {why}"] if why else [])
