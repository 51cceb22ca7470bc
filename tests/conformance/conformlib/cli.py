"""The commands: record, check, diff, list."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
from collections import Counter
from pathlib import Path

from .registry import Case, load_cases, select
from .runner import Outcome, run_cases
from .users import USERS

HERE = Path(__file__).resolve().parent.parent


def _arguments() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("areas", nargs="*", metavar="AREA", help="default: all areas")
    common.add_argument("--case-dir", action="append", type=Path, metavar="DIR",
                        help="where case files are (repeatable; default: cases/)")
    common.add_argument("--cases", default="*", metavar="GLOB", help="only cases that match")
    common.add_argument("-k", dest="substring", default="", help="only AREA/NAME that contain this")
    common.add_argument("--without", action="append", default=[], metavar="GLOB",
                        help="leave out cases that match (repeatable)")
    common.add_argument("-j", dest="jobs", type=int, default=2, metavar="N", help="at a time (2)")
    common.add_argument("-v", dest="verbose", action="store_true", help="a line for every case")

    parser = argparse.ArgumentParser(prog="conform", description="conformance of a qmail tree")
    commands = parser.add_subparsers(dest="command", required=True)
    record = commands.add_parser("record", parents=[common], help="write expected/AREA.json")
    record.add_argument("--tree", type=Path, required=True)
    record.add_argument("--out", type=Path, default=HERE / "expected")
    record.add_argument("--repeat", type=int, default=2, help="runs that must agree (2)")
    check = commands.add_parser("check", parents=[common], help="compare a tree with expected/")
    check.add_argument("--tree", type=Path, required=True)
    check.add_argument("--expected", type=Path, default=HERE / "expected")
    diff = commands.add_parser("diff", parents=[common], help="compare two trees")
    diff.add_argument("--a", type=Path, required=True)
    diff.add_argument("--b", type=Path, required=True)
    commands.add_parser("list", parents=[common], help="list the cases")
    return parser


def main() -> int:
    options = _arguments().parse_args()
    directories = [path.resolve() for path in options.case_dir or [HERE / "cases"]]
    try:
        cases = select(load_cases(directories), options.areas, options.substring, options.cases, options.without)
        if options.command == "list":
            return _list(cases)
        if os.geteuid() != 0:
            raise ValueError("root is required")
        return {"record": _record, "check": _check, "diff": _diff}[options.command](cases, options)
    except ValueError as problem:
        print(f"conform: {problem}", file=sys.stderr)
        return 2


def _list(cases: list[Case]) -> int:
    for case in cases:
        print(f"{case.full_name}: {case.doc}")
    print(f"{len(cases)} cases")
    return 0


def _run(tree: Path, cases: list[Case], options: argparse.Namespace) -> dict[str, Outcome]:
    """Outcomes by full name, in the order of the cases."""
    tree = tree.resolve()
    if not (tree / "bin").is_dir():
        raise ValueError(f"{tree} has no bin/")
    queue = tree / "bin" / "qmail-queue"
    if queue.exists() and queue.stat().st_uid != USERS["qmailq"].uid:
        raise ValueError(f"{queue} belongs to uid {queue.stat().st_uid}, not to qmailq ({USERS['qmailq'].uid})")
    outcomes = {}
    for outcome in run_cases(tree, cases, options.jobs):
        outcomes[outcome.case.full_name] = outcome
        if options.verbose:
            state = outcome.error or (outcome.missing and f"no {outcome.missing}") or "ran"
            print(f"{outcome.case.full_name} {outcome.seconds * 1000:.0f} ms: {state}")
    return {case.full_name: outcomes[case.full_name] for case in cases}


def _problem(outcome: Outcome) -> str:
    return f"missing binary {outcome.missing}" if outcome.missing else outcome.error


def _differences(expected: dict, found: dict, names: tuple[str, str]) -> list[str]:
    """A unified diff for each observation that differs."""
    lines: list[str] = []
    for label in [*expected, *(label for label in found if label not in expected)]:
        if expected.get(label) == found.get(label):
            continue
        sides = [json.dumps(side[label], indent=1).splitlines() if label in side else []
                 for side in (expected, found)]
        lines.append(f"  [{label}]")
        files = (f"  {names[0]}", names[1])
        delta = difflib.unified_diff(*sides, *files, lineterm="", n=1)
        lines += [f"  {line}" for line in delta]
    return lines


def _load_expected(directory: Path, area: str) -> dict:
    path = directory / f"{area}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _record(cases: list[Case], options: argparse.Namespace) -> int:
    runs = [_run(options.tree, cases, options) for _ in range(options.repeat)]
    bad = 0
    recorded: dict[str, dict] = {}
    for case in cases:
        outcomes = [run[case.full_name] for run in runs]
        lines = [text for text in map(_problem, outcomes) if text][:1]
        for other in outcomes[1:]:
            lines = lines or _differences(outcomes[0].observations, other.observations,
                                          ("first run", "another run"))
        if lines or not outcomes[0].observations:
            bad += 1
            print("\n".join([f"NOT RECORDED {case.full_name}", *(lines or ["  observes nothing"])]))
        else:
            recorded.setdefault(case.area, {})[case.name] = outcomes[0].observations
    partial = options.substring or options.cases != "*"
    options.out.mkdir(parents=True, exist_ok=True)
    for area, entries in recorded.items():
        kept = _load_expected(options.out, area) if partial else {}
        text = json.dumps(dict(sorted((kept | entries).items())), indent=1)
        (options.out / f"{area}.json").write_text(text + "\n")
    print(f"{len(cases) - bad} recorded, {bad} not recorded")
    return 1 if bad else 0


def _check(cases: list[Case], options: argparse.Namespace) -> int:
    expected = {area: _load_expected(options.expected, area) for area in {c.area for c in cases}}
    verdicts: dict[str, Counter] = {}
    for name, outcome in _run(options.tree, cases, options).items():
        case = outcome.case
        wanted = expected[case.area].get(case.name)
        if outcome.missing and case.optional:
            verdict, lines = "skipped", []
        elif problem := _problem(outcome):
            verdict, lines = "failed", [f"  {problem}"]
        elif wanted is None:
            verdict, lines = "failed", ["  nothing recorded for this case"]
        else:
            lines = _differences(wanted, outcome.observations, ("expected", "found"))
            verdict = "failed" if lines else "passed"
        verdicts.setdefault(case.area, Counter())[verdict] += 1
        if verdict == "failed":
            print("\n".join([f"FAILED {name}: {case.doc}", *lines]))
    return _totals(verdicts)


def _totals(verdicts: dict[str, Counter]) -> int:
    total = sum(verdicts.values(), Counter())
    for area, counts in sorted(verdicts.items()):
        print(f"{area}: {_counts(counts)}")
    print(_counts(total))
    return 1 if total["failed"] else 0


def _counts(counts: Counter) -> str:
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    return f"{counts['passed']} passed, {counts['failed']} failed{skipped}"


def _diff(cases: list[Case], options: argparse.Namespace) -> int:
    first, second = (_run(tree, cases, options) for tree in (options.a, options.b))
    differing = 0
    for name, one in first.items():
        other = second[name]
        lines = _differences({"problem": _problem(one)} | one.observations,
                             {"problem": _problem(other)} | other.observations, ("a", "b"))
        if lines:
            differing += 1
            print("\n".join([f"DIFFERS {name}: {one.case.doc}", *lines]))
    print(f"{len(cases) - differing} same, {differing} differ")
    return 1 if differing else 0
