"""Networks of PyTorch, ONNX and SCALE-Sim as traces.

A PyTorch model goes through PyTorch's own ONNX exporter and the program's ONNX importer, so that one set of rules says what an
operator means, whichever way a network comes.
"""

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np

from .configuration import PathLike, Workspace, find_file, shape_text
from .program import ConfigError, call
from .torch_export import TraceError, export_onnx, node_sources
from .torch_modules import joined, module_calls


class Trace:
    """A network; run(..., workload=trace) takes it, save() writes it to a file."""

    def __init__(self, json: Dict[str, Any], summary: Dict[str, Any], notes: Sequence[str] = (),
                 weights: Optional[Mapping[str, "np.ndarray[Any, Any]"]] = None) -> None:
        self.json = json
        self.summary = summary
        self.notes = list(notes)
        """What the import left out or assumed."""
        self.weights = None if weights is None else dict(weights)
        """Parameters by layer and name ("conv1.weight"), in the matrix view of the trace."""

    @property
    def name(self) -> str:
        return str(self.json["name"])

    @property
    def macs(self) -> int:
        """Of one sample's forward pass."""
        return int(self.summary["macs"])

    @property
    def parameters(self) -> int:
        return int(self.summary["parameters"])

    @property
    def layers(self) -> List[Dict[str, Any]]:
        """name, op, macs, parameters, inputs, output of each."""
        return list(self.summary["layers"])

    def to_dict(self) -> Dict[str, Any]:
        return self.json

    def save(self, path: PathLike) -> None:
        """Writes the trace and, if it has weights, a .npz archive of them beside it, which the trace names."""
        network = self.json
        if self.weights is not None:
            archive = Path(path).with_suffix(".npz")
            np.savez(archive, **self.weights)
            network = {**network, "weights": archive.name}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(network, file, indent=1)
            file.write("\n")

    def __repr__(self) -> str:
        return f"Trace({self.name}: {len(self.layers)} layers, {self.parameters} parameters, {self.macs} MACs)"


def _loaded(path: str, names: Mapping[str, str], notes: Sequence[str] = ()) -> Trace:
    summary = call(["trace", "show", path], None, dict(names))
    with open(path, encoding="utf-8") as file:
        network = json.load(file)
    archive = network.pop("weights", None)
    if archive is None:
        return Trace(network, summary, notes)
    with np.load(Path(path).parent / archive) as arrays:
        return Trace(network, summary, notes, dict(arrays))


def _imported(path: str, space: Workspace, dims: Optional[Mapping[str, int]], shapes: Optional[Mapping[str, Sequence[int]]],
              weights: bool) -> Trace:
    target = str(space.path / "trace.json")
    arguments = ["trace", "import", path, "-o", target]
    if weights:
        arguments += ["--weights", str(space.path / "weights.npz")]
    for name, size in (dims or {}).items():
        arguments += ["--dim", f"{name}={size}"]
    for name, shape in (shapes or {}).items():
        arguments += ["--shape", f"{name}={shape_text(shape)}"]
    call(arguments, None, space.names)
    return _loaded(target, {**space.names, target: space.names.get(path, path)})


def _is_module(model: Any) -> bool:
    return any(base.__module__.startswith("torch.nn") and base.__name__ == "Module" for base in type(model).__mro__)


def trace(
    model: Any,
    inputs: Any = None,
    *,
    name: Optional[str] = None,
    dims: Optional[Mapping[str, int]] = None,
    shapes: Optional[Mapping[str, Sequence[int]]] = None,
    loss: Optional[str] = None,
    weights: bool = False,
    modules: bool = False,
) -> Trace:
    """A network as a trace.

    model: a torch.nn.Module, with inputs (a tensor or a tuple of them, batch first) to trace it with; or the path of an ONNX
    model, a SCALE-Sim topology (dims, shapes: open sizes of them) or a trace; or the dict of a trace. loss: layer kind put behind
    the network's one result ("cross_entropy"); a training step of a network without one assumes it. weights: the trace has the
    numbers of the parameters of a torch.nn.Module or an ONNX model. modules: the modules of a torch.nn.Module alone, each a
    network of its own, where what it does between them cannot be traced; notes name the modules that are left out.
    """
    if modules:
        if not _is_module(model) or inputs is None:
            raise TypeError("modules: expected a torch.nn.Module and inputs")
        traced = _trace_modules(model, inputs, name, weights)
    else:
        traced = _trace(model, inputs, name, dims, shapes, weights)
    return traced if loss is None else _with_loss(traced, loss)


def _with_loss(traced: Trace, loss: str) -> Trace:
    outputs = traced.json.get("outputs", [])
    if len(outputs) != 1:
        raise ValueError(f"loss: the network has {len(outputs)} results, expected one")
    layer = {"name": "loss", "op": loss, "inputs": [outputs[0]], "outputs": ["loss"]}
    network = {**traced.json, "layers": [*traced.json["layers"], layer], "outputs": ["loss"]}
    with Workspace() as space:
        made = _loaded(space.write(network, "trace.json", traced.name), space.names, traced.notes)
    made.weights = traced.weights
    return made


def _with_source(message: str, model: bytes) -> str:
    """A refusal of the importer, which names a node, behind the node's source line."""
    for name, line in node_sources(model).items():
        if f' "{name}"' in message:
            return f"{line}: {message}"
    return message


def _trace(model: Any, inputs: Any, name: Optional[str], dims: Optional[Mapping[str, int]],
           shapes: Optional[Mapping[str, Sequence[int]]], weights: bool) -> Trace:
    with Workspace() as space:
        if isinstance(model, Trace):
            return model
        if isinstance(model, Mapping):
            path = space.write(model, "trace.json", "trace")
            return _loaded(path, space.names)
        if isinstance(model, (str, os.PathLike)):
            found = find_file(model, "traces")
            if found.endswith(".json"):
                return _loaded(found, space.names)
            return _imported(found, space, dims, shapes, weights)
        if not _is_module(model):
            raise TypeError(f"model: got {type(model).__name__}, expected a torch.nn.Module, a path or a dict")
        if inputs is None:
            raise ValueError("inputs: expected a tensor or a tuple of tensors to trace the model with")
        return _trace_module(model, inputs, name or type(model).__name__.lower(), space, weights)


def _trace_module(model: Any, inputs: Any, title: str, space: Workspace, weights: bool) -> Trace:
    path = str(space.path / f"{title}.onnx")
    exported = export_onnx(model, inputs, fold=weights)
    Path(path).write_bytes(exported)
    space.names[path] = title
    try:
        traced = _imported(path, space, None, None, weights)
    except ConfigError as error:
        raise TraceError("\n".join(_with_source(fault.message, exported) for fault in error.faults)) from error
    traced.json["name"] = title
    return traced


def _trace_modules(model: Any, inputs: Any, name: Optional[str], weights: bool) -> Trace:
    title = name or type(model).__name__.lower()
    parts, notes = [], ["layers without links: operations between modules are left out"]
    numbers: Dict[str, "np.ndarray[Any, Any]"] = {}
    for call in module_calls(model, inputs):
        try:
            with Workspace() as space:
                own = weights and any(True for _ in call.module.parameters())
                traced = _trace_module(call.module, call.arguments, "module", space, own)
        except TraceError as error:
            notes.append(f'module "{call.name}" ({type(call.module).__name__}) is left out: {str(error).splitlines()[0]}')
            continue
        notes += [f'module "{call.name}": {note}' for note in traced.notes]
        parts.append((call.name, traced.json))
        single = len(traced.json["layers"]) == 1
        for key, value in (traced.weights or {}).items():
            numbers[f"{call.name}.{key.rpartition('.')[2]}" if single else f"{call.name}.{key}"] = value
    if not parts:
        raise TraceError("\n".join(notes[1:]) or "the model calls no module")
    with Workspace() as space:
        made = _loaded(space.write(joined(title, parts), "trace.json", title), space.names, notes)
    made.weights = numbers if weights else None
    return made
