"""What `mxsim quantize` writes is what the Python package encodes and decodes."""

import json
import os
import subprocess

import numpy as np
import pytest

import mxsim

PROGRAM = os.path.join(os.environ["MXSIM_BUILD"], "mxsim")
OPTIONS = {
    "codes": "--codes",
    "scales": "--scales",
    "zero_points": "--zero-points",
    "offsets": "--offsets",
}
FORMATS = [row["name"] for row in mxsim.formats()]


def run(*arguments):
    return subprocess.run([PROGRAM, "quantize", *map(str, arguments)], capture_output=True, text=True)


@pytest.mark.parametrize("name", FORMATS)
def test_the_written_parts_decode_to_the_written_values(name, tmp_path):
    generator = np.random.default_rng(len(name))
    values = (generator.normal(size=(21, 50)) * np.exp2(generator.integers(-9, 9, size=(21, 50)))).astype(np.float32)
    np.save(tmp_path / "in.npy", values)
    encoded = mxsim.encode(values, name)
    wanted = [part for part in OPTIONS if getattr(encoded, part) is not None]
    arguments = [tmp_path / "in.npy", "--format", name, "-o", tmp_path / "values.npy", "--json"]
    for part in wanted:
        arguments += [OPTIONS[part], tmp_path / f"{part}.npy"]
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    written = {part: np.load(tmp_path / f"{part}.npy") for part in wanted}
    for part, array in written.items():
        assert array.dtype == getattr(encoded, part).dtype
        assert np.array_equal(array, getattr(encoded, part)), part
    scale = json.loads(result.stdout)["tensor_scale"]
    written["tensor_scale"] = 1.0 if scale is None else scale
    assert written["tensor_scale"] == encoded.tensor_scale
    decoded = mxsim.decode(mxsim.Encoded(**written), name)
    assert np.array_equal(decoded.view(np.uint32), np.load(tmp_path / "values.npy").view(np.uint32))


@pytest.mark.parametrize("name", FORMATS)
def test_a_part_that_the_format_lacks_is_refused_in_one_line(name, tmp_path):
    np.save(tmp_path / "in.npy", np.ones((2, 2), np.float32))
    encoded = mxsim.encode(np.ones((2, 2), np.float32), name)
    for part, option in OPTIONS.items():
        if getattr(encoded, part) is not None:
            continue
        result = run(tmp_path / "in.npy", "--format", name, option, tmp_path / "part.npy")
        assert result.returncode == 2
        assert result.stderr.startswith(f"{option}: format {name} has no ")
        assert result.stderr.count("\n") == 1
        assert not (tmp_path / "part.npy").exists()
