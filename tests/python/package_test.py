"""The package as installed, and its type hints against what it has."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import mxsim
from mxsim import _native


def test_the_installed_package_works_without_the_build_tree(tmp_path):
    subprocess.run(
        ["cmake", "--install", os.environ["MXSIM_BUILD"], "--prefix", tmp_path, "--component", "python"],
        check=True,
        capture_output=True,
    )
    installed = tmp_path / os.environ["MXSIM_PYTHON_DIR"]
    program = "import mxsim; print(mxsim.__file__); print(mxsim.quantize([[5.3, -1.0]], 'mxsf').tolist())"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert result.stdout.splitlines() == [str(installed / "mxsim/__init__.py"), "[[5.25, -1.0]]"]
    assert sorted(path.name for path in (installed / "mxsim").iterdir() if path.is_file()) == sorted(
        ["__init__.py", "_native.pyi", "py.typed", Path(_native.__file__).name]
    )


def hinted_functions():
    hints = ast.parse(Path(mxsim.__file__).with_name("_native.pyi").read_text())
    return {
        node.name: [argument.arg for argument in node.args.args]
        for node in hints.body
        if isinstance(node, ast.FunctionDef)
    }


def test_the_type_hints_have_the_functions_and_arguments_of_the_module():
    functions = {}
    for name, function in vars(_native).items():
        if name.startswith("_"):
            continue
        signatures = re.findall(name + r"\(.*\) -> ", function.__doc__)  # one an overload
        arguments = {tuple(re.findall(r"(\w+): ", signature)) for signature in signatures}
        assert len(arguments) == 1, name
        functions[name] = list(arguments.pop())
    assert functions == hinted_functions()


def test_every_public_name_exists_and_is_hinted():
    tree = ast.parse(Path(mxsim.__file__).read_text())
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        arguments = node.args.args + node.args.kwonlyargs + [node.args.vararg]
        assert all(one.annotation for one in arguments if one), node.name
        assert node.returns, node.name
    assert all(hasattr(mxsim, name) for name in mxsim.__all__)
