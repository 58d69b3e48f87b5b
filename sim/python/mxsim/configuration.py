"""Configurations as dicts or files, and the options of the command line."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np

from .program import data_folder

PathLike = Union[str, "os.PathLike[str]"]
Config = Union[PathLike, Mapping[str, Any]]

# Where files of a kind lie that came with the program, by the key that names them.
SHIPPED = {
    "chip": "configs/chips",
    "workload": "traces",
    "device": "configs/dram",
    "technology": "configs/technology",
    "base": "configs/runs",
}
FILE_ENDINGS = (".json", ".onnx", ".csv")


def _plain(value: Any) -> Any:
    """What json cannot write by itself."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.path.abspath(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    raise TypeError(f"a configuration holds {type(value).__name__}, which has no JSON")


def find_file(name: PathLike, folder: str = "") -> str:
    """The path itself where it exists, else that of a file which came with the program: configs/..., or a bare name in `folder`."""
    text = os.fspath(name)
    if os.path.exists(text):
        return os.path.abspath(text)
    shipped = data_folder()
    candidates = [shipped / text]
    if folder and "/" not in text:
        candidates += [shipped / folder / text, shipped / folder / f"{text}.json"]
    for candidate in candidates:
        if candidate.is_file():
            return str(candidate)
    return os.path.abspath(text)


def with_files(value: Any, key: str = "") -> Any:
    """A copy in which the names of files are absolute: a dict has no folder that they could be relative to."""
    if isinstance(value, Mapping):
        return {name: with_files(part, str(name)) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_files(part, key) for part in value]
    if isinstance(value, os.PathLike):
        return find_file(value, SHIPPED.get(key, ""))
    if isinstance(value, str):
        leaf = key.rsplit("/", 1)[-1]
        if leaf in SHIPPED or value.endswith(FILE_ENDINGS):
            return find_file(value, SHIPPED.get(leaf, ""))
    return value


class Workspace:
    """A folder of our own for one call, and what its files are called in messages."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mxsim-")
        self.path = Path(self._folder.name)
        self.names: Dict[str, str] = {}

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self._folder.cleanup()

    def write(self, config: Any, name: str, called: str) -> str:
        path = self.path / name
        path.write_text(json.dumps(config, default=_plain), encoding="utf-8")
        self.names[str(path)] = called
        return str(path)

    def file_of(self, config: Config, name: str = "config", folder: str = "configs/runs") -> str:
        """The path of a file that holds the configuration."""
        if isinstance(config, Mapping):
            return self.write(with_files(config), f"{name}.json", name)
        if hasattr(config, "to_dict"):
            return self.write(config.to_dict(), f"{name}.json", name)
        return find_file(config, folder)


def flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def option(name: str, value: Any) -> List[str]:
    """["--name", "value"]; lists with commas, nothing for None and False."""
    if value is None or value is False:
        return []
    if value is True:
        return [flag(name)]
    if isinstance(value, (list, tuple)):
        return [flag(name), ",".join(map(str, value))] if value else []
    return [flag(name), str(value)]


def shape_text(value: Union[str, Sequence[int]]) -> str:
    """(32, 16) as 32x16."""
    return value if isinstance(value, str) else "x".join(str(part) for part in value)


def run_options(
    space: Workspace,
    *,
    format: Optional[str] = None,
    recipe: Optional[str] = None,
    mode: Optional[str] = None,
    fidelity: Optional[str] = None,
    batch: Optional[int] = None,
    workload: Any = None,
    dims: Optional[Mapping[str, int]] = None,
    shapes: Optional[Mapping[str, Sequence[int]]] = None,
    prompt: Optional[int] = None,
    generate: Optional[int] = None,
    set: Optional[Mapping[str, Any]] = None,
    out: Optional[PathLike] = None,
) -> List[str]:
    """Options that run, compare, train and evaluate share."""
    arguments: List[str] = []
    for name, value in (("format", format), ("recipe", recipe), ("mode", mode), ("fidelity", fidelity), ("batch", batch),
                        ("prompt", prompt), ("generate", generate)):
        arguments += option(name, value)
    if workload is not None:
        arguments += ["--workload", space.file_of(workload, "workload", "traces")]
    for name, size in (dims or {}).items():
        arguments += ["--dim", f"{name}={size}"]
    for name, shape in (shapes or {}).items():
        arguments += ["--shape", f"{name}={shape_text(shape)}"]
    for pointer, value in (set or {}).items():
        text = json.dumps(with_files(value, pointer), default=_plain)
        arguments += ["--set", f"{pointer}={text}"]
    if out is not None:
        arguments += ["--out", os.fspath(out)]
    return arguments
