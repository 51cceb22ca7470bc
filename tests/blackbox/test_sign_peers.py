"""Signatures of qmail-sign verified by others, each where it is installed: dkimpy, Mail::DKIM, OpenDKIM, rspamd."""

import http.client
import json
import re
import subprocess

import pytest

from conformlib.process import until
from dns_zone import serve
from test_filter_peers import SOCKET, ask, configured, found, opendkim, start
from test_sign import MESSAGE, new_key

KINDS = {"rsa": [()], "ed25519": [("-t", "ed25519")], "both": [(), ("-t", "ed25519", "ed25519")]}
EACH_KIND = pytest.mark.parametrize("kind", KINDS)
# Prints the result of each signature. The version of Debian 12 does not know Ed25519.
PERL = """use Mail::DKIM::Verifier; my $v = Mail::DKIM::Verifier->new();
while (<STDIN>) { chomp; s/\\r$//; $v->PRINT("$_\\r\\n"); } $v->CLOSE;
print $_->algorithm, " ", $_->result, "\\n" for $v->signatures;"""
RSPAMD = """options {{ filters = "dkim"; url_tld = "{d}/ends"; tempdir = "{d}"; pidfile = "{d}/pid";
  dns {{ nameserver = ["127.0.0.1:53:10"]; timeout = 5s; retransmits = 2; }} }}
logging {{ type = "file"; filename = "{d}/log"; level = "error"; }}
dkim {{ }}
worker "normal" {{ bind_socket = "127.0.0.1:11333"; count = 1; }}
"""


def signed(box, kind):
    """A message as it is sent, and the same with another subject; their keys are in the DNS."""
    zone = {}
    for arguments in KINDS[kind]:
        zone |= new_key(box, *arguments)
    serve(zone)
    fields = box.run(["qmail-sign", "ann@d.example", "bob@host.example.org"], MESSAGE, as_user="qmailr", timeout=20).out
    assert fields.count(b"DKIM-Signature:") == len(KINDS[kind])
    text = re.sub(rb"\r(?!\n)", b" ", fields + MESSAGE).replace(b"\n", b"\r\n")
    return text, text.replace(b"Subject: two", b"Subject: three"), zone


@EACH_KIND
def test_dkimpy(box, kind):
    dkim = pytest.importorskip("dkim")
    if kind != "rsa":
        pytest.importorskip("nacl")
    good, bad, zone = signed(box, kind)

    def record(name, timeout=5):
        return zone[name.decode().rstrip(".")]["TXT"][0].encode()

    for message, verdict in ((good, True), (bad, False)):
        found_so = []
        for index in range(len(KINDS[kind])):
            try:
                found_so.append(dkim.DKIM(message).verify(idx=index, dnsfunc=record))
            except dkim.ValidationError:
                found_so.append(False)
        assert found_so == [verdict] * len(KINDS[kind])


@found("perl")[0]
@EACH_KIND
def test_mail_dkim(box, kind):
    if subprocess.run(["perl", "-MMail::DKIM::Verifier", "-e", "1"], capture_output=True, check=False).returncode != 0:
        pytest.skip("Mail::DKIM is not installed")
    good, bad, _ = signed(box, kind)
    for message, word in ((good, "pass"), (bad, "fail")):
        out = subprocess.run(["perl", "-e", PERL], input=message, capture_output=True, timeout=30, check=True).stdout.decode().splitlines()
        assert len(out) == len(KINDS[kind])
        assert all(line == f"rsa-sha256 {word}" for line in out if line.startswith("rsa")), out
        assert all(line in (f"ed25519-sha256 {word}", "ed25519-sha256 invalid") for line in out if not line.startswith("rsa")), out


@found("opendkim")[0]
@EACH_KIND
def test_opendkim(box, kind):
    good, bad, _ = signed(box, kind)
    opendkim(box)
    box.control("smtpdmilters", f"unix:{SOCKET}\n")
    for message, passes in ((good, len(KINDS[kind])), (bad, 0)):
        text = re.sub(r"(?m)^\.", "..", message.decode("latin-1"))
        reply, said = ask(box, text + ".")
        assert reply.startswith(b"250 ok "), said
        field = re.search(rb"(?m)^Authentication-Results: peer\.example;(?:.*\n[ \t])*.*", box.captured()[-1][0])[0]
        assert field.count(b"dkim=pass") == passes, field


@found("rspamd")[0]
@pytest.mark.limit(120)
@EACH_KIND
def test_rspamd(box, kind):
    good, bad, _ = signed(box, kind)
    path = configured(box, "rspamd", RSPAMD.format(d="/mnt/peer"))
    box.file("/mnt/peer/ends", "example\n")
    start(box, "rspamd", "-f", "-i", "-c", path, socket="/mnt/peer/log")

    def symbols(message):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", 11333, timeout=20)
            connection.request("POST", "/checkv2", message)
            return json.loads(connection.getresponse().read())["symbols"]
        except ConnectionRefusedError:
            return None

    allowed = until(lambda: symbols(good), 60, "rspamd")["R_DKIM_ALLOW"]["options"]
    assert len(allowed) == len(KINDS[kind]) and all(option.startswith("d.example:s=") for option in allowed)
    assert "R_DKIM_ALLOW" not in symbols(bad) and "R_DKIM_REJECT" in symbols(bad)
