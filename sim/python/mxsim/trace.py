"""Traces a PyTorch model from the command line.

    python3 -m mxsim.trace torchvision.models:resnet18 --input 1x3x224x224 -o resnet18.json

MODULE:FACTORY names a model or a function that makes one. The trace goes to -o, or to standard output.
"""

import argparse
import importlib
import json
import sys
import types
from typing import Any, List, Optional

from .program import ConfigError
from .tracing import _is_module, trace


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m mxsim.trace", description="Writes the trace of a PyTorch model.")
    parser.add_argument("model", metavar="MODULE:FACTORY", help="such as torchvision.models:resnet18; a file's module by its name here")
    parser.add_argument("--input", action="append", required=True, metavar="SHAPE[:DTYPE]",
                        help="shape of an input, batch first: 1x3x224x224, or 1x128:int64; once an input")
    parser.add_argument("--loss", help="layer kind behind the result, such as cross_entropy: a training step needs one")
    parser.add_argument("--weights", action="store_true", help="also the parameters' numbers, as .npz beside the file of -o")
    parser.add_argument("--modules", action="store_true",
                        help="the modules alone, as layers without links, where operations between them cannot be traced")
    parser.add_argument("--name", help="of the network (the model's class)")
    parser.add_argument("-o", "--output", help="trace file (standard output)")
    return parser


def _model(name: str) -> Any:
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        raise ValueError(f"got {name!r}, expected MODULE:FACTORY such as torchvision.models:resnet18")
    sys.path.insert(0, "")
    value: Any = importlib.import_module(module)
    for part in attribute.split("."):
        value = getattr(value, part)
    return value if _is_module(value) else value()


def _tensor(text: str) -> Any:
    import torch

    shape, _, name = text.partition(":")
    try:
        sizes = [int(size) for size in shape.split("x")]
        dtype = getattr(torch, name or "float32")
    except (ValueError, AttributeError):
        raise ValueError(f"--input: got {text!r}, expected SHAPE[:DTYPE] such as 1x3x224x224 or 1x128:int64") from None
    # Drawn numbers: a matrix of zeros has no inverse, for one.
    generator = torch.Generator().manual_seed(1)
    return torch.rand(sizes, generator=generator).to(dtype)


def main(arguments: Optional[List[str]] = None) -> int:
    options = _parser().parse_args(arguments)
    if options.weights and not options.output:
        print("mxsim.trace: --weights needs -o", file=sys.stderr)
        return 2
    try:
        import torch  # noqa: F401
    except ImportError:
        print("mxsim.trace: PyTorch is missing (Debian: apt install python3-torch)", file=sys.stderr)
        return 2
    try:
        traced = trace(_model(options.model), tuple(_tensor(text) for text in options.input), name=options.name,
                       loss=options.loss, weights=options.weights, modules=options.modules)
    except (ConfigError, ValueError, ImportError, AttributeError) as error:
        for line in str(error).splitlines():
            print(f"mxsim.trace: {line}", file=sys.stderr)
        return 2
    for note in traced.notes if options.modules else ():
        print(f"mxsim.trace: {note}", file=sys.stderr)
    if options.output:
        traced.save(options.output)
        print(f"{options.output}: {traced!r}", file=sys.stderr)
    else:
        json.dump(traced.json, sys.stdout, indent=1)
        print()
    return 0


class _CallableModule(types.ModuleType):
    """`import mxsim.trace` puts this module in the place of the function of that name: it is both."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return trace(*arguments, **options)


if __name__ == "__main__":
    sys.exit(main())
sys.modules[__name__].__class__ = _CallableModule
