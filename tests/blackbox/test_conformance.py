"""The recorded behaviour of netqmail 1.06, area by area (tests/conformance)."""

import subprocess
import sys

import pytest

from conftest import CONFORMANCE
from conformlib.registry import load_cases
from conformlib.runner import run_cases

LEFT_OUT = [line.split() for line in (CONFORMANCE / "left-out.txt").read_text().splitlines() if line and line[0] != "#"]
AREAS_LEFT_OUT = {name for kind, name in LEFT_OUT if kind == "area"}
CASES_LEFT_OUT = [pattern for kind, pattern in LEFT_OUT if kind == "case"]

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
