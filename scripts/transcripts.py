#!/usr/bin/env python3
"""Runs the commands that stand in the documents and compares their output with the lines that the documents show.

    scripts/transcripts.py [--program PROGRAM] [--update] [PAGE...]      default: build/release/mxsim, every page

A block marked `console` holds commands behind `$ ` (continued behind `> `) and lines of their output. A line `...` stands for any lines left
out, ` ...` at the end of a line for the rest of that line. A command whose output is not shown must only succeed. Shown is the standard output, without progress and diagnostics. Blocks marked `pycon` are
doctests. On a page with the comment `<!-- transcripts: commands in tables -->` the commands in code spans of tables run
too. The commands of a page run one after another in a copy of the files they may use; nothing is written in the tree.

--update renews the shown lines: a line takes the numbers of the output line with the same text, else it is replaced by the most similar line of
the output, which is printed to be looked at. An output of another order is shown anew, its beginning and its end.
"""
import argparse
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("configs", "traces", "scripts", "sim/python", "tests/data/import")
PAGES = ("*.md", "configs/**/*.md", "models/**/*.md", "tests/**/*.md", "traces/*.md", "scripts/*.md")
TIME_LIMIT_S = 300
SIMILAR = 0.6
FENCE = re.compile(r"^```(\w*)\s*$")
IN_TABLES = "<!-- transcripts: commands in tables -->"
SPAN = re.compile(r"`((?:mxsim|scripts/\w+\.py) [^`]+)`")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?")


def pages(root=ROOT):
    """Every document of the repository."""
    return sorted({page for pattern in PAGES for page in root.glob(pattern)})


def blocks(lines, kind):
    """(first line, one past the last) of the contents of every block of that kind."""
    start, inside = None, None
    for index, line in enumerate(lines):
        fence = FENCE.match(line.strip())
        if fence and inside is None:
            inside, start = fence.group(1), index + 1
        elif line.strip() == "```" and inside is not None:
            if inside == kind:
                yield start, index
            inside = None


class Step:
    """A command of a page and the lines of its output that the page shows, by their place in the page."""

    def __init__(self, line, command):
        self.line, self.command, self.shown = line, command, []


def steps(lines):
    found = []
    for begin, end in blocks(lines, "console"):
        step = None
        for index in range(begin, end):
            text = lines[index]
            if text.startswith("$ "):
                step = Step(index, text[2:])
                found.append(step)
            elif step is None:
                raise ValueError(f"line {index + 1}: output without a command")
            elif text.startswith("> ") and not step.shown:
                step.command += "\n" + text[2:]
            else:
                step.shown.append(index)
    if IN_TABLES in lines:
        found += [Step(index, command) for index, line in enumerate(lines) if line.startswith("|")
                  for command in SPAN.findall(line)]
    return found


def fits(shown, line):
    if shown.endswith(" ..."):
        return line.startswith(shown[:-4])
    return shown.rstrip() == line.rstrip()


def missing(shown, output):
    """The first shown line that the output lacks at its place; None when all are there."""
    place, anywhere = 0, False
    for text in shown:
        if text.strip() == "...":
            anywhere = True
            continue
        rest = range(place, len(output) if anywhere else min(place + 1, len(output)))
        found = next((i for i in rest if fits(text, output[i])), None)
        if found is None:
            return text
        place, anywhere = found + 1, False
    if shown and not anywhere and any(line.strip() for line in output[place:]):
        return f"(end of the output, which goes on with: {output[place]})"
    return None


def shape(line):
    """A line without its numbers and the widths of its columns."""
    return re.sub(r"[\s-]+", " ", NUMBER.sub("#", line)).strip()


def cut_like(text, line):
    """`line`, cut after as many words as `text` has if that is cut."""
    if not text.endswith(" ..."):
        return line.rstrip()
    words = re.findall(r"\s*\S+", line)[:len(text.split()) - 1]
    return "".join(words) + " ..."


def most_similar(text, output, place):
    """Index of the output line from `place` on that is most like `text`, and how much (1: numbers alone differ)."""
    best, likeness = None, 0
    for i in range(place, len(output)):
        a, b = shape(text), shape(cut_like(text, output[i]))
        ratio = 1 if a == b else 0.99 * difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
        if ratio > likeness:
            best, likeness = i, ratio
        if ratio == 1:
            break
    return best, likeness


def update(lines, step, output):
    """Renews the shown lines; returns remarks on those whose text changed or that have no like."""
    place, remarks = 0, []
    for index in step.shown:
        text = lines[index]
        if text.strip() in ("...", ""):
            continue
        best, likeness = most_similar(text, output, place)
        if likeness < SIMILAR:
            remarks.append(f"no line like: {text}")
            continue
        lines[index], place = cut_like(text, output[best]), best + 1
        if likeness < 1:
            remarks.append(f"was: {text}\n     now: {lines[index]}")
    return remarks


def excerpt(output, shown):
    """As many lines as were shown, whole outputs where they are not much longer: the first third, and the end."""
    room = max(shown, 12)
    lines = [line.rstrip() for line in output]
    if len(lines) <= room + 6:
        return lines
    return lines[:room // 3] + ["..."] + lines[-(room - room // 3):]


class Runner:
    """Runs the commands of one page in a copy of the files that they may use."""

    def __init__(self, program, folder):
        self.folder = pathlib.Path(folder)
        build = pathlib.Path(program).resolve().parent
        self.package = build / "python"
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.environment = dict(os.environ, PATH=f"{build}:/usr/bin:{os.environ['PATH']}", PYTHONPATH=str(self.package),
                                PYTHONDONTWRITEBYTECODE="1", NO_COLOR="1", COLUMNS="120", MPLBACKEND="Agg")

    def run(self, command):
        result = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, text=True, check=False,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT_S)
        return result.returncode, result.stdout.splitlines(), result.stderr.splitlines()

    def doctest(self, lines):
        """Lines of a failing doctest; none when all is well or the build has no Python package."""
        if not self.package.is_dir():
            return []
        source = []
        for begin, end in blocks(lines, "pycon"):
            source += [""] * (begin - len(source)) + lines[begin:end]
        if not source:
            return []
        (self.folder / "page.txt").write_text("\n".join(source) + "\n")
        code, output, _ = self.run("/usr/bin/python3 -m doctest page.txt")
        return output if code else []


def run_page(page, program, renew=False):
    """Faults of one page as `page:line: text`; with `renew` the page is rewritten."""
    lines = page.read_text(encoding="utf-8").split("\n")
    name = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
    todo = steps(lines)
    faults, anew = [], []
    if not todo and not list(blocks(lines, "pycon")):
        return faults
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(program, folder)
        for step in todo:
            where = f"{name}:{step.line + 1}: {step.command.splitlines()[0]}"
            code, output, errors = runner.run(step.command)
            if code != 0:
                faults.append(f"{where}: exit code {code}\n" + "\n".join(errors[-20:]))
                continue
            if renew:
                for remark in update(lines, step, output):
                    print(f"{where}:\n     {remark}")
            lost = missing([lines[i] for i in step.shown], output)
            if lost is not None and renew:
                print(f"{where}: shown anew")
                anew.append((step, excerpt(output, len(step.shown))))
            elif lost is not None:
                faults.append(f"{where}: not in the output, or not at this place: {lost}")
        failed = runner.doctest(lines)
        if failed:
            faults.append(f"{name}: doctest:\n" + "\n".join(failed))
    for step, shown in reversed(anew):
        lines[step.shown[0]:step.shown[-1] + 1] = shown
    if renew:
        page.write_text("\n".join(lines), encoding="utf-8")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "mxsim")
    parser.add_argument("--update", action="store_true", help="renew the numbers of the shown lines")
    parser.add_argument("pages", nargs="*", type=pathlib.Path, metavar="PAGE")
    options = parser.parse_args()
    faults = []
    for page in options.pages or pages():
        faults += run_page(page.resolve(), options.program, options.update)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
