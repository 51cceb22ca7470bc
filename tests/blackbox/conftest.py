"""Fixtures of the black-box tests; README.md in this folder says how to use them."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CONFORMANCE = ROOT / "tests" / "conformance"
sys.dont_write_bytecode = True
sys.path.insert(0, str(CONFORMANCE))

from conformlib import sandbox  # noqa: E402
from conformlib.box import Box  # noqa: E402
from conformlib.process import PATIENCE, MissingBinary  # noqa: E402

DEFAULT_LIMIT = 90.0  # for tests that hang; a slow test does not fail
FIRST_ID = 64010  # the IDs of conformlib on a machine without qmail's accounts


def owner_options() -> list[str]:
    """Returns the options that setup/install.sh and instcheck.sh need on this machine."""
    try:
        pwd.getpwnam("qmailq")
        return []
    except KeyError:
        return [f"--ids={FIRST_ID}"]


def install(destination: Path, *options: str, source: Path = ROOT) -> Path:
    """Runs `make install` of the built programs below the destination and returns the home there."""
    command = [source / "setup" / "install.sh", f"--destdir={destination}", "--partial", *owner_options(), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return destination / "var" / "qmail"


def once(factory, name: str, make) -> Path:
    """Returns a folder that make(folder) has filled once for the whole run: of pytest-xdist's workers the first one does it, and the
    others wait. Nobody may change what is in it."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    with (place / f"{name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if not lock.read():
            # What another worker has begun and not finished has no use.
            shutil.rmtree(place / name, ignore_errors=True)
            make(place / name)
            lock.write("made\n")
    return place / name


@pytest.fixture(scope="session")
def tree(tmp_path_factory) -> Path:
    """Returns a home: REQMAIL_TREE if it is set, else a fresh installation of this checkout in a private place."""
    if given := os.environ.get("REQMAIL_TREE"):
        return Path(given).resolve()
    return once(tmp_path_factory, "tree", install) / "var/qmail"


@pytest.fixture(scope="session")
def numbered(tmp_path_factory) -> Path:
    """Returns a DESTDIR with the whole of this checkout, owned by IDs from FIRST_ID; a test that changes it takes a copy (cp -a)."""
    def make(place):
        command = [ROOT / "setup/install.sh", f"--destdir={place}", f"--ids={FIRST_ID}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
    return once(tmp_path_factory, "numbered", make)


# ./configure asks the same of a compiler each time: what it said and made is kept under all that it was asked.
REMEMBERING = r"""#!/bin/sh
name=${0##*/} kept=${0%/*}/kept made=
PATH=$(printf '%s' "$PATH" | sed "s,${0%/*}:,,g")
case "$*" in *probe.cc*) ;; *) exec "$name" "$@" ;; esac
for word; do
  case $last:$word in -o:*) made=$word ;; *:*probe.cc) source=$word ;; esac
  last=$word
done
key=$({ printf '%s\n' "$name" "$@" | sed 's,/[^ ]*/configure\.[^/]*/,,'; cat "$source"; } | sha256sum)
key=$kept/${key%% *}
if [ ! -d "$key" ]; then
  mine=$(mktemp -d "$kept/.XXXXXX") || exit
  "$name" "$@" >"$mine/out" 2>"$mine/err"
  echo $? >"$mine/code"
  [ ! -f "$made" ] || cp "$made" "$mine/made"
  mv -T "$mine" "$key" 2>/dev/null || rm -rf "$mine"
fi
cat "$key/out"
cat "$key/err" >&2
[ ! -f "$key/made" ] || cp "$key/made" "$made"
exit "$(cat "$key/code")"
"""


@pytest.fixture(scope="session")
def compilers(tmp_path_factory) -> str:
    """Returns a PATH with the compilers of this machine, which answer at once what ./configure has asked before."""
    def make(place):
        (place / "kept").mkdir(parents=True)
        for name in ("c++", "g++", "clang++"):
            if shutil.which(name):
                (place / name).write_text(REMEMBERING)
                (place / name).chmod(0o755)
    return f"{once(tmp_path_factory, 'compilers', make)}:{os.environ['PATH']}"


@pytest.fixture
def box(tree) -> Path:
    """Inside the test this is a conformlib Box; outside (here) it is only a placeholder."""
    return tree


def pytest_configure(config) -> None:
    config.addinivalue_line("markers", "slow: long and seldom of use: run by name, or by make check-slow")
    config.addinivalue_line("markers", "limit(seconds): the time a test with a box may take (90)")


# Files whose tests take longest: each has whole systems that start, serve and end.
LONG = ("test_services", "test_qmail_setup", "test_upgrade_systemd", "test_upgrade_apply", "test_conformance", "test_checkers", "test_build")


def longest_first(items: list, workers: int) -> list:
    """pytest-xdist gives each worker a share of the first quarter of the list at once, the rest one by one: what is long goes to the
    heads of these shares, in turn, so that nothing long is left for the end."""
    long = [item for item in items if item.path.stem in LONG]
    short = [item for item in items if item.path.stem not in LONG]
    share = max(len(items) // (4 * workers), 2)
    result = []
    for worker in range(workers):
        mine = long[worker::workers][:share]
        rest = share - len(mine)
        result += [*mine, *short[:rest]]
        short = short[rest:]
    taken = set(map(id, result))
    return result + [item for item in items if id(item) not in taken]


def pytest_collection_modifyitems(items) -> None:
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = longest_first(items, workers)
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="root is required"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A test with the argument `box` runs as pid 1 of its own namespaces."""
    if "box" not in pyfuncitem.fixturenames:
        return None
    marker = pyfuncitem.get_closest_marker("limit")
    report = _run_inside(pyfuncitem, PATIENCE * (marker.args[0] if marker else DEFAULT_LIMIT))
    if report["outcome"] == "skipped":
        pytest.skip(report["text"])
    if report["outcome"] != "passed":
        pytest.fail(report["text"], pytrace=False)
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    item.has_passed = getattr(item, "has_passed", True) and outcome.get_result().passed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item):
    """Many tests install a home of 60 MB, and /tmp may be in memory: only what failed leaves its folder to be looked at."""
    yield
    folder = (item.funcargs or {}).get("tmp_path")
    if folder and getattr(item, "has_passed", False):
        shutil.rmtree(folder, ignore_errors=True)


def _run_inside(item, limit: float) -> dict:
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    supervisor = os.fork()
    if supervisor == 0:
        os.close(reading)
        try:
            _supervise(item, writing, limit)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        received = stream.read()
    os.waitpid(supervisor, 0)
    if not received:
        return {"outcome": "failed", "text": f"{item.name}: over {limit:g} s, killed"}
    return json.loads(received)


def heed_signals() -> None:
    """nohup, and a shell that starts this in the background, have signals ignored; programs would inherit that."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _supervise(item, writing: int, limit: float) -> None:
    """Runs outside of the namespaces: starts pid 1 and kills it at the time limit."""
    sandbox.die_with_parent()
    sandbox.unshare()
    init = os.fork()
    if init == 0:
        heed_signals()
        try:
            text = json.dumps(_play(item)).encode()
            with os.fdopen(writing, "wb") as stream:
                stream.write(text)
        finally:
            os._exit(0)
    os.close(writing)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(init, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, limit)
    os.waitpid(init, 0)
    os._exit(0)


def _play(item) -> dict:
    sandbox.die_with_parent()
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    try:
        sandbox.enter(arguments["box"])
        arguments["box"] = Box()
        item.obj(**arguments)
        return {"outcome": "passed", "text": ""}
    except pytest.skip.Exception as skipped:
        return {"outcome": "skipped", "text": str(skipped)}
    except MissingBinary as missing:
        return {"outcome": "failed", "text": f"{item.name}: the tree has no {missing}"}
    except BaseException:  # noqa: BLE001 - everything is the test's result
        text = item.repr_failure(pytest.ExceptionInfo.from_current())
        return {"outcome": "failed", "text": str(text)}
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
