#!/usr/bin/env python3
"""Draws what `mxsim compare` found, as PNG and SVG.

Usage: plot_compare.py COMPARE.json [--out DIR] [--chip CHIP.json] [--layers N]

  energy_by_component  energy of each format, stacked by component, with the 5th to 95th percentile
  energy_by_layer      the N layers that cost most in the baseline, all passes together
  saving               energy, time and DRAM traffic saved against the baseline
  roofline             attained against arithmetic intensity of every layer and pass (with --chip)
  assumptions          energy saving when one assumption alone is another (of `compare --sensitivity`)
"""

import argparse
import json
import sys
from pathlib import Path

from plotting import COLOURS, energy_unit, matplotlib, plt, save, text_colour

MARKERS = {"forward": "o", "backward_data": "s", "backward_weight": "^", "update": "D"}


def labels_of(runs):
    return [run.get("label", run["format"]) for run in runs]


def draw_components(compare):
    runs = compare["runs"]
    scale, unit = energy_unit(max(run["energy_pj"] for run in runs))
    components = [name for name in runs[0]["energy_by_component_pj"]
                  if any(run["energy_by_component_pj"][name] > 0 for run in runs)]
    figure, axes = plt.subplots(figsize=(1.6 + 1.3 * len(runs), 4.8), layout="constrained")
    bottoms = [0.0] * len(runs)
    for name, colour in zip(components, COLOURS):
        heights = [run["energy_by_component_pj"][name] / scale for run in runs]
        axes.bar(labels_of(runs), heights, bottom=bottoms, color=colour, width=0.6, label=name)
        for x, (height, bottom) in enumerate(zip(heights, bottoms)):
            share = height * scale / runs[x]["energy_pj"]
            if share > 0.05:
                axes.text(x, bottom + height / 2, f"{share:.0%}", ha="center", va="center", fontsize=8,
                          color=text_colour(colour))
        bottoms = [bottom + height for bottom, height in zip(bottoms, heights)]
    totals = [run["energy_pj"] / scale for run in runs]
    errors = [[max(0, total - run["energy_low_pj"] / scale) for total, run in zip(totals, runs)],
              [max(0, run["energy_high_pj"] / scale - total) for total, run in zip(totals, runs)]]
    axes.errorbar([x + 0.22 for x in range(len(runs))], totals, yerr=errors, fmt="none", ecolor="black", capsize=4, linewidth=1)
    axes.set_ylabel(f"energy ({unit})")
    axes.set_title("Energy by component; bar: 5th to 95th percentile", fontsize=10)
    axes.legend(reversed(axes.get_legend_handles_labels()[0]), reversed(components), frameon=False,
                loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def energy_by_layer(run):
    layers = {}
    for layer in run["report"]["layers"]:
        layers[layer["name"]] = layers.get(layer["name"], 0) + layer["energy_pj"]
    return layers


def draw_layers(compare, count):
    runs = compare["runs"]
    by_run = [energy_by_layer(run) for run in runs]
    reference = by_run[labels_of(runs).index(compare["baseline"])]
    chosen = sorted(reference, key=lambda name: (-reference[name], name))[:count]
    rest = [name for name in reference if name not in chosen]
    rows = [name for name in reference if name in chosen] + ([f"{len(rest)} others"] if rest else [])
    values = [[layers.get(name, 0) for name in rows[:len(chosen)]] +
              ([sum(layers.get(name, 0) for name in rest)] if rest else []) for layers in by_run]
    scale, unit = energy_unit(max(map(max, values)))
    height = 0.8 / len(runs)
    figure, axes = plt.subplots(figsize=(7.5, 1.2 + len(rows) * (0.12 + 0.13 * len(runs))), layout="constrained")
    for i, (label, energies) in enumerate(zip(labels_of(runs), values)):
        places = [row + (i - (len(runs) - 1) / 2) * height for row in range(len(rows))]
        axes.barh(places, [energy / scale for energy in energies], height, color=COLOURS[i % len(COLOURS)],
                  label=label)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"energy of all passes ({unit})")
    axes.set_title("Energy by layer")
    axes.legend(frameon=False, fontsize=8)
    return figure


def draw_saving(compare):
    runs = [run for run in compare["runs"] if labels_of([run]) != [compare["baseline"]]]
    figure, axes = plt.subplots(figsize=(2 + 1.5 * max(1, len(runs)), 4.2), layout="constrained")
    kinds = (("energy", "energy"), ("time", "time"), ("dram_bytes", "DRAM traffic"))
    for i, (key, label) in enumerate(kinds):
        places = [x + (i - 1) * 0.27 for x in range(len(runs))]
        values = [100 * run["saving"][key] for run in runs]
        axes.bar(places, values, 0.25, color=COLOURS[i], label=label)
        if key == "energy":
            errors = [[max(0, value - 100 * run["saving"]["energy_low"]) for value, run in zip(values, runs)],
                      [max(0, 100 * run["saving"]["energy_high"] - value) for value, run in zip(values, runs)]]
            axes.errorbar(places, values, yerr=errors, fmt="none", ecolor="black", capsize=4, linewidth=1)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(runs)), labels_of(runs))
    axes.set_ylabel(f"saved against {compare['baseline']} (%)")
    axes.set_title("Saving; bar: 5th to 95th percentile")
    axes.grid(axis="y", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=8)
    return figure


def draw_assumptions(compare, count):
    """The assumptions that move the saving of the last format most: bars from the saving as given to the changed one."""
    run = compare["runs"][-1]
    label, given = labels_of([run])[0], 100 * run["saving"]["energy"]
    rows = []
    for row in compare["assumptions"]:
        saving = next((each for each in row.get("savings", []) if each["label"] == label), None)
        if saving:
            rows.append((100 * saving["energy"], f"{row['assumption']}: {row['setting']}"))
    rows = sorted(rows, key=lambda row: -abs(row[0] - given))[:count]
    figure, axes = plt.subplots(figsize=(8, 1 + 0.26 * len(rows)), layout="constrained")
    for y, (saving, _) in enumerate(rows):
        axes.barh(y, saving - given, left=given, height=0.7, color=COLOURS[0] if saving > given else COLOURS[4])
        axes.annotate(f"{saving:.1f}", (saving, y), xytext=(3 if saving > given else -3, 0), fontsize=7, va="center",
                      textcoords="offset points", ha="left" if saving > given else "right")
    axes.axvline(given, color="black", linewidth=0.8)
    axes.margins(x=0.12)
    axes.set_yticks(range(len(rows)), [name for _, name in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"energy saved by {label} against {compare['baseline']} (%); line: {given:.1f} as given")
    axes.set_title("One assumption alone changed", fontsize=10)
    return figure


def roofs(chip_path):
    """(multiply-accumulates per second of a PE, DRAM bytes per second) a chip cannot exceed."""
    chip = json.loads(chip_path.read_text(encoding="utf-8"))
    device = chip["dram"]["device"]
    if isinstance(device, str):
        device = json.loads((chip_path.parent / device).read_text(encoding="utf-8"))
    organisation = device["organisation"]
    if device.get("kind") == "ideal":
        channels = chip["dram"].get("channels") or organisation.get("channels", 1)
        return chip["clock_hz"], channels * device["ideal"]["bytes_per_cycle"] * device["clock_hz"]
    channels = chip["dram"].get("channels") or organisation.get("channels", 1)
    buses = channels * organisation.get("pseudo_channels", 1)
    burst_s = device["parameters"]["burst"]["value"] / device["clock_hz"]
    return chip["clock_hz"], buses * organisation["burst_bytes"] / burst_s


def draw_roofline(compare, chip_path):
    clock_hz, peak_bytes = roofs(chip_path)
    macs_per_cycle = [run["array"]["macs_per_cycle"] for run in compare["runs"]]
    peak_macs = max(macs_per_cycle) * clock_hz
    figure, axes = plt.subplots(figsize=(7.5, 5), layout="constrained")
    intensities, attained = [], []
    for i, run in enumerate(compare["runs"]):
        for kind, marker in MARKERS.items():
            points = [(layer["macs"] / layer["dram_bytes"], layer["macs"] * clock_hz / layer["cycles"] / 1e9)
                      for layer in run["report"]["layers"]
                      if layer["pass"] == kind and layer["macs"] > 0 and layer["dram_bytes"] > 0]
            if points:
                intensities += [x for x, _ in points]
                attained += [y for _, y in points]
                axes.scatter(*zip(*points), s=22, marker=marker, color=COLOURS[i % len(COLOURS)], alpha=0.75,
                             linewidths=0)
    knee = peak_macs / peak_bytes
    left, right = min(intensities + [knee]) / 2, max(intensities + [knee]) * 2
    axes.plot([left, knee], [left * peak_bytes / 1e9, peak_macs / 1e9], color="black")
    for count in sorted(set(macs_per_cycle)):
        roof = count * clock_hz
        axes.plot([roof / peak_bytes, right], [roof / 1e9] * 2, color="black")
        axes.annotate(f"{roof / 1e9:.0f} GMAC/s", (right, roof / 1e9), xytext=(0, 3 if count == max(macs_per_cycle) else -10),
                      textcoords="offset points", ha="right", va="bottom", fontsize=8)
    axes.annotate(f"{peak_bytes / 1e9:.1f} GB/s", (left, left * peak_bytes / 1e9), xytext=(8, 0),
                  textcoords="offset points", ha="left", va="top", fontsize=8)
    axes.set(xscale="log", yscale="log", xlabel="arithmetic intensity (MAC per DRAM byte)",
             ylabel="attained (GMAC/s)", title="Roofline of the layers with a GEMM")
    axes.set_ylim(min(attained + [left * peak_bytes / 1e9]) / 1.5, peak_macs / 1e9 * 1.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.grid(which="both", linewidth=0.3)
    shapes = [plt.Line2D([], [], linestyle="", marker=marker, color="grey", label=kind.replace("_", " "))
              for kind, marker in MARKERS.items()]
    colours = [plt.Line2D([], [], linestyle="", marker="o", color=COLOURS[i % len(COLOURS)], label=label)
               for i, label in enumerate(labels_of(compare["runs"]))]
    axes.legend(handles=colours + shapes[:3], frameon=False, fontsize=8, loc="lower right")
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("compare", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of COMPARE.json)")
    parser.add_argument("--chip", type=Path, help="chip file, for the roofs")
    parser.add_argument("--layers", type=int, default=20)
    arguments = parser.parse_args()
    compare = json.loads(arguments.compare.read_text(encoding="utf-8"))
    folder = arguments.out or arguments.compare.parent
    save(draw_components(compare), folder, "energy_by_component")
    save(draw_layers(compare, arguments.layers), folder, "energy_by_layer")
    save(draw_saving(compare), folder, "saving")
    if compare.get("assumptions"):
        save(draw_assumptions(compare, arguments.layers), folder, "assumptions")
    if arguments.chip:
        save(draw_roofline(compare, arguments.chip), folder, "roofline")
    return 0


if __name__ == "__main__":
    sys.exit(main())
