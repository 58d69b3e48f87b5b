#!/usr/bin/env python3
"""The prices of configs/technology are those of the sources they cite, written down here a second time: a price that
is changed to reach some result fails."""

import hashlib
import json
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "configs/technology"

# pJ an operation and NAND2 equivalents at 45 nm: units synthesised from RTL.
SYNTHESISED = {
    ("e8m7", "fp32"): (1.103, 2663.9), ("e5m10", "fp32"): (1.375, 3106.8), ("e4m3", "fp32"): (0.6127, 2023.6),
    ("e5m2", "fp32"): (0.568, 2022.3), ("e2m5", "fp32"): (0.8404, 2356.2), ("e3m2", "fp32"): (0.5765, 1944.4),
    ("e2m1", "fp32"): (0.5742, 1892.8), ("e3m2+e2m5", "fp32"): (0.7293, 2349.3),
    ("e3m2+e2m5", "exact_block"): (0.4707, 1235.3), ("e2m5", "exact_block"): (0.3451, 808.4),
    ("e3m2", "exact_block"): (0.2282, 637.5), ("e4m3", "exact_block"): (0.3292, 1113.7),
    ("int8", "exact_block"): (0.4095, 952.2), ("int8", "fixed"): (0.4337, 1083.8),
}
# Horowitz, ISSCC 2014 (FP32 add and multiply, INT32 add); Keckler, IEEE Micro 2011 (wire).
PUBLISHED = {"vector.add": 0.9, "vector.mul": 3.7, "vector.compare": 0.1, "dma.wire_energy": 0.121}
# Stillmaker and Baas 2017: energy of logic relative to 45 nm.
NODES = {45: 1.0, 65: 1.58, 32: 0.64, 22: 0.22}
# The CACTI 7 results, byte for byte.
SRAM_SHA256 = "738f22cda1f159b9bdc91a56164a0239a0a8c706e7d53c65e4adcf1a64a97f22"


def technology(node):
    return json.loads((FOLDER / f"{node}nm.json").read_text(encoding="utf-8"))


def prices(value, path=""):
    """(path, price) of every price in a technology file."""
    if isinstance(value, dict):
        if "value" in value:
            yield path, value
        else:
            for key, part in value.items():
                yield from prices(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from prices(part, f"{path}.{index}")


class Sources(unittest.TestCase):
    def test_processing_elements_are_the_synthesised_ones_at_every_node(self):
        for node in NODES:
            units = {(unit["element"], unit["accumulator"]): (unit["energy"]["value"], unit["area"]["value"])
                     for unit in technology(node)["pe"]["mac"]}
            self.assertEqual(units, SYNTHESISED, node)

    def test_published_operations_and_wires_are_as_published(self):
        for node in NODES:
            found = dict(prices(technology(node)))
            for path, value in PUBLISHED.items():
                self.assertEqual(found[path]["value"], value, (node, path))

    def test_logic_scales_by_the_published_factors(self):
        for node, factor in NODES.items():
            self.assertEqual(technology(node)["logic_energy_scale"]["value"], factor, node)

    def test_the_sram_table_is_the_cacti_run(self):
        self.assertEqual(hashlib.sha256((FOLDER / "sram_cacti.csv").read_bytes()).hexdigest(), SRAM_SHA256)

    def test_factors_that_could_tune_a_result_are_one(self):
        for node in NODES:
            for path, price in prices(technology(node)):
                if path.endswith("_error") or path.endswith("_interpolation") or path.endswith(".error"):
                    self.assertEqual(price["value"], 1, (node, path))

    def test_every_price_has_a_source_and_a_band_around_its_value(self):
        for node in NODES:
            for path, price in prices(technology(node)):
                self.assertTrue(price["source"].strip(), (node, path))
                self.assertLessEqual(price["low"], price["value"], (node, path))
                self.assertGreaterEqual(price["high"], price["value"], (node, path))


if __name__ == "__main__":
    unittest.main(argv=[__file__])
