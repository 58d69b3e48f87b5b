#!/usr/bin/env python3
"""Prints how far `mxsim dram` is from DRAMsim3, Ramulator 2 and DRAMSys, as a Markdown table.

    scripts/compare_dram.py [PROGRAM]      default: build/release/mxsim

Devices: configs/dram/reference. Reference results and the random trace: tests/data/dram. The other traces
are made here: a sequential reads, b sequential writes, c a stream of reads and one of writes 2:1, g one sequential
read every 100 cycles. "commands" is the
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
SIMULATORS = ("dramsim3_cycles", "ramulator2_cycles", "dramsys_wm32_cycles")
TRACES = {"a": ("READ", 65536, 0), "b": ("WRITE", 65536, 0), "g": ("READ", 4096, 100)}


def write_traces(folder):
    paths = {"e": DATA / "e_rand_read.trc.gz"}
    for letter, (access, count, gap) in TRACES.items():
        paths[letter] = folder / f"{letter}.trc"
        paths[letter].write_text("".join(f"{64 * i:#x} {access} {gap * i}\n" for i in range(count)))
    paths["c"] = folder / "c.trc"
    lines = []
    for i in range(65535):
        group, place = divmod(i, 3)
        lines.append(f"{0x10000000 + 64 * group:#x} WRITE 0\n" if place == 2 else f"{64 * (2 * group + place):#x} READ 0\n")
    paths["c"].write_text("".join(lines))
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
    expected = {name: float(row[name]) for name in ("act", "pre", "rd", "wr", "ref")}
    expected["wr"] += float(row["undrained_writes"])
    pairs = [(ours["commands"][name.upper()], value) for name, value in expected.items()]
    errors = [error(value, expected) if expected else float(value > 0) for value, expected in pairs]
    return max(errors, key=abs)


def rows_of(name):
    with open(DATA / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "release" / "mxsim")
    bands = {(row["device"], row["pattern"]): row for row in rows_of("disagreement.csv")}
    print("| device | trace | dramsim3: cycles | commands | latency | energy | frfcfs: to Ramulator 2 | to DRAMSys "
          "| to the fastest of three | to the slowest |")
    print("|---" * 10 + "|")
    with tempfile.TemporaryDirectory() as folder:
        traces = write_traces(pathlib.Path(folder))
        for row in rows_of("dramsim3.csv"):
            device, letter = row["device"], row["pattern"]
            ours = replay(program, device, traces[letter], "dramsim3")
            free = replay(program, device, traces[letter], "frfcfs")["cycles"]
            band = bands.get((device, letter), {})
            fastest, slowest = (pick(float(band[key]) for key in SIMULATORS if band.get(key)) if band else None
                                for pick in (min, max))
            cells = [device, letter, percent(error(ours["cycles"], row["total_cycles"])),
                     percent(largest_command_error(ours, row)),
                     percent(error(ours["read_latency_mean"], row["read_lat_avg"])),
                     percent(error(ours["energy_pj"]["total"], row["e_total_pJ"])),
                     percent(error(free, band.get("ramulator2_cycles"))),
                     percent(error(free, band.get("dramsys_wm32_cycles"))),
                     percent(error(free, fastest)), percent(error(free, slowest))]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
