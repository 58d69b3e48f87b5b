#include "models/energy/transposer_cost.h"

#include <algorithm>

#include "models/core/pass.h"
#include "models/core/units.h"
#include "models/dataflow/dataflow_table.h"
#include "models/energy/datapath.h"
#include "models/energy/pe_cost.h"
#include "models/energy/work_formats.h"

namespace mxsim {
namespace {

constexpr std::int64_t kUnitRegisters = kTransposerSide * kTransposerSide;

struct Sides {
  std::int64_t left = 0;
  std::int64_t right = 0;
};

/// Registers, in elements, where the left and the right operands of all arrays enter: vectors that
/// several arrays share are transposed once.
Sides edge_registers(const ArraySpec& array, std::int64_t width) {
  ArrayCommand longest;
  longest.m = longest.n = std::max(array.rows, array.cols);
  longest.k = longest.m * width;
  longest.width = width;
  Sides lanes;
  for (const Pass pass : kAllPasses) {
    longest.dataflow = array.dataflow[pass];
    const PortVectors vectors = info(longest.dataflow).vectors(array, longest);
    lanes.left = std::max(lanes.left, vectors.a);
    lanes.right = std::max(lanes.right, vectors.b);
  }
  const auto registers = [](std::int64_t elements) {
    return ceil_div(elements, kTransposerSide) * kUnitRegisters;
  };
  return {array.grid.rows * registers(lanes.left), array.grid.cols * registers(lanes.right)};
}

/// Gradients enter on either side, on one at a time.
std::int64_t registers_of(const BufferSpec& buffer, const Sides& bits) {
  const bool left = buffer.serves(BufferRole::kActivations);
  const bool right = buffer.serves(BufferRole::kWeights);
  const bool gradients = buffer.serves(BufferRole::kGradients);
  if (gradients && !left && !right) return std::max(bits.left, bits.right);
  return (left || gradients ? bits.left : 0) + (right || gradients ? bits.right : 0);
}

}  // namespace

std::vector<TransposerBlock> transposer_blocks(const PricedChip& chip,
                                               const std::vector<WorkFormats>& in_use) {
  std::int64_t width = 1;
  for (const WorkFormats& work : in_use) {
    width = std::max(width, pe_design(chip.array, work.a, work.b).width);
  }
  const BufferContents widest = buffer_contents(in_use, chip.array);
  Sides bits = edge_registers(chip.array, width);
  bits.left *= widest.left.bits;
  bits.right *= widest.right.bits;
  std::vector<TransposerBlock> blocks;
  for (const auto& [name, buffer] : chip.buffers) {
    const bool turns = buffer.transposed_read == TransposedRead::kTransposer;
    if (turns && buffer.holds_operands()) blocks.push_back({name, registers_of(buffer, bits)});
  }
  return blocks;
}

UncertainPrice transposer_nand2(const TransposerBlock& block, const TechnologyTable& table) {
  const auto bits = static_cast<double>(block.register_bits);
  DatapathSize size;
  size.flop_bits = bits;
  size.shifter_bit_stages = bits;
  const DatapathCosts& costs = table.pe.datapath_area;
  return UncertainPrice("transposer " + block.buffer, datapath_cost(size, costs))
      .times("area of closed-form datapaths", costs.error);
}

}  // namespace mxsim
