"""qmail-deliverability: what receivers find in the DNS, compared with the control files."""

import json

import pytest

from dns_zone import serve

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
    assert code == 0 and lines[0] == "DELIVERABILITY OK: d.example: 8 ok", lines
    assert [line.split(":")[0] for line in lines[1:]] == [
        "ok ptr", "ok helo", "ok mx", "ok spf", "ok dkim", "ok dmarc", "ok mta-sts", "ok tlsrpt"]


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
