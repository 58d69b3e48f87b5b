#!/usr/bin/env python3
"""Kept activations and MACs of a training step beside PyTorch's autograd graph, blocks computed again and not.

PyTorch says which tensors its graph saves for which gradient; the rules below say how mxsim holds each in BF16. MACs are half the
operations that PyTorch's profiler counts. Small networks always, published ones (minutes) with --all. Skipped (exit code 77) without PyTorch.
"""

import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import torch
    from torch import nn
    from torch.utils.checkpoint import checkpoint
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[2]
SIMULATOR = None
RUN_ALL = False

PAGE = 4096  # tensors begin at multiples of it
BF16, FP32, BIT, PLACE = 2, 4, 1 / 8, 1 / 2  # bytes an element; a place in a window of up to 16
# What gradients need of which tensor that PyTorch saves. ReLU keeps its sign, a maximum its place, a class or word its number.
KEPT = {"ConvolutionBackward0": {"input": BF16}, "AddmmBackward0": {"mat1": BF16}, "MmBackward0": {"self": BF16, "mat2": BF16},
        "BmmBackward0": {"self": BF16, "mat2": BF16}, "NativeBatchNormBackward0": {"input": BF16, "result1 result2": FP32},
        "NativeLayerNormBackward0": {"input": BF16, "result1 result2": FP32}, "SoftmaxBackward0": {"result": BF16},
        "GeluBackward0": {"self": BF16}, "ReluBackward0": {"result": BIT}, "HardtanhBackward0": {"self": BIT},
        "MaxPool2DWithIndicesBackward0": {"result1": PLACE}, "LogSoftmaxBackward0": {"result": BF16}, "NllLossBackward0": {"target": FP32},
        "EmbeddingBackward0": {"indices": BF16}}
# Nodes whose tensors are constants, or that need shapes alone.
WITHOUT = {"AccumulateGrad", "AddBackward0", "CatBackward0", "CloneBackward0", "ExpandBackward0", "MeanBackward1", "MulBackward0",
           "PermuteBackward0", "ReshapeAliasBackward0", "SelectBackward0", "SliceBackward0", "TBackward0", "TransposeBackward0",
           "UnsafeViewBackward0", "ViewBackward0"}


class Block(nn.Module):
    """Layer norm, attention, layer norm, two linear layers with a GELU."""

    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def by_heads(self, x):
        n, t, d = x.shape
        return x.view(n, t, self.heads, d // self.heads).transpose(1, 2).reshape(n * self.heads, t, d // self.heads)

    def forward(self, x):
        n, t, d = x.shape
        y = self.norm1(x)
        q, k, v = (self.by_heads(each(y)) for each in (self.query, self.key, self.value))
        scores = torch.bmm(q, k.transpose(1, 2)) * (d // self.heads) ** -0.5
        if self.causal:
            scores = scores + torch.full((t, t), float("-inf")).triu(1)
        y = torch.bmm(scores.softmax(-1), v).view(n, self.heads, t, d // self.heads).transpose(1, 2).reshape(n, t, d)
        x = x + self.out(y)
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x))))


class Vit(nn.Module):
    def __init__(self, image, channels, patch, width, depth, heads, classes):
        super().__init__()
        self.embed = nn.Conv2d(channels, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.place = nn.Parameter(torch.zeros(1, (image // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(Block(width, heads, False) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.token, x), 1) + self.place
        return self.head(self.norm(self.blocks(x)[:, 0]))


class Gpt2(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(50257, 768), nn.Parameter(torch.zeros(1024, 768))
        self.blocks = nn.Sequential(*(Block(768, 12, True) for _ in range(12)))
        self.norm = nn.LayerNorm(768)

    def forward(self, x):
        x = self.norm(self.blocks(self.words(x) + self.places))
        return x.view(-1, 768) @ self.words.weight.t()


class Residual(nn.Module):
    """Two 3x3 convolutions and, where the shape changes, one on the skip connection."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters)
        self.conv2, self.bn2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters)
        self.skip = nn.Identity()
        if stride > 1:
            self.skip = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.skip(x))


class Resnet8(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.blocks(torch.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


class Checkpointed(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        return checkpoint(self.block, x, use_reentrant=True)


def again(sequence, first=0):
    """All of a sequence's blocks from number `first` on keep their input alone."""
    for i in range(first, len(sequence)):
        sequence[i] = Checkpointed(sequence[i])


def resnet50(recompute):
    import torchvision
    model = torchvision.models.resnet50(weights=None)
    if recompute:
        for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
            again(stage)
    return model, torch.zeros(1, 3, 224, 224), torch.zeros(1, dtype=torch.long)


def mobilenet_v2(recompute):
    import torchvision
    model = torchvision.models.mobilenet_v2(weights=None)
    model.classifier[0].eval()  # dropout
    if recompute:
        for i in range(1, len(model.features) - 1):
            model.features[i] = Checkpointed(model.features[i])
    return model, torch.zeros(1, 3, 224, 224), torch.zeros(1, dtype=torch.long)


def own(model, sample, rows=1):
    def build(recompute):
        network = model()
        if recompute:
            again(network.blocks)
        return network, sample(), torch.zeros(rows, dtype=torch.long)
    return build


# Of a network: its model, a run of it, the layers computed again.
SMALL = {
    "resnet8": (own(Resnet8, lambda: torch.zeros(1, 3, 32, 32)), "resnet8", r"(layer\d\.\d+)\..*"),
    "vit_micro_28": (own(lambda: Vit(28, 1, 7, 32, 2, 2, 10), lambda: torch.zeros(1, 1, 28, 28)), "vit_micro_28", r"(blocks\.\d+)\..*"),
}
PUBLISHED = {
    "resnet50": (resnet50, "resnet50", r"(layer\d\.\d+)\..*"),
    "mobilenet_v2": (mobilenet_v2, "mobilenet_v2", r"(features\.\d+)\.(conv\..*|add)"),
    "deit_small": (own(lambda: Vit(224, 3, 16, 384, 12, 6, 1000), lambda: torch.zeros(1, 3, 224, 224)), "deit_small", r"(blocks\.\d+)\..*"),
    "gpt2": (own(Gpt2, lambda: torch.zeros(1, 1024, dtype=torch.long), 1024), "gpt2", r"(h\.\d+)\..*"),
}


def graph_of(root):
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        waiting += [following for following, _ in node.next_functions]
        yield node


def saved_by(node):
    """Tensors that are kept as one, with the bytes that an element is kept in."""
    name = node.name().split("::")[-1]
    if name == "CheckpointFunctionBackward":
        yield from (([tensor], BF16) for tensor in node.saved_tensors)
    elif name not in WITHOUT:
        for roles, size in KEPT[name].items():
            yield [getattr(node, f"_saved_{role}") for role in roles.split()], size


def kept_bytes(loss, parameters):
    """A tensor that several gradients need in the same form is kept once; parameters are no activations."""
    places = {parameter.data_ptr() for parameter in parameters}
    kept = {}
    for node in graph_of(loss.grad_fn):
        for tensors, size in saved_by(node):
            elements = sum(tensor.numel() for tensor in tensors)
            if tensors[0].data_ptr() not in places:
                kept[tensors[0].data_ptr(), elements, size] = elements * size
    return sum(math.ceil(each / PAGE) * PAGE for each in kept.values())


def pytorch(build, recompute):
    """Bytes kept, and MACs of the forward pass."""
    torch.manual_seed(1)
    model, sample, labels = build(recompute)
    with torch.profiler.profile(with_flops=True) as profile:
        result = model(sample)
    counted = ("aten::conv2d", "aten::addmm", "aten::mm", "aten::bmm")
    macs = sum(event.flops for event in profile.events() if event.name in counted) // 2
    return kept_bytes(nn.functional.cross_entropy(result, labels), model.parameters()), macs


def mxsim(run, recompute):
    """Most bytes of kept activations at any moment, and MACs of the passes."""
    settings = ["--set", "/batch=1", "--set", '/formats/default="bf16"']
    if recompute:
        settings += ["--set", f"/recompute={json.dumps([recompute])}"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([SIMULATOR, "run", str(ROOT / f"configs/runs/{run}_train.json"), *settings, "--out", folder],
                       check=True, capture_output=True)
        report = json.loads((Path(folder) / "report.json").read_text())
    macs = {}
    for layer in report["layers"]:
        macs[layer["pass"]] = macs.get(layer["pass"], 0) + layer["macs"]
    return report["memory"]["dram"]["classes"]["activations_kept"]["peak_bytes"], macs


class TorchMemory(unittest.TestCase):
    def setUp(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")
        torch.set_num_threads(1)

    def check(self, network, recompute):
        build, run, layers = {**SMALL, **PUBLISHED}[network]
        kept, macs = pytorch(build, recompute)
        bytes_kept, passes = mxsim(run, layers if recompute else None)
        self.assertEqual(bytes_kept, kept)
        self.assertEqual(passes["forward"], macs)

    def test_kept_activations_and_macs_are_those_of_the_autograd_graph(self):
        for network in {**SMALL, **PUBLISHED} if RUN_ALL else SMALL:
            for recompute in (False, True):
                with self.subTest(network, recompute=recompute):
                    self.check(network, recompute)


if __name__ == "__main__":
    RUN_ALL = "--all" in sys.argv
    arguments = [each for each in sys.argv[1:] if each != "--all"]
    SIMULATOR = arguments[0] if arguments else None
    unittest.main(argv=sys.argv[:1])
