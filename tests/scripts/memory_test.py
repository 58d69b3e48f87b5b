#!/usr/bin/env python3
"""No run needs memory that grows with its GEMMs: 1 GiB suffices, whatever the batch.

With --all every shipped run is tried (minutes), else a few fast ones.
"""

import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from measure_memory import peak_mib  # noqa: E402

RUNS = ROOT / "configs/runs"
FAST = ("tiny_cnn_train", "tiny_vit_train", "gpt2_decode", "deit_tiny_infer")
LIMIT_MIB = 1024
SIMULATOR = None
RUN_ALL = False


def peak(run, batch=None, number_format=None):
    return peak_mib(SIMULATOR, RUNS / f"{run}.json", batch, number_format)[0]


class Memory(unittest.TestCase):
    def setUp(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")

    def test_a_gibibyte_suffices(self):
        for run in sorted(path.stem for path in RUNS.glob("*.json")) if RUN_ALL else FAST:
            with self.subTest(run):
                self.assertLess(peak(run), LIMIT_MIB)

    def test_a_batch_sixteen_times_as_large_takes_hardly_more(self):
        for number_format in ("mxsf", "int8"):  # int8: a scale a tensor
            with self.subTest(number_format):
                small = peak("resnet18_infer", 1, number_format)
                self.assertLess(peak("resnet18_infer", 16, number_format), 1.5 * small + 32)


if __name__ == "__main__":
    RUN_ALL = "--all" in sys.argv
    arguments = [each for each in sys.argv[1:] if each != "--all"]
    SIMULATOR = arguments[0] if arguments else None
    unittest.main(argv=sys.argv[:1])
