#!/usr/bin/env python3
"""Measures the policies of profile `frfcfs` on mixtures of reads and writes, as Markdown tables.

    scripts/dram_policies.py [mixtures|ablation] [PROGRAM]      default: both, build/release/mxsim

Traffic: `mxsim dram --traffic PATTERN:READS:WRITES`, 16384 lines, seed 1. Devices: configs/dram/reference.
mixtures: cycles of profile `frfcfs` over those of profile `dramsim3`, which equals DRAMsim3; as shipped, and with
queues as deep as DRAMsim3's (32 transactions and 8 commands a bank: 160 writes). ablation: cycles with one key of
`--scheduler` changed over those of the default, geometric mean over devices and mixes.
"""
import concurrent.futures
import json
import math
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "configs" / "dram" / "reference"
DEVICES = ["ddr4", "ddr4_bgi", "ddr4_close", "lpddr4", "lpddr4_x32", "hbm2", "hbm2_8ch"]
PATTERNS = ["random", "sequential", "streams", "tiles"]
MIXES = ["1:1", "2:1", "4:1"]
DEEP = ["window=160", "high_writes=128", "low_writes=0", "turn=160"]
POLICIES = [
    ("next turn not prepared", ["prepare_next_turn=false"]),
    ("no notice to reads", ["notice=0"]),
    ("notice of 16 reads", ["notice=16"]),
    ("rows opened for the oldest burst only", ["activate_ahead=false"]),
    ("turns of 1 burst", ["turn=1"]),
    ("turns of 64 bursts", ["turn=64"]),
    ("writes drained from a full buffer to none", ["high_writes=32", "low_writes=0"]),
    ("writes drained as soon as 8 wait", ["high_writes=8", "low_writes=0"]),
    ("no hit cap", ["hit_cap=1000000"]),
    ("hit cap of 4", ["hit_cap=4"]),
    ("no forwarding", ["forwarding=false"]),
    ("window of 16 bursts", ["window=16", "high_writes=13", "low_writes=3"]),
    ("window of 64 bursts", ["window=64", "high_writes=52", "low_writes=12"]),
]


class Replays:
    """Cycles of replays, two at a time."""

    def __init__(self, program):
        self.program = program
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())

    def start(self, device, traffic, *options):
        return self.pool.submit(self._cycles, device, traffic, options)

    def _cycles(self, device, traffic, options):
        command = [self.program, "dram", "--json", "--device", str(REFERENCE / f"{device}.json"),
                   "--traffic", traffic, *options]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(run.stdout)["cycles"]


def scheduler(keys):
    return [word for key in keys for word in ("--scheduler", key)]


def one_cycle_commands(device):
    """DRAMsim3 gives every command one bus cycle; LPDDR4's take 2 to 4."""
    commands = json.loads((REFERENCE / f"{device}.json").read_text(encoding="utf-8"))["commands"]
    return [word for i, command in enumerate(commands) if command.get("bus_cycles", 1) > 1
            for word in ("--set", f"/commands/{i}/bus_cycles=1")]


def percent(ratio):
    return f"{100 * (ratio - 1) + 0.0:+.1f}"


def mixtures(replays):
    print("| device | traffic | dramsim3, cycles | frfcfs, % | with queues as deep, % |")
    print("|---|---|---|---|---|")
    for device in DEVICES:
        rows = []
        for pattern in PATTERNS:
            for mix in MIXES:
                traffic = f"{pattern}:{mix}"
                same_bus = one_cycle_commands(device)
                rows.append((traffic, replays.start(device, traffic, "--profile", "dramsim3"),
                             replays.start(device, traffic),
                             replays.start(device, traffic, *scheduler(DEEP), *same_bus)))
        for traffic, reference, shipped, deep in rows:
            base = reference.result()
            print(f"| {device} | {traffic} | {base} | {percent(shipped.result() / base)} "
                  f"| {percent(deep.result() / base)} |")


def ablation(replays):
    def start(keys):
        return {pattern: [replays.start(device, f"{pattern}:{mix}", *scheduler(keys))
                          for device in DEVICES for mix in MIXES] for pattern in PATTERNS}
    base = start([])
    runs = [(name, keys, start(keys)) for name, keys in POLICIES]
    print("| policy changed | keys | " + " | ".join(f"{pattern}, %" for pattern in PATTERNS) + " |")
    print("|---" * (2 + len(PATTERNS)) + "|")
    for name, keys, run in runs:
        cells = []
        for pattern in PATTERNS:
            logs = [math.log(a.result() / b.result()) for a, b in zip(run[pattern], base[pattern])]
            cells.append(percent(math.exp(sum(logs) / len(logs))))
        print(f"| {name} | `{' '.join(keys)}` | " + " | ".join(cells) + " |")


def main():
    tables = {"mixtures": mixtures, "ablation": ablation}
    words = sys.argv[1:]
    chosen = [tables[words.pop(0)]] if words and words[0] in tables else list(tables.values())
    replays = Replays(words[0] if words else str(ROOT / "build" / "release" / "mxsim"))
    for number, table in enumerate(chosen):
        if number:
            print()
        table(replays)


if __name__ == "__main__":
    main()
