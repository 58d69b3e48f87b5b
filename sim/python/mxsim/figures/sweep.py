"""Draws the results of `mxsim sweep` or `mxsim explore`, as PNG and SVG.

Usage: plot_sweep.py RESULTS.csv [--out DIR] [--value COLUMN]... [--x AXIS] [--y AXIS] [--where AXIS=VALUE]...
                     [--pareto COLUMN,COLUMN] [--colour AXIS] [--label AXIS]... [--only lines,map,pareto]

  sweep_lines_VALUE  the value over axis x, a line for each setting of the other axes
  sweep_map_VALUE    the value over axes x and y, a panel for each setting of the others
  sweep_pareto       two columns against each other, the front of these two drawn through and labelled

An axis is named by the end of its key ("rows"); axes that change together are one, named by any of its keys.
COLUMN: a column of RESULTS.csv, or energy, area, edp, dram_bytes. Left out: energy, the axes with most values.
"""

import argparse
import csv
import itertools
import json
import sys
from pathlib import Path

from .style import (COLOURS, COUNT_UNITS, FigureError, colour_of, energy_unit, fitting_unit, legend_beside, marker_of, matplotlib,
                    new_figure, require, save, text_colour, time_unit)

def schema_folder():
    """configs/schema of the source tree or of the installation that this file belongs to; None where there is none."""
    for folder in Path(__file__).resolve().parents:
        for candidate in (folder / "configs" / "schema", folder / "share" / "mxsim" / "configs" / "schema"):
            if candidate.is_dir():
                return candidate
    return None


# A key of the run file below which another file stands, and that file's schema.
PARTS = (("/chip/dram/device", "device"), ("/chip", "chip"), ("", "run"))
ALIASES = {"energy": "energy_pj", "area": "area_mm2", "edp": "energy_delay_product_js"}
UNITS = {"cycles": "cycles", "predicted_cycles": "cycles", "utilization": "ratio", "tops": "TOPS",
         "tops_per_w": "TOPS/W", "tops_per_mm2": "TOPS/mm²", "macs": "MACs", "bops": "bit operations"}
SUFFIXES = {"_js": "J s", "_mm2": "mm²", "_w": "W", "_db": "dB", "_bound": "ratio"}
MOST_LINES, MOST_PANELS, MOST_CELL_TEXTS = 40, 12, 400
LINE_STYLES = ("-", "--", ":")


def setting_text(value):
    """A setting as a label: of a file its name alone."""
    text = str(value)
    return Path(text).stem if text.endswith((".json", ".onnx", ".csv")) else text


class Axis:
    """Keys that change together; `values` are texts in the order of the sweep."""

    def __init__(self, keys, rows):
        self.keys = keys
        self.values = list(dict.fromkeys(self.of(row) for row in rows))

    def of(self, row):
        return " × ".join(setting_text(row[key]) for key in self.keys)

    def name(self):
        names = [key.rsplit("/", 1)[-1] for key in self.keys]
        if len(self.keys) > 1:
            return " × ".join(names)
        return " ".join(self.keys[0].strip("/").split("/")[-2:]).replace("_", " ")

    def label(self):
        units = {unit_of_key(key) for key in self.keys}
        unit = units.pop() if len(units) == 1 else ""
        return f"{self.name()} ({unit})" if unit else self.name()

    def is_named(self, name):
        return any(key == name or key.endswith("/" + name.strip("/")) for key in self.keys)

    def numbers(self):
        """The values as numbers, or None."""
        try:
            return [float(value) for value in self.values]
        except ValueError:
            return None


class Value:
    """A column with its unit, scaled for people."""

    def __init__(self, name, rows):
        self.name = name
        column = ALIASES.get(name, name)
        if name == "dram_bytes" and name not in rows[0]:
            self.raw = lambda row: float(row["dram_read_bytes"]) + float(row["dram_write_bytes"])
        elif column in rows[0] and is_number(rows[0][column]):
            self.raw = lambda row: float(row[column])
        else:
            numbers = [key for key in rows[0] if is_number(rows[0][key])]
            raise FigureError(f'no column of numbers "{name}"; there are {", ".join([*ALIASES, "dram_bytes", *numbers])}')
        largest = max(abs(self.raw(row)) for row in rows)
        self.scale, self.unit = self.unit_of("dram_bytes" if name == "dram_bytes" else column, largest)

    @staticmethod
    def unit_of(column, largest):
        parts = {part for part in column.split("/")}
        if any(part.endswith("_pj") for part in parts):
            return energy_unit(largest)
        if column == "time_s":
            return time_unit(largest)
        if column.endswith("_bytes"):
            scale, prefix = fitting_unit(((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")), largest)
            return scale, prefix + "B"
        unit = UNITS.get(column) or next((unit for end, unit in SUFFIXES.items()
                                          if any(part.endswith(end) for part in parts)), "")
        if unit in ("cycles", "MACs", "bit operations"):
            scale, prefix = fitting_unit(COUNT_UNITS, largest)
            return scale, prefix + unit
        return 1.0, unit

    def of(self, row):
        return self.raw(row) / self.scale

    def label(self):
        name = self.name.replace("_pj", "").replace("_mm2", "").replace("_js", "").replace("/", ": ").replace("_", " ")
        if self.unit.endswith(name):
            return self.unit
        return f"{name} ({self.unit})" if self.unit else name


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def unit_of_key(key):
    """The unit that the schema tells of a key of the run file; "" for none."""
    for prefix, kind in PARTS:
        if not key.startswith(prefix + "/"):
            continue
        folder = schema_folder()
        if folder is None:
            return ""
        node = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
        for token in key[len(prefix) + 1:].split("/"):
            node = node.get("properties", {}).get(token, {})
        text = node.get("description", "")
        return text[text.rindex("[") + 1:-1] if text.endswith("]") else ""
    return ""


def read_rows(path, conditions):
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row.get("status") == "ok"]
    except OSError as error:
        raise FigureError(f"{path}: {error.strerror}")
    if not rows:
        raise FigureError(f"{path} holds no results")
    for condition in conditions:
        name, _, value = condition.partition("=")
        keys = [key for key in rows[0] if key == name or key.startswith("/") and key.endswith("/" + name.strip("/"))]
        if not keys:
            raise FigureError(f'--where {condition}: no axis "{name}"')
        rows = [row for row in rows if row[keys[0]] == value]
        if not rows:
            raise FigureError(f"--where {condition}: no result has it")
    return rows


def axes_of(rows):
    """The axes with more than one value; keys whose values determine each other are one axis."""
    groups = []
    for key in (key for key in rows[0] if key.startswith("/")):
        if len({row[key] for row in rows}) == 1:
            continue
        for group in groups:
            pairs = {(row[group[0]], row[key]) for row in rows}
            if len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}):
                group.append(key)
                break
        else:
            groups.append([key])
    return [Axis(group, rows) for group in groups]


def named_axis(axes, name):
    found = [axis for axis in axes if axis.is_named(name)]
    if not found:
        names = ", ".join(key for axis in axes for key in axis.keys) or "none"
        raise FigureError(f'no axis "{name}" with more than one value; there are {names}')
    return found[0]


def grouped(rows, axes):
    """(text, rows) for each setting of the axes."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(axis.of(row) for axis in axes), []).append(row)
    return [(", ".join(key), members) for key, members in groups.items()]


def place_ticks(set_ticks, axis, most=40):
    every = -(-len(axis.values) // most)
    set_ticks(range(0, len(axis.values), every), axis.values[::every])


def draw_lines(rows, value, x, others):
    lines = grouped(rows, others)
    if len(lines) > MOST_LINES:
        raise FigureError(f"{len(lines)} lines are too many to tell apart (at most {MOST_LINES}): choose with --where")
    numbers = x.numbers()
    figure, axes = new_figure(figsize=(8.5, 4.5))
    for i, (label, members) in enumerate(lines):
        at = {x.of(row): value.of(row) for row in members}
        places = [(numbers[k] if numbers else k, at[text]) for k, text in enumerate(x.values) if text in at]
        axes.plot(*zip(*sorted(places)), marker=marker_of(i), markersize=4.5, color=colour_of(i),
                  linestyle=LINE_STYLES[i // len(COLOURS) % len(LINE_STYLES)], label=label)
    if numbers:
        powers = min(numbers) > 0 and max(numbers) / min(numbers) >= 8
        axes.set_xscale("log", base=2) if powers else None
        axes.set_xticks(numbers, [f"{number:g}" for number in numbers])
        axes.set_xticks([], minor=True)
    else:
        place_ticks(axes.set_xticks, x)
    axes.tick_params(axis="x", rotation=30 if max(map(len, x.values)) * len(x.values) > 70 else 0)
    axes.set(xlabel=x.label(), ylabel=value.label())
    values = [value.of(row) for row in rows]
    if min(values) < max(values) / 2:
        axes.set_ylim(bottom=0)
    axes.grid(linewidth=0.4)
    if len(lines) > 1:
        legend_beside(axes, columns=1 + (len(lines) - 1) // 20, title=", ".join(axis.name() for axis in others), title_fontsize=8)
    return figure


def draw_panel(axes, rows, value, x, y, norm):
    cells = [[float("nan")] * len(x.values) for _ in y.values]
    for row in rows:
        cells[y.values.index(y.of(row))][x.values.index(x.of(row))] = value.of(row)
    image = axes.imshow(cells, norm=norm, cmap="viridis", aspect="auto", origin="lower")
    place_ticks(axes.set_xticks, x)
    place_ticks(axes.set_yticks, y)
    axes.tick_params(axis="x", rotation=30 if max(map(len, x.values)) > 6 else 0)
    if len(x.values) * len(y.values) <= MOST_CELL_TEXTS:
        for j, i in itertools.product(range(len(y.values)), range(len(x.values))):
            if cells[j][i] == cells[j][i]:
                axes.text(i, j, f"{cells[j][i]:.3g}", ha="center", va="center", fontsize=7,
                          color=text_colour(image.cmap(norm(cells[j][i]))))
    return image


def draw_map(rows, value, x, y, others):
    panels = grouped(rows, others)
    if len(panels) > MOST_PANELS:
        raise FigureError(f"{len(panels)} panels are too many (at most {MOST_PANELS}): choose with --where")
    columns = min(len(panels), 3)
    lines = -(-len(panels) // columns)
    values = [value.of(row) for row in rows]
    norm = matplotlib.colors.Normalize(min(values), max(values))
    width = max(2.2, 0.3 * len(x.values) + 1)
    size = (1.8 + columns * max(width, 0.45 * len(x.values)), 0.9 + lines * max(2.0, 0.32 * len(y.values) + 0.9))
    figure, grid = new_figure(lines, columns, figsize=size, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(panels):]:
        axes.set_visible(False)
    for axes, (label, members) in zip(grid.flat, panels):
        image = draw_panel(axes, members, value, x, y, norm)
        axes.set_title(label, fontsize=9)
    for axes in grid.flat[max(0, len(panels) - columns):len(panels)]:
        axes.tick_params(axis="x", labelbottom=True)
    figure.supxlabel(x.label(), fontsize=10)
    figure.supylabel(y.label(), fontsize=10)
    figure.colorbar(image, ax=grid[:, -1].tolist(), label=value.label())
    if others:
        figure.suptitle(", ".join(axis.name() for axis in others), fontsize=9)
    return figure


def front_of(points):
    """Places of the points that no other beats in both; one of several equal ones."""
    front, best = [], float("inf")
    for place in sorted(range(len(points)), key=lambda place: points[place]):
        if points[place][1] < best:
            best = points[place][1]
            front.append(place)
    return front


def place_labels(figure, axes, points, texts):
    """Writes each text beside its point where it covers neither points nor other texts; else leaves it out."""
    figure.canvas.draw()
    figure.set_layout_engine("none")
    renderer = figure.canvas.get_renderer()
    dots = [axes.transData.transform(point) for point in points.values()]
    taken = [matplotlib.transforms.Bbox.from_extents(x - 3, y - 3, x + 3, y + 3) for x, y in dots]
    inside = axes.get_window_extent(renderer)
    offsets = [(side * reach, lift) for reach in (6, 14, 26) for lift in (5, -5, 12, -12, 22, -22, 34, -34) for side in (1, -1)]
    left_out = 0
    for place, text in texts:
        for dx, dy in offsets:
            note = axes.annotate(text, points[place], xytext=(dx, dy), textcoords="offset points", fontsize=7,
                                 ha="left" if dx > 0 else "right", va="bottom" if dy > 0 else "top",
                                 arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "grey", "shrinkB": 3})
            note.update_positions(renderer)
            box = matplotlib.text.Text.get_window_extent(note, renderer)
            fits = inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0 and box.y1 <= inside.y1
            if fits and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            note.remove()
        else:
            left_out += 1
    return left_out


def draw_pareto(rows, first, second, colour, labels):
    points = [(first.of(row), second.of(row)) for row in rows]
    figure, axes = new_figure(figsize=(8.5, 5.5))
    values = colour.values if colour else [""]
    for i, value in enumerate(values):
        mine = [point for point, row in zip(points, rows) if not colour or colour.of(row) == value]
        axes.plot(*zip(*mine), marker_of(i), color=colour_of(i), markersize=5, markeredgewidth=0, alpha=0.8, label=value)
    front = front_of(points)
    axes.step(*zip(*[points[place] for place in front]), where="post", color="black", linewidth=0.8, zorder=0,
              label="front of these two")
    whole = [point for point, row in zip(points, rows) if row.get("pareto") == "1"]
    if whole and set(whole) != {points[place] for place in front}:
        axes.plot(*zip(*whole), "o", color="black", fillstyle="none", markersize=9, markeredgewidth=0.6, label="front of all objectives")
    axes.set(xlabel=first.label(), ylabel=second.label())
    axes.margins(0.1)
    axes.grid(linewidth=0.3)
    legend_beside(axes, columns=1 + len(values) // 28, title=colour.name() if colour else None, title_fontsize=8)
    texts = [(place, ", ".join(axis.of(rows[place]) for axis in labels)) for place in front]
    shown = {place: points[place] for place in range(len(points))}
    title = f"{len(rows)} points, {len(front)} on the front"
    if labels:
        title += f"; labels: {', '.join(axis.name() for axis in labels)}"
    axes.set_title(title, fontsize=9, loc="left")
    left_out = place_labels(figure, axes, shown, texts) if labels else 0
    if left_out:
        axes.set_title(f"{title} ({left_out} without room)", fontsize=9, loc="left")
    return figure


def front_figure(rows, x, y, colour=None):
    """rows: [{column: value}] with settings by key; the front of two columns, as the script draws it."""
    if not rows:
        raise FigureError("no point has a result")
    texts = [{key: value if isinstance(value, str) else json.dumps(value) for key, value in row.items()} for row in rows]
    axes = axes_of(texts)
    chosen = named_axis(axes, colour) if colour else next((axis for axis in axes if len(axis.values) <= 8), None)
    return draw_pareto(texts, Value(x, texts), Value(y, texts), chosen, axes)


def file_part(name):
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of RESULTS.csv)")
    parser.add_argument("--value", action="append", help="column of lines and maps; may be repeated")
    parser.add_argument("--x", help="axis to the right")
    parser.add_argument("--y", help="axis upwards, of maps")
    parser.add_argument("--where", action="append", default=[], help="AXIS=VALUE: only results with it")
    parser.add_argument("--pareto", default="cycles,energy", help="two columns")
    parser.add_argument("--colour", help="axis that the points' colours tell (default: the first with 2 to 32 values)")
    parser.add_argument("--label", action="append", help="axis to write beside the front (default: all)")
    parser.add_argument("--only", default="lines,map,pareto", help="which pictures")
    arguments = parser.parse_args()
    kinds = set(arguments.only.split(","))
    if not kinds <= {"lines", "map", "pareto"}:
        parser.error("--only: expected some of lines,map,pareto")
    if arguments.pareto.count(",") != 1:
        parser.error("--pareto: expected two columns with a comma between")
    return arguments, kinds


def main():
    arguments, kinds = options()
    require()
    rows = read_rows(arguments.results, arguments.where)
    folder = arguments.out or arguments.results.parent
    axes = axes_of(rows)
    by_size = sorted(axes, key=lambda axis: (axis.numbers() is None, -len(axis.values)))
    x = named_axis(axes, arguments.x) if arguments.x else next(iter(by_size), None)
    y = named_axis(axes, arguments.y) if arguments.y else next((axis for axis in by_size if axis is not x), None)
    for name in arguments.value or ["energy"]:
        value = Value(name, rows)
        if "lines" in kinds and x:
            others = [axis for axis in axes if axis is not x]
            save(draw_lines(rows, value, x, others), folder, f"sweep_lines_{file_part(name)}")
        if "map" in kinds and x and y:
            others = [axis for axis in axes if axis not in (x, y)]
            save(draw_map(rows, value, x, y, others), folder, f"sweep_map_{file_part(name)}")
    if "pareto" in kinds:
        first, second = (Value(name, rows) for name in arguments.pareto.split(","))
        colour = named_axis(axes, arguments.colour) if arguments.colour else \
            next((axis for axis in axes if len(axis.values) <= 4 * len(COLOURS)), None)
        labels = [named_axis(axes, name) for name in arguments.label] if arguments.label else axes
        save(draw_pareto(rows, first, second, colour, labels), folder, "sweep_pareto")
    return 0


if __name__ == "__main__":
    sys.exit(main())
