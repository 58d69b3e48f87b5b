#!/usr/bin/env python3
"""Peak memory of runs: a line a run and batch, as a Markdown table.

    scripts/measure_memory.py build/release/mxsim configs/runs/*.json
    scripts/measure_memory.py build/release/mxsim configs/runs/resnet18_infer.json --batch 1,8,32 --format int8

Exit code 1 if a run takes more than --limit MiB (1024).
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path


def peak_mib(program, run, batch=None, number_format=None):
    """Largest resident memory of one run in MiB, and its CPU seconds; raises CalledProcessError when the run fails."""
    command = [str(program), "run", str(run), "--json"]
    command += ["--batch", str(batch)] if batch else []
    command += ["--format", number_format] if number_format else []
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--batch", default="", help="batch sizes by comma (that of each run file)")
    parser.add_argument("--format", default=None, help="format of all GEMM operands (that of each run file)")
    parser.add_argument("--limit", type=float, default=1024, help="MiB")
    options = parser.parse_args()
    batches = [int(each) for each in options.batch.split(",") if each] or [None]
    above = False
    print("| run | batch | MiB | CPU s |\n|---|---|---|---|")
    for run in options.runs:
        for batch in batches:
            peak, seconds = peak_mib(options.program, run, batch, options.format)
            above = above or peak > options.limit
            print(f"| {run.stem} | {batch or 'of the file'} | {peak:.0f} | {seconds:.1f} |", flush=True)
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
