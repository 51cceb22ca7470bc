"""qmail-cert: makes, requests, installs, shows and checks pairs; keys for tickets; update_tmprsadh."""

import os
import pwd
import re
import subprocess
import time

import pytest
from tls_client import Authority, Talk, context, install, new_key, openssl, self_signed

NAME = "host.example.org"
FILE = "control/servercert.pem"


def cert(box, *words, **options):
    return box.run(["qmail-cert", *words], timeout=40, **options)  # making large RSA keys takes a variable time


def good(box, *words) -> str:
    result = cert(box, *words)
    assert result.code == 0, (result.out, result.err)
    assert result.err == b""
    return result.out.decode()


def refused(box, *words, code: int = 100) -> str:
    before = snapshot(box)
    result = cert(box, *words)
    assert result.code == code and result.out == b"", (result.out, result.err)
    assert snapshot(box) == before
    return result.err.decode()


def snapshot(box) -> dict:
    control = box.path("control")
    return {str(path): (path.lstat().st_ino, path.read_bytes()) for path in control.rglob("*") if path.is_file()}


def owner_and_mode(path) -> tuple:
    found = path.stat()
    return found.st_uid, found.st_gid, oct(found.st_mode & 0o7777)


def ids(user: str, group: str) -> tuple[int, int]:
    import grp
    return (0 if user == "root" else pwd.getpwnam(user).pw_uid), grp.getgrnam(group).gr_gid


def text_of(path) -> str:
    return spelled(openssl("x509", "-in", str(path), "-noout", "-text"))


def spelled(text: bytes) -> str:
    """As OpenSSL 3.0 spells it: 3.2 and later leave out the blanks of "CN = x"."""
    return text.decode().replace("CN=", "CN = ")


def finding(box, text: str, code: int, *options) -> str:
    result = cert(box, "check", *options)
    out = result.out.decode()
    assert result.code == code and text in out, out
    assert result.err == b""
    return out


class Ca(Authority):
    """A CA that makes chain and key files for server names."""

    def sign_csr(self, request: str, name: str, *dates: str) -> None:
        self._ca("-in", request, "-extfile", f"{name}.ext", "-out", "leaf.crt", *dates)

    def server(self, name: str, *chain: Authority, days: str = "9") -> tuple[str, str]:
        with open(f"{self.home}/{name}.ext", "w", encoding="ascii") as stream:
            stream.write(f"basicConstraints=CA:FALSE\nsubjectAltName=DNS:{name}\nauthorityInfoAccess=caIssuers;URI:http://ca.example/\n")
        key = f"{self.home}/{name}.key"
        openssl("req", *new_key(key), "-subj", f"/CN={name}", "-out", "csr", cwd=self.home)
        self.sign_csr("csr", name, "-days", days)
        full = f"{self.home}/{name}.full"
        with open(f"{self.home}/leaf.crt", "rb") as leaf, open(full, "wb") as stream:
            stream.write(leaf.read() + b"".join(one.certificate for one in chain))
        return full, key


def test_a_pair_is_made_and_used(box):
    out = good(box, "make", "www.example.org", "*.Shop.example.org", "www.example.org")
    assert "EC P-256" in out and "STARTTLS is offered from now on." in out
    path = box.path(FILE)
    assert owner_and_mode(path) == (*ids("qmaild", "qmail"), "0o640")
    text = text_of(path)
    assert f"DNS:{NAME}, DNS:www.example.org, DNS:*.shop.example.org\n" in text
    assert "P-256" in text and "CA:FALSE" in text and f"Subject: CN = {NAME}" in text
    assert b"BEGIN PRIVATE KEY" in path.read_bytes()
    talk = Talk(box).starttls(context(), NAME)
    assert talk.say("NOOP") == "250 ok" and talk.quit() == 0
    finding(box, "qmail-cert: all right", 0)


@pytest.mark.limit(90)
@pytest.mark.parametrize("kind, wanted", [("ec384", "P-384"), ("rsa", "Public-Key: (2048 bit)"), ("rsa3072", "Public-Key: (3072 bit)")])
def test_kinds_of_keys_and_days(box, kind, wanted):
    good(box, "make", "-k", kind, "-d", "10")
    text = text_of(box.path(FILE))
    assert wanted in text
    assert ("Key Encipherment" in text) == kind.startswith("rsa")
    end = openssl("x509", "-in", str(box.path(FILE)), "-noout", "-checkend", str(86400 * 10 - 60))
    assert b"will not expire" in end
    finding(box, " ends in ", 1)
    finding(box, "all right", 0, "-w", "9")
    Talk(box).starttls()


@pytest.mark.limit(90)
@pytest.mark.parametrize("kind, old_form", [("ec", "EC"), ("rsa", "RSA")])
def test_keys_in_the_form_of_older_tools(box, kind, old_form):
    """-----BEGIN RSA PRIVATE KEY-----, as in pairs of the patches, before or after the certificate."""
    good(box, "make", "-k", kind)
    path = box.path(FILE)
    certificate = path.read_bytes().partition(b"-----BEGIN PRIVATE")[0]
    key = openssl("pkey", "-in", str(path), "-traditional")
    assert f"BEGIN {old_form} PRIVATE KEY".encode() in key
    for text in (certificate + key, key + certificate):
        path.write_bytes(text)
        finding(box, "all right", 0)
        assert Talk(box).starttls().quit() == 0


def test_a_key_is_never_replaced_without_word_and_trace(box):
    good(box, "make")
    first = box.path(FILE).read_bytes()
    assert "-f makes a new pair" in refused(box, "make")
    out = good(box, "make", "-f")
    old = re.search(r"kept as (control/servercert\.pem\.old\.\S+)\.", out).group(1)
    assert box.path(old).read_bytes() == first and owner_and_mode(box.path(old))[2] == "0o640"
    good(box, "make", "-f")
    good(box, "make", "-f")
    kept = sorted(path.name for path in box.path("control").glob("*.old.*"))
    assert len(kept) == 3 and not list(box.path("control").glob("*.tmp"))
    assert len({box.path(f"control/{name}").read_bytes() for name in kept}) == 3
    shown = box.run(["qmail-showctl"]).out.decode()
    assert f"{kept[0]}: ignored: belongs to qmail-cert" in shown
    os.chmod(box.path(f"control/{kept[0]}"), 0o644)
    finding(box, "everybody on this host can read the key", 2)


def test_owner_of_a_file_of_root_stays(box):
    install(box)
    os.chown(box.path(FILE), *ids("root", "nofiles"))
    good(box, "make", "-f")
    assert owner_and_mode(box.path(FILE)) == (*ids("root", "nofiles"), "0o640")
    finding(box, "all right", 0)


@pytest.mark.parametrize("words", [
    ("make", "-d", "0"), ("make", "-d", "x"), ("make", "-d", "36501"), ("make", "-k", "dsa"), ("make", "-x"), ("make", "-k"), ("make", "-s"),
    ("make", "bad name"), ("make", "host"), ("make", "a..b"), ("make", "192.0.2.1"), ("make", "a.b,DNS:evil.example"), ("make", "*"),
    ("make", "-s", "../../etc"), ("make", "-s", ".hidden"), ("make", "-s", "*.a.example"), ("make", "x" * 64 + ".example"),
    ("install",), ("install", "x"), ("install", "a", "b", "c", "d"), ("check", "x"), ("check", "-w", "-1"), ("show", "-x"), ("tickets", "x"),
    ("acme", "x"), ("bogus",)])
def test_wrong_arguments_change_nothing(box, words):
    assert refused(box, *words).startswith("qmail-cert: ")


def test_servers_with_names(box):
    good(box, "make")
    assert "control/servercerts/shop.example.net/servercert.pem" in good(box, "make", "-s", "Shop.example.NET", "other.example.net")
    path = box.path("control/servercerts/shop.example.net/servercert.pem")
    assert owner_and_mode(path) == (*ids("qmaild", "qmail"), "0o640")
    assert owner_and_mode(path.parent) == (*ids("root", "qmail"), "0o755")
    assert "DNS:shop.example.net, DNS:other.example.net\n" in text_of(path)
    talk = Talk(box).starttls(context(), "shop.example.net")
    assert talk.tls.getpeercert(True) == openssl("x509", "-in", str(path), "-outform", "DER")
    finding(box, "all right", 0)
    path.parent.rename(path.parent.with_name("UPPER.example.net"))
    finding(box, "no client can ask for it", 1)


def test_request(box):
    assert "qmail-cert make" in refused(box, "request")
    good(box, "make", "www.example.org")
    box.file("/tmp/csr", good(box, "request", "imap.example.org"))
    text = spelled(openssl("req", "-in", "/tmp/csr", "-noout", "-text", "-verify"))
    assert f"DNS:{NAME}, DNS:imap.example.org, DNS:www.example.org\n" in text and f"Subject: CN = {NAME}" in text
    ours = openssl("pkey", "-in", str(box.path(FILE)), "-pubout")
    assert openssl("req", "-in", "/tmp/csr", "-noout", "-pubkey") == ours
    box.path(FILE).write_bytes(b"garbage\n")
    assert "has no key" in refused(box, "request")


def test_install_and_renew(box):
    ca = Ca("middle", Authority("root"))
    full, key = ca.server(NAME, ca)
    result = cert(box, "install", f"{NAME}.full", f"{NAME}.key", cwd="/tmp/middle")
    assert result.code == 0, result.err
    out = result.out.decode()
    assert "issued by CN=middle" in out and "kept" not in out
    path = box.path(FILE)
    assert owner_and_mode(path) == (*ids("qmaild", "qmail"), "0o640")
    assert path.read_bytes().count(b"BEGIN CERTIFICATE") == 2
    talk = Talk(box)
    assert "STARTTLS" in talk.say("EHLO c")
    ours = context()
    ours.load_verify_locations("/tmp/root/ca.crt")
    ours.verify_mode, ours.check_hostname = 2, True
    talk.starttls(ours, NAME)
    before = snapshot(box)
    assert "there already" in good(box, "install", full, key)
    assert snapshot(box) == before
    second = ca.server(NAME, ca)
    waiting = Talk(box)  # a session that began before the renewal gets the new pair too
    assert "kept as control/servercert.pem.old." in good(box, "install", *second)
    waiting.starttls(ours, NAME)
    assert waiting.tls.getpeercert(True) == openssl("x509", "-in", second[0], "-outform", "DER")
    both = box.file("/tmp/both.pem", open(second[0], "rb").read() + open(second[1], "rb").read())
    good(box, "install", "-f", str(both), str(both), "shop.example.net")
    assert box.path("control/servercerts/shop.example.net/servercert.pem").exists()


def test_what_install_refuses(box):
    root = Ca("root")
    ca = Ca("middle", root)
    full, key = ca.server(NAME, ca)
    other_full, other_key = ca.server("other.example.net", ca)
    install(box)
    nothing, garbage = box.file("/tmp/nothing", ""), box.file("/tmp/garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    locked = box.file("/tmp/locked", openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x"))
    reverse = box.file("/tmp/reverse", ca.certificate + open(full, "rb").read().split(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n")
    astray = box.file("/tmp/astray", open(full, "rb").read() + Authority("stranger").certificate)
    assert "is not that of the first certificate" in refused(box, "install", full, other_key)
    assert "is not that of the first certificate" in refused(box, "install", "-f", full, other_key)
    assert "is not that of the first certificate" in refused(box, "install", str(reverse), key)
    assert "has no certificate" in refused(box, "install", str(nothing), key)
    assert "has no key" in refused(box, "install", full, full)
    assert "damaged certificate" in refused(box, "install", str(garbage), key)
    assert "password" in refused(box, "install", full, str(locked))
    assert "unable to read" in refused(box, "install", "/tmp/absent", key)
    assert "was not signed by the one behind it" in refused(box, "install", str(astray), key)
    message = refused(box, "install", other_full, other_key)
    assert f"is for other.example.net, not for {NAME}" in message and "-f installs it" in message
    assert "is for" in refused(box, "install", full, key, "other.example.net")
    old = ca.server("old.example.net", ca)
    ca.sign_csr("csr", "old.example.net", "-startdate", "20190101000000Z", "-enddate", "20200101000000Z")
    assert " ended 2020-01-01 00:00:00 UTC" in refused(box, "install", "/tmp/middle/leaf.crt", old[1], "old.example.net")
    ca.sign_csr("csr", "old.example.net", "-startdate", "20400101000000Z", "-enddate", "20500101000000Z")
    assert "is the clock right?" in refused(box, "install", "/tmp/middle/leaf.crt", old[1], "old.example.net")
    leaf = box.file("/tmp/leaf", open(full, "rb").read().split(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n")
    assert "no chain behind it" in good(box, "install", str(leaf), key)
    finding(box, "the chain is missing", 1)
    good(box, "install", "-f", other_full, other_key)
    finding(box, f"it is not for {NAME} but for other.example.net", 1)


def test_check_says_what_is_wrong_and_what_to_do(box):
    result = cert(box, "check")
    assert result.code == 0 and b"it does not exist: TLS is off" in result.out and b"do: qmail-cert make" in result.out
    assert cert(box, "check", "-q").out == b""
    pem = install(box)
    path = box.path(FILE)
    out = finding(box, "self-signed", 1)  # and it ends in nine days
    assert re.search(r"ends in [89] days, \d{4}-", out) and "  do: qmail-cert install FULLCHAIN KEY" in out
    assert finding(box, " ends in ", 1, "-q").startswith("warning: ")
    for mode, text in ((0o644, "everybody on this host can read the key"), (0o600, None), (0o660, "can change it")):
        path.chmod(mode)
        if text:
            assert "chown qmaild:qmail" in finding(box, text, 2)
        else:
            finding(box, "warnings: 1", 1)
    path.chmod(0o640)
    os.chown(path, 0, 0)
    finding(box, "qmaild can not read it: access denied", 2)
    os.chown(path, *ids("alice", "alice"))
    finding(box, "can change it", 2)
    os.chown(path, *ids("qmaild", "qmail"))
    for content, text in ((b"garbage\n", "it has no certificate; STARTTLS is answered with 454"),
                          (pem[:pem.index(b"-----BEGIN PRIVATE")], "it has no key"),
                          (pem[:pem.index(b"-----BEGIN PRIVATE")] + self_signed("x.example").split(b"CERTIFICATE-----\n")[-1], "not that of its"),
                          (pem[:100] + b"!" + pem[100:], "damaged")):
        path.write_bytes(content)
        finding(box, text, 2)
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.key", "-days", "90", "-subj", f"/CN={NAME}", "-out", "weak.crt")
    path.write_bytes(open("/tmp/weak.crt", "rb").read() + open("/tmp/weak.key", "rb").read())
    finding(box, "the servers can not use it: ", 2)
    path.unlink()
    path.symlink_to("/tmp/private/link.pem")  # like a link into the directory of an ACME client
    os.mkdir("/tmp/private", 0o700)
    box.file("/tmp/private/link.pem", pem, mode=0o644)
    finding(box, "qmaild can not read it", 2)
    path.unlink()
    path.mkdir()
    finding(box, "unable to read it", 2)


def test_check_of_chains_and_dates(box):
    root = Ca("root")
    ca = Ca("middle", root)
    full, key = ca.server(NAME, ca, root)
    good(box, "install", full, key)
    out = finding(box, "this host's list of CAs does not lead to it", 1)
    assert "only peers that know CN=root" in out
    box.env["SSL_CERT_FILE"] = "/tmp/root/ca.crt"
    assert "list of CAs" not in finding(box, "warnings: 3", 1)
    finding(box, "all right", 0, "-w", "5")
    path = box.path(FILE)
    parts = path.read_bytes().split(b"-----END CERTIFICATE-----\n")
    parts = [part + b"-----END CERTIFICATE-----\n" for part in parts[:-1]] + parts[-1:]
    path.write_bytes(parts[0] + parts[2] + parts[1] + parts[3])
    finding(box, "the chain is out of order: certificate 1", 1, "-w", "5")
    path.write_bytes(parts[0] + parts[3])
    finding(box, "the chain is missing: unable to get local issuer certificate", 1, "-w", "5")
    ca.sign_csr("csr", NAME, "-startdate", "20190101000000Z", "-enddate", "20200101000000Z")
    path.write_bytes(open("/tmp/middle/leaf.crt", "rb").read() + parts[3])
    finding(box, f"the certificate of CN={NAME} ended 2020-01-01 00:00:00 UTC", 2)


def test_check_of_what_verifies_peers(box):
    good(box, "make")
    root = Authority("root")
    other = Authority("other")
    box.control("tlsclients", "a@b.example\n")
    finding(box, "without control/clientca.pem no client is asked", 1)
    box.file("control/clientca.pem", root.certificate)
    finding(box, "ok: control/clientca.pem: 1 certificates", 0, "-w", "5")
    finding(box, " ends in ", 1)
    box.file("control/clientcrl.pem", root.crl())
    finding(box, "all right", 0, "-w", "5")
    finding(box, "the list of CN=root ends", 1, "-w", "90")
    box.file("control/clientca.pem", root.certificate + other.certificate)
    finding(box, "there is no list of CN=other", 1, "-w", "5")
    box.file("control/clientcrl.pem", b"garbage\n")
    finding(box, "unable to find a revocation list", 2)
    root._ca("-gencrl", "-out", "crl.pem", "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z")
    box.file("control/clientcrl.pem", open("/tmp/root/crl.pem", "rb").read() + other.crl())
    finding(box, "the list of CN=root ended 2020-02-01 00:00:00 UTC: no certificate of a client counts", 2)
    box.path("control/clientcrl.pem").unlink()
    box.control("tlsclients", None)
    finding(box, "without control/tlsclients it does nothing", 0, "-w", "5")
    box.file("control/clientca.pem", b"garbage\n")
    finding(box, "it has no certificate; STARTTLS is answered with 454", 2)
    box.path("control/clientca.pem").unlink()

    box.path("control/tlshosts").mkdir()
    box.file("control/tlshosts/mx.example.net.pem", root.certificate)
    box.file("control/tlshosts/exhaustivelist", b"")
    finding(box, "ok: control/tlshosts/mx.example.net.pem: 1 certificates", 0, "-w", "5")
    box.path("control/tlshosts/mx.example.net.pem").chmod(0o600)
    finding(box, "qmailr can not read it: access denied", 2)
    box.file("control/tlshosts/mx.example.net.pem", b"")
    finding(box, "mail to mx.example.net is deferred", 2)
    box.path("control/tlshosts/mx.example.net.pem").unlink()
    box.file("control/tlshosts/MX.pem", root.certificate)
    finding(box, "so it does nothing", 1, "-w", "5")
    box.path("control/tlshosts/MX.pem").unlink()

    pair = root.client("/CN=us")
    box.file("control/clientcert.pem", open(pair, "rb").read(), mode=0o640, owner="root:qmail")
    finding(box, "ok: control/clientcert.pem: CN=us", 0, "-w", "5")
    box.path("control/clientcert.pem").chmod(0o600)
    finding(box, "qmailr can not read it", 2)
    box.path("control/clientcert.pem").chmod(0o644)
    finding(box, "everybody on this host can read the key", 2)
    box.file("control/clientcert.pem", b"garbage\n")
    finding(box, "it is not shown to servers", 1)


def test_check_is_for_root(box):
    copy = box.file("/tmp/qmail-cert", box.path("bin/qmail-cert").read_bytes(), mode=0o755)
    result = box.run([copy, "check"], as_user="alice")
    assert (result.code, result.out, result.err) == (111, b"", b"qmail-cert: check: only root can look at keys\n")


def test_show(box):
    assert good(box, "show") == "There is no control/servercert.pem: TLS is off.\n"
    assert good(box, "show", "--terse") == ""
    good(box, "make", "www.example.org")
    good(box, "make", "-s", "a.example.net")
    box.file("control/servercerts/b.example.net/servercert.pem", b"garbage\n")
    text = good(box, "show")
    assert "  issuer:      itself (self-signed)" in text and "  of no use: it has no certificate" in text
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in good(box, "show", "--terse").split("\n\n") if block]
    assert [block["file"] for block in blocks] == [FILE, *(f"control/servercerts/{name}.example.net/servercert.pem" for name in "ab")]
    first = blocks[0]
    assert first["names"] == f"{NAME},www.example.org" and first["name"] == NAME and first["issuer"] == f"CN={NAME}"
    assert first["self-signed"] == "yes" and first["key"] == "EC P-256" and first["certificates"] == "1"
    assert abs(int(first["ends"]) - time.time() - 3650 * 86400) < 100 and first["state"] in ("3649 days", "3650 days")
    assert blocks[2] == {"file": "control/servercerts/b.example.net/servercert.pem", "error": "it has no certificate"}
    digest = openssl("x509", "-in", str(box.path(FILE)), "-noout", "-fingerprint", "-sha256").decode()
    assert digest.strip().split("=")[1].replace(":", "").lower() == first["sha256"]


def test_ticket_keys(box):
    good(box, "make")
    keys = box.path("control/tlsticketkey")
    assert "sessions are resumed from now on (1 key)" in good(box, "tickets")
    assert owner_and_mode(keys) == (*ids("root", "nofiles"), "0o640")
    history = [keys.read_bytes()]
    for _ in range(3):
        good(box, "tickets")
        history.append(keys.read_bytes())
    assert [len(one) for one in history] == [80, 160, 240, 240]
    for before, after in zip(history, history[1:]):
        assert after[80:] == before[:160] and after[:80] not in before
    ours = context(version="TLSv1_3")
    talk = Talk(box).starttls(ours)
    assert talk.say("NOOP") == "250 ok"  # the ticket comes with the first answer
    session = talk.tls.session
    assert session.has_ticket and talk.quit() == 0
    for kept in (True, True, False):
        good(box, "tickets")
        talk = Talk(box).starttls(ours, session=session)
        assert talk.tls.session_reused == kept
        assert talk.quit() == 0
    keys.write_bytes(b"x" * 81)
    finding(box, "its size is no number of keys", 1)
    assert "was of no use" in good(box, "tickets")
    assert len(keys.read_bytes()) == 80
    finding(box, "ok: control/tlsticketkey: changed", 0)
    os.utime(keys, (time.time() - 8 * 86400 - 60,) * 2)
    finding(box, "its newest key is 8 days old", 1)
    keys.chmod(0o644)
    finding(box, "everybody on this host can read the key", 2)


def test_a_failed_write_leaves_the_old_pair(box):
    good(box, "make")
    before = snapshot(box)
    done = subprocess.run(["sh", "-c", f"ulimit -f 0; exec {box.program('qmail-cert')} make -f"], env=box.env, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 111 or done.returncode < 0, done
    after = snapshot(box)
    assert after[str(box.path(FILE))] == before[str(box.path(FILE))]
    left = box.file("control/servercert.pem.tmp", "left over by a crash", mode=0o644)
    good(box, "make", "-f")
    assert not left.exists()
    finding(box, "all right", 0)


def test_nobody_sees_the_key_while_it_is_written(box):
    """The new file never has permissions for others, not even before its owner and mode are set."""
    good(box, "make")
    os.umask(0)
    trace = subprocess.run(["strace", "-f", "-e", "trace=open,openat,fchmod,chmod,fsync,rename,link,fchown,?fchown32", box.program("qmail-cert"), "make", "-f"],
                           env=box.env, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr.decode()
    steps = [line for line in trace.splitlines() if "servercert.pem" in line or "fsync" in line or "fch" in line]
    created = next(line for line in steps if "O_CREAT" in line)
    assert "O_EXCL" in created and "0600" in created
    names = [re.match(r"[a-z]+", step).group(0) for step in steps]
    at = {name: names.index(name) for name in ("link", "fchown", "fchmod", "fsync", "rename")}
    assert at["link"] < at["fchown"] < at["fchmod"] < at["fsync"] < at["rename"] < len(names) - 1
    assert names[-1] == "fsync"


def test_what_to_do_with_an_acme_client(box):
    text = good(box, "acme")
    for word in ("/var/qmail/control/servercert.pem", "owner qmaild, group qmail, mode 0640", "--deploy-hook", "--reloadcmd",
                 "/var/qmail/bin/qmail-cert install", "Nothing is to be restarted"):
        assert word in text


def test_certbots_hook_as_it_is_printed(box):
    """Runs the line between the quotes as certbot does."""
    ca = Ca("middle", Authority("root"))
    full, key = ca.server(NAME, ca)
    os.mkdir("/tmp/lineage")
    os.rename(full, "/tmp/lineage/fullchain.pem")
    os.rename(key, "/tmp/lineage/privkey.pem")
    hook = re.search(r"--deploy-hook \\\n\s*'([^']*)'", good(box, "acme")).group(1)
    subprocess.run(["sh", "-c", hook], env=box.env | {"RENEWED_LINEAGE": "/tmp/lineage"}, check=True, stdout=subprocess.DEVNULL)
    Talk(box).starttls()
    assert owner_and_mode(box.path(FILE)) == (*ids("qmaild", "qmail"), "0o640")


def test_update_tmprsadh(box):
    for name in ("rsa512.pem", "rsa2048.pem", "rsa4096.pem", "dh1024.pem", "dh2048.pem"):
        box.file(f"control/{name}", b"garbage\n")
    good(box, "make")
    before = snapshot(box)
    for arguments in ((), ("-x", "y")):
        result = box.run(["update_tmprsadh", *arguments])
        assert (result.code, result.out, result.err) == (0, b"", b"")
    assert snapshot(box) == before
    talk = Talk(box).starttls()
    assert talk.quit() == 0 and talk.errors == ""
    assert "dh2048.pem: ignored: belongs to TLS." in box.run(["qmail-showctl"]).out.decode()
    finding(box, "all right", 0)
