#include "models/arithmetic/exact_sums.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/operand_decoder.h"
#include "models/formats/exact_dot.h"

namespace mxsim {

std::string exact_sum_fault(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b,
                            std::int64_t terms) {
  if (terms < 1) return "";
  if (!has_exact_view(a) || !has_exact_view(b)) return "";
  if (array.accumulator == Accumulator::kFixed && array.accumulator_bits > 0) return "";
  const bool rounds =
      array.accumulator == Accumulator::kFp32 || array.accumulator == Accumulator::kBf16;
  const std::int64_t width = dot_product_width(array, a, b);
  if (rounds && width == 1) return "";
  if (rounds) terms = std::min(terms, width);
  const int bits = exact_dot_bits(a.element, b.element, terms);
  if (bits <= kMostAccumulatorBits) return "";
  return fmt::format("exact sums of {} products of {} and {} have {} bits, more than {}", terms,
                     a.name, b.name, bits, kMostAccumulatorBits);
}

}  // namespace mxsim
