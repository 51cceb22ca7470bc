#!/usr/bin/python3
"""Measures reqmail beside other mail systems: bench.py [OPTION...]; `make bench BENCH='OPTION...'` builds first.

Every sample runs in private namespaces (mounts, processes, network), so nothing of the host changes and no packet leaves it. The systems
take turns, so that a change of the machine's load meets all of them; medians of the rounds are compared. Results are text, JSON lines and
plots (SVG) in one folder. doc/BENCHMARKS has the method. Needs root, Linux, tcpserver, openssl, strace for SYS1 and SYS2; Postfix's
drivers smtp-source and smtp-sink and Postfix itself are taken from ./bootstrap deps, from the host, or with --fetch from its package.

  make bench BENCH='--scale 0.1 --rounds 1'                    a trial of a few minutes
  make bench BENCH='-w W1d10,W2,W7 --fs disk,tmpfs'            some workloads, on both
  make bench BENCH='--fetch --peer exim=exim:fetch --peer netqmail=qmail:/path/of/a/home'
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import packages
import report
import systems
from arena import Arena, ROOT, apart, end, home_of, used
from workloads import WORKLOADS, Run


def sample(tree, folder, kind, root, settings, postfix, name, parameters):
    """In namespaces: the numbers of one workload, with the processor time of a message."""
    arena = Arena(tree, folder, [root, postfix])
    run = Run(arena, kind, arena.roots[root], settings, arena.roots[postfix])
    before = used()
    numbers = WORKLOADS[name].run(run, **parameters)
    end(run.system.processes, 3)
    if WORKLOADS[name].metric != "calls":  # strace would be the most of it
        numbers["CPU ms"] = (used() - before - arena.drivers) * 1000 / parameters["count"]
    return numbers


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-w", "--workloads", default=",".join(name for name in WORKLOADS if name not in ("W1s1", "W1s50", "W4p1")),
                        help="names with commas between (--list); all but W1s1, W1s50 and W4p1")
    parser.add_argument("--list", action="store_true", help="the workloads, and nothing else")
    parser.add_argument("--rounds", type=int, default=5, help="samples of each workload and system (5)")
    parser.add_argument("--scale", type=float, default=1, help="factor for the number of messages, sessions and recipients (1)")
    parser.add_argument("--fs", default="disk", help="disk, tmpfs or both with a comma (disk)")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp"), help="a folder on the disk that is measured (/var/tmp)")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-results", help="the folder of the results (bench-results)")
    parser.add_argument("--tree", type=Path, help="our home; without it the built checkout is installed in a private place")
    parser.add_argument("--listener", choices=("tcpserver", "qmail-listen"), help="of trees of qmail (qmail-listen where the tree has it)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=KIND:DIR",
                        help="a system beside ours: KIND is qmail or new-host (DIR a home), postfix or exim (DIR an unpacked package, or the word fetch); "
                        "Postfix is there without being named")
    parser.add_argument("--new-host", action="store_true", help="our tree a second time, as reqmail-new, with the control files of a new host (qmail-setup)")
    parser.add_argument("--only", help="names of systems with commas between: leaves out the others; ours is called reqmail")
    parser.add_argument("--fetch", action="store_true", help="downloads missing packages of Debian and unpacks them below --out; installs nothing")
    parser.add_argument("--limit", type=float, default=900, help="seconds after which a sample is ended (900)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="makes tables and plots of an earlier samples.jsonl, and nothing else")
    return parser.parse_args()


def chosen(options, ours, postfix):
    """Name, kind and place of each system."""
    found = [("reqmail", "qmail", ours), ("Postfix", "postfix", postfix)]
    if options.new_host:
        found.insert(1, ("reqmail-new", "new-host", ours))
    for text in options.peer:
        name, _, rest = text.partition("=")
        kind, _, place = rest.partition(":")
        if kind not in systems.SYSTEMS or not place:
            sys.exit(f"{text}: not NAME=KIND:DIR")
        if place == "fetch":
            place = packages.fetch({"exim": "exim4-daemon-light"}.get(kind, kind), options.out / "packages")
        found.append((name, kind, Path(place).resolve()))
    return [one for one in found if not options.only or one[0] in options.only.split(",")]


def scaled(name, factor):
    parameters = dict(WORKLOADS[name].parameters)
    for key in ("count", "more"):
        if key in parameters:
            parameters[key] = max(int(parameters[key] * factor), parameters.get("sessions", 1), parameters.get("parallel", 1), 5)
    return parameters


def measure(options, found, ours, postfix, place):
    samples = []
    pair = systems.certificate()
    for name in options.workloads.split(","):
        for number in range(options.rounds):
            for fs in options.fs.split(","):
                for system, kind, root in found:
                    settings = {"listener": options.listener, "processes": 250 if name == "W6" else 100,
                                "certificate": pair if name.startswith("W8") else ""}
                    parameters = scaled(name, options.scale)
                    with tempfile.TemporaryDirectory(prefix="reqmail-bench-", dir=options.work) as folder:
                        os.chmod(folder, 0o755)
                        tree = root if kind in ("qmail", "new-host") else ours
                        numbers = apart(sample, str(tree), folder if fs == "disk" else None, kind, str(root), settings, str(postfix), name, parameters,
                                        limit=options.limit)
                    one = {"workload": name, "system": system, "fs": fs, "round": number, "parameters": parameters, "load": os.getloadavg()[0],
                           "time": time.strftime("%FT%TZ", time.gmtime()), "numbers": numbers}
                    samples.append(one)
                    with open(place / "samples.jsonl", "a", encoding="utf-8") as file:
                        file.write(json.dumps(one) + "\n")
                    what = WORKLOADS[name]
                    said = f"{numbers[what.metric]:.4g} {what.unit}" if numbers else "failed"
                    print(f"{name} {fs} round {number + 1}, {system}: {said}", file=sys.stderr, flush=True)
    return samples


def main():
    options = parsed()
    if options.list:
        for name, what in WORKLOADS.items():
            print(f"{name:6} {what.what} ({what.unit})")
        return
    if options.report:
        samples = [json.loads(line) for line in options.report.read_text(encoding="utf-8").splitlines()]
        report.write(samples, options.report.parent)
        return
    unknown = [name for name in options.workloads.split(",") if name not in WORKLOADS]
    if unknown or set(options.fs.split(",")) - {"disk", "tmpfs"}:
        sys.exit(f"no such workload or file system: {' '.join(unknown) or options.fs}")
    if os.geteuid() != 0:
        sys.exit("needs root, for namespaces")
    needed = ["unshare", "tcpserver", "openssl"] + (["strace"] if "SYS" in options.workloads else [])
    packages.lacking(needed)
    options.out = options.out.resolve()
    postfix = packages.find_postfix(options.out / "packages")
    if not postfix and options.fetch:
        postfix = packages.fetch("postfix", options.out / "packages")
    if not postfix:
        sys.exit("Postfix, whose smtp-source and smtp-sink drive all systems, is not here: ./bootstrap deps, or the option --fetch")
    place = options.out / time.strftime("%Y%m%d-%H%M%S")
    place.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        ours = home_of(options.tree, folder)
        samples = measure(options, chosen(options, ours, postfix), ours, postfix, place)
    report.write(samples, place)
    print(f"\ntables, plots and samples: {place}")
    if any(one["numbers"] is None for one in samples):
        sys.exit("some samples failed")


if __name__ == "__main__":
    main()
