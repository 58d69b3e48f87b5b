#include "models/arithmetic/dot_product.h"

#include <algorithm>

#include "models/arithmetic/operand_decoder.h"

namespace mxsim {

int multiplier_bits(const FormatSpec& format) {
  const NumberSpec element = travelling_element(format);
  const bool integer = element.highest_exponent() == element.lowest_exponent();
  return integer ? element.bits : element.significand_bits();
}

std::int64_t dot_product_width(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b) {
  if (array.dot_product.empty()) return 1;
  const int bits = std::max(multiplier_bits(a), multiplier_bits(b));
  for (const DotProductWidth& row : array.dot_product) {
    if (bits <= row.significand_bits) return row.width;
  }
  return 1;
}

}  // namespace mxsim
