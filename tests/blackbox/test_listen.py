"""qmail-listen beside tcpserver: the same variables, lines, exit codes and answers."""

import os
import re
import resource
import signal
import socket
import subprocess
import time

import pytest

ARGUMENTS = ["-v", "-1", "-R", "-H", "-l", "here.example"]


class Server:
    """A listener of a test: qmail-listen or tcpserver."""

    def __init__(self, box, program, options, command, *, address="127.0.0.1", port="0", env=None, **more):
        path = box.program(program) if program == "qmail-listen" else program
        self.process = subprocess.Popen([path, *ARGUMENTS, *options, address, port, *command], env={**box.env, **(env or {})}, cwd="/tmp",
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.addresses = address.split(",")
        self.ports = [int(self.process.stdout.readline()) for _ in self.addresses]
        self.received = b""

    def connect(self, index=0, **more):
        return socket.create_connection((self.addresses[index].replace("0.0.0.0", "127.0.0.1"), self.ports[index]), timeout=10, **more)

    def ask(self, text=b"", index=0, **more):
        """Sends the text and returns all that the server says until it closes."""
        with self.connect(index, **more) as client:
            if text:
                client.sendall(text)
                client.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while some := client.recv(65536):
                    answer += some
            except ConnectionResetError:
                pass
            return answer

    def lines_until(self, wanted):
        """Waits until this expression is found in the log, and returns the log so far."""
        while not re.search(wanted, self.received):
            assert (some := os.read(self.process.stderr.fileno(), 65536)), self.received
            self.received += some
        return self.received

    def end(self):
        self.process.terminate()
        assert self.process.wait(10) == 0
        self.received += self.process.stderr.read()
        numbers = {}
        text = re.sub(r"(?<=(?:pid |end ))\d+|(?<=ok )\d+|(?<=deny )\d+",
                      lambda match: numbers.setdefault(match.group(), f"P{len(numbers)}"), self.received.decode())
        return re.sub(r":\d+$", ":R", text, flags=re.MULTILINE).replace(f":{self.ports[0]} ", ":L ")


BOTH = ["tcpserver", "qmail-listen"]


def by_both(box, options, command, use, **more):
    """What `use` returns and the log, which must be the same for both."""
    results = []
    for program in BOTH:
        server = Server(box, program, options, command, **more)
        results.append((use(server), server.end()))
    assert results[0] == results[1]
    return results[1]


def ask_and_wait(server):
    answer = server.ask()
    server.lines_until(rb"end \d+ status \d+\ntcpserver: status: 0/40\n")
    return re.sub(rb"(?m)^TCP(REMOTE|LOCAL)PORT=\d+$", rb"TCP\1PORT=N", answer) or b"nothing"


def rules(box, text):
    box.file("/tmp/rules", text.encode())
    subprocess.run("tcprules /tmp/rules.cdb /tmp/rules.tmp </tmp/rules", shell=True, check=True)
    return ["-x", "/tmp/rules.cdb"]


def test_variables_and_lines(box):
    answer, log = by_both(box, [], ["sh", "-c", "env | sort; umask; pwd; exit 3"], ask_and_wait,
                          env={"TCPREMOTEINFO": "forged", "TCPREMOTEHOST": "forged", "SOME": "thing"})
    assert b"TCPLOCALHOST=here.example\nTCPLOCALIP=127.0.0.1\nTCPLOCALPORT=N\nTCPREMOTEIP=127.0.0.1\n" in answer
    assert b"SOME=thing" in answer and b"forged" not in answer
    assert log.splitlines()[-3:] == ["tcpserver: ok P0 here.example:127.0.0.1:L :127.0.0.1::R", "tcpserver: end P0 status 768",
                                     "tcpserver: status: 0/40"]


@pytest.mark.parametrize("name", ["a b:c%d\N{LATIN SMALL LETTER E WITH ACUTE}", "x" * 99, "x" * 100, "x" * 101, "x" * 150, ""])
def test_names_in_lines(box, name):
    by_both(box, ["-l", name], ["true"], ask_and_wait)


@pytest.mark.parametrize("text", [
    "127.0.0.1:deny", ":deny", "127.:allow,A=\"1\",B=/2\"/\n:deny", "10.:deny", "=:deny\n127.0.0.:allow,PROTO=\"x\"", "",
    "127.0.0.1:allow,TCPREMOTEIP=\"10.0.0.1\",TCPLOCALHOST=\"\""])
def test_rules(box, text):
    answer, log = by_both(box, rules(box, text + "\n" if text else ""), ["sh", "-c", "env | sort"], ask_and_wait)
    assert ("deny P0" in log) == (answer == b"nothing")


@pytest.mark.parametrize("state", ["absent", "absent but allowed", "directory", "damaged", "unreadable"])
def test_rules_that_cannot_be_read(box, state):
    options = ["-x", "/tmp/rules.cdb"] + (["-X"] if "allowed" in state else [])
    if state == "directory":
        os.mkdir("/tmp/rules.cdb")
    if state in ("damaged", "unreadable"):
        box.file("/tmp/rules.cdb", b"short", mode=0o600)
    who = ["-u", "7001", "-g", "7001"] if state == "unreadable" else []
    if state == "directory":
        # tcpserver crashes.
        server = Server(box, "qmail-listen", options, ["echo", "served"])
        assert server.ask() == b""
        assert b"dropping connection, unable to read /tmp/rules.cdb: " in server.lines_until(b" status 28416\n")
        return
    by_both(box, [*options, *who], ["echo", "served"], ask_and_wait)


@pytest.mark.parametrize("command", [["/nonexistent"], ["no-such-program"], ["/tmp"], ["sh", "-c", "kill -9 $$"], ["sh", "-c", "kill -TERM $$"],
                                     ["sh", "-c", "kill -PIPE $$"], ["sh", "-c", "kill -CHLD $$; echo lived"]])
def test_how_programs_end(box, command):
    by_both(box, [], command, ask_and_wait)


def test_what_programs_inherit(box):
    """Signals, groups, limits, descriptors."""
    look = ("grep -E '^(Uid|Gid|Groups|Sig|Cap|NoNewPrivs|Seccomp)' /proc/$$/status | grep -v SigQ; cat /proc/$$/limits; nice; "
            "ls /proc/$$/fd; umask; pwd; exec 1>&-; exit 0")
    for who in ([], ["-u", "7001", "-g", "7001"]):
        answer, _ = by_both(box, who, ["sh", "-c", look], ask_and_wait)
        assert (b"7001\t7001" in answer) == bool(who) and b"SigIgn:\t0000000000000000" in answer


def test_banner_and_quiet(box):
    answer, _ = by_both(box, ["-B", "220 hello\r\n"], ["echo", "after"], ask_and_wait)
    assert answer == b"220 hello\r\nafter\n"
    for program in BOTH:
        server = Server(box, program, ["-q"], ["/nonexistent"])
        assert server.ask() == b"" and server.end() == ""


@pytest.mark.parametrize("arguments, code", [([], 100), (["0"], 100), (["0", "25"], 100), (["-Z", "0", "25", "true"], 100),
                                             (["0", "no-such-port", "true"], 111), (["no-such-host.invalid", "25", "true"], 111)])
def test_what_prevents_listening(box, arguments, code):
    box.dns({})
    for program in BOTH:
        path = box.program(program) if program == "qmail-listen" else program
        done = subprocess.run([path, *arguments], capture_output=True, timeout=30, check=False)
        assert done.returncode == code and done.stdout == b"" and done.stderr.startswith(program.encode() + b": ")
        assert (b": fatal: " in done.stderr) == (code == 111) and (b": usage: " in done.stderr) == (code == 100)


def test_a_user_that_it_cannot_become(box):
    done = box.run(["qmail-listen", "-u", "7001", "127.0.0.1", "0", "true"], as_user="bob")
    assert (done.code, done.err) == (111, b"qmail-listen: fatal: unable to change identity: permission denied\n")
    assert box.run(["qmail-listen", "-U", "127.0.0.1", "0", "true"]).code == 111


def test_several_addresses(box):
    server = Server(box, "qmail-listen", [], ["sh", "-c", "echo $PROTO $TCPREMOTEIP $TCPLOCALIP"], address="127.0.0.1,::1,127.0.0.2")
    assert [server.ask(index=index) for index in range(3)] == [b"TCP 127.0.0.1 127.0.0.1\n", b"TCP6 ::1 ::1\n", b"TCP 127.0.0.1 127.0.0.2\n"]
    server.lines_until(rb" here\.example:::1:%d :::1::\d+\n" % server.ports[1])
    server.end()


def test_connections_beyond_the_limit_wait(box):
    server = Server(box, "qmail-listen", ["-c", "2"], ["cat"])
    first, second, third = (server.connect() for _ in range(3))
    for client in (first, second):
        client.sendall(b"x")
        assert client.recv(10) == b"x"
    third.sendall(b"y")
    third.settimeout(0.3)
    with pytest.raises(socket.timeout):
        third.recv(10)
    first.close()
    third.settimeout(10)
    assert third.recv(10) == b"y"
    assert server.lines_until(b"status: 2/2\n")


def test_limits_of_an_address_and_a_network(box):
    server = Server(box, "qmail-listen", ["-C", "2", "-N", "3"], ["sh", "-c", "echo in; cat"], env={"DIEMSG": "421 too many"})

    def client(address):
        one = server.connect(source_address=(address, 0))
        said = one.makefile("rb").readline()
        if said != b"in\n":
            server.lines_until(b"tcpserver: warning: too many connections from " + address.encode() + b"(/24)?: ")
            # Until its process has ended it counts.
            server.lines_until(rb"end \d+ status 25600\n")
            server.received = b""
        return one, said
    clients = [client("127.0.0.1"), client("127.0.0.1")]
    assert client("127.0.0.1")[1] == b"421 too many\r\n"
    clients += [client("127.0.0.9")]
    assert client("127.0.0.8")[1] == b"421 too many\r\n"
    clients += [client("127.0.1.1")]
    assert {said for _, said in clients} == {b"in\n"}
    clients[0][0].close()
    server.lines_until(b"end \\d+ status 0\n")
    assert client("127.0.0.8")[1] == b"in\n"


def test_rules_replace_limits_while_it_runs(box):
    server = Server(box, "qmail-listen", rules(box, "127.0.0.1:allow,MAXCONNIP=\"1\"\n:allow\n"), ["sh", "-c", "echo in; cat"])
    first = server.connect()
    assert first.recv(9) == b"in\n" and server.ask() == b""
    rules(box, "127.0.0.1:allow,MAXCONNIP=\"2\"\n:allow\n")
    second = server.connect()
    assert second.recv(9) == b"in\n"


def test_out_of_descriptors(box):
    """The listener waits instead of using all of a processor, and goes on when it has descriptors again."""
    server = Server(box, "qmail-listen", [], ["echo", "served"])
    assert server.ask() == b"served\n"
    server.lines_until(b"status: 0/40\n$")  # it has all descriptors that it needs
    number = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (number, 1024))
    client = server.connect()
    server.lines_until(b"tcpserver: warning: unable to accept a connection: ")
    before = sum(os.times()[2:4])
    time.sleep(1)
    assert server.process.poll() is None
    busy = sum(int(value) for value in open(f"/proc/{server.process.pid}/stat").read().rpartition(")")[2].split()[11:13])
    assert busy < 20 and sum(os.times()[2:4]) == before
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
    assert client.recv(100) == b"served\n"
    server.end()


def test_out_of_processes(box):
    """The connection is dropped with tcpserver's line, the next one is served."""
    def few_processes():
        resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))
    # An account that no test has that runs at the same time: the kernel counts its processes in all namespaces.
    server = Server(box, "qmail-listen", ["-u", "7999", "-g", "7999"], ["/bin/sh", "-c", "echo served; read line"], preexec_fn=few_processes)
    first = server.connect()
    assert first.recv(100) == b"served\n"
    assert server.ask() == b""
    server.lines_until(b"tcpserver: warning: dropping connection, unable to fork: temporary failure\ntcpserver: status: 1/40\n")
    first.sendall(b"\n")
    server.lines_until(b"tcpserver: status: 0/40\n$")
    with server.connect() as second:
        assert second.recv(100) == b"served\n"
    server.end()


def test_a_flood(box):
    """200 connections at once with 20 places: each is served, and at the end none is counted."""
    server = Server(box, "qmail-listen", ["-c", "20", "-b", "400"], ["cat"])
    clients = [server.connect() for _ in range(200)]
    server.lines_until(b"status: 20/20\n")
    for client in clients:
        client.sendall(b"x")
        client.shutdown(socket.SHUT_WR)
    assert all(client.recv(100) == b"x" for client in clients)
    while not server.lines_until(b"status: 0/20\n").endswith(b"status: 0/20\n"):
        server.received += os.read(server.process.stderr.fileno(), 65536)
    log = server.end()
    assert log.count("tcpserver: ok ") == log.count("tcpserver: end ") == 200 and "status: 21/20" not in log


def test_killed(box):
    """The end of the listener, by any signal, leaves its connections alone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        server = Server(box, "qmail-listen", [], ["cat"])
        client = server.connect()
        client.sendall(b"x")
        assert client.recv(9) == b"x"
        server.process.send_signal(number)
        assert server.process.wait(10) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
        client.sendall(b"y")
        assert client.recv(9) == b"y"
        with pytest.raises(ConnectionRefusedError):
            server.connect()


def test_names_of_the_client(box):
    """-h, -p and ident, with the answers of a name server."""
    box.dns({"1.0.0.127.in-addr.arpa": {"PTR": "client.example"}, "client.example": {"A": ["127.0.0.1"]},
             "2.0.0.127.in-addr.arpa": {"PTR": "forged.example"}, "forged.example": {"A": ["192.0.2.1"]}})
    for options, names in ((["-h"], [b"client.example", b"forged.example", b"-"]), (["-h", "-p"], [b"client.example", b"-", b"-"]),
                           (["-H"], [b"-", b"-", b"-"])):
        for program in BOTH:
            server = Server(box, program, options, ["sh", "-c", "echo ${TCPREMOTEHOST--}"])
            got = [server.ask(source_address=(address, 0)) for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3")]
            assert got == [name + b"\n" for name in names], program
            server.end()
