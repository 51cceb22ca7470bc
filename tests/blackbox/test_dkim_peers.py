"""DKIM as two other verifiers see it, dkimpy and Mail::DKIM, for each message of the vectors that lie beside the checkout: where one of
them is of another opinion than qmail-mailauth, a rule of an RFC says why."""

import importlib.util
import json
import re
import subprocess

import pytest

from dns_zone import serve
from test_mailauth import load, zone

# The others wait long for a name server that fails.
VECTORS = [vector for vector in load("dkim/verify.json") if "SERVFAIL" not in vector["dns"].values()]
# Net::DNS waits by the clock, which is that of the vector here, so the records are given directly.
MAIL_DKIM = r"""
use JSON::PP;
my $case;
BEGIN { local $/; $case = decode_json(<STDIN>); my $now = $case->{time}; *CORE::GLOBAL::time = sub { $now }; }
use Mail::DKIM::Verifier;
use Net::DNS;
my %records = map { lc($_) => $case->{dns}{$_} } keys %{$case->{dns}};
no warnings 'redefine';
*Mail::DKIM::DNS::query = sub {
    my $text = $records{lc $_[0]};
    for (1 .. 9) { $text = $records{lc $text->{CNAME}} if ref $text eq 'HASH'; }
    return () unless defined $text;
    my @strings = ref $text ? @$text : $text =~ /(.{1,255})/gs;
    return Net::DNS::RR->new(owner => $_[0], type => 'TXT', txtdata => \@strings);
};
my $text = $case->{message};
$text =~ s/\n/\r\n/g;
my $verifier = Mail::DKIM::Verifier->new();
$verifier->PRINT($text);
$verifier->CLOSE;
print join("\n", map { $_->result } $verifier->signatures), "\n";
"""
DKIMPY = r"""
import json, sys, time
import dkim
case = json.load(sys.stdin)
time.time = lambda: float(case["time"])
records = {name.lower().encode(): text for name, text in case["dns"].items()}
def lookup(name, timeout=5):
    text = records.get(name.rstrip(b".").lower())
    for _ in range(9):
        if not isinstance(text, dict):
            break
        text = records.get(text["CNAME"].lower().encode())
    return None if text is None or text == "SERVFAIL" else ("".join(text) if isinstance(text, list) else text).encode("latin-1")
message = case["message"].encode("latin-1").replace(b"\n", b"\r\n")
count = len([1 for name, _ in dkim.rfc822_parse(message)[0] if name.strip().lower() == b"dkim-signature"])
for number in range(count):
    try:
        print("pass" if dkim.DKIM(message, minkey=1024).verify(number, dnsfunc=lookup) else "fail")
    except Exception as why:
        print("fail", why)
"""


def run(command, data):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
    return [line.split()[0] if line else "" for line in done.stdout.decode("latin-1").splitlines()]


def ours(box, vector):
    found = box.run(["qmail-mailauth", "check", f"time={vector['time']}"], vector["message"].encode("latin-1"), timeout=30)
    return [line.removeprefix("dkim=") for line in found.out.decode("latin-1").splitlines() if line.startswith("dkim=")]


def dkimpy(vector):
    return run(["/usr/bin/python3", "-c", DKIMPY], json.dumps(vector).encode())


def mail_dkim(vector):
    return run(["perl", "-e", MAIL_DKIM], json.dumps(vector).encode())


def have_mail_dkim():
    return subprocess.run(["perl", "-MMail::DKIM::Verifier", "-e", "1"], stderr=subprocess.DEVNULL, check=False).returncode == 0


# Why ours does not pass what another one passes.
STRICTER = {
    "rsa-sha1 is not secure": "RFC 8301 section 3.1", "no v=": "RFC 6376 section 3.5", "unknown v=": "RFC 6376 section 3.5",
    "no bh=": "RFC 6376 section 3.5", "h= lacks From": "RFC 6376 section 5.4", "key is not for sha256": "RFC 6376 section 3.6.1",
    "key is not for subdomains": "RFC 6376 section 3.6.1", "l= leaves out bytes of the body": "RFC 6376 section 8.2",
    "too many signatures": "RFC 6376 section 8.4",
}


def cannot_be_read(name, vector):
    """dkimpy does not read a field with blanks before its colon, which RFC 6376 section 3.4.2 lets a verifier delete."""
    return name == "dkimpy" and re.search(r"(?m)^[A-Za-z-]+[ \t]+:", vector["message"].partition("\n\n")[0])


def is_explained(name, mine, theirs):
    if mine.startswith("pass"):
        # Mail::DKIM is older than RFC 8463.
        return name == "Mail::DKIM" and theirs == "invalid" and "header.a=ed25519-sha256" in mine
    reason = re.search(r"\((.*?)\)", mine)
    return bool(reason) and reason[1] in STRICTER


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("dkim") is None or not have_mail_dkim(), reason="dkimpy or Mail::DKIM is not installed")
@pytest.mark.limit(600)
def test_others_agree(box):
    records, odd = {}, []
    serve(records)
    for vector in VECTORS:
        records.clear()
        records.update(zone({name: {"TXT": [text]} if isinstance(text, list) else text for name, text in vector["dns"].items()}))
        mine = [one for one in ours(box, vector) if one != "none"]
        for name, theirs in (("dkimpy", dkimpy(vector)), ("Mail::DKIM", mail_dkim(vector))):
            theirs = [one for one in theirs if one]
            differ = [pair for pair in zip(mine, theirs) if pair[0].startswith("pass") != (pair[1] == "pass") and not is_explained(name, *pair)]
            if differ or (len(mine) != len(theirs) and not cannot_be_read(name, vector)):
                odd.append((name, vector["name"], mine, theirs))
    assert not odd, "\n".join(map(str, odd))
