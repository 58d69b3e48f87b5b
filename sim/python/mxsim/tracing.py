"""Networks of PyTorch, ONNX and SCALE-Sim as traces.

A PyTorch model goes through PyTorch's own ONNX exporter and the program's ONNX importer, so that one set of rules says what an
operator means, whichever way a network comes.
"""

import inspect
import io
import json
import os
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .configuration import PathLike, Workspace, find_file, shape_text
from .program import call


class Trace:
    """A network; run(..., workload=trace) takes it, save() writes it to a file."""

    def __init__(self, json: Dict[str, Any], summary: Dict[str, Any], notes: Sequence[str] = ()) -> None:
        self.json = json
        self.summary = summary
        self.notes = list(notes)
        """What the import left out or assumed."""

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
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.json, file, indent=1)
            file.write("\n")

    def __repr__(self) -> str:
        return f"Trace({self.name}: {len(self.layers)} layers, {self.parameters} parameters, {self.macs} MACs)"


def _loaded(path: str, names: Mapping[str, str], notes: Sequence[str] = ()) -> Trace:
    summary = call(["trace", "show", path], None, dict(names))
    with open(path, encoding="utf-8") as file:
        return Trace(json.load(file), summary, notes)


def _imported(path: str, space: Workspace, dims: Optional[Mapping[str, int]], shapes: Optional[Mapping[str, Sequence[int]]]) -> Trace:
    target = str(space.path / "trace.json")
    arguments = ["trace", "import", path, "-o", target]
    for name, size in (dims or {}).items():
        arguments += ["--dim", f"{name}={size}"]
    for name, shape in (shapes or {}).items():
        arguments += ["--shape", f"{name}={shape_text(shape)}"]
    call(arguments, None, space.names)
    return _loaded(target, {**space.names, target: space.names.get(path, path)})


def _is_module(model: Any) -> bool:
    return any(base.__module__.startswith("torch.nn") and base.__name__ == "Module" for base in type(model).__mro__)


def export_onnx(model: Any, inputs: Any) -> bytes:
    """The model as PyTorch exports it, in the state (training or evaluation) it is in; ValueError when it cannot be exported."""
    import torch

    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    options: Dict[str, Any] = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    out = io.BytesIO()
    was_training = model.training
    try:
        # In evaluation mode dropout and batch statistics are out of the way; the chip's training step adds its own.
        # With gradients on, PyTorch keeps off its fused paths, which the exporter does not know.
        model.eval()
        with torch.enable_grad():
            torch.onnx.export(model, arguments, out, **options)
    except Exception as error:
        raise ValueError(f"model: PyTorch cannot export it to ONNX: {error}") from error
    finally:
        model.train(was_training)
    return out.getvalue()


def trace(
    model: Any,
    inputs: Any = None,
    *,
    name: Optional[str] = None,
    dims: Optional[Mapping[str, int]] = None,
    shapes: Optional[Mapping[str, Sequence[int]]] = None,
    loss: Optional[str] = None,
) -> Trace:
    """A network as a trace.

    model: a torch.nn.Module, with inputs (a tensor or a tuple of them, batch first) to trace it with; or the path of an ONNX
    model, a SCALE-Sim topology (dims, shapes: open sizes of them) or a trace; or the dict of a trace. loss: layer kind put behind
    the network's one result ("cross_entropy"), which a training step needs.
    """
    traced = _trace(model, inputs, name, dims, shapes)
    return traced if loss is None else _with_loss(traced, loss)


def _with_loss(traced: Trace, loss: str) -> Trace:
    outputs = traced.json.get("outputs", [])
    if len(outputs) != 1:
        raise ValueError(f"loss: the network has {len(outputs)} results, expected one")
    layer = {"name": "loss", "op": loss, "inputs": [outputs[0]], "outputs": ["loss"]}
    network = {**traced.json, "layers": [*traced.json["layers"], layer], "outputs": ["loss"]}
    with Workspace() as space:
        return _loaded(space.write(network, "trace.json", traced.name), space.names, traced.notes)


def _trace(model: Any, inputs: Any, name: Optional[str], dims: Optional[Mapping[str, int]],
           shapes: Optional[Mapping[str, Sequence[int]]]) -> Trace:
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
            return _imported(found, space, dims, shapes)
        if not _is_module(model):
            raise TypeError(f"model: got {type(model).__name__}, expected a torch.nn.Module, a path or a dict")
        if inputs is None:
            raise ValueError("inputs: expected a tensor or a tuple of tensors to trace the model with")
        title = name or type(model).__name__.lower()
        path = str(space.path / f"{title}.onnx")
        Path(path).write_bytes(export_onnx(model, inputs))
        space.names[path] = title
        traced = _imported(path, space, dims, shapes)
        traced.json["name"] = title
        return traced
