#!/usr/bin/env python3
"""Writes configs/technology/*.json from the published and synthesised numbers in tests/data/energy.

Every price is {value, unit, source, low, high}; low and high bound a triangular distribution.
Usage: make_technology.py [--check] [--data DIR] [--out DIR]
  --check  write nothing; exit 1 when a file differs from what would be written
"""

import argparse
import csv
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SYNTHESIS = "RTL synthesis (yosys, gate simulation) calibrated on Horowitz, ISSCC 2014: {}"
HOROWITZ = "Horowitz, Computing's energy problem, ISSCC 2014, 45 nm, 0.9 V"
STILLMAKER = "Stillmaker and Baas, Integration 58 (2017) 74-81, doi 10.1016/j.vlsi.2017.02.002"
DATAPATH = "least-squares fit to the synthesised units"

# Energy and area of logic relative to 45 nm at 0.9 V.
NODES = {
    45: (1.0, 1.0, "reference node"),
    65: (1.58, 1.5, STILLMAKER),
    32: (0.64, 0.46, STILLMAKER),
    22: (0.22, 0.24, STILLMAKER + "; area not tabulated there at 22 nm, taken as (22/45)^2"),
}

# Synthesised unit: operand element, accumulator. Operands of a unit are of the same kind.
MAC_UNITS = {
    "bf16_mac_fp32": ("e8m7", "fp32", 0),
    "fp16_mac_fp32": ("e5m10", "fp32", 0),
    "e4m3_mac_fp32": ("e4m3", "fp32", 0),
    "e5m2_mac_fp32": ("e5m2", "fp32", 0),
    "e2m5_mac_fp32": ("e2m5", "fp32", 0),
    "e3m2_mac_fp32": ("e3m2", "fp32", 0),
    "e2m1_mac_fp32": ("e2m1", "fp32", 0),
    "mxsf_mac_fp32": ("e3m2+e2m5", "fp32", 0),
    "mxsf_mac_fx": ("e3m2+e2m5", "exact_block", 36),
    "e2m5_mac_fx": ("e2m5", "exact_block", 22),
    "e3m2_mac_fx": ("e3m2", "exact_block", 24),
    "e4m3_mac_fx": ("e4m3", "exact_block", 42),
    "int8_mac_fx": ("int8", "exact_block", 24),
    "int8w32_mac_fx": ("int8", "fixed", 32),
}

# Ratio to BF16 of a narrow multiplier with FP32 accumulation, built up from published adders and multipliers: the FP32
# adder (0.9 pJ) is most of both.
BUILD_UP = 0.92


def price(value, unit, source, low=None, high=None):
    return {"value": value, "unit": unit, "source": source,
            "low": value if low is None else low, "high": value if high is None else high}


def scaled(value, unit, source, low_factor, high_factor):
    return price(value, unit, source, round(value * low_factor, 9), round(value * high_factor, 9))


def read_table(path, key):
    with open(path, newline="", encoding="utf-8") as file:
        return {key(row): row for row in csv.DictReader(file)}


class Sources:
    def __init__(self, folder):
        self.units = read_table(folder / "pe_synthesis_45nm.csv", lambda row: row["unit"])
        self.published = read_table(folder / "arithmetic.csv",
                                    lambda row: (row["op"], row["format"], row["node_nm"]))

    def energy(self, unit):
        return float(self.units[unit]["pj_per_op"])

    def area(self, unit):
        return float(self.units[unit]["nand2_equivalents"])

    def horowitz(self, op, number):
        row = self.published[(op, number, "45")]
        assert row["kind"] == "published", (op, number)
        return float(row["pj_per_op"])


def mac_energy(sources, unit, note):
    own = sources.energy(unit)
    if unit == "bf16_mac_fp32":
        return price(own, "pJ", note)
    note += "; band: ratio to BF16"
    high = 1.2 * own
    if MAC_UNITS[unit][1] == "fp32" and unit != "fp16_mac_fp32":
        note += ", up to a build-up from published adders and multipliers"
        high = max(high, BUILD_UP * sources.energy("bf16_mac_fp32"))
    return price(own, "pJ", note, round(0.8 * own, 9), round(high, 9))


def mac_rows(sources):
    rows = []
    for unit, (element, accumulator, bits) in MAC_UNITS.items():
        note = SYNTHESIS.format(unit)
        rows.append({
            "element": element, "accumulator": accumulator, "accumulator_bits": bits,
            "energy": mac_energy(sources, unit, note),
            "area": scaled(sources.area(unit), "NAND2", note, 0.9, 1.1),
        })
    return rows


def pe(sources):
    flop = 1.92
    return {
        "mac": mac_rows(sources),
        "block_end": [{
            "accumulator_bits": bits,
            "energy": scaled(sources.energy(unit), "pJ", SYNTHESIS.format(unit), 0.8, 1.2),
            "area": scaled(sources.area(unit), "NAND2", SYNTHESIS.format(unit), 0.9, 1.1),
        } for bits, unit in ((24, "blk_fp24"), (36, "blk_fp36"))],
        "datapath_energy": {
            "multiplier": price(3.72, "fJ/bit^2", DATAPATH),
            "adder": price(3.14, "fJ/bit", DATAPATH),
            "shifter": price(0.452, "fJ/bit-stage", DATAPATH),
            "flop": price(flop, "fJ/flop", DATAPATH),
            "error": price(1, "ratio", "closed form against the synthesised multiply-accumulate "
                           "units, which it is not used for: 19 % on average, 54 % at most", 0.65, 1.54),
        },
        "datapath_area": {
            "multiplier": price(8.16, "NAND2/bit^2", DATAPATH),
            "adder": price(6.13, "NAND2/bit", DATAPATH),
            "shifter": price(2.70, "NAND2/bit-stage", DATAPATH),
            "flop": price(5.67, "NAND2/flop", DATAPATH),
            "error": price(1, "ratio", "closed form against the synthesised units left out of "
                           "its fit: 11 % on average, 46 % at most", 0.68, 1.46),
        },
        "register": scaled(flop, "fJ/bit", "assumed: a flop of the datapath fit; high: Aladdin "
                           "(ISCA 2014), 9 fJ/bit at 40 nm", 0.5, 9 / flop),
        "gated_fraction": price(0.1, "ratio", "assumed: energy of a multiply-accumulate whose "
                                "operand registers are held", 0.03, 0.3),
        "clock_fraction": price(0.1, "ratio", "assumed: clock tree per BF16 PE and cycle as a part "
                                "of its multiply-accumulate; other PEs by their flop bits", 0.03, 0.2),
        "pass_control": price(10, "pJ", "assumed: counters and broadcast of one array pass",
                              1, 100),
    }


def vector(sources):
    add, mul = sources.horowitz("add", "FP32"), sources.horowitz("mul", "FP32")
    step = add + mul
    synthesised_mul = sources.energy("fp32_mul")

    def iterative(steps, what):
        return price(round(steps * step, 9), "pJ", f"assumed: {what} as {steps} FP32 multiply-add "
                     f"steps on the lane ({HOROWITZ})", 2 * step, 8 * step)

    lane = sum(sources.area(unit) for unit in ("fp32_add", "fp32_mul", "int32_add"))
    return {
        "add": scaled(add, "pJ", HOROWITZ + ", FP32 add", 0.8, 1.2),
        "mul": price(mul, "pJ", HOROWITZ + ", FP32 multiply; low: synthesised unit",
                     synthesised_mul, round(1.2 * mul, 9)),
        "compare": price(sources.horowitz("add", "INT32"), "pJ",
                         "assumed: comparison as an INT32 subtraction (" + HOROWITZ +
                         "); low: Aladdin 32-bit compare, 40 nm", 0.0295, 0.2),
        "divide": iterative(4, "division"),
        "sqrt": iterative(4, "square root"),
        "exp": iterative(6, "exponential"),
        "log": iterative(6, "logarithm"),
        "operand_registers": price(round(96 * 0.009, 9), "pJ", "assumed: three 32-bit registers "
                                   "an operation at 9 fJ/bit (Aladdin, ISCA 2014, 40 nm)",
                                   round(96 * 0.00192, 9), round(192 * 0.009, 9)),
        "lane_area": scaled(round(lane, 9), "NAND2", "assumed: an FP32 adder, an FP32 multiplier "
                            "and a comparator a lane; " + SYNTHESIS.format(
                                "fp32_add, fp32_mul, int32_add"), 0.8, 1.6),
    }


def requant(sources):
    def synthesised(unit, low=0.8, high=1.2, note=""):
        return scaled(sources.energy(unit), "pJ", SYNTHESIS.format(unit) + note, low, high)

    encode = "rq_mxsf_m23"
    decode = sources.energy(encode) / 2
    lane = 1.5 * sources.area(encode) + sources.area("rq_max")
    return {
        "max": synthesised("rq_max"),
        "encode_float": synthesised(encode, 0.7, 1.3, "; stands for every element with exponent"),
        "encode_int": synthesised("rq_int8_m23", 0.7, 1.3, "; stands for every integer element"),
        "decode": scaled(round(decode, 9), "pJ", "assumed: half of " + encode, 0.5, 2),
        "convert": synthesised("int16_add", 0.5, 2, "; assumed: rounding is a 16-bit increment"),
        "lane_area": scaled(round(lane, 9), "NAND2", "assumed: encoder, half as much again for "
                            "the decoder, maximum search; " + SYNTHESIS.format("rq_*"), 0.7, 2),
    }


def dram():
    return {
        "access_error": price(1, "ratio", "spread of published LPDDR4-class figures around "
                              "8 pJ/bit: 3.7 (LPDDR3, ISSCC 2012) to 14 (Ha, Stanford 2018)",
                              0.46, 1.75),
        "background_error": price(1, "ratio", "assumed: standby, refresh and controller power of "
                                  "a channel", 0.33, 2),
    }


def technology(sources, node):
    energy, area, source = NODES[node]
    spread = (1, 1) if node == 45 else (0.8, 1.25)
    return {
        "node_nm": node,
        "logic_energy_scale": scaled(energy, "ratio", source, *spread),
        "logic_area_scale": scaled(area, "ratio", source, *spread),
        "logic_energy_error": price(1, "ratio", "absolute energy of the synthesised units, common "
                                    "to all of them", 0.5, 1.5),
        "nand2_area": price(0.91, "um^2", "assumed: NAND2 at 45 nm, placed", 0.8, 1.1),
        "logic_leakage": price(2, "nW/NAND2", "assumed: low-power 45 nm process, as the SRAM cells",
                               0.1, 17),
        "pe": pe(sources),
        "sram": {
            "table": "sram_cacti.csv",
            "cell": "itrs-lstp",
            "access": "macro",
            "model_error": price(1, "ratio", "assumed: CACTI 7 against a built macro", 0.8, 1.2),
            "read_interpolation": price(1, "ratio", "between table points: three times the mean "
                                        "leave-one-out error of 5.6 %", 0.83, 1.17),
            "write_interpolation": price(1, "ratio", "between table points: three times the mean "
                                         "leave-one-out error of 10 %", 0.7, 1.3),
            "second_port_energy": price(1.25, "ratio", "assumed: longer word and bit lines of a cell "
                                        "that is larger on both sides by the root of its area",
                                        1.1, 1.5),
            "second_port_area": price(1.6, "ratio", "assumed: eight transistors, two word lines and "
                                      "two pairs of bit lines a cell; low: one more read port, "
                                      "high: second decoders and sense amplifiers too", 1.3, 2),
        },
        "vector": vector(sources),
        "requant": requant(sources),
        "dma": {
            "wire_energy": price(0.121, "pJ/bit/mm", "Keckler et al., IEEE Micro 31(5) 2011, table "
                                 "1: 310 pJ for 256 bits over 10 mm, 40 nm, 0.9 V", 0.06, 0.24),
            "wire_length": price(2, "mm", "assumed: controller to buffer", 1, 4),
        },
        "dram": dram(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--data", type=Path, default=ROOT / "tests/data/energy")
    parser.add_argument("--out", type=Path, default=ROOT / "configs/technology")
    arguments = parser.parse_args()
    sources = Sources(arguments.data)
    stale = []
    for node in NODES:
        path = arguments.out / f"{node}nm.json"
        text = json.dumps(technology(sources, node), indent=2) + "\n"
        if arguments.check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(str(path))
        else:
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path} is not what make_technology.py writes", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
