"""Bit-exact casts: block-scaled formats (MX, MXSF, NVFP4, ...), minifloats, integers.

Arrays are NumPy arrays or anything with the DLPack or buffer protocol (CPU tensors of PyTorch), of
float16, bfloat16 (of ml_dtypes, or the two-byte void that np.load makes of it), float32 or float64
in either byte order; float32 in C order is read without a copy. The last axis is the row of the matrix view, all others
together count the rows; `axis` puts another one in its place. Faults of the caller are ValueErrors with the texts of the
command line.
"""

from typing import Any, List, NamedTuple, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _native

__all__ = ["Encoded", "decode", "encode", "formats", "quantize"]

Block = Optional[Tuple[int, int]]
AxisName = Union[int, str]
Axis = Union[None, AxisName, Tuple[AxisName, AxisName]]


class Encoded(NamedTuple):
    """An array as stored; parts that the format lacks are None."""

    codes: npt.NDArray[Any]
    scales: Optional[npt.NDArray[Any]] = None
    zero_points: Optional[npt.NDArray[Any]] = None
    offsets: Optional[npt.NDArray[Any]] = None
    tensor_scale: float = 1.0


def _as_array(array: Any) -> npt.NDArray[Any]:
    if not isinstance(array, np.ndarray) and hasattr(array, "__dlpack__"):
        return _from_dlpack(array)
    array = np.asarray(array)
    if array.dtype.names is None and (array.dtype.name == "bfloat16" or array.dtype.str[1:] == "V2"):
        return _from_bfloat16(array.view(np.uint16))
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _from_dlpack(array: Any) -> npt.NDArray[Any]:
    try:
        return np.from_dlpack(array)
    except (RuntimeError, BufferError) as error:
        # NumPy has no bfloat16; the capsule that it refused is gone.
        try:
            words = _native.bfloat16_words(array.__dlpack__())
        except (RuntimeError, BufferError):
            words = None
        if words is None:
            raise ValueError(f"array: {error}") from error
        return _from_bfloat16(words)


def _from_bfloat16(words: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    return (words.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _as_matrix(array: npt.NDArray[Any], format: str) -> npt.NDArray[np.float32]:
    if array.ndim == 0:
        raise ValueError("array: a 0-dimensional array: expected rows and columns")
    if array.size == 0:
        raise ValueError("array: an array without elements")
    if array.dtype == np.float64:
        array = _native.narrow(np.ascontiguousarray(array, dtype=np.float64), format)
    elif array.dtype not in (np.float32, np.float16):
        raise ValueError(f"array: holds {array.dtype}, expected bfloat16, float16, float32 or float64")
    return np.ascontiguousarray(array, dtype=np.float32).reshape(-1, array.shape[-1])


def _axis_number(axis: AxisName, layout: Optional[str], ndim: int) -> int:
    if isinstance(axis, str):
        if layout is None:
            raise ValueError(f'axis: "{axis}" is a name: state layout, such as "OIHW"')
        if len(layout) != ndim or len(set(layout)) != ndim:
            raise ValueError(f'layout: got "{layout}", expected {ndim} different letters, one an axis')
        if axis not in layout:
            raise ValueError(f'axis: "{axis}" is no axis of the layout "{layout}"')
        return layout.index(axis)
    if not -ndim <= axis < ndim:
        raise ValueError(f"axis: got {axis}, expected {-ndim}..{ndim - 1}")
    return axis % ndim


def _axes(axis: Axis, layout: Optional[str], ndim: int) -> List[int]:
    """The axes in the order of the matrix view: the others, then those of the blocks."""
    if ndim == 0 or axis is None:
        return list(range(ndim))
    names = axis if isinstance(axis, tuple) else (axis,)
    last = [_axis_number(name, layout, ndim) for name in names]
    if len(set(last)) != len(last) or len(last) > 2:
        raise ValueError(f"axis: got {axis}, expected one axis or two different ones (rows, columns)")
    return [place for place in range(ndim) if place not in last] + last


def _check_tiles(shape: Tuple[int, ...], axis: Axis, format: str, block: Block) -> None:
    """Tiles over two named axes must not reach from one matrix into the next."""
    if not isinstance(axis, tuple) or len(shape) < 3:
        return
    rows = block[0] if block else (_native.formats([format])[0].get("block") or (1, 1))[0]
    whole = 1 << 20
    if 1 < rows <= whole and shape[-2] % rows != 0:
        raise ValueError(f"block: {rows} rows do not divide the {shape[-2]} of the row axis: tiles would mix matrices")


def _moved(array: npt.NDArray[Any], order: List[int]) -> npt.NDArray[Any]:
    return array if order == sorted(order) else np.ascontiguousarray(np.transpose(array, order))


def _moved_back(array: npt.NDArray[Any], order: List[int]) -> npt.NDArray[Any]:
    return array if order == sorted(order) else np.ascontiguousarray(np.transpose(array, np.argsort(order)))


def _as_words(random: Any, order: List[int]) -> Optional[npt.NDArray[np.uint16]]:
    if random is None:
        return None
    words = _as_array(random)
    if words.dtype != np.uint16:
        raise ValueError(f"random: holds {words.dtype}, expected uint16")
    return np.ascontiguousarray(_moved(words, order) if words.ndim == len(order) else words)


def quantize(
    array: Any,
    format: str,
    *,
    block: Block = None,
    rounding: str = "rne",
    scale_rule: str = "",
    random: Any = None,
    seed: int = 1,
    axis: Axis = None,
    layout: Optional[str] = None,
) -> npt.NDArray[np.float32]:
    """The array after quantizing to `format` and back, as float32 of the same shape.

    block: (rows, columns) that share a scale, by default the format's own. rounding: rne, rna, rnz,
    rtz or sr. scale_rule: floor, up, ceil, midmax, midmax_step or even. random: for sr, a uint16 word an
    element; without it, words are drawn from `seed`. axis: along which blocks lie (the last), or a pair
    (rows, columns) for tiles; a number, or a letter of `layout`:

        quantize(weights, "mxfp8_e4m3", axis="I", layout="OIHW")  # along the input channels
    """
    source = _as_array(array)
    order = _axes(axis, layout, source.ndim)
    moved = _moved(source, order)
    _check_tiles(moved.shape, axis, format, block)
    result = _native.quantize(
        _as_matrix(moved, format), format, block, rounding, scale_rule, _as_words(random, order), seed
    )
    return _moved_back(result.reshape(moved.shape), order)


def encode(
    array: Any,
    format: str,
    *,
    block: Block = None,
    rounding: str = "rne",
    scale_rule: str = "",
    random: Any = None,
    seed: int = 1,
    axis: Axis = None,
    layout: Optional[str] = None,
) -> Encoded:
    """The codes of the array and the codes of its block scales; arguments as in quantize().

    Codes have the array's shape. Scales and other parts are matrices: rows and columns of blocks of the
    matrix view, whose row is `axis`.
    """
    source = _as_array(array)
    order = _axes(axis, layout, source.ndim)
    moved = _moved(source, order)
    _check_tiles(moved.shape, axis, format, block)
    parts = Encoded(
        *_native.encode(
            _as_matrix(moved, format), format, block, rounding, scale_rule, _as_words(random, order), seed
        )
    )
    return parts._replace(codes=_moved_back(parts.codes.reshape(moved.shape), order))


def decode(
    encoded: Union[Encoded, Tuple[Any, Any]],
    format: str,
    *,
    block: Block = None,
    axis: Axis = None,
    layout: Optional[str] = None,
) -> npt.NDArray[np.float32]:
    """The values of what encode() gave, or of a pair (codes, scales); block, axis and layout as given there."""
    parts = Encoded(*encoded)
    given = _as_array(parts.codes)
    if given.ndim == 0 or given.size == 0:
        raise ValueError("codes: expected an array with elements")
    order = _axes(axis, layout, given.ndim)
    codes = _moved(given, order)

    def unsigned(values: Any, name: str) -> npt.NDArray[Any]:
        array = _as_array(values)
        if array.dtype not in (np.uint8, np.uint16, np.uint32):
            raise ValueError(f"{name}: holds {array.dtype}, expected uint8, uint16 or uint32")
        return np.ascontiguousarray(array)

    def wide(values: Any, name: str) -> Optional[npt.NDArray[np.uint32]]:
        return None if values is None else unsigned(values, name).astype(np.uint32)

    result = _native.decode(
        unsigned(codes.reshape(-1, codes.shape[-1]), "codes"),
        wide(parts.scales, "scales"),
        wide(parts.zero_points, "zero_points"),
        wide(parts.offsets, "offsets"),
        parts.tensor_scale,
        format,
        block,
    )
    return _moved_back(result.reshape(codes.shape), order)


def formats(*names: str) -> "list[dict[str, Any]]":
    """One dictionary a format, of the named ones or of the whole table: range, storage, widths."""
    return _native.formats(list(names))
