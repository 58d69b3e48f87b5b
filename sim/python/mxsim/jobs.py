"""The commands of the program as functions."""

import os
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from .configuration import Config, PathLike, Workspace, find_file, option, run_options, shape_text
from .program import Fault, ProgressOption, call
from .results import CheckedFile, CompareResult, DramResult, EvalResult, GemmResult, Result, RunResult, TrainResult
from .sweeps import Sweep

Data = Union[PathLike, Tuple[Any, Any, Any, Any]]
Shape = Union[str, Tuple[int, int]]


def run(
    config: Config,
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
    bits: bool = False,
    operands: Optional[Mapping[str, Any]] = None,
    timeline: Optional[PathLike] = None,
    mapping_cache: Optional[PathLike] = None,
    out: Optional[PathLike] = None,
    progress: ProgressOption = None,
) -> RunResult:
    """One simulation.

    config: a run file (path, or name of a shipped one such as "resnet18_train"), or a dict with its keys, in which files are
    paths from here or names of shipped ones ({"chip": "mxsafe-32x32", "workload": "resnet18", "mode": "train"}). The options
    replace its keys: format, recipe, mode, fidelity, batch, prompt, generate; workload (path, dict or Trace), dims and shapes of
    it; set: {JSON pointer: value} for any other. bits: compute the results of every GEMM (output_hashes). operands: values
    {NAME: array} instead of drawn ones. timeline: file for a Chrome trace. mapping_cache: folder that keeps the mappings that
    searches find. out: folder for report.json and layers.csv. progress: True for a bar, or a function that gets Progress.
    """
    with Workspace() as space:
        arguments = ["run", space.file_of(config)]
        arguments += run_options(space, format=format, recipe=recipe, mode=mode, fidelity=fidelity, batch=batch, workload=workload,
                                 dims=dims, shapes=shapes, prompt=prompt, generate=generate, set=set, out=out)
        arguments += option("mapping_cache", mapping_cache)
        arguments += option("bits", bits) + option("timeline", None if timeline is None else os.fspath(timeline))
        if operands:
            folder = space.path / "operands"
            folder.mkdir()
            for name, values in operands.items():
                np.save(folder / f"{name}.npy", np.asarray(values, dtype=np.float32))
            arguments += ["--operands", str(folder)]
        return RunResult(call(arguments, progress, space.names))


def explain(
    config: Config,
    layer: str,
    *,
    format: Optional[str] = None,
    mode: Optional[str] = None,
    batch: Optional[int] = None,
    workload: Any = None,
    set: Optional[Mapping[str, Any]] = None,
) -> Result:
    """How a layer's GEMMs are mapped, what that moves, and the runners-up; nothing is simulated."""
    with Workspace() as space:
        arguments = ["run", space.file_of(config), "--explain", layer]
        arguments += run_options(space, format=format, mode=mode, batch=batch, workload=workload, set=set)
        return Result(call(arguments, None, space.names))


def compare(
    config: Config,
    formats: Sequence[str] = ("bf16", "mxfp8_e4m3", "mxsf"),
    *,
    recipes: Sequence[str] = (),
    baseline: str = "bf16",
    iso: str = "pe",
    iso_edge: Optional[int] = None,
    sensitivity: bool = False,
    jobs: Optional[int] = None,
    mode: Optional[str] = None,
    fidelity: Optional[str] = None,
    batch: Optional[int] = None,
    workload: Any = None,
    dims: Optional[Mapping[str, int]] = None,
    shapes: Optional[Mapping[str, Sequence[int]]] = None,
    prompt: Optional[int] = None,
    generate: Optional[int] = None,
    set: Optional[Mapping[str, Any]] = None,
    mapping_cache: Optional[PathLike] = None,
    out: Optional[PathLike] = None,
    progress: ProgressOption = None,
) -> CompareResult:
    """The same work in several formats, with savings against the baseline.

    formats: names, "mxsf:1x32" for other blocks. iso: "pe" (the chip's array), "array" (each format's array fills the
    baseline's silicon) or "area" (array and buffers with the least energy-delay product in it), in multiples of iso_edge
    PEs (8). sensitivity: every assumption changed alone. jobs: processes that simulate (all cores). The rest as of run().
    """
    with Workspace() as space:
        arguments = ["compare", space.file_of(config)]
        arguments += option("formats", list(formats)) + option("recipes", list(recipes)) + option("baseline", baseline)
        arguments += option("iso", iso) + option("iso_edge", iso_edge)
        arguments += option("sensitivity", sensitivity) + option("jobs", jobs) + option("mapping_cache", mapping_cache)
        arguments += run_options(space, mode=mode, fidelity=fidelity, batch=batch, workload=workload, dims=dims, shapes=shapes,
                                 prompt=prompt, generate=generate, set=set, out=out)
        return CompareResult(call(arguments, progress, space.names))


def sweep(
    config: Config,
    *,
    out: Optional[PathLike] = None,
    jobs: Optional[int] = None,
    resume: bool = False,
    reports: bool = False,
    progress: ProgressOption = None,
) -> Sweep:
    """A run for every point of a grid; iterate over it to get points as they finish.

    config: a sweep file or a dict with its keys. out: folder for results.jsonl and results.csv (kept; else a temporary one). jobs:
    processes (all cores). resume: go on with the results in `out`. reports: keep each point's whole report in out/reports.
    """
    return Sweep("sweep", config, out=out, jobs=jobs, resume=resume, reports=reports, progress=progress)


def explore(
    config: Config,
    *,
    out: Optional[PathLike] = None,
    jobs: Optional[int] = None,
    resume: bool = False,
    reports: bool = False,
    progress: ProgressOption = None,
) -> Sweep:
    """A seeded search for the front of a space too large for a grid; arguments as of sweep()."""
    return Sweep("explore", config, out=out, jobs=jobs, resume=resume, reports=reports, progress=progress)


def gemm(
    m: int,
    n: int,
    k: int,
    *,
    array: Shape = "32x32",
    dataflow: str = "ws",
    grid: Shape = "1x1",
    dot_product: Sequence[str] = (),
    format: str = "mxsf",
    b_format: Optional[str] = None,
    block: Optional[Shape] = None,
    timing: str = "native",
    fidelity: str = "tile",
    accumulator: str = "fp32",
    accumulator_bits: Optional[int] = None,
    accumulator_chunk: Optional[int] = None,
    weight_buffering: str = "double",
    mac_latency: int = 1,
    chip: Optional[Config] = None,
    seed: int = 1,
    check: bool = False,
    zero_gating: bool = False,
) -> GemmResult:
    """One GEMM, C[m, n] = A[m, k] B[k, n], on the array alone (no DRAM).

    check: compare the output bits with an independent reference (GemmResult.equal). Options as of `mxsim gemm`.
    """
    with Workspace() as space:
        arguments = ["gemm", str(m), str(n), str(k), "--array", shape_text(array), "--dataflow", dataflow, "--grid", shape_text(grid)]
        arguments += option("dot_product", list(dot_product)) + option("format", format) + option("b_format", b_format)
        arguments += option("block", None if block is None else shape_text(block)) + option("timing", timing)
        arguments += option("fidelity", fidelity) + option("accumulator", accumulator)
        arguments += option("accumulator_bits", accumulator_bits) + option("accumulator_chunk", accumulator_chunk)
        arguments += option("weight_buffering", weight_buffering) + option("mac_latency", mac_latency)
        arguments += option("seed", seed) + option("check", check) + option("zero_gating", zero_gating)
        if chip is not None:
            arguments += ["--chip", space.file_of(chip, "chip", "configs/chips")]
        return GemmResult(call(arguments, None, space.names, accepted=(0, 1)))


def _trace_file(space: Workspace, requests: npt.NDArray[Any]) -> str:
    rows = np.atleast_2d(np.asarray(requests))
    if rows.ndim != 2 or rows.shape[1] not in (2, 3):
        raise ValueError("trace: expected rows of (address, is_write) or (address, is_write, cycle)")
    path = space.path / "requests.trc"
    with open(path, "w", encoding="ascii") as file:
        for row in rows.tolist():
            cycle = int(row[2]) if len(row) > 2 else 0
            file.write(f"{int(row[0]):#x} {'WRITE' if row[1] else 'READ'} {cycle}\n")
    space.names[str(path)] = "trace"
    return str(path)


def dram(
    device: Config,
    trace: Union[None, PathLike, npt.NDArray[Any], Sequence[Sequence[int]]] = None,
    *,
    traffic: Optional[str] = None,
    requests: Optional[int] = None,
    seed: Optional[int] = None,
    profile: Optional[str] = None,
    channels: Optional[int] = None,
    scheduler: Optional[Mapping[str, Any]] = None,
    commands: Optional[PathLike] = None,
    set: Optional[Mapping[str, Any]] = None,
) -> DramResult:
    """Replays requests through a DRAM device.

    device: file, name of a shipped one ("hbm2"), or dict. trace: a file of `0xADDR READ|WRITE CYCLE` lines (.gz too), or rows of
    (address, is_write[, cycle]); or else traffic: "PATTERN:READS:WRITES" with so many requests. commands: CSV file for every command.
    """
    if (trace is None) == (traffic is None):
        raise ValueError("dram: expected either trace or traffic")
    with Workspace() as space:
        arguments = ["dram", "--device", space.file_of(device, "device", "configs/dram")]
        if isinstance(trace, (str, os.PathLike)):
            arguments += ["--trace", find_file(trace)]
        elif trace is not None:
            arguments += ["--trace", _trace_file(space, np.asarray(trace))]
        arguments += option("traffic", traffic) + option("requests", requests) + option("seed", seed)
        arguments += option("profile", profile) + option("channels", channels)
        arguments += option("commands", None if commands is None else os.fspath(commands))
        for name, value in (scheduler or {}).items():
            arguments += ["--scheduler", f"{name}={value}"]
        arguments += run_options(space, set=set)
        return DramResult(call(arguments, None, space.names))


def check(*configs: Config) -> List[CheckedFile]:
    """Validates configuration and trace files (or dicts): every fault at once, nothing is run. Of run files also memory and time."""
    if not configs:
        raise ValueError("check: expected at least one file or dict")
    with Workspace() as space:
        paths = [space.file_of(config, f"config-{number}" if len(configs) > 1 else "config") for number, config in enumerate(configs)]
        found = call(["check", *paths], None, space.names, accepted=(0, 2))
        return [
            CheckedFile(
                space.names.get(file["file"], file["file"]),
                file["kind"],
                [Fault(space.names.get(fault["file"], fault["file"]), fault["pointer"], fault["message"]) for fault in file["faults"]],
                file["warnings"],
                file.get("memory"),
                file.get("estimate", {}).get("seconds"),
            )
            for file in found["files"]
        ]


def describe(key: str = "", *, file: str = "run") -> List[Dict[str, Any]]:
    """Keys of a kind of configuration file, at or below a JSON pointer or by name: type, unit, range, default, meaning."""
    return list(call(["describe", *([key] if key else []), "--file", file]))


def _data_folder(space: Workspace, data: Data) -> str:
    if isinstance(data, (str, os.PathLike)):
        return os.fspath(data)
    folder = space.path / "data"
    folder.mkdir()
    names = ("x_train", "y_train", "x_test", "y_test")
    if len(data) != len(names):
        raise ValueError("data: expected a folder or (x_train, y_train, x_test, y_test)")
    for name, array in zip(names, data):
        values = np.asarray(array)
        if values.dtype == np.float64:
            values = values.astype(np.float32)
        np.save(folder / f"{name}.npy", values)
    return str(folder)


def train(
    config: Config,
    data: Data,
    *,
    formats: Sequence[str] = (),
    epochs: Optional[int] = None,
    seeds: Optional[int] = None,
    threads: Optional[int] = None,
    batch: Optional[int] = None,
    workload: Any = None,
    set: Optional[Mapping[str, Any]] = None,
    resume: bool = False,
    out: Optional[PathLike] = None,
    progress: ProgressOption = None,
    **more: Any,
) -> TrainResult:
    """Trains on real data with the run's formats and arithmetic: accuracy beside cycles, time and energy.

    data: a folder (MNIST family, CIFAR, or x_train.npy ...), or arrays (x_train, y_train, x_test, y_test). out: folder for
    training.json and the checkpoints (kept; else a temporary one). Other options of `mxsim train` by their name.
    """
    with Workspace() as space:
        arguments = ["train", space.file_of(config), "--data", _data_folder(space, data)]
        arguments += option("formats", list(formats)) + option("epochs", epochs) + option("seeds", seeds)
        arguments += option("threads", threads) + option("resume", resume)
        for name, value in more.items():
            arguments += option(name, value)
        arguments += run_options(space, batch=batch, workload=workload, set=set, out=out or space.path / "out")
        return TrainResult(call(arguments, progress, space.names))


def evaluate(
    config: Config,
    weights: Union[PathLike, Mapping[str, Any]],
    data: Data,
    *,
    format: Optional[str] = None,
    threads: Optional[int] = None,
    batch: Optional[int] = None,
    workload: Any = None,
    set: Optional[Mapping[str, Any]] = None,
    progress: ProgressOption = None,
) -> EvalResult:
    """Classifies the test samples with given weights, cast to the run's formats: accuracy beside the energy of an image.

    weights: an .npz file such as a checkpoint of train(), or {NAME: array}. data as of train().
    """
    with Workspace() as space:
        if isinstance(weights, Mapping):
            path = str(space.path / "weights.npz")
            np.savez(path, **{name: np.asarray(values, dtype=np.float32) for name, values in weights.items()})
            space.names[path] = "weights"
        else:
            path = os.fspath(weights)
        arguments = ["eval", space.file_of(config), "--weights", path, "--data", _data_folder(space, data)]
        arguments += option("threads", threads) + run_options(space, format=format, batch=batch, workload=workload, set=set)
        return EvalResult(call(arguments, progress, space.names))


def report(*results: Union[PathLike, Result, Sweep], out: PathLike = "report.html", title: str = "mxsim report") -> Path:
    """One self-contained HTML page of results: objects of this package, or files and folders that commands wrote."""
    with tempfile.TemporaryDirectory(prefix="mxsim-") as folder:
        paths = []
        for number, result in enumerate(results):
            if isinstance(result, Sweep):
                paths.append(str(result.run().folder))
            elif isinstance(result, Result):
                paths.append(os.path.join(folder, f"{type(result).__name__}-{number}.json"))
                result.save(paths[-1])
            else:
                paths.append(os.fspath(result))
        call(["report", *paths, "--output", os.fspath(out), "--title", title])
    return Path(out)
