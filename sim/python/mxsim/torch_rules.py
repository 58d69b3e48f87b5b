"""Functions of PyTorch that its ONNX exporter lacks, written with functions that it knows.

While a model is traced, `rewriting()` puts these in their place, so that the importer sees the work that they are made of.
"""

import contextlib
import dataclasses
import functools
import math
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple, Union

Rule = Callable[..., Any]


def _logit(x: Any, eps: Any = None) -> Any:
    import torch

    share = x if eps is None else x.clamp(eps, 1 - eps)
    return torch.log(share / (1 - share))


def _logaddexp(x: Any, other: Any) -> Any:
    import torch

    return torch.maximum(x, other) + torch.log(1 + torch.exp(-torch.abs(x - other)))


def _frac(x: Any) -> Any:
    import torch

    return x - torch.sign(x) * torch.floor(torch.abs(x))


def _sinc(x: Any) -> Any:
    import torch

    angle = math.pi * x
    return torch.where(angle == 0, torch.ones_like(x), torch.sin(angle) / torch.where(angle == 0, torch.ones_like(x), angle))


def _heaviside(x: Any, values: Any) -> Any:
    import torch

    return torch.where(x == 0, values, (x > 0).to(x.dtype))


def _xlogy(x: Any, other: Any) -> Any:
    import torch

    safe = other if isinstance(other, torch.Tensor) else torch.full_like(x, other)
    product = x * torch.log(torch.where(x == 0, torch.ones_like(safe), safe))
    return torch.where(x == 0, torch.zeros_like(product), product)


def _unflatten(x: Any, dim: int, sizes: Sequence[int]) -> Any:
    at = dim % x.dim()
    return x.reshape([*x.shape[:at], *sizes, *x.shape[at + 1:]])


def _diff(x: Any, n: int = 1, dim: int = -1) -> Any:
    for _ in range(n):
        count = x.shape[dim] - 1
        x = x.narrow(dim, 1, count) - x.narrow(dim, 0, count)
    return x


def _kron(x: Any, other: Any) -> Any:
    rank = max(x.dim(), other.dim())
    x, other = x.reshape([1] * (rank - x.dim()) + list(x.shape)), other.reshape([1] * (rank - other.dim()) + list(other.shape))
    left = x.reshape([size for extent in x.shape for size in (extent, 1)])
    right = other.reshape([size for extent in other.shape for size in (1, extent)])
    return (left * right).reshape([a * b for a, b in zip(x.shape, other.shape)])


def _trace(x: Any) -> Any:
    import torch

    return torch.diagonal(x).sum()


def _rot90(x: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Any:
    import torch

    first, second = dims
    for _ in range(k % 4):
        x = torch.flip(x, (second,)).transpose(first, second)
    return x


def _channel_shuffle(x: Any, groups: int) -> Any:
    n, channels, *rest = x.shape
    return x.reshape(n, groups, channels // groups, *rest).transpose(1, 2).reshape(x.shape)


def _addbmm(x: Any, left: Any, right: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    import torch

    return beta * x + alpha * torch.bmm(left, right).sum(0)


def _block_diag(*blocks: Any) -> Any:
    import torch

    total = sum(block.shape[1] for block in blocks)
    rows, before = [], 0
    for block in blocks:
        rows.append(torch.nn.functional.pad(block, (before, total - before - block.shape[1])))
        before += block.shape[1]
    return torch.cat(rows)


def _isclose(x: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    import torch

    if equal_nan:
        return NotImplemented
    return torch.abs(x - other) <= atol + rtol * torch.abs(other)


def _bilinear(x: Any, other: Any, weight: Any, bias: Any = None) -> Any:
    import torch

    lead, inputs, others = list(x.shape[:-1]), x.shape[-1], other.shape[-1]
    pairs = (x.unsqueeze(-1) * other.unsqueeze(-2)).reshape(-1, inputs * others)
    product = torch.matmul(pairs, weight.reshape(weight.shape[0], inputs * others).t())
    return (product if bias is None else product + bias).reshape([*lead, weight.shape[0]])


def _means(x: Any, extent: int, dim: int) -> Any:
    import torch

    size = x.shape[dim]
    parts = []
    for i in range(extent):
        first, end = i * size // extent, -(-(i + 1) * size // extent)
        parts.append(x.narrow(dim, first, end - first).mean(dim, keepdim=True))
    return torch.cat(parts, dim)


def _adaptive_average(axes: int) -> Rule:
    """Of so many axes, where a window of one size does not do."""

    def rule(x: Any, output_size: Union[int, Sequence[Any]]) -> Any:
        sizes = [output_size] * axes if isinstance(output_size, int) or output_size is None else list(output_size)
        sizes = [size if size is not None else x.shape[i - axes] for i, size in enumerate(sizes)]
        if all(x.shape[i - axes] % size == 0 for i, size in enumerate(sizes)):
            return NotImplemented
        for i, size in enumerate(sizes):
            x = _means(x, size, i - axes)
        return x

    return rule


def _huber_loss(x: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    import torch

    error = torch.abs(x - target)
    loss = torch.where(error <= delta, 0.5 * error * error, delta * (error - 0.5 * delta))
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.mean()


def rules() -> Dict[Any, Rule]:
    """By the function of PyTorch. A rule may return NotImplemented: then the function itself is called."""
    import torch

    functional = torch.nn.functional
    named: List[Tuple[str, Rule]] = [
        ("logit", _logit), ("logaddexp", _logaddexp), ("frac", _frac), ("sinc", _sinc), ("heaviside", _heaviside), ("xlogy", _xlogy),
        ("unflatten", _unflatten), ("diff", _diff), ("kron", _kron), ("trace", _trace), ("rot90", _rot90), ("addbmm", _addbmm),
        ("block_diag", _block_diag), ("isclose", _isclose), ("channel_shuffle", _channel_shuffle), ("bilinear", _bilinear),
        ("huber_loss", _huber_loss), ("adaptive_avg_pool1d", _adaptive_average(1)), ("adaptive_avg_pool2d", _adaptive_average(2)),
        ("adaptive_avg_pool3d", _adaptive_average(3))]
    table: Dict[Any, Rule] = {}
    for name, rule in named:
        for holder in (torch, torch.Tensor, torch.special, functional, torch._C._nn):
            function = getattr(holder, name, None)
            if function is not None:
                table[function] = rule
    return table


@contextlib.contextmanager
def rewriting() -> Iterator[None]:
    """Functions with a rule are replaced. Nothing happens under a PyTorch without modes of functions."""
    try:
        from torch.overrides import TorchFunctionMode
    except ImportError:
        yield
        return
    table = rules()

    class Rewriting(TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            named = kwargs or {}
            rule = table.get(function)
            if rule is not None:
                result = rule(*args, **named)
                if result is not NotImplemented:
                    return result
            return function(*args, **named)

    with Rewriting():
        yield


def tensors_in(value: Any) -> List[Any]:
    """Tensors of a result in their order, whatever holds them."""
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    elif dataclasses.is_dataclass(value):
        value = list(vars(value).values())
    if not isinstance(value, (list, tuple)):
        return []
    return [tensor for part in value for tensor in tensors_in(part)]


@contextlib.contextmanager
def plain_results(model: Any) -> Iterator[None]:
    """While it lasts the model returns its tensors alone: PyTorch traces no dataclass, dict with None, or object."""
    forward = model.forward

    @functools.wraps(forward)
    def flattened(*arguments: Any, **options: Any) -> Any:
        tensors = tensors_in(forward(*arguments, **options))
        return tensors[0] if len(tensors) == 1 else tuple(tensors)

    had_own = "forward" in vars(model)
    model.forward = flattened
    try:
        yield
    finally:
        if had_own:
            model.forward = forward
        else:
            del model.forward
