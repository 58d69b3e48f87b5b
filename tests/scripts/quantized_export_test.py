"""Exports with quantized weights: ONNX's checker takes them, and NumPy evaluates their nodes, written from the specifications of ONNX and
QONNX, to the numbers of mxsim's executor.

    quantized_export_test.py MXSIM
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

try:
    import onnx
    from onnx import numpy_helper
except ImportError:
    print("python3-onnx is not installed: nothing is tested")
    sys.exit(0)

MXSIM = sys.argv[1]
DRAW = np.random.default_rng(5)


def quant(x, scale, zero, bits, attributes):
    """qonnx.custom_op.general.Quant: clamp, then round half to even."""
    signed, narrow = attributes["signed"], attributes["narrow"]
    low = -2.0 ** (bits - 1) + narrow if signed else 0.0
    high = 2.0 ** (bits - 1) - 1 if signed else 2.0 ** bits - 1 - narrow
    return (np.round(np.clip(x / scale + zero, low, high)) - zero) * scale


def float_quant(x, scale, exponent_bits, mantissa_bits, bias, largest, attributes):
    assert attributes["has_subnormal"] == 1 and attributes["saturation"] == 1
    scaled = x / scale
    exponent = np.floor(np.log2(np.where(scaled == 0, 1, np.abs(scaled))))
    step = 2.0 ** (np.maximum(exponent, 1 - bias) - mantissa_bits)
    return np.clip(np.round(scaled / step) * step, -largest, largest) * scale


def along(axis, values, shape):
    return values.reshape([-1 if a == axis else 1 for a in range(len(shape))]) if values.ndim else values


def windows(x, kernel, strides, pads, dilations, fill):
    """N, C, out h, out w, kernel h, kernel w"""
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])), constant_values=fill)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(2, 3))
    return view[:, :, ::strides[0], ::strides[1], ::dilations[0], ::dilations[1]]


def conv(x, w, b, a):
    view = windows(x, w.shape[2:], a["strides"], a["pads"], a["dilations"], 0)
    n, c, h, wd = view.shape[:4]
    g = a["group"]
    view = view.reshape(n, g, c // g, h, wd, *w.shape[2:])
    kernels = w.reshape(g, w.shape[0] // g, *w.shape[1:])
    result = np.einsum("ngchwij,gocij->ngohw", view, kernels).reshape(n, w.shape[0], h, wd)
    return result if b is None else result + b.reshape(1, -1, 1, 1)


def average(x, a):
    ones = np.ones_like(x)
    total = windows(x, a["kernel_shape"], a["strides"], a["pads"], (1, 1), 0).sum((-1, -2))
    counted = windows(ones, a["kernel_shape"], a["strides"], a["pads"], (1, 1), a["count_include_pad"])
    return total / counted.sum((-1, -2))


OPERATORS = {
    "Quant": lambda i, a: quant(*i, a),
    "FloatQuant": lambda i, a: float_quant(*i, a),
    "QuantizeLinear": lambda i, a: np.clip(np.round(i[0] / along(a.get("axis", 1), i[1], i[0].shape))
                                           + along(a.get("axis", 1), i[2], i[0].shape), np.iinfo(i[2].dtype).min,
                                           np.iinfo(i[2].dtype).max),
    "Clip": lambda i, a: np.clip(*i),
    "DequantizeLinear": lambda i, a: (i[0] - along(a.get("axis", 1), i[2].astype(float), i[0].shape))
                                     * along(a.get("axis", 1), i[1], i[0].shape),
    "Conv": lambda i, a: conv(i[0], i[1], i[2] if len(i) > 2 else None, a),
    "MatMul": lambda i, a: i[0] @ i[1],
    "Add": lambda i, a: i[0] + i[1],
    "Relu": lambda i, a: np.maximum(i[0], 0),
    "Flatten": lambda i, a: i[0].reshape(len(i[0]), -1),
    "GlobalAveragePool": lambda i, a: i[0].mean((2, 3), keepdims=True),
    "MaxPool": lambda i, a: windows(i[0], a["kernel_shape"], a["strides"], a["pads"], (1, 1), -np.inf).max((-1, -2)),
    "AveragePool": lambda i, a: average(i[0], a),
    "BatchNormalization": lambda i, a: ((i[0] - i[3].reshape(1, -1, 1, 1))
                                        / np.sqrt(i[4].reshape(1, -1, 1, 1) + a["epsilon"])
                                        * i[1].reshape(1, -1, 1, 1) + i[2].reshape(1, -1, 1, 1)),
}


def evaluate(model, x):
    """The scores and the tensors behind quantizers."""
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    held = {name: v.astype(float) if v.dtype == np.float32 else v for name, v in held.items()}
    held[model.graph.input[0].name] = x.astype(float)
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        held[node.output[0]] = OPERATORS[node.op_type]([held[name] for name in node.input], attributes)
    return held[model.graph.output[0].name], held


def layer(name, op, inputs, **attributes):
    return {"name": name, "op": op, "inputs": inputs, "outputs": [name], "attributes": attributes}


TRACE = {
    "name": "small", "source": "made up", "inputs": [{"name": "image", "shape": [4, 9, 8]}],
    "layers": [
        layer("first", "conv2d", ["image"], out_channels=6, kernel=[3, 2], padding=[1, 0, 2, 1], stride=[2, 1], groups=2),
        layer("norm", "batch_norm", ["first"]),
        layer("act", "relu", ["norm"]),
        layer("second", "conv2d", ["act"], out_channels=6, kernel=3, padding=1, bias=False),
        layer("sum", "add", ["second", "act"]),
        layer("most", "max_pool", ["sum"], kernel=2, stride=1, padding=1),
        layer("mean", "average_pool", ["most"], kernel=2, stride=2, padding=1, count_padding=0),
        layer("flat", "flatten", ["mean"]),
        layer("head", "linear", ["flat"], out_features=5),
        layer("loss", "cross_entropy", ["head"])],
    "outputs": ["loss"]}


def draw_weights(path):
    normal = lambda *shape: DRAW.normal(0, 0.4, shape).astype(np.float32)
    positive = lambda n: np.abs(normal(n)) + np.float32(0.5)
    flat = 6 * 4 * 5
    np.savez(path, **{
        "first.weight": normal(12, 6), "first.bias": normal(6), "norm.weight": positive(6), "norm.bias": normal(6),
        "norm.running": np.concatenate([normal(6), positive(6)]), "second.weight": normal(54, 6),
        "head.weight": normal(flat, 5), "head.bias": normal(5)})


def run(*arguments):
    return subprocess.run([MXSIM, *map(str, arguments)], capture_output=True, text=True, check=False)


def store(folder, name, values):
    (folder / name).write_bytes(numpy_helper.from_array(values.astype(np.float32), name).SerializeToString())


def check(folder, form, options):
    path = folder / "model.onnx"
    result = run("trace", "export", folder / "trace.json", "--weights", folder / "weights.npz", "--as", form, *options, "-o", path)
    assert result.returncode == 0, result.stderr
    model = onnx.load(path)
    onnx.checker.check_model(model)
    x = DRAW.normal(0, 1, (16, 4, 9, 8)).astype(np.float32)
    scores, held = evaluate(model, x)
    # The quantizers change nothing: weights are on their grid already.
    for name in ("first", "second", "head"):
        np.testing.assert_allclose(held[f"{name}.weight.quantized"], held[f"{name}.weight"], rtol=1e-6, atol=1e-7)
    quantized = held["second.weight.quantized"].transpose(0, 2, 3, 1).reshape(6, 54)
    np.testing.assert_allclose(quantized, cast(folder, options), rtol=1e-6, atol=1e-7)
    compare_with_executor(folder, model, held, x[:1], scores[:1])


def cast(folder, options):
    """The second layer's weights, an output channel a row, as `mxsim quantize` casts them."""
    np.save(folder / "matrix.npy", np.load(folder / "weights.npz")["second.weight"].T.copy())
    form = options[1] if options[0] == "--format" else f"int{options[1]},float32_t0"
    result = run("quantize", folder / "matrix.npy", "--format", form, "-o", folder / "cast.npy")
    assert result.returncode == 0, result.stderr
    return np.load(folder / "cast.npy")


def compare_with_executor(folder, model, held, x, scores):
    """mxsim's executor on the model without quantizers, with the tensors that they leave."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    kept = [n for n in model.graph.node if n.op_type not in ("Quant", "FloatQuant", "QuantizeLinear", "Clip", "DequantizeLinear")]
    del plain.graph.node[:]
    plain.graph.node.extend(kept)
    for name in [n for n in held if n.endswith(".quantized")]:
        plain.graph.initializer.append(numpy_helper.from_array(held[name].astype(np.float32), name))
    onnx.save(plain, str(folder / "plain.onnx"))
    data = folder / "stored"
    data.mkdir(exist_ok=True)
    store(data, "input_0.pb", x)
    store(data, "output_0.pb", scores)
    verified = run("verify", folder / "plain.onnx", "--data", data)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "trace.json").write_text(json.dumps(TRACE))
        draw_weights(folder / "weights.npz")
        for options in (["--bits", 4], ["--format", "int3"], ["--format", "int4,e8m0_t0"], ["--format", "uint4"], ["--bits", 8]):
            for form in ("qonnx", "qcdq"):
                check(folder, form, options)
        for options in (["--format", "int4,float32_t8"], ["--format", "mxfp4_e2m1"], ["--format", "mxint4"],
                        ["--format", "mxfp6_e3m2"], ["--bits", 12]):
            check(folder, "qonnx", options)
        for form, options, message in (
                ("qcdq", ["--format", "mxint4"], "QCDQ states integers of up to 8 bits with a scale a tensor or an output channel"),
                ("qonnx", ["--format", "mxsf"], "no quantizer of ONNX or QONNX states it"),
                ("qonnx", [], "--as qonnx: expected either --format or --bits")):
            refused = run("trace", "export", folder / "trace.json", "--weights", folder / "weights.npz", "--as", form, *options,
                          "-o", folder / "none.onnx")
            assert refused.returncode == 2 and message in refused.stderr, refused.stderr
            assert not (folder / "none.onnx").exists()
        (folder / "trace.json").write_text(json.dumps(TRACE).replace('"relu"', '"gelu"'))
        refused = run("trace", "export", folder / "trace.json", "--weights", folder / "weights.npz", "--as", "qonnx", "--bits", 4,
                      "-o", folder / "none.onnx")
        assert refused.stderr == f'{folder / "trace.json"}: layer "act": no ONNX operator for gelu\n', refused.stderr


main()
