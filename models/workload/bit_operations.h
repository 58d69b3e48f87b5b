#pragma once

#include "models/workload/layer_macs.h"

namespace mxsim {

/// Bit operations as FLIQS (arXiv 2308.03290) and QONNX count them: MACs times the bits of an
/// element of either operand. Scales of blocks are not counted.
inline std::int64_t bit_operations(const OpGroup& group) {
  if (group.gemms.empty()) return 0;
  const GemmWork& work = group.gemms.front();
  return layer_macs(group) * work.format_a.element_bits * work.format_b.element_bits;
}

}  // namespace mxsim
