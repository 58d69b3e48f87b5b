#pragma once

#include <cstdint>
#include <vector>

#include "models/dataflow/array_command.h"
#include "models/formats/quantized_matrix.h"

namespace mxsim {

/// Whether block sums of the format's elements can be exact integers: power-of-two block scales, no
/// zero point, and elements of at most 24 bits in fixed point. Others are added in FP32.
bool has_exact_view(const FormatSpec& format);

/// Which axis of a stored matrix the reduction runs along.
enum class ReductionAxis : std::uint8_t { kRows, kCols };

/// Length, along that axis, of the blocks (sub-blocks where the format has them) whose products are
/// summed exactly; 0 for a format without exact view. For ReductionBlocks.
std::int64_t reduction_block(const DataLayout& layout, ReductionAxis axis);

/// Decoded elements, row-major.
std::vector<ArrayOperand> array_operands(const QuantizedMatrix& matrix);

}  // namespace mxsim
