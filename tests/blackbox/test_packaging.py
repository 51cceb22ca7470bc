"""The data of packages match the installed files: accounts, setuid programs, services, tools. make check-packages builds them."""

import re
import subprocess

import pytest

from conftest import ROOT

ACCOUNTS = ("alias", "qmaild", "qmaill", "qmailp", "qmailq", "qmailr", "qmails")
SPEC = (ROOT / "packaging/rpm/reqmail.spec.in").read_text()


def debian(name):
    return (ROOT / "debian" / name).read_text()


def fields(paragraph):
    joined = re.sub(r"\n[ \t]+", " ", paragraph)
    return {name: value.strip() for name, value in re.findall(r"^([A-Za-z-]+):(.*)$", joined, re.M)}


def setuid_programs():
    for line in (ROOT / "setup/install.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if len(words) > 4 and words[4] == "program" and re.fullmatch("[4-7]...", words[3]):
            yield words[0].removeprefix("bin/"), words[1], words[2], words[3]


def test_debian_is_a_mail_transport_agent():
    source, package = (fields(part) for part in debian("control").strip().split("\n\n", 1))
    assert source["Source"] == package["Package"] == "reqmail"
    for name in ("Provides", "Conflicts", "Replaces"):
        assert "mail-transport-agent" in re.split(r", *", package[name]), name
    assert "qmail" in re.split(r", *", package["Provides"]), "fastforward recommends it"
    for name in ("libcdb-dev", "libssl-dev", "libpam0g-dev", "libcrypt-dev", "libidn2-dev", "libunistring-dev"):
        assert name in source["Build-Depends"]
    assert debian("source/format") == "3.0 (native)\n"


@pytest.mark.parametrize("name", ["preinst", "postinst", "postrm"])
def test_scripts_of_debian_stop_at_a_failure_and_leave_room_for_debhelper(name):
    text = debian(name)
    assert re.search(r"^set -e$", text, re.M) and re.search(r"^#DEBHELPER#$", text, re.M)
    done = subprocess.run(["sh", "-n", ROOT / "debian" / name], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_setuid_programs_are_known_to_the_packages():
    programs = list(setuid_programs())
    assert {name for name, *_ in programs} == {"qmail-queue", "qmail-checkpassword"}
    for name, owner, group, mode in programs:
        assert re.search(rf"^ *for place in .*/usr/sbin/{name}\b.*; do$", debian("postrm"), re.M), f"purge forgets the override of {name}"
        assert f"%attr({mode},{owner},{group}) /usr/sbin/{name}\n" in SPEC
        assert f"-e '^/usr/sbin/{name}$'" in SPEC, f"{name} stands twice in the spec"


def test_the_spec_makes_every_account():
    made = re.search(r"^account alias nofiles .*?^exit 0$", SPEC, re.M | re.S).group(0)
    assert all(re.search(rf"\b{name}\b", made) for name in ACCOUNTS)
    table = (ROOT / "setup/table.sh").read_text()
    assert f"ACCOUNTS='{' '.join(ACCOUNTS)}'" in table


def test_no_package_ships_live_or_site_data():
    for text in (debian("rules"), SPEC):
        assert re.search(r"^\s*rm -r \S*/var/spool$", text, re.M), "the queue"
        assert re.search(r"^\s*rm -r \S*/etc(/qmail)?$", text, re.M), "control files"


def test_services_that_start_by_themselves():
    rules = debian("rules")
    started = re.findall(r"^\tdh_installsystemd (?:--no-stop-on-upgrade )?(qmail-\S+)$", rules, re.M)
    assert started == ["qmail-send.service", "qmail-smtpd.socket"]
    assert re.search(r"^\tdh_installsystemd --no-stop-on-upgrade --no-enable --no-start \$\(OTHERS\)$", rules, re.M)
    names = {line.split()[0] for line in (ROOT / "setup/services.txt").read_text().splitlines() if line and line[0] != "#"}
    assert "qmail-smtpd" in names
    script = (ROOT / "packaging/container/start").read_text()
    used = re.search(r"SERVICES:-([^}]*)}", script).group(1).split()
    assert set(used) - {"qmail-send"} <= names, "the container starts services that exist"


def test_paths_of_the_layout_are_those_of_the_scripts():
    places = {words[1]: words[2] for words in (line.split() for line in (ROOT / "setup/fhs.txt").read_text().splitlines())
              if len(words) == 3 and words[0] in ("home", "tree", "page")}
    assert places["/var/qmail"] == "/var/lib/qmail" and places["8"] == "/usr/sbin" and "alias" not in places
    assert f"CONTROL={places['control']}\n" in debian("postinst") and f"CONTROL={places['control']}\n" in debian("postrm")
    assert f"QUEUE={re.search('^queue=(.*)', debian('preinst').replace('  ', ''), re.M).group(1)}\n" in debian("postrm")
    assert f"SETUP={places['setup']}\n" in debian("postinst")


def test_newaliases_without_fastforward_is_content():
    done = subprocess.run([ROOT / "debian/newaliases"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_tools_of_packagers_are_not_for_everybody():
    text = (ROOT / "bootstrap").read_text()
    rows = [line.split() for line in re.search(r"cat <<'?END'?\ncommand:g.*?^END$", text, re.M | re.S).group(0).splitlines()]
    packages = {row[1] for row in rows if row[-1] == "packages"}
    assert {"debhelper", "lintian", "debootstrap", "rpm"} <= packages
    assert not packages & {row[1] for row in rows if row[-1] in ("build", "test")}


@pytest.mark.parametrize("path", ["packaging/README", "INSTALL", "debian/README.Debian"])
def test_paths_that_papers_name_exist(path):
    text = (ROOT / path).read_text()
    for name in re.findall(r"(?<![\w/.])((?:packaging|setup|debian|tools|doc)/[\w.-]+(?:/[\w.-]+)*)", text):
        name = name.rstrip(".")
        assert (ROOT / name).exists() or name == "debian/rules" or name == "packaging/rpm/reqmail.spec", f"{path}: {name}"
