"""qmail-remote with DANE where the parts are real: a zone signed by ldns-signzone, Unbound as the verifying name server, Postfix as the peer."""

import subprocess
from pathlib import Path

from conformlib.process import until
from postfix_peer import DOMAIN
from test_filter_peers import found
from test_remote_policies import key_of
from test_remote_postfix import IP, delivered, peer, send

PLACE = Path("/mnt/unbound")
ZONE = "example.net"
RECORDS = f"""{ZONE}. 60 IN SOA ns.{ZONE}. hostmaster.{ZONE}. 1 60 60 60 60
{ZONE}. 60 IN NS ns.{ZONE}.
ns.{ZONE}. 60 IN A 127.0.0.1
{DOMAIN}. 60 IN MX 10 {DOMAIN}.
{DOMAIN}. 60 IN A {IP}
_25._tcp.{DOMAIN}. 60 IN TLSA 3 1 1 %s
"""
UNBOUND = f"""server:
  directory: "{PLACE}"
  chroot: ""
  username: ""
  pidfile: ""
  logfile: "{PLACE}/log"
  use-syslog: no
  do-daemonize: no
  interface: 127.0.0.1
  do-ip6: no
  module-config: "validator iterator"
  trust-anchor-file: "{PLACE}/anchor"
auth-zone:
  name: "{ZONE}"
  zonefile: "{PLACE}/zone.signed"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
remote-control:
  control-enable: no
"""


def resolver(digest, spoiled=False):
    """Signs the zone, with this TLSA record, and starts Unbound. `spoiled`: another record stands there under the old signature."""
    PLACE.mkdir()
    run = {"cwd": PLACE, "check": True, "capture_output": True, "text": True, "timeout": 30}
    key = subprocess.run(["ldns-keygen", "-k", "-a", "ECDSAP256SHA256", ZONE], **run).stdout.strip()
    (PLACE / "zone").write_text(RECORDS % digest)
    subprocess.run(["ldns-signzone", "-o", ZONE, "zone", key], **run)
    if spoiled:
        signed = PLACE / "zone.signed"
        text = signed.read_text()
        assert digest in text
        signed.write_text(text.replace(digest, "00" * 32))
    (PLACE / "anchor").write_text((PLACE / f"{key}.key").read_text())
    (PLACE / "conf").write_text(UNBOUND)
    process = subprocess.Popen([found("unbound")[1], "-d", "-c", str(PLACE / "conf")])
    until(lambda: "start of service" in log() or process.poll() is not None, 20, "Unbound")
    assert process.poll() is None, log()


def log():
    path = PLACE / "log"
    return path.read_text() if path.exists() else ""


def digest_of_peer():
    return key_of("/tmp/server.crt").hex()


@found("unbound")[0]
@found("ldns-signzone")[0]
def test_a_signed_record_of_the_peer(box):
    postfix = peer(box, names=False)
    resolver(digest_of_peer())
    box.control("tlspolicy", f"{DOMAIN}:dane-only\n")
    assert b"accepted message" in send(box)
    assert b"using TLSv1.3" in delivered(postfix)


@found("unbound")[0]
@found("ldns-signzone")[0]
def test_a_signed_record_of_another_key(box):
    peer(box, names=False)
    resolver("11" * 32)
    box.control("dane", "1\n")
    assert send(box) == f"ZTLS unable to verify server {DOMAIN}: no matching TLSA record; connected to {IP}.\n\0".encode()


@found("unbound")[0]
@found("ldns-signzone")[0]
def test_a_record_with_a_wrong_signature(box):
    """Unbound answers with SERVFAIL: nobody may take the server for one without records."""
    peer(box, names=False)
    resolver(digest_of_peer(), spoiled=True)
    box.control("dane", "1\n")
    assert send(box) == f"ZTLSA records of {DOMAIN} unknown for now. (#4.7.5)\n\0".encode()
