"""Draws the bandwidth of a DRAM over time, as PNG and SVG, from a replay and its command log.

Usage: plot_dram.py COMMANDS.csv REPORT.json [--out DIR] [--windows N]

`mxsim dram ... --commands COMMANDS.csv --json > REPORT.json` writes both. The time is cut into N windows;
a burst counts in the window of its column command. Memory does not grow with the log.
"""

import argparse
import csv
import itertools
import json
import sys
from pathlib import Path

from .style import FigureError, legend_beside, new_figure, require, save, time_unit

NAME = "dram_bandwidth"
KINDS = {"RD": "read", "RDA": "read", "WR": "write", "WRA": "write"}
COLOURS = {"read": "#0072B2", "write": "#E69F00"}


def bursts_by_window(rows, first_cycle, window_cycles):
    """Numbers of bursts of each kind by window."""
    counts = {kind: {} for kind in COLOURS}
    for row in rows:
        kind = KINDS.get(row["cmd"])
        if kind:
            window = (int(row["cycle"]) - first_cycle) // window_cycles
            counts[kind][window] = counts[kind].get(window, 0) + 1
    return counts


def read_commands(path, total_cycles, windows):
    """(cycles of a window, bursts of each kind by window)"""
    window_cycles = max(1, -(-total_cycles // windows))
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        first = next(rows, None)
        if first is None or not {"cycle", "cmd"} <= first.keys():
            raise FigureError(f"{path} holds no commands")
        counts = bursts_by_window(itertools.chain([first], rows), int(first["cycle"]), window_cycles)
    if not any(counts.values()):
        raise FigureError(f"{path} holds no column commands")
    return window_cycles, counts


def draw(report, window_cycles, counts):
    clock_hz = report["clock_hz"]
    windows = 1 + max(max(bursts, default=0) for bursts in counts.values())
    scale, unit = time_unit(windows * window_cycles / clock_hz)
    edges = [index * window_cycles / clock_hz / scale for index in range(windows + 1)]
    gigabytes_per_s = report["burst_bytes"] * clock_hz / window_cycles / 1e9
    figure, axes = new_figure(figsize=(8, 4))
    floor = [0.0] * windows
    for kind, colour in COLOURS.items():
        if not counts[kind]:
            continue
        top = [below + counts[kind].get(index, 0) * gigabytes_per_s for index, below in enumerate(floor)]
        axes.stairs(top, edges, baseline=floor, fill=True, color=colour, label=kind)
        floor = top
    peak = report["peak_bytes_per_s"] / 1e9
    axes.axhline(peak, color="black", linewidth=0.8, linestyle="--", label=f"peak, {peak:.1f} GB/s")
    axes.set(xlabel=f"time ({unit})", ylabel="bandwidth (GB/s)", xlim=(0, edges[-1]), ylim=(0, 1.1 * max(peak, *floor)))
    axes.set_title(f"{report['device']}, {report['profile']}; windows of {window_cycles} cycles", fontsize=10)
    axes.grid(linewidth=0.3)
    axes.set_axisbelow(True)
    legend_beside(axes)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("commands", type=Path)
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of COMMANDS.csv)")
    parser.add_argument("--windows", type=int, default=200)
    arguments = parser.parse_args()
    if arguments.windows < 1:
        parser.error("--windows must be at least 1")
    require()
    report = json.loads(arguments.report.read_text(encoding="utf-8"))
    figure = draw(report, *read_commands(arguments.commands, report["cycles"], arguments.windows))
    save(figure, arguments.out or arguments.commands.parent, NAME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
