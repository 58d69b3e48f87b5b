#!/usr/bin/env python3
"""Prints how far `mxsim dram` is from DRAMsim3, Ramulator 2 and DRAMSys, as a Markdown table.

    scripts/compare_dram.py [PROGRAM]      default: build/release/mxsim

Devices: configs/dram/reference. Reference results and the random trace: tests/data/dram. The other traces
are made here: a sequential reads, b sequential writes, g one sequential read every 100 cycles. "commands" is the
largest error of ACT, PRE, RD, WR and REF; an empty cell has no reference.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "dram"
TRACES = {"a": ("READ", 65536, 0), "b": ("WRITE", 65536, 0), "g": ("READ", 4096, 100)}


def write_traces(folder):
    paths = {"e": DATA / "e_rand_read.trc.gz"}
    for letter, (access, count, gap) in TRACES.items():
        paths[letter] = folder / f"{letter}.trc"
        paths[letter].write_text("".join(f"{64 * i:#x} {access} {gap * i}\n" for i in range(count)))
    return paths


def replay(program, device, trace, profile):
    command = [program, "dram", "--json", "--profile", profile, "--trace", str(trace),
               "--device", str(ROOT / "configs" / "dram" / "reference" / f"{device}.json")]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def error(value, reference):
    return value / float(reference) - 1 if reference and float(reference) else None


def percent(ratio):
    return "" if ratio is None else f"{round(100 * ratio, 2) + 0.0:+.2f} %"


def largest_command_error(ours, row):
    """Of ACT, PRE, RD, WR and REF; a command that only one side has is an error without bound."""
    pairs = [(ours["commands"][name.upper()], float(row[name])) for name in ("act", "pre", "rd", "wr", "ref")]
    errors = [error(value, expected) if expected else float(value > 0) for value, expected in pairs]
    return max(errors, key=abs)


def rows_of(name):
    with open(DATA / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "release" / "mxsim")
    bands = {(row["device"], row["pattern"]): row for row in rows_of("disagreement.csv")}
    print("| device | trace | dramsim3: cycles | commands | latency | energy | frfcfs: to Ramulator 2 | to DRAMSys |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        traces = write_traces(pathlib.Path(folder))
        for row in rows_of("dramsim3.csv"):
            device, letter = row["device"], row["pattern"]
            ours = replay(program, device, traces[letter], "dramsim3")
            free = replay(program, device, traces[letter], "frfcfs")["cycles"]
            band = bands.get((device, letter), {})
            cells = [device, letter, percent(error(ours["cycles"], row["total_cycles"])),
                     percent(largest_command_error(ours, row)),
                     percent(error(ours["read_latency_mean"], row["read_lat_avg"])),
                     percent(error(ours["energy_pj"]["total"], row["e_total_pJ"])),
                     percent(error(free, band.get("ramulator2_cycles"))),
                     percent(error(free, band.get("dramsys_wm32_cycles")))]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
