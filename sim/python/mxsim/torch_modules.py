"""The modules of a PyTorch model one by one, for models whose operations between them cannot be traced.

Each call of a module of torch.nn, or of one without children, is a network of its own; together they are layers without links.
"""

import contextlib
import functools
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

from .torch_rules import tensors_in


class Call(NamedTuple):
    name: str
    module: Any
    arguments: Tuple[Any, ...]


def _is_whole(module: Any) -> bool:
    """Whether a module is looked at as one: PyTorch's layers, but not its containers, and modules without children."""
    home = type(module).__module__
    if home.startswith("torch.nn.modules.container"):
        return False
    return home.startswith(("torch.nn.modules", "torch.nn.quantized")) or not any(True for _ in module.children())


def _whole_modules(module: Any, path: str = "") -> Iterator[Tuple[str, Any]]:
    if _is_whole(module):
        yield path, module
        return
    for name, child in module.named_children():
        yield from _whole_modules(child, f"{path}.{name}" if path else name)


@contextlib.contextmanager
def _recorded(modules: List[Tuple[str, Any]], calls: List[Call]) -> Iterator[None]:
    def recorder(name: str, module: Any, forward: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(forward)
        def recorded(*arguments: Any, **options: Any) -> Any:
            if tensors_in(arguments) or tensors_in(options):
                calls.append(Call(name, module, (*arguments, options) if options else arguments))
            return forward(*arguments, **options)

        return recorded

    own: Dict[int, bool] = {}
    patched: List[Tuple[Any, Callable[..., Any]]] = []
    try:
        for name, module in modules:
            if id(module) in own:
                continue
            own[id(module)] = "forward" in vars(module)
            patched.append((module, module.forward))
            module.forward = recorder(name, module, module.forward)
        yield
    finally:
        for module, forward in patched:
            if own[id(module)]:
                module.forward = forward
            else:
                del module.forward


def module_calls(model: Any, inputs: Any) -> List[Call]:
    """The calls of its modules in their order, with what they were called with; runs the model once."""
    import torch

    calls: List[Call] = []
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    training = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        # With gradients on, PyTorch keeps off its fused paths, which call no module.
        with torch.enable_grad(), _recorded(list(_whole_modules(model)), calls):
            model(*arguments)
    finally:
        for module, was_training in training:
            module.training = was_training
    seen: Dict[str, int] = {}
    named = []
    for call in calls:
        seen[call.name] = seen.get(call.name, 0) + 1
        number = seen[call.name]
        detached = tuple(part.detach() if isinstance(part, torch.Tensor) else part for part in call.arguments)
        title = call.name or type(call.module).__name__.lower()
        named.append(Call(title if number == 1 else f"{title}.call{number}", call.module, detached))
    return named


def joined(name: str, parts: List[Tuple[str, Dict[str, Any]]]) -> Dict[str, Any]:
    """One trace of layers without links between the parts; a part's layers begin with its name."""
    network: Dict[str, Any] = {"name": name, "unlinked": True, "inputs": [], "layers": [], "outputs": []}
    for title, part in parts:
        own = {layer["name"]: title if len(part["layers"]) == 1 else f"{title}.{layer['name']}" for layer in part["layers"]}

        def renamed(tensor: str, title: str = title, own: Dict[str, str] = own) -> str:
            return own.get(tensor, f"{title}.{tensor}")

        network["inputs"] += [{**each, "name": renamed(each["name"])} for each in part["inputs"]]
        for layer in part["layers"]:
            network["layers"].append({**layer, "name": own[layer["name"]], "inputs": [renamed(each) for each in layer["inputs"]],
                                      "outputs": [renamed(each) for each in layer["outputs"]],
                                      **({"weights_of": own[layer["weights_of"]]} if "weights_of" in layer else {})})
        network["outputs"] += [renamed(each) for each in part["outputs"]]
    return network
