"""Draws what the units of the chip did over time, as PNG and SVG, from the file of `mxsim run --timeline`.

Usage: plot_timeline.py TIMELINE.json [--out DIR] [--from US] [--to US] [--units NAME,NAME...] [--bins N]

The time from US to US (microseconds; all of it if left out) is cut into N bins. Each unit has a row: the share of each bin
in which it was busy, or waited and for what; with no more cycles than bins the picture is exact. The top row names the
layers.
"""

import argparse
import json
import sys
from pathlib import Path

from .style import CAUSES, TIME_UNITS, FigureError, cause_colour, cause_text, fitting_unit, new_figure, plt, require, save

NAME = "timeline"
SHADES = ("#EEEEEE", "#CFCFCF")
NARROWEST_LABEL = 0.006  # of the picture's width, a letter


def read(path):
    """({thread: unit}, events with a duration)"""
    try:
        events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    except (OSError, ValueError, KeyError) as error:
        raise FigureError(f"{path}: no timeline of a run ({type(error).__name__})") from error
    units = {event["tid"]: event["args"]["name"] for event in events if event["ph"] == "M" and event["name"] == "thread_name"}
    spans = [event for event in events if event["ph"] == "X"]
    if not spans:
        raise FigureError(f"{path} holds no events")
    return units, spans


def shares(spans, begin, end, bins):
    """Of each bin from begin to end, the share that the spans [(from, to)] cover."""
    width = (end - begin) / bins
    covered = [0.0] * bins
    for low, high in spans:
        low, high = max(low, begin), min(high, end)
        if low >= high:
            continue
        first, last = int((low - begin) / width), min(bins - 1, int((high - begin) / width))
        for i in range(first, last + 1):
            part = min(high, begin + (i + 1) * width) - max(low, begin + i * width)
            covered[i] += max(0.0, part) / width
    return covered


def state_of(event):
    return event["args"]["waits_for"] if event["cat"] == "stall" else "busy"


def layer_spans(events, begin, end):
    """[(layer, from, to)]: from a layer's first work to the next one's, in the order of their beginnings."""
    first = {}
    for event in events:
        if event["cat"] == "work" and event["ts"] < end and event["ts"] + event["dur"] > begin:
            layer = event["args"]["layer"]
            first[layer] = min(first.get(layer, event["ts"]), event["ts"])
    starts = sorted((max(begin, at), layer) for layer, at in first.items())
    ends = [at for at, _ in starts[1:]] + [end]
    return [(layer, at, until) for (at, layer), until in zip(starts, ends)]


def draw_layers(axes, spans, scale):
    low, high = axes.get_xlim()
    for i, (layer, begin, end) in enumerate(spans):
        begin, end = begin / scale, end / scale
        axes.axvspan(begin, end, color=SHADES[i % 2], linewidth=0)
        name = layer.replace("_", " ")
        if len(name) * NARROWEST_LABEL * (high - low) < end - begin:
            axes.text((begin + end) / 2, 0.5, name, ha="center", va="center", fontsize=7)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5], ["layer"])
    axes.tick_params(axis="y", length=0)


def draw_unit(axes, events, begin, end, bins, scale):
    """Returns the states that the row shows."""
    by_state = {}
    for event in events:
        by_state.setdefault(state_of(event), []).append((event["ts"], event["ts"] + event["dur"]))
    edges = [(begin + (end - begin) * i / bins) / scale for i in range(bins + 1)]
    floor = [0.0] * bins
    shown = []
    for state in [state for state in CAUSES if state in by_state] + sorted(set(by_state) - set(CAUSES)):
        part = shares(by_state[state], begin, end, bins)
        if not any(part):
            continue
        top = [low + share for low, share in zip(floor, part)]
        axes.stairs(top, edges, baseline=floor, fill=True, color=cause_colour(state), linewidth=0)
        floor = top
        shown.append(state)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 1], ["0", "100"], fontsize=6)
    return shown


def draw(units, spans, window, bins):
    begin, end = window
    scale, name = fitting_unit(TIME_UNITS, end * 1e-6)
    scale *= 1e6
    figure, rows = new_figure(1 + len(units), 1, figsize=(11, 1.5 + 0.62 * len(units)), sharex=True,
                              height_ratios=[0.45] + [1] * len(units))
    rows[0].set_xlim(begin / scale, end / scale)
    draw_layers(rows[0], layer_spans(spans, begin, end), scale)
    seen = {}
    for axes, (thread, unit) in zip(rows[1:], units.items()):
        seen.update(dict.fromkeys(draw_unit(axes, [span for span in spans if span["tid"] == thread], begin, end, bins, scale)))
        axes.set_ylabel(unit, rotation=0, ha="right", va="center", fontsize=9)
    states = [state for state in CAUSES if state in seen] + sorted(set(seen) - set(CAUSES))
    handles = [plt.Rectangle((0, 0), 1, 1, color=cause_colour(state), label=cause_text(state)) for state in states]
    handles.append(plt.Rectangle((0, 0), 1, 1, facecolor="white", edgecolor="black", linewidth=0.5, label="idle"))
    rows[-1].legend(handles=handles, frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.75), ncol=6)
    rows[-1].set_xlabel(f"time ({name})")
    width_s = (end - begin) * 1e-6 / bins
    size, width_unit = fitting_unit(TIME_UNITS, width_s)
    figure.suptitle(f"Share of each {width_s / size:.4g} {width_unit} in which a unit is busy or waits (%)", fontsize=10)
    return figure


def chosen_units(units, spans, names):
    used = {span["tid"] for span in spans}
    if not names:
        return {thread: unit for thread, unit in units.items() if thread in used}
    by_name = {unit: thread for thread, unit in units.items()}
    for name in names:
        if name not in by_name:
            raise FigureError(f"no unit {name}; there are {', '.join(by_name)}")
    return {by_name[name]: name for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("timeline", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of TIMELINE.json)")
    parser.add_argument("--from", dest="begin", type=float, default=0.0, help="microseconds")
    parser.add_argument("--to", dest="end", type=float, help="microseconds")
    parser.add_argument("--units", help="names with commas between (default: all that do something)")
    parser.add_argument("--bins", type=int, default=500)
    arguments = parser.parse_args()
    if arguments.bins < 1:
        parser.error("--bins must be at least 1")
    require()
    units, spans = read(arguments.timeline)
    last = max(span["ts"] + span["dur"] for span in spans)
    end = min(last, arguments.end) if arguments.end is not None else last
    if not 0 <= arguments.begin < end:
        raise FigureError(f"nothing from {arguments.begin:g} to {end:g} us; the timeline ends at {last:g} us")
    chosen = chosen_units(units, spans, arguments.units.split(",") if arguments.units else [])
    save(draw(chosen, spans, (arguments.begin, end), arguments.bins), arguments.out or arguments.timeline.parent, NAME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
