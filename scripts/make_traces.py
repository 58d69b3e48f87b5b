#!/usr/bin/env python3
"""Writes the workload traces of real networks from their hyper-parameters (format: traces/README.md).

    scripts/make_traces.py            write traces/*.json
    scripts/make_traces.py --check    fail when a committed trace differs from what would be written
"""

import argparse
import pathlib
import sys

import image_networks
import language_models
import recommendation_models
from network_trace import ANY_IMAGE, Trace

TRACES = pathlib.Path(__file__).resolve().parent.parent / "traces"


def basic_block(trace, name, x, width, stride):
    y = trace.conv(f"{name}.conv1", x, width, 3, stride, 1)
    y = trace.relu(f"{name}.relu1", trace.batch_norm(f"{name}.bn1", y))
    y = trace.conv(f"{name}.conv2", y, width, 3, 1, 1)
    return trace.batch_norm(f"{name}.bn2", y)


def bottleneck(trace, name, x, width, stride):
    y = trace.conv(f"{name}.conv1", x, width, 1)
    y = trace.relu(f"{name}.relu1", trace.batch_norm(f"{name}.bn1", y))
    y = trace.conv(f"{name}.conv2", y, width, 3, stride, 1)  # v1.5: the 3x3 has the stride
    y = trace.relu(f"{name}.relu2", trace.batch_norm(f"{name}.bn2", y))
    y = trace.conv(f"{name}.conv3", y, 4 * width, 1)
    return trace.batch_norm(f"{name}.bn3", y)


def residual_block(trace, kind, name, x, width, stride):
    y = kind(trace, name, x, width, stride)
    if stride != 1 or trace.channels[x] != trace.channels[y]:
        x = trace.conv(f"{name}.downsample.0", x, trace.channels[y], 1, stride)
        x = trace.batch_norm(f"{name}.downsample.1", x)
    y = trace.layer(f"{name}.add", "add", [y, x])
    return trace.relu(f"{name}.relu", y)


def resnet(name, kind, depths):
    source = "He et al., arXiv 1512.03385, as in torchvision (ResNet-50: v1.5)"
    trace = Trace(name, source, *ANY_IMAGE)
    x = trace.conv("conv1", "image", 64, 7, 2, 3)
    x = trace.relu("relu", trace.batch_norm("bn1", x))
    x = trace.layer("maxpool", "max_pool", [x], kernel=3, stride=2, padding=1)
    for stage, depth in enumerate(depths):
        for block in range(depth):
            stride = 2 if stage > 0 and block == 0 else 1
            x = residual_block(trace, kind, f"layer{stage + 1}.{block}", x, 64 << stage, stride)
    trace.classifier(x, 1000)
    return trace


def inverted_residual(trace, name, x, expansion, out, stride):
    width = trace.channels[x]
    y, part = x, 0
    if expansion > 1:
        y = trace.conv_bn_relu6(f"{name}.conv.{part}", y, expansion * width, 1)
        part += 1
    y = trace.conv_bn_relu6(f"{name}.conv.{part}", y, expansion * width, 3, stride,
                            groups=expansion * width)
    y = trace.conv(f"{name}.conv.{part + 1}", y, out, 1)
    y = trace.batch_norm(f"{name}.conv.{part + 2}", y)
    return trace.layer(f"{name}.add", "add", [x, y]) if stride == 1 and width == out else y


def mobilenet_v2():
    trace = Trace("mobilenet_v2", "Sandler et al., arXiv 1801.04381, as in torchvision, no dropout",
                  *ANY_IMAGE)
    x = trace.conv_bn_relu6("features.0", "image", 32, 3, 2)
    index = 1
    for expansion, out, repeats, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2),
                                            (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                                            (6, 320, 1, 1)):
        for repeat in range(repeats):
            x = inverted_residual(trace, f"features.{index}", x, expansion, out,
                                  stride if repeat == 0 else 1)
            index += 1
    x = trace.conv_bn_relu6(f"features.{index}", x, 1280, 1)
    trace.classifier(x, 1000, "classifier.1")
    return trace


def attention(trace, name, x, width, heads):
    q, k, v = (trace.linear(f"{name}.{part}", x, width) for part in ("query", "key", "value"))
    y = trace.layer(f"{name}.scores", "matmul", [q, k], heads=heads, transpose_b=True)
    y = trace.layer(f"{name}.softmax", "softmax", [y], scale=True, width=width // heads)
    y = trace.layer(f"{name}.context", "matmul", [y, v], heads=heads)
    return trace.linear(f"{name}.proj", y, width)


def transformer_block(trace, name, x, width, heads):
    y = trace.layer(f"{name}.norm1", "layer_norm", [x])
    y = attention(trace, f"{name}.attn", y, width, heads)
    x = trace.layer(f"{name}.add1", "add", [y, x])
    y = trace.layer(f"{name}.norm2", "layer_norm", [x])
    y = trace.layer(f"{name}.gelu", "gelu", [trace.linear(f"{name}.fc1", y, 4 * width)])
    return trace.layer(f"{name}.add2", "add", [trace.linear(f"{name}.fc2", y, width), x])


def vision_transformer(name, source, width, heads, depth=12, image=(3, 224, 224), patch=16,
                       classes=1000):
    """The class token is picked before the last norm, which works row by row: the same result."""
    trace = Trace(name, source, image)
    x = trace.conv("patch_embed", "image", width, patch, patch, bias=True)
    x = trace.layer("tokens", "image_to_tokens", [x])
    x = trace.layer("class_token", "class_token", [x])
    x = trace.layer("position", "position", [x])
    for block in range(depth):
        x = transformer_block(trace, f"blocks.{block}", x, width, heads)
    x = trace.layer("select", "select", [x], index=0)
    x = trace.linear("head", trace.layer("norm", "layer_norm", [x]), classes)
    trace.layer("loss", "cross_entropy", [x])
    return trace


def deit(name, width, heads):
    return vision_transformer(name, "Touvron et al., arXiv 2012.12877, no distillation, no dropout",
                              width, heads)


def tiny_vit():
    """Small and odd on purpose, as tiny_cnn."""
    return vision_transformer("tiny_vit", "made up, for tests and examples", 20, 2, 2, (3, 15, 9), 3,
                              7)


def vgg16():
    trace = Trace("vgg16", "Simonyan and Zisserman, arXiv 1409.1556, configuration D, no dropout",
                  (3, 224, 224))
    x, index = "image", 0
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            index += 1
            x = trace.relu(f"relu{index}", trace.conv(f"conv{index}", x, width, 3, 1, 1, bias=True))
        x = trace.layer(f"pool{index}", "max_pool", [x], kernel=2, stride=2)
    return dense_classifier(trace, x)


def alexnet():
    trace = Trace("alexnet", "Krizhevsky et al. 2012, two groups, no response normalisation, no "
                  "dropout", (3, 227, 227))
    x = trace.relu("relu1", trace.conv("conv1", "image", 96, 11, 4, bias=True))
    x = trace.layer("pool1", "max_pool", [x], kernel=3, stride=2)
    x = trace.relu("relu2", trace.conv("conv2", x, 256, 5, 1, 2, groups=2, bias=True))
    x = trace.layer("pool2", "max_pool", [x], kernel=3, stride=2)
    x = trace.relu("relu3", trace.conv("conv3", x, 384, 3, 1, 1, bias=True))
    x = trace.relu("relu4", trace.conv("conv4", x, 384, 3, 1, 1, groups=2, bias=True))
    x = trace.relu("relu5", trace.conv("conv5", x, 256, 3, 1, 1, groups=2, bias=True))
    x = trace.layer("pool5", "max_pool", [x], kernel=3, stride=2)
    return dense_classifier(trace, x)


def dense_classifier(trace, x):
    x = trace.layer("flatten", "flatten", [x])
    x = trace.relu("fc6.relu", trace.linear("fc6", x, 4096))
    x = trace.relu("fc7.relu", trace.linear("fc7", x, 4096))
    trace.layer("loss", "cross_entropy", [trace.linear("fc8", x, 1000)])
    return trace


def tiny_cnn():
    """Small and odd on purpose: no extent is a multiple of a block or an array."""
    trace = Trace("tiny_cnn", "made up, for tests and examples", (3, 13, 11))
    x = trace.conv("conv1", "image", 10, 3, 2, 1)
    x = trace.relu("relu", trace.batch_norm("bn1", x))
    x = trace.layer("maxpool", "max_pool", [x], kernel=3, stride=2, padding=1)
    x = residual_block(trace, basic_block, "layer1.0", x, 10, 1)
    x = residual_block(trace, basic_block, "layer2.0", x, 20, 2)
    trace.classifier(x, 7)
    return trace


def tiny_mobilenet():
    """Depthwise convolutions, small and odd on purpose, as tiny_cnn."""
    trace = Trace("tiny_mobilenet", "made up, for tests and examples", (3, 13, 11))
    x = trace.conv_bn_relu6("features.0", "image", 5, 3, 2)
    x = inverted_residual(trace, "features.1", x, 3, 7, 2)
    x = inverted_residual(trace, "features.2", x, 2, 7, 1)
    trace.classifier(x, 7)
    return trace


def lenet5():
    """LeCun et al. 1998 for 28x28 pixels, with ReLU and maxima as it is taught today."""
    trace = Trace("lenet5_28", "LeCun et al. 1998, with ReLU and max pooling", (1, 28, 28))
    x = trace.relu("relu1", trace.conv("conv1", "image", 6, 5, 1, 2, bias=True))
    x = trace.layer("pool1", "max_pool", [x], kernel=2, stride=2)
    x = trace.relu("relu2", trace.conv("conv2", x, 16, 5, bias=True))
    x = trace.layer("pool2", "max_pool", [x], kernel=2, stride=2)
    x = trace.layer("flatten", "flatten", [x])
    x = trace.relu("relu3", trace.linear("fc1", x, 120))
    x = trace.relu("relu4", trace.linear("fc2", x, 84))
    trace.layer("loss", "cross_entropy", [trace.linear("fc3", x, 10)])
    return trace


def resnet8():
    """The CIFAR-10 network of MLPerf Tiny, for 32x32 pixels."""
    trace = Trace("resnet8", "MLPerf Tiny v1.0 image classification (He et al., arXiv 1512.03385)",
                  (3, 32, 32))
    x = trace.relu("relu", trace.batch_norm("bn1", trace.conv("conv1", "image", 16, 3, 1, 1)))
    for stage in range(3):
        x = residual_block(trace, basic_block, f"layer{stage + 1}.0", x, 16 << stage,
                           2 if stage > 0 else 1)
    trace.classifier(x, 10)
    return trace


def depthwise_cnn():
    """Depthwise-separable blocks as MobileNet's (Howard et al., arXiv 1704.04861) on 28x28 pixels."""
    trace = Trace("depthwise_28", "blocks of Howard et al., arXiv 1704.04861, at 28x28", (1, 28, 28))
    x = trace.conv_bn_relu6("stem", "image", 16, 3, 2)
    for index, (width, stride) in enumerate(((32, 1), (64, 2), (64, 1), (128, 2))):
        x = trace.conv_bn_relu6(f"blocks.{index}.depthwise", x, trace.channels[x], 3, stride,
                                groups=trace.channels[x])
        x = trace.conv_bn_relu6(f"blocks.{index}.pointwise", x, width, 1)
    trace.classifier(x, 10)
    return trace


def binary_cnn():
    """Layers in the order of XNOR-Net (arXiv 1603.05279): what is clipped to -1 .. 1 is multiplied by its signs, so that the gradient
    of the clip is the straight-through estimator."""
    trace = Trace("binary_28", "order of layers of Rastegari et al., arXiv 1603.05279, at 28x28", (1, 28, 28))
    x = "image"
    for index, (width, halves) in enumerate(((16, True), (32, True), (32, False)), 1):
        x = trace.batch_norm(f"bn{index}", trace.conv(f"conv{index}", x, width, 3, 1, 1))
        if halves:
            x = trace.layer(f"pool{index}", "max_pool", [x], kernel=2, stride=2)
        x = trace.layer(f"clip{index}", "clip", [x])
        trace.layers[-1]["constants"] = {"low": -1, "high": 1}
    x = trace.linear("fc", trace.layer("flatten", "flatten", [x]), 10)
    trace.layer("loss", "cross_entropy", [x])
    return trace


def denoiser():
    """A U-Net of two levels (Ronneberger et al., arXiv 1505.04597) from a noisy image and a plane that holds its noise level to the
    probabilities of 8 grey levels of each pixel."""
    trace = Trace("denoise_28", "order of layers of Ronneberger et al., arXiv 1505.04597, at 28x28", (2, 28, 28))

    def conv(name, x, width, kernel=3, stride=1):
        return trace.relu(f"{name}.relu", trace.conv(name, x, width, kernel, stride, kernel // 2, bias=True))

    def up(name, x, skip, width, size):
        trace.layer(name, "conv_transpose2d", [x], out_channels=width, kernel=2, stride=2, output_size=[size, size], bias=True)
        trace.channels[name] = width
        return trace.relu(f"{name}.relu", trace.layer(f"{name}.add", "add", [name, skip]))

    wide = conv("conv1", "image", 16)
    half = conv("conv2", conv("down1", wide, 32, stride=2), 32)
    small = conv("down2", half, 32, stride=2)
    small = trace.layer("mid.add", "add", [conv("mid", small, 32), small])
    x = up("up1", up("up2", small, half, 32, 14), wide, 16, 28)
    x = trace.conv("levels", conv("conv3", x, 16), 8, 1, bias=True)
    trace.layer("loss", "next_token", [trace.layer("pixels", "image_to_tokens", [x])])
    return trace


# name: (trace, parameters, forward MACs at batch 1); both published, the program checks them.
TRACES_MADE = {
    "resnet18": (resnet("resnet18", basic_block, (2, 2, 2, 2)), 11689512, 1814073344),
    "resnet34": (resnet("resnet34", basic_block, (3, 4, 6, 3)), 21797672, 3663761408),
    "resnet50": (resnet("resnet50", bottleneck, (3, 4, 6, 3)), 25557032, 4089184256),
    "mobilenet_v2": (mobilenet_v2(), 3504872, 300774272),
    "deit_tiny": (deit("deit_tiny", 192, 3), 5717416, 1253683200),
    "deit_small": (deit("deit_small", 384, 6), 22050664, 4598882304),
    "vit_b16": (vision_transformer("vit_b16", "Dosovitskiy et al., arXiv 2010.11929, ViT-B/16 "
                                   "(= DeiT-B), no dropout", 768, 12), 86567656, 17563828224),
    "vgg16": (vgg16(), 138357544, 15470264320),
    "alexnet": (alexnet(), 60965224, 724406816),
    "tiny_cnn": (tiny_cnn(), 7997, 55480),
    "tiny_mobilenet": (tiny_mobilenet(), 982, 15613),
    "tiny_vit": (tiny_vit(), 11207, 182320),
    "lenet5_28": (lenet5(), 61706, 416520),
    "resnet8": (resnet8(), 78042, 12501632),
    "depthwise_28": (depthwise_cnn(), 18826, 641760),
    "binary_28": (binary_cnn(), 29818, 1483328),
    "denoise_28": (denoiser(), 41336, 6347264),
    "vit_tiny_28": (vision_transformer("vit_tiny_28", "ViT (Dosovitskiy et al., arXiv 2010.11929) "
                                       "at 28x28 pixels", 64, 4, 4, (1, 28, 28), 4, 10), 205066, 11161216),
    "vit_micro_28": (vision_transformer("vit_micro_28", "ViT (Dosovitskiy et al., arXiv 2010.11929) "
                                        "at 28x28 pixels, patches of 7", 32, 2, 2, (1, 28, 28), 7, 10), 27978, 480192),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    stale = []
    for name, (trace, parameters, macs) in {**TRACES_MADE, **image_networks.traces(),
                                             **language_models.traces(),
                                             **recommendation_models.traces()}.items():
        path = TRACES / f"{name}.json"
        text = trace.text(parameters, macs)
        if not arguments.check:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            stale.append(path.name)
    if stale:
        sys.exit(f"not what scripts/make_traces.py writes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
