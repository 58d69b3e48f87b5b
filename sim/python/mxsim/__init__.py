"""mxsim: cycle-level simulation of accelerators that train and serve networks in block-scaled number formats.

    import mxsim

    result = mxsim.run("resnet18_train", format="mxsf")          # a shipped run file, a path, or a dict
    result.cycles, result.energy_pj, result.layers["conv1"]
    result.to_pandas()                                           # layers as a table (needs pandas)
    result.plot_energy()                                         # needs matplotlib

    mxsim.compare("resnet18_train", formats=["bf16", "mxfp8_e4m3", "mxsf"]).to_pandas()
    for point in mxsim.sweep("configs/sweeps/tiny_cnn.json"):    # as they finish, on all cores
        print(point.settings, point.cycles)

    trace = mxsim.trace(torch_model, inputs)                     # PyTorch, or a path of an ONNX file
    mxsim.run("resnet18_infer", workload=trace, batch=1)
    mxsim.quantize(weights, "mxsf", axis="I", layout="OIHW")     # bit-exact casts of arrays

Simulations run in processes of the program `mxsim` (see program()), so that threads of Python go on meanwhile, several may
run at once, and Ctrl-C ends them. What is wrong in the input is a ConfigError with file and JSON pointer of every fault.
"""

from .casts import Encoded, decode, encode, formats, quantize
from .jobs import (
    check,
    compare,
    describe,
    dram,
    evaluate,
    explain,
    explore,
    gemm,
    report,
    run,
    sweep,
    train,
)
from .program import ConfigError, Fault, Progress, ProgramNotFoundError, SimulationError, data_folder, program
from .results import (
    CheckedFile,
    CompareResult,
    ComparedRun,
    DramResult,
    EvalResult,
    GemmResult,
    Layer,
    Layers,
    Result,
    RunResult,
    Saving,
    TrainedFormat,
    TrainResult,
)
from .sweeps import Point, Sweep
from .torch_export import TraceError
from .tracing import Trace, trace

__all__ = [
    "CheckedFile",
    "CompareResult",
    "ComparedRun",
    "ConfigError",
    "DramResult",
    "Encoded",
    "EvalResult",
    "Fault",
    "GemmResult",
    "Layer",
    "Layers",
    "Point",
    "ProgramNotFoundError",
    "Progress",
    "Result",
    "RunResult",
    "Saving",
    "SimulationError",
    "Sweep",
    "Trace",
    "TraceError",
    "TrainResult",
    "TrainedFormat",
    "check",
    "compare",
    "data_folder",
    "decode",
    "describe",
    "dram",
    "encode",
    "evaluate",
    "explain",
    "explore",
    "formats",
    "gemm",
    "program",
    "quantize",
    "report",
    "run",
    "sweep",
    "trace",
    "train",
]
