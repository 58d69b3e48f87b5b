#!/usr/bin/env python3
"""Compares the estimated times of runs (mxsim run --dry-run) with the CPU times that they take, and fits the estimate's weights anew.

    scripts/calibrate_time.py [--program build/release/mxsim] [--limit 30] [--batches 1,4] [--fit] [RUN...]    default: all shipped runs

A line a run: measured seconds of CPU, estimate, and estimate over measurement. Runs whose estimate exceeds --limit are left out. --fit
prints the weights of sim/run/time_estimate.cpp by least squares of the relative errors (numpy): seconds a DRAM burst, a group of
operations and a step of the search for mappings.
"""
import argparse
import json
import resource
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TERMS = ("bursts", "groups", "search_steps")


def outlook(program, run, batch):
    """The run's --dry-run, or nothing where the work does not fit its chip."""
    done = subprocess.run([program, "run", run, "--batch", str(batch), "--dry-run", "--json"], capture_output=True, text=True)
    return json.loads(done.stdout)["estimate"] if done.returncode == 0 else None


def cpu_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measurements(arguments):
    for run in arguments.runs:
        for batch in arguments.batches.split(","):
            estimate = outlook(arguments.program, run, batch)
            if estimate is None or estimate["pe_steps"] > 0 or estimate["seconds"] > arguments.limit:
                continue
            yield f"{Path(run).stem}, batch {batch}", estimate, cpu_seconds([arguments.program, "run", run, "--batch", batch, "--json"])


def fitted(rows):
    """Weights of the terms, none below zero: a term that would be is left out."""
    import numpy

    used = list(TERMS)
    while True:
        table = numpy.array([[estimate[term] / seconds for term in used] for estimate, seconds in rows])
        weights = dict(zip(used, numpy.linalg.lstsq(table, numpy.ones(len(rows)), rcond=None)[0]))
        negative = [term for term in used if weights[term] < 0]
        if not negative:
            return weights
        used.remove(min(negative, key=weights.get))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/mxsim"))
    parser.add_argument("--limit", type=float, default=30, help="longest estimate, s")
    parser.add_argument("--batches", default="1,4")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("runs", nargs="*", metavar="RUN", default=sorted(str(path) for path in (ROOT / "configs/runs").glob("*.json")))
    arguments = parser.parse_args()
    rows = []
    for name, estimate, seconds in measurements(arguments):
        rows.append((estimate, seconds))
        print(f"{name:40} {seconds:8.2f} s {estimate['seconds']:8.2f} s {estimate['seconds'] / seconds:6.2f}", flush=True)
    ratios = sorted(estimate["seconds"] / seconds for estimate, seconds in rows)
    within = sum(0.5 <= ratio <= 2 for ratio in ratios)
    print(f"{within} of {len(rows)} within a factor of two; {ratios[0]:.2f} to {ratios[-1]:.2f}")
    if not arguments.fit:
        return
    weights = fitted(rows)
    for term in TERMS:
        print(f"seconds a {term[:-1].replace('_', ' ')}: {weights.get(term, 0):.3g}")
    errors = sorted(sum(weights.get(term, 0) * estimate[term] for term in TERMS) / seconds for estimate, seconds in rows)
    print(f"with these: {errors[0]:.2f} to {errors[-1]:.2f}")


if __name__ == "__main__":
    main()
