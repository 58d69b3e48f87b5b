"""Draws the result of `mxsim train`, as PNG and SVG.

Usage: plot_training.py TRAINING.json [--out DIR]

  accuracy  test accuracy against the energy of the training (whiskers: 95 % interval), and by epoch
"""

import argparse
import json
import sys
from pathlib import Path

from .style import FigureError, colour_of, energy_unit, legend_beside, marker_of, new_figure, require, save


def accuracy_figure(training):
    formats = training["formats"]
    scale, unit = energy_unit(max(row["total"]["energy_pj"] for row in formats))
    figure, (left, right) = new_figure(1, 2, figsize=(10, 4), sharey=False)
    for i, row in enumerate(formats):
        accuracy = row["accuracy"]
        errors = [[100 * (accuracy["mean"] - accuracy["low"])], [100 * (accuracy["high"] - accuracy["mean"])]]
        look = {"color": colour_of(i), "marker": marker_of(i), "markersize": 6}
        left.errorbar([row["total"]["energy_pj"] / scale], [100 * accuracy["mean"]], yerr=errors, capsize=3, linestyle="none", **look)
        epochs = row["epochs"]
        right.plot([epoch["epoch"] for epoch in epochs], [100 * epoch["accuracy"] for epoch in epochs], label=row["format"],
                   linewidth=1.2, **{**look, "markersize": 4})
    left.set(xlabel=f"energy of the training ({unit})", ylabel="test accuracy (%)")
    left.set_title("whisker: 95 % interval", fontsize=9)
    right.set(xlabel="epoch", ylabel="test accuracy (%)")
    right.set_title("mean of the seeds", fontsize=9)
    for axes in (left, right):
        axes.margins(0.12)
        axes.grid(linewidth=0.4)
    right.xaxis.get_major_locator().set_params(integer=True)
    legend_beside(right)
    figure.suptitle(f"{training['workload']}, {training['train_samples']} training and {training['test_samples']} test samples, "
                    f"batch {training['batch']}", fontsize=10)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("training", type=Path)
    parser.add_argument("--out", type=Path, help="folder (default: that of TRAINING.json)")
    arguments = parser.parse_args()
    require()
    training = json.loads(arguments.training.read_text(encoding="utf-8"))
    if not isinstance(training, dict) or "train_samples" not in training:
        raise FigureError(f"{arguments.training}: no training.json of a training")
    save(accuracy_figure(training), arguments.out or arguments.training.parent, "accuracy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
