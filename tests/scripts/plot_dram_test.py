#!/usr/bin/env python3
"""scripts/plot_dram.py: made-up command logs give the bandwidths that follow from them, and replays are drawn."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pictures import load_script, texts

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts/plot_dram.py"
DEVICE = ROOT / "configs/dram/reference/ddr4.json"
SIMULATOR = None
HEADER = "cycle,cmd,channel,rank,bankgroup,bank,row,col\n"
REPORT = {"device": "made up", "profile": "frfcfs", "cycles": 400, "clock_hz": 10**9, "burst_bytes": 64,
          "peak_bytes_per_s": 16e9}


def written(folder, commands):
    """(command log, report)"""
    log, report = Path(folder) / "commands.csv", Path(folder) / "report.json"
    log.write_text(HEADER + "".join(f"{cycle},{command},0,0,0,0,1,1\n" for cycle, command in commands))
    report.write_text(json.dumps(REPORT))
    return log, report


def draw(folder, *more):
    return subprocess.run([sys.executable, SCRIPT, *more], check=False, capture_output=True, text=True, cwd=folder)


# A read every 4 cycles and, in the second half, a write every 8.
COMMANDS = sorted([(5, "ACT")] + [(10 + 4 * i, "RD") for i in range(98)] + [(202 + 8 * i, "WRA") for i in range(24)])


class PlotDram(unittest.TestCase):
    def test_the_windows_hold_every_burst_of_their_cycles(self):
        script = load_script("plot_dram.py")
        with tempfile.TemporaryDirectory() as folder:
            log, _ = written(folder, COMMANDS)
            cycles, counts = script.read_commands(log, 400, 4)
        self.assertEqual(cycles, 100)
        for kind, names in (("read", ("RD",)), ("write", ("WRA",))):
            expected = {}
            for cycle, command in COMMANDS:
                if command in names:
                    expected[(cycle - 5) // 100] = expected.get((cycle - 5) // 100, 0) + 1
            self.assertEqual(counts[kind], expected)

    def test_axes_carry_units_and_the_same_log_gives_the_same_bytes(self):
        pictures = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                log, report = written(folder, COMMANDS)
                result = draw(folder, log, report, "--windows", "20")
                self.assertEqual(result.returncode, 0, result.stderr)
                svg = Path(folder) / "dram_bandwidth.svg"
                self.assertLessEqual({"time (ns)", "bandwidth (GB/s)", "read", "write", "peak, 16.0 GB/s",
                                      "made up, frfcfs; windows of 20 cycles"}, texts(svg))
                pictures.append([svg.read_bytes(), (Path(folder) / "dram_bandwidth.png").read_bytes()])
        self.assertEqual(pictures[0], pictures[1])
        self.assertGreater(len(pictures[0][1]), 5000)

    def test_a_log_without_data_is_refused_in_one_line(self):
        for commands in ([], [(5, "ACT"), (60, "PRE")]):
            with tempfile.TemporaryDirectory() as folder:
                result = draw(folder, *written(folder, commands))
                self.assertEqual(result.returncode, 1)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertFalse(list(Path(folder).glob("dram_bandwidth*")))


class Simulator(unittest.TestCase):
    def test_a_replay_is_drawn(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")
        with tempfile.TemporaryDirectory() as folder:
            trace, log, report = (Path(folder) / name for name in ("some.trc", "commands.csv", "report.json"))
            trace.write_text("".join(f"{hex(64 * i)} {'WRITE' if i % 3 == 0 else 'READ'} {4 * i}\n"
                                     for i in range(5000)))
            result = subprocess.run([SIMULATOR, "dram", "--device", DEVICE, "--trace", trace, "--commands", log,
                                     "--json"], check=True, capture_output=True, text=True)
            report.write_text(result.stdout)
            self.assertEqual(draw(folder, log, report).returncode, 0)
            self.assertLessEqual({"time (µs)", "peak, 25.4 GB/s", "write"}, texts(Path(folder) / "dram_bandwidth.svg"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
