#include "sim/run/model_assumptions.h"

namespace mxsim {

std::vector<std::string> model_assumptions(const ChipConfig& chip) {
  std::vector<std::string> lines{
      "im2col address generation feeds the array one vector a step; padding costs no DRAM traffic",
      "an operand tile read by columns takes no longer than by rows (byte transposer at the port)",
      "per-channel vectors (bias, scale, statistics) are kept in registers of the vector unit",
      "a layer's groups run one after another; nothing stays on chip from one group to the next",
      "partial sums of a result tile stay on chip until the reduction is complete",
      "a block that crosses a tile border is encoded with the later tile (one row of tiles is "
      "kept)",
      "optimizer state and master weights are FP32; stored values that feed no GEMM are BF16",
  };
  for (const std::string& line : dram_device(chip.dram).assumptions) lines.push_back(line);
  return lines;
}

}  // namespace mxsim
