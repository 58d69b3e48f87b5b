#include "sim/run/model_assumptions.h"

#include "models/core/error.h"

namespace mxsim {
namespace {

std::string reads(const BufferSpec& buffer) {
  switch (buffer.transposed_read) {
    case TransposedRead::kTransposer:
      return "an 8x8 transposer turns them at full rate and is filled behind the command before";
    case TransposedRead::kGather:
      return "a word is read for each element";
    case TransposedRead::kSecondPort:
      return "a second port of every cell gives them at full rate";
  }
  throw InternalError("a way to read columns without words");
}

}  // namespace

std::vector<std::string> model_assumptions(const ChipConfig& chip) {
  std::vector<std::string> lines{
      "im2col address generation feeds the array one vector a step; padding costs no DRAM traffic",
      "per-channel vectors (bias, scale, statistics) are kept in registers of the vector unit",
      "a layer's groups run one after another; nothing stays on chip from one group to the next",
      "partial sums of a result tile stay on chip until the reduction is complete",
      "a block that crosses a tile border is encoded with the later tile (one row of tiles is "
      "kept)",
      "optimizer state and master weights are FP32; stored values that feed no GEMM are BF16",
  };
  for (const auto& [name, buffer] : chip.buffers) {
    if (buffer.holds_operands()) lines.push_back("columns of " + name + ": " + reads(buffer));
  }
  for (const std::string& line : dram_device(chip.dram).assumptions) lines.push_back(line);
  return lines;
}

}  // namespace mxsim
