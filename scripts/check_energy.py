#!/usr/bin/env python3
"""Recomputes the energies of report.json (or of every run in compare.json) from its event counts, the chip and the
technology file, without any code of the simulator.

Usage: check_energy.py REPORT.json --chip CHIP.json

Checks that every price is that of the technology file, that every price was paid as often as its event was counted,
and that terms, components, layers and totals add up. Prints one line a fault; exit code 1 if there is any.
"""

import argparse
import csv
import json
import math
import re
import sys
from pathlib import Path

RELATIVE_TOLERANCE = 1e-12  # sums in another order
PICOJOULES_PER_MILLIWATT_SECOND = 1e9
STATIC_EVENTS = "standing power"
RANK_STATES = ("dram_open_rank_cycles", "dram_closed_rank_cycles", "dram_open_down_cycles", "dram_closed_down_cycles")
VECTOR_EVENTS = ("add", "mul", "compare", "divide", "sqrt", "exp", "log")


def close(a, b):
    return math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-300)


def load(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def inline(value, folder):
    """A part of a file that stands in place or in a file of its own, and the folder its paths start from."""
    if isinstance(value, str):
        return load(folder / value), (folder / value).parent
    return value, folder


class Sram:
    """CACTI results of one node and cell; straight lines between points of the log-log plot."""

    FIELDS = ("e_read_pj", "e_write_pj")

    def __init__(self, path, node_nm, cell):
        self.points = self.rows(path, node_nm, cell)
        # Bank counts that the table lacks for a cell: one bank's macro times the ratio of the cell that has them all.
        every = self.rows(path, node_nm, "itrs-lstp")
        for (banks, width), curve in every.items():
            for capacity, values in curve.items():
                one = self.points.get((1, width), {}).get(capacity)
                every_one = every.get((1, width), {}).get(capacity)
                if one and every_one and capacity not in self.points.get((banks, width), {}):
                    estimate = [value * a / b for value, a, b in zip(values, one, every_one)]
                    self.points.setdefault((banks, width), {})[capacity] = estimate

    def rows(self, path, node_nm, cell):
        points = {}
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["node_nm"] == str(node_nm) and row["cell"] == cell:
                    leakage = float(row["leak_mw"]) + float(row["gate_leak_mw"])
                    values = [float(row[field]) for field in self.FIELDS] + [leakage]
                    key = (int(row["banks"]), int(row["width_bit"]))
                    points.setdefault(key, {})[int(row["capacity_B"])] = values
        return points

    def buffer(self, capacity, word_bits, banks, access="macro"):
        """(read pJ, write pJ, leakage mW) of a buffer; an access may be priced as one to a macro of one bank."""
        abreast = -(-word_bits // 1024)
        width = max(32, -(-word_bits // abreast))
        capacity = -(-capacity // abreast)
        read, write, leakage = self.macro(capacity, width, banks)
        if access == "bank":
            read, write, _ = self.macro(-(-capacity // banks), width, 1)
        return [read * abreast, write * abreast, leakage * abreast]

    def macro(self, capacity, width, banks):
        narrowest = min(width for _, width in self.points)
        smallest = {b: min(self.points[(b, narrowest)]) for b, _ in self.points}
        tabulated = max([b for b in smallest if b <= banks and smallest[b] <= capacity] or [min(smallest)])
        widths = sorted(width for banks, width in self.points if banks == tabulated)
        below = max([w for w in widths if w <= width] or widths[:1])
        above = min([w for w in widths if w >= width] or widths[-1:])
        values = [self.along_capacity(self.points[(tabulated, w)], capacity) for w in (below, above)]
        t = math.log(width / below) / math.log(above / below) if above > below else 0
        read, write, leakage = [math.exp(math.log(a) * (1 - t) + math.log(b) * t) if above > below else a
                                for a, b in zip(*values)]
        return [read, write, leakage * tabulated]

    @staticmethod
    def along_capacity(curve, capacity):
        if capacity in curve:
            return curve[capacity]
        sizes = sorted(curve)
        if capacity < sizes[0] or len(sizes) == 1:
            return curve[sizes[0]]
        above = next((i for i, size in enumerate(sizes) if size > capacity), len(sizes) - 1)
        low, high = sizes[above - 1], sizes[above]
        t = math.log(capacity / low) / math.log(high / low)
        return [math.exp(math.log(a) * (1 - t) + math.log(b) * t) for a, b in zip(curve[low], curve[high])]


class Element:
    """A GEMM operand by its name in a report: int8, e4m3, e3m2+e2m5."""

    def __init__(self, name):
        if name.startswith("int"):
            self.bits = self.significand = self.fixed_bits = int(name[3:])
            self.exponent_bits = self.span = 0
            return
        ranges = [tuple(map(int, re.fullmatch(r"e(\d+)m(\d+)", part).groups())) for part in name.split("+")]
        binades = sum(2**e - 1 for e, _ in ranges)  # one code of each exponent field lies below its range
        self.span = binades - 1
        self.fixed_bits = self.span + ranges[0][1] + 1
        self.exponent_bits = math.ceil(math.log2(binades + 1))
        self.significand = 1 + max(m for _, m in ranges)
        magnitudes = sum((2**e - 1) * 2**m for e, m in ranges) + 2**ranges[0][1]
        self.bits = 1 + math.ceil(math.log2(magnitudes))


class Prices:
    """Prices by name, from the technology and chip files. `array` (rows and columns) stands for that of the chip file:
    at equal area each format has an array of its own. `sizes`, of a search at equal area, also tells the buffers."""

    def __init__(self, chip_path, array=None, sizes=None):
        folder = Path(chip_path).parent
        self.chip = load(chip_path)
        if sizes:
            self.set_buffers(sizes["tried"][sizes["best"]])
        self.chip["array"].update(array or {})
        self.technology, technology_folder = inline(self.chip["technology"], folder)
        self.device, _ = inline(self.chip["dram"]["device"], folder)
        sram = self.technology["sram"]
        self.sram = Sram(technology_folder / sram["table"], self.technology["node_nm"], sram["cell"])
        self.scale = self.value("logic_energy_scale")
        self.macs = ["e8m7 fp32"]  # multiply-accumulates that every PE is built for, by name

    def set_buffers(self, sizes):
        """A buffer with a slice at each column keeps one there."""
        for name, size in sizes["buffer_bytes"].items():
            buffer = self.chip["buffers"][name]
            buffer["bytes"] = size
            if buffer.get("slices", 1) > 1 and buffer["slices"] == self.chip["array"]["columns"]:
                buffer["slices"] = sizes["columns"]

    def value(self, path):
        node = self.technology
        for key in path.split("."):
            node = node[key]
        return node["value"]

    def mac(self, name):
        """pJ of "ELEMENT ACCUMULATOR" (synthesised) or "A x B ACCUMULATOR" (closed form)."""
        operands, accumulator = name.removeprefix("scaled ").rsplit(" ", 1)
        for unit in self.technology["pe"]["mac"]:
            if (unit["element"], self.unit_accumulator(unit)) == (operands, accumulator):
                return [self.ordered(unit) * self.scale]
        a, b = map(Element, operands.split(" x "))
        width = self.exact_width(a, b, accumulator)
        if width is not None:
            return [self.between(self.exact_parts(a, b, width)) * self.scale]
        significand = {"fp32": 24, "bf16": 8}[accumulator]
        scale_bits = 10 if name.startswith("scaled ") else 0  # of exponent adders
        return [self.between(self.float_parts(a, b, significand, scale_bits)) * self.scale]

    @staticmethod
    def unit_accumulator(unit):
        return unit["accumulator"] + (str(unit["accumulator_bits"]) if unit["accumulator"] == "fixed" else "")

    def unit_parts(self, unit):
        element = Element(unit["element"])
        if unit["accumulator"] == "fp32":
            return self.float_parts(element, element, 24, 10 if element.bits <= 8 else 0)
        return self.exact_parts(element, element, unit["accumulator_bits"])

    def ordered(self, unit):
        """pJ of a synthesised unit, not below one whose parts it contains."""
        return self.at_least(unit["energy"]["value"], self.unit_parts(unit))

    def at_least(self, value, parts):
        return max([value] + [unit["energy"]["value"] for unit in self.technology["pe"]["mac"]
                              if all(x <= y for x, y in zip(self.unit_parts(unit), parts))])

    def between(self, parts):
        """pJ of the closed form, in the order of the synthesised units."""
        value = min([self.closed_form(parts)] + [self.ordered(unit) for unit in self.technology["pe"]["mac"]
                                                 if all(x <= y for x, y in zip(parts, self.unit_parts(unit)))])
        return self.at_least(value, parts)

    @staticmethod
    def exact_width(a, b, accumulator):
        """Bits of an integer sum: of 32 products, of a dot product, or as configured. None for a float."""
        kind, number = re.fullmatch(r"([a-z_]+)(\d*)", accumulator).groups()
        if kind == "fixed":
            return int(number)
        terms = {"exact_block": 32, "dot": int(number or 1)}.get(kind)
        return terms and a.fixed_bits + b.fixed_bits + math.ceil(math.log2(terms)) + 1

    def float_parts(self, a, b, significand, scale_bits):
        aligned = significand + 3
        stages = math.ceil(math.log2(aligned))
        adder = (4 * (8 + 2) + 2 * (aligned + 2) + significand + max(a.exponent_bits, b.exponent_bits) + 1 +
                 scale_bits)
        return (a.significand * b.significand, adder, aligned * stages + (aligned + 1) * stages + 2 * aligned,
                a.bits + b.bits + 8 + significand)

    @staticmethod
    def exact_parts(a, b, width):
        adder = max(a.exponent_bits, b.exponent_bits) + 1 + 2 * width
        return (a.significand * b.significand, adder, 0.6 * width * math.ceil(math.log2(a.span + b.span + 1)),
                a.bits + b.bits + width)

    def closed_form(self, parts):
        cost = self.technology["pe"]["datapath_energy"]
        return sum(cost[key]["value"] * part
                   for key, part in zip(("multiplier", "adder", "shifter", "flop"), parts)) * 1e-3

    def register(self, event, bits):
        array = self.chip["array"]
        depth = {"stationary_moves": 1, "operand_a_reads": (array["rows"] + 1) / 2}
        stages = depth.get(event, (array["columns"] + 1) / 2)
        return self.value("pe.register") * 1e-3 * bits * stages * self.scale

    def buffer(self, unit, word_bits):
        name = unit.split(".")[1]
        spec = self.chip["buffers"][name]
        holds_operands = not set(spec.get("roles", [name])) <= {"accumulator", "accumulators", "stream", "streams"}
        ports = spec.get("ports", 1) - 1 + (holds_operands and spec.get("transposed_read") == "second_port")
        energy = self.value("sram.model_error") * self.value("sram.second_port_energy")**ports
        leakage = self.value("sram.model_error") * self.value("sram.second_port_area")**ports
        values = self.grouped(spec, self.bank_groups(name, spec), word_bits)
        return [value * factor for value, factor in zip(values, (energy, energy, leakage))]

    def bank_groups(self, name, spec):
        """Groups of banks that serve a grid: of activations one a row, of weights one a column, of sums one an array."""
        if spec.get("bank_groups", 0):
            return spec["bank_groups"]
        grid = self.chip["array"].get("grid", {})
        rows, columns = grid.get("rows", 1), grid.get("columns", 1)
        groups = {"input": rows, "activations": rows, "weight": columns, "weights": columns,
                  "accumulator": rows * columns, "accumulators": rows * columns, "stream": 1, "streams": 1}
        return max(groups.get(role, max(rows, columns)) for role in spec.get("roles", [name]))

    def grouped(self, spec, groups, word_bits):
        """A macro for each group's share; together they never leak less than fewer groups, or a macro a bank."""
        banks = spec.get("banks", 4)
        slices = spec.get("slices", 1)
        access = spec.get("access", "technology")
        if access == "technology":
            access = self.technology["sram"]["access"]

        def macros(count, each):
            read, write, leakage = self.sram.buffer(-(-spec["bytes"] // (count * slices)), -(-word_bits // slices), each,
                                                    access)
            return [read * slices, write * slices, leakage * count * slices]

        read, write, leakage = macros(groups, banks)
        if groups > 1:
            leakage = max([leakage, macros(groups * banks, 1)[2]] +
                          [macros(fewer, banks)[2] for fewer in range(1, groups)] +
                          [macros(fewer * banks, 1)[2] for fewer in range(2, groups)])
        return [read, write, leakage]

    def multicast(self):
        """pJ of a byte over the edge of a square of one array's area."""
        grid = self.chip["array"].get("grid", {})
        arrays = grid.get("rows", 1) * grid.get("columns", 1)
        return 8 * math.sqrt(self.array_mm2 / arrays) * self.value("dma.wire_energy")

    def transposer(self, part):
        """pJ of a byte: eight registers in a row, or the multiplexers in front of them."""
        bit = {"registers": "pe.register", "multiplexers": "pe.datapath_energy.shifter"}[part]
        return 8 * 8 * self.value(bit) * 1e-3 * self.scale

    def patch(self, rows, access):
        """pJ of a byte: its share of a word of four BF16 elements in an SRAM of so many rows."""
        return self.sram.buffer(rows * 8, 64, 1)[access == "write"] / 8 * self.value("sram.model_error")

    @staticmethod
    def parts_of(mac):
        """Operands and accumulator of a multiply-accumulate by its name."""
        operands, accumulator = mac.removeprefix("scaled ").rsplit(" ", 1)
        return (*map(Element, (operands.split(" x ") * 2)[:2]), accumulator)

    def sum_bits(self, mac):
        """Of the exact sum that a scale-and-add unit takes; behind a floating-point sum that of 32 products."""
        for unit in self.technology["pe"]["mac"]:
            if f"{unit['element']} {self.unit_accumulator(unit)}" == mac:
                return unit["accumulator_bits"]
        a, b, accumulator = self.parts_of(mac)
        return self.exact_width(a, b, accumulator) or self.exact_width(a, b, "exact_block")

    def flop_bits(self, mac, dot_products):
        """Of the PE of a multiply-accumulate by its name, with the dot products of its array, if any."""
        a, b, accumulator = self.parts_of(mac)
        sums = {"fp32": 32, "bf16": 16}.get(accumulator) or self.sum_bits(mac)
        significand = max(a.significand, b.significand)
        widths = [row["width"] for row in dot_products
                  if significand <= row["significand_bits"]]
        return (widths or [1])[0] * (a.bits + b.bits) + sums

    def clock(self):
        array = self.chip["array"]
        dot_products = array.get("dot_product", [])
        flops = max(self.flop_bits(mac, dot_products) for mac in self.macs) / self.flop_bits("e8m7 fp32", [])
        grid = array.get("grid", {})
        pes = array["rows"] * array["columns"] * grid.get("rows", 1) * grid.get("columns", 1)
        return (self.mac("e8m7 fp32")[0] * self.value("pe.clock_fraction") * pes * flops *
                self.chip["clock_hz"] * 1e-9)

    def dram_byte(self):
        energy = self.device["energy"]
        return (8 * sum(energy.get(f"{part}_pj_per_bit", 0) for part in ("activate", "array", "io")) *
                self.value("dram.access_error"))

    def channels(self):
        return self.chip["dram"].get("channels", 0) or self.device["organisation"]["channels"]

    def ranks(self):
        """Of the device as its file states it: other numbers of channels have ranks of the same power."""
        organisation = self.device["organisation"]
        return organisation["channels"] * organisation.get("pseudo_channels", 1) * organisation.get("ranks", 1)

    def rank_cycle(self, state):
        """pJ of a rank in one of its states for a cycle of the DRAM."""
        energy, down = self.device["energy"], state.endswith("down_cycles")
        if energy["kind"] == "per_bit":
            power = (down and energy.get("power_down_mw", 0)) or energy.get("background_mw", 0)
            power /= self.ranks()
        else:
            standby = energy["idd3n_ma" if "open" in state else "idd2n_ma"]
            current = (down and energy.get("idd3p_ma" if "open" in state else "idd2p_ma", 0)) or standby
            power = energy["vdd_v"] * energy["devices_per_rank"] * current
        return power * 1e9 / self.device["clock_hz"] * self.value("dram.background_error")

    def expected(self, name):
        """(unit, event, possible prices) of a price by name; no prices where they follow from more than these files
        say (logic leakage from area, commands from currents). None for an unknown name."""
        scaled = {"requant max": "max", "requant encode float": "encode_float", "requant encode int": "encode_int",
                  "requant decode": "decode", "convert": "convert", "vector convert": "convert"}
        if name in scaled:
            event = {"max": "requant_max", "decode": "requant_decode", "convert": "convert"}
            unit = "vector" if name.startswith("vector") else "requant"
            kind = scaled[name]
            return unit, event.get(kind, "requant_encode"), [self.value(f"requant.{kind}") * self.scale]
        if name.startswith("mac "):
            return "array", "mac", self.mac(name[4:])
        if name.startswith("gated mac "):
            gated = self.value("pe.gated_fraction")
            return "array", "mac_gated", [price * gated for price in self.mac(name[10:])]
        if match := re.fullmatch(r"block end (\d+)", name):
            ends = {end["accumulator_bits"]: end["energy"]["value"] for end in self.technology["pe"]["block_end"]}
            nearest = {min(ends, key=lambda end, bits=self.sum_bits(mac): abs(end - bits)) for mac in self.macs}
            return "array", "block_accumulate", [ends[int(match[1])] * self.scale] if int(match[1]) in nearest else []
        if name == "pass control":
            return "array", "pass", [self.value("pe.pass_control") * self.scale]
        if match := re.fullmatch(r"register (\w+) (\d+) bit", name):
            return "array", match[1], [self.register(match[1], int(match[2]))]
        if match := re.fullmatch(r"(sram\.\w+) (\d+) bit (read|write)", name):
            price = self.buffer(match[1], int(match[2]))[match[3] == "write"]
            return match[1], f"sram_{match[3]}s", [price]
        if match := re.fullmatch(r"transposer (\w+)", name):
            return "sram", f"transposed_bytes by {match[1]}", [self.transposer(match[1])]
        if match := re.fullmatch(r"requant patch (\d+)x\d+ (read|write)", name):
            return "requant", f"transposed_bytes by {match[2]}", [self.patch(int(match[1]), match[2])]
        if name in ("stochastic rounding", "vector random words"):
            # A shift register of 16 bits and an adder of 16 bits, in fJ a bit.
            costs = self.technology["pe"]["datapath_energy"]
            word = 16 * (costs["flop"]["value"] + costs["adder"]["value"]) * 1e-3 * self.scale
            return "vector" if name.startswith("vector") else "requant", "random_draws", [word]
        if name == "hadamard add":
            return "requant", "hadamard_adds", [self.value("vector.add") * self.scale]
        if name == "vector registers":
            return "vector", "vector operations", [self.value("vector.operand_registers") * self.scale]
        if name.startswith("vector_"):
            return "vector", name, [self.value("vector." + name[7:]) * self.scale]
        if name == "multicast wires":
            return "array", "multicast_bytes", [self.multicast()]
        if name == "dma wires":
            return "dma", "bytes", [8 * self.value("dma.wire_energy") * self.value("dma.wire_length")]
        by_the_bit = self.device["energy"]["kind"] == "per_bit"
        if name in RANK_STATES:
            return "dram", name, [self.rank_cycle(name)]
        if name.startswith("dram_"):
            return "dram", name, [self.dram_byte()] if by_the_bit else None
        if name == "clock":
            return None, STATIC_EVENTS, [self.clock()]
        if name.endswith(" leakage"):
            return None, STATIC_EVENTS, None
        return None


def counted(report, unit, event):
    """How often the report says an event was counted."""
    units = report["unit_events"]
    if event == STATIC_EVENTS:
        return report["totals"]["time_s"] * PICOJOULES_PER_MILLIWATT_SECOND
    if event == "vector operations":
        return sum(units["vector"].get(f"vector_{op}", 0) for op in VECTOR_EVENTS)
    if unit == "sram":
        return sum(events.get(event.split(" ")[0], 0) for name, events in units.items() if name.startswith("sram."))
    if unit == "dma":
        return units["dma.read"].get("dma_read_bytes", 0) + units["dma.write"].get("dma_write_bytes", 0)
    return units[unit].get(event.split(" ")[0], 0)


def check_prices(report, prices):
    paid = {}
    terms = report["energy_terms"]
    prices.array_mm2 = report.get("area_mm2", {}).get("array", 0)
    prices.macs = [term["name"][4:] for term in terms if term["name"].startswith("mac ")] or prices.macs
    for term in report["energy_terms"]:
        name, price = term["name"], term["price"]
        expected = prices.expected(name)
        if expected is None:
            yield f"{name}: a price this check does not know"
            continue
        unit, event, values = expected
        if values is not None and not any(close(price, value) for value in values):
            yield f"{name}: priced {price}, the technology file says {' or '.join(map(str, values))}"
        if term["energy_pj"] != term["amount"] * price:
            yield f"{name}: {term['energy_pj']} pJ is not {term['amount']} x {price} pJ"
        key = (unit, event, name) if event == STATIC_EVENTS else (unit, event)
        paid[key] = paid.get(key, 0) + term["amount"]
    for (unit, event, *_), amount in paid.items():
        times = counted(report, unit, event)
        if not close(amount, times):
            yield f"{event}: paid {amount} times, counted {times} times"


def check_leakage(report, prices):
    """SRAM leakage is in the CACTI table; logic leakage follows from the array's area."""
    words = dict(re.fullmatch(r"(sram\.\w+) (\d+) bit read", term["name"]).groups()
                 for term in report["energy_terms"] if re.fullmatch(r"sram\.\w+ \d+ bit read", term["name"]))
    for term in report["energy_terms"]:
        unit = term["name"].removesuffix(" leakage")
        if unit not in words or unit == term["name"]:
            continue
        leakage = prices.buffer(unit, int(words[unit]))[2]
        if not close(term["price"], leakage):
            yield f"{term['name']}: {term['price']} mW, the SRAM table says {leakage} mW"


def check_rank_states(report, prices):
    """Every rank is in one state in each cycle of the DRAM's clock."""
    counted_cycles = sum(report["unit_events"]["dram"].get(state, 0) for state in RANK_STATES)
    cycles = prices.ranks() * report["totals"]["time_s"] * prices.device["clock_hz"]
    if abs(counted_cycles - cycles) > prices.ranks():
        yield f"dram: its ranks are in some state for {counted_cycles} cycles, the run has {cycles}"


def check_sums(report):
    components = {}
    for term in report["energy_terms"]:
        components[term["component"]] = components.get(term["component"], 0) + term["energy_pj"]
    for name, energy in report["energy_pj"].items():
        if not close(energy, components.get(name, 0)):
            yield f"energy_pj/{name}: {energy} pJ, its terms add up to {components.get(name, 0)} pJ"
    total = report["totals"]["energy_pj"]
    if not close(total, sum(report["energy_pj"].values())):
        yield f"totals/energy_pj: {total} pJ, the components add up to {sum(report['energy_pj'].values())} pJ"
    layers = sum(layer["energy_pj"] for layer in report["layers"])
    if not close(total, layers):
        yield f"totals/energy_pj: {total} pJ, the layers add up to {layers} pJ"
    for name, energy in report["energy_pj"].items():
        layers = sum(layer["energy_by_component_pj"].get(name, 0) for layer in report["layers"])
        if not close(energy, layers):
            yield f"energy_pj/{name}: {energy} pJ, the layers add up to {layers} pJ"


def check_figures(report):
    """Figures of merit from totals alone; an operation is a multiplication or an addition."""
    totals = report["totals"]
    tera_operations, energy_j = 2e-12 * totals["macs"], 1e-12 * totals["energy_pj"]
    expected = {"tops": tera_operations / totals["time_s"], "tops_per_w": tera_operations / energy_j,
                "tops_per_mm2": tera_operations / totals["time_s"] / report["area_mm2"]["total"],
                "average_power_w": energy_j / totals["time_s"],
                "energy_delay_product_js": energy_j * totals["time_s"]}
    for name, value in expected.items():
        if not close(totals[name], value):
            yield f"totals/{name}: {totals[name]}, recomputed {value}"
    if totals["peak_power_w"] < totals["average_power_w"] * (1 - RELATIVE_TOLERANCE):
        yield "totals/peak_power_w: below the average power"


def check_savings(document):
    """Savings of a comparison against its baseline's totals."""
    baseline = next(run for run in document["runs"] if run["label"] == document["baseline"])
    for run in document["runs"]:
        saving, moved = run["saving"], lambda r: r["dram_read_bytes"] + r["dram_write_bytes"]
        expected = {"energy": run["energy_pj"] / baseline["energy_pj"], "time": run["time_s"] / baseline["time_s"],
                    "dram_bytes": moved(run) / moved(baseline),
                    "energy_delay_product": run["energy_delay_product_js"] / baseline["energy_delay_product_js"]}
        for name, ratio in expected.items():
            if not math.isclose(saving[name], 1 - ratio, rel_tol=0, abs_tol=RELATIVE_TOLERANCE):
                yield f"{run['label']}: saving/{name} {saving[name]}, recomputed {1 - ratio}"
        if not saving["energy_low"] <= saving["energy"] <= saving["energy_high"]:
            yield f"{run['label']}: the saving lies outside its own band"
        if document["equal"] != "pe":
            silicon = run["sizes"]["silicon_mm2"] if "sizes" in run else baseline["area_mm2"]
            if run["area_mm2"] > silicon * (1 + 1e-9):
                yield f"{run['label']}: {run['area_mm2']} mm2 are more than the baseline's {silicon}"
        if "sizes" in run:
            least = min(each["energy_delay_product_js"] or math.inf for each in run["sizes"]["tried"])
            if run["energy_delay_product_js"] != least:
                yield f"{run['label']}: {run['energy_delay_product_js']} J s, a size that was tried has {least}"


def check(report, prices):
    yield from check_prices(report, prices)
    yield from check_leakage(report, prices)
    yield from check_rank_states(report, prices)
    yield from check_sums(report)
    yield from check_figures(report)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--chip", type=Path, required=True)
    arguments = parser.parse_args()
    document = load(arguments.report)
    runs = document.get("runs", [{"report": document}])
    faults = 0
    for fault in check_savings(document) if "runs" in document else ():
        print(fault, file=sys.stderr)
        faults += 1
    for run in runs:
        report = run["report"]
        label = report.get("formats", {}).get("default", "run")
        for fault in check(report, Prices(arguments.chip, report.get("array"), run.get("sizes"))):
            print(f"{label}: {fault}", file=sys.stderr)
            faults += 1
        print(f"{label}: {len(report['energy_terms'])} prices, {report['totals']['energy_pj'] * 1e-12:.6g} J")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
