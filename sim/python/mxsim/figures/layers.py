"""Draws where the energy and the cycles of a run went, layer by layer, as PNG and SVG.

Usage: plot_layers.py REPORT.json [--out DIR] [--layers N] [--pass PASS] [--unit UNIT]

  layer_energy  energy of each layer by component
  layer_cycles  cycles of each layer by pass
  layer_stalls  what UNIT (the array) did with each layer's cycles: busy, idle, or waiting and for what
  memory        DRAM that live tensors take over time

All passes of a layer together, or those of PASS alone. The N layers with most are shown in the network's order, the rest
as one bar.
"""

import argparse
import json
import sys
from pathlib import Path

from .style import (BYTE_UNITS, CAUSES, COLOURS, COMPONENTS, COUNT_UNITS, FigureError, cause_colour, cause_text, energy_unit,
                    fitting_unit, legend_beside, new_figure, require, save, shortened, time_unit)

PASSES = ("forward", "backward_data", "backward_weight", "recompute", "update")


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
    figure, axes = new_figure(figsize=(8.5, 1.4 + 0.24 * len(rows)))
    left = [0.0] * len(rows)
    for (key, text), colour in zip(parts, colours):
        widths = [values.get(key, 0) / scale for _, values in rows]
        axes.barh(range(len(rows)), widths, 0.75, left=left, color=colour, label=text)
        left = [start + width for start, width in zip(left, widths)]
    axes.set_yticks(range(len(rows)), [shortened(row) for row, _ in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(f"{label} ({name})" if label else name)
    axes.set_title(title, fontsize=9)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    legend_beside(axes)
    return figure


def used(rows, keys):
    return [key for key in keys if any(values.get(key, 0) > 0 for _, values in rows)]


def largest(rows):
    return max(sum(values.values()) for _, values in rows)


def chosen_layers(report, one_pass):
    layers = [layer for layer in report["layers"] if one_pass in (None, layer["pass"])]
    if not layers:
        raise FigureError(f"no layer has a pass {one_pass}")
    return layers


def title_of(report, one_pass):
    passes = one_pass or ("all passes" if report["mode"] == "train" else "forward")
    array = f", {report['array']['rows']}×{report['array']['columns']} PEs" if report.get("array") else ""
    return f"{report['workload']}, {report['mode']}, batch {report['batch']}, {report['formats']['default']}, {passes}{array}"


def energy_figure(report, count=30, one_pass=None):
    layers = chosen_layers(report, one_pass)
    rows = rows_of(add_up(layers, lambda layer: layer["energy_by_component_pj"]), count)
    keys = used(rows, layers[0]["energy_by_component_pj"])
    colours = [COMPONENTS.get(key, "#999999") for key in keys]
    return draw(rows, [(key, key) for key in keys], colours, energy_unit(largest(rows)), f"Energy: {title_of(report, one_pass)}", "energy")


def cycles_figure(report, count=30, one_pass=None):
    layers = chosen_layers(report, one_pass)
    rows = rows_of(add_up(layers, lambda layer: {layer["pass"]: layer["cycles"]}), count)
    parts = [(key, key.replace("_", " ")) for key in used(rows, PASSES)]
    size, prefix = fitting_unit(COUNT_UNITS, largest(rows))
    return draw(rows, parts, COLOURS, (size, prefix + "cycles"), f"Cycles: {title_of(report, one_pass)}", "")


def stalls_figure(report, count=30, unit="array", one_pass=None):
    layers = chosen_layers(report, one_pass)
    if unit not in layers[0]["units"]:
        raise FigureError(f"no unit {unit}; there are {', '.join(layers[0]['units'])}")

    def parts_of(layer):
        return {key.removeprefix("stall_"): cycles for key, cycles in layer["units"][unit].items()}
    rows = rows_of(add_up(layers, parts_of), count)
    others = {key for _, values in rows for key in values} - set(CAUSES)
    keys = used(rows, [key for key in CAUSES if key != "idle"] + sorted(others) + ["idle"])
    size, prefix = fitting_unit(COUNT_UNITS, largest(rows))
    colours = [cause_colour(key) for key in keys]
    title = f"Cycles of {unit}: {title_of(report, one_pass)}"
    return draw(rows, [(key, cause_text(key)) for key in keys], colours, (size, prefix + "cycles"), title, f"{unit}")


def memory_figure(report):
    over = report.get("memory_over_time", {"cycle": []})
    if not over["cycle"]:
        raise FigureError("the report has no memory over time (a request's has none)")
    clock_hz = report["chip"]["clock_hz"]
    second, name = time_unit(report["totals"]["time_s"])
    scale, unit = fitting_unit(BYTE_UNITS, max(over["dram_bytes"]))
    figure, axes = new_figure(figsize=(8.5, 3.6))
    edges = [cycle / clock_hz / second for cycle in [*over["cycle"], report["totals"]["cycles"]]]
    axes.stairs([count / scale for count in over["dram_bytes"]], edges, fill=True, color=COLOURS[0], alpha=0.6)
    axes.set(xlabel=f"time ({name})", ylabel=f"DRAM in use ({unit})", xlim=(0, edges[-1]))
    axes.set_ylim(bottom=0)
    axes.set_title(f"Live tensors: {title_of(report, None)}", fontsize=9)
    axes.grid(linewidth=0.3)
    axes.set_axisbelow(True)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of REPORT.json)")
    parser.add_argument("--layers", type=int, default=30)
    parser.add_argument("--pass", dest="one_pass", choices=PASSES)
    parser.add_argument("--unit", default="array")
    arguments = parser.parse_args()
    require()
    try:
        report = json.loads(arguments.report.read_text(encoding="utf-8"))
        report["layers"][0]["units"]  # noqa: B018
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise FigureError(f"{arguments.report}: no report.json of a run ({type(error).__name__})") from error
    chosen = (arguments.layers, arguments.one_pass)
    pictures = {"layer_energy": energy_figure(report, *chosen), "layer_cycles": cycles_figure(report, *chosen),
                "layer_stalls": stalls_figure(report, arguments.layers, arguments.unit, arguments.one_pass)}
    if report.get("memory_over_time", {}).get("cycle"):
        pictures["memory"] = memory_figure(report)
    for name, figure in pictures.items():
        save(figure, arguments.out or arguments.report.parent, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
