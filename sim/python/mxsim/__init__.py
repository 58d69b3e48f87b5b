"""Bit-exact number formats of mxsim: block-scaled (MX, MXSF, NVFP4, ...), minifloats, integers.

Arrays are NumPy arrays or anything with the DLPack or buffer protocol (CPU tensors of PyTorch), of
float16, bfloat16 (of ml_dtypes, or the two-byte void that np.load makes of it), float32 or float64
in either byte order; float32 in C order is read without a copy. The last axis is the row of the matrix view, all others
together count the rows. Faults of the caller are ValueErrors with the texts of the command line.
"""

from typing import Any, NamedTuple, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _native

__all__ = ["Encoded", "decode", "encode", "formats", "quantize"]

Block = Optional[Tuple[int, int]]


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


def _as_words(random: Any) -> Optional[npt.NDArray[np.uint16]]:
    if random is None:
        return None
    words = _as_array(random)
    if words.dtype != np.uint16:
        raise ValueError(f"random: holds {words.dtype}, expected uint16")
    return np.ascontiguousarray(words)


def quantize(
    array: Any,
    format: str,
    *,
    block: Block = None,
    rounding: str = "rne",
    scale_rule: str = "",
    random: Any = None,
    seed: int = 1,
) -> npt.NDArray[np.float32]:
    """The array after quantizing to `format` and back, as float32 of the same shape.

    block: (rows, columns) that share a scale, by default the format's own. rounding: rne, rna, rnz,
    rtz or sr. scale_rule: floor, up, ceil, midmax, midmax_step or even. random: for sr, a uint16 word an
    element; without it, words are drawn from `seed`.
    """
    source = _as_array(array)
    result = _native.quantize(
        _as_matrix(source, format), format, block, rounding, scale_rule, _as_words(random), seed
    )
    return result.reshape(source.shape)


def encode(
    array: Any,
    format: str,
    *,
    block: Block = None,
    rounding: str = "rne",
    scale_rule: str = "",
    random: Any = None,
    seed: int = 1,
) -> Encoded:
    """The codes of the array and the codes of its block scales; arguments as in quantize()."""
    source = _as_array(array)
    parts = Encoded(
        *_native.encode(
            _as_matrix(source, format), format, block, rounding, scale_rule, _as_words(random), seed
        )
    )
    return parts._replace(codes=parts.codes.reshape(source.shape))


def decode(
    encoded: Union[Encoded, Tuple[Any, Any]], format: str, *, block: Block = None
) -> npt.NDArray[np.float32]:
    """The values of what encode() gave, or of a pair (codes, scales); `block` as given there."""
    parts = Encoded(*encoded)
    codes = _as_array(parts.codes)
    if codes.ndim == 0 or codes.size == 0:
        raise ValueError("codes: expected an array with elements")

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
    return result.reshape(codes.shape)


def formats(*names: str) -> "list[dict[str, Any]]":
    """One dictionary a format, of the named ones or of the whole table: range, storage, widths."""
    return _native.formats(list(names))
