"""qmail-deliverability: what receivers find in the DNS, compared with the control files."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from dns_zone import serve
from test_remote_policies import key_of as key_of_certificate
from tls_client import Authority, install

REVERSE = "1.2.0.192.in-addr.arpa"


def good_zone():
    return {
        "d.example": {"MX": [(10, "mail.d.example")], "TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
        "mail.d.example": {"A": ["192.0.2.1"]},
        REVERSE: {"PTR": ["mail.d.example"]},
        "_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject"]},
    }


def set_up(box):
    box.control("me", "mail.d.example\n")
    box.control("defaulthost", "d.example\n")
    box.control("locals", "d.example\n")


def check(box, *arguments, timeout=40):
    done = box.run(["qmail-deliverability", "check", *arguments], timeout=timeout)
    assert done.err == b""
    return done.code, done.out.decode().splitlines()


def key_of(box):
    """Makes a key and returns the text of its record."""
    line = box.run(["dknewkey", "-e", "-d", "d.example"], timeout=20).out.decode()
    return "".join(line.split('"')[1::2])


def test_a_host_without_a_fault(box):
    set_up(box)
    zone = good_zone()
    zone["default._domainkey.d.example"] = {"TXT": [key_of(box)]}
    serve(zone)
    code, lines = check(box, "--address=192.0.2.1")
    assert code == 0 and lines[0] == "DELIVERABILITY OK: d.example: 9 ok", lines
    assert [line.split(":")[0] for line in lines[1:]] == [
        "ok ptr", "ok helo", "ok mx", "ok spf", "ok dkim", "ok dmarc", "ok mta-sts", "ok tlsrpt", "ok tlsa"]


def test_what_is_missing_is_said_with_what_to_publish(box):
    set_up(box)
    record = key_of(box)
    serve({})
    code, lines = check(box, "--address=192.0.2.1", "other.example", "d.example")
    assert code == 2 and [line.split(":")[0] for line in lines if line.startswith("DELIV")] == ["DELIVERABILITY CRITICAL"] * 2
    text = "\n".join(lines)
    assert f"critical ptr: 192.0.2.1 has no name; publish: {REVERSE}. IN PTR mail.d.example." in text
    assert "publish: mail.d.example. IN A 192.0.2.1" in text
    assert 'publish: d.example. IN TXT "v=spf1 mx ip4:192.0.2.1 ~all"' in text
    assert "warning dkim: messages of other.example are not signed; make a key: dknewkey -e -d other.example" in text
    line = next(line for line in lines if "signed with a key that is not at default._domainkey.d.example" in line)
    assert "".join(line.split('"')[1::2]) == record


def test_other_forms_of_a_domain(box):
    set_up(box)
    zone = good_zone()
    zone["xn--bcher-kva.example"] = zone["d.example"]
    serve(zone)
    for domain, shown in (("D.example.", "d.example"), ("bücher.example", "xn--bcher-kva.example")):
        _, lines = check(box, "--address=192.0.2.1", domain)
        assert lines[0].partition(": ")[2].startswith(f"{shown}: ") and f"ok spf: {shown} lets 192.0.2.1 send its mail" in lines


def test_json(box):
    set_up(box)
    serve(good_zone())
    done = box.run(["qmail-deliverability", "check", "--json", "--address=192.0.2.1"], timeout=40)
    report = json.loads(done.out)
    assert done.code == 1 and report["domain"] == "d.example" and report["status"] == "warning"
    found = {one["name"]: one for one in report["checks"]}
    assert found["ptr"]["status"] == "ok" and found["dkim"]["status"] == "warning" and "dknewkey" in found["dkim"]["advice"]


def test_own_names_and_lists(box):
    set_up(box)
    zone = good_zone()
    zone["1.2.0.192.list.example"] = {"A": ["127.0.0.2"], "TXT": ["seen sending spam"]}
    serve(zone)
    box.control("dnsblcheck", "list.example\nclean.example\n")
    box.control("helohostbyip", "192.0.2.1:Other.example\n")
    code, lines = check(box, "--address=192.0.2.1")
    assert code == 2
    assert "critical dnsbl: list.example lists 192.0.2.1: seen sending spam; find the cause, then ask list.example to remove it" in lines
    assert "ok dnsbl: clean.example does not list 192.0.2.1" in lines
    assert any(line.startswith("critical helo: other.example, said by 192.0.2.1,") for line in lines)


def test_the_address_of_outgoingip(box):
    set_up(box)
    serve(good_zone())
    box.control("outgoingip", "192.0.2.1\n")
    assert check(box)[1][1].startswith("ok ptr: 192.0.2.1 ")


def test_without_a_public_address(box):
    set_up(box)
    serve(good_zone())
    code, lines = check(box)
    assert code == 1 and any(line.startswith("unknown ptr: this host has no public address") for line in lines)


def tlsa_line(box, *options):
    code, lines = check(box, "--address=192.0.2.1", *options)
    line, = (line for line in lines if line.split()[1] == "tlsa:")
    return code, line


def test_tlsa_records(box):
    """The record that is advised is taken; then the certificate has another key; then the zones are not signed."""
    name, signed = "_25._tcp.mail.d.example", {"d.example", "mail.d.example", "in-addr.arpa"}
    set_up(box)
    zone = good_zone()
    zone[name] = {}
    serve(zone, lambda question: question.name == name or question.name in signed)
    assert tlsa_line(box)[1] == f"ok tlsa: there are no TLSA records at {name}, which are optional"
    pem = install(box)
    digest = key_of_certificate(box.path("control/servercert.pem")).hex()
    assert tlsa_line(box)[1] == (f"ok tlsa: there are no TLSA records at {name}, which are optional; "
                                 f"publish: {name}. IN TLSA 3 1 1 {digest}")
    whole = subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem, stdout=subprocess.PIPE, check=True).stdout
    for record in ((3, 1, 1, bytes.fromhex(digest)), (3, 0, 2, hashlib.sha512(whole).digest()), (3, 0, 0, whole)):
        zone[name] = {"TLSA": [record]}
        assert tlsa_line(box)[1] == f"ok tlsa: the record at {name} describes control/servercert.pem"
    install(box)
    code, line = tlsa_line(box)
    assert code == 2 and line.startswith(f"critical tlsa: no record at {name} describes control/servercert.pem, so senders")
    signed.remove("mail.d.example")
    code, line = tlsa_line(box)
    assert code == 1 and line.startswith(f"warning tlsa: senders ignore the records at {name}, since the way to them is not signed")
    signed.clear()
    code, line = tlsa_line(box)
    assert code == 2 and line.endswith(f"publish: {name}. IN TLSA 3 1 1 {key_of_certificate(box.path('control/servercert.pem')).hex()}")
    assert "the name servers of this host do not verify answers" in line


def test_tlsa_records_of_an_authority(box):
    set_up(box)
    authority = Authority("ours")
    name, zone = "_25._tcp.mail.d.example", good_zone()
    zone[name] = {"TLSA": [(2, 1, 1, key_of_certificate("/tmp/ours/ca.crt"))]}
    serve(zone, lambda question: True)
    for subject, word in (("mail.d.example", "ok"), ("other.example", "critical")):
        pair = Path(authority.client(f"/CN={subject}", authority)).read_bytes()
        box.file("control/servercerts/mail.d.example/servercert.pem", pair)
        assert tlsa_line(box)[1].startswith(f"{word} tlsa: "), subject
    report = json.loads(box.run(["qmail-deliverability", "check", "--json", "--address=192.0.2.1"], timeout=40).out)
    found, = (one for one in report["checks"] if one["name"] == "tlsa")
    assert found["status"] == "critical" and "servercerts/mail.d.example" in found["text"] and " TLSA 3 1 1 " in found["advice"]


def test_silent_name_servers(box):
    set_up(box)
    code, lines = check(box, "--address=192.0.2.1", "--timeout=1")
    assert code == 1 and lines[1].startswith("unknown ptr: ")  # that nothing is signed is known


def test_a_key_that_cannot_be_read(box):
    set_up(box)
    serve(good_zone())
    key_of(box)
    box.path("control/domainkeys/d.example/default").chmod(0o666)
    code, lines = check(box, "--address=192.0.2.1")
    assert code == 3 and any(line.startswith("unknown dkim: control/domainkeys/d.example/default: ") for line in lines)


@pytest.mark.parametrize("arguments, words", [
    ([], b"usage: "), (["nonsense"], b"usage: "), (["check", "--bogus"], b"usage: "),
    (["check", "--address=x"], b"x is no IP address"), (["check", "--timeout=0"], b"--timeout takes"),
    (["check", "a..b"], b"a..b is no domain")])
def test_wrong_commands(box, arguments, words):
    done = box.run(["qmail-deliverability", *arguments])
    assert done.code == 3 and done.out == b"" and words in done.err


def test_a_malformed_list(box):
    set_up(box)
    box.control("dnsblcheck", "a..zone\n")
    done = box.run(["qmail-deliverability", "check"])
    assert done.code == 3 and b"control/dnsblcheck: a..zone: " in done.err
    shown = box.run(["qmail-showctl", "--check"])
    assert b"dnsblcheck" in shown.out + shown.err
