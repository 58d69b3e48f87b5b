"""Traces of image networks from their hyper-parameters; scripts/make_traces.py writes them."""

from network_trace import ANY_IMAGE, Trace


def divisible(value, divisor=8):
    """The multiple of `divisor` next to `value`, not more than a tenth below it."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def conv_bn(trace, name, x, out, kernel, stride=1, groups=1, activation=None):
    x = trace.conv(f"{name}.0", x, out, kernel, stride, kernel // 2, groups=groups)
    x = trace.batch_norm(f"{name}.1", x)
    return trace.layer(f"{name}.2", activation, [x]) if activation else x


def squeeze_excite(trace, name, x, squeezed, inner, gate):
    y = trace.layer(f"{name}.avgpool", "global_average_pool", [x])
    y = trace.layer(f"{name}.inner", inner, [trace.conv(f"{name}.fc1", y, squeezed, 1, bias=True)])
    y = trace.conv(f"{name}.fc2", y, trace.channels[x], 1, bias=True)
    return trace.layer(f"{name}.scale", "multiply", [x, trace.layer(f"{name}.gate", gate, [y])])


def inverted_residual(trace, name, x, kernel, expanded, out, stride, activation, excite):
    width = trace.channels[x]
    y, part = x, 0
    if expanded != width:
        y, part = conv_bn(trace, f"{name}.block.0", y, expanded, 1, activation=activation), 1
    y = conv_bn(trace, f"{name}.block.{part}", y, expanded, kernel, stride, expanded, activation)
    if excite:
        part += 1
        y = squeeze_excite(trace, f"{name}.block.{part}", y, *excite)
    y = conv_bn(trace, f"{name}.block.{part + 1}", y, out, 1)
    return trace.layer(f"{name}.add", "add", [x, y]) if stride == 1 and width == out else y


def pooled(trace, x):
    x = trace.layer("avgpool", "global_average_pool", [x])
    return trace.layer("flatten", "flatten", [x])


def mobilenet_v3_large():
    trace = Trace("mobilenet_v3_large",
                  "Howard et al., arXiv 1905.02244, as in torchvision, no dropout", *ANY_IMAGE)
    x = conv_bn(trace, "features.0", "image", 16, 3, 2, activation="hard_swish")
    rows = ((3, 16, 16, 0, "relu", 1), (3, 64, 24, 0, "relu", 2), (3, 72, 24, 0, "relu", 1),
            (5, 72, 40, 1, "relu", 2), (5, 120, 40, 1, "relu", 1), (5, 120, 40, 1, "relu", 1),
            (3, 240, 80, 0, "hard_swish", 2), (3, 200, 80, 0, "hard_swish", 1),
            (3, 184, 80, 0, "hard_swish", 1), (3, 184, 80, 0, "hard_swish", 1),
            (3, 480, 112, 1, "hard_swish", 1), (3, 672, 112, 1, "hard_swish", 1),
            (5, 672, 160, 1, "hard_swish", 2), (5, 960, 160, 1, "hard_swish", 1),
            (5, 960, 160, 1, "hard_swish", 1))
    for index, (kernel, expanded, out, excites, activation, stride) in enumerate(rows, 1):
        excite = (divisible(expanded / 4), "relu", "hard_sigmoid") if excites else None
        x = inverted_residual(trace, f"features.{index}", x, kernel, expanded, out, stride,
                              activation, excite)
    x = conv_bn(trace, "features.16", x, 960, 1, activation="hard_swish")
    x = trace.linear("classifier.0", pooled(trace, x), 1280)
    x = trace.linear("classifier.3", trace.layer("classifier.1", "hard_swish", [x]), 1000)
    trace.layer("loss", "cross_entropy", [x])
    return trace


def efficientnet_b0():
    trace = Trace("efficientnet_b0", "Tan and Le, arXiv 1905.11946, as in torchvision, no dropout",
                  *ANY_IMAGE)
    x = conv_bn(trace, "features.0", "image", 32, 3, 2, activation="silu")
    stages = ((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3),
              (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1))
    for stage, (expansion, kernel, stride, out, depth) in enumerate(stages, 1):
        for block in range(depth):
            width = trace.channels[x]
            x = inverted_residual(trace, f"features.{stage}.{block}", x, kernel, expansion * width,
                                  out, stride if block == 0 else 1, "silu",
                                  (max(1, width // 4), "silu", "sigmoid"))
    x = conv_bn(trace, "features.8", x, 1280, 1, activation="silu")
    x = trace.linear("classifier.1", pooled(trace, x), 1000)
    trace.layer("loss", "cross_entropy", [x])
    return trace


def layer_norm_2d(trace, name, x, size):
    """Over the channels of each pixel: tokens and back, both free."""
    width = trace.channels[x]
    y = trace.layer(f"{name}.tokens", "image_to_tokens", [x])
    y = trace.layer(name, "layer_norm", [y])
    return trace.layer(f"{name}.image", "reshape", [y], shape=[width, size, size])


def convnext_block(trace, name, x, size):
    width = trace.channels[x]
    y = trace.conv(f"{name}.block.0", x, width, 7, 1, 3, groups=width, bias=True)
    y = trace.layer(f"{name}.block.1", "image_to_tokens", [y])
    y = trace.layer(f"{name}.block.2", "layer_norm", [y])
    y = trace.layer(f"{name}.block.4", "gelu", [trace.linear(f"{name}.block.3", y, 4 * width)])
    y = trace.linear(f"{name}.block.5", y, width)
    y = trace.layer(f"{name}.layer_scale", "multiply_constant", [y], shape=[1, width])
    y = trace.layer(f"{name}.block.6", "reshape", [y], shape=[width, size, size])
    return trace.layer(f"{name}.add", "add", [y, x])


def convnext_tiny():
    trace = Trace("convnext_tiny", "Liu et al., arXiv 2201.03545, as in torchvision, no stochastic "
                  "depth", (3, 224, 224))
    x, size = trace.conv("features.0.0", "image", 96, 4, 4, bias=True), 56
    x = layer_norm_2d(trace, "features.0.1", x, size)
    for stage, (width, depth) in enumerate(((96, 3), (192, 3), (384, 9), (768, 3))):
        if stage > 0:
            x = layer_norm_2d(trace, f"features.{2 * stage}.0", x, size)
            x, size = trace.conv(f"features.{2 * stage}.1", x, width, 2, 2, bias=True), size // 2
        for block in range(depth):
            x = convnext_block(trace, f"features.{2 * stage + 1}.{block}", x, size)
    x = trace.layer("classifier.0", "layer_norm", [pooled(trace, x)])
    trace.layer("loss", "cross_entropy", [trace.linear("classifier.2", x, 1000)])
    return trace


def swin_attention(trace, name, x, heads, size, shift):
    """Within windows of 7 x 7 tokens, shifted by 3 in every second block."""
    width, windows = trace.channels[x], (size // 7) ** 2
    if shift:
        x = trace.layer(f"{name}.shift", "roll", [x], shape=[size * size, width])
    x = trace.layer(f"{name}.windows", "permute", [x], shape=[size * size, width],
                    factors=[size // 7, 7, size // 7, 7, width], order=[0, 2, 1, 3, 4])
    q, k, v = (trace.linear(f"{name}.{part}", x, width) for part in "qkv")
    y = trace.layer(f"{name}.scores", "matmul", [q, k], heads=heads, batches=windows,
                    transpose_b=True)
    y = trace.layer(f"{name}.bias", "relative_bias", [y], window=7, heads=heads)
    y = trace.layer(f"{name}.softmax", "softmax", [y], scale=True, causal=shift)  # a mask
    y = trace.layer(f"{name}.context", "matmul", [y, v], heads=heads, batches=windows)
    y = trace.linear(f"{name}.proj", y, width)
    y = trace.layer(f"{name}.tokens", "permute", [y], shape=[size * size, width],
                    factors=[size // 7, size // 7, 7, 7, width], order=[0, 2, 1, 3, 4])
    if shift:
        y = trace.layer(f"{name}.back", "roll", [y], shape=[size * size, width])
    return y


def swin_block(trace, name, x, heads, size, shift):
    width = trace.channels[x]
    y = trace.layer(f"{name}.norm1", "layer_norm", [x])
    y = swin_attention(trace, f"{name}.attn", y, heads, size, shift)
    x = trace.layer(f"{name}.add1", "add", [y, x])
    y = trace.linear(f"{name}.fc1", trace.layer(f"{name}.norm2", "layer_norm", [x]), 4 * width)
    y = trace.linear(f"{name}.fc2", trace.layer(f"{name}.gelu", "gelu", [y]), width)
    return trace.layer(f"{name}.add2", "add", [y, x])


def swin_tiny():
    trace = Trace("swin_tiny", "Liu et al., arXiv 2103.14030, as in torchvision, no stochastic "
                  "depth", (3, 224, 224))
    x = trace.conv("features.0.0", "image", 96, 4, 4, bias=True)
    x = trace.layer("features.0.1", "image_to_tokens", [x])
    x, size = trace.layer("features.0.2", "layer_norm", [x]), 56
    for stage, (depth, heads) in enumerate(((2, 3), (2, 6), (6, 12), (2, 24))):
        if stage > 0:
            name, width = f"features.{2 * stage}", trace.channels[x]
            size //= 2
            x = trace.layer(f"{name}.merge", "permute", [x], shape=[size * size, 4 * width],
                            factors=[size, 2, size, 2, width], order=[0, 2, 3, 1, 4])
            x = trace.layer(f"{name}.norm", "layer_norm", [x])
            x = trace.layer(f"{name}.reduction", "linear", [x], out_features=2 * width, bias=False)
            trace.channels[x] = 2 * width
        for block in range(depth):
            x = swin_block(trace, f"features.{2 * stage + 1}.{block}", x, heads, size,
                           block % 2 == 1 and size > 7)
    width = trace.channels[x]
    x = trace.layer("norm", "layer_norm", [x])
    x = trace.layer("map", "reshape", [x], shape=[width, size, size])
    x = trace.linear("head", pooled(trace, x), 1000)
    trace.layer("loss", "cross_entropy", [x])
    return trace


class Unet:
    """The U-Net of Stable Diffusion v1.5: latent 4 x 64 x 64, text of 77 tokens of 768 features."""

    def __init__(self):
        self.trace = Trace("stable_diffusion_unet", "Rombach et al., arXiv 2112.10752 (Stable "
                           "Diffusion v1.5), one pass at one time step", (4, 64, 64))
        self.trace.inputs += [{"name": "text", "shape": [77, 768]},
                              {"name": "time", "shape": [320]}]
        self.trace.channels.update(text=768, time=320)
        self.size = 64
        y = self.trace.linear("time.0", "time", 1280)
        y = self.trace.linear("time.2", self.trace.layer("time.1", "silu", [y]), 1280)
        self.time = self.trace.layer("time.silu", "silu", [y])

    def norm_silu(self, name, x):
        y = self.trace.layer(f"{name}.norm", "group_norm", [x], groups=32)
        return self.trace.layer(f"{name}.silu", "silu", [y])

    def conv3(self, name, x, out, stride=1):
        return self.trace.conv(name, x, out, 3, stride, 1, bias=True)

    def residual(self, name, x, out):
        trace, width = self.trace, self.trace.channels[x]
        y = self.conv3(f"{name}.conv1", self.norm_silu(f"{name}.in", x), out)
        shift = trace.linear(f"{name}.time", self.time, out)
        shift = trace.layer(f"{name}.time.image", "reshape", [shift], shape=[out, 1, 1])
        y = trace.layer(f"{name}.shift", "add", [y, shift])
        y = self.conv3(f"{name}.conv2", self.norm_silu(f"{name}.out", y), out)
        if width != out:
            x = trace.conv(f"{name}.skip", x, out, 1, bias=True)
        return trace.layer(f"{name}.add", "add", [y, x])

    def attend(self, name, x, context, width):
        trace = self.trace
        parts = []
        for part, source in (("q", x), ("k", context), ("v", context)):
            y = trace.layer(f"{name}.{part}", "linear", [source], out_features=width, bias=False)
            trace.channels[y] = width
            parts.append(y)
        y = trace.layer(name, "attention", parts, heads=8)
        return trace.linear(f"{name}.out", y, width)

    def transformer(self, name, x):
        trace, width = self.trace, self.trace.channels[x]
        y = trace.layer(f"{name}.norm", "group_norm", [x], groups=32)
        y = trace.conv(f"{name}.in", y, width, 1, bias=True)
        y = trace.layer(f"{name}.tokens", "image_to_tokens", [y])
        for part, context in (("self", None), ("text", "text")):
            z = trace.layer(f"{name}.{part}.norm", "layer_norm", [y])
            z = self.attend(f"{name}.{part}", z, context or z, width)
            y = trace.layer(f"{name}.{part}.add", "add", [z, y])
        z = trace.linear(f"{name}.ff.in", trace.layer(f"{name}.ff.norm", "layer_norm", [y]),
                         8 * width)
        z = trace.layer(f"{name}.ff.geglu", "geglu", [z])
        trace.channels[z] = 4 * width
        y = trace.layer(f"{name}.ff.add", "add", [trace.linear(f"{name}.ff.out", z, width), y])
        y = trace.layer(f"{name}.image", "reshape", [y], shape=[width, self.size, self.size])
        return trace.layer(f"{name}.add", "add", [trace.conv(f"{name}.out", y, width, 1,
                                                            bias=True), x])

    def build(self):
        trace, widths = self.trace, (320, 640, 1280, 1280)
        x = self.conv3("in", "image", 320)
        skips = [x]
        for level, width in enumerate(widths):
            for block in range(2):
                x = self.residual(f"down.{level}.{block}.residual", x, width)
                if level < 3:
                    x = self.transformer(f"down.{level}.{block}.transformer", x)
                skips.append(x)
            if level < 3:
                x, self.size = self.conv3(f"down.{level}.half", x, width, 2), self.size // 2
                skips.append(x)
        x = self.residual("middle.0", x, 1280)
        x = self.residual("middle.2", self.transformer("middle.1", x), 1280)
        for level in reversed(range(4)):
            for block in range(3):
                skip = skips.pop()
                name = f"up.{level}.{block}"
                both = trace.layer(f"{name}.concat", "concat", [x, skip], axis=1)
                trace.channels[both] = trace.channels[x] + trace.channels[skip]
                x = self.residual(f"{name}.residual", both, widths[level])
                if level < 3:
                    x = self.transformer(f"{name}.transformer", x)
            if level > 0:
                self.size *= 2
                x = trace.layer(f"up.{level}.double", "resize", [x],
                                shape=[widths[level], self.size, self.size])
                x = self.conv3(f"up.{level}.conv", x, widths[level])
        self.conv3("out.conv", self.norm_silu("out", x), 4)
        return trace


def traces():
    """name: (network, parameters, forward MACs)"""
    return {
        "mobilenet_v3_large": (mobilenet_v3_large(), 5483032, 216589760),
        "efficientnet_b0": (efficientnet_b0(), 5288548, 385814752),
        "convnext_tiny": (convnext_tiny(), 28589128, 4455531264),
        "swin_tiny": (swin_tiny(), 28288354, 4490566656),
        "stable_diffusion_unet": (Unet().build(), 859520964, 401636720640),
    }
