"""qmail-upgrade on hosts whose qmail is supervised by the real systemd, which is process 1 of a private host."""

from __future__ import annotations

import json
import re

import pytest

from host import NAME, Host
from test_services import Line
from upgrade_host import BIG_TODO_QUEUE, BIG_TODO_SEND

DAEMONS = ("qmail-send", "qmail-lspawn", "qmail-rspawn", "qmail-clean")
NEW = "/root/new"
UPGRADE = f"{NEW}/bin/qmail-upgrade --from={NEW}"
# The old tree: the same programs with other inodes and other bytes, without the programs that only the new one has.
MAKE_OLD = f"""
mkdir -p {NEW} && cp -a /var/qmail/bin {NEW}/ && cd /var/qmail/bin
for name in *; do
  cp -a "$name" .old && printf '\\n# old\\n' >>.old && chmod --reference="$name" .old && mv .old "$name"
done
rm -f qmail-upgrade qmail-smtpd-tls qmail-remote-tls qmail-cert
"""
# Units as administrators write them. All but the last start qmail through rc, which executes qmail-send.
UNITS = {
    "qmail.service": "ExecStart=/var/qmail/rc\nRestart=always",
    "mta.service": "ExecStart=/var/qmail/rc",
    "mail-forking.service": "Type=forking\nExecStart=/bin/sh -c '/var/qmail/rc & sleep 0.2'",
    "mail-logged.service": "ExecStart=/bin/sh -c 'PATH=$PATH:/var/qmail/bin; qmail-start ./Maildir/ | cat'\nRestart=on-failure",
}
RC = '#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" qmail-start ./Maildir/\n'
SMTPD_SOCKET = "[Socket]\nListenStream=25\nAccept=yes\n[Install]\nWantedBy=sockets.target\n"


class OldHost(Host):
    """A host with an old qmail, which does not run yet, and one user, ann."""

    def __init__(self) -> None:
        super().__init__("systemd")
        try:
            self.install()
            self.user("ann", "a word")
            self.good(f"config-fast {NAME}")
            self.good(MAKE_OLD)
            self.before = self.inodes()
        except BaseException:
            self.__exit__()
            raise

    def write(self, path: str, text: str, mode: str = "644") -> None:
        self.good(f"cat >{path} && chmod {mode} {path}", data=text)

    def unit(self, name: str, text: str) -> None:
        self.write(f"/etc/systemd/system/{name}", text)

    def inodes(self) -> dict[str, str]:
        return dict(reversed(line.split()) for line in self.good("cd /var/qmail/bin && stat -c '%i %n' *").splitlines())

    def running(self, name: str) -> set[str]:
        """Returns the inodes of the programs that the processes of that name run."""
        return set(self.run(f"for pid in $(pidof {name}); do stat -L -c %i /proc/$pid/exe; done").stdout.split())

    def assert_runs_what_lies_there(self) -> None:
        inodes = self.inodes()
        assert {name: self.running(name) for name in DAEMONS} == {name: {inodes[name]} for name in DAEMONS}

    def assert_new(self) -> None:
        self.good(f"cd {NEW}/bin && for name in *; do cmp $name /var/qmail/bin/$name || exit 1; done")
        inodes = self.inodes()
        assert [name for name in self.before if inodes[name] == self.before[name]] == []
        self.assert_runs_what_lies_there()

    def assert_old(self) -> None:
        assert self.inodes() == self.before
        self.assert_runs_what_lies_there()

    def upgrade(self, command: str, code=(0, 1)) -> str:
        program = "/var/qmail/bin/qmail-upgrade" if command == "rollback" else UPGRADE
        done = self.run(f"{program} {command}")
        assert done.returncode in code, done.stdout
        return done.stdout

    def inject(self, word: str, recipient: str = f"ann@{NAME}") -> None:
        self.good(f"qmail-inject -fsender@a.example {recipient}", data=f"Subject: x\n\n{word}\n")

    def copies(self, word: str) -> int:
        return len(self.run(f"grep -lx '{word}' /home/ann/Maildir/new/*").stdout.split())

    def assert_arrives(self, *words: str) -> None:
        for word in words:
            self.wait_for(lambda word=word: self.copies(word), f"delivery of {word}")

    def main_pid(self, unit: str) -> int:
        return int(self.good(f"systemctl show --property=MainPID --value {unit}"))

    def session(self, word: str, meanwhile=None) -> str:
        """Sends a message through port 25; returns the inode of the program that received it."""
        line = Line(self.connect(25))
        assert line.heard().startswith("220 ")
        inodes = self.running("qmail-smtpd")
        assert len(inodes) == 1
        if meanwhile:
            meanwhile()
        assert line.said("HELO client.example").startswith("250 ")
        assert line.said("MAIL FROM:<bob@remote.example>").startswith("250 ")
        assert line.said(f"RCPT TO:<ann@{NAME}>").startswith("250 ")
        assert line.said("DATA").startswith("354 ")
        assert line.said(f"Subject: x\r\n\r\n{word}\r\n.").startswith("250 ok ")
        assert line.said("QUIT").startswith("221 ")
        self.wait_for(lambda: not self.running("qmail-smtpd"), "the end of the session")
        return inodes.pop()


def test_there_and_back_with_our_units():
    """There is mail of each kind: a running delivery, a deferred one, one to another host, one from a session."""
    with OldHost() as host:
        host.good("cp /var/qmail/services/systemd/qmail-send.service /var/qmail/services/systemd/qmail-smtpd* /etc/systemd/system/")
        # Deliveries may take longer than systemd would wait for a service that it stops itself.
        host.good("mkdir /etc/systemd/system/qmail-send.service.d")
        host.unit("qmail-send.service.d/stop.conf", "[Service]\nTimeoutStopSec=1\n")
        host.good("systemctl daemon-reload && systemctl enable --now qmail-send.service qmail-smtpd.socket")
        host.write("/home/ann/.qmail-slow", "|touch /tmp/began; while test ! -e /tmp/go; do sleep 0.1; done\n./Maildir/\n")
        host.write("/home/ann/.qmail-later", "|echo called >>/tmp/called; test -e /tmp/open || exit 111\n./Maildir/\n")
        host.good("echo 'b.example:[127.0.0.1]:2525' >/var/qmail/control/smtproutes")
        assert host.session("old session") == host.before["qmail-smtpd"]
        host.inject("old")
        host.assert_arrives("old", "old session")

        host.inject("put off", f"ann-later@{NAME}")
        host.inject("to another host", "somebody@b.example")
        host.wait_for(lambda: "called" in host.run("cat /tmp/called").stdout, "the first try")
        report = host.upgrade("check")
        assert re.search(r"^\s*supervisor:?\s+systemd qmail-send\.service$", report, re.M), report
        found = json.loads(host.run(f"{UPGRADE} --json check").stdout)
        assert (found["supervisor"], found["service"]) == ("systemd", "qmail-send.service")
        host.inject("under way", f"ann-slow@{NAME}")
        host.wait_for(lambda: host.run("test -e /tmp/began").returncode == 0, "a delivery that takes long")
        old_main = host.main_pid("qmail-send")

        def apply():
            run = host.start(f"{UPGRADE} apply >/tmp/apply 2>&1")
            host.wait_for(lambda: "waiting until qmail-send" in host.run("cat /tmp/apply").stdout, "the wait for the delivery")
            host.good("sleep 2")
            assert host.main_pid("qmail-send") == old_main
            # New mail waits too.
            host.inject("between the two")
            host.good("touch /tmp/go")
            assert run.wait(60) in (0, 1), host.run("cat /tmp/apply").stdout

        assert host.session("session over the upgrade", apply) == host.before["qmail-smtpd"]
        text = host.good("cat /tmp/apply")
        assert "qmail-send was started again (systemd)" in text and "a test message went through" in text
        host.assert_new()
        assert host.main_pid("qmail-send") != old_main
        host.inject("new")
        assert host.session("new session") == host.inodes()["qmail-smtpd"]
        host.assert_arrives("under way", "between the two", "session over the upgrade", "new", "new session")

        new_main = host.main_pid("qmail-send")
        text = host.upgrade("rollback")
        assert "the old qmail-send was started (systemd)" in text and "a test message went through" in text
        host.assert_old()
        assert host.main_pid("qmail-send") != new_main
        host.inject("old again")
        assert host.session("old session again") == host.before["qmail-smtpd"]
        host.good("touch /tmp/open && systemctl kill --signal=ALRM --kill-who=main qmail-send")
        words = ("old", "old session", "put off", "under way", "between the two", "session over the upgrade", "new", "new session",
                 "old again", "old session again")
        host.assert_arrives(*words)
        # Only the message to a host that does not answer remains, unchanged.
        host.wait_for(lambda: host.good("qmail-qstat").startswith("messages in queue: 1\n"), "a queue with one message")
        assert re.search(r"<sender@a\.example>\s+remote\s+somebody@b\.example\s*$", host.good("qmail-qread"))
        assert {word: host.copies(word) for word in words} == dict.fromkeys(words, 1)
        assert "0 loaded units" in host.good("systemctl --no-pager --failed")


@pytest.mark.parametrize("unit", UNITS)
def test_units_of_other_shapes(unit):
    """The unit has any name, with and without Restart=, and qmail-send is the main process or a descendant."""
    with OldHost() as host:
        host.write("/var/qmail/rc", RC, "755")
        host.unit(unit, f"[Service]\n{UNITS[unit]}\n[Install]\nWantedBy=multi-user.target\n")
        host.good(f"systemctl daemon-reload && systemctl enable --now {unit}")
        host.wait_for(lambda: host.running("qmail-send"), "qmail-send")
        host.assert_old()
        assert f"systemd {unit}" in host.upgrade("check")
        host.inject("before")
        text = host.upgrade("apply")
        assert "qmail-send was started again (systemd)" in text and "a test message went through" in text
        host.assert_new()
        host.inject("between")
        text = host.upgrade("rollback")
        assert "the old qmail-send was started (systemd)" in text and "a test message went through" in text
        host.assert_old()
        # systemd supervises it; it was not started separately.
        assert f"/{unit}\n" in host.good("cat /proc/$(pidof -s qmail-send)/cgroup")
        assert host.good(f"systemctl is-active {unit}") == "active\n"
        host.inject("after")
        host.assert_arrives("before", "between", "after")
        assert [host.copies(word) for word in ("before", "between", "after")] == [1, 1, 1]


def test_another_service_that_started_qmail_is_left_alone():
    """qmail was started by hand from the shell of another service: it belongs to no unit, and that service must not be restarted."""
    with OldHost() as host:
        host.write("/var/qmail/rc", RC, "755")
        host.unit("other.service", "[Service]\nExecStart=/bin/sh /root/other\n")
        host.write("/root/other", "/var/qmail/rc & while :; do sleep 1000; done\n")
        host.good("systemctl daemon-reload && systemctl start other")
        host.wait_for(lambda: host.running("qmail-send"), "qmail-send")
        other = host.main_pid("other")
        assert "other.service" not in host.upgrade("check")
        assert "qmail-send was started again (none)" in host.upgrade("apply")
        host.assert_new()
        assert host.main_pid("other") == other
        host.upgrade("rollback")
        host.assert_old()


def test_systemd_came_after_the_upgrade():
    """apply ran while qmail was down; then units are made; rollback restarts the services that run now."""
    with OldHost() as host:
        assert "no test message was sent" in host.upgrade("apply", code=(1,))
        host.unit("qmail-send.service", "[Service]\nExecStart=/var/qmail/rc\n")
        host.write("/var/qmail/rc", RC, "755")
        host.good("systemctl daemon-reload && systemctl start qmail-send")
        host.wait_for(lambda: host.running("qmail-clean"), "qmail-clean")
        host.assert_new()
        assert "(systemd)" in host.upgrade("rollback")
        host.assert_old()
        host.inject("after")
        host.assert_arrives("after")


def test_big_todo_and_the_limit_of_starts():
    """While queue/todo changes, systemd tries repeatedly to start qmail-send until it gives up: it is started nevertheless."""
    with OldHost() as host:
        host.good("""cd /var/qmail/queue && for kind in todo intd; do
              mode=700; test $kind = intd || mode=750
              for number in $(seq 0 22); do install -d -o qmailq -g qmail -m $mode $kind/$number; done
            done""")
        host.write("/var/qmail/bin/qmail-start", "#!/bin/sh\nexec qmail-send\n", "755")
        host.write("/var/qmail/bin/qmail-send", BIG_TODO_SEND.replace("alice", "ann"), "755")
        host.write("/var/qmail/bin/qmail-queue", BIG_TODO_QUEUE, "4711")
        host.before = host.inodes()
        # qmail-upgrade waits for a qmail-queue of the old set that does not exit.
        host.write("/root/qmail-queue", "#!/usr/bin/python3\nimport os, time\nos.chdir('/var/qmail/queue')\ntime.sleep(600)\n", "755")
        host.write("/var/qmail/rc", RC, "755")
        host.unit("qmail.service", "[Service]\nExecStart=/var/qmail/rc\nRestart=always\n")
        host.good("systemctl daemon-reload && systemctl start qmail")
        host.inject("before")
        host.assert_arrives("before")
        host.start("/root/qmail-queue")
        host.wait_for(lambda: host.run("pidof -x qmail-queue").stdout.strip(), "qmail-queue")
        text = host.upgrade("--accept-loss apply")
        assert "queue/todo and queue/intd are flat" in text and "a test message went through" in text
        log = host.good("journalctl --no-pager -o cat UNIT=qmail.service")
        assert "Start request repeated too quickly" in log
        host.assert_new()
        host.inject("between")
        host.assert_arrives("between")
        host.good("kill $(pidof -x qmail-queue)")
        text = host.upgrade("rollback")
        assert "queue/todo and queue/intd are divided again" in text and "a test message went through" in text
        assert host.inodes() == host.before
        host.inject("after")
        host.assert_arrives("after")
        assert host.good("systemctl is-active qmail") == "active\n"
        assert [host.copies(word) for word in ("before", "between", "after")] == [1, 1, 1]


def test_an_edited_unit_counts_from_the_next_session_on():
    with OldHost() as host:
        # Like an old qmail with SMTP AUTH that scripts wrap: texts in the programs themselves identify it.
        host.good("""mkdir /opt/true && cd /var/qmail/bin && for name in *; do
              mv $name /opt/true/ && printf '#!/bin/sh\\nexec /opt/true/%s "$@"\\n' $name >$name && chmod 755 $name
            done; echo '# 334 VXNlcm5hbWU6' >>qmail-smtpd; chown qmailq qmail-queue && chmod 4711 qmail-queue""")
        host.unit("qmail-smtpd.socket", SMTPD_SOCKET)
        unit = ("[Service]\nStandardInput=socket\nUser=qmaild\nEnvironment=SMTPAUTH=\n"
                f"ExecStart=-/var/qmail/bin/tcp-env -R /var/qmail/bin/qmail-smtpd {NAME} /bin/false /bin/true\n")
        host.unit("qmail-smtpd@.service", unit)
        host.good("systemctl daemon-reload && systemctl enable --now qmail-smtpd.socket")

        def environment():
            line = Line(host.connect(25))
            assert line.heard().startswith("220 ")
            words = host.good("tr '\\0' '\\n' </proc/$(pidof -s qmail-smtpd)/environ").split()
            line.said("QUIT")
            host.wait_for(lambda: not host.running("qmail-smtpd"), "the end of the session")
            return [word for word in words if word.startswith("FORCETLS")]

        assert environment() == []
        text = host.upgrade("--accept-loss --edit-run-scripts apply")
        assert "/etc/systemd/system/qmail-smtpd@.service was changed, and systemd has read it again" in text
        assert environment() == ["FORCETLS=0"]
        host.upgrade("rollback")
        assert environment() == []
        assert host.good("cat /etc/systemd/system/qmail-smtpd@.service") == unit
