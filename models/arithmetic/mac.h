#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "models/dataflow/array_command.h"

namespace mxsim {

/// The additions of the array, shared by both fidelities.
///
/// Contract of the order: within a pass the partial sum of a result starts from +0 and takes the
/// products in order of the reduction. At the end of the pass it is written to the accumulator
/// buffer or added to what stands there, once, in FP32, round to nearest even. Passes come in order
/// of the reduction. NaN results are stored as 0x7fc00000.

/// sum + a * b with one rounding.
inline float add_product(float sum, float a, float b) { return std::fma(a, b, sum); }

/// The same number when a * b is exact in FP32 (see exact_products).
inline float add_exact_product(float sum, float a, float b) { return sum + a * b; }

/// 2^exponent for exponents of normal doubles.
inline double two_to_the(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

/// The scale of a product of two blocks: 2^(a + b), or NaN when one of them is poisoned.
inline double product_scale(std::int16_t a, std::int16_t b) {
  if (a == ArrayOperand::kNanScale || b == ArrayOperand::kNanScale) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return two_to_the(a + b);
}

/// sum + value with one rounding, `value` any double. The double sum is rounded to odd first, so
/// that the second rounding cannot err (Boldo and Melquiond, IEEE Trans. Comput. 57(4), 2008).
inline float add_rounded_once(float sum, double value) {
  const double x = sum;
  const double s = x + value;
  const double back = s - x;
  const double error = (x - (s - back)) + (value - back);
  std::uint64_t bits = std::bit_cast<std::uint64_t>(s);
  const bool inexact = error > 0 || error < 0;  // neither for a NaN, which infinities give
  if (inexact && (bits & 1) == 0) bits += (error > 0) == (s > 0) ? 1 : std::uint64_t(-1);
  return static_cast<float>(std::bit_cast<double>(bits));
}

/// What the array writes for a sum.
inline float stored(float sum) {
  return std::isnan(sum) ? std::numeric_limits<float>::quiet_NaN() : sum;
}

/// Whether zero gating skips a * b: the sum stays as it is.
inline bool is_gated(const ArrayOperand& a, const ArrayOperand& b) {
  return (a.value == 0 && std::isfinite(b.value)) || (b.value == 0 && std::isfinite(a.value));
}

/// Partial sum of one result. `block` is used by exact block sums alone and counts in units of the
/// open block's scale; exact while block lengths stay below 2^53 / (largest a * largest b).
struct PartialSum {
  float value = 0.0F;
  std::int64_t block = 0;
};

inline void close_block(PartialSum& sum, std::int16_t a_scale, std::int16_t b_scale) {
  sum.value =
      add_rounded_once(sum.value, static_cast<double>(sum.block) * product_scale(a_scale, b_scale));
  sum.block = 0;
}

}  // namespace mxsim
