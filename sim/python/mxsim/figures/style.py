"""What the figures share: colours, units, files whose bytes depend on their data alone."""

import os
import sys
from pathlib import Path

try:
    import matplotlib
    import matplotlib.pyplot as plt
except ImportError:
    matplotlib = plt = None

# Okabe and Ito: told apart by people with any kind of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C6D1F", "#7F7F7F")
MARKERS = "os^DvP*"  # another period than the colours: 56 series look different
COMPONENTS = {"pe": "#0072B2", "sram": "#E69F00", "dram": "#D55E00", "vector": "#CC79A7", "requant": "#7B5EA7",
              "dma": "#009E73", "static": "#8A8F98"}
ENERGY_UNITS = ((1e12, "J"), (1e9, "mJ"), (1e6, "µJ"), (1e3, "nJ"), (1, "pJ"))
TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
COUNT_UNITS = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1, ""))
BYTE_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))
# What a unit or a layer does with a cycle, in reports ("stall_dram") and timelines ("stall: dram").
CAUSES = {"busy": "#0072B2", "dram": "#D55E00", "dma": "#E69F00", "buffer": "#F0E442", "bank_conflict": "#8C564B",
          "stationary_load": "#8DA0CB",
          "scale_unit": "#A65628",
          "array": "#009E73", "accumulator": "#4B7F52", "vector": "#CC79A7", "requant": "#7B5EA7",
          "dependency": "#56B4E9", "idle": "#DDDDDD"}
FEW = 6  # series that bars stand for side by side


class FigureError(ValueError):
    """What cannot be drawn, in one line."""


def require():
    if plt is None:
        raise ImportError("pictures need matplotlib (Debian: apt install python3-matplotlib)")


def new_figure(*shape, **options):
    """(figure, axes), as plt.subplots: shown where it is returned, not a second time by pyplot."""
    require()
    figure, axes = plt.subplots(*shape, layout="constrained", **options)
    plt.close(figure)
    return figure, axes


def colour_of(index):
    return COLOURS[index % len(COLOURS)]


def marker_of(index):
    return MARKERS[index % len(MARKERS)]


def fitting_unit(units, largest):
    """(size of the unit, its name) so that the largest value is at least 1, else the smallest unit."""
    return next((unit for unit in units if largest >= unit[0]), units[-1])


def energy_unit(largest_pj):
    return fitting_unit(ENERGY_UNITS, largest_pj)


def time_unit(largest_s):
    return fitting_unit(TIME_UNITS, largest_s)


def cause_colour(cause):
    return CAUSES.get(cause, "#999999")


def cause_text(cause):
    return cause if cause in ("busy", "idle") else "waits: " + cause.replace("_", " ")


def text_colour(background):
    """Black or white, whichever is read better."""
    red, green, blue = matplotlib.colors.to_rgb(background)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def shortened(name, most=34):
    """The end of a long name: that is where layers differ."""
    return name if len(name) <= most else "…" + name[-(most - 1):]


def work_text(report):
    """"resnet18, train, batch 8, 32×32 PEs": what of it the report says."""
    parts = [str(report[key]) for key in ("workload", "mode") if report.get(key)]
    if report.get("batch"):
        parts.append(f"batch {report['batch']}")
    if report.get("array"):
        parts.append(f"{report['array']['rows']}×{report['array']['columns']} PEs")
    if report.get("chip"):
        parts.append(report["chip"]["dram_device"])
    return ", ".join(parts)


def legend_beside(axes, handles=None, columns=1, **options):
    """To the right of the axes, where it covers nothing."""
    given = {} if handles is None else {"handles": handles}
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1), ncol=columns, **given, **options)


def save(figure, folder, name):
    """The picture as PNG and SVG: the same data give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with plt.rc_context({"svg.hashsalt": "mxsim"}):
        for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
            figure.savefig(folder / (name + suffix), dpi=150, metadata=metadata)
    print(folder / (name + ".png"))


def run_script(main):
    """Runs a script's main(): one line and exit code 1 for what cannot be drawn."""
    name = Path(sys.argv[0]).name
    own = "/usr/bin/python3"  # the interpreter that the distribution's matplotlib belongs to
    if plt is None and os.path.exists(own) and os.path.realpath(own) != os.path.realpath(sys.executable):
        os.execv(own, [own, *sys.argv])
    if plt is not None:
        plt.switch_backend("Agg")
    try:
        return main()
    except (FigureError, ImportError) as error:
        sys.exit(f"{name}: {error}")
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        sys.exit(f"{name}: {error_text(error)}")


def error_text(error):
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, KeyError):
        return f"the file has no {error}: not a result of the command that --help names"
    return " ".join(str(error).split())
