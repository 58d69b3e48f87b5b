"""What the plot scripts share: colours, units, pictures whose bytes depend on their data alone."""

import sys
from pathlib import Path

try:
    import matplotlib
except ImportError:
    sys.exit(f"{Path(sys.argv[0]).name}: matplotlib is missing (Debian: apt install python3-matplotlib)")

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

plt.rcParams["svg.hashsalt"] = "mxsim"

# Okabe and Ito: told apart by people with any kind of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#999999")
ENERGY_UNITS = ((1e12, "J"), (1e9, "mJ"), (1e6, "µJ"), (1e3, "nJ"), (1, "pJ"))
TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
COUNT_UNITS = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1, ""))
# What a unit or a layer does with a cycle, in reports ("stall_dram") and timelines ("stall: dram").
CAUSES = {"busy": "#0072B2", "dram": "#D55E00", "dma": "#E69F00", "buffer": "#F0E442", "bank_conflict": "#8C564B",
          "stationary_load": "#8DA0CB",
          "scale_unit": "#A65628",
          "array": "#009E73", "accumulator": "#4B7F52", "vector": "#CC79A7", "requant": "#7B5EA7",
          "dependency": "#56B4E9", "idle": "#DDDDDD"}


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


def fail(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def save(figure, folder, name):
    """The picture as PNG and SVG: the same data give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
        figure.savefig(folder / (name + suffix), dpi=150, metadata=metadata)
    plt.close(figure)
    print(folder / (name + ".png"))
