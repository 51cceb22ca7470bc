"""The service files: each service is started from its own file by the real supervisor (systemd as process 1, svscan, runsvdir,
s6-svscan) in a private host, a message goes through it, and its processes are looked at."""

import base64
import re
import shutil
import ssl
import subprocess

import pytest

from host import NAME, ROOT, Host

SERVICES = [line.split(None, 6) for line in (ROOT / "setup/services.txt").read_text().splitlines() if line and line[0] != "#"]
PORTS = {name: int(port) for name, port, *_ in SERVICES}
PASSWORD = "a word"
# The options that, according to systemd.exec(5), imply NoNewPrivileges= for a service with User=.
IMPLIES = {"SystemCallFilter", "SystemCallArchitectures", "SystemCallLog", "RestrictAddressFamilies", "RestrictNamespaces",
           "PrivateDevices", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock",
           "MemoryDenyWriteExecute", "RestrictRealtime", "RestrictSUIDSGID", "DynamicUser", "LockPersonality", "ProtectHostname"}
# Exposure as systemd-analyze rates it, at most (systemd 252); lower is better.
EXPOSURE = {"qmail-send": 7.0, "qmail-smtpd": 5.7, "qmail-submission": 6.2, "qmail-smtps": 6.2, "qmail-qmtpd": 5.7,
            "qmail-qmqpd": 5.7, "qmail-pop3d": 4.0, "qmail-pop3sd": 4.0, "qmail-mailauth": 2.0}


class Line:
    """Does a dialogue line by line."""

    def __init__(self, stream):
        self.stream = stream
        self.file = stream.makefile("rb")

    def heard(self):
        while True:
            line = self.file.readline().decode()
            if line[3:4] != "-" or line[:3] == "-ER":
                return line.strip()

    def said(self, text):
        self.stream.sendall(text.encode() + b"\r\n")
        return self.heard()


def tls(stream):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(stream)


def prepare(host, source=ROOT):
    host.install(source)
    host.user("ann", PASSWORD)
    host.good(f"config-fast {NAME} && qmail-cert make")


def status(host, program):
    """Returns /proc/PID/status of the only process of that name."""
    text = host.good(f"cat /proc/$(pidof -s {program})/status")
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.M))


def delivered(host, word):
    return host.wait_for(lambda: host.run(f"grep -l '{word}' /home/ann/Maildir/new/*").stdout.strip().startswith("/home"), f"delivery of {word}")


def smtp(host, service, check=None):
    stream = host.connect(PORTS[service])
    user = service != "qmail-smtpd"
    if service == "qmail-smtps":
        stream = tls(stream)
    line = Line(stream)
    assert line.heard().startswith("220 ")
    assert line.said("EHLO client.example").startswith("250 ")
    if service == "qmail-submission":
        assert line.said("AUTH PLAIN AGEAYg==").startswith("538 ")
        assert line.said("STARTTLS").startswith("220 ")
        line = Line(tls(stream))
        assert line.said("EHLO client.example").startswith("250 ")
    assert line.said("MAIL FROM:<bob@remote.example>")[:3] == ("530" if user else "250")
    if user:
        word = base64.b64encode(f"\0ann\0{PASSWORD}".encode()).decode()
        assert line.said(f"AUTH PLAIN {word}").startswith("235 ")
        assert line.said("MAIL FROM:<ann@mail.example.org>").startswith("250 ")
    else:
        # No client gets RELAYCLIENT.
        assert line.said("RCPT TO:<somebody@remote.example>").startswith("553 ")
    if check:
        check()
    assert line.said(f"RCPT TO:<ann@{NAME}>").startswith("250 ")
    assert line.said("DATA").startswith("354 ")
    assert line.said(f"Subject: {service}\r\n\r\nthrough {service}\r\n.").startswith("250 ok ")
    line.said("QUIT")
    delivered(host, f"through {service}")


def netstring(data):
    return b"%d:%s," % (len(data), data)


def framed(host, service):
    """QMTP and QMQP."""
    message = f"Subject: {service}\n\nthrough {service}\n".encode()
    recipient = netstring(f"ann@{NAME}".encode())
    stream = host.connect(PORTS[service])
    if service == "qmail-qmtpd":
        stream.sendall(netstring(b"\n" + message) + netstring(b"bob@remote.example") + netstring(recipient))
    else:
        stream.sendall(netstring(netstring(message) + netstring(b"bob@remote.example") + recipient))
    assert b":Kok " in stream.recv(1000)
    delivered(host, f"through {service}")


def pop3(host, service):
    stream = host.connect(PORTS[service])
    line = Line(tls(stream) if service == "qmail-pop3sd" else stream)
    assert line.heard().startswith("+OK")
    assert line.said("USER ann").startswith("+OK")
    assert line.said(f"PASS {PASSWORD}").startswith("+OK")
    assert re.match(r"\+OK \d+ \d+", line.said("STAT"))
    running = status(host, "qmail-pop3d")
    assert running["Uid"].split()[0] == host.good("id -u ann").strip()
    assert line.said("QUIT").startswith("+OK")


def through_all(host, services):
    for service in services:
        if service in ("qmail-smtpd", "qmail-submission", "qmail-smtps"):
            smtp(host, service)
        elif service in ("qmail-qmtpd", "qmail-qmqpd"):
            framed(host, service)
        else:
            pop3(host, service)


SOCKET = "/run/qmail-mailauth/socket"


def judged_by_the_service(host):
    """A message is judged, and not by a program that the session has started."""
    host.wait_for(lambda: host.run(f"test -S {SOCKET}").returncode == 0, "the socket")
    assert host.good(f"stat -c '%U %a' {SOCKET.rpartition('/')[0]} {SOCKET}") == "qmaild 700\nqmaild 600\n"
    host.good("echo 1 >/var/qmail/control/mfcheck")
    line = Line(host.connect(25))
    line.heard()
    line.said("EHLO client.example")
    # No name server knows, so this is a look-up that failed.
    assert line.said("MAIL FROM:<bob@remote.example>").startswith("451 DNS temporary failure")
    # The server, its dispatcher, and the child of this session.
    processes = {int(pid): dict(re.findall(r"^(\w+):\s*(.*)$", host.good(f"cat /proc/{pid}/status"), re.M))
                 for pid in host.good("pidof qmail-mailauth").split()}
    (child,) = processes.keys() - {int(found["PPid"]) for found in processes.values()}
    dispatcher = int(processes[child]["PPid"])
    assert processes.keys() == {child, dispatcher, int(processes[dispatcher]["PPid"])}
    found = processes[child]
    assert (found["Uid"].split()[0], found["NoNewPrivs"], found["Seccomp"]) == (host.good("id -u qmaild").strip(), "1", "2")
    line.said("QUIT")
    host.good("rm /var/qmail/control/mfcheck")


# --- systemd ---

@pytest.mark.parametrize("layout", ["classic", "fhs"])
def test_each_unit_of_systemd(layout):
    with Host("systemd") as host:
        source = host.source(layout)
        prepare(host, source)
        if layout == "classic":
            host.good("cp /var/qmail/services/systemd/* /etc/systemd/system/")
        host.good("systemctl daemon-reload && systemctl enable --now qmail-send.service " + " ".join(f"{name}.socket" for name in PORTS))
        queue = int(host.good("stat -L -c %u /var/qmail/bin/qmail-queue"))

        def session():
            found = status(host, "qmail-smtpd")
            assert found["NoNewPrivs"] == "0"
            assert found["Uid"].split() == [host.good("id -u qmaild").strip()] * 4
            assert found["Groups"].strip() in ("", host.good("id -g qmaild").strip())
            assert int(found["CapBnd"], 16) == 0
            environment = host.good("tr '\\0' '\\n' </proc/$(pidof -s qmail-smtpd)/environ").split()
            assert {"PROTO=TCP", "TCPREMOTEIP=127.0.0.1", f"TCPLOCALHOST={NAME}"} <= set(environment)
            assert not [word for word in environment if word.startswith("RELAYCLIENT")]
            # Only the queue is writable.
            pid = host.good("pidof -s qmail-smtpd").strip()
            for place, good in (("/etc", False), ("/var/qmail/control", False), ("/home/ann", False), ("/var/qmail/queue", True)):
                written = host.run(f"nsenter -t {pid} -m -r -w sh -c 'touch {place}/written && rm {place}/written'").returncode == 0
                assert written == good, place
            assert queue == int(host.good("id -u qmailq"))

        smtp(host, "qmail-smtpd", session)
        for service in ("qmail-submission", "qmail-smtps"):
            # With TLS the process runs another program, with the same restrictions.
            smtp(host, service)
        through_all(host, ["qmail-qmtpd", "qmail-qmqpd", "qmail-pop3d", "qmail-pop3sd"])
        # Nobody has asked for the judge that stays.
        host.good("systemctl start qmail-mailauth.service")
        assert host.run("pidof qmail-mailauth").stdout == ""
        host.good(f"echo {SOCKET} >/var/qmail/control/mailauthsocket && systemctl enable --now qmail-mailauth.service")
        judged_by_the_service(host)
        # IPv6, described as such.
        six = Line(host.connect(25, "::1"))
        assert six.heard().startswith("220 ")
        assert "PROTO=TCP6" in host.good("tr '\\0' '\\n' </proc/$(pidof -s qmail-smtpd)/environ").split()
        six.said("QUIT")
        # Reload sends HUP, stop waits until qmail-send exits.
        host.good("systemctl reload qmail-send && systemctl stop qmail-send")
        log = host.good("journalctl --no-pager -u qmail-send -o cat")
        assert "status: exiting" in log and "end msg" in log
        assert host.run("pidof qmail-send qmail-lspawn qmail-rspawn qmail-clean").stdout.strip() == ""
        assert "0 loaded units" in host.good("systemctl --no-pager --failed"), host.good("systemctl --no-pager --failed")


def units():
    return sorted((ROOT / "setup/services/systemd").glob("*"))


def test_units_are_what_systemd_understands(tmp_path):
    for unit in units():
        text = unit.read_text().replace("/var/qmail/bin/tcp-env", "/bin/true")
        (tmp_path / unit.name).write_text(re.sub(r"^(Documentation|ExecStart)=.*$", lambda m: "ExecStart=/bin/true" if m[1] == "ExecStart" else "", text, flags=re.M))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *tmp_path.glob("*.service"), *tmp_path.glob("*.socket")],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert [line for line in done.stdout.splitlines() if line.startswith("qmail") or "/qmail-" in line] == []


def options_of(unit):
    return dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")


def test_no_unit_that_queues_gives_up_setuid():
    """qmail-queue is setuid; with each of these options it would run as qmaild."""
    for unit in units():
        options = options_of(unit)
        if unit.name == "qmail-mailauth.service":
            assert options["NoNewPrivileges"] == "yes"
        elif "User" in options:
            assert not IMPLIES & set(options), unit.name
            assert options["NoNewPrivileges"] == "no"
        elif unit.name == "qmail-send.service":
            assert "NoNewPrivileges" not in options and "ProtectHome" not in options


def test_units_grant_relaying_to_nobody_and_qmqp_to_this_host_alone():
    for unit in units():
        assert not re.search(r"^[^#]*RELAYCLIENT", unit.read_text(), re.M), unit.name
    assert options_of(ROOT / "setup/services/systemd/qmail-qmqpd.socket")["ListenStream"] == "127.0.0.1:628"


def test_exposure():
    """The exposure that systemd computes does not grow."""
    for name, most in EXPOSURE.items():
        unit = ROOT / "setup/services/systemd" / (f"{name}.service" if name in ("qmail-send", "qmail-mailauth") else f"{name}@.service")
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        figure = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
        assert figure, done.stdout
        assert float(figure[1]) <= most, (name, figure[1])


# --- svscan, runit, s6 ---

SCANNERS = {"svscan": "svscan /service", "runit": "runsvdir -P /service", "s6": "s6-svscan /service"}
COMMANDS = {
    "svscan": {"up": "svstat {}", "hangup": "svc -h {}", "down": "svc -d {}"},
    "runit": {"up": "sv status {}", "hangup": "sv hup {}", "down": "sv down {}"},
    "s6": {"up": "s6-svstat {}", "hangup": "s6-svc -h {}", "down": "s6-svc -d {}"},
}


@pytest.mark.parametrize("kind", SCANNERS)
def test_each_run_script(kind):
    with Host() as host:
        prepare(host)
        host.good(f"""mkdir -p /service && cp -a /var/qmail/services/{kind}/* /service/ &&
            printf '127.:allow\\n:deny\\n' | tcprules /etc/tcp.qmqp.cdb /etc/tcp.tmp""")
        host.start(SCANNERS[kind])
        for port in PORTS.values():
            host.wait_for(lambda port=port: host.answers(port), f"{kind}: port {port}")
        commands = {name: command.format("/service/qmail-send") for name, command in COMMANDS[kind].items()}
        assert re.search(r"\bup\b|^run", host.good(commands["up"]))

        def session():
            found = status(host, "qmail-smtpd")
            assert found["NoNewPrivs"] == "0"
            assert found["Uid"].split() == [host.good("id -u qmaild").strip()] * 4

        smtp(host, "qmail-smtpd", session)
        through_all(host, [name for name in PORTS if name != "qmail-smtpd"])
        assert "mailauthsocket has to name the socket" in host.good("cat /var/log/qmail/qmail-mailauth/current")
        assert host.run("pidof qmail-mailauth").stdout == ""
        host.good(f"echo {SOCKET} >/var/qmail/control/mailauthsocket")
        judged_by_the_service(host)
        log = "/var/log/qmail/qmail-send/current"
        host.wait_for(lambda: "end msg" in host.run(f"cat {log}").stdout, "the log")
        assert re.match(r"@4[0-9a-f]{23} status: local 0/10 remote 0/20\n", host.good(f"cat {log}"))
        assert host.good(f"stat -c %U {log}") == "qmaill\n"
        assert f" ok " in host.good("cat /var/log/qmail/qmail-smtpd/current")
        host.good(commands["hangup"])
        host.good(commands["down"])
        host.wait_for(lambda: "status: exiting" in host.run(f"cat {log}").stdout, "the end of qmail-send")


def test_tcp_rules_count_and_relaying_needs_them():
    """Without rules no client may relay; with rules only the named clients may. QMQP does not start without rules."""
    with Host() as host:
        prepare(host)
        host.good("mkdir /service && cp -a /var/qmail/services/svscan/qmail-smtpd /var/qmail/services/svscan/qmail-qmqpd /service/")
        host.start("svscan /service")
        host.wait_for(lambda: host.answers(25), "port 25")

        def answer():
            """The code, or nothing where the session ends before: of a server that is being restarted."""
            try:
                line = Line(host.connect(25))
                line.heard()
                line.said("MAIL FROM:<>")
                return line.said("RCPT TO:<somebody@remote.example>")[:3]
            except OSError:
                return ""

        assert answer() == "553"
        host.good("printf '127.:allow,RELAYCLIENT=\"\"\\n:allow\\n' | tcprules /etc/tcp.smtp.cdb /etc/tcp.tmp && svc -t /service/qmail-smtpd")
        host.wait_for(lambda: host.answers(25) and answer() == "250", "the rules")
        host.wait_for(lambda: "tcp.qmqp.cdb is missing" in host.run("cat /var/log/qmail/qmail-qmqpd/current").stdout, "the refusal of QMQP")
        assert not host.answers(628)


def test_services_are_made_for_other_accounts_and_another_home(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in ("setup", "config.mk"):
            (source / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "setup", source / "setup")
    text = (ROOT / "config.mk").read_text()
    text = re.sub(r"^HOME_DIR = .*$", "HOME_DIR = /opt/mail", text, flags=re.M)
    text = re.sub(r"^USERS = .*$", "USERS = a1 d1 l1 p1 q1 r1 s1", text, flags=re.M)
    (source / "config.mk").write_text(re.sub(r"^GROUPS_USED = .*$", "GROUPS_USED = mail none", text, flags=re.M))
    subprocess.run([source / "setup/services.sh", tmp_path / "out"], check=True)
    found = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "/var/qmail" not in found and not re.search(r"\bqmail[dlq]\b(?!-)", found.replace("setuid qmaill", ""))
    unit = options_of(tmp_path / "out/systemd/qmail-smtpd@.service")
    assert (unit["User"], unit["Group"], unit["ReadWritePaths"]) == ("d1", "none", "/opt/mail/queue")
    assert "setuidgid l1 multilog" in (tmp_path / "out/svscan/qmail-send/log/run").read_text()


def test_run_scripts_are_good_shell():
    scripts = sorted((ROOT / "setup/services").glob("*/*/run")) + sorted((ROOT / "setup/services").glob("*/*/log/run"))
    assert len(scripts) == 3 * 2 * (len(SERVICES) + 2)
    done = subprocess.run(["shellcheck", *scripts], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
