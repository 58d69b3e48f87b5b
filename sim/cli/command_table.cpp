#include "sim/cli/command_table.h"

namespace mxsim {
namespace {

constexpr const char* kSimulate = "Simulate";
constexpr const char* kLearn = "Train on data";
constexpr const char* kSearch = "Search a space";
constexpr const char* kFiles = "Files";
constexpr const char* kParts = "Parts of the chip";
constexpr const char* kLook = "Results and help";

}  // namespace

const std::vector<CliCommand>& command_table() {
  static const std::vector<CliCommand> table{
      {"run", "one simulation: cycles, energy and traffic by layer", set_up_run, kSimulate,
       "mxsim run configs/runs/resnet18_train.json --format mxsf --out results"},
      {"compare", "the same work in several formats side by side", set_up_compare, kSimulate,
       "mxsim compare configs/runs/resnet18_train.json --formats bf16,mxfp8_e4m3,mxsf"},
      {"train", "train on real data with the run's formats: accuracy beside cycles and energy",
       set_up_train, kLearn,
       "mxsim train configs/runs/lenet5_28_train.json --data DIR --formats bf16,mxsf --out lenet"},
      {"eval", "classify real data with trained weights: accuracy beside the energy of an image",
       set_up_eval, kLearn,
       "mxsim eval configs/runs/lenet5_28_train.json --weights lenet/bf16-seed1.npz --data DIR"},
      {"ptq", "quantize trained weights: rounding, GPTQ, error diffusion, learned rounding",
       set_up_ptq, kLearn,
       "mxsim ptq configs/runs/lenet5_28_train.json --weights lenet/bf16-seed1.npz --data DIR "
       "--method gptq --bits 4 -o lenet/int4.npz"},
      {"verify", "run an ONNX model on stored inputs and compare its stored outputs", set_up_verify,
       kLearn, "mxsim verify tests/data/import/mnist_conv.onnx --data DIR"},
      {"sweep", "a run for every point of a grid, on all cores or under mpirun", set_up_sweep,
       kSearch, "mxsim sweep configs/sweeps/tiny_cnn.json --out sweep"},
      {"explore", "a seeded search for the front of a space too large for a grid", set_up_explore,
       kSearch, "mxsim explore configs/explorations/tiny_cnn.json --out front"},
      {"report", "one self-contained HTML page of the results of other commands", set_up_report,
       kLook, "mxsim report results sweep lenet -o report.html"},
      {"check", "validate run, sweep, explore, chip, device, technology and trace files",
       set_up_check, kFiles, "mxsim check configs/runs/resnet18_train.json"},
      {"describe", "list the keys of configuration files", set_up_describe, kFiles,
       "mxsim describe /chip/array"},
      {"trace", "show, check, import (ONNX, SCALE-Sim) or export the trace of a network",
       set_up_trace, kFiles, "mxsim trace show traces/resnet50.json"},
      {"gemm", "one GEMM on the array alone", set_up_gemm, kParts,
       "mxsim gemm 512 256 1024 --array 16x16,32x32 --dataflow ws,os --check"},
      {"dram", "replay an address trace through a DRAM device", set_up_dram, kParts,
       "mxsim dram --device configs/dram/hbm2.json --traffic random:2:1"},
      {"formats", "list the number formats: range, storage, exact accumulator widths",
       set_up_formats, kParts, "mxsim formats mxsf mxfp8_e4m3 --terms 4608"},
      {"quantize", "quantize a NumPy array bit by bit and measure the error", set_up_quantize,
       kParts, "mxsim quantize in.npy --format mxsf --block 8x8 -o out.npy"},
      {"completion", "print the completion script of a shell", set_up_completion, kLook,
       "source <(mxsim completion bash)"},
      {"manual", "print the manual page", set_up_manual, kLook, "mxsim manual | man -l -"},
  };
  return table;
}

}  // namespace mxsim
