#!/usr/bin/env python3
"""Every command of the documents runs, and the output lines that the documents show are there (scripts/transcripts.py).

Without the path of the simulator as argument only the reader of transcripts is tested."""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import transcripts  # noqa: E402

SIMULATOR = None


def state_of_the_tree():
    return {path: path.stat().st_mtime_ns for folder in transcripts.FOLDERS for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}


class Transcripts(unittest.TestCase):
    OUTPUT = ["title", "", "cycles  120", "energy  3.5 mJ [2, 4]", "end"]

    def test_shown_lines_must_follow_one_another_unless_dots_stand_between(self):
        self.assertIsNone(transcripts.missing(["title", "...", "energy  3.5 mJ [2, 4]", "end"], self.OUTPUT))
        self.assertIsNone(transcripts.missing(["...", "cycles  120", "..."], self.OUTPUT))
        self.assertEqual(transcripts.missing(["title", "cycles  120", "..."], self.OUTPUT), "cycles  120")
        self.assertEqual(transcripts.missing(["...", "end", "...", "title"], self.OUTPUT), "title")
        self.assertEqual(transcripts.missing(["...", "cycles  121", "..."], self.OUTPUT), "cycles  121")

    def test_output_that_goes_on_needs_dots(self):
        self.assertIn("cycles  120", transcripts.missing(["title", ""], self.OUTPUT))

    def test_a_line_may_be_cut(self):
        self.assertIsNone(transcripts.missing(["...", "energy  3.5 ...", "..."], self.OUTPUT))
        self.assertIsNotNone(transcripts.missing(["...", "energy  3.6 ...", "..."], self.OUTPUT))

    def test_a_command_goes_on_behind_its_prompt(self):
        found = transcripts.steps(["```console", "$ a '", "> b'", "out", "```", "```sh", "$ c", "```"])
        self.assertEqual([(step.command, step.shown) for step in found], [("a '\nb'", [3])])

    def test_commands_in_tables_run_where_the_page_says_so(self):
        page = [transcripts.IN_TABLES, "| wish | `mxsim run a.json` | `scripts/b.py c`, `models/` |", "`mxsim in prose`"]
        self.assertEqual([step.command for step in transcripts.steps(page)], ["mxsim run a.json", "scripts/b.py c"])
        self.assertEqual(transcripts.steps(page[1:]), [])

    def test_an_update_renews_numbers_and_tells_of_changed_texts(self):
        page = ["```console", "$ run", "...", "cycles   7", "energy in all  1.5 mJ ...", "watts  3", "```"]
        step = transcripts.steps(page)[0]
        remarks = transcripts.update(page, step, self.OUTPUT)
        self.assertEqual(page[3:6], ["cycles  120", "energy  3.5 mJ [2, 4] ...", "watts  3"])
        self.assertEqual([remark.split(":")[0] for remark in remarks], ["was", "no line like"])


class Documents(unittest.TestCase):
    def setUp(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")

    def faults_of(self, text):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(text)
            return transcripts.run_page(page, SIMULATOR)

    def test_a_failing_command_and_a_wrong_line_are_found(self):
        self.assertIn("exit code 2", self.faults_of("```console\n$ mxsim check none.json\n```\n")[0])
        wrong = "```console\n$ mxsim check configs/runs/tiny_cnn_train.json\nconfigs/runs/tiny_cnn_train.json: bad\n```\n"
        self.assertIn("not in the output", self.faults_of(wrong)[0])
        self.assertIn("doctest", self.faults_of("```pycon\n>>> 1 + 1\n3\n```\n")[0])

    def test_every_command_of_every_page_gives_the_lines_that_the_page_shows(self):
        before = state_of_the_tree()
        faults = [fault for page in transcripts.pages() for fault in transcripts.run_page(page, SIMULATOR)]
        self.assertEqual(faults, [])
        self.assertEqual(state_of_the_tree(), before)

    def test_the_cookbook_shows_output_of_at_least_twenty_commands(self):
        lines = (ROOT / "configs/guide/cookbook.md").read_text().split("\n")
        shown = [step for step in transcripts.steps(lines) if step.shown]
        self.assertGreaterEqual(len(shown), 20)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        SIMULATOR = sys.argv.pop(1)
    unittest.main()
