#!/usr/bin/python3
"""Whether a message costs more than it did: smoke.py [--record] [--count N] [--rounds N] [HOME]

Measures two ways of a message (W1: SMTP to a maildir; W2: SMTP to SMTP) through two set-ups (residents: qmail-listen and qmailq;
plain: tcpserver, and no qmailq), all on tmpfs in private namespaces, and compares with recorded.txt beside this file:

  calls   system calls of a message, when one message is on its way at a time
  cpu     processor time of a message, as a part of what a round of reference.cc needs in the same minute: medians of rounds that take turns; one message at a time is sent, and all processes run on one core

Exit 1 if one of them is more than 10 percent above the recorded value, twice. Processor time is judged only on the processor that the
values were recorded on. --record writes recorded.txt anew. HOME is an installed home; without it the built checkout is installed in a
private place. Needs root, tcpserver, strace, c++ and Postfix's smtp-source and smtp-sink (./bootstrap deps).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import packages
import report
from arena import Arena, apart, end, home_of, used
from systems import LOCAL
from workloads import REMOTE, Run, system_calls, to_maildir, to_sink

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "recorded.txt"
ALLOWED = 1.1
REFERENCE_ROUNDS = 200  # kRounds of reference.cc
SETUPS = {"residents": "qmail-listen", "plain": "tcpserver"}
WAYS = {"W1": LOCAL, "W2": REMOTE}


def read_recorded(text):
    """The processor, and {(kind, way, set-up): value}."""
    processor, values = "", {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words[:1] == ["processor"]:
            processor = " ".join(words[1:])
        elif words:
            kind, way, setup, value = words
            values[kind, way, setup] = float(value)
    return processor, values


def recorded_text(processor, values):
    lines = ["# What a message costs (tests/bench/smoke.py --record): system calls of a message, and its processor time as a part of a round of",
             "# reference.cc.", f"processor {processor}"]
    return "\n".join(lines + [f"{' '.join(key):20} {value:.4g}" for key, value in sorted(values.items())] + [""])


def verdict(value, recorded):
    """ok, grown (too much), or record (so much less that the recorded value says nothing any more)."""
    if value > recorded * ALLOWED:
        return "grown"
    return "record" if value * ALLOWED < recorded else "ok"


def on_one_core():
    """All processes share a core, since which of them run at the same time, and in whose cache their memory is, changes the time."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def of_reference(home):
    """In namespaces, on tmpfs: the processor seconds of one round of the reference program, which lies in the home's bin/."""
    on_one_core()
    Arena(home)
    before = used()
    subprocess.run(["/var/qmail/bin/reference", "/tmp"], stdout=subprocess.DEVNULL, check=True)
    return (used() - before) / REFERENCE_ROUNDS


def of_message(tree, postfix, listener, way, count):
    """In namespaces, on tmpfs: the processor seconds of a message."""
    on_one_core()
    arena = Arena(tree)
    run = Run(arena, "qmail", tree, {"listener": listener}, postfix)
    before = used()
    if way == "W1":
        to_maildir(run, count, 1, False)
    else:
        to_sink(run, count, 1)
    end(run.system.processes, 3)
    return (used() - before - arena.drivers) / count


def calls_of_message(tree, postfix, listener, way):
    arena = Arena(tree)
    run = Run(arena, "qmail", tree, {"listener": listener}, postfix)
    return system_calls(run, 20, WAYS[way])["calls"]


def measured(function, *arguments):
    value = apart(function, *map(lambda one: str(one) if isinstance(one, Path) else one, arguments), limit=300)
    return value if value is not None else sys.exit("a sample failed")


class Bench:
    """The trees of both set-ups, and the reference program, below a folder."""

    def __init__(self, home, folder, postfix, count, rounds):
        self.postfix, self.count, self.rounds = postfix, count, rounds
        plain = folder / "plain"
        plain.mkdir()
        subprocess.run(["cp", "-a", home / "bin", plain / "bin"], check=True)
        (plain / "bin/qmailq").unlink(missing_ok=True)
        self.trees = {"residents": home, "plain": plain}
        self.reference = folder / "reference/bin/reference"
        self.reference.parent.mkdir(parents=True)
        subprocess.run(["c++", "-std=c++20", "-O2", HERE / "reference.cc", "-o", self.reference], check=True)

    def setups(self):
        return [name for name in SETUPS if name == "plain" or (self.trees[name] / "bin/qmail-listen").exists()]

    def calls(self, way, setup):
        return measured(calls_of_message, self.trees[setup], self.postfix, SETUPS[setup], way)

    def processor_times(self, pairs):
        """{(way, set-up): the ratio}, all pairs and the reference program in turn."""
        found = {pair: [] for pair in pairs}
        for _ in range(self.rounds):
            reference = measured(of_reference, self.reference.parent.parent)
            for way, setup in pairs:
                found[way, setup].append(measured(of_message, self.trees[setup], self.postfix, SETUPS[setup], way, self.count) / reference)
        return {pair: statistics.median(values) for pair, values in found.items()}

    def all(self):
        pairs = [(way, setup) for way in WAYS for setup in self.setups()]
        values = {("calls", *pair): self.calls(*pair) for pair in pairs}
        return values | {("cpu", *pair): value for pair, value in self.processor_times(pairs).items()}

    def again(self, keys):
        """These alone once more."""
        pairs = [key[1:] for key in keys if key[0] == "cpu"]
        times = self.processor_times(pairs) if pairs else {}
        return {key: times[key[1:]] if key[0] == "cpu" else self.calls(*key[1:]) for key in keys}


def judged(values, recorded, same_processor):
    """{key: verdict}; what was not recorded is `unknown`, times of another processor are `other`."""
    result = {}
    for key, value in values.items():
        if key[0] == "cpu" and not same_processor:
            result[key] = "other"
        else:
            result[key] = verdict(value, recorded[key]) if key in recorded else "unknown"
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="writes recorded.txt")
    parser.add_argument("--count", type=int, default=500, help="messages of a sample of processor time (500)")
    parser.add_argument("--rounds", type=int, default=5, help="samples of processor time (5)")
    parser.add_argument("home", nargs="?", type=Path)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("needs root, for namespaces")
    packages.lacking(["unshare", "tcpserver", "strace", "c++"])
    postfix = packages.find_postfix(Path("/nonexistent"))
    if not postfix:
        sys.exit("no smtp-source of Postfix: ./bootstrap deps")
    processor, recorded = read_recorded(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else ("", {})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        bench = Bench(home_of(options.home, folder / "tree"), folder, postfix, options.count, options.rounds)
        values = bench.all()
        if options.record:
            RECORDED.write_text(recorded_text(report.processor(), values), encoding="utf-8")
        same = report.processor() == processor
        found = judged(values, recorded, same)
        if not options.record and "grown" in found.values():
            repeated = bench.again([key for key, said in found.items() if said == "grown"])
            values |= {key: min(value, values[key]) for key, value in repeated.items()}
            found = judged(values, recorded, same)
    words = {"ok": "", "grown": "GROWN by more than 10 %", "record": "less than recorded: --record", "unknown": "NOT RECORDED", "other": "another processor: not judged"}
    for key, value in values.items():
        said = "" if options.record else words[found[key]]
        print(f"{' '.join(key):20} {value:8.4g}   recorded {recorded.get(key, 0):8.4g}   {said}".rstrip())
    if not options.record and {"grown", "unknown"} & set(found.values()):
        sys.exit("costs of a message have grown, or were never recorded (tests/bench/smoke.py --record)")


if __name__ == "__main__":
    main()
