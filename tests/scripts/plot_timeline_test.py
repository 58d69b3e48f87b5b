#!/usr/bin/env python3
"""scripts/plot_timeline.py: bins hold exactly the time of their spans; the timelines of runs are drawn."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pictures import SCRIPTS, bytes_of_pictures, load_script, run_script, texts

RUN = SCRIPTS.parent / "configs/runs/tiny_cnn_train.json"
SIMULATOR = None


def event(thread, begin, end, layer, waits_for=None):
    args = {"layer": layer, "cycle": int(begin * 1000), "cycles": int((end - begin) * 1000)}
    if waits_for:
        args["waits_for"] = waits_for
    return {"ph": "X", "tid": thread, "cat": "stall" if waits_for else "work", "name": layer, "ts": begin, "dur": end - begin,
            "args": args}


def written(folder):
    names = [{"ph": "M", "name": "thread_name", "tid": i, "args": {"name": name}} for i, name in enumerate(("array", "dma.read", "dram"))]
    events = [event(1, 0, 2, "conv1 forward"), event(0, 0, 2, "conv1 forward", "dma"), event(0, 2, 5, "conv1 forward"),
              event(1, 2, 4, "a layer with a long name, forward"), event(0, 5, 8, "a layer with a long name, forward"),
              event(1, 4, 8, "a layer with a long name, forward", "array")]
    path = Path(folder) / "timeline.json"
    path.write_text(json.dumps({"traceEvents": names + events}))
    return path


class PlotTimeline(unittest.TestCase):
    def test_bins_hold_the_time_that_spans_cover(self):
        script = load_script("plot_timeline.py")
        spans = [(0, 0.5), (0.75, 2.25), (3, 3), (3.5, 9)]
        self.assertEqual(script.shares(spans, 0, 4, 4), [0.75, 1, 0.25, 0.5])
        self.assertEqual(script.shares(spans, 2, 3, 1), [0.25])
        for bins in (1, 3, 7, 100):
            self.assertAlmostEqual(sum(script.shares(spans, 0, 4, bins)) * 4 / bins, 2.5)

    def test_pictures_show_units_and_layers_and_repeat(self):
        pictures = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                result = run_script("plot_timeline.py", written(folder), "--bins", "16")
                self.assertEqual(result.returncode, 0, result.stderr)
                pictures.append(bytes_of_pictures(folder))
                shown = texts(Path(folder) / "timeline.svg")
                self.assertLessEqual({"time (µs)", "array", "dma.read", "busy", "waits: dma", "waits: array", "conv1 forward",
                                      "Share of each 500 ns in which a unit is busy or waits (%)"}, shown)
                self.assertNotIn("dram", shown, "a unit that does nothing")
        self.assertEqual(pictures[0], pictures[1])

    def test_a_window_shows_what_happens_in_it_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run_script("plot_timeline.py", written(folder), "--from", "5", "--to", "7", "--units", "array")
            self.assertEqual(result.returncode, 0, result.stderr)
            shown = texts(Path(folder) / "timeline.svg")
            self.assertIn("a layer with a long name, forward", shown)
            self.assertFalse(shown & {"conv1 forward", "dma.read", "waits: dma"}, shown)

    def test_what_cannot_be_drawn_is_refused_in_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = written(folder)
            for arguments, message in (((path, "--from", "9"), "nothing from 9 to 8 us; the timeline ends at 8 us"),
                                       ((path, "--units", "array,sram"), "no unit sram; there are array, dma.read, dram"),
                                       ((path.with_name("none.json"),), "no timeline of a run")):
                result = run_script("plot_timeline.py", *arguments)
                self.assertEqual((result.returncode, len(result.stderr.splitlines())), (1, 1), result.stderr)
                self.assertIn(message, result.stderr)
            self.assertFalse(bytes_of_pictures(folder))


class Simulator(unittest.TestCase):
    def test_the_timeline_of_a_run_is_drawn(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "timeline.json"
            subprocess.run([SIMULATOR, "run", RUN, "--timeline", path], check=True, capture_output=True)
            result = run_script("plot_timeline.py", path)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertLessEqual({"array", "dma.read", "dma.write", "vector", "requant", "time (µs)"},
                                 texts(Path(folder) / "timeline.svg"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
