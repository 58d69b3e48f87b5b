"""Gate-level netlists that yosys wrote: area, longest path, and switching energy by simulation of unit-delay gates. Energy comes in two
parts: transitions between settled values with the clock, and glitches on the way there, which unit delays overstate.

A bit of a uint64 word is one of 64 independent streams, so a gate is simulated for all of them at once.
"""

import json
import re
from dataclasses import dataclass

import numpy as np

SUPPLY = 1.1  # V, of the library's energies
WIRE_FF_PER_UM = 0.1774
# um by fanout; 5 um for each sink beyond.
WIRE_UM = (0, 1.5771, 3.9330, 6.6217, 9.7638, 13.5526, 18.1322, 22.5871, 25.1074, 27.6277, 30.1480)
MOST_STEPS = 1000


@dataclass
class Cell:
    area: float
    pins: dict  # input pin -> fF
    internal_fj: float
    clock_fj: float
    intrinsic_ps: float
    slope_ps: float


def read_library(path):
    """Cells by name of a liberty file in the layout of models/rtl/cells_45nm.lib."""
    cells = {}
    for name, body in re.findall(r"^  cell \((\w+)\) \{(.*?)^  \}", path.read_text(encoding="utf-8"), re.M | re.S):
        def number(key, default=0.0, text=body):
            found = re.search(rf"^    {key} : ([\d.]+);", text, re.M)
            return float(found.group(1)) if found else default
        pins = {pin: float(ff) for pin, ff in re.findall(r"pin \((\w+)\) \{ direction : input;.*?capacitance : ([\d.]+);", body)}
        cells[name] = Cell(number("area"), pins, number("internal_energy"), number("clock_energy"), number("intrinsic"),
                           number("slope"))
    return cells


FUNCTIONS = {
    "BUF": lambda a: a, "INV": lambda a: ~a,
    "NAND2": lambda a, b: ~(a & b), "NAND3": lambda a, b, c: ~(a & b & c),
    "NOR2": lambda a, b: ~(a | b), "NOR3": lambda a, b, c: ~(a | b | c),
    "AND2": lambda a, b: a & b, "OR2": lambda a, b: a | b, "XOR2": lambda a, b: a ^ b, "XNOR2": lambda a, b: ~(a ^ b),
    "AOI21": lambda a, b, c: ~((a & b) | c), "OAI21": lambda a, b, c: ~((a | b) & c),
    "AOI22": lambda a, b, c, d: ~((a & b) | (c & d)), "OAI22": lambda a, b, c, d: ~((a | b) & (c | d)),
    "MUX2": lambda a, b, s: (s & b) | (~s & a),
}


def ones(words):
    """Bits set in each row."""
    x = words.copy()
    x -= (x >> np.uint64(1)) & np.uint64(0x5555555555555555)
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (x * np.uint64(0x0101010101010101)) >> np.uint64(56)


class Netlist:
    def __init__(self, path, top, library):
        module = json.loads(path.read_text(encoding="utf-8"))["modules"][top]
        self.library = library
        self.ports = {name: port["bits"] for name, port in module["ports"].items() if port["direction"] == "input"}
        self.outputs = {name: port["bits"] for name, port in module["ports"].items() if port["direction"] == "output"}
        self.cells = [(cell["type"], {pin: bits[0] for pin, bits in cell["connections"].items()})
                      for cell in module["cells"].values()]
        used = [bit for bits in [*self.ports.values(), *self.outputs.values()] for bit in bits]
        used += [bit for _, pins in self.cells for bit in pins.values()]
        self.net_count = 1 + max(map(self._net, used))
        self._sort_gates()
        self._weigh_nets()

    def _net(self, bit):
        """Nets 0 and 1 are the constants; yosys numbers bits from 2."""
        return 1 if bit == "1" else 0 if bit in ("0", "x") else bit

    def _sort_gates(self):
        self.flops = [(self._net(pins["D"]), pins["Y"]) for kind, pins in self.cells if kind == "DFF"]
        self.groups = []  # (function, inputs of all gates of this kind, their outputs)
        for kind in FUNCTIONS:
            gates = [pins for name, pins in self.cells if name == kind]
            if gates:
                order = list(self.library[kind].pins)
                inputs = [np.array([self._net(pins[pin]) for pins in gates]) for pin in order]
                self.groups.append((FUNCTIONS[kind], inputs, np.array([pins["Y"] for pins in gates])))

    def _weigh_nets(self):
        """Load of each net in fF and the energy of one of its transitions in fJ."""
        load, sinks = np.zeros(self.net_count), np.zeros(self.net_count, dtype=int)
        internal = np.zeros(self.net_count)
        for kind, pins in self.cells:
            cell = self.library[kind]
            for pin, capacitance in cell.pins.items():
                if pin != "CK":
                    load[self._net(pins[pin])] += capacitance
                    sinks[self._net(pins[pin])] += 1
            internal[pins["Y"]] = cell.internal_fj
        for bits in self.outputs.values():
            for bit in bits:
                sinks[self._net(bit)] += 1
        last = len(WIRE_UM) - 1
        wire = np.array([WIRE_UM[min(n, last)] + 5 * max(0, n - last) for n in sinks]) * WIRE_FF_PER_UM
        self.load = load + wire
        self.transition_fj = internal + 0.5 * SUPPLY**2 * self.load

    def nand2_equivalents(self):
        return sum(self.library[kind].area for kind, _ in self.cells) / self.library["NAND2"].area

    def longest_path(self):
        """(gates, ps) of the slowest path between registers or ports, without sizing of gates."""
        arrival = {self._net(bit): (0, 0.0) for bits in self.ports.values() for bit in bits}
        flop = self.library.get("DFF")
        for _, out in self.flops:
            arrival[out] = (0, flop.intrinsic_ps + flop.slope_ps * self.load[out])
        arrival.update({0: (0, 0.0), 1: (0, 0.0)})
        waiting = [(kind, [self._net(pins[pin]) for pin in self.library[kind].pins], pins["Y"])
                   for kind, pins in self.cells if kind != "DFF"]
        while waiting:
            rest = []
            for kind, inputs, out in waiting:
                if all(net in arrival for net in inputs):
                    cell = self.library[kind]
                    delay = cell.intrinsic_ps + cell.slope_ps * self.load[out]
                    arrival[out] = (1 + max(arrival[net][0] for net in inputs), delay + max(arrival[net][1] for net in inputs))
                else:
                    rest.append((kind, inputs, out))
            if len(rest) == len(waiting):
                raise RuntimeError("the netlist has a loop of gates")
            waiting = rest
        return max(gates for gates, _ in arrival.values()), max(ps for _, ps in arrival.values())

    def simulate(self, stimulus, warm_up):
        """fJ of one cycle, (settled, glitches) by word of 64 streams, and the outputs of the last cycle. stimulus: input port -> uint64
        array [cycles, bits, words]; the first `warm_up` cycles do not count."""
        cycles, _, words = next(iter(stimulus.values())).shape
        value = np.zeros((self.net_count, words), dtype=np.uint64)
        value[1] = ~np.uint64(0)
        settled, transitions = np.zeros(words), np.zeros(words)
        flop_in = np.array([d for d, _ in self.flops], dtype=int)
        flop_out = np.array([q for _, q in self.flops], dtype=int)
        clock = self.library["DFF"].clock_fj * len(self.flops)
        for cycle in range(cycles):
            before = value.copy()
            value[flop_out] = before[flop_in]
            for port, bits in stimulus.items():
                nets = np.array([self._net(bit) for bit in self.ports[port]])
                free = nets > 1
                value[nets[free]] = bits[cycle][free]
            counted = cycle >= warm_up
            changed = np.any(value != before, axis=1) | (cycle == 0)  # no gate has seen its inputs yet
            if counted:
                transitions += self._switched(before, value)
            self._settle(value, changed, transitions if counted else None)
            if counted:
                settled += self._switched(before, value)
        outputs = {name: value[[self._net(bit) for bit in bits]] for name, bits in self.outputs.items()}
        share = 64 * (cycles - warm_up)
        return np.array([settled / share + clock, (transitions - settled) / share]), outputs

    def _switched(self, before, after):
        nets = np.flatnonzero(np.any(before != after, axis=1))
        return self.transition_fj[nets] @ ones(before[nets] ^ after[nets]).astype(float)

    def _settle(self, value, changed, energy):
        """Every gate takes one step; energy of all transitions, glitches included, is added."""
        for _ in range(MOST_STEPS):
            updates = []
            for function, inputs, outs in self.groups:
                active = changed[inputs[0]]
                for more in inputs[1:]:
                    active = active | changed[more]
                chosen = np.flatnonzero(active)
                if len(chosen):
                    updates.append((outs[chosen], function(*[value[pin[chosen]] for pin in inputs])))
            if not updates:
                return
            nets = np.concatenate([outs for outs, _ in updates])
            after = np.concatenate([bits for _, bits in updates])
            flips = value[nets] ^ after
            moved = np.any(flips, axis=1)
            nets, flips = nets[moved], flips[moved]
            if energy is not None and len(nets):
                energy += self.transition_fj[nets] @ ones(flips).astype(float)
            value[nets] ^= flips
            changed = np.zeros(self.net_count, dtype=bool)
            changed[nets] = True
        raise RuntimeError("gates do not settle")
