"""The study of recipes in its smallest form: three recipes learn the bytes of a made-up text; the page has the numbers of the trainings.

    study_recipes_test.py MXSIM
"""
import csv
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import matplotlib  # noqa: F401
except ImportError:
    print("python3-matplotlib is not installed: nothing is tested")
    sys.exit(0)

ROOT = Path(__file__).resolve().parent.parent.parent
MXSIM = Path(sys.argv[1]).absolute()
RECIPES = ("mxfp6-all", "nvfp4")


def study(folder, *more):
    return subprocess.run([sys.executable, ROOT / "scripts/study_recipes", "--program", MXSIM, "--text", folder / "text", "--recipes",
                           ",".join(RECIPES), "--seeds", "2", "--epochs", "2", "--work", folder / "work", "--study", folder / "study", *more],
                          capture_output=True, text=True, check=False)


def trained(folder, label):
    return json.loads((folder / "work" / label / "training.json").read_text())["formats"][0]


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "text").write_text("".join(f"{i} bytes make a word. " for i in range(170)))
    done = study(folder)
    assert done.returncode == 0, done.stderr
    with open(folder / "study/results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 2 * 2, rows
    for label in ("bf16", *RECIPES):
        format_ = trained(folder, label)
        for run in format_["runs"]:
            losses = [float(row["loss"]) for row in rows if row["recipe"] == label and int(row["seed"]) == run["seed"]]
            assert losses == [epoch["loss"] for epoch in run["epochs"]], (label, losses)
            # ln 256: a model that knows nothing.
            assert losses[1] < losses[0] < math.log(256) + 0.1, (label, losses)
    # The first steps of the seeds differ between formats, so no curve is drawn twice.
    assert len({row["loss"] for row in rows}) == len(rows)
    page = (folder / "study/README.md").read_text(encoding="utf-8")
    ours, base = ([run["epochs"][-1]["loss"] for run in trained(folder, label)["runs"]] for label in ("nvfp4", "bf16"))
    differences = [a - b for a, b in zip(ours, base)]
    half = 12.7062 * abs(differences[0] - differences[1]) / 2
    line = next(line for line in page.splitlines() if line.startswith("| nvfp4 |"))
    assert f"| {sum(differences) / 2:.4f} ± {half:.4f} |" in line, (line, differences)
    saved = 100 * (1 - trained(folder, "nvfp4")["total"]["energy_pj"] / trained(folder, "bf16")["total"]["energy_pj"])
    assert line.endswith(f"| {saved:.1f} |") and saved > 0, line
    assert (folder / "study/loss.png").stat().st_size > 5000
    again = study(folder, "--report")
    assert again.returncode == 0 and (folder / "study/README.md").read_text(encoding="utf-8") == page, again.stderr
    wrong = study(folder, "--recipes", "nvfp5")
    assert wrong.returncode == 1 and 'did you mean "nvfp4"' in wrong.stderr, wrong.stderr
print("recipes: page and picture have the numbers of the trainings")
