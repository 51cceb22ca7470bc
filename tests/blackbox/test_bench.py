"""The bench: its verdicts, its tables and plots, and a short measurement of our own tree."""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = "/usr/bin/python3"
sys.path.insert(0, str(ROOT / "tests/bench"))

import packages  # noqa: E402
import report  # noqa: E402
import smoke  # noqa: E402
import systems  # noqa: E402
import workloads  # noqa: E402

KEY, TIME = ("calls", "W1", "plain"), ("cpu", "W1", "plain")


def test_growth_of_more_than_ten_percent_is_a_failure():
    recorded = {KEY: 300.0, TIME: 1.0}
    assert smoke.judged({KEY: 329.0, TIME: 1.09}, recorded, True) == {KEY: "ok", TIME: "ok"}
    assert smoke.judged({KEY: 331.0, TIME: 1.11}, recorded, True) == {KEY: "grown", TIME: "grown"}
    assert smoke.judged({KEY: 331.0, TIME: 9.0}, recorded, False) == {KEY: "grown", TIME: "other"}
    assert smoke.judged({KEY: 200.0}, recorded, True) == {KEY: "record"}
    assert smoke.judged({KEY: 1.0}, {}, True) == {KEY: "unknown"}


def test_what_is_recorded_is_read_again():
    values = {KEY: 336.2, TIME: 1.043}
    assert smoke.read_recorded(smoke.recorded_text("Some Processor 9", values)) == ("Some Processor 9", values)


def test_each_cost_is_recorded():
    processor, values = smoke.read_recorded(smoke.RECORDED.read_text())
    assert processor and set(values) == {(kind, way, setup) for kind in ("calls", "cpu") for way in smoke.WAYS for setup in smoke.SETUPS}
    assert all(value > 0 for value in values.values())


def samples(workload, **values):
    metric = workloads.WORKLOADS[workload].metric
    return [{"workload": workload, "system": system, "fs": "disk", "round": number, "parameters": {"count": 10}, "load": 0.5,
             "time": "2026-01-01T00:00:00Z", "numbers": None if value is None else {metric: value, "CPU ms": 2.0}}
            for system, several in values.items() for number, value in enumerate(several)]


def test_ratios_say_how_many_times_as_good_the_first_one_is(tmp_path, capsys):
    report.write([*samples("W1d10", ours=[100, 300, 200], other=[50, 40, None]), *samples("W7", ours=[2], other=[6])], tmp_path)
    text = capsys.readouterr().out
    assert text.strip() == (tmp_path / "report.txt").read_text().strip()
    rows = [line.split() for line in text.splitlines() if line.startswith("  o")]
    assert rows == [["ours", "200", "100", "300", "2"], ["other", "45", "40", "50", "4.44", "x", "2"],
                    ["ours", "2", "2", "2", "2"], ["other", "6", "6", "6", "3.00", "x", "2"]]


def test_a_system_that_failed_stands_in_the_table_and_not_in_the_plot(tmp_path, capsys):
    report.write(samples("W2", ours=[100], other=[None]), tmp_path)
    assert "other           failed" in capsys.readouterr().out
    words = [text.text for text in xml.etree.ElementTree.parse(tmp_path / "W2-disk.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "ours" in words and "100" in words and "other" not in words


def test_bars_are_as_long_as_the_medians():
    by_system = {"a": [{"delivered/s": 100.0}], "b": [{"delivered/s": 25.0}]}
    bars = [one for one in xml.etree.ElementTree.fromstring(report.plot("W1s1", "disk", by_system)).iter("{http://www.w3.org/2000/svg}rect")
            if one.get("x")]
    assert float(bars[0].get("width")) == pytest.approx(4 * float(bars[1].get("width")), rel=0.01)


def bench(*arguments):
    return subprocess.run([PYTHON, ROOT / "tests/bench/bench.py", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


def test_each_option_and_workload_is_explained():
    text = bench("--help").stdout
    for option in ("--workloads", "--list", "--rounds", "--scale", "--fs", "--work", "--out", "--tree", "--listener", "--peer", "--new-host", "--only", "--fetch",
                   "--limit", "--report"):
        assert f"{option} " in text, option
    assert [line.split()[0] for line in bench("--list").stdout.splitlines()] == list(workloads.WORKLOADS)
    page = (ROOT / "doc/BENCHMARKS").read_text()
    assert all(f" {name} " in page for name in workloads.WORKLOADS)


@pytest.mark.parametrize("arguments, said", [(["-w", "W99"], "no such workload"), (["--fs", "floppy"], "no such workload or file system"),
                                             (["--peer", "x"], "not NAME=KIND:DIR")])
def test_what_cannot_be_measured_is_refused(tmp_path, tree, arguments, said):
    if not packages.find_postfix(Path("/nonexistent")):
        pytest.skip("no Postfix")
    done = bench("--out", tmp_path, "--tree", tree, *arguments)
    assert done.returncode == 1 and said in done.stderr


def test_a_short_measurement(tmp_path, tree):
    if not packages.find_postfix(Path("/nonexistent")):
        pytest.skip("no Postfix")
    done = bench("--out", tmp_path, "--tree", tree, "-w", "W1s1,W2", "--scale", "0.01", "--rounds", "1", "--fs", "tmpfs", "--limit", "60")
    assert done.returncode == 0, done.stderr
    [made] = tmp_path.iterdir()
    lines = [json.loads(line) for line in (made / "samples.jsonl").read_text().splitlines()]
    assert [(one["workload"], one["system"]) for one in lines] == [(name, system) for name in ("W1s1", "W2") for system in ("reqmail", "Postfix")]
    assert all(one["numbers"]["delivered/s"] > 0 and one["numbers"]["CPU ms"] > 0 for one in lines)
    before = (made / "report.txt").read_text()
    os.unlink(made / "report.txt")
    assert bench("--report", made / "samples.jsonl").returncode == 0 and (made / "report.txt").read_text() == before
    assert {path.name for path in made.glob("*.svg")} == {"W1s1-tmpfs.svg", "W2-tmpfs.svg"}


def test_waiting_messages(tmp_path, tree):
    postfix = packages.find_postfix(Path("/nonexistent"))
    if not postfix or not os.path.exists("/dev/loop-control") or not shutil.which("mkfs.ext4"):
        pytest.skip("no Postfix, loop devices or mkfs.ext4")
    command = [PYTHON, ROOT / "tests/bench/waiting.py", "--count", "500", "--work", tmp_path, "--peer", f"Postfix=postfix:{postfix}", tree]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        *(["reqmail", state] for state in ("empty", "cold", "warm")), ["reqmail:", "bytes"],
        *(["Postfix", state] for state in ("empty", "cold", "warm")), ["Postfix:", "bytes"]]
    assert all(0 < float(re.search(r"ready s ([\d.e-]+)", line)[1]) < 60 for line in lines if "ready" in line)
    assert not list(tmp_path.iterdir())


def test_a_package_is_fetched_only_once(tmp_path, monkeypatch):
    (tmp_path / "postfix").mkdir()
    monkeypatch.setenv("PATH", "")
    assert packages.fetch("postfix", tmp_path) == tmp_path / "postfix"


def test_missing_commands_are_named_with_their_packages(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit, match=r"missing: tcpserver strace \(packages ucspi-tcp strace;"):
        packages.lacking(["tcpserver", "strace"])


def test_a_new_host_has_the_files_of_qmail_setup():
    assert systems.NEW_HOST == {"concurrencyremote": "50\n", "concurrencyremotereserve": "20\n", "connectionmessages": "20\n",
                                "transactionrecipients": "20\n"}


def test_all_systems_can_be_driven():
    for system in systems.SYSTEMS.values():
        assert all(hasattr(system, name) for name in ("start", "stop", "queued", "hold", "held", "keep"))
