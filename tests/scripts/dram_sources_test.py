#!/usr/bin/env python3
"""The times of configs/dram are those of the public device files they cite, written down here a second time in cycles
of each device's clock: a time that is changed, or turned into cycles wrongly, fails. What no other file confirms must be
marked as a guess or name its standard."""

import json
import sys
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "configs/dram"
PICOSECONDS = 10**12

# Device file -> (public file, its cycles under our names).
PUBLIC = {
    "ddr4-3200": ("DRAMsim3, DDR4_8Gb_x8_3200.ini, at 0.625 ns instead of 0.63",
                  {"RL": 22, "WL": 16, "burst": 4, "tRCD": 22, "tRP": 22, "tRAS": 52, "tRFC": 560, "tREFI": 12480,
                   "tRRD_S": 4, "tRRD_L": 8, "tWTR_S": 4, "tWTR_L": 12, "tFAW": 34, "tWR": 24, "tRTP": 12,
                   "tCCD_S": 4, "tCCD_L": 8, "tCKE": 8, "tXP": 10}),
    "ddr5-4800": ("Ramulator 2, DDR5.cpp: what does not depend on the speed grade",
                  {"burst": 8, "tRFC": 708, "tREFI": 9360, "tCCD_S": 8, "tRRD_S": 8, "tFAW": 32}),
    "gddr6-14000": ("Ramulator 2, GDDR6.cpp, GDDR6_2000_1350mV",
                    {"RL": 24, "WL": 6, "tRCD": 26, "tRP": 26, "tRAS": 53, "tWR": 26, "tRTP": 4, "tRRD_S": 7,
                     "tRRD_L": 7, "tWTR_S": 9, "tWTR_L": 11, "tFAW": 28, "tRFC": 210, "tRFCpb": 105}),
    "hbm2": ("DRAMsim3, HBM2_8Gb_x128.ini",
             {"RL": 14, "WL": 4, "tRCD": 14, "tRP": 14, "tRAS": 34, "tRFC": 260, "tREFI": 3900, "tRRD_S": 4,
              "tRRD_L": 6, "tWTR_S": 6, "tWTR_L": 8, "tFAW": 30, "tWR": 16, "tCCD_L": 2, "tXP": 8, "tCKE": 8}),
    "lpddr4-3200": ("DRAMSys, JEDEC_512Mbx16_LPDDR4-3200.json",
                    {"RL": 28, "WL": 14, "burst": 8, "tRCD": 29, "tRPpb": 29, "tRPab": 34, "tRAS": 68, "tRRD": 16,
                     "tFAW": 64, "tCCD": 8, "tWTR": 16, "tWR": 29, "tRTP": 12, "tPPD": 4, "tWPRE": 2, "tRFCab": 448,
                     "tRFCpb": 224, "tREFI": 6246, "tREFIpb": 780, "tXP": 12, "tCKE": 12}),
    "lpddr4-4266": ("DRAMSys, JEDEC_512Mbx16_LPDDR4-4266.json, whose clock of 469 ps gives some a cycle more; not tRRD and tFAW",
                    {"RL": 36, "WL": 18, "burst": 8, "tRCD": 39, "tRPpb": 39, "tRPab": 45, "tRAS": 90, "tCCD": 8,
                     "tWTR": 22, "tWR": 39, "tRTP": 16, "tPPD": 4, "tWPRE": 2, "tRFCab": 598, "tRFCpb": 299,
                     "tREFIpb": 1040, "tXP": 16, "tCKE": 16}),
    "lpddr5-6400": ("Ramulator 2, LPDDR5.cpp, and gem5, LPDDR5_6400_1x16_BG_BL32, at 1.25 ns",
                    {"RL": 17, "tRCD": 15, "tRP": 15, "tRPab": 17, "tRAS": 34, "tWR": 28, "tRRD_S": 4, "tFAW": 16,
                     "tWTR_S": 5, "tWTR_L": 10, "tRFC": 168, "tRFCpb": 96, "tPBR2PBR": 72, "tREFI": 3124}),
}
# The one reference device whose public file holds another standard's supply and currents, and what they are not.
DDR4_CURRENTS = (1.2, 57, 37, 52)


def device(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def cycles(parameter, clock_hz):
    value = parameter["value"]
    if parameter.get("unit") == "ps":
        down = parameter.get("rounding") == "down"
        value = value * clock_hz // PICOSECONDS if down else -(-value * clock_hz // PICOSECONDS)
    return max(value, parameter.get("at_least_cycles", 0))


class DramSources(unittest.TestCase):
    def test_times_are_those_of_the_public_files(self):
        for name, (source, times) in PUBLIC.items():
            file = device(name)
            for parameter, expected in times.items():
                with self.subTest(device=name, parameter=parameter, source=source):
                    self.assertEqual(cycles(file["parameters"][parameter], file["clock_hz"]), expected)

    def test_every_timed_device_has_a_public_file_or_only_guesses_and_standards(self):
        for path in FOLDER.glob("*.json"):
            file = json.loads(path.read_text())
            for name, parameter in file.get("parameters", {}).items():
                with self.subTest(device=path.stem, parameter=name):
                    confirmed = name in PUBLIC.get(path.stem, ("", {}))[1]
                    stated = "JESD" in parameter["source"] or parameter.get("guess", False)
                    derived = "tREFI over" in parameter["source"] or "DRAMsim3" in parameter["source"]
                    self.assertTrue(confirmed or stated or derived, parameter["source"])

    def test_no_low_power_device_is_priced_by_the_supply_of_ddr4(self):
        for path in FOLDER.glob("lpddr*.json"):
            energy = json.loads(path.read_text())["energy"]
            currents = tuple(energy.get(key) for key in ("vdd_v", "idd0_ma", "idd2n_ma", "idd3n_ma"))
            self.assertNotEqual(currents, DDR4_CURRENTS, path.stem)

    def test_guessed_prices_are_marked(self):
        for path in FOLDER.glob("*.json"):
            energy = json.loads(path.read_text())["energy"]
            if any(word in energy["source"] for word in ("assumed", "guess", "kept for")):
                self.assertTrue(energy.get("guess"), path.stem)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
