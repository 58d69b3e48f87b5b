#!/usr/bin/env python3
"""A training step of LeNet-5 beside a NumPy program: loss and gradient of every parameter, from the same initial weights.

The NumPy program rounds tensors between layers to BF16 as DRAM holds them, but not in the same order as fused steps: gradients agree to
3 % of the largest one, in direction to 0.05 %.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = 64
SIMULATOR = None


def bf16(x):
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7fff + ((bits >> 16) & 1)) & np.uint32(0xffff0000)).view(np.float32).astype(np.float64)


def windows(x, edge, padding):
    """Rows of (tap, channel) of an N, H, W, C array."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(x, (edge, edge), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    return view.reshape(*view.shape[:3], -1)


def unwindows(gradient, shape, edge, padding):
    n, h, w, c = shape
    out = np.zeros((n, h + 2 * padding, w + 2 * padding, c))
    parts = gradient.reshape(*gradient.shape[:3], edge, edge, c)
    for y in range(edge):
        for x in range(edge):
            out[:, y:y + parts.shape[1], x:x + parts.shape[2]] += parts[:, :, :, y, x]
    return out[:, padding:padding + h, padding:padding + w]


def pool(x):
    n, h, w, c = x.shape
    parts = x.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 5, 2, 4).reshape(n, h // 2, w // 2, c, 4)
    return parts.max(-1), parts.argmax(-1)


def unpool(gradient, places):
    n, h, w, c = gradient.shape
    parts = np.zeros((n, h, w, c, 4))
    np.put_along_axis(parts, places[..., None], gradient[..., None], -1)
    return parts.reshape(n, h, w, c, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(n, 2 * h, 2 * w, c)


def step(p, images, labels):
    """Mean loss and gradients; images N, H, W, C."""
    def dense(x, name):
        return x @ p[f"{name}.weight"].reshape(x.shape[-1], -1) + p[f"{name}.bias"]

    k1 = windows(images, 5, 2)
    z1 = bf16(dense(k1, "conv1"))
    h1, places1 = pool(np.maximum(z1, 0))
    k2 = windows(h1, 5, 0)
    z2 = bf16(dense(k2, "conv2"))
    h2, places2 = pool(np.maximum(z2, 0))
    flat = h2.transpose(0, 3, 1, 2).reshape(len(images), -1)
    h3 = bf16(np.maximum(dense(flat, "fc1"), 0))
    h4 = bf16(np.maximum(dense(h3, "fc2"), 0))
    scores = dense(h4, "fc3")
    scores -= scores.max(1, keepdims=True)
    q = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    loss = -np.log(q[np.arange(len(labels)), labels]).mean()
    g = q
    g[np.arange(len(labels)), labels] -= 1
    g /= len(labels)
    gradients = {}

    def back(x, g, name):
        rows, cols = x.reshape(-1, x.shape[-1]), g.reshape(-1, g.shape[-1])
        gradients[f"{name}.weight"] = rows.T @ cols
        gradients[f"{name}.bias"] = cols.sum(0)
        return g @ p[f"{name}.weight"].reshape(x.shape[-1], -1).T

    g = bf16(back(h4, bf16(g), "fc3") * (h4 > 0))
    g = bf16(back(h3, g, "fc2") * (h3 > 0))
    g = bf16(back(flat, g, "fc1")).reshape(len(images), h2.shape[3], *h2.shape[1:3]).transpose(0, 2, 3, 1)
    g = bf16(unwindows(back(k2, unpool(g, places2) * (z2 > 0), "conv2"), h1.shape, 5, 0))
    back(k1, unpool(g, places1) * (z1 > 0), "conv1")
    return loss, gradients


class NumpyTraining(unittest.TestCase):
    def setUp(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")

    def train(self, folder, rate):
        """Parameters after one step, and its loss."""
        sets = (f"/training/learning_rate={rate}", "/training/weight_decay=0", "/formats/storage=\"none\"")
        options = [option for each in sets for option in ("--set", each)]
        out = Path(folder) / f"out{rate}"
        subprocess.run([SIMULATOR, "train", ROOT / "configs/runs/lenet5_28_train.json", "--data", folder, "--formats", "fp32",
                        "--epochs", "1", "--out", out, *options], check=True, capture_output=True)
        report = json.loads((out / "training.json").read_text(encoding="utf-8"))
        return dict(np.load(out / "fp32-seed1.npz")), report["formats"][0]["loss"]

    def test_loss_and_gradients_are_those_of_numpy(self):
        draw = np.random.default_rng(5)
        labels = draw.integers(0, 10, SAMPLES)
        images = draw.normal(0, 1, (SAMPLES, 1, 28, 28)).astype(np.float32)
        images[np.arange(SAMPLES), 0, 2 * labels + 4] += 3
        with tempfile.TemporaryDirectory() as folder:
            for part in ("train", "test"):
                np.save(f"{folder}/x_{part}.npy", images)
                np.save(f"{folder}/y_{part}.npy", labels.astype(np.uint8))
            before, loss = self.train(folder, 0)
            after, _ = self.train(folder, 1)
        normal = (images.astype(np.float64) - images.mean(dtype=np.float64)) / images.std(dtype=np.float64)
        parameters = {name: values.astype(np.float64) for name, values in before.items()}
        expected_loss, expected = step(parameters, normal.transpose(0, 2, 3, 1), labels)
        self.assertAlmostEqual(loss, expected_loss, delta=0.005 * expected_loss)
        self.assertEqual(len(expected), 10)
        for name, gradient in expected.items():
            with self.subTest(name):
                got = (before[name] - after[name]).ravel().astype(np.float64)
                want = gradient.ravel()
                self.assertLess(np.abs(got - want).max(), 0.03 * np.abs(want).max())
                self.assertGreater(got @ want / np.linalg.norm(got) / np.linalg.norm(want), 0.9995)


if __name__ == "__main__":
    SIMULATOR = sys.argv[1] if len(sys.argv) > 1 else None
    unittest.main(argv=sys.argv[:1])
