"""Draws the result of `mxsim compare`, as PNG and SVG.

Usage: plot_compare.py COMPARE.json [--out DIR] [--chip CHIP.json] [--layers N]

  energy_by_component  energy of each format, stacked by component, with the 5th to 95th percentile
  energy_by_layer      the N layers that cost most in the baseline, all passes together
  saving               energy, time and DRAM traffic saved against the baseline
  roofline             attained against arithmetic intensity of every layer and pass
  assumptions          energy saving when one assumption alone is another (of `compare --sensitivity`)
"""

import argparse
import json
import sys
from pathlib import Path

from .style import (COLOURS, COMPONENTS, FEW, colour_of, energy_unit, legend_beside, marker_of, matplotlib, new_figure, plt,
                    require, save, shortened, text_colour, work_text)

FILLS = {"forward": "full", "backward_data": "none", "backward_weight": "left", "update": "top", "recompute": "bottom"}


def labels_of(runs):
    return [run.get("label", run["format"]) for run in runs]


def heading(compare, text):
    work = work_text(compare["runs"][0]["report"])
    return f"{work}\n{text}" if work else text


def components_figure(compare):
    """A bar a format, upright while they are few."""
    runs = compare["runs"]
    scale, unit = energy_unit(max(run["energy_pj"] for run in runs))
    components = [name for name in runs[0]["energy_by_component_pj"]
                  if any(run["energy_by_component_pj"][name] > 0 for run in runs)]
    upright = len(runs) <= FEW
    size = (3.2 + 1.15 * len(runs), 4.8) if upright else (7.5, 1.5 + 0.3 * len(runs))
    figure, axes = new_figure(figsize=size)
    bar = axes.bar if upright else axes.barh
    bottoms = [0.0] * len(runs)
    for name in components:
        colour = COMPONENTS.get(name, "#999999")
        heights = [run["energy_by_component_pj"][name] / scale for run in runs]
        bar(range(len(runs)), heights, 0.62, bottoms, color=colour, label=name)
        for place, (height, bottom) in enumerate(zip(heights, bottoms)):
            share = height * scale / runs[place]["energy_pj"]
            if share > 0.08 and len(runs) <= 2 * FEW:
                middle = (place, bottom + height / 2) if upright else (bottom + height / 2, place)
                axes.text(*middle, f"{share:.0%}", ha="center", va="center", fontsize=7, color=text_colour(colour))
        bottoms = [bottom + height for bottom, height in zip(bottoms, heights)]
    totals = [run["energy_pj"] / scale for run in runs]
    errors = [[max(0, total - run["energy_low_pj"] / scale) for total, run in zip(totals, runs)],
              [max(0, run["energy_high_pj"] / scale - total) for total, run in zip(totals, runs)]]
    places = [place + (0.22 if upright else 0.4) for place in range(len(runs))]
    if upright:
        axes.errorbar(places, totals, yerr=errors, fmt="none", ecolor="black", capsize=4, linewidth=1)
        axes.set_xticks(range(len(runs)), labels_of(runs), rotation=20 if max(map(len, labels_of(runs))) > 11 else 0)
        axes.set_ylabel(f"energy ({unit})")
    else:
        axes.errorbar(totals, places, xerr=errors, fmt="none", ecolor="black", capsize=2, linewidth=1)
        axes.set_yticks(range(len(runs)), labels_of(runs), fontsize=8)
        axes.set_ylim(len(runs) - 0.4, -0.6)
        axes.set_xlabel(f"energy ({unit})")
    axes.grid(axis="y" if upright else "x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_title(heading(compare, "Energy by component; whisker: 5th to 95th percentile"), fontsize=9)
    handles = axes.get_legend_handles_labels()[0][-len(components):]
    legend_beside(axes, [plt.Rectangle((0, 0), 1, 1, color=COMPONENTS.get(name, "#999999"), label=name)
                         for name in reversed(components)] if handles else None)
    return figure


def energy_by_layer(run):
    layers = {}
    for layer in run["report"]["layers"]:
        layers[layer["name"]] = layers.get(layer["name"], 0) + layer["energy_pj"]
    return layers


def layers_figure(compare, count=20):
    """Bars of few formats; of many a point each, so that rows stay legible."""
    runs = compare["runs"]
    by_run = [energy_by_layer(run) for run in runs]
    reference = by_run[labels_of(runs).index(compare["baseline"])]
    chosen = sorted(reference, key=lambda name: (-reference[name], name))[:count]
    rest = [name for name in reference if name not in chosen]
    rows = [name for name in reference if name in chosen] + ([f"{len(rest)} others"] if rest else [])
    values = [[layers.get(name, 0) for name in rows[:len(chosen)]] +
              ([sum(layers.get(name, 0) for name in rest)] if rest else []) for layers in by_run]
    scale, unit = energy_unit(max(map(max, values)))
    few = len(runs) <= 4
    step = 0.14 + 0.12 * len(runs) if few else 0.34
    figure, axes = new_figure(figsize=(8.5, 1.5 + len(rows) * step))
    for i, (label, energies) in enumerate(zip(labels_of(runs), values)):
        if few:
            height = 0.8 / len(runs)
            places = [row + (i - (len(runs) - 1) / 2) * height for row in range(len(rows))]
            axes.barh(places, [energy / scale for energy in energies], height, color=colour_of(i), label=label)
        else:
            shift = 0.5 * (i / (len(runs) - 1) - 0.5)
            axes.plot([energy / scale for energy in energies], [row + shift for row in range(len(rows))], marker_of(i),
                      color=colour_of(i), markersize=4.5, label=label)
    axes.set_yticks(range(len(rows)), [shortened(row) for row in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    for row in range(1, len(rows)):
        axes.axhline(row - 0.5, color="#DDDDDD", linewidth=0.5, zorder=0)
    axes.set_xlim(left=0)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"energy of all passes ({unit})")
    axes.set_title(heading(compare, "Energy by layer"), fontsize=9)
    legend_beside(axes, columns=1 + (len(runs) - 1) // 24)
    return figure


def saving_figure(compare):
    """Rows of formats: energy with its band, time, DRAM traffic."""
    runs = [run for run in compare["runs"] if labels_of([run]) != [compare["baseline"]]]
    figure, axes = new_figure(figsize=(7.5, 1.7 + 0.42 * max(1, len(runs))))
    kinds = (("energy", "energy", "o"), ("time", "time", "s"), ("dram_bytes", "DRAM traffic", "^"))
    for i, (key, label, marker) in enumerate(kinds):
        places = [row + (i - 1) * 0.22 for row in range(len(runs))]
        values = [100 * run["saving"][key] for run in runs]
        errors = None
        if key == "energy":
            errors = [[max(0, value - 100 * run["saving"]["energy_low"]) for value, run in zip(values, runs)],
                      [max(0, 100 * run["saving"]["energy_high"] - value) for value, run in zip(values, runs)]]
        axes.errorbar(values, places, xerr=errors, fmt=marker, color=COLOURS[i], ecolor="black", capsize=3, linewidth=1,
                      markersize=6, label=label)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(runs)), labels_of(runs), fontsize=9)
    axes.set_ylim(len(runs) - 0.5, -0.5)
    for row in range(1, len(runs)):
        axes.axhline(row - 0.5, color="#DDDDDD", linewidth=0.5, zorder=0)
    axes.set_xlabel(f"saved against {compare['baseline']} (%)")
    axes.set_title(heading(compare, "Saving; whisker: 5th to 95th percentile of the prices"), fontsize=9)
    axes.margins(x=0.08)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    legend_beside(axes)
    return figure


def assumptions_figure(compare, count=20):
    """The assumptions that move the saving of the last format most: bars from the saving as given to the changed one."""
    run = compare["runs"][-1]
    label, given = labels_of([run])[0], 100 * run["saving"]["energy"]
    rows = []
    for row in compare["assumptions"]:
        saving = next((each for each in row.get("savings", []) if each["label"] == label), None)
        if saving:
            rows.append((100 * saving["energy"], f"{row['assumption']}: {row['setting']}"))
    rows = sorted(rows, key=lambda row: -abs(row[0] - given))[:count]
    figure, axes = new_figure(figsize=(8.5, 1.3 + 0.26 * len(rows)))
    for y, (saving, _) in enumerate(rows):
        axes.barh(y, saving - given, left=given, height=0.7, color=COLOURS[0] if saving > given else COLOURS[4])
        axes.annotate(f"{saving:.1f}", (saving, y), xytext=(3 if saving > given else -3, 0), fontsize=7, va="center",
                      textcoords="offset points", ha="left" if saving > given else "right")
    axes.axvline(given, color="black", linewidth=0.8)
    axes.margins(x=0.12)
    axes.set_yticks(range(len(rows)), [shortened(name, 60) for _, name in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"energy saved by {label} against {compare['baseline']} (%); line: {given:.1f} as given")
    axes.set_title(heading(compare, "One assumption alone changed"), fontsize=9)
    return figure


def chip_roofs(chip_path):
    """(clock, DRAM bytes per second) that a chip file's chip cannot exceed."""
    chip = json.loads(chip_path.read_text(encoding="utf-8"))
    device = chip["dram"]["device"]
    if isinstance(device, str):
        device = json.loads((chip_path.parent / device).read_text(encoding="utf-8"))
    organisation = device["organisation"]
    channels = chip["dram"].get("channels") or organisation.get("channels", 1)
    if device.get("kind") == "ideal":
        return chip["clock_hz"], channels * device["ideal"]["bytes_per_cycle"] * device["clock_hz"]
    buses = channels * organisation.get("pseudo_channels", 1)
    burst_s = device["parameters"]["burst"]["value"] / device["clock_hz"]
    return chip["clock_hz"], buses * organisation["burst_bytes"] / burst_s


def roofline_figure(runs, roofs=None):
    """runs: [(label, report)]. Formats by colour and shape, passes by the filling. roofs: clock and DRAM rate of old reports."""
    figure, axes = new_figure(figsize=(8.5, 5))
    clock_hz, peak_bytes = roofs or (runs[0][1]["chip"]["clock_hz"], runs[0][1]["chip"]["dram_peak_bytes_per_s"])
    intensities, attained, shown = [], [], []
    for i, (_, report) in enumerate(runs):
        for layer in report["layers"]:
            if not (layer["macs"] > 0 and layer["dram_bytes"] > 0 and layer["cycles"] > 0):
                continue
            x, y = layer["macs"] / layer["dram_bytes"], layer["macs"] * clock_hz / layer["cycles"] / 1e9
            intensities.append(x)
            attained.append(y)
            if layer["pass"] not in shown:
                shown.append(layer["pass"])
            axes.plot(x, y, marker_of(i), color=colour_of(i), fillstyle=FILLS.get(layer["pass"], "full"), markersize=5, alpha=0.8,
                      markeredgewidth=0.8, linestyle="none")
    per_cycle = sorted({report["array"]["macs_per_cycle"] for _, report in runs})
    peak_macs = per_cycle[-1] * clock_hz
    knee = peak_macs / peak_bytes
    left, right = min([*intensities, knee]) / 2, max([*intensities, knee]) * 2
    axes.plot([left, knee], [left * peak_bytes / 1e9, peak_macs / 1e9], color="black", linewidth=1.2)
    for count in per_cycle:
        roof = count * clock_hz
        axes.plot([roof / peak_bytes, right], [roof / 1e9] * 2, color="black", linewidth=1.2)
        axes.annotate(f"{roof / 1e9:.0f} GMAC/s", (right, roof / 1e9), xytext=(0, 3 if count == per_cycle[-1] else -10),
                      textcoords="offset points", ha="right", va="bottom", fontsize=8)
    axes.annotate(f"{peak_bytes / 1e9:.1f} GB/s", (left, left * peak_bytes / 1e9), xytext=(8, 0),
                  textcoords="offset points", ha="left", va="top", fontsize=8)
    axes.set(xscale="log", yscale="log", xlabel="arithmetic intensity (MAC per DRAM byte)", ylabel="attained (GMAC/s)")
    work = work_text(runs[0][1])
    axes.set_title((work + "\n" if work else "") + "Roofline of the layers with a GEMM", fontsize=9)
    axes.set_ylim(min([*attained, left * peak_bytes / 1e9]) / 1.5, peak_macs / 1e9 * 1.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.grid(which="both", linewidth=0.3)
    handle = lambda **look: plt.Line2D([], [], linestyle="", markersize=5, **look)  # noqa: E731
    formats = [handle(marker=marker_of(i), color=colour_of(i), label=label) for i, (label, _) in enumerate(runs)]
    passes = [handle(marker="o", color="grey", fillstyle=FILLS.get(name, "full"), label=name.replace("_", " ")) for name in shown]
    legend_beside(axes, formats + (passes if len(passes) > 1 else []), columns=1 + len(runs) // 26)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("compare", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of COMPARE.json)")
    parser.add_argument("--chip", type=Path, help="chip file with the roofs, for reports that do not hold them")
    parser.add_argument("--layers", type=int, default=20)
    arguments = parser.parse_args()
    require()
    compare = json.loads(arguments.compare.read_text(encoding="utf-8"))
    folder = arguments.out or arguments.compare.parent
    save(components_figure(compare), folder, "energy_by_component")
    save(layers_figure(compare, arguments.layers), folder, "energy_by_layer")
    save(saving_figure(compare), folder, "saving")
    if compare.get("assumptions"):
        save(assumptions_figure(compare, arguments.layers), folder, "assumptions")
    if arguments.chip or compare["runs"][0]["report"].get("chip"):
        runs = [(label, {**run["report"], "array": run["array"]}) for label, run in zip(labels_of(compare["runs"]), compare["runs"])]
        save(roofline_figure(runs, chip_roofs(arguments.chip) if arguments.chip else None), folder, "roofline")
    return 0


if __name__ == "__main__":
    sys.exit(main())
