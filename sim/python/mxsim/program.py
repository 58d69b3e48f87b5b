"""The program that simulates: where it is, how it is called, and what goes wrong with it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Collection, Dict, List, NamedTuple, Optional, Sequence, TextIO, Union


class Fault(NamedTuple):
    """One thing that is wrong with the input."""

    file: str
    pointer: str  # JSON pointer, such as "/chip/array/rows"; "" for a whole file
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in self if part)


class ConfigError(ValueError):
    """The input is wrong; `faults` holds everything that is, nothing was simulated."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))


class SimulationError(RuntimeError):
    """The program failed, or was ended."""


class ProgramNotFoundError(FileNotFoundError):
    """There is no program `mxsim` beside the package, in $MXSIM_PROGRAM or on the path."""


class Progress(NamedTuple):
    """How far a part of the work is, as progress=FUNCTION gets it."""

    what: str
    done: int
    total: int
    parts: str


ProgressOption = Union[None, bool, Callable[[Progress], Any]]


def program() -> Path:
    """The program that simulations run: $MXSIM_PROGRAM, that of the package's build or installation, or mxsim on the path."""
    named = os.environ.get("MXSIM_PROGRAM")
    if named:
        if not os.access(named, os.X_OK):
            raise ProgramNotFoundError(f"MXSIM_PROGRAM: {named} is no program")
        return Path(named)
    package = Path(__file__).resolve().parent
    for folder in (package, *list(package.parents)[:5]):
        for candidate in (folder / "bin" / "mxsim", folder / "mxsim"):
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return candidate
    found = shutil.which("mxsim")
    if found:
        return Path(found).resolve()
    raise ProgramNotFoundError(
        "the program mxsim is neither beside the package nor on the path: build it (cmake --build), install it, or name it in "
        "MXSIM_PROGRAM"
    )


def data_folder() -> Path:
    """The folder with the configs/ and traces/ that came with the program."""
    folder = program().resolve().parent
    for candidate in (folder.parent / "share" / "mxsim", folder.parent.parent):
        if (candidate / "configs").is_dir():
            return candidate
    raise ProgramNotFoundError(f"no configs and traces beside {program()}")


class _Bar:
    """Progress on a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last = ""

    def __call__(self, progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        line = f"{progress.what} [{'#' * int(20 * share):<20}] {progress.done}/{progress.total} {progress.parts}"
        if line != self._last:
            self._out.write("\r" + line.ljust(len(self._last)))
            self._out.flush()
            self._last = line

    def end(self) -> None:
        if self._last:
            self._out.write("\r" + " " * len(self._last) + "\r")
            self._out.flush()


def _environment() -> Dict[str, str]:
    """Without what mpirun tells its processes: the program would take itself for one of them."""
    mpi = ("OMPI_", "PMIX_", "PMI_", "PRTE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mpi)}


class Call:
    """A running program. Its messages come line by line, its result when it has ended."""

    def __init__(self, arguments: Sequence[str], progress: ProgressOption = None, names: Optional[Dict[str, str]] = None) -> None:
        """names: files of ours by what the user calls them."""
        self._names = names or {}
        self._bar = _Bar(sys.stderr) if progress is True else None
        self._tell = self._bar or (progress if callable(progress) else None)
        self._faults: List[Fault] = []
        self._notes: List[str] = []
        self._errors: List[str] = []
        self._out: List[str] = []
        command = [str(program()), *arguments, "--json", "--messages", "json"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=_environment(),
            start_new_session=True,  # Ctrl-C of a terminal reaches us alone; we pass it on
        )
        self._reader = threading.Thread(target=self._read_result, daemon=True)
        self._reader.start()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._messages: List[Progress] = []
        self._news = threading.Condition()
        self._listener.start()

    def _read_result(self) -> None:
        assert self._process.stdout is not None
        self._out.append(self._process.stdout.read())

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._take(line.rstrip("\n"))
        with self._news:
            self._news.notify_all()

    def _take(self, line: str) -> None:
        message: Any = None
        if line.startswith('{"type"'):
            try:
                message = json.loads(line)
            except ValueError:
                message = None
        if message is None:
            self._notes.append(line)
        elif message["type"] == "fault":
            file = message["file"]
            self._faults.append(Fault(self._names.get(file, file), message["pointer"], message["message"]))
        elif message["type"] == "error":
            self._errors.append(message["message"])
        else:
            with self._news:
                self._messages.append(Progress(message["what"], message["done"], message["total"], message["parts"]))
                self._news.notify_all()

    def poll(self, seconds: float) -> bool:
        """Waits for news at most so long and passes them on; False when the program has ended."""
        with self._news:
            if not self._messages and self._listener.is_alive():
                self._news.wait(seconds)
            messages, self._messages = self._messages, []
        for message in messages:
            if self._tell:
                self._tell(message)
        return self._listener.is_alive() or bool(self._messages)

    def stop(self) -> None:
        """As Ctrl-C does; by force after a while."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def result(self, accepted: Collection[int] = (0,)) -> Any:
        """Waits for the end: the JSON that was printed. Raises ConfigError or SimulationError."""
        try:
            while self.poll(1.0):
                pass
            code = self._process.wait()
            self._reader.join()
        except BaseException:
            self.stop()
            raise
        finally:
            if self._bar:
                self._bar.end()
        text = "".join(self._out)
        if code in accepted and text.strip():
            return json.loads(text)
        if code == 2:
            raise ConfigError(self._faults or [_fault_of(line) for line in self._notes if line] or [Fault("", "", "wrong input")])
        if code == 0:
            return None
        raise SimulationError("\n".join([*self._errors, *self._notes]) or f"mxsim ended with {code}")

    @property
    def notes(self) -> List[str]:
        return self._notes


def _fault_of(line: str) -> Fault:
    """A fault of the command line, which is told as text."""
    return Fault("", "", re.sub(r"\s*Run with --help for more information\.\s*", "", line))


def call(
    arguments: Sequence[str],
    progress: ProgressOption = None,
    names: Optional[Dict[str, str]] = None,
    accepted: Collection[int] = (0,),
) -> Any:
    """Runs the program to its end and returns what it printed."""
    return Call(arguments, progress, names).result(accepted)
