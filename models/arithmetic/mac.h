#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "models/arithmetic/operand_decoder.h"

namespace mxsim {

/// The additions of the array, shared by both fidelities.
///
/// Contract of the order: within a pass the partial sum of a result starts from +0 and takes the
/// products in order of the reduction, one by one or in exact parts (models/dataflow/sum_rule.h).
/// With chunks a chunk's products are summed from +0 and its sum is added when it ends. Every
/// addition rounds once, to nearest even, into the accumulator's format. At the end of the pass the
/// partial sum is written to the accumulator buffer or added to what stands there, once, in that
/// format. Passes come in order of the reduction. NaN results are stored as 0x7fc00000.
///
/// NaN and infinity (elements, or blocks of NaN scale) act on a result as in IEEE 754 sums,
/// whatever the accumulator: a NaN anywhere makes it NaN. Exact sums cannot count such elements;
/// their products enter the sum that the exact part ends in. So does a fixed accumulator hold them,
/// beside its integer: it saturates at finite products only.
///
/// An exact part, of kFixed too, ends with its block or pass and is rounded into the FP32 sum
/// there: other blocks have other scales. What a pass hands to the next is therefore that FP32 sum,
/// exact to 24 bits.

/// sum + a * b with one rounding.
inline float add_product(float sum, float a, float b) { return std::fma(a, b, sum); }

/// The same number when a * b is exact in FP32 (see exact_products).
inline float add_exact_product(float sum, float a, float b) { return sum + a * b; }

/// What x + value loses to rounding; `s`: the rounded sum.
inline double addition_error(double x, double value, double s) {
  const double back = s - x;
  return (x - (s - back)) + (value - back);
}

/// x + value in double, where an inexact sum becomes the neighbour whose last bit is 1: rounding
/// that to a narrower format errs nowhere (Boldo and Melquiond, IEEE Trans. Comput. 57(4), 2008).
inline double add_to_odd(double x, double value) {
  const double s = x + value;
  const double error = addition_error(x, value, s);
  std::uint64_t bits = std::bit_cast<std::uint64_t>(s);
  const bool inexact = error > 0 || error < 0;  // neither for a NaN, which infinities give
  if (inexact && (bits & 1) == 0) bits += (error > 0) == (s > 0) ? 1 : std::uint64_t(-1);
  return std::bit_cast<double>(bits);
}

/// `value` rounded to nearest even BF16; it may have been rounded to odd.
inline float round_to_bf16(double value) {
  constexpr int kDropped = 52 - 7;
  constexpr double kSubnormalStep = 0x1.8p-81;  // its last bit is BF16's smallest step, 2^-133
  if (!(std::fabs(value) < std::numeric_limits<double>::infinity())) {
    return static_cast<float>(value);
  }
  if (std::fabs(value) < 0x1p-126) {
    return static_cast<float>(std::copysign((value + kSubnormalStep) - kSubnormalStep, value));
  }
  std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  bits += (std::uint64_t{1} << (kDropped - 1)) - 1 + ((bits >> kDropped) & 1);
  bits &= ~((std::uint64_t{1} << kDropped) - 1);
  return static_cast<float>(std::bit_cast<double>(bits));
}

/// sum + value with one rounding, `value` any double.
inline float add_rounded_once(float sum, double value) {
  return static_cast<float>(add_to_odd(sum, value));
}

/// sum + value rounded once to BF16.
inline float add_rounded_to_bf16(float sum, double value) {
  return round_to_bf16(add_to_odd(sum, value));
}

/// What the array writes for a sum.
inline float stored(float sum) {
  return std::isnan(sum) ? std::numeric_limits<float>::quiet_NaN() : sum;
}

/// Whether zero gating skips a * b: the sum stays as it is.
inline bool is_gated(const DecodedOperand& a, const DecodedOperand& b) {
  return (a.value == 0 && std::isfinite(b.value)) || (b.value == 0 && std::isfinite(a.value));
}

/// Adds the sum of a pass to what stands in the accumulator buffer.
inline float add_sums(Accumulator accumulator, float stands, float sum) {
  return accumulator == Accumulator::kBf16 ? add_rounded_to_bf16(stands, sum) : stands + sum;
}

/// Partial sum of one result. `chunk` is the open chunk's, `block` the open exact part's, in units
/// of its scale.
struct PartialSum {
  float value = 0.0F;
  float chunk = 0.0F;
  std::int64_t block = 0;
};

/// sum + part * scale to odd; `scale`: the product of two binary32 numbers.
inline double add_scaled_to_odd(float sum, double part, double scale) {
  constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;
  const double product = part * scale;
  if ((std::bit_cast<std::uint64_t>(scale) & kFraction) == 0) [[likely]] {
    return add_to_odd(sum, product);
  }
  // A sum of three (same paper): what the product lost joins what the first addition lost.
  const double lost = std::fma(part, scale, -product);
  const double first = sum + product;
  return add_to_odd(first, add_to_odd(addition_error(sum, product, first), lost));
}

/// The same, |part| <= 2^62, and <= 2^53 where `scale` is no power of two.
inline double add_part_to_odd(float sum, std::int64_t part, double scale) {
  constexpr std::int64_t kExactInDouble = std::int64_t{1} << 53;
  const auto high = static_cast<double>(part);
  if (part <= kExactInDouble && part >= -kExactInDouble) [[likely]] {
    return add_scaled_to_odd(sum, high, scale);
  }
  // A sum of three (same paper): the rest of the part joins what the first addition lost.
  const auto rest = static_cast<double>(part - static_cast<std::int64_t>(high));
  const double first = sum + high * scale;
  return add_to_odd(first, add_to_odd(addition_error(sum, high * scale, first), rest * scale));
}

/// Adds an exact sum of products of these operands' blocks, with one rounding.
inline float add_part(float sum, std::int64_t part, const DecodedOperand& a,
                      const DecodedOperand& b) {
  return static_cast<float>(add_part_to_odd(sum, part, a.step * b.step));
}

/// The same for a BF16 sum.
inline float add_part_to_bf16(float sum, std::int64_t part, const DecodedOperand& a,
                              const DecodedOperand& b) {
  return round_to_bf16(add_part_to_odd(sum, part, a.step * b.step));
}

}  // namespace mxsim
