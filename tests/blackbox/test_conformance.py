"""The recorded behaviour of netqmail 1.06, area by area (tests/conformance)."""

import subprocess
import sys

import pytest

from conftest import CONFORMANCE
from conformlib.registry import load_cases
from conformlib.runner import run_cases

# Programs that do not exist yet: their areas, and single cases elsewhere that need them.
AREAS_LEFT_OUT = {"delivery_tools", "user_tools", "mail_servers", "qmail_qmtpd", "qmail_qmqpd", "qmail_qmqpc", "qmtp_qmqp",
                  "qmail_pop3d", "qmail_popup", "qmail_pw2u"}
CASES_LEFT_OUT = ["mini_qmail*", "small_tools/condredirect*"]

AREAS = sorted(path.stem for path in (CONFORMANCE / "expected").glob("*.json") if path.stem not in AREAS_LEFT_OUT)


@pytest.mark.parametrize("area", AREAS)
def test_area(tree, area):
    command = [sys.executable, CONFORMANCE / "conform", "check", "--tree", tree, "-j2", area]
    command += [f"--without={pattern}" for pattern in CASES_LEFT_OUT]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    summary = done.stdout.rstrip().rpartition("\n")[2]
    assert done.returncode == 0 and " passed, 0 failed" in summary, done.stdout


def test_no_area_was_lost():
    """Each area that is left out exists: a renamed one would silently come back or vanish."""
    assert AREAS_LEFT_OUT <= {path.stem for path in (CONFORMANCE / "expected").glob("*.json")}
    assert len(AREAS) >= 26


EXTRA = load_cases([CONFORMANCE / "cases_extra"]) if (CONFORMANCE / "cases_extra").is_dir() else []

if EXTRA:  # an empty list would count as a skipped test

    @pytest.mark.parametrize("case", EXTRA, ids=[case.full_name for case in EXTRA])
    def test_extra_case(tree, case):
        (outcome,) = run_cases(tree, [case], jobs=1)
        assert not outcome.missing and not outcome.error, outcome.missing or outcome.error
