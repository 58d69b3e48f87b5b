#include "models/formats/format_summary.h"

#include <cmath>

namespace mxsim {

double bits_per_element(const FormatSpec& format) {
  double bits = format.element_bits;
  const auto& [rows, cols] = format.default_block;
  if (rows != kWholeAxis && cols != kWholeAxis) {
    bits += format.scale_bits / static_cast<double>(rows * cols);
  }
  if (format.offsets) {
    const auto& [shape, offset_bits] = *format.offsets;
    bits += offset_bits / static_cast<double>(shape.rows * shape.cols);
  }
  return bits;
}

double range_binades(const NumberSpec& number) {
  return std::log2(number.largest() / number.smallest_nonzero());
}

}  // namespace mxsim
