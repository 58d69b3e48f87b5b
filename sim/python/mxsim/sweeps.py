"""Sweeps and explorations: points as they finish."""

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional

from .configuration import Config, PathLike, Workspace, option
from .program import Call, ProgressOption
from .results import pandas_module

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


class Point:
    """A point of the space. Its totals (cycles, energy_pj, ...) are attributes; `json` is its line of results.jsonl."""

    def __init__(self, json: Dict[str, Any]) -> None:
        self.json = json
        self.number: int = json["point"]
        self.status: str = json["status"]
        """ok, failed, or left_out by a constraint."""
        self.settings: Dict[str, Any] = json["settings"]
        self.error: Optional[str] = json.get("error")

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "json":
            raise AttributeError(name)
        totals = self.json.get("totals", {})
        if name in totals:
            return totals[name]
        raise AttributeError(f"point {self.number} ({self.status}) has no {name}")

    def row(self) -> Dict[str, Any]:
        """Settings, totals and quality as one flat dict."""
        quality = {f"quality/{name}": value for name, value in self.json.get("quality", {}).items()}
        return {"point": self.number, "status": self.status, **self.settings, **self.json.get("totals", {}), **quality}

    def __repr__(self) -> str:
        settings = ", ".join(f"{key.rsplit('/', 1)[-1]} {value}" for key, value in self.settings.items())
        return f"Point({self.number}, {self.status}: {settings})"


class Sweep:
    """Runs when it is iterated over or its results are asked for; each point is run once."""

    def __init__(self, command: str, config: Config, *, out: Optional[PathLike], jobs: Optional[int], resume: bool, reports: bool,
                 progress: ProgressOption) -> None:
        self._space = Workspace()
        self._own = None if out is not None else tempfile.TemporaryDirectory(prefix="mxsim-")
        self.folder = Path(out) if out is not None else Path(self._own.name) / "results" if self._own else Path()
        """Of results.jsonl and results.csv."""
        folders = "configs/sweeps" if command == "sweep" else "configs/explorations"
        self._arguments = [command, self._space.file_of(config, "config", folders), "--out", os.fspath(self.folder)]
        self._arguments += option("jobs", jobs) + option("resume", resume) + option("reports", reports)
        self._progress = progress
        self._points: List[Point] = []
        self._summary: Optional[Dict[str, Any]] = None
        self._going = False
        self._begun = resume

    def __iter__(self) -> Iterator[Point]:
        """Points in the order in which they finish; failed ones are among them."""
        if self._summary is not None:
            yield from self._points
            return
        if self._going:
            raise RuntimeError("this sweep is being iterated over already")
        self._going = True
        again = ["--resume"] if self._begun and "--resume" not in self._arguments else []
        call = Call([*self._arguments, *again], self._progress, self._space.names)
        finished = False
        lines = _Lines(self.folder / "results.jsonl")
        try:
            while call.poll(0.1):
                for point in self._take(lines):
                    self._begun = True
                    yield point
            self._summary = call.result((0, 1))
            finished = True
        finally:
            self._going = False
            if not finished:
                call.stop()
                self._points = []
        yield from self._take(lines)

    def _take(self, lines: "_Lines") -> List[Point]:
        points = [Point(json.loads(line)) for line in lines.new()]
        self._points += points
        return points

    def run(self) -> "Sweep":
        """To its end."""
        for _ in self:
            pass
        return self

    @property
    def points(self) -> List[Point]:
        """All of them by number."""
        self.run()
        return sorted(self._points, key=lambda point: point.number)

    @property
    def summary(self) -> Dict[str, Any]:
        """What the command prints: counts, the front; of explore also the hypervolume."""
        self.run()
        assert self._summary is not None
        return self._summary

    @property
    def front(self) -> List[Point]:
        """Points that no other beats in all objectives of the file."""
        chosen = {each["point"] for each in self.summary["front"]}
        return [point for point in self.points if point.number in chosen]

    def to_pandas(self) -> "pandas.DataFrame":
        """A row a point: its settings by key, totals, and whether it is on the front."""
        chosen = {each["point"] for each in self.summary["front"]}
        rows = [{**point.row(), "front": point.number in chosen} for point in self.points]
        return pandas_module().DataFrame(rows).set_index("point")

    def plot_front(self, x: str = "time_s", y: str = "energy_pj", colour: Optional[str] = None) -> "Figure":
        """Two columns of to_pandas() against each other, with the front of these two."""
        from .figures import sweep as figures

        return figures.front_figure([point.row() for point in self.points if point.ok], x, y, colour)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        state = "not run yet" if self._summary is None else f"{len(self._points)} points"
        return f"Sweep({self._arguments[1]}: {state})"


class _Lines:
    """Whole lines that a growing file has got since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> List[str]:
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        return data[:whole].decode("utf-8", "replace").splitlines()
