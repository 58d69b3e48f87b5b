"""The study of denoising in its smallest form, on made-up images: probabilities of `eval` against NumPy's forward pass of the trained
U-Net, errors and samples against their definitions.

    study_denoising_test.py MXSIM
"""
import csv
import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

try:
    import matplotlib  # noqa: F401
except ImportError:
    print("python3-matplotlib is not installed: nothing is tested")
    sys.exit(0)

ROOT = Path(__file__).resolve().parent.parent.parent
MXSIM = Path(sys.argv[1]).absolute()
GREYS = np.linspace(-1, 1, 8)


def write_images(folder, part, count, draw):
    """A bright square somewhere."""
    images = np.zeros((count, 28, 28), np.uint8)
    for image in images:
        y, x = draw.integers(2, 16, 2)
        image[y:y + 10, x:x + 10] = draw.integers(120, 256)
    header = np.array([0x803, count, 28, 28], ">u4").tobytes()
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
        file.write(header + images.tobytes())
    return images


def windows(x, kernel, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]


def forward(weights, x):
    """The trace denoise_28, from its definition; weights have rows (tap, input channel) and a column an output channel."""
    def matrix(name, kernel, channels):
        return weights[f"{name}.weight"].reshape(kernel, kernel, channels, -1)

    def conv(name, x, kernel=3, stride=1):
        w = matrix(name, kernel, x.shape[1])
        return np.einsum("ncyxij,ijco->noyx", windows(x, kernel, stride, kernel // 2), w) + weights[f"{name}.bias"].reshape(1, -1, 1, 1)

    def up(name, x, skip):
        # No two windows of kernel 2 and stride 2 overlap. The parameter is that of the convolution whose data gradient this is.
        n, c, h, w = x.shape
        kernel = weights[f"{name}.weight"].reshape(2, 2, -1, c)
        y = np.einsum("nchw,ijoc->nohiwj", x, kernel).reshape(n, -1, 2 * h, 2 * w)
        return np.maximum(y + weights[f"{name}.bias"].reshape(1, -1, 1, 1) + skip, 0)

    wide = np.maximum(conv("conv1", x), 0)
    half = np.maximum(conv("conv2", np.maximum(conv("down1", wide, stride=2), 0)), 0)
    small = np.maximum(conv("down2", half, stride=2), 0)
    small = np.maximum(conv("mid", small), 0) + small
    y = up("up1", up("up2", small, half), wide)
    scores = conv("levels", np.maximum(conv("conv3", y), 0), kernel=1).transpose(0, 2, 3, 1)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return scores / scores.sum(axis=-1, keepdims=True)


def normalised(folder, x):
    train = np.load(folder / "x_train.npy").astype(np.float64)
    mean, deviation = train.mean(axis=(0, 2, 3)), train.std(axis=(0, 2, 3))
    return (x - mean.reshape(1, 2, 1, 1)) / deviation.reshape(1, 2, 1, 1)


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    draw = np.random.default_rng(1)
    write_images(folder, "train", 48, draw)
    images = write_images(folder, "t10k", 4, draw)
    done = subprocess.run([sys.executable, ROOT / "scripts/study_denoising", "--data", folder, "--samples", "48", "--test", "4", "--epochs", "2",
                           "--images", "2", "--steps", "2", "--formats", "e2m1fin,float32;int4,float32", "--program", MXSIM, "--work",
                           folder / "work", "--study", folder / "study"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    work = folder / "work/seed1"
    weights = dict(np.load(work / "trained/bf16-seed1.npz"))

    # eval --probabilities in FP32 is NumPy's forward pass.
    x = draw.standard_normal((4, 2, 28, 28)).astype(np.float32)
    np.save(work / "x_test.npy", x)
    np.save(work / "y_test.npy", np.zeros((4, 784), np.uint8))
    command = [MXSIM, "eval", ROOT / "configs/runs/denoise_28_train.json", "--data", work, "--weights", work / "trained/bf16-seed1.npz", "--batch",
               "4", "--probabilities", "--out", folder / "fp32", "--formats", "fp32,bf16"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {each: np.load(folder / f"fp32/probabilities-{each}.npy") for each in ("fp32", "bf16")}
    assert found["fp32"].shape == (4, 784, 8)
    expected = forward(weights, normalised(work, x)).reshape(4, 784, 8)
    error = {each: np.abs(values - expected).max() for each, values in found.items()}
    # The input arrives in BF16: half a unit in the last of 8 bits.
    assert error["fp32"] < 0.02 and error["bf16"] < 0.1, error
    assert np.abs(found["fp32"] - expected).mean() < 1e-3 and expected.std() > 0.05

    # Errors of the page: BF16 near NumPy's own denoising of the same noise.
    with open(folder / "study/results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 4 * 4
    x0 = GREYS[np.minimum(images.astype(int) * 8 // 256, 7)]
    for t in (0.2, 0.8):
        a, b = np.cos(t * np.pi / 2), np.sin(t * np.pi / 2)
        noisy = a * x0 + b * np.random.default_rng(1000 + int(100 * t)).standard_normal(x0.shape)
        taken = np.stack([noisy, np.full(noisy.shape, 2 * t - 1)], axis=1).astype(np.float32)
        errors = ((forward(weights, normalised(work, taken)) @ GREYS - x0) ** 2).mean(axis=(1, 2))
        told = [float(row["error"]) for row in rows if row["format"] == "bf16" and float(row["t"]) == t]
        assert np.allclose(told, errors, rtol=0.05, atol=0.005), (told, errors)
    # Two DDIM steps by hand.
    x = np.random.default_rng(7).standard_normal((2, 28, 28))
    for t, after in ((0.98, 0.02), (0.02, 0)):
        taken = np.stack([x, np.full(x.shape, 2 * t - 1)], axis=1).astype(np.float32)
        clean = forward(weights, normalised(work, taken)) @ GREYS
        x = np.cos(after * np.pi / 2) * clean + np.sin(after * np.pi / 2) * (x - np.cos(t * np.pi / 2) * clean) / np.sin(t * np.pi / 2)
    samples = np.load(folder / "work/samples.npz")
    assert np.abs(samples["bf16"] - x).mean() < 0.05, np.abs(samples["bf16"] - x).mean()
    assert not np.array_equal(samples["bf16"], samples["int4_float32"])
    page = (folder / "study/README.md").read_text(encoding="utf-8")
    assert "W4A4 E2M1 against W4A4 INT4" in page and (folder / "study/samples.png").stat().st_size > 2000

    wrong = subprocess.run([*command[:-4]], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and wrong.stderr == "--probabilities: expected --out and one file of --weights with it\n", wrong.stderr
print("denoising: probabilities, errors and samples are NumPy's")
