#pragma once

#include <cstdint>
#include <vector>

#include "models/arithmetic/operand_decoder.h"
#include "models/formats/quantized_matrix.h"

namespace mxsim {

/// Which axis of a stored matrix the reduction runs along.
enum class ReductionAxis : std::uint8_t { kRows, kCols };

/// Length, along that axis, of the blocks (sub-blocks where the format has them) whose products are
/// summed exactly; 0 for a format without exact view. For ReductionBlocks.
std::int64_t reduction_block(const FormatSpec& format, BlockShape block, ReductionAxis axis);
inline std::int64_t reduction_block(const DataLayout& layout, ReductionAxis axis) {
  return reduction_block(layout.format, layout.block, axis);
}

/// Elements as they travel to the PEs (OperandDecoder), row-major.
std::vector<ArrayOperand> array_operands(const QuantizedMatrix& matrix);

}  // namespace mxsim
