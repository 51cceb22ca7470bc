"""config, config-fast and the commands that look names up."""

import pytest

ZONE = {
    "mail.example.net": {"A": ["192.0.2.1", "192.0.2.2"]},
    "alias.example.net": {"CNAME": "mail.example.net"},
    "example.net": {"MX": [(20, "mx2.example.net"), (10, "mx1.example.net")]},
    "mx1.example.net": {"A": ["192.0.2.11"]},
    "mx2.example.net": {"A": ["192.0.2.12", "192.0.2.13"]},
    "1.2.0.192.in-addr.arpa": {"PTR": "mail.example.net"},
    "broken.example.net": "SERVFAIL",
}


@pytest.mark.parametrize(
    "command, code, out, err",
    [
        ("dnsip mail.example.net", 0, b"192.0.2.1 192.0.2.2 \n", b""),
        ("dnsip nothing.example.net", 100, b"", b"hard error\n"),
        ("dnsip broken.example.net", 111, b"", b"soft error\n"),
        ("dnsip", 100, b"", b"dnsip: usage: dnsip host\n"),
        ("dnsip a b", 100, b"", b"dnsip: usage: dnsip host\n"),
        ("dnsip a..b", 100, b"", b"hard error\n"),
        ("dnsmxip example.net", 0, b"192.0.2.11 10 192.0.2.12 20 192.0.2.13 20 \n", b""),
        ("dnsmxip mail.example.net", 0, b"192.0.2.1 0 192.0.2.2 0 \n", b""),
        ("dnsmxip nothing.example.net", 100, b"", b"hard error\n"),
        ("dnsmxip broken.example.net", 111, b"", b"soft error\n"),
        ("dnsptr 192.0.2.1", 0, b"mail.example.net\n", b""),
        ("dnsptr 192.0.2.9", 100, b"", b"hard error\n"),
        ("dnsptr mail", 100, b"", b"hard error\n"),
        ("dnsfq localhost", 0, b"localhost\n", b""),
        ("dnsfq", 100, b"", b"dnsfq: usage: dnsfq host\n"),
    ],
)
def test_look_up(box, command, code, out, err):
    box.dns(ZONE)
    result = box.run(command.split(), timeout=20)
    assert (result.code, result.out, result.err) == (code, out, err)


def test_addresses_of_this_host(box):
    assert b"127.0.0.1\n" in box.run(["ipmeprint"]).out


def test_output_that_cannot_be_written_is_no_success(box):
    result = box.run(["ipmeprint"], extra_fds={1: None})
    assert result.code == 111


def control(box, name):
    return box.path(f"control/{name}").read_text()


def test_config_fast_writes_the_first_files(box):
    result = box.run(["config-fast", "Mail.Sub.Example.ORG"])
    assert result.code == 0 and result.err == b""
    assert control(box, "me") == "mail.sub.example.org\n"
    assert control(box, "locals") == "mail.sub.example.org\n"
    assert control(box, "rcpthosts") == "mail.sub.example.org\n"
    assert control(box, "defaultdomain") == "sub.example.org\n"
    assert control(box, "plusdomain") == "example.org\n"


@pytest.mark.parametrize("argument", ["", "a b", "-x..y", ".a", "a.", "a;b", "a/b"])
def test_config_fast_refuses_what_is_no_host_name(box, argument):
    result = box.run(["config-fast", argument])
    assert result.code == 100 and result.err.startswith(b"config-fast: ")
    assert control(box, "me") == "host.example.org\n"


def test_config_fast_says_what_it_cannot_write(box):
    for path in box.path("control").iterdir():
        path.unlink()
    box.path("control").rmdir()
    result = box.run(["config-fast", "mail.example.org"])
    assert result.code == 111 and b"unable to write" in result.err


def test_config_finds_names_in_the_dns(box):
    box.dns({"1.0.0.127.in-addr.arpa": {"PTR": "other.example.org"}})
    result = box.run(["config"], timeout=20)
    assert result.code == 0, result.err
    name = control(box, "me").strip()
    assert control(box, "locals").split() == [name, "other.example.org"]
    assert control(box, "rcpthosts").split() == [name, "other.example.org"]
