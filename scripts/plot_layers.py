#!/usr/bin/env python3
"""Draws where the energy and the cycles of a run went, layer by layer, as PNG and SVG.

Usage: plot_layers.py REPORT.json [--out DIR] [--layers N] [--pass PASS] [--unit UNIT]

  layer_energy  energy of each layer by component
  layer_cycles  cycles of each layer by pass
  layer_stalls  what UNIT (the array) did with each layer's cycles: busy, idle, or waiting and for what

All passes of a layer together, or those of PASS alone. The N layers with most are shown in the network's order, the rest
as one bar.
"""

import argparse
import json
import sys
from pathlib import Path

from plotting import CAUSES, COLOURS, COUNT_UNITS, cause_colour, cause_text, energy_unit, fail, fitting_unit, plt, save

PASSES = ("forward", "backward_data", "backward_weight", "update")


def add_up(layers, parts_of):
    """{layer: {part: sum over its passes}}, in the order of the network."""
    sums = {}
    for layer in layers:
        parts = sums.setdefault(layer["name"], {})
        for part, value in parts_of(layer).items():
            parts[part] = parts.get(part, 0) + value
    return sums


def rows_of(sums, count):
    """[(name, parts)]: the `count` largest layers, then the others as one row."""
    total = {name: sum(parts.values()) for name, parts in sums.items()}
    chosen = set(sorted(sums, key=lambda name: (-total[name], name))[:count])
    rows = [(name, sums[name]) for name in sums if name in chosen]
    rest = [parts for name, parts in sums.items() if name not in chosen]
    if rest:
        keys = dict.fromkeys(key for parts in rest for key in parts)
        rows.append((f"{len(rest)} others", {key: sum(parts.get(key, 0) for parts in rest) for key in keys}))
    return rows


def draw(rows, parts, colours, unit, title, label):
    """Stacked bars. `parts`: [(key, text)] in the order of the stack; `unit`: (size, name)."""
    scale, name = unit
    figure, axes = plt.subplots(figsize=(8.5, 1.4 + 0.24 * len(rows)), layout="constrained")
    left = [0.0] * len(rows)
    for (key, text), colour in zip(parts, colours):
        widths = [values.get(key, 0) / scale for _, values in rows]
        axes.barh(range(len(rows)), widths, 0.75, left=left, color=colour, label=text)
        left = [start + width for start, width in zip(left, widths)]
    axes.set_yticks(range(len(rows)), [row for row, _ in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(f"{label} ({name})" if label else name)
    axes.set_title(title, fontsize=10)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def used(rows, keys):
    return [key for key in keys if any(values.get(key, 0) > 0 for _, values in rows)]


def largest(rows):
    return max(sum(values.values()) for _, values in rows)


def draw_energy(layers, count, title):
    rows = rows_of(add_up(layers, lambda layer: layer["energy_by_component_pj"]), count)
    keys = used(rows, layers[0]["energy_by_component_pj"])
    return draw(rows, [(key, key) for key in keys], COLOURS, energy_unit(largest(rows)), title, "energy")


def draw_cycles(layers, count, title):
    rows = rows_of(add_up(layers, lambda layer: {layer["pass"]: layer["cycles"]}), count)
    parts = [(key, key.replace("_", " ")) for key in used(rows, PASSES)]
    size, prefix = fitting_unit(COUNT_UNITS, largest(rows))
    return draw(rows, parts, COLOURS, (size, prefix + "cycles"), title, "")


def draw_stalls(layers, count, unit, title):
    def parts_of(layer):
        return {key.removeprefix("stall_"): cycles for key, cycles in layer["units"][unit].items()}
    rows = rows_of(add_up(layers, parts_of), count)
    others = {key for _, values in rows for key in values} - set(CAUSES)
    keys = used(rows, [key for key in CAUSES if key != "idle"] + sorted(others) + ["idle"])
    size, prefix = fitting_unit(COUNT_UNITS, largest(rows))
    colours = [cause_colour(key) for key in keys]
    return draw(rows, [(key, cause_text(key)) for key in keys], colours, (size, prefix + "cycles"), title, f"{unit}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of REPORT.json)")
    parser.add_argument("--layers", type=int, default=30)
    parser.add_argument("--pass", dest="one_pass", choices=PASSES)
    parser.add_argument("--unit", default="array")
    arguments = parser.parse_args()
    try:
        report = json.loads(arguments.report.read_text(encoding="utf-8"))
        layers = report["layers"]
    except (OSError, ValueError, KeyError) as error:
        fail(f"{arguments.report}: no report.json of a run ({type(error).__name__})")
    layers = [layer for layer in layers if arguments.one_pass in (None, layer["pass"])]
    if not layers:
        fail(f"{arguments.report}: no layer has a pass {arguments.one_pass}")
    if arguments.unit not in layers[0]["units"]:
        fail(f"no unit {arguments.unit}; there are {', '.join(layers[0]['units'])}")
    passes = arguments.one_pass or ("all passes" if report["mode"] == "train" else "forward")
    work = f"{report['workload']}, {report['mode']}, batch {report['batch']}, {report['formats']['default']}, {passes}"
    folder = arguments.out or arguments.report.parent
    save(draw_energy(layers, arguments.layers, f"Energy: {work}"), folder, "layer_energy")
    save(draw_cycles(layers, arguments.layers, f"Cycles: {work}"), folder, "layer_cycles")
    save(draw_stalls(layers, arguments.layers, arguments.unit, f"Cycles of {arguments.unit}: {work}"), folder, "layer_stalls")
    return 0


if __name__ == "__main__":
    sys.exit(main())
