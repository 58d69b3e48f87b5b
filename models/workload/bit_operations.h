#pragma once

#include "models/workload/op_list.h"

namespace mxsim {

/// Bit operations as FLIQS (arXiv 2308.03290) and QONNX count them: MACs times the bits of an
/// element of either operand. Scales of blocks are not counted.
inline std::int64_t bit_operations(const GemmWork& work) {
  return work.macs() * work.format_a.element_bits * work.format_b.element_bits;
}

}  // namespace mxsim
