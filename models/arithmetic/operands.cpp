#include "models/arithmetic/operands.h"

#include <cmath>
#include <limits>

namespace mxsim {
namespace {

constexpr int kMostFixedBits = 24;

/// The element alone; its block scale is applied later.
struct Element {
  double value;
  std::int32_t fixed;
};

Element decode(const QuantizedMatrix& matrix, std::uint32_t code, bool exact) {
  const ElementCodec& codec = matrix.element_codec();
  const double value = codec.decode(code);
  const bool integer = exact && std::isfinite(value);
  return {value, integer ? static_cast<std::int32_t>(codec.decode_fixed(code)) : 0};
}

ArrayOperand scaled(const QuantizedMatrix& matrix, std::int64_t row, std::int64_t col,
                    const Element& element, double scale, bool exact) {
  if (!exact) return {matrix.value(row, col), 0, 0};
  if (std::isnan(scale) || std::isnan(element.value)) {
    return {std::numeric_limits<float>::quiet_NaN(), 0, ArrayOperand::kNanScale};
  }
  const int lsb = matrix.element_codec().spec().lsb_exponent();
  return {static_cast<float>(element.value * scale), element.fixed,
          static_cast<std::int16_t>(std::ilogb(scale) + lsb)};
}

}  // namespace

bool has_exact_view(const FormatSpec& format) {
  return format.scale && format.scale->is_power_of_two() && !format.zero_point &&
         !format.tensor_scale && format.element.fixed_bits() <= kMostFixedBits;
}

std::int64_t reduction_block(const DataLayout& layout, ReductionAxis axis) {
  if (!has_exact_view(layout.format)) return 0;
  const BlockShape& shape = layout.format.offsets ? layout.format.offsets->shape : layout.block;
  return axis == ReductionAxis::kRows ? shape.rows : shape.cols;
}

std::vector<ArrayOperand> array_operands(const QuantizedMatrix& matrix) {
  constexpr int kTableBits = 12;
  const bool exact = has_exact_view(matrix.layout().format);
  const int bits = matrix.layout().format.element_bits;
  std::vector<Element> table;
  if (bits <= kTableBits) {
    for (std::uint32_t code = 0; code < (1u << bits); ++code) {
      table.push_back(decode(matrix, code, exact));
    }
  }
  std::vector<ArrayOperand> operands;
  operands.reserve(matrix.codes.size());
  const std::int64_t step =
      std::max<std::int64_t>(reduction_block(matrix.layout(), ReductionAxis::kCols), 1);
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    double scale = 1;
    for (std::int64_t col = 0; col < matrix.cols(); ++col) {
      if (exact && col % step == 0) scale = matrix.scale_value(row, col);
      const std::uint32_t code = matrix.code(row, col);
      operands.push_back(scaled(matrix, row, col,
                                table.empty() ? decode(matrix, code, exact) : table[code], scale,
                                exact));
    }
  }
  return operands;
}

}  // namespace mxsim
