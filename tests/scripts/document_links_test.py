#!/usr/bin/env python3
"""Links between the documents lead to files and headings that exist; every page is reached from README.md, which stays short."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import transcripts  # noqa: E402

LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:configs|models|scripts|sim|tests|traces)/[\w./-]*\w)`")
MOST_LINES = 150
HISTORY = ("CHANGELOG.md",)


def prose(page):
    """(line number, text) outside of fenced blocks."""
    fenced = False
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(page):
    """Names that GitHub gives to the headings of a page."""
    seen = {}
    for _, line in prose(page):
        if not line.startswith("#"):
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line.lstrip("#").strip()).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        yield name if count == 0 else f"{name}-{count}"


def links(page):
    """(line number, target file, anchor) of every link that does not leave the repository."""
    for number, line in prose(page):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            yield number, (page.parent / file).resolve() if file else page, anchor


def faults_of(page):
    for number, file, anchor in links(page):
        where = f"{page.relative_to(ROOT)}:{number}"
        if not file.exists():
            yield f"{where}: no such file: {file}"
        elif not file.is_relative_to(ROOT):
            yield f"{where}: outside of the repository: {file}"
        elif anchor and anchor not in anchors(file):
            yield f"{where}: no such heading: {file.relative_to(ROOT)}#{anchor}"
    if page.name in HISTORY:
        return
    for number, line in prose(page):
        for path in PATH.findall(line):
            if not (ROOT / path).exists() and not re.search(r"[A-Z]{4}", path):  # NAME, MODE: any of them
                yield f"{page.relative_to(ROOT)}:{number}: no such file: {path}"


class Links(unittest.TestCase):
    def test_every_link_and_every_named_file_exists(self):
        faults = [fault for page in transcripts.pages() for fault in faults_of(page)]
        self.assertEqual(faults, [])

    def test_every_page_is_reached_from_the_readme(self):
        reached, todo = set(), [ROOT / "README.md"]
        while todo:
            page = todo.pop()
            if page in reached or page.suffix != ".md":
                continue
            reached.add(page)
            todo += [file for _, file, _ in links(page)]
        self.assertEqual([str(page.relative_to(ROOT)) for page in transcripts.pages() if page not in reached], [])

    def test_the_readme_stays_short(self):
        self.assertLessEqual(len((ROOT / "README.md").read_text().splitlines()), MOST_LINES)

    def test_headings_have_the_names_that_links_use(self):
        page = ROOT / "configs/guide/results.md"
        self.assertIn("one-gemm", anchors(page))
        self.assertIn("units-busy-idle-waiting", anchors(page))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.argv.pop(1)
    unittest.main()
