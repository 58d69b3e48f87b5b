#!/usr/bin/env python3
"""Every write, rename, flush and new file or folder of a command fails once (ENOSPC, EIO), and the program is killed at each.

Enumerated, not sampled: the calls of an undisturbed run are counted under strace, then each is injected in a run of its own.
Exit code 0 means results equal to the undisturbed ones; any other leaves whole files or none, and a line that is no
"internal error"; after a kill, --resume (or the same command again) gives the undisturbed results.

    faults_test.py MXSIM          run alone (seconds)
    faults_test.py MXSIM --all    also compare, sweep, explore and train (minutes)
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TINY = str(ROOT / "configs/runs/tiny_cnn_train.json")
SIMULATOR = None
RUN_ALL = False

SYSCALLS = ("write", "fsync", "rename", "renameat2", "mkdir", "openat", "ftruncate", "unlink")
FAULTS = ("error=ENOSPC", "error=EIO", "signal=KILL")
KILLED = 128 + 9
# Differs from run to run: seconds of the host.
VOLATILE = re.compile(rb'"(seconds|host_[a-z_]*|wall_s|simulation_s)": ?[0-9.e+-]+')


def small_sweep(folder):
    """Two points."""
    file = folder / "sweep.json"
    file.write_text(json.dumps({
        "description": "Two points.", "base": TINY, "set": {"/batch": 1, "/mode": "infer"},
        "axes": [{"key": "/formats/default", "values": ["bf16", "mxsf"]}]}))
    return str(file)


def small_search(folder):
    file = folder / "explore.json"
    file.write_text(json.dumps({
        "description": "A few points.", "base": TINY, "set": {"/batch": 1, "/mode": "infer"},
        "axes": [{"key": "/formats/default", "values": ["bf16", "mxsf"]},
                 {"key": "/chip/array/rows", "values": [4, 8]},
                 {"key": "/chip/array/columns", "values": [4, 8]}],
        "search": {"population": 8, "generations": 1, "seed": 1}}))
    return str(file)


def small_training(folder):
    """Random images of ten classes: what is learned does not matter."""
    import numpy as np
    random = np.random.default_rng(1)
    for part, count in (("train", 16), ("test", 8)):
        np.save(folder / f"x_{part}.npy", random.integers(0, 255, (count, 1, 28, 28), dtype=np.uint8))
        np.save(folder / f"y_{part}.npy", random.integers(0, 10, count, dtype=np.uint8))
    return str(folder)


def commands(folder):
    """Name, arguments without --out, whether --resume goes on."""
    yield "run", ["run", TINY, "--mode", "infer", "--batch", "1"], False
    if not RUN_ALL:
        return
    yield "compare", ["compare", TINY, "--mode", "infer", "--batch", "1", "--formats", "bf16,mxsf"], False
    yield "sweep", ["sweep", small_sweep(folder), "--jobs", "1", "--reports"], True
    yield "explore", ["explore", small_search(folder), "--jobs", "1"], True
    yield "train", ["train", str(ROOT / "configs/runs/lenet5_28_train.json"), "--data", small_training(folder),
                    "--formats", "bf16", "--epochs", "2", "--batch", "8", "--threads", "1"], True


def contents(out):
    """Bytes of the finished files by name; temporary ones have six drawn characters behind a dot."""
    if not out.exists():
        return {}
    files = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = str(path.relative_to(out))
        if re.search(r"\.[A-Za-z0-9]{6}$", name) or name.endswith((".lock", ".jsonl")):
            continue
        files[name] = VOLATILE.sub(b"", path.read_bytes())
    return files


def lines_of_points(out):
    """Results of points, whatever their order."""
    file = out / "results.jsonl"
    return sorted(VOLATILE.sub(b"", line) for line in file.read_bytes().splitlines()) if file.exists() else []


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mxsim_faults"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def strace(self, arguments, options):
        log = self.folder / "log"
        result = subprocess.run(["strace", "-f", "-qq", "-o", str(log), *options, SIMULATOR, *arguments, "--quiet"],
                                capture_output=True, check=False, timeout=600, cwd=ROOT)
        return result, log.read_text(errors="replace").splitlines()

    def places(self, arguments):
        """(call, number) of each call that the command makes, counted by process as strace counts; of openat those
        that make a file."""
        _, log = self.strace(arguments, ["-e", "trace=" + ",".join(SYSCALLS)])
        counts, found = {}, set()
        for line in log:
            match = re.match(r"(\d+) +([a-z0-9]+)\(", line)
            if not match or match[2] not in SYSCALLS:
                continue
            key = (match[1], match[2])
            counts[key] = counts.get(key, 0) + 1
            if match[2] != "openat" or "O_CREAT" in line:
                found.add((match[2], counts[key]))
        return sorted(found)

    def check(self, name, arguments, resumable):
        reference = self.folder / "reference"
        undisturbed = subprocess.run([SIMULATOR, *arguments, "--quiet", "--out", str(reference)], capture_output=True,
                                     check=False, cwd=ROOT)
        self.assertEqual(undisturbed.returncode, 0, undisturbed.stderr)
        expected, points = contents(reference), lines_of_points(reference)
        self.assertTrue(expected)
        counted = self.folder / "counted"
        places = self.places([*arguments, "--out", str(counted)])
        self.assertIn("write", {call for call, _ in places})
        tried = 0
        for call, number in places:
            for fault in FAULTS:
                out = self.folder / f"{name}-{call}-{number}-{fault}"
                with self.subTest(name, call=call, number=number, fault=fault):
                    result, _ = self.strace([*arguments, "--out", str(out)],
                                            ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"])
                    tried += 1
                    self.judge(result, fault, contents(out), expected, undisturbed.stdout)
                    if result.returncode != 0:
                        again = subprocess.run([SIMULATOR, *arguments, "--quiet", "--out", str(out),
                                                *(["--resume"] if resumable else [])],
                                               capture_output=True, check=False, cwd=ROOT)
                        self.assertEqual(again.returncode, 0, again.stderr)
                    self.assertEqual(contents(out), expected)
                    self.assertEqual(lines_of_points(out), points)
                shutil.rmtree(out, ignore_errors=True)
        print(f"{name}: {len(places)} calls, {tried} faults", file=sys.stderr)
        shutil.rmtree(reference)
        shutil.rmtree(counted)

    def judge(self, result, fault, files, expected, printed):
        for file, content in files.items():
            self.assertEqual(content, expected.get(file), f"{file} is not whole")
        if fault == "signal=KILL":
            self.assertIn(result.returncode, (0, 1, KILLED, -9), result.stderr)
        elif result.returncode == 0:
            self.assertEqual(files, expected)
            self.assertEqual(VOLATILE.sub(b"", result.stdout), VOLATILE.sub(b"", printed))
        else:
            self.assertIn(result.returncode, (1, 2), result.stderr)
            self.assertNotIn(b"internal error", result.stderr)

    def test_every_place(self):
        for name, arguments, resumable in commands(self.folder):
            self.check(name, arguments, resumable)


if __name__ == "__main__":
    if shutil.which("strace") is None:
        print("strace is not installed: skipped")
        sys.exit(0)
    RUN_ALL = "--all" in sys.argv
    SIMULATOR = str(Path(next(a for a in sys.argv[1:] if not a.startswith("-"))).resolve())
    unittest.main(argv=sys.argv[:1])
