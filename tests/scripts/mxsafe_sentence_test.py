"""The sentence of MX-SAFE's abstract: numbers from made-up results whose means and intervals are known, and from a comparison.

    mxsafe_sentence_test.py MXSIM
"""
import csv
import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts/mxsafe_sentence"
sys.path.insert(0, str(ROOT / "scripts"))

import student  # noqa: E402

SIMULATOR = None
BF16 = (0.70, 0.72, 0.74)
# MXSF less E2M5: 1, 2, 3 points; less E4M3: -1, -1, -1.
SHARES = {"bf16": BF16, "mxsf": (0.69, 0.71, 0.73), "mxfp8_e2m5:8x8": (0.68, 0.69, 0.70), "mxfp8_e4m3:8x8": (0.70, 0.72, 0.74)}


def write_results(path, shares=SHARES):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "network", "data", "format", "seed", "accuracy", "energy_pj"])
        for kind in ("direct", "training"):
            for label, values in shares.items():
                writer.writerows([kind, "lenet", "plain", label, seed, value, 1] for seed, value in enumerate(values, 1))


def write_compare(path):
    report = {"workload": "net", "mode": "train", "batch": 2}
    run = {"format": "mxsf", "report": report, "saving": {"energy": 0.2, "energy_low": 0.15, "energy_high": 0.26}}
    path.write_text(json.dumps({"baseline": "bf16", "runs": [{"format": "bf16", "report": report}, run]}))


class Student(unittest.TestCase):
    def test_quantiles_are_those_of_the_tables(self):
        for freedom, t in ((1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (14, 2.145), (30, 2.042), (120, 1.980)):
            self.assertAlmostEqual(student.quantile_975(freedom), t, delta=6e-4)


class Sentence(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_results(self.folder / "results.csv")
        write_compare(self.folder / "compare.json")

    def run_script(self, *more, compare=True):
        files = ["--results", self.folder / "results.csv", *(["--compare", self.folder / "compare.json"] if compare else [])]
        return subprocess.run([sys.executable, SCRIPT, *files, *more], capture_output=True, text=True, check=False)

    def test_differences_are_taken_pair_by_pair(self):
        found = self.run_script("--json")
        self.assertEqual(found.returncode, 0, found.stderr)
        document = json.loads(found.stdout)
        rows = {(row["over"], row["kind"]): row for row in document["accuracy"]}
        self.assertEqual(len(rows), 6)
        row = rows["MXFP8 E2M5", "training"]
        self.assertAlmostEqual(row["points"], 2)
        self.assertAlmostEqual(row["half"], 4.303 / math.sqrt(3), delta=1e-3)
        self.assertEqual((row["pairs"], row["paper"]), (3, 11.1))
        self.assertAlmostEqual(rows["MXFP8 E4M3", "inference"]["points"], -1)
        self.assertAlmostEqual(rows["MXFP8 E4M3", "inference"]["half"], 0)
        self.assertEqual(document["saving"]["percent"], 20)

    def test_the_sentence_has_every_number_with_its_interval(self):
        text = self.run_script().stdout
        self.assertIn("plain data: MXSF changes accuracy by +2.00 ± 2.48 (inference) and +2.00 ± 2.48 (training) points over MXFP8 E2M5, "
                      "by -1.00 ± 0.00 (inference) and -1.00 ± 0.00 (training) points over MXFP8 E4M3; in training it takes 20.0 % "
                      "[15.0, 26.0] less energy than BF16 at -1.00 ± 0.00 points of accuracy beside it.", text)
        lines = [line for line in text.splitlines() if line.startswith(("plain data, training", "energy"))]
        self.assertTrue(lines[0].endswith("3  paper outside; no difference shown"), lines[0])
        self.assertTrue(lines[1].endswith("3  paper outside; loss"), lines[1])
        self.assertTrue(lines[-1].endswith("paper inside"), lines[-1])

    def test_a_single_pair_has_no_interval(self):
        write_results(self.folder / "results.csv", {label: values[:1] for label, values in SHARES.items()})
        text = self.run_script().stdout
        self.assertIn("by +1.00 (inference)", text)
        self.assertIn("one pair", text)

    def test_wrong_files_are_named(self):
        (self.folder / "results.csv").write_text("kind,data\ndirect,plain\n")
        found = self.run_script()
        self.assertEqual((found.returncode, found.stderr),
                         (2, f"{self.folder}/results.csv:2: no row of scripts/study_accuracy\n"))
        write_results(self.folder / "results.csv", {"bf16": BF16})
        self.assertIn("no pair of mxsf and mxfp8_e2m5:8x8 or mxfp8_e4m3:8x8", self.run_script().stderr)
        write_results(self.folder / "results.csv")
        (self.folder / "compare.json").write_text("{}")
        self.assertEqual(self.run_script().stderr, f"{self.folder}/compare.json: no comparison of mxsf with bf16\n")

    def test_without_a_comparison_the_simulator_makes_one(self):
        if SIMULATOR is None:
            self.skipTest("no simulator")
        found = self.run_script("--run", ROOT / "configs/runs/tiny_cnn_train.json", "--program", SIMULATOR, "--json", compare=False)
        self.assertEqual(found.returncode, 0, found.stderr)
        saving = json.loads(found.stdout)["saving"]
        self.assertEqual((saving["workload"], saving["batch"]), ("tiny_cnn", 2))
        self.assertLess(saving["low"], saving["percent"])
        self.assertLess(saving["percent"], saving["high"])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
