"""Every installed program in a hostile place: no arguments, wrong ones, closed descriptors, unreadable control files,
little memory. What it ends with is one of its own exit codes, never a signal."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# The exit codes of a program that is run without arguments and with `-Q --bogus x`, as root, with empty input.
# None means not tried, since the program uses these words and another test covers it.
CODES = {
    "bouncesaying": (100, 0),  # -Q is the error, --bogus a program that can't be run
    "condredirect": (100, 0),
    "config": (0, 0),
    "config-fast": (100, 100),
    "datemail": (0, 100),
    "dknewkey": (0, 100),
    "dnsfq": (100, 100),
    "dnsip": (100, 100),
    "dnsmxip": (100, 100),
    "dnsptr": (100, 100),
    "elq": (111, 111),
    "except": (100, 0),
    "forward": (100, 100),
    "ipmeprint": (0, 0),
    "maildir2mbox": (111, 111),
    "maildirmake": (100, 0),
    "maildirwatch": (111, 111),
    "mailsubj": (100, 0),
    "pinq": (111, 111),
    "predate": (100, 111),
    "preline": (100, 100),
    "qail": (111, 111),
    "qbiff": (0, 0),
    "qmail-cert": (100, 100),
    "qmail-checkpassword": (2, 2),
    "qmail-clean": (0, 0),
    "qmail-deliverability": (3, 3),
    "qmail-dkim": (54, 100),
    "qmail-dmarcreport": (0, 100),
    "qmail-getpw": (100, 0),
    "qmail-idna": (100, 100),
    "qmail-inject": (0, 100),
    "qmail-listen": (100, 100),
    "qmail-listen-tls": (100, 100),
    "qmail-local": (100, 100),
    "qmail-lspawn": (100, 0),
    "qmail-mkowned": (0, 100),
    "qmail-mailauth": (100, 100),
    "qmail-newmrh": (111, 111),
    "qmail-newmvrt": (111, 111),
    "qmail-newpasswd": (111, 100),
    "qmail-newu": (111, 111),
    "qmail-pop3d": (0, 0),
    "qmail-popup": (1, 1),
    "qmail-popup-tls": (100, 100),
    "qmail-pw2u": (111, 100),
    "qmail-qmqpc": (55, 55),
    "qmail-qmqpd": (0, 0),
    "qmail-qmtpd": (0, 0),
    "qmail-qread": (0, 0),
    "qmail-qstat": (0, 0),
    "qmail-queue": (54, 54),
    "qmail-rcptcheck": (0, 0),
    "qmail-recipients": (111, 111),
    "qmail-remote": (0, 0),
    "qmail-remote-tls": (0, 0),
    "qmail-rspawn": (0, 0),
    "qmail-send": (111, 111),
    "qmail-setup": None,  # sets the whole host up: test_qmail_setup.py
    "qmail-showctl": (0, 0),
    "qmail-sign": (100, 0),
    "qmail-smtpd": (1, 1),
    "qmail-smtpd-tls": (1, 1),
    "qmail-srs": (100, 100),
    "qmail-start": None,  # starts the whole system: test_qmail_start.py
    "qmail-tcpok": (0, 0),
    "qmail-tcpto": (0, 0),
    "qmail-upgrade": (100, 100),
    "qmailq": (100, 100),
    "qreceipt": (100, 100),
    "qsmhook": (100, 100),
    "sendmail": (0, 100),
    "spawn-filter": (100, 100),
    "spfquery": (100, 100),
    "splogger": (0, 0),
    "srsfilter": (100, 100),
    "tcp-env": (111, 111),
    "update_tmprsadh": (0, 0),
}

# Further exit codes of programs, in addition to 0, 100 and 111.
OWN_CODES = {
    "except": {99},
    "qmail-cert": {1, 2},
    "qmail-checkpassword": {1, 2},
    "qmail-deliverability": {1, 2, 3},
    "qmail-dkim": {11, 32, 51, 52, 53, 54, 61, 62, 63, 64, 65, 66, 81, 88, 91, 120},
    "qmail-getpw": {115, 116, 118, 119},
    "qmail-popup": {1},
    "qmail-qmqpc": {11, 31, 51, 54, 55, 61, 71, 72, 73, 74, 81, 91},
    "qmail-queue": {11, 51, 52, 53, 54, 61, 62, 63, 64, 65, 66, 81, 91},
    "qmail-smtpd": {1},
    "qmail-smtpd-tls": {1},
    "qmail-upgrade": {1, 2},
}

PROGRAMS = sorted(name for name, codes in CODES.items() if codes)

# These accept an empty message without recipients.
INJECTORS = {"datemail", "qmail-inject", "sendmail"}

# A shell that has no memory for a fork exits 2, as in netqmail.
SHELL_SCRIPTS = {"config", "config-fast", "datemail", "elq", "mailsubj", "pinq", "qail", "qmail-qstat", "update_tmprsadh"}


def allowed(name):
    return {0, 100, 111} | OWN_CODES.get(name, set())


def test_every_installed_program_is_here():
    table = (ROOT / "setup" / "install.txt").read_text()
    installed = re.findall(r"^bin/(\S+)\s+\S+\s+\S+\s+\S+\s+(?:program|script)\s", table, re.MULTILINE)
    assert sorted(installed) == sorted(CODES)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_arguments(box, name):
    assert box.run([name], cwd="/tmp").code == CODES[name][0]


@pytest.mark.parametrize("name", PROGRAMS)
def test_wrong_arguments(box, name):
    assert box.run([name, "-Q", "--bogus", "x"], cwd="/tmp").code == CODES[name][1]


@pytest.mark.parametrize("name", PROGRAMS)
def test_closed_descriptors(box, name):
    """No file that the program opens may get the number of a closed descriptor, so nothing in the queue changes either."""
    for place in ({"stdin": None}, {"extra_fds": {1: None}}, {"extra_fds": {2: None}},
                  {"stdin": None, "extra_fds": {1: None, 2: None}}):
        assert box.run([name], cwd="/tmp", **place).code in allowed(name), place
    if name not in INJECTORS:
        assert not box.queue_tree()


@pytest.mark.parametrize("name", PROGRAMS)
def test_unreadable_controls(box, name):
    box.control("rcpthosts", "a.example\n")
    for path in box.path("control").iterdir():
        path.chmod(0)
    box.path("control").chmod(0)
    result = box.run([name], as_user="alice")
    executable = box.path(f"bin/{name}").stat().st_mode & 0o001
    assert result.code in (allowed(name) if executable else {126, 127}), (result.out, result.err)


def least_memory():
    """Returns the KiB of address space that a program needs in order to start."""
    for kib in range(1024, 65536, 256):
        started = subprocess.run(["/bin/sh", "-c", f"ulimit -v {kib} && exec /bin/true"], check=False, capture_output=True)
        if started.returncode == 0:
            return kib
    raise AssertionError("/bin/true does not start in 64 MiB")


@pytest.mark.parametrize("name", PROGRAMS)
def test_little_memory(box, name):
    program = box.path(f"bin/{name}")
    # The libraries of OpenSSL 3.5 and what they need are mapped with more than 8 MiB.
    limit = least_memory() + (16384 if b"libcrypto.so" in program.read_bytes() else 8192)
    result = box.run(["/bin/sh", "-c", f"ulimit -v {limit} && exec {program}"], b"Subject: x\n\nhi\n")
    assert result.code in allowed(name) | ({2} if name in SHELL_SCRIPTS else set()), (result.out, result.err)


def test_what_is_said_about_control_flow_enforcement(tree):
    """SECURITY.md lists CET as a feature of all programs if and only if all of them have it."""
    root = Path(__file__).resolve().parents[2]
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    claimed = "CET" in next(line for line in text.splitlines() if "compiled with" in line)
    programs = [path for path in (tree / "bin").iterdir() if path.read_bytes()[:4] == b"\x7fELF"]
    notes = {path.name: subprocess.run(["readelf", "-n", path], capture_output=True, check=True, text=True).stdout for path in programs}
    without = [name for name, text in notes.items() if "IBT, SHSTK" not in text]
    assert programs and claimed == (not without), without


def test_the_memory_of_the_tutorial(box):
    """Old run scripts have softlimit -m 2000000 before qmail-smtpd; 200 KiB of it stay free, for other compilers and the next change."""
    box.control("me", "mx.example\n")
    box.control("rcpthosts", "here.example\n")
    session = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<x@here.example>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n"
    smtpd, kilobytes = box.path("bin/qmail-smtpd"), 2000000 // 1024 - 200
    result = box.run(["/bin/sh", "-c", f"ulimit -v {kilobytes} && exec {smtpd}"], session)
    assert result.code == 0 and result.out.count(b"\r\n250 ") >= 3 and b"\r\n221 " in result.out, (result.out, result.err)
