"""A trace that is put together layer by layer; scripts/make_traces.py writes it."""

import json

# Of networks that end in a global pooling: their layers take images of any size.
ANY_IMAGE = ((3, "height", "width"), {"height": 224, "width": 224})


class Trace:
    """Collects layers; every method returns the name of the tensor it makes."""

    def __init__(self, name, source, shape, dimensions=None):
        self.name, self.source, self.dimensions = name, source, dimensions
        self.inputs = [{"name": "image", "shape": list(shape)}]
        self.layers = []
        self.channels = {"image": shape[0]}

    def layer(self, name, op, inputs, **attributes):
        entry = {"name": name, "op": op, "inputs": inputs, "outputs": [name]}
        if attributes:
            entry["attributes"] = attributes
        self.layers.append(entry)
        self.channels[name] = self.channels[inputs[0]]
        return name

    def conv(self, name, x, out, kernel, stride=1, padding=0, **more):
        self.layer(name, "conv2d", [x], out_channels=out, kernel=kernel, stride=stride,
                   padding=padding, **{"bias": False, **more})
        self.channels[name] = out
        return name

    def linear(self, name, x, out):
        self.layer(name, "linear", [x], out_features=out, bias=True)
        self.channels[name] = out
        return name

    def batch_norm(self, name, x):
        return self.layer(name, "batch_norm", [x])

    def relu(self, name, x):
        return self.layer(name, "relu", [x])

    def conv_bn_relu6(self, name, x, out, kernel, stride=1, groups=1):
        x = self.conv(f"{name}.0", x, out, kernel, stride, kernel // 2, groups=groups)
        return self.layer(f"{name}.2", "relu6", [self.batch_norm(f"{name}.1", x)])

    def classifier(self, x, classes, name="fc"):
        x = self.layer("avgpool", "global_average_pool", [x])
        x = self.layer("flatten", "flatten", [x])
        x = self.linear(name, x, classes)
        return self.layer("loss", "cross_entropy", [x])

    def text(self, parameters, macs):
        head = {"name": self.name, "source": self.source, "parameters": parameters, "macs": macs}
        if self.dimensions:
            head["dimensions"] = self.dimensions
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        for key, rows in (("inputs", self.inputs), ("layers", self.layers)):
            body = ",\n".join("    " + json.dumps(row) for row in rows)
            lines.append(f'  "{key}": [\n{body}\n  ]')
        lines.append(f'  "outputs": {json.dumps([self.layers[-1]["name"]])}')
        return "{\n" + ",\n".join(lines) + "\n}\n"
