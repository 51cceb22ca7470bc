"""qmail-setup turns a private host with only the installed home into a running mail host; existing files are not lost."""

import re

import pytest

from host import NAME, ROOT, Host

SERVICES = "--services=smtpd,submission,smtps,pop3d"
JUDGED = SERVICES + ",mailauth"
LOCAL = "qmail-setup: control/"


def bare(kind="none", layout="classic"):
    host = Host(kind)
    try:
        host.install(host.source(layout))
    except BaseException:
        host.__exit__()
        raise
    return host


def set_up(host, *options, code=0):
    done = host.run("qmail-setup " + " ".join(options), seconds=200)
    assert done.returncode == code, done.stdout
    return done.stdout


def snapshot(host):
    return host.good("cd / && find etc/qmail var/qmail/control/ var/qmail/alias/ var/lib/qmail var/qmail/supervise/*/run etc/tcp* etc/service "
                     "etc/systemd/system etc/skel usr/sbin/sendmail -type d -printf '%p %m %u %g\\n' -o -printf '%p %l %m %u %g %T@\\n' 2>/dev/null | grep -v supervise/.*/supervise | sort; true")


@pytest.mark.parametrize("kind, layout", [("systemd", "fhs"), ("none", "classic")])
def test_a_bare_host_becomes_a_mail_host_and_stays_one(kind, layout):
    with bare(kind, layout) as host:
        host.good("useradd --create-home ann")
        services = JUDGED if kind == "systemd" else SERVICES
        text = set_up(host, services)
        assert f"{NAME}: all is running and checked ({'systemd' if kind == 'systemd' else 'svscan on /etc/service'}" in text
        control = dict(line.split(":", 1) for line in host.good("cd /var/qmail/control && grep -s '' [a-z]* | grep -v -e pem: -e ' Is a '").splitlines())
        assert control == {"me": NAME, "locals": NAME, "rcpthosts": NAME, "defaultdomain": "example.org", "plusdomain": "example.org",
                           "defaultdelivery": "./Maildir/", "timeoutlocal": "3600", "concurrencyremote": "50", "concurrencyremotereserve": "20", "connectionmessages": "20", "transactionrecipients": "20",
                           "dkimverify": "1", "dmarc": "none",
                           "bouncestyle": "headers"} | ({"mailauthsocket": "/run/qmail-mailauth/socket"} if services == JUDGED else {})
        # The key, and what others must know to believe the host.
        assert host.good(f"stat -c '%U:%G %a' /var/qmail/control/domainkeys/{NAME}/default") == "root:qmail 640\n"
        records = re.findall(r"(?m)^(\S+) IN TXT \(\"(v=\w+)", text)
        assert records == [(f"default._domainkey.{NAME}.", "v=DKIM1"), (f"{NAME}.", "v=spf1"), (f"_dmarc.{NAME}.", "v=DMARC1")]
        assert host.good("cat /var/qmail/alias/.qmail-root /var/qmail/alias/.qmail-abuse") == "&ann\n&ann\n"
        assert host.good("ls /etc/skel/Maildir /home/ann/Maildir; stat -c %U /home/ann/Maildir") \
            == "/etc/skel/Maildir:\ncur\nnew\ntmp\n\n/home/ann/Maildir:\ncur\nnew\ntmp\nann\n"
        assert host.good("stat -c '%U:%G %a' /var/qmail/control/servercert.pem").split()[1] == "640"
        # Programs that use sendmail can send to the host's own users.
        host.good("echo 'Subject: from cron' | /usr/sbin/sendmail root")
        host.wait_for(lambda: host.run("grep -l 'from cron' /home/ann/Maildir/new/*").returncode == 0, "mail for root")
        assert host.run("ls /var/qmail/alias/ | grep test").stdout == "", "the test leaves nothing"
        # The second run changes nothing and checks everything again.
        before = snapshot(host)
        text = set_up(host, services)
        assert "; 0 changes" in text and snapshot(host) == before
        assert f"{'qmail-send.service' if kind == 'systemd' else '/etc/service/qmail-send'}" not in text


@pytest.mark.parametrize("kind, scanner", [("runit", "runsvdir -P /var/service"), ("s6", "s6-svscan /run/scan"), ("svscan", "svscan")])
def test_the_scanner_that_runs_is_found(kind, scanner):
    with bare() as host:
        place = "/run/scan" if kind != "runit" else "/var/service"
        host.good(f"mkdir -p {place}")
        host.start(f"env -C {place} {scanner}")
        host.wait_for(lambda: host.run(f"pidof {scanner.split()[0]}").stdout.strip(), scanner)
        text = set_up(host, JUDGED)
        assert f"all is running and checked ({kind} on {place};" in text
        assert host.good("cat /var/qmail/control/mailauthsocket") == "/run/qmail-mailauth/socket\n"
        assert host.good("ps -o user= -C qmail-mailauth").split() == ["qmaild"]
        assert host.good(f"readlink {place}/qmail-send") == "/var/qmail/supervise/qmail-send\n"
        assert host.good("cat /etc/tcp.smtp").splitlines()[1:] == ['127.:allow,RELAYCLIENT=""', ":allow"]
        assert "this host has no users" in text and host.good("stat -c %U /var/qmail/alias/Maildir") == "alias\n"
        host.good("echo 'Subject: kept' | sendmail postmaster")
        host.wait_for(lambda: host.run("grep -l kept /var/qmail/alias/Maildir/new/*").returncode == 0, "mail for the postmaster")


def test_nothing_of_a_site_is_overwritten():
    with bare() as host:
        host.good("""cd /var/qmail && echo other.example.net >control/me && printf 'a.example\\n#b.example\\n' >control/locals &&
            echo ./Mailbox >control/defaultdelivery && echo '&boss@a.example' >alias/.qmail-postmaster && echo old >control/servercert.pem &&
            chmod 640 control/servercert.pem && chown qmaild:qmail control/servercert.pem && echo ':deny' >/etc/tcp.smtp &&
            rm -f /usr/sbin/sendmail && printf '#!/bin/sh\\n' >/usr/sbin/sendmail && chmod 755 /usr/sbin/sendmail &&
            mkdir -p supervise/qmail-send/log && cp services/svscan/qmail-send/run supervise/qmail-send/ &&
            cp services/svscan/qmail-send/log/run supervise/qmail-send/log/ && echo '# ours' >>supervise/qmail-send/run""")
        text = set_up(host, "--services=smtpd", "--no-start", "--domain=New.Example", NAME)
        assert "control/me says other.example.net and stays so" in text
        assert host.good("cd /var/qmail && cat control/me control/locals control/rcpthosts control/defaultdelivery control/servercert.pem") \
            == "other.example.net\na.example\n#b.example\nnew.example\na.example\nnew.example\n./Mailbox\nold\n"
        assert host.good("cat /var/qmail/alias/.qmail-postmaster /etc/tcp.smtp /usr/sbin/sendmail") == "&boss@a.example\n:deny\n#!/bin/sh\n"
        assert "/usr/sbin/sendmail is another program" in text and "stays" in text
        assert "/var/qmail/supervise/qmail-send is not what this version brings" in text
        assert host.good("tail -n 1 /var/qmail/supervise/qmail-send/run") == "# ours\n"
        assert host.run("pidof qmail-send svscan").stdout == "", "--no-start starts nothing"
        assert host.run("test -e /etc/skel/Maildir").returncode == 1, "no maildirs where mail goes to ./Mailbox"


@pytest.mark.parametrize("command, words", [
    ("qmail-setup --nonsense", "no such option"), ("qmail-setup a.example b.example", "one name"),
    ("qmail-setup --services=smtpd,telnetd", "no such service"), ("qmail-setup --supervisor=cron", "it is systemd"),
    ("qmail-setup --domain=x..y", "is no domain"), ("qmail-setup '--postmaster=a b'", "no plain address"),
    ("qmail-setup mail", "is no full host name"), ("hostname bare; rm -f /etc/mailname; echo >/etc/hosts; qmail-setup", "say it"),
])
def test_wrong_arguments_change_nothing(command, words, shared):
    before = shared.good("find /var/qmail /etc -printf '%p %T@\\n' | grep -v '/etc/hosts '")
    done = shared.run(command)
    assert done.returncode == 100 and words in done.stdout, done.stdout
    assert shared.good("find /var/qmail /etc -printf '%p %T@\\n' | grep -v '/etc/hosts '") == before


@pytest.fixture(scope="module")
def shared():
    with bare() as host:
        yield host


def test_help(shared):
    assert "usage: qmail-setup" in shared.good("qmail-setup --help")


def test_what_cannot_be_is_said():
    """A port in use, a qmail-send that runs already, no supervisor, a broken installation."""
    with bare() as host:
        host.start("tcpserver 0 25 true")
        host.wait_for(lambda: host.answers(25), "another listener")
        assert "port 25 (smtpd) is in use already" in set_up(host, "--services=smtpd", code=111)
        assert host.run("pidof qmail-send").stdout == ""
        assert "nothing can start the services" in set_up(host, "--supervisor=none", code=111)
        host.start("env PATH=/var/qmail/bin qmail-start ./Mailbox")
        host.wait_for(lambda: host.run("pidof qmail-send").stdout.strip(), "qmail-send")
        assert "a qmail-send runs already" in set_up(host, "--services=submission", "--scan=/run/scan", code=111)
        host.good("rm /var/qmail/bin/qmail-clean")
        assert "/var/qmail/bin/qmail-clean is missing" in set_up(host, code=111)
        done = host.run("setpriv --reuid=nobody --regid=nogroup --clear-groups qmail-setup")
        assert done.returncode == 111 and "only root" in done.stdout


def test_a_service_that_does_not_work_is_no_success():
    """The check at the end is able to fail."""
    with bare() as host:
        host.good("chmod 711 /var/qmail/bin/qmail-queue && sed -i 's,^bin/qmail-queue .*,,' /var/qmail/setup/installed")
        text = set_up(host, "--services=smtpd", code=111)
        assert re.search(r"test message was not accepted on port 25: .*451 qq", text), text


def test_users_are_made_once_and_left_alone():
    with Host() as host:
        assert "9 made, 0 were there" in host.good(f"{ROOT}/setup/users.sh")
        passwd = host.good("cat /etc/passwd /etc/group /etc/shadow")
        accounts = dict(line.split(":", 1) for line in host.good("cat /etc/passwd").splitlines())
        groups = {line.split(":")[0]: line.split(":")[2] for line in host.good("cat /etc/group").splitlines()}
        for name, group, home in (("alias", "nofiles", "/var/qmail/alias"), ("qmaild", "nofiles", "/var/qmail"), ("qmaill", "nofiles", "/var/qmail"),
                                  ("qmailp", "nofiles", "/var/qmail"), ("qmailq", "qmail", "/var/qmail"), ("qmailr", "qmail", "/var/qmail"),
                                  ("qmails", "qmail", "/var/qmail")):
            fields = accounts[name].split(":")
            assert (fields[2], fields[4], fields[5]) == (groups[group], home, "/usr/sbin/nologin"), name
            assert int(fields[1]) < 1000
        assert "0 made, 9 were there" in host.good(f"{ROOT}/setup/users.sh")
        assert host.good("cat /etc/passwd /etc/group /etc/shadow") == passwd
        host.good("userdel qmailr && usermod --gid nofiles qmails")
        text = host.good(f"{ROOT}/setup/users.sh")
        assert "1 made, 8 were there" in text and "note: qmails has group" in text
        # A directory that the account can enter: a checkout may be in a home that only root can enter.
        host.good(f"mkdir -p /mnt/checkout && mount --bind {ROOT} /mnt/checkout")
        done = host.run("setpriv --reuid=nobody --regid=nogroup --clear-groups /mnt/checkout/setup/users.sh")
        assert done.returncode == 1 and "only root" in done.stdout


@pytest.mark.parametrize("kind", ["none", "systemd"])
def test_bootstrap_host_does_all_of_it(kind):
    """Dependencies, build, accounts, installation and qmail-setup in one command; programs that are built already are used."""
    with Host(kind) as host:
        done = host.run(f"cd {ROOT} && ./bootstrap host {NAME} {SERVICES}", seconds=400)
        assert done.returncode == 0 and f"{NAME}: all is running and checked" in done.stdout, done.stdout
        assert "9 made, 0 were there" in done.stdout
        host.good("printf 'Subject: x\\n\\nthrough sendmail\\n' | /usr/sbin/sendmail root")
        host.wait_for(lambda: host.run("grep -l 'through sendmail' /var/qmail/alias/Maildir/new/*").returncode == 0, "mail for root")
