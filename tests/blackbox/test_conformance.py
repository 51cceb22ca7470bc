"""The recorded behaviour of netqmail 1.06, area by area (tests/conformance)."""

import subprocess
import sys

import pytest

from conftest import CONFORMANCE
from conformlib.registry import load_cases
from conformlib.runner import run_cases

AREAS = sorted(path.stem for path in (CONFORMANCE / "expected").glob("*.json"))


@pytest.mark.parametrize("area", AREAS)
def test_area(tree, area):
    command = [sys.executable, CONFORMANCE / "conform", "check", "--tree", tree, "-j2", area]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    summary = done.stdout.rstrip().rpartition("\n")[2]
    assert done.returncode == 0 and " passed, 0 failed" in summary, done.stdout


def test_every_area_has_cases_and_recordings():
    """A file that is renamed or lost must not take its cases with it silently."""
    assert AREAS == sorted(path.stem for path in (CONFORMANCE / "cases").glob("[a-z]*.py"))
    assert len(AREAS) >= 36


EXTRA = load_cases([CONFORMANCE / "cases_extra"]) if (CONFORMANCE / "cases_extra").is_dir() else []

if EXTRA:  # an empty list would count as a skipped test

    @pytest.mark.parametrize("case", EXTRA, ids=[case.full_name for case in EXTRA])
    def test_extra_case(tree, case):
        (outcome,) = run_cases(tree, [case], jobs=1)
        assert not outcome.missing and not outcome.error, outcome.missing or outcome.error
