"""Traces of DLRM (Naumov et al., arXiv 1906.00091) from its hyper-parameters; scripts/make_traces.py writes them."""

import json

# Rows of the 26 tables: Criteo's Kaggle data, and its Terabyte data with at most 40 million rows a table, as MLPerf has it.
KAGGLE = (1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306, 10, 5652, 2173,
          4, 7046547, 18, 15, 286181, 105, 142572)
TERABYTE = (39884406, 39043, 17289, 7420, 20263, 3, 7120, 1543, 63, 38532951, 2953546, 403346, 10, 2208, 11938, 155, 4, 976, 14,
            39979771, 25641295, 39664984, 585935, 12972, 108, 36)
DENSE = 13
SOURCE = "Naumov et al., arXiv 1906.00091 (DLRM), "


class Dlrm:
    """The tables lie one below the other, so that one lookup serves them all. Every pair of the features' rows is multiplied, as
    the authors' program does, and each product of two different ones is kept once."""

    def __init__(self, name, source, tables, bottom, top):
        self.name, self.source, self.tables, self.bottom, self.top = name, SOURCE + source, tables, bottom, top
        self.vectors = len(tables) + 1
        self.pairs = self.vectors * (self.vectors - 1) // 2
        self.layers = []

    def layer(self, name, op, inputs, **attributes):
        entry = {"name": name, "op": op, "inputs": inputs, "outputs": [name]}
        if attributes:
            entry["attributes"] = attributes
        self.layers.append(entry)
        return name

    def mlp(self, name, x, widths, last="relu"):
        for index, width in enumerate(widths):
            x = self.layer(f"{name}.{index}", "linear", [x], out_features=width, bias=True)
            x = self.layer(f"{name}.{index}.act", "relu" if index + 1 < len(widths) else last, [x])
        return x

    def text(self, parameters, macs):
        width, count = self.bottom[-1], len(self.tables)
        dense = self.mlp("bottom", "dense", self.bottom)
        row = self.layer("bottom.row", "reshape", [dense], shape=[1, width])
        rows = self.layer("tables", "embedding", ["categories"], entries=sum(self.tables), features=width)
        vectors = self.layer("vectors", "concat", [row, rows], axis=1)
        y = self.layer("interaction", "matmul", [vectors, vectors], transpose_b=True)
        y = self.layer("interaction.row", "reshape", [y], shape=[self.vectors ** 2])
        y = self.layer("interaction.pairs", "gather", [y], shape=[self.pairs])
        y = self.layer("features", "concat", [dense, y], axis=1)
        self.mlp("top", y, self.top, "sigmoid")
        head = {"name": self.name, "source": self.source, "parameters": parameters, "macs": macs}
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        inputs = [{"name": "dense", "shape": [DENSE]}, {"name": "categories", "shape": [count]}]
        for key, rows in (("inputs", inputs), ("layers", self.layers)):
            body = ",\n".join("    " + json.dumps(row) for row in rows)
            lines.append(f'  "{key}": [\n{body}\n  ]')
        lines.append(f'  "outputs": {json.dumps([self.layers[-1]["name"]])}')
        self.layers = []
        return "{\n" + ",\n".join(lines) + "\n}\n"

    def counts(self):
        """Parameters, forward MACs of a sample."""
        def chain(widths):
            return list(zip(widths, widths[1:]))
        width = self.bottom[-1]
        matrices = chain((DENSE, *self.bottom)) + chain((width + self.pairs, *self.top))
        weights = sum(a * b for a, b in matrices)
        biases = sum(b for _, b in matrices)
        return sum(self.tables) * width + weights + biases, weights + self.vectors ** 2 * width


MODELS = (Dlrm("dlrm_kaggle", "Criteo Kaggle", KAGGLE, (512, 256, 64, 16), (512, 256, 1)),
          Dlrm("dlrm_terabyte", "Criteo Terabyte as in MLPerf", TERABYTE, (512, 256, 128), (1024, 1024, 512, 256, 1)),
          Dlrm("tiny_dlrm", "made up, for tests and examples", (7, 3, 11), (6, 5), (9, 1)))


def traces():
    """name: (network, parameters, forward MACs)"""
    return {model.name: (model, *model.counts()) for model in MODELS}
