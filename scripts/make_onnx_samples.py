#!/usr/bin/env python3
"""Writes the small ONNX models of tests/data/import/made (needs Debian's python3-onnx).

    scripts/make_onnx_samples.py [FOLDER]
"""
import math
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests/data/import/made"


class Model:
    """Nodes one after the other; constants by value."""

    def __init__(self, opset=14):
        self.opset, self.nodes, self.constants, self.inputs = opset, [], [], []

    def input(self, name, shape):
        self.inputs.append(helper.make_tensor_value_info(name, FLOAT, shape))
        return name

    def constant(self, name, value, dtype=numpy.float32):
        self.constants.append(numpy_helper.from_array(numpy.asarray(value, dtype=dtype), name))
        return name

    def weights(self, name, *shape):
        return self.constant(name, numpy.ones(shape))

    def whole(self, name, *values):
        return self.constant(name, list(values), numpy.int64)

    def node(self, op, inputs, name, outputs=None, domain=None, **attributes):
        self.nodes.append(helper.make_node(op, inputs, outputs or [name], name=name, domain=domain, **attributes))
        return name

    def save(self, folder, name, outputs, domains=()):
        graph = helper.make_graph(self.nodes, name, self.inputs,
                                  [helper.make_tensor_value_info(o, FLOAT, None) for o in outputs], self.constants)
        opsets = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(d, 1) for d in domains]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="made")
        model.ir_version = 7
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


def encoder(folder):
    """Attention of 4 heads over open batch and sequence, its reshapes computed from shapes; GELU, layer norm."""
    m = Model()
    x = m.input("x", ["batch", "seq", 32])
    m.node("Shape", [x], "shape")
    for axis, name in ((0, "b"), (1, "s")):
        m.node("Gather", ["shape", m.whole(f"i{axis}", axis)], f"{name}_1", axis=0)
    m.node("Concat", ["b_1", "s_1", m.whole("heads", 4), m.whole("width", 8)], "split_shape", axis=0)
    for p in "qkv":
        m.node("MatMul", [x, m.weights(f"w{p}", 32, 32)], f"{p}_product")
        m.node("Add", [m.weights(f"b{p}", 32), f"{p}_product"], p)
        m.node("Reshape", [p, "split_shape"], f"{p}_heads")
        m.node("Transpose", [f"{p}_heads"], f"{p}_turned", perm=[0, 2, 3, 1] if p == "k" else [0, 2, 1, 3])
    m.node("MatMul", ["q_turned", "k_turned"], "scores")
    m.node("Div", ["scores", m.constant("root", 8 ** 0.5)], "scaled")
    m.node("Softmax", ["scaled"], "probabilities", axis=-1)
    m.node("MatMul", ["probabilities", "v_turned"], "mixed")
    m.node("Transpose", ["mixed"], "mixed_turned", perm=[0, 2, 1, 3])
    m.node("Concat", ["b_1", "s_1", m.whole("all", 32)], "join_shape", axis=0)
    m.node("Reshape", ["mixed_turned", "join_shape"], "joined")
    m.node("MatMul", ["joined", m.weights("wo", 32, 32)], "projected")
    m.node("Add", ["projected", x], "residual")
    m.node("ReduceMean", ["residual"], "mean", axes=[-1])
    m.node("Sub", ["residual", "mean"], "centred")
    m.node("Pow", ["centred", m.constant("two", 2.0)], "squares")
    m.node("ReduceMean", ["squares"], "variance", axes=[-1])
    m.node("Add", ["variance", m.constant("epsilon", 1e-5)], "shifted")
    m.node("Sqrt", ["shifted"], "deviation")
    m.node("Div", ["centred", "deviation"], "normal")
    m.node("Mul", ["normal", m.weights("gamma", 32)], "scaled_normal")
    m.node("Add", ["scaled_normal", m.weights("beta", 32)], "normed")
    m.node("MatMul", ["normed", m.weights("w1", 32, 128)], "hidden")
    m.node("Div", ["hidden", m.constant("sqrt2", 2 ** 0.5)], "h1")
    m.node("Erf", ["h1"], "h2")
    m.node("Add", ["h2", m.constant("one", 1.0)], "h3")
    m.node("Mul", ["hidden", "h3"], "h4")
    m.node("Mul", ["h4", m.constant("half", 0.5)], "gelu")
    m.node("MatMul", ["gelu", m.weights("w2", 128, 32)], "y")
    m.save(folder, "encoder", ["y"])


def convolutions(folder):
    """1-D, asymmetric, dilated, grouped and transposed convolution; squeeze and excite; hard swish; resize; concat."""
    m = Model()
    x = m.input("x", [1, 4, 10, 9])
    m.node("Conv", [x, m.weights("w1", 8, 4, 3, 2), m.weights("b1", 8)], "asymmetric", pads=[0, 1, 2, 0], strides=[2, 1])
    m.node("GlobalAveragePool", ["asymmetric"], "squeezed")
    m.node("Conv", ["squeezed", m.weights("w2", 8, 8, 1, 1)], "excited")
    m.node("HardSigmoid", ["excited"], "gate")
    m.node("Mul", ["gate", "asymmetric"], "gated")
    m.node("Add", ["gated", m.constant("three", 3.0)], "s1")
    m.node("Clip", ["s1", m.constant("zero", 0.0), m.constant("six", 6.0)], "s2")
    m.node("Mul", ["gated", "s2"], "s3")
    m.node("Div", ["s3", m.constant("sixth", 6.0)], "swish")
    m.node("ConvTranspose", ["swish", m.weights("w3", 8, 3, 3, 3)], "up", strides=[2, 2], group=2, pads=[1, 1, 1, 1])
    m.node("Resize", ["up", "", m.constant("factors", [1, 1, 2, 2])], "large", mode="linear")
    m.node("Concat", ["large", "large"], "double", axis=1)
    m.node("Conv", ["double", m.weights("w4", 12, 1, 3, 3)], "depthwise", group=12, dilations=[2, 2], auto_pad="SAME_UPPER")
    m.node("Reshape", ["depthwise", m.whole("flat", 1, 12, -1)], "line")
    m.node("Conv", ["line", m.weights("w5", 5, 12, 7)], "one_dimensional", strides=[3])
    m.save(folder, "convolutions", ["one_dimensional"])


def layouts(folder):
    """A split by slices, a pixel shuffle, indices that take an axis apart, a pad."""
    m = Model()
    x = m.input("x", [1, 6, 12])
    for i in range(3):
        m.node("Slice", [x, m.whole(f"from{i}", 4 * i), m.whole(f"to{i}", 4 * i + 4), m.whole(f"axis{i}", 2)], f"part{i}")
    m.node("Add", ["part0", "part1"], "sum01")
    m.node("Sub", ["sum01", "part2"], "mixed")
    m.node("Reshape", ["mixed", m.whole("cut", 1, 6, 2, 2)], "pairs")
    m.node("Gather", ["pairs", m.constant("first", 0, numpy.int64)], "left", axis=2)
    m.node("Gather", ["pairs", m.constant("second", 1, numpy.int64)], "right", axis=2)
    m.node("Mul", ["left", "right"], "product")
    m.node("Pad", ["product", m.whole("pads", 0, 1, 0, 0, 1, 2)], "padded")
    m.save(folder, "layouts", ["padded"])


def quantized(folder):
    """QCDQ: activations clipped to 4 bits, weights int8."""
    m = Model(13)
    x = m.input("x", [1, 16])
    scale = m.constant("scale", 0.5)
    zero = m.constant("zero", 0, numpy.int8)
    m.node("QuantizeLinear", [x, scale, zero], "q")
    m.node("Clip", ["q", m.constant("low", -7, numpy.int8), m.constant("high", 7, numpy.int8)], "clipped")
    m.node("DequantizeLinear", ["clipped", scale, zero], "d")
    m.node("DequantizeLinear", [m.constant("w", numpy.ones((16, 8)), numpy.int8), scale, zero], "weights")
    m.node("MatMul", ["d", "weights"], "y")
    m.save(folder, "qcdq", ["y"])


def logistic(x):
    return 1 / (1 + numpy.exp(-x))


def lstm(x, w, r, b):
    """Hidden states of the tokens x [T, N, I]; gates i, o, f, g."""
    h = c = numpy.zeros((x.shape[1], r.shape[1]))
    states = []
    for token in x:
        i, o, f, g = numpy.split(token @ w.T + h @ r.T + sum(numpy.split(b, 2)), 4, axis=1)
        c = logistic(f) * c + logistic(i) * numpy.tanh(g)
        h = logistic(o) * numpy.tanh(c)
        states.append(h)
    return numpy.stack(states)


def gru(x, w, r, b):
    """The same; gates z, r, n, the reset gate behind the product."""
    h = numpy.zeros((x.shape[1], r.shape[1]))
    states = []
    for token in x:
        own = numpy.split(token @ w.T + b[:len(b) // 2], 3, axis=1)
        past = numpy.split(h @ r.T + b[len(b) // 2:], 3, axis=1)
        z, reset = logistic(own[0] + past[0]), logistic(own[1] + past[1])
        h = (1 - z) * numpy.tanh(own[2] + reset * past[2]) + z * h
        states.append(h)
    return numpy.stack(states)


def rnn(x, w, r, b):
    h = numpy.zeros((x.shape[1], r.shape[1]))
    states = []
    for token in x:
        h = numpy.tanh(token @ w.T + h @ r.T + sum(numpy.split(b, 2)))
        states.append(h)
    return numpy.stack(states)


def recurrent(folder):
    """LSTM in both directions, GRU backwards and RNN on 2 sequences of 4 tokens, with numbers and their result."""
    m = Model()
    drawn = numpy.random.default_rng(17)
    numbers = {}

    def given(name, *shape):
        numbers[name] = drawn.normal(0, 0.6, shape).astype(numpy.float32)
        return m.constant(name, numbers[name])

    def weights(name, directions, gates, inputs, hidden):
        return [given(f"{name}_w", directions, gates * hidden, inputs), given(f"{name}_r", directions, gates * hidden, hidden),
                given(f"{name}_b", directions, 2 * gates * hidden)]

    x = m.input("x", [4, 2, 3])
    m.node("LSTM", [x, *weights("lstm", 2, 4, 3, 2)], "lstm", ["lstm_y", "lstm_h", "lstm_c"], hidden_size=2,
           direction="bidirectional")
    m.node("Transpose", ["lstm_y"], "turned", perm=[0, 2, 1, 3])
    m.node("Reshape", ["turned", m.whole("flat", 4, -1, 4)], "both")
    m.node("GRU", ["both", *weights("gru", 1, 3, 4, 3)], "gru", ["gru_y"], hidden_size=3, direction="reverse", linear_before_reset=1)
    m.node("Squeeze", ["gru_y", m.whole("one", 1)], "line")
    m.node("RNN", ["line", *weights("rnn", 1, 1, 3, 2)], "rnn", ["", "y"], hidden_size=2)
    m.save(folder, "recurrent", ["y"])

    tokens = drawn.normal(size=(4, 2, 3)).astype(numpy.float32)
    there, back = ([numbers[f"lstm_{part}"][d] for part in "wrb"] for d in (0, 1))
    both = numpy.concatenate([lstm(tokens, *there), lstm(tokens[::-1], *back)[::-1]], axis=2)
    line = gru(both[::-1], *(numbers[f"gru_{part}"][0] for part in "wrb"))[::-1]
    last = rnn(line, *(numbers[f"rnn_{part}"][0] for part in "wrb"))[-1:]
    data = folder / "recurrent_data"
    data.mkdir(exist_ok=True)
    for name, value in (("input_0", tokens), ("output_0", last)):
        (data / f"{name}.pb").write_bytes(numpy_helper.from_array(value.astype(numpy.float32), name).SerializeToString())


def patches(x, kernel, stride, pads, dilation=(1, 1, 1), fill=0.0):
    """Windows [N, C, D, H, W, taps...] of a volume."""
    widths = [(0, 0), (0, 0), *zip(pads[:3], pads[3:])]
    x = numpy.pad(x.astype(numpy.float64), widths, constant_values=fill)
    out = [(x.shape[a + 2] - (kernel[a] - 1) * dilation[a] - 1) // stride[a] + 1 for a in range(3)]
    made = numpy.zeros((*x.shape[:2], *out, *kernel))
    for place in numpy.ndindex(*kernel):
        cut = tuple(slice(place[a] * dilation[a], place[a] * dilation[a] + (out[a] - 1) * stride[a] + 1, stride[a])
                    for a in range(3))
        made[(Ellipsis, *place)] = x[(slice(None), slice(None), *cut)]
    return made


def volumes(folder):
    """3-D convolutions (strided, padded unevenly, dilated; two groups), batch norm, maxima and means of volumes, with numbers."""
    m = Model()
    drawn = numpy.random.default_rng(23)

    def given(name, *shape):
        value = drawn.normal(0, 0.5, shape).astype(numpy.float32)
        m.constant(name, value)
        return value

    x = m.input("x", [1, 4, 7, 9, 8])
    w1, b1, w2 = given("w1", 6, 4, 3, 2, 3), given("b1", 6), given("w2", 4, 3, 2, 3, 3)
    m.node("Conv", [x, "w1", "b1"], "first", strides=[2, 1, 2], pads=[1, 0, 1, 2, 1, 1])
    scale, shift, mean = given("scale", 6), given("shift", 6), given("mean", 6)
    m.constant("variance", numpy.arange(1, 7))
    m.node("BatchNormalization", ["first", "scale", "shift", "mean", "variance"], "norm")
    m.node("MaxPool", ["norm"], "largest", kernel_shape=[2, 3, 2], strides=[1, 1, 1], pads=[0, 1, 0, 1, 0, 1])
    m.node("Conv", ["largest", "w2"], "second", group=2, dilations=[2, 1, 1])
    m.node("AveragePool", ["second"], "y", kernel_shape=[2, 2, 2], pads=[1, 0, 0, 0, 1, 1])
    m.save(folder, "volumes", ["y"])

    value = drawn.normal(size=(1, 4, 7, 9, 8)).astype(numpy.float32)
    y = numpy.einsum("ncdhwijk,ocijk->nodhw", patches(value, (3, 2, 3), (2, 1, 2), (1, 0, 1, 2, 1, 1)), w1)
    column = (slice(None), None, None, None)
    y = y + b1[column]
    y = (y - mean[column]) / numpy.sqrt(numpy.arange(1, 7)[column] + 1e-5) * scale[column] + shift[column]
    y = patches(y, (2, 3, 2), (1, 1, 1), (0, 1, 0, 1, 0, 1), fill=-numpy.inf).max((-1, -2, -3))
    windows = patches(y, (2, 3, 3), (1, 1, 1), (0,) * 6, (2, 1, 1))
    y = numpy.concatenate([numpy.einsum("ncdhwijk,ocijk->nodhw", windows[:, 3 * g:3 * g + 3], w2[2 * g:2 * g + 2]) for g in (0, 1)], 1)
    pads = (1, 0, 0, 0, 1, 1)
    counts = patches(numpy.ones_like(y), (2, 2, 2), (1, 1, 1), pads).sum((-1, -2, -3))
    y = patches(y, (2, 2, 2), (1, 1, 1), pads).sum((-1, -2, -3)) / counts
    data = folder / "volumes_data"
    data.mkdir(exist_ok=True)
    for name, tensor in (("input_0", value), ("output_0", y)):
        (data / f"{name}.pb").write_bytes(numpy_helper.from_array(tensor.astype(numpy.float32), name).SerializeToString())


def shared(folder):
    """A convolution used twice, and group normalisation as PyTorch exports it, with numbers."""
    m = Model()
    drawn = numpy.random.default_rng(29)
    w, b = drawn.normal(0, 0.3, (4, 4, 3, 3)).astype(numpy.float32), drawn.normal(size=4).astype(numpy.float32)
    scale, shift = (drawn.normal(1, 0.5, (4, 1, 1)).astype(numpy.float32) for _ in range(2))
    for name, value in (("w", w), ("b", b), ("scale", scale), ("shift", shift)):
        m.constant(name, value)
    x = m.input("x", [1, 4, 5, 6])
    m.node("Conv", [x, "w", "b"], "first", pads=[1, 1, 1, 1])
    m.node("Reshape", ["first", m.whole("groups", 0, 2, -1)], "grouped")
    ones, zeros = m.constant("ones", numpy.ones(2)), m.constant("zeros", numpy.zeros(2))
    m.node("InstanceNormalization", ["grouped", ones, zeros], "normalised", epsilon=1e-3)
    m.node("Reshape", ["normalised", m.whole("image", 1, 4, 5, 6)], "apart")
    m.node("Mul", ["apart", "scale"], "scaled")
    m.node("Add", ["scaled", "shift"], "shifted")
    m.node("Conv", ["shifted", "w", "b"], "y", pads=[1, 1, 1, 1])
    m.save(folder, "shared", ["y"])

    def convolved(values):
        windows = numpy.lib.stride_tricks.sliding_window_view(numpy.pad(values, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))
        return numpy.einsum("nchwij,ocij->nohw", windows, w) + b[:, None, None]

    value = drawn.normal(size=(1, 4, 5, 6)).astype(numpy.float32)
    groups = convolved(value).reshape(1, 2, -1)
    normal = (groups - groups.mean(-1, keepdims=True)) / numpy.sqrt(groups.var(-1, keepdims=True) + 1e-3)
    y = convolved(normal.reshape(1, 4, 5, 6) * scale + shift)
    data = folder / "shared_data"
    data.mkdir(exist_ok=True)
    for name, tensor in (("input_0", value), ("output_0", y)):
        (data / f"{name}.pb").write_bytes(numpy_helper.from_array(tensor.astype(numpy.float32), name).SerializeToString())


def gelu(x):
    return x / 2 * (1 + numpy.vectorize(math.erf)(x / math.sqrt(2)))


def normalised(x, axis, epsilon=1e-2):
    return (x - x.mean(axis, keepdims=True)) / numpy.sqrt(x.var(axis, keepdims=True) + epsilon)


class Lookalikes:
    """Networks that nearly are a pattern of exporters, and what they compute; each a result of its own."""

    def __init__(self, x):
        self.m, self.x, self.results = Model(), x, []
        self.m.input("x", list(x.shape))

    def number(self, value):
        return self.m.constant(f"c{len(self.m.constants)}", value)

    def node(self, op, *inputs, **attributes):
        return self.m.node(op, list(inputs), f"n{len(self.m.nodes)}", **attributes)

    def result(self, name, value):
        self.results.append((name, value))

    def gates(self):
        x = self.x
        grown = self.node("Add", self.node("Erf", self.node("Div", "x", self.number(math.sqrt(2)))), self.number(1))
        self.result(self.node("Mul", "x", grown), 2 * gelu(x))
        self.result(self.node("Mul", self.node("Mul", "x", self.number(0.3)), grown), 0.6 * gelu(x))
        self.result(self.node("Mul", self.node("Mul", "x", grown), self.number(0.5)), gelu(x))
        grown = self.node("Add", self.node("Tanh", "x"), self.number(1))
        self.result(self.node("Mul", "x", grown), x * (numpy.tanh(x) + 1))
        self.result(self.node("Mul", "x", self.node("HardSigmoid", "x")), x * numpy.clip(0.2 * x + 0.5, 0, 1))
        for shift, low, high, divisor in ((3, 0, 6, 6), (3, 0, 6, 3), (1, 0, 2, 2), (3, -1, 6, 6)):
            gate = self.node("Clip", self.node("Add", "x", self.number(shift)), self.number(low), self.number(high))
            self.result(self.node("Div", self.node("Mul", "x", gate), self.number(divisor)),
                        x * numpy.clip(x + shift, low, high) / divisor)

    def norms(self, axes, shape, numerator=None):
        mean = self.node("ReduceMean", "x", axes=list(axes))
        centred = self.node("Sub", "x", mean)
        square = self.node("ReduceMean", self.node("Pow", centred, self.number(2)), axes=list(axes))
        root = self.node("Sqrt", self.node("Add", square, self.number(1e-2)))
        if numerator is None:
            normal = self.node("Div", centred, root)
        else:
            normal = self.node("Mul", centred, self.node("Div", self.number(numerator), root))
        scale, shift = (numpy.linspace(first, 2, math.prod(shape)).reshape(shape) for first in (-1, 0.5))
        made = self.node("Add", self.node("Mul", normal, self.number(scale)), self.number(shift))
        self.result(made, normalised(self.x, tuple(axes)) * (numerator or 1) * scale + shift)

    def moves(self):
        x = self.x
        there = self.m.whole("there", 0, 0, 1, 0, 0, 0, -1, 0)
        self.result(self.node("Pad", "x", there), numpy.pad(x, ((0, 0), (0, 0), (1, 0), (0, 0)))[:, :, :-1])
        share = self.node("Add", self.node("Abs", "x"), self.number(1))
        scores = numpy.exp(2 / (abs(x) + 1))
        self.result(self.node("Softmax", self.node("Div", self.number(2), share), axis=3),
                    scores / scores.sum(3, keepdims=True))
        self.result(self.node("LpNormalization", "x", axis=1, p=2), x / numpy.sqrt((x * x).sum(1, keepdims=True)))
        self.stated_shape()

    def stated_shape(self):
        """A transposed convolution that states its shape: 3 of 9 x 13 positions too many lie in front and behind, 2 and 1."""
        weights = numpy.linspace(-1, 1, 4 * 2 * 3 * 2).reshape(4, 2, 3, 2)
        whole = numpy.zeros((1, 2, 9, 13))
        for i, j, h, w in numpy.ndindex(4, 4, 3, 2):
            whole[0, :, 2 * i + h, 3 * j + 3 * w] += self.x[0, :, i, j] @ weights[:, :, h, w]
        self.result(self.node("ConvTranspose", "x", self.number(weights), strides=[2, 3], dilations=[1, 3], output_shape=[6, 10]),
                    whole[:, :, 2:8, 2:12])


def lookalikes(folder):
    x = numpy.random.default_rng(31).normal(0, 2, (1, 4, 4, 4)).astype(numpy.float32)
    made = Lookalikes(x)
    made.gates()
    for axes, shape in (([-1], (4,)), ([1], (4,)), ([1], (4, 1, 1)), ([-2, -1], (4, 4)), ([-2, -1], (4,))):
        made.norms(axes, shape)
    made.norms([-1], (4,), numerator=1)
    made.norms([-1], (4,), numerator=2)
    made.moves()
    made.m.save(folder, "lookalikes", [name for name, _ in made.results])
    data = folder / "lookalikes_data"
    data.mkdir(exist_ok=True)
    for name, tensor in [("input_0", x)] + [(f"output_{i}", value) for i, (_, value) in enumerate(made.results)]:
        (data / f"{name}.pb").write_bytes(numpy_helper.from_array(tensor.astype(numpy.float32), name).SerializeToString())


def weighted(folder):
    """A convolution whose weights lie beside the model and a classifier, a quarter of its weights zero."""
    m = Model()
    drawn = numpy.random.default_rng(5)
    kernel = drawn.normal(size=(4, 3, 3, 3)).astype(numpy.float32)
    (folder / "weighted.bin").write_bytes(b"head" + kernel.tobytes())
    tensor = TensorProto(name="w", data_type=FLOAT, dims=kernel.shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "weighted.bin"), ("offset", "4"), ("length", str(kernel.nbytes))):
        tensor.external_data.add(key=key, value=value)
    m.constants.append(tensor)
    m.node("Conv", [m.input("x", [1, 3, 6, 6]), "w"], "conv")
    m.node("Flatten", ["conv"], "flat")
    matrix = drawn.normal(size=(10, 64)).astype(numpy.float32)
    matrix[:, ::4] = 0
    m.node("Gemm", ["flat", m.constant("f", matrix), m.constant("b", drawn.normal(size=10))], "fc", transB=1)
    m.save(folder, "weighted", ["fc"])


def faults(folder):
    """Files that are refused."""
    m = Model()
    x = m.input("x", [1, 8])
    m.node("Relu", [x], "a")
    m.node("NonMaxSuppression", ["a", "a"], "boxes")
    m.node("Relu", ["boxes"], "b")
    m.node("Mystery", ["b"], "c", domain="somewhere")
    m.node("Unique", ["a"], "d")
    m.save(folder, "unknown_operators", ["c", "d"], ["somewhere"])

    m = Model()
    m.node("Add", [m.input("x", [1, 8]), "b"], "a")
    m.node("Relu", ["a"], "b")
    m.save(folder, "cycle", ["b"])

    m = Model()
    m.node("Add", [m.input("x", [1, 8]), "nobody"], "a")
    m.save(folder, "dangling", ["a"])

    m = Model()
    m.node("Relu", [m.input("x", [1, -5])], "a")
    m.save(folder, "negative", ["a"])

    m = Model()
    m.node("Relu", [m.input("x", [1, 2 ** 31, 2 ** 31, 2 ** 31])], "a")
    m.save(folder, "overflow", ["a"])

    m = Model()
    m.node("MatMul", [m.input("x", [1, 8]), "w"], "a")
    weight = TensorProto(name="w", data_type=FLOAT, dims=[8, 4], data_location=TensorProto.EXTERNAL)
    weight.external_data.add(key="location", value="../secret.bin")
    m.constants.append(weight)
    m.save(folder, "outside", ["a"])

    for name, location, offset in (("missing_weights", "nowhere.bin", "0"), ("short_weights", "weighted.bin", "400")):
        m = Model()
        m.node("MatMul", [m.input("x", [1, 8]), "w"], "a")
        weight = TensorProto(name="w", data_type=FLOAT, dims=[8, 4], data_location=TensorProto.EXTERNAL)
        weight.external_data.add(key="location", value=location)
        weight.external_data.add(key="offset", value=offset)
        m.constants.append(weight)
        m.save(folder, name, ["a"])

    m = Model()
    m.node("LSTM", [m.input("x", [4, 1, 3]), m.weights("w", 1, 8, 3), m.weights("r", 1, 8, 2), "", "", "", "", m.weights("p", 1, 6)],
           "peeping", ["", "y"], hidden_size=2)
    m.save(folder, "peepholes", ["y"])


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for make in (encoder, convolutions, layouts, quantized, recurrent, volumes, shared, lookalikes, weighted, faults):
        make(folder)


if __name__ == "__main__":
    main()
