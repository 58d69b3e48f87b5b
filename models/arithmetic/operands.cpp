#include "models/arithmetic/operands.h"

#include <algorithm>
#include <bit>

namespace mxsim {

std::int64_t reduction_block(const FormatSpec& format, BlockShape block, ReductionAxis axis) {
  if (!has_exact_view(format)) return 0;
  const BlockShape& shape = format.offsets ? format.offsets->shape : block;
  return axis == ReductionAxis::kRows ? shape.rows : shape.cols;
}

namespace {

/// The code, less its block's zero point in a format that has them.
std::uint32_t coded_difference(const QuantizedMatrix& matrix, std::int64_t row, std::int64_t col) {
  const std::uint32_t code = matrix.code(row, col);
  const FormatSpec& format = matrix.layout().format;
  if (!format.zero_point) return code;
  const std::uint32_t mask = (std::uint32_t{2} << format.element_bits) - 1;
  return (code - matrix.zero_point(row, col)) & mask;
}

}  // namespace

std::vector<ArrayOperand> array_operands(const QuantizedMatrix& matrix) {
  const DataLayout& layout = matrix.layout();
  const bool coded = travels_as_code(layout.format);
  const BlockShape& block = layout.format.offsets ? layout.format.offsets->shape : layout.block;
  const std::int64_t step = std::max<std::int64_t>(block.cols, 1);
  std::vector<ArrayOperand> operands;
  operands.reserve(matrix.codes.size());
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    float scale = 1.0F;
    for (std::int64_t col = 0; col < matrix.cols(); ++col) {
      if (!coded) {
        operands.push_back({std::bit_cast<std::uint32_t>(matrix.value(row, col)), 1.0F});
        continue;
      }
      if (col % step == 0) scale = static_cast<float>(matrix.scale_value(row, col));
      operands.push_back({coded_difference(matrix, row, col), scale});
    }
  }
  return operands;
}

}  // namespace mxsim
