"""--help of every command of the checkout, and of the programs that netqmail does not have, prints a text at once and does nothing else."""

import os
import re
import subprocess

import pytest

from conftest import ROOT

BOOTSTRAP = ["deps", "demo", "host", "check"]
SCRIPTS = ["configure", "bootstrap", *(f"setup/{name}.sh" for name in ("aliases", "install", "instcheck", "owners", "services", "users")),
           ".ci/run", ".ci/units", "tests/chain", "tests/conformance/conform", "tests/fuzz/run", "tests/packaging/check-packages",
           *(f"tests/bench/{name}.py" for name in ("bench", "judged_mail", "login_timing", "smoke", "waiting"))]
# A program that netqmail has takes --help as it takes any argument. So do these, whose only argument is another's: a domain, a program.
ANSWERING = ["dknewkey", "qmail-cert", "qmail-deliverability", "qmail-dkim", "qmail-dmarcreport", "qmail-listen", "qmail-listen-tls",
             "qmail-mailauth", "qmail-mkowned", "qmail-newpasswd", "qmail-setup", "qmail-sign", "qmail-srs", "qmail-upgrade",
             "spawn-filter", "spfquery"]
TAKING_ANY = {"qmail-checkpassword", "qmail-idna"}
TOOLS = sorted(f"tools/{path.name}" for path in (ROOT / "tools").iterdir() if os.access(path, os.X_OK))


def names(folder):
    return {str(path.relative_to(ROOT)) for path in folder.iterdir()}


@pytest.mark.parametrize("command", [*SCRIPTS, *TOOLS, *(f"bootstrap {word}" for word in BOOTSTRAP)])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(tmp_path, command, option):
    script, *words = command.split()
    before = names(ROOT) | names(ROOT / "tools")
    done = subprocess.run([ROOT / script, *words, option], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=20)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert os.path.basename(script) in done.stdout and len(done.stdout) > 20, done.stdout
    assert names(ROOT) | names(ROOT / "tools") == before and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ANSWERING)
def test_help_of_a_program(tmp_path, name):
    done = subprocess.run([ROOT / "cmd" / name, "--help"], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=20)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert f"usage: {name.removesuffix('-tls')} " in done.stdout or name == "spawn-filter" and "usage: " in done.stdout
    assert done.stdout.endswith("\n") and not list(tmp_path.iterdir())


def test_every_program_that_says_how_it_is_used_answers():
    """What complains about its arguments by sys::refuse_arguments, or by a text of that name, is in the list above."""
    said = {path.stem for path in (ROOT / "cmd").glob("*.cc") if re.search(r"kUsage\b|\"[^\"]*usage: qmail-", path.read_text())}
    assert said - {"qmail-local", "sendmail"} - TAKING_ANY <= set(ANSWERING)


def test_every_command_of_bootstrap_is_here():
    text = subprocess.run([ROOT / "bootstrap", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert sorted({line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "}) == sorted(BOOTSTRAP)


@pytest.mark.parametrize("words", [["nonsense"], ["deps", "nonsense"], ["demo", "--nonsense"], []])
def test_what_bootstrap_does_not_know(words):
    done = subprocess.run([ROOT / "bootstrap", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=20)
    assert done.returncode == 2 and done.stderr.startswith("Usage: ./bootstrap COMMAND") and done.stdout == ""


@pytest.mark.parametrize("lacking, needed", [("tcpserver", False), ("readelf", True)])
def test_what_the_unit_tests_need(tmp_path, lacking, needed):
    """Without a package manager bootstrap can only say what is missing."""
    for folder in ("/usr/bin", "/usr/sbin", "/bin", "/sbin"):
        for program in os.listdir(folder):
            if program not in ("apt-get", "dnf", lacking) and not os.path.lexists(tmp_path / program):
                (tmp_path / program).symlink_to(f"{folder}/{program}")
    for words, missed in ((["deps"], True), (["deps", "units"], needed)):
        done = subprocess.run([ROOT / "bootstrap", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              timeout=120, env={"PATH": str(tmp_path)})
        assert (f"  {lacking}: " in done.stdout) == missed, done.stdout
        assert done.returncode == 1 or not missed, done.stdout
