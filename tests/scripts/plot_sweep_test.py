#!/usr/bin/env python3
"""scripts/plot_sweep.py: made-up results give the axes, fronts and labels that follow from them; real ones are drawn."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pictures import SCRIPTS, bytes_of_pictures, load_script, run_script, texts

SWEEP = SCRIPTS.parent / "configs/sweeps/tiny_cnn.json"
SIMULATOR = None
HEADER = "point,status,pareto,/formats/default,/chip/array/rows,/chip/array/columns,/chip/dma/bytes_per_cycle,cycles,energy_pj," \
         "area_mm2,dram_read_bytes,dram_write_bytes,energy_pj/pe,error"
SHAPES = ((4, 16), (8, 8), (16, 4))


def made_up_results():
    lines = [HEADER]
    for f, name in enumerate(("bf16", "mxsf")):
        for s, (rows, columns) in enumerate(SHAPES):
            for b, width in enumerate((8, 16)):
                cycles, energy = 30000 - 9000 * b + 400 * s + 700 * f, 2.7e7 - 4e6 * f + 1e6 * abs(s - 1)
                lines.append(f"{len(lines) - 1},ok,0,{name},{rows},{columns},{width},{cycles},{energy},0.4,1000,2000,5,")
    lines.append(f"{len(lines) - 1},failed,0,fp9,8,8,8,,,,,,,unknown format")
    return "\n".join(lines) + "\n"


def written(folder):
    path = Path(folder) / "results.csv"
    path.write_text(made_up_results())
    return path


class PlotSweep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.script = load_script("plot_sweep.py")

    def test_keys_that_change_together_are_one_axis(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = self.script.read_rows(written(folder), [])
        axes = self.script.axes_of(rows)
        self.assertEqual([axis.name() for axis in axes], ["formats default", "rows × columns", "dma bytes per cycle"])
        self.assertEqual(axes[1].values, ["4 × 16", "8 × 8", "16 × 4"])
        self.assertEqual(axes[2].label(), "dma bytes per cycle (bytes/cycle)")
        self.assertEqual(len(rows), 12, "a failed point is no result")

    def test_conditions_leave_the_results_that_have_them(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = self.script.read_rows(written(folder), ["default=mxsf", "/chip/dma/bytes_per_cycle=16"])
        self.assertEqual([row["point"] for row in rows], ["7", "9", "11"])

    def test_the_front_is_what_no_point_beats(self):
        points = [(3, 1), (1, 3), (2, 2), (2, 3), (3, 3), (1, 3), (4, 0.5), (4, 1)]
        expected = [place for place, (x, y) in enumerate(points)
                    if not any((a, b) != (x, y) and a <= x and b <= y for a, b in points)]
        front = self.script.front_of(points)
        self.assertEqual({points[place] for place in front}, {points[place] for place in expected})
        self.assertEqual([points[place] for place in front], [(1, 3), (2, 2), (3, 1), (4, 0.5)])

    def test_columns_have_units_and_fitting_sizes(self):
        rows = [{"cycles": "25000", "energy_pj": "3e7", "energy_pj/pe": "2e9", "time_s": "2e-5", "area_mm2": "0.5",
                 "energy_delay_product_js": "0.01", "dram_read_bytes": "3000000", "dram_write_bytes": "1000000",
                 "tops": "1", "dram_bytes_over_bound": "1.2"}]
        expected = {"cycles": ("thousand cycles", 25), "energy": ("energy (µJ)", 30), "energy_pj/pe": ("energy: pe (mJ)", 2),
                    "time_s": ("time s (µs)", 20), "area": ("area (mm²)", 0.5), "edp": ("edp (J s)", 0.01),
                    "dram_bytes": ("dram bytes (MB)", 4), "tops": ("tops (TOPS)", 1),
                    "dram_bytes_over_bound": ("dram bytes over bound (ratio)", 1.2)}
        for name, (label, value) in expected.items():
            column = self.script.Value(name, rows)
            self.assertEqual(column.label(), label)
            self.assertAlmostEqual(column.of(rows[0]), value)

    def test_pictures_show_their_axes_and_the_same_results_give_the_same_bytes(self):
        pictures = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                result = run_script("plot_sweep.py", written(folder), "--x", "rows", "--y", "bytes_per_cycle", "--value", "cycles")
                self.assertEqual(result.returncode, 0, result.stderr)
                pictures.append(bytes_of_pictures(folder))
                for name, labels in {
                        "sweep_lines_cycles": {"rows × columns (PE)", "thousand cycles", "bf16, 8", "mxsf, 16", "16 × 4"},
                        "sweep_map_cycles": {"rows × columns (PE)", "dma bytes per cycle (bytes/cycle)", "thousand cycles",
                                             "bf16", "mxsf", "30.8", "21.7"},
                        "sweep_pareto": {"thousand cycles", "energy (µJ)", "formats default", "mxsf, 4 × 16, 16",
                                         "bf16, 4 × 16, 16", "12 points, 4 on the front; labels: formats default, "
                                         "rows × columns, dma bytes per cycle"}}.items():
                    self.assertLessEqual(labels, texts(Path(folder) / f"{name}.svg"), name)
        self.assertEqual(pictures[0], pictures[1])
        self.assertEqual(len(pictures[0]), 6)

    def test_what_cannot_be_drawn_is_refused_in_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = written(folder)
            for arguments, message in ((("--x", "columnz"), 'no axis "columnz"'), (("--value", "joule"), 'no column of numbers "joule"'),
                                       (("--where", "rows=5"), "--where rows=5: no result has it"),
                                       (("--where", "row=4"), 'no axis "row"')):
                result = run_script("plot_sweep.py", path, *arguments)
                self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result.stderr)
                self.assertIn(message, result.stderr)
            self.assertFalse(bytes_of_pictures(folder))
            missing = run_script("plot_sweep.py", path.with_name("none.csv"))
            self.assertEqual((missing.returncode, len(missing.stderr.splitlines())), (1, 1), missing.stderr)


class Simulator(unittest.TestCase):
    def test_a_sweep_is_drawn(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([SIMULATOR, "sweep", SWEEP, "--out", folder], check=True, capture_output=True)
            result = run_script("plot_sweep.py", Path(folder) / "results.csv")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(len(bytes_of_pictures(folder)), 6)
            axes = {key.rsplit("/", 1)[-1] for axis in json.loads(SWEEP.read_text())["axes"] for key in
                    [axis.get("key", ""), *[part["key"] for part in axis.get("zip", [])]] if key}
            self.assertEqual(axes, {"default", "rows", "columns", "bytes_per_cycle"})
            self.assertLessEqual({"rows × columns", "dma bytes per cycle (bytes/cycle)"},
                                 {text.replace(" (PE)", "") for text in texts(Path(folder) / "sweep_map_energy.svg")})


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
