#!/usr/bin/env python3
"""scripts/plot_compare.py on a small made-up comparison: the pictures exist, show their labels and repeat."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pictures import texts

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts/plot_compare.py"
CHIP = ROOT / "configs/chips/mxsafe-32x32.json"
SIMULATOR = None
COMPONENTS = {"pe": 0.3, "sram": 0.2, "dram": 0.34, "vector": 0.05, "requant": 0.005, "dma": 0.005, "static": 0.1}


def layer(index, kind, scale):
    macs = 10**8 // (1 + index % 7)
    return {"name": f"stage{index // 4}.conv{index % 4}", "pass": kind, "macs": macs, "energy_pj": scale * macs,
            "dram_bytes": int(scale * 2e5 * (1 + index % 5)), "cycles": macs // 700 + 50000 * (index % 3) * (1 + index % 4)}


def run(name, scale):
    total = scale * 3e10
    layers = [layer(index, kind, scale) for index in range(30)
              for kind in ("forward", "backward_data", "backward_weight")]
    saving = 1 - scale
    return {"format": name, "energy_pj": total, "energy_low_pj": 0.7 * total, "energy_high_pj": 1.4 * total,
            "energy_by_component_pj": {key: share * total for key, share in COMPONENTS.items()},
            "saving": {"energy": saving, "energy_low": saving - 0.05, "energy_high": saving + 0.04,
                       "time": saving / 4, "dram_bytes": saving / 2},
            "label": name, "array": {"rows": 32, "columns": 32, "macs_per_cycle": 1024}, "report": {"layers": layers}}


def made_up_comparison():
    return {"baseline": "bf16", "runs": [run("bf16", 1), run("mxfp8_e4m3", 0.72), run("mxsf", 0.75)]}


def draw(folder):
    path = Path(folder) / "compare.json"
    path.write_text(json.dumps(made_up_comparison()))
    subprocess.run([sys.executable, SCRIPT, path, "--chip", CHIP], check=True, capture_output=True)
    return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir()) if file != path}


class PlotCompare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.pictures = draw(cls.folder.name)

    def test_four_pictures_are_drawn_each_as_png_and_svg(self):
        names = ("energy_by_component", "energy_by_layer", "roofline", "saving")
        self.assertEqual(sorted(self.pictures), sorted(name + end for name in names for end in (".png", ".svg")))
        for name, content in self.pictures.items():
            self.assertGreater(len(content), 5000, name)

    def test_axes_carry_units_and_bars_their_format(self):
        expected = {
            "energy_by_component": {"energy (mJ)", "bf16", "mxsf", "pe", "static"},
            "energy_by_layer": {"energy of all passes (µJ)", "10 others", "mxsf"},
            "saving": {"saved against bf16 (%)", "mxfp8_e4m3", "DRAM traffic"},
            "roofline": {"arithmetic intensity (MAC per DRAM byte)", "attained (GMAC/s)", "512 GMAC/s",
                         "25.6 GB/s", "backward weight"},
        }
        for name, labels in expected.items():
            self.assertLessEqual(labels, texts(Path(self.folder.name) / f"{name}.svg"), name)

    def test_the_same_comparison_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as second:
            self.assertEqual(self.pictures, draw(second))


class Simulator(unittest.TestCase):
    def test_a_comparison_of_the_simulator_is_drawn(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([SIMULATOR, "compare", ROOT / "configs/runs/tiny_cnn_train.json", "--formats", "bf16,mxsf",
                            "--out", folder], check=True, capture_output=True)
            subprocess.run([sys.executable, SCRIPT, Path(folder) / "compare.json", "--chip",
                            ROOT / "configs/chips/tiny-8x8.json"], check=True, capture_output=True)
            self.assertIn("energy (µJ)", texts(Path(folder) / "energy_by_component.svg"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
