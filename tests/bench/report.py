"""Tables and plots of samples: report.txt and one SVG for each workload and file system."""

import os
import platform
import statistics
from xml.sax.saxutils import escape

from workloads import WORKLOADS

COLOURS = ("#2a6f97", "#c8553d", "#6a994e", "#8d6a9f", "#b08900")
WIDTH, LEFT, BAR, GAP, TOP = 720, 110, 26, 12, 56


def processor():
    """The model of this machine's processor."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                return " ".join(line.split(":", 1)[1].split())
    return platform.machine()


def machine():
    """What the numbers depend on."""
    return f"{os.cpu_count()} x {processor()}, Linux {platform.release()}"


def grouped(samples):
    """(workload, fs): {system: list of numbers}, in the order of the samples; failed ones are left out."""
    groups = {}
    for one in samples:
        found = groups.setdefault((one["workload"], one["fs"]), {}).setdefault(one["system"], [])
        if one["numbers"] is not None:
            found.append(one["numbers"])
    return groups


def ratio(mine, other, more_is_better):
    """How many times as good ours is: above 1, ours is better."""
    if not mine or not other:
        return None
    return mine / other if more_is_better else other / mine


def medians(numbers):
    return {key: statistics.median(one[key] for one in numbers) for key in numbers[0]}


def table(name, fs, by_system, parameters):
    """The lines of one workload. The first system is the one that the others are compared with."""
    what = WORKLOADS[name]
    better = "more" if what.more_is_better else "less"
    lines = [f"{name} on {fs}: {what.what}; {what.unit}, {better} is better"]
    lines.append("  with " + ", ".join(f"{key} {value}" for key, value in parameters.items()))
    first = next(iter(by_system))
    middle = {system: medians(numbers) for system, numbers in by_system.items() if numbers}
    others = [key for key in next(iter(middle.values()), {}) if key != what.metric]
    lines.append(f"  {'':12}{'median':>10}{'least':>10}{'most':>10}{first + ' is':>14}" + "".join(f"{key:>22}" for key in others))
    for system, numbers in by_system.items():
        if not numbers:
            lines.append(f"  {system:12}    failed")
            continue
        values = [one[what.metric] for one in numbers]
        times = ratio(middle[first][what.metric], middle[system][what.metric], what.more_is_better) if system != first and first in middle else None
        lines.append(f"  {system:12}{middle[system][what.metric]:10.4g}{min(values):10.4g}{max(values):10.4g}"
                     + (f"{times:12.2f} x" if times else " " * 14) + "".join(f"{middle[system][key]:22.5g}" for key in others))
    return lines


def plot(name, fs, by_system):
    """One bar for each system: the median, with a line from the least to the most of the rounds."""
    what = WORKLOADS[name]
    shown = {system: [one[what.metric] for one in numbers] for system, numbers in by_system.items() if numbers}
    most = max((max(values) for values in shown.values()), default=1) or 1
    scale = (WIDTH - LEFT - 120) / most
    height = TOP + len(shown) * (BAR + GAP) + GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="12" y="22" font-size="15">{escape(f"{name} on {fs}: {what.what}")}</text>',
             f'<text x="12" y="42" fill="#555">{what.unit}, {"more" if what.more_is_better else "less"} is better</text>']
    for row, (system, values) in enumerate(shown.items()):
        y = TOP + row * (BAR + GAP)
        middle, centre = statistics.median(values), y + BAR / 2
        parts.append(f'<text x="{LEFT - 10}" y="{centre + 5}" text-anchor="end">{escape(system)}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{middle * scale:.1f}" height="{BAR}" fill="{COLOURS[row % len(COLOURS)]}"/>')
        parts.append(f'<line x1="{LEFT + min(values) * scale:.1f}" x2="{LEFT + max(values) * scale:.1f}" y1="{centre}" y2="{centre}" stroke="black"/>')
        parts.append(f'<text x="{LEFT + max(values) * scale + 8:.1f}" y="{centre + 5}">{middle:.4g}</text>')
    return "\n".join([*parts, "</svg>", ""])


def write(samples, folder):
    """report.txt and the plots; prints the tables."""
    rounds = 1 + max(one["round"] for one in samples)
    loads = [one["load"] for one in samples]
    lines = [machine(), f"{samples[0]['time']} to {samples[-1]['time']}, {rounds} rounds, load {min(loads):.1f} to {max(loads):.1f}", ""]
    parameters = {one["workload"]: one["parameters"] for one in samples}
    for (name, fs), by_system in grouped(samples).items():
        lines += [*table(name, fs, by_system, parameters[name]), ""]
        (folder / f"{name}-{fs}.svg").write_text(plot(name, fs, by_system), encoding="utf-8")
    text = "\n".join(lines)
    (folder / "report.txt").write_text(text, encoding="utf-8")
    print(text)
