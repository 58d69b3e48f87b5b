#!/usr/bin/env python3
"""Imports every model of Debian's libonnx-testdata and counts: good ones have the results' elements that the model
states (a trace leaves the batch out).

    scripts/count_onnx_tests.py build/release/mxsim [FOLDER]        needs python3-onnx
"""
import collections
import concurrent.futures
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import onnx


def elements(value):
    return math.prod(d.dim_value for d in value.type.tensor_type.shape.dim)


def judge(program, path):
    """"good", "wrong" or the first fault."""
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "t.json"
        done = subprocess.run([program, "trace", "import", path, "-o", trace], capture_output=True, text=True)
        if done.returncode == 2:
            return done.stderr.split("\n")[0].split("model.onnx: ")[-1]
        if done.returncode != 0:
            return f"exit code {done.returncode}"
        outputs = json.loads(trace.read_text())["outputs"]
        shown = json.loads(subprocess.run([program, "trace", "show", "--json", trace], capture_output=True,
                                          text=True).stdout)
    made = {layer["name"]: math.prod(layer["output"]) for layer in shown["layers"]}
    model = onnx.load(path, load_external_data=False)
    stated = [elements(o) for o in model.graph.output]
    batch = next((d.dim_value for i in model.graph.input for d in i.type.tensor_type.shape.dim), 1) or 1
    if len(outputs) != 1 or len(stated) != 1 or outputs[0] not in made:
        return "good"  # parts of a split have no line of their own
    return "good" if made[outputs[0]] in (stated[0], stated[0] / batch) else "wrong"


def main():
    root = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "/usr/share/libonnx-testdata/data")
    paths = sorted(root.glob("*/*/model.onnx"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda path: judge(sys.argv[1], path), paths))
    by_folder = collections.Counter(path.parent.parent.name for path in paths)
    good = collections.Counter(p.parent.parent.name for p, v in zip(paths, verdicts) if v == "good")
    for folder, count in sorted(by_folder.items()):
        print(f"{folder}: {good[folder]} of {count}")
    rest = collections.Counter(v if v == "wrong" or "no meaning" not in v else v.split(" ")[0]
                               for v in verdicts if v != "good")
    print(", ".join(f"{reason} {count}" for reason, count in rest.most_common()))


if __name__ == "__main__":
    main()
