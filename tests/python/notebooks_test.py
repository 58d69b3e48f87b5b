"""Every notebook runs from its first cell to its last, as a reader would run it."""

import json
import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "scripts" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
pytest.importorskip("matplotlib")


def code_cells(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_there_is_a_notebook_for_every_job():
    assert [path.stem for path in NOTEBOOKS] == ["accuracy", "bring_a_model", "compare_formats", "explore"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert all(cell["cell_type"] != "code" or not cell["outputs"] for cell in notebook["cells"]), "outputs are not committed"
    try:
        import nbclient
        import nbformat
    except ImportError:
        names = {"__name__": "__main__"}
        for number, source in enumerate(code_cells(notebook)):
            exec(compile(source, f"{path.stem}, cell {number}", "exec"), names)  # noqa: S102
        return
    nbclient.NotebookClient(nbformat.read(path, as_version=4), timeout=300).execute(cwd=os.fspath(tmp_path))
