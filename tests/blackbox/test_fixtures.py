"""The fixtures themselves: a box is private, and a failure inside is a failure."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import longest_first

HERE = Path(__file__).resolve().parent


def test_box_is_private(box):
    assert os.getpid() == 1
    assert box.path("control/me").read_text() == "host.example.org\n"
    assert sorted(os.listdir("/home")) == ["Carol", "alice", "bob", "eve", "list-mgr"]


FAILING = """
import time, pytest
def test_wrong(box):
    value = box.home / "x"
    assert str(value) == "elsewhere"
@pytest.mark.limit(1)
def test_slow(box):
    time.sleep(30)
def test_missing(box):
    box.run(["no-such-program"])
def test_right(box):
    pass
"""


def test_failures_inside_come_out(tmp_path, tree):
    (tmp_path / "test_bait.py").write_text(FAILING)
    (tmp_path / "conftest.py").write_text((HERE / "conftest.py").read_text().replace(
        "Path(__file__).resolve().parent.parent.parent", repr(HERE.parent.parent).replace("PosixPath", "Path")))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
                          env=os.environ | {"REQMAIL_TREE": str(tree)}, stdout=subprocess.PIPE, text=True, check=False)
    assert "3 failed, 1 passed" in done.stdout
    assert "elsewhere" in done.stdout and "/var/qmail/x" in done.stdout
    assert "over 1 s, killed" in done.stdout
    assert "has no no-such-program" in done.stdout


def test_long_tests_start_first():
    class Item:
        def __init__(self, name):
            self.path = Path(name)

    items = [Item("test_cert.py") for _ in range(80)] + [Item("test_services.py") for _ in range(5)] + [Item("test_users.py") for _ in range(15)]
    order = longest_first(items, 3)
    assert sorted(map(id, order)) == sorted(map(id, items))
    # Three shares of 100 / (4 * 3) tests.
    assert [index for index, item in enumerate(order) if item.path.stem == "test_services"] == [0, 1, 8, 9, 16]
    assert sorted(map(id, longest_first(items[:3], 2))) == sorted(map(id, items[:3])) and longest_first([], 3) == []
