#!/usr/bin/env python3
"""Validates every shipped configuration file and trace against its JSON Schema, and planted faults against it.

The schemas are an independent reading of the declared keys: a file that `mxsim check` accepts has to pass."""
import copy
import json
import pathlib
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDERS = {"run": "configs/runs", "chip": "configs/chips", "device": "configs/dram",
           "technology": "configs/technology", "trace": "traces", "sweep": "configs/sweeps",
           "explore": "configs/explorations"}


def is_valid(document, validator):
    return next(validator.iter_errors(document), None) is None


def main():
    failures = 0
    for kind, folder in FOLDERS.items():
        schema = json.loads((ROOT / "configs" / "schema" / f"{kind}.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        files = sorted((ROOT / folder).glob("*.json"))
        for file in files:
            document = json.loads(file.read_text())
            for error in validator.iter_errors(document):
                print(f"{file}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
                failures += 1
            planted = copy.deepcopy(document)
            planted["no_such_key"] = 1
            if is_valid(planted, validator):
                print(f"{file}: the schema accepts an unknown key")
                failures += 1
        if not files:
            print(f"{folder}: no files")
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
