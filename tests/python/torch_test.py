"""PyTorch models as traces: work counted by hand, errors by operation and source line, weights. Skipped without PyTorch."""

import dataclasses
import inspect
import json
import subprocess
import sys

import numpy as np
import pytest

import mxsim

torch = pytest.importorskip("torch")
nn = torch.nn


def weight_count(model):
    return sum(parameter.numel() for parameter in model.parameters())


class Convolutions(nn.Module):
    """A path that depends on the shape, a residual, a mean over pixels."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = torch.relu(self.first(x))
        if x.shape[-1] > 4:
            x = self.norm(self.depthwise(x))
        return self.fc((x + x).mean((2, 3)))


def test_a_convolutional_network_has_the_work_of_the_path_that_its_input_takes():
    model = Convolutions()
    assert mxsim.trace(model, torch.zeros(1, 3, 12, 12)).macs == 144 * 27 * 8 + 36 * 9 * 8 + 40
    assert mxsim.trace(model, torch.zeros(1, 3, 12, 12)).parameters == weight_count(model)
    assert mxsim.trace(model, torch.zeros(1, 3, 4, 4)).macs == 16 * 27 * 8 + 40


class Block(nn.Module):
    """Attention of 4 heads written out, a gated feed-forward part."""

    def __init__(self, width=16):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = (part.view(n, t, 4, c // 4).transpose(1, 2) for part in self.qkv(self.norm(x)).chunk(3, -1))
        scores = torch.softmax(q @ k.transpose(-1, -2) / (c // 4) ** 0.5, -1)
        x = x + self.out((scores @ v).transpose(1, 2).reshape(n, t, c))
        gate, up = self.up(x).chunk(2, -1)
        return x + self.down(torch.nn.functional.gelu(gate) * up)


def test_a_transformer_block_has_its_products_and_attention():
    model = Block()
    traced = mxsim.trace(model, torch.zeros(1, 10, 16))
    assert traced.macs == 10 * 16 * (48 + 16 + 64) + 10 * 32 * 16 + 2 * 10 * 10 * 16
    assert traced.parameters == weight_count(model)
    ops = [layer["op"] for layer in traced.layers]
    assert ops.count("matmul") == 2 and "softmax" in ops and "gelu" in ops


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(10, 4, batch_first=True)
        self.tags = nn.Linear(4, 3)

    def forward(self, words):
        return self.tags(self.gru(self.lstm(self.words(words))[0])[0])


def test_recurrent_layers_have_the_work_of_their_gates():
    model = Tagger()
    traced = mxsim.trace(model, torch.zeros(1, 7, dtype=torch.int64))
    lstm = 2 * (4 * 5 * (6 + 5)) + 2 * (4 * 5 * (10 + 5))
    assert traced.macs == 7 * (lstm + 3 * 4 * (10 + 4) + 4 * 3)
    assert traced.parameters == weight_count(model)
    config = {"chip": "tiny-8x8", "workload": traced, "batch": 2, "formats": {"default": "mxsf"}}
    trained = mxsim.run({**config, "mode": "train"})
    assert trained.cycles > 2 * mxsim.run({**config, "mode": "infer"}).cycles
    assert any("states no loss" in line for line in trained.json["assumptions"])


class Strange(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        y = self.fc(x)
        spectrum = torch.fft.rfft(y)
        return torch.linalg.inv(y), spectrum.abs()


class Distinct(nn.Module):
    def forward(self, x):
        return torch.unique(x.relu())


class Mismatched(nn.Module):
    def forward(self, x):
        return torch.matmul(x, torch.ones(3, 3))


def line_of(module, text):
    lines, first = inspect.getsourcelines(module.forward)
    return first + next(i for i, line in enumerate(lines) if text in line)


def test_every_operation_without_meaning_is_told_with_its_source_line():
    with pytest.raises(ValueError) as error:
        mxsim.trace(Strange(), torch.eye(8) + torch.rand(8, 8))
    lines = str(error.value).splitlines()
    expected = [(line_of(Strange, "fft"), "aten::fft_rfft"), (line_of(Strange, "inv"), "aten::linalg_inv")]
    assert len(lines) == 2
    for line, (number, operation) in zip(lines, expected):
        assert line.endswith(f"torch_test.py:{number}: {operation}: PyTorch cannot export this operation to ONNX")


def test_a_refusal_of_the_importer_and_a_fault_of_the_model_name_the_line():
    with pytest.raises(ValueError, match=rf"torch_test.py:{line_of(Distinct, 'unique')}: Unique .*no meaning here"):
        mxsim.trace(Distinct(), torch.rand(4, 4))
    with pytest.raises(ValueError, match=rf"torch_test.py:{line_of(Mismatched, 'matmul')}: .*shapes cannot be multiplied"):
        mxsim.trace(Mismatched(), torch.rand(2, 8))


REWRITTEN = {
    "logit": lambda x: torch.logit(x, 1e-3),
    "logaddexp": lambda x: torch.logaddexp(x, 2 * x),
    "frac": lambda x: torch.frac(3 * x - 1.5),
    "sinc": lambda x: torch.sinc(x) + torch.special.sinc(0 * x),
    "heaviside": lambda x: torch.heaviside(x - 0.5, x),
    "xlogy": lambda x: torch.special.xlogy(x, 0.5 + x.abs()),
    "unflatten": lambda x: x.unflatten(1, (2, -1)),
    "diff": lambda x: torch.diff(x, n=2, dim=1),
    "kron": lambda x: torch.kron(x[0, 0], x[0, 1, :2]),
    "trace": lambda x: torch.trace(x[0, 0]),
    "rot90": lambda x: torch.rot90(x, 3, (2, 3)),
    "addbmm": lambda x: torch.addbmm(x[0, 0], x[0], x[0], beta=0.5, alpha=2),
    "block_diag": lambda x: torch.block_diag(x[0, 0], x[0, 1]),
    "isclose": lambda x: torch.where(torch.isclose(x, x.round(), rtol=0.1), x, 2 * x),
    "channel_shuffle": lambda x: nn.functional.channel_shuffle(x, 4),
    "bilinear": lambda x: nn.functional.bilinear(x[:, :, 0], x[:, :, 1], torch.ones(3, 6, 6), torch.ones(3)),
    "huber_loss": lambda x: nn.functional.huber_loss(x, 1 - x, reduction="none", delta=0.3),
    "adaptive_avg_pool1d": lambda x: nn.functional.adaptive_avg_pool1d(x[:, :, 0], 4),
    "adaptive_avg_pool2d": lambda x: nn.functional.adaptive_avg_pool2d(x, (4, None)),
}


class Pixelwise(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.first = nn.Conv2d(8, 8, 1)
        self.function = function

    def forward(self, x):
        return self.function(self.first(x))


@pytest.mark.parametrize("name", REWRITTEN)
def test_functions_that_the_exporter_lacks_are_written_with_others_of_the_same_values(name):
    from mxsim.torch_rules import rewriting

    model = Pixelwise(REWRITTEN[name]).eval()
    x = torch.rand(1, 8, 6, 6, generator=torch.Generator().manual_seed(2))
    expected = model(x)
    with rewriting():
        got = model(x)
    assert got.shape == expected.shape and torch.allclose(got, expected, atol=1e-6)
    products = 36 * 64
    products += {"addbmm": 8 * 6 * 6 * 6, "bilinear": 8 * 36 * 3}.get(name, 0)
    assert mxsim.trace(model, x).macs == products
    assert "forward" not in vars(model)


@dataclasses.dataclass
class Answer:
    scores: torch.Tensor
    more: dict


class Answering(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return Answer(self.fc(x), {"nothing": None, "input": x + 1})


def test_results_may_be_objects_that_hold_tensors():
    traced = mxsim.trace(Answering(), torch.zeros(1, 4))
    assert traced.macs == 12 and len(traced.json["outputs"]) == 2


class Spectral(nn.Module):
    """A transform between modules that nobody can trace; the first module is called twice."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.read = nn.LSTM(8, 3, batch_first=True)

    def forward(self, x):
        y = torch.fft.fft(self.mix(x), dim=1).real
        y, _ = self.attend(y, y, value=self.mix(x))
        return self.read(y)[0]


def test_modules_alone_are_layers_without_links(tmp_path):
    model, x = Spectral(), torch.rand(1, 10, 8)
    with pytest.raises(ValueError, match=rf"torch_test.py:{line_of(Spectral, 'fft')}: aten::fft_fft"):
        mxsim.trace(model, x)
    traced = mxsim.trace(model, x, modules=True, weights=True)
    attention = 10 * 4 * 8 * 8 + 2 * 10 * 10 * 8
    assert traced.macs == 2 * 10 * 64 + attention + 10 * 4 * 3 * (8 + 3)
    assert traced.parameters == weight_count(model) + weight_count(model.mix)
    assert traced.json["unlinked"] and [layer["name"] for layer in traced.layers][:2] == ["mix.0", "mix.1"]
    assert np.array_equal(traced.weights["mix.0.call2.weight"].reshape(8, 8), model.mix[0].weight.detach().numpy().T)
    assert traced.notes == ["layers without links: operations between modules are left out"]
    traced.save(tmp_path / "model.json")
    config = {"chip": "tiny-8x8", "workload": str(tmp_path / "model.json"), "batch": 1, "mode": "infer"}
    assert mxsim.run({**config, "formats": {"default": "mxsf"}}).macs == traced.macs


def test_a_module_that_cannot_be_traced_is_left_out_by_name():
    class Transform(nn.Module):
        def forward(self, x):
            return torch.fft.fft(x).real

    traced = mxsim.trace(nn.Sequential(nn.Linear(4, 4), Transform()), torch.zeros(1, 4), modules=True)
    assert traced.macs == 16 and len(traced.notes) == 2
    assert traced.notes[1].startswith('module "1" (Transform) is left out: ') and "aten::fft_fft" in traced.notes[1]
    with pytest.raises(ValueError, match='module "0" \\(Transform\\) is left out'):
        mxsim.trace(nn.Sequential(Transform()), torch.zeros(1, 4), modules=True)
    with pytest.raises(TypeError, match="modules: expected a torch.nn.Module and inputs"):
        mxsim.trace("tiny_cnn", modules=True)


def test_weights_are_the_numbers_of_the_state_dict(tmp_path):
    model = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.LSTM(4, 3, batch_first=True))
    traced = mxsim.trace(model, torch.zeros(1, 5, 6), weights=True)
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    by_op = {layer["op"]: layer["name"] for layer in traced.layers}
    assert np.array_equal(traced.weights[by_op["linear"] + ".weight"].reshape(6, 4), state["0.weight"].T)
    i, f, g, o = np.split(state["2.weight_hh_l0"], 4)  # PyTorch's order; the trace has ONNX's
    assert np.array_equal(traced.weights[by_op["lstm"] + ".recurrent"].reshape(3, 12), np.concatenate([i, o, f, g]).T)
    traced.save(tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text())["weights"] == "model.npz"
    again = mxsim.trace(tmp_path / "model.json")
    assert again.macs == traced.macs
    assert all(np.array_equal(again.weights[name], values) for name, values in traced.weights.items())


def test_a_model_beyond_the_size_of_an_onnx_file_is_traced_by_shape(monkeypatch):
    from mxsim import torch_export

    model = nn.Sequential(nn.Linear(8, 30000), nn.GELU(), nn.Linear(30000, 8))
    whole = mxsim.trace(model, torch.zeros(1, 8))
    monkeypatch.setattr(torch_export, "MOST_WEIGHT_BYTES", 1000)
    by_shape = mxsim.trace(model, torch.zeros(1, 8))
    assert by_shape.macs == whole.macs == 2 * 8 * 30000 and by_shape.parameters == weight_count(model)


def test_the_command_line_traces_a_factory_and_tells_faults_a_line_each(tmp_path):
    (tmp_path / "made.py").write_text("import torch\n\n\ndef small():\n    return torch.nn.Linear(6, 4)\n\n\n"
                                      "class Odd(torch.nn.Module):\n    def forward(self, x):\n        return torch.fft.rfft(x)\n")

    def run(*arguments):
        return subprocess.run([sys.executable, "-m", "mxsim.trace", *arguments], cwd=tmp_path, capture_output=True, text=True)

    done = run("made:small", "--input", "1x6", "-o", "t.json", "--weights")
    assert done.returncode == 0, done.stderr
    assert mxsim.trace(tmp_path / "t.json").macs == 24 and (tmp_path / "t.npz").exists()
    assert json.loads(run("made:small", "--input", "1x6").stdout)["macs"] == 24
    done = run("made:Odd", "--input", "2x6")
    assert (done.returncode, done.stderr) == (2, "mxsim.trace: made.py:10: aten::fft_rfft: PyTorch cannot export this operation "
                                                 "to ONNX\n")
    for wrong in (("nowhere:small", "--input", "1x6"), ("made", "--input", "1x6"), ("made:small", "--input", "1xq"),
                  ("made:small", "--input", "1x6", "--weights"), ("made:none", "--input", "1x6")):
        done = run(*wrong)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
