"""Operand streams of the priced units: tensors drawn by role, quantized in blocks of 32 along the reduction."""

import numpy as np

BLOCK = 32
# Tensors of the three GEMMs of a training step: forward X W, backward dY W, weight gradient X dY.
ROLES = (("activation", "weight"), ("gradient", "weight"), ("activation", "gradient"))


def draw(role, shape, rng):
    """Activations: half of them zero behind a ReLU. Gradients: heavy tails."""
    normal = rng.standard_normal(shape)
    if role == "activation":
        return np.maximum(normal, 0.0)
    if role == "weight":
        return normal
    return rng.laplace(size=shape) * np.exp(rng.standard_normal(shape))


def magnitudes(element):
    """Values of the magnitude codes 0, 1, ... of a row of price_pes.ELEMENTS."""
    kind, exp, man = element["kind"], element["exp"], element["man"]
    if kind == "integer":
        return np.arange(2**man) * 2.0 ** (1 - man)
    if kind == "mxsf":
        small = [(4 * (x > 0) + y) * 2.0 ** (max(x, 1) - 10) for x in range(8) for y in range(4)]
        return np.array(small + [(32 + m) * 2.0 ** (e - 6) for e in (1, 2, 3) for m in range(32)])
    bias = 2 ** (exp - 1) - 1
    values = [((e > 0) * 2**man + m) * 2.0 ** (max(e, 1) - bias - man) for e in range(2**exp) for m in range(2**man)]
    lost = {0: 0, 1: 2**man, 2: 1}[element["specials"]]
    return np.array(values[: len(values) - lost])


def quantize(element, tensor):
    """(codes, scale codes) of a tensor whose first axis is the reduction."""
    if element["kind"] == "bf16":
        bits = tensor.astype(np.float32).view(np.uint32).astype(np.uint64)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16), np.zeros(tensor.shape, dtype=np.uint64)
    grid = magnitudes(element)
    blocks = np.abs(tensor).reshape(-1, BLOCK, *tensor.shape[1:])
    largest = np.maximum(blocks.max(axis=1, keepdims=True), 2.0**-100)
    scale = np.frexp(largest)[1] - np.frexp(grid[-1])[1]
    scaled = (blocks / 2.0**scale).reshape(tensor.shape)
    middle = (grid[1:] + grid[:-1]) / 2
    code = np.searchsorted(middle, scaled, side="left")  # a tie stays below ...
    tie = (code < len(middle)) & (scaled == middle[np.minimum(code, len(middle) - 1)])
    code = code + (tie & (code % 2 == 1))  # ... unless the code there is odd
    negative = tensor < 0
    width = element["exp"] + element["man"]
    if element["kind"] == "integer":
        code = np.where(negative, -code, code) & (2 ** (width + 1) - 1)
    else:
        code = code | (negative.astype(int) << width)
    scales = np.broadcast_to(scale + 127, blocks.shape).reshape(tensor.shape)
    return code.astype(np.uint64), scales.astype(np.uint64)


def words(values, bits):
    """uint64 array [cycles, bits, words] of values [cycles, streams]; streams is a multiple of 64."""
    cycles, streams = values.shape
    planes = (values[:, None, :] >> np.arange(bits, dtype=np.uint64)[None, :, None]) & np.uint64(1)
    planes = planes.reshape(cycles, bits, streams // 64, 64) << np.arange(64, dtype=np.uint64)
    return np.bitwise_or.reduce(planes, axis=3)
