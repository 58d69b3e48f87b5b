#!/usr/bin/env python3
"""Imports every model of Debian's libonnx-testdata and counts: good ones have the results' elements that the model
states (a trace leaves the batch out). Then runs each on its stored inputs in FP32 and counts those whose stored outputs
come out within ONNX's own tolerance (`mxsim verify`); of the node tests, the rest by operator.

    scripts/count_onnx_tests.py build/release/mxsim [FOLDER] [--values]     needs python3-onnx; --values: the second alone
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


def values(program, path):
    """"good", "outside the tolerance", or why there is nothing to compare."""
    done = subprocess.run([program, "verify", path], capture_output=True, text=True)
    if done.returncode == 0:
        return "good"
    if done.returncode == 1 and done.stdout:
        other = "is no result" in done.stdout or "stored" in done.stdout
        return "no such result" if other else "outside the tolerance"
    return done.stderr.strip().split("\n")[0].split("model.onnx: ")[-1] or f"exit code {done.returncode}"


def operator(path):
    """The operator that a node test is for."""
    graph = onnx.load(path, load_external_data=False).graph
    kinds = [node.op_type for node in graph.node]
    return kinds[0] if len(set(kinds)) == 1 else "several: " + path.parent.name.split("_")[1]


def count_values(program, paths):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        verdicts = dict(zip(paths, pool.map(lambda path: values(program, path), paths)))
    for folder, all_paths in sorted(by_folder(paths).items()):
        good = sum(verdicts[path] == "good" for path in all_paths)
        print(f"values of {folder}: {good} of {len(all_paths)}")
    rest = collections.defaultdict(collections.Counter)
    for path, verdict in verdicts.items():
        if path.parent.parent.name == "node" and verdict != "good":
            reason = "not imported" if "no meaning" in verdict else verdict
            rest[operator(path)][reason[:60]] += 1
    for name, reasons in sorted(rest.items(), key=lambda row: -sum(row[1].values())):
        print(f"  {name} {sum(reasons.values())}: " + "; ".join(f"{reason} {n}" for reason, n in reasons.most_common()))


def by_folder(paths):
    folders = collections.defaultdict(list)
    for path in paths:
        folders[path.parent.parent.name].append(path)
    return folders


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--values"]
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else "/usr/share/libonnx-testdata/data")
    paths = sorted(root.glob("*/*/model.onnx"))
    if "--values" not in sys.argv:
        count_imports(arguments[0], paths)
    count_values(arguments[0], paths)


def count_imports(program, paths):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda path: judge(program, path), paths))
    good = collections.Counter(p.parent.parent.name for p, v in zip(paths, verdicts) if v == "good")
    for folder, all_paths in sorted(by_folder(paths).items()):
        print(f"{folder}: {good[folder]} of {len(all_paths)}")
    rest = collections.Counter(v if v == "wrong" or "no meaning" not in v else v.split(" ")[0]
                               for v in verdicts if v != "good")
    print(", ".join(f"{reason} {count}" for reason, count in rest.most_common()))


if __name__ == "__main__":
    main()
