#pragma once

#include <cstdint>
#include <vector>

namespace mxsim {

/// What a value between the last of a binade range and the first of the next does: round to one of
/// them, or stay at the last of its own (the encoder chose the range before it rounded).
enum class RangeEnd : std::uint8_t { kCarry, kClamp };

/// Binades [2^lowest, 2^(highest + 1)) that share one spacing rule: 2^mantissa_bits equal steps in
/// each.
struct BinadeRange {
  int lowest_exponent = 0;
  int highest_exponent = 0;
  int mantissa_bits = 0;
  RangeEnd end = RangeEnd::kCarry;
  /// Codes before the range's first that go on in the steps of the range below and so repeat values
  /// of this one. They are decoded, never encoded.
  std::uint32_t repeated_codes = 0;
  bool operator==(const BinadeRange&) const = default;
};

/// How a code holds the sign. kUnsigned: negative values become the smallest magnitude.
enum class SignCoding : std::uint8_t { kUnsigned, kSignMagnitude, kTwosComplement };

/// Codes that are not finite numbers. kIeee: all-ones exponent, zero mantissa infinite, otherwise
/// NaN. kAllOnesNan: only the all-ones magnitude (OCP "fn"). kNegativeZeroNan: only the code of -0
/// (OCP "fnuz").
enum class SpecialCodes : std::uint8_t { kNone, kIeee, kAllOnesNan, kNegativeZeroNan };

/// What becomes of values beyond the largest finite one (and of infinities): that one, or infinity
/// (NaN where the format has none), as OCP OFP8 names its two modes of conversion.
enum class Overflow : std::uint8_t { kSaturate, kInfinity };

/// kFlush: a result below the smallest normal number becomes zero, and subnormal codes count as it.
enum class Subnormals : std::uint8_t { kKeep, kFlush };

/// A set of representable numbers and their codes. Magnitudes form a monotone grid: binade ranges,
/// continued in equal steps down to zero below the lowest binade. The n-th smallest magnitude has
/// magnitude code n (zero has 0), repeated codes counted in; a stored magnitude is that code less
/// smallest_code.
/// The default is IEEE binary32.
struct NumberSpec {
  int bits = 32;
  SignCoding sign = SignCoding::kSignMagnitude;
  /// Ascending; a gap between two is a hole without values. (No initializer list: g++ 12 takes its
  /// elements for uninitialised.)
  std::vector<BinadeRange> binades = std::vector<BinadeRange>(1, BinadeRange{-126, 127, 23});
  std::uint32_t smallest_code = 0;  ///< first magnitude code in use; 1: no zero (E8M0, bipolar)
  std::uint32_t largest_code = 0x7f7fffff;  ///< magnitude code of the largest finite value
  SpecialCodes specials = SpecialCodes::kIeee;
  Overflow overflow = Overflow::kInfinity;
  Subnormals subnormals = Subnormals::kKeep;

  int lowest_exponent() const { return binades.front().lowest_exponent; }
  /// Exponent of the binade that holds the largest value (OCP: emax).
  int highest_exponent() const;
  /// Every value is an integer multiple of 2^lsb_exponent().
  int lsb_exponent() const { return lowest_exponent() - binades.front().mantissa_bits; }
  /// Widest significand, the hidden bit included.
  int significand_bits() const;
  /// Bits of the largest magnitude counted in units of 2^lsb_exponent(), without sign.
  int fixed_bits() const;
  double largest() const;
  double smallest_nonzero() const;
  bool is_power_of_two() const;

  bool operator==(const NumberSpec&) const = default;
};

}  // namespace mxsim
