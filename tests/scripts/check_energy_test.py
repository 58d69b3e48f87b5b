#!/usr/bin/env python3
"""scripts/check_energy.py against a report put together by hand, and against planted faults.

With the path of the simulator as argument also against a run of it."""

import contextlib
import copy
import io
import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import check_energy  # noqa: E402

CHIP = ROOT / "configs/chips/tiny-8x8.json"
SIMULATOR = None

# 8x8 PEs at 500 MHz, 45 nm, LPDDR4 at 8 pJ/bit and 150 mW; 16 KiB buffers with 64-bit words: the single-bank row
# "45,itrs-lstp,16384,64,1" of the SRAM table (four banks start at 64 KiB).
SRAM_READ_PJ, SRAM_LEAKAGE_MW = (lambda row: (float(row[5]), float(row[7]) + float(row[8])))(
    next(line for line in (ROOT / "configs/technology/sram_cacti.csv").read_text().splitlines()
         if line.startswith("45,itrs-lstp,16384,64,1,")).split(","))
# Words of four BF16 elements, 32 of them: the table begins at 1 KiB.
PATCH_READ_PJ, PATCH_WRITE_PJ = (lambda row: (float(row[5]), float(row[6])))(
    next(line for line in (ROOT / "configs/technology/sram_cacti.csv").read_text().splitlines()
         if line.startswith("45,itrs-lstp,1024,64,1,")).split(","))
TIME_S = 2e-6


def hand_made_report():
    static = TIME_S * 1e9
    rows = [
        ("mac e3m2+e2m5 fp32", "pe", 1000, 0.8404),
        ("pass control", "pe", 3, 10),
        ("register operand_a_reads 8 bit", "pe", 100, 8 * 1.92e-3 * 4.5),
        ("sram.input 64 bit read", "sram", 50, SRAM_READ_PJ),
        ("transposer registers", "sram", 160, 64 * 1.92e-3),
        ("transposer multiplexers", "sram", 160, 64 * 0.452e-3),
        ("dram_read_bytes", "dram", 640, 64),
        ("vector_add", "vector", 20, 0.9),
        ("vector_exp", "vector", 5, 6 * 4.6),
        ("vector registers", "vector", 25, 0.864),
        ("requant encode float", "requant", 30, 0.1872),
        ("requant patch 32x64 read", "requant", 60, PATCH_READ_PJ / 8),
        ("requant patch 32x64 write", "requant", 60, PATCH_WRITE_PJ / 8),
        ("dma wires", "dma", 700, 8 * 0.121 * 2),
        ("clock", "static", static, 0.1 * 1.103 * (8 + 8 + 32) / (16 + 16 + 32) * 64 * 0.5),
        ("dram_open_rank_cycles", "static", 9000, 150 / 4 / 1.6),
        ("dram_closed_rank_cycles", "static", 3000, 150 / 4 / 1.6),
        ("dram_closed_down_cycles", "static", 800, 40 / 4 / 1.6),
        ("sram.input leakage", "static", static, SRAM_LEAKAGE_MW),
    ]
    terms = [{"name": name, "component": component, "amount": amount, "price": price, "energy_pj": amount * price}
             for name, component, amount, price in rows]
    components = {}
    for term in terms:
        components[term["component"]] = components.get(term["component"], 0) + term["energy_pj"]
    total = sum(components.values())
    joules, tera_operations, area = total * 1e-12, 2e-12 * 1000, 0.4
    return {
        "totals": {"energy_pj": total, "time_s": TIME_S, "macs": 1000, "tops": tera_operations / TIME_S,
                   "tops_per_w": tera_operations / joules, "tops_per_mm2": tera_operations / TIME_S / area,
                   "average_power_w": joules / TIME_S, "peak_power_w": 2 * joules / TIME_S,
                   "energy_delay_product_js": joules * TIME_S},
        "area_mm2": {"total": area},
        "energy_pj": components,
        "energy_terms": terms,
        "unit_events": {
            "array": {"mac": 1000, "pass": 3, "operand_a_reads": 100},
            "sram.input": {"sram_reads": 50, "sram_read_bytes": 400, "transposed_bytes": 100},
            "sram.weight": {"transposed_bytes": 60},
            "dram": {"dram_read_bytes": 640, "dram_open_rank_cycles": 9000, "dram_closed_rank_cycles": 3000,
                     "dram_closed_down_cycles": 800},
            "dma.read": {"dma_read_bytes": 600}, "dma.write": {"dma_write_bytes": 100},
            "vector": {"vector_add": 20, "vector_exp": 5},
            "requant": {"requant_encode": 30, "transposed_bytes": 60},
        },
        "layers": [{"energy_pj": share * total,
                    "energy_by_component_pj": {name: share * energy for name, energy in components.items()}}
                   for share in (0.25, 0.75)],
        "formats": {"default": "mxsf"},
    }


def faults_of(report, sizes=None):
    return list(check_energy.check(report, check_energy.Prices(CHIP, report.get("array"), sizes)))


class HandMadeReport(unittest.TestCase):
    def test_a_report_of_counts_times_prices_has_no_fault(self):
        self.assertEqual(faults_of(hand_made_report()), [])

    def test_every_changed_price_is_found(self):
        for index in range(len(hand_made_report()["energy_terms"])):
            report = hand_made_report()
            term = report["energy_terms"][index]
            term["price"] *= 1.000001
            term["energy_pj"] = term["amount"] * term["price"]
            self.assertTrue(any(fault.startswith(term["name"]) for fault in faults_of(report)), term["name"])

    def test_every_miscounted_event_is_found(self):
        for index in range(len(hand_made_report()["energy_terms"])):
            report = hand_made_report()
            term = report["energy_terms"][index]
            term["amount"] += 1
            term["energy_pj"] = term["amount"] * term["price"]
            self.assertTrue(any("times, counted" in fault for fault in faults_of(report)), term["name"])

    def test_sums_that_do_not_add_up_are_found(self):
        for path in (("totals", "energy_pj"), ("energy_pj", "pe"), ("layers", 0, "energy_pj"),
                     ("layers", 1, "energy_by_component_pj", "sram"), ("totals", "tops"), ("totals", "tops_per_w"),
                     ("totals", "tops_per_mm2"), ("totals", "average_power_w"), ("totals", "energy_delay_product_js")):
            report = hand_made_report()
            place = report
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] *= 1.001
            self.assertNotEqual(faults_of(report), [], path)

    def test_cycles_in_which_a_rank_is_in_no_state_are_found(self):
        report = hand_made_report()
        report["unit_events"]["dram"]["dram_closed_rank_cycles"] -= 5
        self.assertTrue(any("in some state for 12795 cycles" in fault for fault in faults_of(report)))

    def test_a_price_without_rule_is_found(self):
        report = hand_made_report()
        extra = copy.deepcopy(report["energy_terms"][0])
        extra["name"] = "magic"
        report["energy_terms"].append(extra)
        self.assertIn("magic: a price this check does not know", faults_of(report))


class Formulas(unittest.TestCase):
    def test_sram_between_table_points_lies_on_a_straight_log_log_line(self):
        curve = {1024: [1.0, 2.0, 4.0], 4096: [9.0, 2.0, 1.0]}
        for value, expected in zip(check_energy.Sram.along_capacity(curve, 2048), (3, 2, 2)):
            self.assertAlmostEqual(value, expected)

    def test_words_of_192_bits_lie_between_those_of_128_and_256(self):
        sram = check_energy.Prices(CHIP).sram
        narrow, own, wide = (sram.buffer(262144, bits, 4)[0] for bits in (128, 192, 256))
        self.assertAlmostEqual(math.log(own / narrow), math.log2(1.5) * math.log(wide / narrow))

    def test_mxsf_costs_no_less_than_the_e2m5_that_it_contains(self):
        prices = check_energy.Prices(CHIP)
        self.assertEqual(prices.mac("e3m2+e2m5 fp32"), prices.mac("e2m5 fp32"))
        self.assertEqual(prices.mac("int8 fixed32"), [0.4337])

    def test_the_closed_form_of_an_mxsf_by_bf16_product(self):
        # 6 x 8 bit multiplier; adders 40 + 58 + 24 + 8 + 1; shifters 329; registers 8 + 16 + 32 flops
        expected = (3.72 * 48 + 3.14 * 131 + 0.452 * 329 + 1.92 * 56) * 1e-3
        self.assertAlmostEqual(check_energy.Prices(CHIP).mac("e3m2+e2m5 x e8m7 fp32")[0], expected)


class Simulator(unittest.TestCase):
    def setUp(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")

    def test_the_energy_of_a_run_is_recomputed_to_the_last_digits(self):
        with tempfile.TemporaryDirectory() as folder:
            for mode in ("train", "infer"):
                for form in ("mxsf", "bf16", "mxint8"):
                    subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--format", form,
                                    "--mode", mode, "--out", folder], check=True, capture_output=True)
                    report = json.loads((Path(folder) / "report.json").read_text())
                    self.assertEqual(faults_of(report), [], (mode, form))

    def test_exact_block_sums_are_recomputed_from_table_and_closed_form(self):
        with tempfile.TemporaryDirectory() as folder:
            for form in ("mxsf", "mxint8", "mxfp8_e3m4", "mxfp6_e2m3", "mxfp4_e2m1"):
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--format", form,
                                "--set", "/chip/array/accumulator=exact_block", "--out", folder],
                               check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                self.assertEqual(faults_of(report), [], form)
                self.assertTrue(any(term["name"].startswith("block end ") for term in report["energy_terms"]), form)

    def test_layers_of_formats_whose_sums_end_in_other_units_are_recomputed(self):
        cases = (("mxsf", "mxfp6_e3m2", "exact_block", {"block end 24", "block end 36"}),
                 ("mxfp8_e3m4", "e3m4fin", "fp32", {"mac scaled e3m4 x e3m4 fp32", "mac e3m4 x e3m4 fp32"}))
        with tempfile.TemporaryDirectory() as folder:
            for form, first, accumulator, names in cases:
                override = {"layers": "@first", "weights": first, "activations": first, "gradients": first}
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--format", form, "--set",
                                f"/chip/array/accumulator={accumulator}", "--set",
                                f"/formats/overrides={json.dumps([override])}", "--out", folder],
                               check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                self.assertEqual(faults_of(report), [], form)
                self.assertLessEqual(names, {term["name"] for term in report["energy_terms"]})

    def test_every_run_of_a_comparison_is_recomputed_at_equal_pes_and_at_equal_area(self):
        with tempfile.TemporaryDirectory() as folder:
            for iso in ("pe", "array", "area"):
                subprocess.run([SIMULATOR, "compare", ROOT / "configs/runs/tiny_cnn_train.json", "--formats",
                                "bf16,mxfp8_e4m3,mxsf", "--iso", iso, *(["--iso-edge", "1"] if iso == "array" else []),
                                "--out", folder], check=True, capture_output=True)
                compare = json.loads((Path(folder) / "compare.json").read_text())
                self.assertEqual((len(compare["runs"]), compare["equal"]), (3, iso))
                self.assertEqual(list(check_energy.check_savings(compare)), [])
                for run in compare["runs"]:
                    self.assertEqual(faults_of(run["report"], run.get("sizes")), [], run["format"])
                    self.assertEqual("sizes" in run, iso == "area")
                arrays = {(run["array"]["rows"], run["array"]["columns"]) for run in compare["runs"]}
                self.assertEqual(len(arrays) > 1, iso == "array")

    def test_results_of_streams_in_a_buffer_of_their_own_are_recomputed(self):
        energy = {}
        for streams in ({}, {"bytes": 4096, "banks": 2}, {"bytes": 4096, "ports": 2, "slices": 4, "access": "bank"}):
            with tempfile.TemporaryDirectory() as folder:
                chip = json.loads(CHIP.read_text())
                chip["dram"]["device"] = str(ROOT / "configs/dram/lpddr4-3200.json")
                chip["technology"] = str(ROOT / "configs/technology/45nm.json")
                if streams:
                    chip["buffers"]["stream"] = streams
                path = Path(folder) / "chip.json"
                path.write_text(json.dumps(chip))
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--set", f"/chip={path}",
                                "--out", folder], check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                self.assertEqual(list(check_energy.check(report, check_energy.Prices(path))), [], streams)
                words = report["unit_events"].get("sram.stream", {}).get("sram_writes", 0)
                self.assertEqual(words > 0, bool(streams))
                energy[len(streams)] = report["unit_events"]["sram.accumulator"]["sram_write_bytes"]
        self.assertLess(energy[2], energy[0])
        self.assertEqual(energy[2], energy[4])

    def test_all_arrays_of_a_grid_are_clocked(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--set",
                            '/chip/array/grid={"rows":2,"columns":2}', "--out", folder], check=True, capture_output=True)
            self.assertEqual(faults_of(json.loads((Path(folder) / "report.json").read_text())), [])

    def test_the_states_of_dram_ranks_are_priced_by_currents_and_power_down_saves(self):
        standing = {}
        for mode in ("none", "idle"):
            with tempfile.TemporaryDirectory() as folder:
                device = json.loads((ROOT / "configs/dram/ddr4-3200.json").read_text())
                device["power_down"]["mode"] = mode
                chip = json.loads(CHIP.read_text())
                chip["dram"]["device"] = device
                chip["technology"] = str(ROOT / "configs/technology/45nm.json")
                path = Path(folder) / "chip.json"
                path.write_text(json.dumps(chip))
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--set", f"/chip={path}",
                                "--out", folder], check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                self.assertEqual(list(check_energy.check(report, check_energy.Prices(path))), [], mode)
                states = [term for term in report["energy_terms"] if term["name"] in check_energy.RANK_STATES]
                self.assertEqual(any("down" in term["name"] for term in states), mode == "idle")
                standing[mode] = sum(term["energy_pj"] for term in states)
        self.assertLess(standing["idle"], standing["none"])

    def test_the_clock_of_dot_products_is_that_of_their_flops_over_a_single_bf16_product(self):
        for form in ("bf16", "mxsf"):
            with tempfile.TemporaryDirectory() as folder:
                chip = json.loads(CHIP.read_text())
                chip["array"]["dot_product"] = [{"significand_bits": 24, "width": 2}]
                chip["dram"]["device"] = str(ROOT / "configs/dram/lpddr4-3200.json")
                chip["technology"] = str(ROOT / "configs/technology/45nm.json")
                path = Path(folder) / "chip.json"
                path.write_text(json.dumps(chip))
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--format", form, "--set",
                                f"/chip={path}", "--out", folder], check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                self.assertEqual(list(check_energy.check(report, check_energy.Prices(path))), [], form)

    def test_ports_and_transposers_are_recomputed(self):
        for buffer, change, transposes in (("input", {"ports": 2}, True),
                                           ("weight", {"transposed_read": "second_port"}, False),
                                           ("weight", {"transposed_read": "gather"}, False),
                                           ("accumulator", {"ports": 2, "transposed_read": "second_port"}, True)):
            with tempfile.TemporaryDirectory() as folder:
                chip = json.loads(CHIP.read_text())
                chip["buffers"][buffer].update(change)
                chip["dram"]["device"] = str(ROOT / "configs/dram/lpddr4-3200.json")
                chip["technology"] = str(ROOT / "configs/technology/45nm.json")
                path = Path(folder) / "chip.json"
                path.write_text(json.dumps(chip))
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--set", f"/chip={path}",
                                "--out", folder], check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                self.assertEqual(list(check_energy.check(report, check_energy.Prices(path))), [], change)
                names = [term["name"] for term in report["energy_terms"]]
                self.assertEqual("transposer registers" in names, transposes, change)
                self.assertGreater(report["area_mm2"]["transposer"], 0)

    def test_sram_by_bank_slice_and_cell_is_recomputed(self):
        for sram, accumulator in (({"access": "bank"}, {}), ({}, {"access": "bank"}), ({}, {"slices": 32}),
                                  ({"cell": "itrs-lop"}, {}), ({"cell": "itrs-hp"}, {"slices": 4, "access": "bank"})):
            with tempfile.TemporaryDirectory() as folder:
                technology = json.loads((ROOT / "configs/technology/45nm.json").read_text())
                technology["sram"].update(table=str(ROOT / "configs/technology/sram_cacti.csv"), **sram)
                chip = json.loads((ROOT / "configs/chips/mxsafe-32x32.json").read_text())
                chip["dram"]["device"] = str(ROOT / "configs/dram/lpddr4-3200.json")
                chip["technology"] = technology
                chip["buffers"]["accumulator"].update(accumulator)
                (Path(folder) / "chip.json").write_text(json.dumps(chip))
                subprocess.run([SIMULATOR, "run", ROOT / "configs/runs/tiny_cnn_train.json", "--set",
                                f"/chip={folder}/chip.json", "--out", folder], check=True, capture_output=True)
                report = json.loads((Path(folder) / "report.json").read_text())
                prices = check_energy.Prices(Path(folder) / "chip.json")
                self.assertEqual(list(check_energy.check(report, prices)), [], (sram, accumulator))

    def test_savings_that_do_not_follow_from_totals_are_found(self):
        runs = [{"label": label, "energy_pj": energy, "time_s": 1, "dram_read_bytes": 4, "dram_write_bytes": 1,
                 "energy_delay_product_js": energy, "area_mm2": 2,
                 "saving": {"energy": 1 - energy, "energy_low": 0, "energy_high": 1, "time": 0, "dram_bytes": 0,
                            "energy_delay_product": 1 - energy}} for label, energy in (("bf16", 1), ("mxsf", 0.5))]
        document = {"baseline": "bf16", "equal": "area", "runs": runs}
        self.assertEqual(list(check_energy.check_savings(document)), [])
        for key, value in (("energy_pj", 0.6), ("time_s", 2), ("dram_read_bytes", 5), ("area_mm2", 3)):
            changed = copy.deepcopy(document)
            changed["runs"][1][key] = value
            self.assertNotEqual(list(check_energy.check_savings(changed)), [], key)


class CommandLine(unittest.TestCase):
    def run_main(self, report):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.json"
            path.write_text(json.dumps(report))
            sys.argv = ["check_energy.py", str(path), "--chip", str(CHIP)]
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                return check_energy.main()

    def test_the_exit_code_tells_whether_there_was_a_fault(self):
        self.assertEqual(self.run_main(hand_made_report()), 0)
        wrong = hand_made_report()
        wrong["totals"]["energy_pj"] *= 2
        self.assertEqual(self.run_main(wrong), 1)
        def run(label, report):
            return {"label": label, "report": report, **report["totals"], "dram_read_bytes": 1, "dram_write_bytes": 1,
                    "saving": {"energy": 0, "energy_low": 0, "energy_high": 0, "time": 0, "dram_bytes": 0,
                               "energy_delay_product": 0}}

        for second, code in ((hand_made_report(), 0), (wrong, 1)):
            document = {"baseline": "a", "equal": "pe", "runs": [run("a", hand_made_report()), run("b", second)]}
            self.assertEqual(self.run_main(document), code)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
