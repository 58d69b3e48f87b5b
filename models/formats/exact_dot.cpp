#include "models/formats/exact_dot.h"

#include <bit>
#include <cmath>

#include "models/core/error.h"

namespace mxsim {
namespace {

int ceil_log2(std::int64_t value) { return std::bit_width(static_cast<std::uint64_t>(value - 1)); }

/// A minifloat of E and M bits spans 2^E + M - 1 bits in fixed point.
int operand_bits(const NumberSpec& number) {
  return number.sign == SignCoding::kTwosComplement ? number.bits : number.fixed_bits();
}

}  // namespace

int exact_dot_bits(const NumberSpec& a, const NumberSpec& b, std::int64_t terms) {
  ensure(terms > 0, "exact_dot_bits: no terms");
  const double largest_a = std::ldexp(a.largest(), -a.lsb_exponent());
  const double largest_b = std::ldexp(b.largest(), -b.lsb_exponent());
  // ilogb of the rounded product could be one too high only for significands near 2^53.
  return std::ilogb(largest_a * largest_b * static_cast<double>(terms)) + 2;
}

int lossless_accumulator_bits(const NumberSpec& a, const NumberSpec& b, std::int64_t terms) {
  ensure(terms > 0, "lossless_accumulator_bits: no terms");
  return operand_bits(a) + operand_bits(b) + ceil_log2(terms) + 1;
}

}  // namespace mxsim
