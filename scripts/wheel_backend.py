"""The PEP 517 backend of `pip install .`: CMake builds program and package, which go into one wheel.

    pip install . [--config-settings build-dir=build/release]

The wheel holds the package, the program (mxsim/bin) and its configurations and traces (mxsim/share). Another build folder than
build/wheel saves building again where there is one.
"""

import base64
import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = "Cycle-level simulator of accelerators for block-scaled number formats"


def version():
    return re.search(r"project\(mxsim VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def metadata():
    return f"""Metadata-Version: 2.1
Name: mxsim
Version: {version()}
Summary: {SUMMARY}
License: Apache-2.0
Requires-Python: >=3.9
Requires-Dist: numpy
Provides-Extra: tables
Requires-Dist: pandas; extra == "tables"
Provides-Extra: plots
Requires-Dist: matplotlib; extra == "plots"
Provides-Extra: torch
Requires-Dist: torch; extra == "torch"
"""


def tag():
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = re.sub("[-.]", "_", sysconfig.get_platform())
    return f"{python}-{python}-{platform}"


def run(*command):
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, stdout=sys.stderr)


def built(settings):
    """The build folder, with program and module in it."""
    folder = Path((settings or {}).get("build-dir", ROOT / "build" / "wheel"))
    if not (folder / "CMakeCache.txt").exists():
        run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DMXSIM_TESTS=OFF",
            f"-DPython_EXECUTABLE={sys.executable}")
    run("cmake", "--build", folder, "--target", "mxsim", "mxsim_native")
    return folder


def installed(build, folder):
    """{name in the wheel: file}"""
    for component in ("program", "python"):
        run("cmake", "--install", build, "--prefix", folder, "--component", component)
    package = next(folder.glob("**/mxsim/__init__.py")).parent
    files = {f"mxsim/{path.relative_to(package)}": path for path in package.rglob("*") if path.is_file()}
    for place in ("bin", "share"):
        files.update({f"mxsim/{place}/{path.relative_to(folder / place)}": path for path in (folder / place).rglob("*")
                      if path.is_file() and "man/" not in str(path) and "bash-completion/" not in str(path)})
    return files


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    information = f"mxsim-{version()}.dist-info"
    with tempfile.TemporaryDirectory() as staging:
        files = installed(built(config_settings), Path(staging))
        contents = {name: (path.read_bytes(), os.access(path, os.X_OK)) for name, path in sorted(files.items())}
    contents[f"{information}/METADATA"] = (metadata().encode(), False)
    contents[f"{information}/WHEEL"] = (f"Wheel-Version: 1.0\nGenerator: mxsim\nRoot-Is-Purelib: false\nTag: {tag()}\n".encode(), False)
    contents[f"{information}/LICENSE"] = ((ROOT / "LICENSE").read_bytes(), False)
    record = [record_line(name, data) for name, (data, _) in contents.items()] + [f"{information}/RECORD,,"]
    contents[f"{information}/RECORD"] = (("\n".join(record) + "\n").encode(), False)
    name = f"mxsim-{version()}-{tag()}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, (data, executable) in contents.items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if executable else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
    return name


def build_sdist(sdist_directory, config_settings=None):
    name = f"mxsim-{version()}"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    with tarfile.open(Path(sdist_directory) / f"{name}.tar.gz", "w:gz") as archive:
        for path in filter(None, listed.split("\0")):
            archive.add(ROOT / path, f"{name}/{path}")
    return f"{name}.tar.gz"
