"""testssl.sh (Debian: testssl.sh) against each TLS server: no finding above LOW. Minutes long, so it is run by name alone:

    make testssl        or        python3 -m pytest -s tests/blackbox/testssl.py

Judged with a certificate of a CA that is given with --add-ca, as a host with a certificate of a real one is seen. Left out:
what is not ours to answer (chain, revocation, CAA and other DNS records of a CA of an afternoon).
"""

import json
import os
import subprocess

import pytest
from listening import listen
from tls_client import Authority, new_key, openssl

NAME = "host.example.org"
BAD = ("MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL")
NOT_OURS = ("cert_chain_of_trust", "cert_trust", "cert_crlDistributionPoints", "cert_ocspURL", "cert_revocation", "OCSP_stapling", "cert_mustStapleExtension",
            "DNS_CAArecord", "certificate_transparency", "cert_ocspRevoked", "cert_crlRevoked", "cert_caIssuers")
OF_THE_CLIENT = ("engine_problem",)
SERVERS = {
    "smtp-25-starttls": (25, ["qmail-smtpd"], {}, "qmaild", ["--starttls", "smtp"]),
    "smtps-465": (465, ["qmail-smtpd"], {"SMTPS": "1"}, "qmaild", []),
    "pop3-110-stls": (110, ["qmail-popup", NAME, "/bin/false"], {}, None, ["--starttls", "pop3"]),
    "pop3s-995": (995, ["qmail-popup", NAME, "/bin/false"], {"POP3S": "1"}, None, []),
}


def pair_of_a_ca(box, kind: str) -> None:
    """Makes a certificate for three months, as ACME does."""
    ca = Authority("root")
    key = new_key("leaf.key") if kind == "ec" else ["-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.key"]
    # Key exchange by RSA, which port 25 has, is encipherment.
    usage = "digitalSignature" if kind == "ec" else "digitalSignature,keyEncipherment"
    openssl("req", *key, "-subj", f"/CN={NAME}", "-out", "csr", cwd=ca.home)
    with open(f"{ca.home}/server.ext", "w", encoding="ascii") as stream:
        stream.write(f"basicConstraints=CA:FALSE\nsubjectAltName=DNS:{NAME}\nextendedKeyUsage=serverAuth\nkeyUsage={usage}\n")
    ca._ca("-in", "csr", "-days", "89", "-extfile", "server.ext", "-out", "leaf.crt")
    done = box.run(["qmail-cert", "install", f"{ca.home}/leaf.crt", f"{ca.home}/leaf.key"])
    assert done.code == 0, done.err


@pytest.mark.limit(1500)
@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("server", SERVERS)
def test_no_finding_above_low(box, server, kind):
    port, command, variables, user, options = SERVERS[server]
    box.control("timeoutsmtpd", "10\n")
    pair_of_a_ca(box, kind)
    assert box.run(["qmail-cert", "tickets"]).code == 0
    if not os.path.isdir("/etc/testssl"):
        box.file("/etc/hosts", f"127.0.0.1 localhost {NAME}\n")
    listen(box, port, command, variables, user)
    done = subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "min", "--ip", "127.0.0.1", "--add-ca",
                           "/tmp/root/ca.crt", "--jsonfile", "/tmp/found.json", *options, f"{NAME}:{port}"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=box.env | {"TERM": "dumb"}, cwd="/tmp", check=False)
    with open("/tmp/found.json", encoding="utf-8") as stream:
        findings = json.load(stream)
    counts = {}
    for one in findings:
        counts[one["severity"]] = counts.get(one["severity"], 0) + 1
    grade = [one["finding"] for one in findings if one["id"] == "overall_grade"]
    print(f"\n{server} {kind}: {counts}, grade {grade}")
    low = [(one["id"], one["finding"]) for one in findings if one["severity"] == "LOW"]
    print("\n".join(f"  LOW {name}: {text}" for name, text in low))
    wrong = [(one["severity"], one["id"], one["finding"]) for one in findings
             if one["severity"] in BAD and not one["id"].startswith(NOT_OURS + OF_THE_CLIENT)]
    left_out = [(one["severity"], one["id"], one["finding"]) for one in findings if one["severity"] in BAD and one["id"].startswith(NOT_OURS + OF_THE_CLIENT)]
    print("\n".join(f"  left out {severity} {name}: {text}" for severity, name, text in left_out))
    assert wrong == [], done.stdout.decode("latin-1")[-3000:]
    assert counts.get("OK", 0) > 30, done.stdout.decode("latin-1")[-3000:]
