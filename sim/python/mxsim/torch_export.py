"""PyTorch models as ONNX models, with the source line of every node.

PyTorch follows the path that a call takes through the model (torch.jit.trace), so control flow that depends on shapes or on
settings of the model is no obstacle; its ONNX exporter then names every operation.
"""

import contextlib
import inspect
import io
import itertools
import os
import re
import traceback
import warnings
from typing import Any, Dict, Iterator, List, Tuple

from .torch_rules import plain_results, rewriting

NEWEST_OPSET = 17
# ONNX files end at 2^31 bytes; larger models keep their weights outside.
MOST_WEIGHT_BYTES = 1 << 30
SMALL_ELEMENTS = 1 << 16

_HERE = os.path.dirname(os.path.abspath(__file__))
_FRAME = re.compile(r"^(?P<file>.+?\.py)\((?P<line>\d+)\): ", re.M)


class TraceError(ValueError):
    """A model that cannot be traced: one line for each operation that stands in the way, with its source line."""


def _is_torch(file: str) -> bool:
    """PyTorch's own, or what this package puts in the place of PyTorch's."""
    return f"{os.sep}torch{os.sep}" in file or os.path.dirname(os.path.abspath(file)) == _HERE


def source_line(stack: str) -> str:
    """The innermost line of a stack that is not PyTorch's own ("model.py:12"), else the innermost one, else nothing."""
    frames = [(match["file"], match["line"]) for match in _FRAME.finditer(stack)]
    own = [frame for frame in frames if not _is_torch(frame[0])] or frames
    if not own:
        return ""
    file, line = own[0]
    with contextlib.suppress(ValueError):
        file = min(file, os.path.relpath(file), key=len)
    return f"{file}:{line}"


def _varint(data: memoryview, at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _fields(data: memoryview) -> Iterator[Tuple[int, memoryview, memoryview]]:
    """Number, content and whole of a message's fields in protobuf's wire format; numbers have no content."""
    at = 0
    while at < len(data):
        begin = at
        tag, at = _varint(data, at)
        content = data[at:at]
        if tag & 7 == 2:
            size, at = _varint(data, at)
            content = data[at:at + size]
            at += size
        elif tag & 7 == 0:
            _, at = _varint(data, at)
        else:
            at += 8 if tag & 7 == 1 else 4
        yield tag >> 3, content, data[begin:at]


def _number(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 127 | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return bytes(out)


def _field(number: int, content: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(content)) + content


def node_sources(model: bytes) -> Dict[str, str]:
    """Source line of each node by its name, as the exporter left it in the node's documentation."""
    sources = {}
    for number, graph, _ in _fields(memoryview(model)):
        if number != 7:
            continue
        for part, node, _ in _fields(graph):
            if part != 1:
                continue
            texts = {key: value for key, value, _ in _fields(node) if key in (3, 6)}
            line = source_line(bytes(texts.get(6, b"")).decode("utf-8", "replace"))
            if line:
                sources[bytes(texts.get(3, b"")).decode("utf-8", "replace")] = line
    return sources


def _tensor(name: str, tensor: Any) -> bytes:
    """An initializer: its numbers where it is small (tables of places, masks), else its shape alone."""
    from torch.onnx._type_utils import JitScalarType

    proto = b"".join(b"\x08" + _number(size) for size in tensor.shape)
    proto += b"\x10" + _number(int(JitScalarType.from_dtype(tensor.dtype).onnx_type())) + _field(8, name.encode())
    if tensor.numel() <= SMALL_ELEMENTS:
        return proto + _field(9, tensor.detach().cpu().contiguous().numpy().tobytes())
    return proto + _field(13, _field(1, b"location") + _field(2, b"weights")) + b"\x70\x01"


def with_initializers(model: bytes, tensors: Dict[str, Any]) -> bytes:
    """A model that was exported without its parameters, with those."""
    more = b"".join(_field(5, _tensor(name, tensor)) for name, tensor in tensors.items())
    return b"".join(_field(7, bytes(content) + more) if number == 7 else bytes(whole)
                    for number, content, whole in _fields(memoryview(model)))


@contextlib.contextmanager
def _evaluated(model: Any) -> Iterator[None]:
    """In evaluation mode dropout and batch statistics are out of the way; the chip's training step adds its own. With gradients
    on, PyTorch keeps off its fused paths, which the exporter does not know."""
    import torch

    was_training = [(module, module.training) for module in model.modules()]
    log = torch.onnx.log
    try:
        model.eval()
        torch.onnx.log = lambda *_: None
        with contextlib.ExitStack() as around:
            around.enter_context(torch.enable_grad())
            around.enter_context(warnings.catch_warnings())
            if not isinstance(model, torch.jit.ScriptModule):
                around.enter_context(plain_results(model))
                around.enter_context(rewriting())
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.onnx.log = log
        for module, training in was_training:
            module.training = training


def _unknown_operations(model: Any, arguments: Tuple[Any, ...]) -> List[str]:
    """Operations that the exporter does not know, with their source lines; nothing where the model itself fails."""
    import torch

    find = getattr(torch.onnx.utils, "unconvertible_ops", None)
    if find is None:
        return []
    with _evaluated(model):
        try:
            graph, unknown = find(model, arguments, opset_version=NEWEST_OPSET)
        except Exception:
            return []
    lines = []
    for node in graph.nodes():
        if node.kind() in unknown:
            where = source_line(str(node.sourceRange()))
            lines.append(f"{where}: {node.kind()}" if where else node.kind())
    return list(dict.fromkeys(lines))


def _raised_in(error: BaseException) -> str:
    """The innermost line of a traceback that is neither PyTorch's nor this package's."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_torch(frame.filename)]
    return f"{min(frames[-1].filename, os.path.relpath(frames[-1].filename), key=len)}:{frames[-1].lineno}" if frames else ""


def export_onnx(model: Any, inputs: Any, fold: bool = False) -> bytes:
    """The model as PyTorch exports it, whatever state (training or evaluation) it is in; TraceError when it cannot be exported.
    fold: arithmetic with parameters alone is done, so that the file holds the numbers that layers multiply by."""
    import torch

    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    options: Dict[str, Any] = {"do_constant_folding": fold, "training": torch.onnx.TrainingMode.PRESERVE,
                               "opset_version": NEWEST_OPSET, "verbose": True}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    tensors = dict(itertools.chain(model.named_parameters(), model.named_buffers()))
    large = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()) > MOST_WEIGHT_BYTES
    out = io.BytesIO()
    try:
        with _evaluated(model):
            torch.onnx.export(model, arguments, out, **{**options, "export_params": not large})
    except Exception as error:
        where = _raised_in(error)
        # What the frames of PyTorch's exporter hold of a dead graph breaks later exports.
        traceback.clear_frames(error.__traceback__)
        lines = _unknown_operations(model, arguments)
        if lines:
            raise TraceError("\n".join(f"{line}: PyTorch cannot export this operation to ONNX" for line in lines)) from error
        message = " ".join(str(error).split()) or type(error).__name__
        raise TraceError(f"{where + ': ' if where else ''}PyTorch cannot export it to ONNX: {message}") from error
    if fold and large:
        raise TraceError(f"weights of more than {MOST_WEIGHT_BYTES} bytes do not fit into an ONNX model: trace it without them")
    return with_initializers(out.getvalue(), tensors) if large else out.getvalue()
