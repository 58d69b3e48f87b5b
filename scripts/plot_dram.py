#!/usr/bin/env python3
"""Pictures of `mxsim` results; --help tells which. The drawing is that of the Python package (sim/python/mxsim/figures)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sim" / "python" / "mxsim"))

from figures import dram  # noqa: E402
from figures.style import run_script  # noqa: E402

if __name__ == "__main__":
    sys.exit(run_script(dram.main))
