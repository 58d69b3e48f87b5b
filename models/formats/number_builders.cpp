#include "models/formats/number_builders.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/core/error.h"

namespace mxsim {
namespace {

std::uint32_t largest_minifloat_code(const MinifloatFields& fields) {
  const std::uint32_t all_ones = (1u << (fields.exponent_bits + fields.mantissa_bits)) - 1;
  switch (fields.specials) {
    case SpecialCodes::kIeee:
      return all_ones - (1u << fields.mantissa_bits);
    case SpecialCodes::kAllOnesNan:
      return all_ones - 1;
    case SpecialCodes::kNone:
    case SpecialCodes::kNegativeZeroNan:
      break;
  }
  return all_ones;
}

NumberSpec integer(int bits, SignCoding sign, int highest_exponent, int mantissa_bits) {
  NumberSpec number;
  number.bits = bits;
  number.sign = sign;
  number.binades = {{highest_exponent, highest_exponent, mantissa_bits}};
  number.largest_code = static_cast<std::uint32_t>((std::uint64_t{2} << mantissa_bits) - 1);
  number.specials = SpecialCodes::kNone;
  number.overflow = Overflow::kSaturate;
  return number;
}

}  // namespace

int default_bias(int exponent_bits) { return (1 << (exponent_bits - 1)) - 1; }

NumberSpec minifloat(const MinifloatFields& fields) {
  NumberSpec number;
  number.bits = 1 + fields.exponent_bits + fields.mantissa_bits;
  number.largest_code = largest_minifloat_code(fields);
  if (number.largest_code == 0) throw InputError("a number format without any non-zero number");
  number.specials = fields.specials;
  number.overflow = number.bits <= 8 || fields.specials == SpecialCodes::kNone
                        ? Overflow::kSaturate
                        : Overflow::kInfinity;
  const int lowest = 1 - fields.bias;
  const int top_field = static_cast<int>(number.largest_code >> fields.mantissa_bits);
  const int highest = (top_field == 0 ? 1 : top_field) - fields.bias;
  number.binades = {{lowest, highest, fields.mantissa_bits}};
  if (highest > 127 || number.lsb_exponent() < -149) {
    throw InputError("a number format with values outside float32's range (2^-149 to 2^127)");
  }
  return number;
}

NumberSpec power_of_two(int exponent_bits) {
  const int lowest = -default_bias(exponent_bits);
  const int codes = (1 << exponent_bits) - 1;
  NumberSpec number;
  number.bits = exponent_bits;
  number.sign = SignCoding::kUnsigned;
  number.binades = {{lowest, lowest + codes - 1, 0}};
  number.smallest_code = 1;
  number.largest_code = static_cast<std::uint32_t>(codes);
  number.specials = SpecialCodes::kAllOnesNan;
  number.overflow = Overflow::kSaturate;
  return number;
}

NumberSpec symmetric_integer(int bits, int lsb_exponent) {
  return integer(bits, SignCoding::kTwosComplement, lsb_exponent + bits - 2, bits - 2);
}

NumberSpec unsigned_integer(int bits) {
  return integer(bits, SignCoding::kUnsigned, bits - 1, bits - 1);
}

NumberSpec bipolar() {
  NumberSpec number = integer(1, SignCoding::kSignMagnitude, 0, 0);
  number.smallest_code = 1;
  return number;
}

NumberSpec mxsf_number(const MxsfParameters& parameters) {
  constexpr int kLowestBias = 5;  // below, more than half of the small mode's binades repeat
  constexpr int kHighestBias = 16;
  constexpr int kTopField = 7;
  constexpr int kMantissaBits = 2;
  const int bias = parameters.small_bias;
  if (bias < kLowestBias || bias > kHighestBias) {
    throw InputError("bias " + std::to_string(bias) + " of MXSF's small mode is not in 5..16");
  }
  const int highest = std::min(kTopField - bias, -1);
  const auto repeated = static_cast<std::uint32_t>(kTopField - bias - highest) << kMantissaBits;
  NumberSpec number = integer(8, SignCoding::kSignMagnitude, 0, 6);
  number.binades = {{1 - bias, highest, kMantissaBits, parameters.mode_boundary},
                    {0, 2, 5, RangeEnd::kCarry, repeated}};
  return number;
}

}  // namespace mxsim
