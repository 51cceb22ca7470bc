"""The recorded behaviour of netqmail 1.06, area by area (tests/conformance)."""

import os
import subprocess
import sys

import pytest

from conftest import CONFORMANCE
from conformlib.process import PATIENCE
from conformlib.registry import load_cases
from conformlib.runner import run_cases

AREAS = sorted(path.stem for path in (CONFORMANCE / "expected").glob("*.json"))


# Each case of these waits for the five seconds after which qmail-send syncs the files of a message that nobody delivers.
WAITING = ("qmail_send_routing",)


def check(tree, area, jobs, patience=PATIENCE):
    command = [sys.executable, CONFORMANCE / "conform", "check", "--tree", tree, f"-j{jobs}", area]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env=os.environ | {"CONFORM_PATIENCE": str(patience)})
    summary = done.stdout.rstrip().rpartition("\n")[2]
    return done.returncode == 0 and " passed, 0 failed" in summary, done.stdout


@pytest.mark.parametrize("area", AREAS)
def test_area(tree, area):
    """Some cases see who is first of two processes, or have ten seconds: an area that fails on a busy machine gets a second
    run, one case at a time and with more time. What is wrong is wrong both times."""
    together = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2  # other tests run at the same time already
    if area in WAITING:
        together = 12
    right, text = check(tree, area, jobs=together)
    if not right:
        print(text)
        right, text = check(tree, area, jobs=1, patience=max(PATIENCE, 4))
    assert right, text


def test_every_area_has_cases_and_recordings():
    """If a file is renamed or lost, its cases must not disappear silently."""
    assert AREAS == sorted(path.stem for path in (CONFORMANCE / "cases").glob("[a-z]*.py"))
    assert len(AREAS) >= 36


EXTRA = load_cases([CONFORMANCE / "cases_extra"]) if (CONFORMANCE / "cases_extra").is_dir() else []

if EXTRA:  # an empty list would count as a skipped test

    @pytest.mark.parametrize("case", EXTRA, ids=[case.full_name for case in EXTRA])
    def test_extra_case(tree, case):
        (outcome,) = run_cases(tree, [case], jobs=1)
        assert not outcome.missing and not outcome.error, outcome.missing or outcome.error
