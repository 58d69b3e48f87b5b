#!/usr/bin/env python3
"""Multiply-accumulates a second of training on real values: CPU time of a longer training less that of a shorter one.

    tests/bench/executor_rate.py build/release/mxsim [--data DIR] [--run lenet5_28_train] [--formats bf16,mxsf,mxint8]
"""
import argparse
import json
import resource
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHORT, LONG = 512, 3072  # samples, whole batches


def cpu_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def training(arguments, label, samples, folder):
    run = ROOT / f"configs/runs/{arguments.run}.json"
    return [arguments.program, "train", run, "--data", arguments.data, "--formats", label, "--threads", "1", "--epochs", "1", "--seeds",
            "1", "--set", f"/data/train_samples={samples}", "--set", "/data/test_samples=100", "--out", folder]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program")
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--run", default="lenet5_28_train")
    parser.add_argument("--formats", default="bf16,mxsf,mxint8")
    arguments = parser.parse_args()
    step = json.loads(subprocess.run([arguments.program, "run", ROOT / f"configs/runs/{arguments.run}.json", "--json", "--quiet"],
                                     check=True, capture_output=True).stdout)
    for label in arguments.formats.split(","):
        with tempfile.TemporaryDirectory() as folder:
            seconds = [cpu_seconds(training(arguments, label, samples, folder)) for samples in (SHORT, LONG)]
        macs = step["totals"]["macs"] * (LONG - SHORT) / step["batch"]
        print(f"{label}: {macs / (seconds[1] - seconds[0]) * 1e-9:.2f} G MACs/s "
              f"({macs * 1e-9:.2f} G MACs, {seconds[1]:.2f} - {seconds[0]:.2f} s)")


if __name__ == "__main__":
    main()
