#!/usr/bin/env python3
"""scripts/plot_layers.py: bars hold what the report says, whatever number of layers is shown."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pictures import SCRIPTS, bytes_of_pictures, load_script, run_script, texts

RUN = SCRIPTS.parent / "configs/runs/tiny_cnn_train.json"
SIMULATOR = None


def layer(index, kind):
    cycles = 1000 * (1 + index % 4)
    return {"name": f"conv{index}", "pass": kind, "cycles": cycles,
            "energy_by_component_pj": {"pe": 100.0 * index, "sram": 50.0, "dram": 0.0},
            "units": {"array": {"busy": cycles - 300, "stall_dram": 200, "stall_new_cause": 40, "idle": 60}}}


def made_up_report():
    layers = [layer(index, kind) for index in range(6) for kind in ("forward", "update")]
    return {"workload": "made up", "mode": "train", "batch": 2, "formats": {"default": "mxsf"}, "layers": layers}


def written(folder):
    path = Path(folder) / "report.json"
    path.write_text(json.dumps(made_up_report()))
    return path


class PlotLayers(unittest.TestCase):
    def test_no_energy_is_lost_between_the_layers_shown_and_the_others(self):
        script = load_script("plot_layers.py")
        layers = made_up_report()["layers"]
        sums = script.add_up(layers, lambda each: each["energy_by_component_pj"])
        for count in (1, 2, 5, 6, 100):
            rows = script.rows_of(sums, count)
            self.assertEqual(len(rows), min(count, 6) + (count < 6))
            for part in ("pe", "sram"):
                self.assertAlmostEqual(sum(values[part] for _, values in rows),
                                       sum(each["energy_by_component_pj"][part] for each in layers))
        self.assertEqual([name for name, _ in script.rows_of(sums, 2)], ["conv4", "conv5", "4 others"])

    def test_pictures_show_units_and_causes_and_repeat(self):
        pictures = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                result = run_script("plot_layers.py", written(folder), "--layers", "4")
                self.assertEqual(result.returncode, 0, result.stderr)
                pictures.append(bytes_of_pictures(folder))
                for name, labels in {
                        "layer_energy": {"energy (nJ)", "pe", "sram", "2 others", "Energy: made up, train, batch 2, mxsf, all passes"},
                        "layer_cycles": {"thousand cycles", "forward", "update", "conv3"},
                        "layer_stalls": {"array (thousand cycles)", "busy", "waits: dram", "waits: new cause", "idle"}}.items():
                    self.assertLessEqual(labels, texts(Path(folder) / f"{name}.svg"), name)
                self.assertNotIn("dram", texts(Path(folder) / "layer_energy.svg"), "a component without energy")
        self.assertEqual(pictures[0], pictures[1])

    def test_what_cannot_be_drawn_is_refused_in_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = written(folder)
            for arguments, message in (((path, "--unit", "dma"), "no unit dma; there are array"),
                                       ((path, "--pass", "backward_data"), "no layer has a pass backward_data"),
                                       ((path.with_name("none.json"),), "no report.json of a run")):
                result = run_script("plot_layers.py", *arguments)
                self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result.stderr)
                self.assertIn(message, result.stderr)
            self.assertFalse(bytes_of_pictures(folder))


class Simulator(unittest.TestCase):
    def test_a_run_is_drawn(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([SIMULATOR, "run", RUN, "--out", folder], check=True, capture_output=True)
            result = run_script("plot_layers.py", Path(folder) / "report.json", "--unit", "vector", "--pass", "forward")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(len(bytes_of_pictures(folder)), 8)  # a roofline, two of the layers, the memory
            self.assertLessEqual({"vector (thousand cycles)", "waits: array"}, texts(Path(folder) / "layer_stalls.svg"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
