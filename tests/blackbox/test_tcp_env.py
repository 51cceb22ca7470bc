"""tcp-env: both families, errors of DNS and ident, closed and odd descriptors."""

import os
import socket
import time

import pytest

from conformlib import LINE, delay
from conformlib.process import contents, memory_file, spawn, wait
from conformlib.users import USERS
from dns_server import PTR, DnsServer, name, record

SHOW = ["/bin/sh", "-c", "env | grep -E '^(PROTO|TCP)' | sort"]


def connected(box, args, local, remote, family=socket.AF_INET, limit=20):
    """Runs tcp-env ARGS with a connection from `remote` to `local` as descriptor 0; returns (exit code, variables)."""
    with socket.create_server((local, 25), family=family) as listener:
        client = socket.create_connection((local, 25), source_address=(remote, 4000))
        server, _ = listener.accept()
    out, err = memory_file(), memory_file()
    pid = spawn([box.program("tcp-env"), *args], {0: server.fileno(), 1: out, 2: err}, box.env, USERS["qmaild"],
                "/")
    code = wait(pid, limit)
    client.close()
    assert contents(err) == b""
    return code, dict(line.split("=", 1) for line in contents(out).decode("latin-1").splitlines())


def pointer(owner, *targets):
    """Runs a name server with one PTR name, whose records name the targets."""
    def respond(question):
        if question.type == PTR and question.name == owner:
            return question.answer(*[record(owner, PTR, name(target)) for target in targets])
        return question.answer(code=3)
    return respond


def test_ipv6(box):
    owner = ".".join("1" + "0" * 31) + ".ip6.arpa"
    DnsServer(pointer(owner, "Six.Example"))
    code, seen = connected(box, ["-R", *SHOW], "::1", "::1", family=socket.AF_INET6)
    assert (code, seen) == (0, {"PROTO": "TCP6", "TCPLOCALIP": "::1", "TCPLOCALPORT": "25", "TCPLOCALHOST": "six.example",
                                "TCPREMOTEIP": "::1", "TCPREMOTEPORT": "4000", "TCPREMOTEHOST": "six.example"})


def test_ipv4_on_an_ipv6_socket(box):
    """A v4-mapped address is shown, and looked up, as an IPv4 address."""
    server = DnsServer(pointer("1.0.0.127.in-addr.arpa", "four.example"))
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", 25))
    listener.listen()
    client = socket.create_connection(("127.0.0.1", 25), source_address=("127.0.0.1", 4000))
    accepted, _ = listener.accept()
    out = memory_file()
    pid = spawn([box.program("tcp-env"), "-R", *SHOW], {0: accepted.fileno(), 1: out, 2: out}, box.env, USERS["qmaild"],
                "/")
    assert wait(pid, 8) == 0
    client.close()
    assert contents(out) == (b"PROTO=TCP\nTCPLOCALHOST=four.example\nTCPLOCALIP=127.0.0.1\nTCPLOCALPORT=25\n"
                             b"TCPREMOTEHOST=four.example\nTCPREMOTEIP=127.0.0.1\nTCPREMOTEPORT=4000\n")
    assert set(server.asked) == {"PTR 1.0.0.127.in-addr.arpa"}


def test_tcp6_already_set(box):
    """A listener with IPv6 has set all variables: nothing is looked up."""
    result = box.run(["tcp-env", *SHOW], b"", {"PROTO": "TCP6", "TCPREMOTEIP": "2001:db8::1"})
    assert (result.code, result.out) == (0, b"PROTO=TCP6\nTCPREMOTEIP=2001:db8::1\n")


def test_other_sockets(box):
    """With a socket that is not a TCP connection or not connected, it exits 111."""
    for left in (socket.socketpair()[0], socket.socket()):
        pid = spawn([box.program("tcp-env"), "-R", *SHOW], {0: left.fileno(), 1: memory_file(), 2: memory_file()}, box.env,
                    USERS["qmaild"], "/")
        assert wait(pid, 8) == 111


def test_first_of_several_names(box):
    DnsServer(pointer("99.2.0.192.in-addr.arpa", "first.example", "second.example"))
    assert connected(box, ["-R", *SHOW], "192.0.2.10", "192.0.2.99")[1]["TCPREMOTEHOST"] == "first.example"


def test_malformed_name(box):
    """Invalid answers of a name server are a temporary failure."""
    DnsServer(lambda question: question.answer(record(question.name, PTR, b"\x3fshort")))
    assert connected(box, ["-R", *SHOW], "192.0.2.10", "192.0.2.99")[1]["TCPREMOTEHOST"] == "softdnserror"


HOSTILE = [b"a\nb", b"\x1b[2J", b"a b", b"caf\xe9", b"a;b", b"a.b", b"a\0b", b"$(x)", b"a\x7f", b"*"]


def labelled(label):
    return bytes([len(label)]) + label + b"\x07EXAMPLE\0"


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_name(box, label):
    """A name with bytes other than letters, digits, - _ and . is not valid; another name in the same answer counts."""
    DnsServer(lambda question: question.answer(record(question.name, PTR, labelled(label))))
    code, seen = connected(box, ["-R", *SHOW], "192.0.2.10", "192.0.2.99")
    assert code == 0 and "TCPREMOTEHOST" not in seen and "TCPLOCALHOST" not in seen
    result = box.run(["dnsptr", "192.0.2.99"])
    assert (result.code, result.out, result.err) == (100, b"", b"hard error\n")


def test_good_name_beside_a_hostile_one(box):
    DnsServer(lambda question: question.answer(record(question.name, PTR, labelled(b"a\nb")),
                                               record(question.name, PTR, labelled(b"Good_1-x"))))
    code, seen = connected(box, ["-R", *SHOW], "192.0.2.10", "192.0.2.99")
    assert (code, seen["TCPREMOTEHOST"]) == (0, "good_1-x.example")
    assert box.run(["dnsptr", "192.0.2.99"]).out == b"good_1-x.example\n"


def test_config_writes_no_hostile_name(box):
    DnsServer(lambda question: question.answer(record(question.name, PTR, labelled(b"evil\n.example.org")))
              if question.type == PTR else question.answer(code=3))
    result = box.run(["config"])
    assert result.code == 0, result
    assert b"evil" not in result.out
    for file in ("locals", "rcpthosts"):
        assert box.path(f"control/{file}").read_text() == box.path("control/me").read_text()


@pytest.mark.limit(90)
def test_name_server_that_never_ends(box):
    """The server requests TCP and is silent there; the resolver itself would wait without limit."""
    def respond(question):
        if question.name == "10.2.0.192.in-addr.arpa":
            return question.answer(record(question.name, PTR, name("here.example")))
        return question.answer(flags=0x8780)  # cut

    DnsServer(respond, tcp=False)
    with socket.create_server(("127.0.0.1", 53)):
        begin = time.monotonic()
        code, seen = connected(box, ["-R", *SHOW], "192.0.2.10", "192.0.2.99", limit=80)
    assert (code, seen["TCPLOCALHOST"], seen["TCPREMOTEHOST"]) == (0, "here.example", "softdnserror")
    assert 29 < time.monotonic() - begin < 60


@pytest.mark.parametrize("answer, name", [
    (b"4000 , 25 : USERID : UNIX : j o\te:x\r\n", "joe:x"), (b"4000,25:USERID:UNIX: \t j\ro\re \r\r\n", "joe"),
    (b"4000,25:USERID:UNIX:joe\0smith\r\n", "joe"), (b"4000,25:USERID:UNIX:\0\r\n", ""), (b"a:b:c:d:e\n", "d:e"),
    (b"4000 , 25 : ERROR : NO-USER\r\n", ""), (b"\n", ""), (b"a:b:c:" + b"n" * 2000 + b"\n", "n" * 998), (b"a:b:c:joe", None),
    (b"a:b:c:" + b"n " * 998, "n" * 998), (b"a:b:c:" + b"n" * 997, None),
])
def test_ident_names(box, answer, name):
    """Blanks, tabs and CRs are removed, a NUL ends the name, a colon does not; after 998 bytes no line end is needed."""
    DnsServer(lambda question: question.answer(code=3))
    box.server(113, [LINE, answer], "192.0.2.99")
    code, seen = connected(box, SHOW, "192.0.2.10", "192.0.2.99")
    assert (code, seen.get("TCPREMOTEINFO")) == (0, name)


@pytest.mark.parametrize("answer", ["x" * 100_000, [delay(0.1)] * 50])
def test_ident_without_end(box, answer):
    """A line that never ends, or comes slowly, is given up after at most -t seconds."""
    DnsServer(lambda question: question.answer(code=3))
    steps = [LINE, answer.encode()] if isinstance(answer, str) else [LINE, *[part for step in answer for part in (step, b"y")]]
    box.server(113, steps, "192.0.2.99")
    code, seen = connected(box, ["-t", "2", *SHOW], "192.0.2.10", "192.0.2.99")
    assert code == 0
    assert seen.get("TCPREMOTEINFO", "") == ""


def test_ident_asks_from_the_address_of_the_connection(box):
    """The ident server gets the ports of the connection."""
    import threading
    peers = []
    listener = socket.create_server(("192.0.2.99", 113))

    def serve():
        stream, peer = listener.accept()
        peers.append((peer[0], stream.makefile("rb").readline()))
        stream.sendall(b"4000, 25 : USERID : OTHER : who cares\r\n")
    threading.Thread(target=serve, daemon=True).start()
    DnsServer(lambda question: question.answer(code=3))
    assert connected(box, SHOW, "192.0.2.10", "192.0.2.99")[1]["TCPREMOTEINFO"] == "whocares"
    assert peers == [("192.0.2.10", b"4000 , 25\r\n")]


def test_missing_descriptors(box):
    """A closed descriptor 0 is not a connection; the other descriptors may be closed."""
    result = box.run(["/bin/sh", "-c", "tcp-env -R echo x <&- >&- 2>&-; echo $? >/tmp/code"])
    assert result.code == 0 and open("/tmp/code").read() == "111\n"
    assert box.run(["tcp-env", "true"], None, {"PROTO": "TCP"}).code == 0


def test_descriptors_are_not_left_open(box):
    """The program gets only the standard descriptors, and none that was used for a look-up."""
    DnsServer(lambda question: question.answer(code=3))
    code, seen = connected(box, ["-R", "/bin/sh", "-c", "echo FDS=$(ls /proc/self/fd | tr '\\n' ' ')"], "192.0.2.10",
                           "192.0.2.99")
    # ls has its directory open as well.
    assert (code, seen["FDS"].split()) == (0, ["0", "1", "2", "3"])


@pytest.mark.parametrize("timeout", ["0", "x", "99999999999999999999"])
def test_odd_timeouts(box, timeout):
    DnsServer(lambda question: question.answer(code=3))
    box.server(113, [LINE, "4000 , 25 : USERID : UNIX : joe"], "192.0.2.99")
    code, seen = connected(box, ["-t", timeout, *SHOW], "192.0.2.10", "192.0.2.99")
    assert code == 0
    assert seen.get("TCPREMOTEINFO") in (None, "joe")


def test_environment_is_handed_on(box):
    """Other variables are kept, even an empty and an odd one."""
    out = box.run(["/usr/bin/env", "-i", "PROTO=TCP", "EMPTY=", "PATH=" + os.environ.get("PATH", "/bin"), "=odd",
                   "/var/qmail/bin/tcp-env", "env"])
    assert {b"EMPTY=", b"=odd", b"PROTO=TCP"} <= set(out.out.splitlines())
