"""control/tlspolicyserver with postfix-mta-sts-resolver as the server; it fetches the policies from a web server of the test."""

import http.server
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from conformlib.process import until
from dns_zone import serve
from test_filter_peers import found
from test_remote_policies import in_clear
from test_remote_tls import IP, TAKEN, certificate, context, new_authority, remote, server, z

WEB = "192.0.2.44"
PORT = 8461
CONFIG = f"""host: 127.0.0.1
port: {PORT}
cache: {{type: internal, options: {{cache_size: 100}}}}
cache_grace: 0
default_zone: {{strict_testing: false, timeout: 4}}
"""


class Web:
    """Answers as mta-sts.b.example does, with a certificate of this authority."""

    def __init__(self, authority, mode, exchanger):
        policy = f"version: STSv1\r\nmode: {mode}\r\nmx: {exchanger}\r\nmax_age: 86400\r\n".encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 - the name that the library calls
                good = self.path == "/.well-known/mta-sts.txt"
                self.send_response(200 if good else 404)
                self.send_header("Content-Type", "text/plain")
                self.end_headers()
                self.wfile.write(policy if good else b"")

            def log_message(self, *arguments):
                pass

        web = http.server.ThreadingHTTPServer((WEB, 443), Handler)
        name = "mta-sts.b.example"
        web.socket = context(certificate(authority, f"/CN={name}", name)).wrap_socket(web.socket, server_side=True)
        threading.Thread(target=web.serve_forever, daemon=True).start()


def trusted(authority):
    """A directory with this authority alone, for qmail-remote."""
    os.mkdir("/tmp/cas")
    Path("/tmp/cas/ca.pem").write_bytes(Path(authority.home, "ca.crt").read_bytes())
    subprocess.run(["openssl", "rehash", "/tmp/cas"], check=True)
    return "/tmp/cas\n"


def set_up(box, mode="enforce", exchanger="mx.b.example", fetched=True):
    authority = new_authority()
    serve({"b.example": {"MX": [(10, "mx.b.example")]}, "mx.b.example": {"A": [IP]}, "mta-sts.b.example": {"A": [WEB]},
           "_mta-sts.b.example": {"TXT": ["v=STSv1; id=1;"]}})
    if fetched:
        Web(authority, mode, exchanger)
    box.control("tlscapath", trusted(authority))
    box.file("/tmp/sts.yml", CONFIG)
    bundle = str(Path(authority.home, "ca.crt"))
    process = subprocess.Popen([found("mta-sts-daemon")[1], "-c", "/tmp/sts.yml"], env=os.environ | {"SSL_CERT_FILE": bundle},
                               stdout=subprocess.DEVNULL, stderr=open("/tmp/sts.log", "wb"))

    def answers():
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=2).close()
            return True
        except ConnectionRefusedError:
            return process.poll() is not None

    until(answers, 20, "the policy server")
    assert process.poll() is None, Path("/tmp/sts.log").read_text()
    box.control("tlspolicyserver", f"inet:127.0.0.1:{PORT}:postfix\n")
    return authority


@found("mta-sts-daemon")[0]
@pytest.mark.parametrize("name, report", [
    ("mx.b.example", TAKEN),
    ("other.example", z("TLS unable to verify server mx.b.example: certificate contains no matching dNSNnames; connected to 192.0.2.1."))])
def test_a_policy_is_kept(box, name, report):
    authority = set_up(box)
    listener = server(box, context(certificate(authority, f"/CN={name}", name)))
    assert remote(box) == report
    assert not any(in_clear(log) for log in listener.connections)


@found("mta-sts-daemon")[0]
def test_no_tls_under_a_policy(box):
    set_up(box)
    listener = server(box, None)
    assert remote(box)[:1] == b"Z" and not any(in_clear(log) for log in listener.connections)


@found("mta-sts-daemon")[0]
@pytest.mark.parametrize("mode, fetched", [("testing", True), ("none", True), ("enforce", False)])
def test_what_demands_nothing(box, mode, fetched):
    """A policy that is tried out, one that says nothing, and one that nobody could fetch."""
    set_up(box, mode, fetched=fetched)
    server(box, None)
    assert remote(box) == TAKEN
