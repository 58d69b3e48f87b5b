#!/usr/bin/env python3
"""The pricing of models/rtl: netlists compute what they should, energies are those of a count by hand, the fit recovers its numbers."""

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("price_pes", str(ROOT / "scripts/price_pes"))
price_pes = importlib.util.module_from_spec(importlib.util.spec_from_loader("price_pes", loader))
loader.exec_module(price_pes)
operands, netlist = price_pes.operands, price_pes.Netlist
LIBRARY = price_pes.read_library(price_pes.LIBRARY)
VOLTS, WIRE = 1.1, 0.1774


def netlist_of(cells, inputs, outputs):
    """A netlist of cells (type, pins) and ports (name -> bits)."""
    ports = {name: {"direction": "input", "bits": bits} for name, bits in inputs.items()}
    ports.update({name: {"direction": "output", "bits": bits} for name, bits in outputs.items()})
    module = {"ports": ports, "cells": {str(i): {"type": kind, "connections": {pin: [bit] for pin, bit in pins.items()}}
                                        for i, (kind, pins) in enumerate(cells)}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "netlist.json"
        path.write_text(json.dumps({"modules": {"top": module}}), encoding="utf-8")
        return netlist(path, "top", LIBRARY)


def simulated(name):
    """Inputs by port and outputs after the last cycle of a priced unit's gates."""
    unit = price_pes.UNITS[name]
    with tempfile.TemporaryDirectory() as folder:
        gates = price_pes.synthesise(unit, Path(folder), LIBRARY)
    inputs = unit["stimulus"](np.random.Generator(np.random.PCG64(1)))
    stimulus = {port: operands.words(values[:20], bits) for port, (values, bits) in inputs.items() if port in gates.ports}
    _, outputs = gates.simulate(stimulus, 2)
    return {port: values for port, (values, _) in inputs.items()}, outputs


def numbers(planes):
    """Integers of 64 x words streams from bit planes [bits, words]."""
    streams = (planes[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    weights = np.uint64(1) << np.arange(len(planes), dtype=np.uint64)
    return (streams.reshape(len(planes), -1) * weights[:, None]).sum(axis=0, dtype=np.uint64)


def values(name, codes):
    row = price_pes.ELEMENTS[name]
    width = row["exp"] + row["man"]
    grid = operands.magnitudes(row)
    return np.where(codes >> np.uint64(width), -1.0, 1.0) * grid[codes & np.uint64(2**width - 1)]


class Gates(unittest.TestCase):
    def test_a_block_pe_sums_what_a_loop_does(self):
        inputs, outputs = simulated("e3m2+e2m5 exact_block 30")
        products = values("e3m2+e2m5", inputs["a"]) * values("e3m2+e2m5", inputs["b"]) * 2.0**18
        # The operand registers hold cycle 18, the part the cycles before it, from the block's first on.
        expected = products[:18].sum(axis=0).astype(np.int64)
        self.assertTrue((numbers(outputs["part"]).astype(np.int64) == expected % 2**30).all())

    def test_a_float_pe_sums_what_a_loop_does(self):
        inputs, outputs = simulated("e2m1 fp32")
        sums = np.zeros(192, dtype=np.float32)
        for cycle in range(18):
            scales = inputs["a_scale"][cycle].astype(int) + inputs["b_scale"][cycle].astype(int) - 254
            products = values("e2m1", inputs["a"][cycle]) * values("e2m1", inputs["b"][cycle]) * 2.0**scales
            sums = (sums.astype(np.float64) + products).astype(np.float32)
        self.assertTrue((numbers(outputs["sum"]) == sums.view(np.uint32)).all())

    def test_an_inverter_costs_what_its_nets_and_its_inside_do(self):
        gates = netlist_of([("INV", {"A": 2, "Y": 3})], {"x": [2]}, {"y": [3]})
        toggling = np.array([[[~np.uint64(0)]] if cycle % 2 else [[np.uint64(0)]] for cycle in range(10)], dtype=np.uint64)
        (settled, glitches), outputs = gates.simulate({"x": toggling}, 2)
        net = 1.5771 * WIRE
        self.assertAlmostEqual(settled[0], 0.53 + 0.5 * VOLTS**2 * (1.70 + net + net), places=9)
        self.assertAlmostEqual(glitches[0], 0, places=9)
        self.assertEqual(outputs["y"][0][0], 0)

    def test_a_late_input_makes_a_glitch(self):
        gates = netlist_of([("BUF", {"A": 2, "Y": 3}), ("XOR2", {"A": 2, "B": 3, "Y": 4})], {"x": [2]}, {"y": [4]})
        toggling = np.array([[[~np.uint64(0)]] if cycle % 2 else [[np.uint64(0)]] for cycle in range(10)], dtype=np.uint64)
        (_, glitches), _ = gates.simulate({"x": toggling}, 2)
        self.assertAlmostEqual(glitches[0], 2 * (7.0 + 0.5 * VOLTS**2 * 1.5771 * WIRE), places=9)

    def test_the_longest_path_is_counted_through_gates_alone(self):
        gates = netlist_of([("BUF", {"A": 2, "Y": 3}), ("XOR2", {"A": 2, "B": 3, "Y": 4})], {"x": [2]}, {"y": [4]})
        depth, delay = gates.longest_path()
        self.assertEqual(depth, 2)
        self.assertAlmostEqual(delay, 25 + 2.0 * (2.41 + 1.5771 * WIRE) + 35 + 2.9 * 1.5771 * WIRE, places=9)


class Streams(unittest.TestCase):
    def test_mxsf_codes_are_those_of_the_format(self):
        block = np.array([5.3, -1.0, 1.015625, 0.97, 0.9375, 0.93, 0.5, 0.3, -0.1, 0.013, 2.0**-8, 1.5 * 2.0**-9, 2.0**-10]
                         + [0.0] * 19)
        codes, scales = operands.quantize(price_pes.ELEMENTS["e3m2+e2m5"], block)
        self.assertEqual([int(code) for code in codes[:13]],
                         [0x6A, 0xA0, 0x20, 0x20, 0x20, 0x1F, 0x1C, 0x19, 0x92, 0x07, 0x02, 0x02, 0x00])
        self.assertEqual(set(scales), {127})

    def test_largest_numbers_are_those_of_the_formats(self):
        largest = {name: operands.magnitudes(row)[-1] for name, row in price_pes.ELEMENTS.items() if row["kind"] != "bf16"}
        self.assertEqual(largest, {"e2m1": 6, "e3m2": 28, "e2m3": 7.5, "e4m3": 448, "e5m2": 57344, "e2m5": 7.875,
                                   "e3m2+e2m5": 7.875, "int8": 127 / 64})

    def test_exact_sums_of_a_block_fit(self):
        bits = {name: price_pes.exact_bits(price_pes.ELEMENTS[name]) for name in ("e3m2+e2m5", "e2m5", "e3m2", "e4m3")}
        self.assertEqual(bits, {"e3m2+e2m5": 30, "e2m5": 22, "e3m2": 24, "e4m3": 42})


class Calibration(unittest.TestCase):
    def test_the_fit_recovers_its_numbers(self):
        keys = list(price_pes.CALIBRATION)
        rng = np.random.Generator(np.random.PCG64(3))
        measured = {key: {"fj": rng.uniform(1, 1000, (2, 1))} for key in keys}
        wanted = {key: (0.002 * (measured[key]["fj"][0, 0] + 0.3 * measured[key]["fj"][1, 0]), 1.0) for key in keys}
        share, factor = price_pes.fit(measured, wanted, keys)
        self.assertEqual(share, 0.3)
        self.assertAlmostEqual(factor, 0.002)

    def test_every_calibration_unit_has_a_published_energy_and_area(self):
        published = price_pes.published()
        self.assertEqual(set(published), set(price_pes.CALIBRATION))
        self.assertEqual(published[("add", "FP32")], (0.9, 4184.0))


class Program(unittest.TestCase):
    def test_an_unknown_unit_is_refused(self):
        run = subprocess.run([sys.executable, str(ROOT / "scripts/price_pes"), "--unit", "e9m9"], capture_output=True, text=True,
                             check=False)
        self.assertEqual(run.returncode, 1)
        self.assertTrue(run.stderr.startswith('price_pes: unknown unit "e9m9"; units: e2m1 fp32, e3m2 fp32,'), run.stderr)


if __name__ == "__main__":
    unittest.main()
