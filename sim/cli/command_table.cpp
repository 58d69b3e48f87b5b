#include "sim/cli/command_table.h"

namespace mxsim {

const std::vector<CliCommand>& command_table() {
  static const std::vector<CliCommand> table{
      {"run", "one simulation: cycles, energy and traffic by layer", set_up_run},
      {"compare", "the same work in several formats side by side", set_up_compare},
      {"train", "train on real data with the run's formats: accuracy beside cycles and energy",
       set_up_train},
      {"eval", "classify real data with trained weights: accuracy beside the energy of an image",
       set_up_eval},
      {"verify", "run an ONNX model on stored inputs and compare its stored outputs",
       set_up_verify},
      {"sweep", "a run for every point of a grid, on all cores or under mpirun", set_up_sweep},
      {"explore", "a seeded search for the front of a space too large for a grid", set_up_explore},
      {"check", "validate run, sweep, explore, chip, device, technology and trace files",
       set_up_check},
      {"describe", "list the keys of configuration files", set_up_describe},
      {"trace", "show, check, import (ONNX, SCALE-Sim) or export the trace of a network",
       set_up_trace},
      {"gemm", "one GEMM on the array alone", set_up_gemm},
      {"dram", "replay an address trace through a DRAM device", set_up_dram},
      {"formats", "list the number formats: range, storage, exact accumulator widths",
       set_up_formats},
      {"quantize", "quantize a NumPy array bit by bit and measure the error", set_up_quantize},
  };
  return table;
}

}  // namespace mxsim
