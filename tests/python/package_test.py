"""The package as installed, and its type hints against what it has."""

import ast
import os
import re
import subprocess
import sys
import zipfile
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
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    source = Path(__file__).resolve().parent.parent.parent / "sim" / "python"
    expected = {str(path.relative_to(source)) for path in (source / "mxsim").rglob("*") if path.suffix in (".py", ".pyi", ".typed")}
    assert files == expected | {"mxsim/py.typed", f"mxsim/{Path(_native.__file__).name}"}


def test_a_wheel_holds_the_program_and_simulates(tmp_path):
    root = Path(__file__).resolve().parent.parent.parent
    program = (
        "import sys, wheel_backend as backend\n"
        "print(backend.build_wheel(sys.argv[1], {'build-dir': sys.argv[2]}))"
    )
    built = subprocess.run(
        [sys.executable, "-c", program, tmp_path, os.environ["MXSIM_BUILD"]],
        env={**os.environ, "PYTHONPATH": str(root / "scripts")},
        check=True,
        capture_output=True,
        text=True,
    )
    wheel = tmp_path / built.stdout.splitlines()[-1]
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
        listed = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
        assert listed == set(archive.namelist())
    # What pip does beside extracting: programs may be run.
    (tmp_path / "site/mxsim/bin/mxsim").chmod(0o755)
    script = "import mxsim; print(mxsim.program()); print(mxsim.run('tiny_cnn_train').cycles)"
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    )
    where, cycles = result.stdout.splitlines()
    assert where == str(tmp_path / "site/mxsim/bin/mxsim")
    assert int(cycles) == mxsim.run("tiny_cnn_train").cycles


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
    package = Path(mxsim.__file__).parent
    for path in package.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            arguments = node.args.args + node.args.kwonlyargs + [node.args.vararg, node.args.kwarg]
            assert all(one.annotation for one in arguments if one and one.arg != "self"), f"{path.name}: {node.name}"
            assert node.returns, f"{path.name}: {node.name}"
    for name in mxsim.__all__:
        thing = getattr(mxsim, name)
        assert thing.__doc__, name
