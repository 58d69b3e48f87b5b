"""The Python package against NumPy's own types, worked codes and its own laws."""

import ctypes

import numpy as np
import pytest

import mxsim

FORMATS = [row["name"] for row in mxsim.formats()]


def normal(*shape):
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def test_mxsf_codes_are_those_worked_out_by_hand():
    values = np.array([[5.3, -1.0, 0.97, -0.1]], dtype=np.float32)
    encoded = mxsim.encode(values, "mxsf")
    assert encoded.codes.tolist() == [[0x6A, 0xA0, 0x20, 0x92]]
    assert encoded.scales.tolist() == [[127]]
    assert mxsim.quantize(values, "mxsf").tolist() == [[5.25, -1.0, 1.0, -0.09375]]


def test_fp16_is_numpys_float16():
    values = normal(40, 30) * 1000
    encoded = mxsim.encode(values, "fp16")
    assert encoded.codes.dtype == np.uint16
    assert np.array_equal(encoded.codes, values.astype(np.float16).view(np.uint16))


@pytest.mark.parametrize("name", FORMATS)
def test_decoding_an_encoded_array_is_quantizing_it(name):
    values = normal(19, 50)
    decoded = mxsim.decode(mxsim.encode(values, name), name)
    assert np.array_equal(decoded, mxsim.quantize(values, name))


def test_shapes_are_kept_and_the_last_axis_is_the_row():
    values = normal(2, 3, 32)
    result = mxsim.quantize(values, "mxint8")
    assert result.shape == values.shape and result.dtype == np.float32
    assert np.array_equal(result.reshape(6, 32), mxsim.quantize(values.reshape(6, 32), "mxint8"))


def test_views_and_wider_types_give_the_same_result():
    values = normal(24, 40)
    expected = mxsim.quantize(values, "mxsf")
    assert np.array_equal(mxsim.quantize(values.astype(np.float64), "mxsf"), expected)
    assert np.array_equal(mxsim.quantize(np.asfortranarray(values), "mxsf"), expected)
    assert np.array_equal(mxsim.quantize(values.T, "mxsf"), expected.T)


def test_float64_is_rounded_once():
    values = np.random.default_rng(2).normal(size=(100, 100))
    assert np.array_equal(mxsim.quantize(values, "fp16"), values.astype(np.float16))
    tie = np.array([[1 + 2.0**-11 + 2.0**-40]])  # just above the middle of two float16
    assert mxsim.quantize(tie, "fp16")[0, 0] == 1 + 2.0**-10


def test_the_input_is_neither_changed_nor_copied():
    values = normal(64, 64)
    values.setflags(write=False)
    before = values.copy()
    mxsim.quantize(values, "mxsf")
    assert np.array_equal(values, before)


class DlpackOnly:
    """What a tensor of another library shows of itself."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, stream=None):
        return self.array.__dlpack__()

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_arrays_come_by_dlpack_and_by_buffer():
    values = normal(16, 16)
    expected = mxsim.quantize(values, "mxsf")
    assert np.array_equal(mxsim.quantize(DlpackOnly(values), "mxsf"), expected)
    assert np.array_equal(mxsim.quantize(memoryview(values), "mxsf"), expected)


def bfloat16_words(*shape):
    return (normal(*shape).view(np.uint32) >> np.uint32(16)).astype(np.uint16)


def widened(words):
    return (words.astype(np.uint32) << np.uint32(16)).view(np.float32)


class Dl(ctypes.Structure):
    """DLManagedTensor of the DLPack protocol."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
    ]


class Bfloat16Tensor:
    """A tensor of PyTorch's bfloat16 as DLPack shows it; NumPy 1 cannot take it."""

    def __init__(self, words, device_type=1, has_strides=True):
        self.words = words
        self.shape = (ctypes.c_int64 * words.ndim)(*words.shape)
        self.strides = (ctypes.c_int64 * words.ndim)(*(stride // 2 for stride in words.strides))
        self.tensor = Dl(words.ctypes.data - 6, device_type, 0, words.ndim, 4, 16, 1, self.shape, None, 6)
        if has_strides:
            self.tensor.strides = self.strides

    def __dlpack__(self, stream=None):
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(self.tensor), b"dltensor", None)

    def __dlpack_device__(self):
        return (self.tensor.device_type, 0)


def test_bfloat16_comes_by_dlpack_in_any_order_of_its_axes():
    words = bfloat16_words(6, 40)
    expected = mxsim.quantize(widened(words), "mxsf")
    assert np.array_equal(mxsim.quantize(Bfloat16Tensor(words), "mxsf"), expected)
    assert np.array_equal(mxsim.quantize(Bfloat16Tensor(words, has_strides=False), "mxsf"), expected)
    turned = np.asfortranarray(words)
    assert np.array_equal(mxsim.quantize(Bfloat16Tensor(turned), "mxsf"), expected)
    assert mxsim.encode(Bfloat16Tensor(words.reshape(2, 3, 40)), "bf16").codes.tolist() == words.reshape(2, 3, 40).tolist()
    with pytest.raises(ValueError):
        mxsim.quantize(Bfloat16Tensor(words, device_type=2), "mxsf")  # CUDA


def test_bfloat16_of_ml_dtypes_and_of_its_files(tmp_path):
    words = bfloat16_words(6, 40)
    expected = mxsim.quantize(widened(words), "mxsf")
    np.save(tmp_path / "a.npy", words.view("V2"))  # as np.save writes the type of ml_dtypes
    assert np.array_equal(mxsim.quantize(np.load(tmp_path / "a.npy"), "mxsf"), expected)
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert np.array_equal(mxsim.quantize(words.view(ml_dtypes.bfloat16), "mxsf"), expected)


def test_big_endian_arrays_are_read_as_the_command_line_reads_their_files():
    values = normal(6, 40)
    expected = mxsim.encode(values, "mxsf")
    for dtype in (">f4", ">f8"):
        assert np.array_equal(mxsim.encode(values.astype(dtype), "mxsf").codes, expected.codes)
    half = values.astype(np.float16)
    assert np.array_equal(mxsim.quantize(half.astype(">f2"), "fp16"), half.astype(np.float32))
    words = np.arange(240, dtype=np.uint16).reshape(6, 40)
    drawn = mxsim.encode(values, "fp16", rounding="sr", random=words)
    swapped = mxsim.encode(values, "fp16", rounding="sr", random=words.astype(">u2"))
    assert np.array_equal(drawn.codes, swapped.codes)
    assert np.array_equal(mxsim.decode((drawn.codes.astype(">u2"), None), "fp16"), mxsim.decode(drawn, "fp16"))


def test_stochastic_rounding_takes_words_or_a_seed():
    values = np.array([[4.0, 4.0625, 4.0625]], dtype=np.float32)
    words = np.array([[65535, 32767, 32768]], dtype=np.uint16)
    encoded = mxsim.encode(values, "mxsf", rounding="sr", random=words)
    assert encoded.codes.tolist() == [[0x60, 0x60, 0x61]]
    first = mxsim.quantize(normal(9, 9), "mxsf", rounding="sr", seed=3)
    assert np.array_equal(first, mxsim.quantize(normal(9, 9), "mxsf", rounding="sr", seed=3))
    assert not np.array_equal(first, mxsim.quantize(normal(9, 9), "mxsf", rounding="sr", seed=4))


def test_formats_lists_the_table_or_named_formats():
    assert "mxsf" in FORMATS and len(set(FORMATS)) == len(FORMATS)
    (row,) = mxsim.formats("e2m1fnuz,e4m3fn_float32_t16")
    assert row["name"] == "nvfp4:1x16" and row["block"] == (1, 16)  # the name states the tile


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: mxsim.quantize(normal(2, 2), "mxfs"), 'unknown format "mxfs", did you mean "mxsf"?'),
        (lambda: mxsim.quantize(np.float32(1), "mxsf"), "array: a 0-dimensional array: expected rows and columns"),
        (lambda: mxsim.quantize(normal(0, 2), "mxsf"), "array: an array without elements"),
        (lambda: mxsim.quantize(np.arange(4), "mxsf"), "array: holds int64, expected bfloat16, float16, float32 or float64"),
        (lambda: mxsim.quantize(normal(2, 2), "mxsf", block=(0, 8)), "block: got 0x8, expected extents of 1..1048576"),
        (lambda: mxsim.quantize(normal(2, 2), "bf16", block=(8, 8)), "block: format bf16 has no block scale"),
        (lambda: mxsim.quantize(normal(2, 2), "mxsf", scale_rule="flor"),
         'unknown scale rule "flor": floor, up, ceil, midmax, midmax_step or even, did you mean "floor"?'),
        (lambda: mxsim.quantize(normal(2, 2), "mxsf", random=np.zeros((2, 2), np.uint16)), 'random: is for rounding "sr"'),
        (lambda: mxsim.decode((np.zeros((8, 8), np.uint8), np.zeros(2, np.uint8)), "mxsf"), "scales: expected 1 values"),
        (lambda: mxsim.decode((np.full((1, 2), 77, np.uint8), np.zeros(1, np.uint8)), "mxfp4_e2m1"),
         "codes: a code has more than 4 bits"),
    ],
)
def test_faults_of_the_caller_are_value_errors_by_name(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message
