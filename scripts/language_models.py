"""Traces of language models from their hyper-parameters; scripts/make_traces.py writes them."""

import json
from dataclasses import dataclass


class Layers:
    """Collects layers; every method returns the name of the tensor it makes."""

    def __init__(self):
        self.layers = []

    def layer(self, name, op, inputs, weights_of=None, **attributes):
        entry = {"name": name, "op": op, "inputs": inputs, "outputs": [name]}
        if attributes:
            entry["attributes"] = attributes
        if weights_of:
            entry["weights_of"] = weights_of
        self.layers.append(entry)
        return name

    def linear(self, name, x, out, bias):
        return self.layer(name, "linear", [x], out_features=out, bias=bias)


class Network(Layers):
    """A trace with named sizes and repeated blocks."""

    def __init__(self, name, source, dimensions, inputs):
        super().__init__()
        self.name, self.source, self.dimensions, self.inputs = name, source, dimensions, inputs
        self.blocks = []

    def block(self, name, repeat, x, layers, result, more=()):
        """`layers` know the tensor that is carried on as "x", and those of `more` by their names."""
        self.blocks.append({"name": name, "repeat": repeat, "inputs": [x, *more],
                            "reads": ["x", *more], "makes": [result], "outputs": [name],
                            "layers": layers.layers})
        return name

    def text(self, parameters, macs):
        head = {"name": self.name, "source": self.source, "parameters": parameters, "macs": macs,
                "dimensions": self.dimensions}
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        for key, rows in (("inputs", self.inputs), ("layers", self.layers)):
            body = ",\n".join("    " + json.dumps(row) for row in rows)
            lines.append(f'  "{key}": [\n{body}\n  ]')
        lines.append('  "blocks": [\n' + ",\n".join(map(self.block_text, self.blocks)) + "\n  ]")
        lines.append(f'  "outputs": {json.dumps([self.layers[-1]["name"]])}')
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @staticmethod
    def block_text(block):
        head = ", ".join(f"{json.dumps(key)}: {json.dumps(value)}"
                         for key, value in block.items() if key != "layers")
        body = ",\n".join("      " + json.dumps(row) for row in block["layers"])
        return "    {" + head + ",\n     \"layers\": [\n" + body + "\n    ]}"


@dataclass
class Model:
    """Hyper-parameters of a stack of layers. `kv`: heads of keys and values."""
    name: str
    source: str
    layers: int
    width: int
    heads: int
    kv: int
    head: int
    ffn: int
    vocabulary: int
    sequence: int
    experts: int = 0
    top: int = 0
    window: int = 0

    def macs(self, ffn):
        """Forward, batch 1, a prompt of `sequence` tokens, scores of all; `ffn`: of a token."""
        t, d, queries, keys = self.sequence, self.width, self.heads * self.head, self.kv * self.head
        attention = 2 * self.heads * t * t * self.head
        per_layer = t * (2 * d * queries + 2 * d * keys + ffn) + attention
        return self.layers * per_layer + t * d * self.vocabulary


def attention(layers, m, x, bias, turned=False, **more):
    q = layers.linear("attn.q", x, m.heads * m.head, bias)
    k = layers.linear("attn.k", x, m.kv * m.head, bias)
    v = layers.linear("attn.v", x, m.kv * m.head, bias)
    if turned:
        q = layers.layer("attn.q_rotary", "rotary", [q], width=m.head)
        k = layers.layer("attn.k_rotary", "rotary", [k], width=m.head)
    y = layers.layer("attn", "attention", [q, k, v], heads=m.heads, kv_heads=m.kv, **more)
    return layers.linear("attn.out", y, m.width, bias)


DECODING = {"causal": True, "cache": True, "context": "context"}


def language_model(m):
    return Network(m.name, m.source, {"seq": m.sequence, "context": 0, "logits": 0},
                   [{"name": "tokens", "shape": ["seq"]}])


def gpt2(m):
    net = language_model(m)
    x = net.layer("wte", "embedding", ["tokens"], entries=m.vocabulary, features=m.width,
                  tied=True)
    x = net.layer("wpe", "position", [x], entries=m.sequence, context="context")
    block = Layers()
    y = block.layer("ln_1", "layer_norm", ["x"])
    y = attention(block, m, y, True, **DECODING)
    y = mid = block.layer("add_1", "add", [y, "x"])
    y = block.layer("ln_2", "layer_norm", [y])
    y = block.layer("mlp.gelu", "gelu", [block.linear("mlp.fc", y, m.ffn, True)])
    y = block.layer("add_2", "add", [block.linear("mlp.out", y, m.width, True), mid])
    x = net.block("h", m.layers, x, block, y)
    x = net.layer("last", "last_tokens", [x], count="logits")
    x = net.layer("ln_f", "layer_norm", [x])
    x = net.layer("lm_head", "tied_linear", [x], weights_of="wte")
    net.layer("next", "next_token", [x])
    return net


def gpt2_counts(m):
    d = m.width
    per_layer = 4 * d * d + 4 * d + 2 * d * m.ffn + m.ffn + d + 4 * d
    parameters = m.vocabulary * d + m.sequence * d + m.layers * per_layer + 2 * d
    return parameters, m.macs(2 * d * m.ffn)


def gpt2_family(name, layers, width):
    return Model(name, "Radford et al. 2019 (GPT-2), no dropout", layers, width, width // 64,
                   width // 64, 64, 4 * width, 50257, 1024)


GPT2 = [gpt2_family("gpt2", 12, 768), gpt2_family("gpt2_medium", 24, 1024),
        gpt2_family("gpt2_large", 36, 1280), gpt2_family("gpt2_xl", 48, 1600),
        Model("gpt_bytes", "Radford et al. 2019 (GPT-2) at two layers, bytes as tokens", 2, 64, 2, 2,
              32, 256, 256, 64),
        Model("tiny_gpt2", "made up, for tests and examples", 2, 12, 3, 3, 4, 20, 29, 13)]


def gated_layer(block, m, y):
    gate = block.linear("mlp.gate", y, m.ffn, False)
    up = block.linear("mlp.up", y, m.ffn, False)
    y = block.layer("mlp.swiglu", "swiglu", [gate, up])
    return block.linear("mlp.down", y, m.width, False)


def experts(block, name, m, x, out, bias):
    return block.layer(name, "expert_linear", [x], experts=m.experts, top_k=m.top,
                       out_features=out, bias=bias)


def mixture(block, m, y, prefix, bias):
    scores = block.linear(f"{prefix}router", y, m.experts, bias)
    weights = block.layer(f"{prefix}route", "route", [scores], top_k=m.top)
    rows = block.layer(f"{prefix}dispatch", "dispatch", [y, weights])
    if bias:  # gpt-oss holds gate and up in one matrix
        both = experts(block, f"{prefix}experts.gate_up", m, rows, 2 * m.ffn, True)
        rows = block.layer(f"{prefix}experts.swiglu", "swiglu", [both], clamped=True)
    else:
        gate = experts(block, f"{prefix}experts.gate", m, rows, m.ffn, False)
        up = experts(block, f"{prefix}experts.up", m, rows, m.ffn, False)
        rows = block.layer(f"{prefix}experts.swiglu", "swiglu", [gate, up])
    rows = experts(block, f"{prefix}experts.down", m, rows, m.width, bias)
    return block.layer(f"{prefix}combine", "combine", [rows, weights])


def llama_ends(net, m, x):
    x = net.layer("last", "last_tokens", [x], count="logits")
    x = net.linear("lm_head", net.layer("norm", "rms_norm", [x]), m.vocabulary, False)
    net.layer("next", "next_token", [x])
    return net


def llama(m):
    """Llama, Mistral; with experts Mixtral."""
    net = language_model(m)
    x = net.layer("embed", "embedding", ["tokens"], entries=m.vocabulary, features=m.width)
    block = Layers()
    window = {"window": m.window} if m.window else {}
    y = attention(block, m, block.layer("norm_1", "rms_norm", ["x"]), False, True, **DECODING,
                  **window)
    mid = block.layer("add_1", "add", [y, "x"])
    y = block.layer("norm_2", "rms_norm", [mid])
    y = mixture(block, m, y, "moe.", False) if m.experts else gated_layer(block, m, y)
    y = block.layer("add_2", "add", [y, mid])
    return llama_ends(net, m, net.block("h", m.layers, x, block, y))


def llama_counts(m):
    d, queries, keys = m.width, m.heads * m.head, m.kv * m.head
    ffn = 3 * d * m.ffn
    router = d * m.experts
    per_layer = 2 * d * queries + 2 * d * keys + max(1, m.experts) * ffn + router + 2 * d
    parameters = 2 * m.vocabulary * d + m.layers * per_layer + d
    return parameters, m.macs(max(1, m.top) * ffn + router)


def gpt_oss_layer(block, m, x, number, window):
    """Layers attend to a window and to all tokens in turn."""
    parts = Layers()
    y = attention(parts, m, parts.layer("norm_1", "rms_norm", ["x"]), True, True, **DECODING,
                  sinks=True, **window)
    mid = parts.layer("add_1", "add", [y, "x"])
    y = mixture(parts, m, parts.layer("norm_2", "rms_norm", [mid]), "moe.", True)
    y = parts.layer("add_2", "add", [y, mid])
    rename = {layer["name"]: f"{number}.{layer['name']}" for layer in parts.layers} | {"x": x}
    for layer in parts.layers:
        layer["name"] = rename[layer["name"]]
        for key in ("inputs", "outputs"):
            layer[key] = [rename[tensor] for tensor in layer[key]]
    block.layers += parts.layers
    return rename[y]


def gpt_oss(m):
    net = language_model(m)
    x = net.layer("embed", "embedding", ["tokens"], entries=m.vocabulary, features=m.width)
    block = Layers()
    y = gpt_oss_layer(block, m, "x", "window", {"window": m.window})
    y = gpt_oss_layer(block, m, y, "all", {})
    return llama_ends(net, m, net.block("h", m.layers // 2, x, block, y))


def gpt_oss_counts(m):
    d, queries, keys = m.width, m.heads * m.head, m.kv * m.head
    attention_part = 2 * d * queries + 2 * d * keys + queries + 2 * keys + d + m.heads
    expert = 3 * d * m.ffn + 2 * m.ffn + d
    per_layer = attention_part + m.experts * expert + d * m.experts + m.experts + 2 * d
    parameters = 2 * m.vocabulary * d + m.layers * per_layer + d
    return parameters, m.macs(m.top * 3 * d * m.ffn + d * m.experts)


def bert_encoder(m):
    """The network and its last tokens."""
    net = Network(m.name, m.source, {"seq": m.sequence},
                  [{"name": "tokens", "shape": ["seq"]}, {"name": "segments", "shape": ["seq"]}])
    words = net.layer("embed.word", "embedding", ["tokens"], entries=m.vocabulary,
                      features=m.width)
    kinds = net.layer("embed.segment", "embedding", ["segments"], entries=2, features=m.width)
    x = net.layer("embed.add", "add", [words, kinds])
    x = net.layer("embed.position", "position", [x], entries=m.sequence)
    x = net.layer("embed.norm", "layer_norm", [x])
    block = Layers()
    y = attention(block, m, "x", True)
    mid = block.layer("norm_1", "layer_norm", [block.layer("add_1", "add", [y, "x"])])
    y = block.layer("mlp.gelu", "gelu", [block.linear("mlp.in", mid, m.ffn, True)])
    y = block.layer("add_2", "add", [block.linear("mlp.out", y, m.width, True), mid])
    return net, net.block("layer", m.layers, x, block, block.layer("norm_2", "layer_norm", [y]))


def bert(m):
    """The encoder with its pooler: no loss, for inference."""
    net, x = bert_encoder(m)
    x = net.linear("pooler", net.layer("first", "select", [x], index=0), m.width, True)
    net.layer("pooler.tanh", "tanh", [x])
    return net


def masked_bert(m):
    """The encoder with the head that finds masked words, for training: scores and loss of every token."""
    net, x = bert_encoder(m)
    x = net.layer("mlm.gelu", "gelu", [net.linear("mlm.dense", x, m.width, True)])
    x = net.layer("mlm.norm", "layer_norm", [x])
    x = net.layer("mlm.decoder", "tied_linear", [x], weights_of="embed.word")
    x = net.layer("mlm.bias", "add_constant", [x], shape=[1, m.vocabulary])
    net.layer("loss", "next_token", [x], greedy=True)
    for layer in net.layers:
        if layer["name"] == "embed.word":
            layer["attributes"]["tied"] = True
    return net


def masked_bert_counts(m):
    d, t = m.width, m.sequence
    parameters, macs = bert_counts(m)
    return parameters + 2 * d + m.vocabulary, macs - d * d + t * d * d + t * d * m.vocabulary


def bert_counts(m):
    d, t = m.width, m.sequence
    per_layer = 4 * d * d + 4 * d + 2 * d * m.ffn + m.ffn + d + 4 * d
    parameters = (m.vocabulary + t + 2) * d + 2 * d + m.layers * per_layer + d * d + d
    return parameters, m.macs(2 * d * m.ffn) - t * d * m.vocabulary + d * d


BERT = [Model("bert_base", "Devlin et al., arXiv 1810.04805, no dropout", 12, 768, 12, 12, 64,
                3072, 30522, 512),
        Model("bert_large", "Devlin et al., arXiv 1810.04805, no dropout", 24, 1024, 16, 16, 64,
                4096, 30522, 512)]

MASKED_BERT = [Model("bert_base_mlm", "Devlin et al., arXiv 1810.04805, masked words, no dropout", 12, 768, 12, 12, 64,
                     3072, 30522, 512),
               Model("bert_large_mlm", "Devlin et al., arXiv 1810.04805, masked words, no dropout", 24, 1024, 16, 16,
                     64, 4096, 30522, 512),
               Model("tiny_bert_mlm", "made up, for tests and examples", 2, 12, 3, 3, 4, 20, 29, 13)]

META2 = "Touvron et al., arXiv 2307.09288 (Llama 2)"
META3 = "Grattafiori et al., arXiv 2407.21783 (Llama 3)"
LLAMAS = [
    Model("llama2_7b", META2, 32, 4096, 32, 32, 128, 11008, 32000, 4096),
    Model("llama2_13b", META2, 40, 5120, 40, 40, 128, 13824, 32000, 4096),
    Model("llama2_70b", META2, 80, 8192, 64, 8, 128, 28672, 32000, 4096),
    Model("llama3_8b", META3, 32, 4096, 32, 8, 128, 14336, 128256, 8192),
    Model("llama3_70b", META3, 80, 8192, 64, 8, 128, 28672, 128256, 8192),
    Model("mistral_7b", "Jiang et al., arXiv 2310.06825", 32, 4096, 32, 8, 128, 14336, 32000,
            4096, window=4096),
    Model("mixtral_8x7b", "Jiang et al., arXiv 2401.04088", 32, 4096, 32, 8, 128, 14336, 32000,
            4096, experts=8, top=2),
    Model("tiny_llama", "made up, for tests and examples", 2, 12, 6, 2, 4, 20, 29, 13, window=9),
    Model("tiny_mixtral", "made up, for tests and examples", 2, 12, 3, 1, 4, 20, 29, 13,
            experts=5, top=2)]
GPT_OSS = [
    Model("gpt_oss_20b", "OpenAI, arXiv 2508.10925 (gpt-oss)", 24, 2880, 64, 8, 64, 2880, 201088,
            4096, experts=32, top=4, window=128),
    Model("gpt_oss_120b", "OpenAI, arXiv 2508.10925 (gpt-oss)", 36, 2880, 64, 8, 64, 2880, 201088,
            4096, experts=128, top=4, window=128),
    Model("tiny_gpt_oss", "made up, for tests and examples", 2, 12, 6, 2, 4, 10, 29, 13,
            experts=5, top=2, window=4)]


def traces():
    """name: (network, parameters, forward MACs)"""
    made = {}
    for family, network, counts in ((BERT, bert, bert_counts), (MASKED_BERT, masked_bert, masked_bert_counts), (GPT2, gpt2, gpt2_counts),
                                    (LLAMAS, llama, llama_counts), (GPT_OSS, gpt_oss, gpt_oss_counts)):
        made.update({m.name: (network(m), *counts(m)) for m in family})
    return made
