#include "models/formats/element_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr int kDoubleFraction = 52;

/// `value` > 0: value = significand * 2^(exponent - 52) with the leading bit at 2^52.
struct Unpacked {
  std::uint64_t significand;
  int exponent;
};

Unpacked unpack(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  constexpr int kBias = 1023;
  constexpr std::uint64_t kHidden = std::uint64_t{1} << kDoubleFraction;
  if (const auto field = static_cast<int>(bits >> kDoubleFraction); field != 0) {
    return {(bits & (kHidden - 1)) | kHidden, field - kBias};
  }
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return {static_cast<std::uint64_t>(std::ldexp(fraction, kDoubleFraction + 1)), exponent - 1};
}

std::uint32_t low_mask(int bits) { return bits == 32 ? ~0u : (1u << bits) - 1; }

}  // namespace

ElementCodec::ElementCodec(const NumberSpec& spec)
    : spec_(spec),
      sign_bit_(spec.sign == SignCoding::kUnsigned ? 0 : 1u << (spec.bits - 1)),
      code_mask_(low_mask(spec.bits)) {
  std::uint64_t first_code = std::uint64_t{1} << spec_.binades.front().mantissa_bits;
  for (const BinadeRange& range : spec_.binades) {
    first_code += range.repeated_codes;
    const int binades = range.highest_exponent - range.lowest_exponent + 1;
    const std::uint64_t codes = static_cast<std::uint64_t>(binades) << range.mantissa_bits;
    segments_.push_back({range, first_code, first_code + codes - 1, 0});
    first_code += codes;
  }
  for (Segment& segment : segments_) segment.last_value = magnitude(segment.last_code);
}

const ElementCodec::Segment& ElementCodec::segment_of_code(std::uint64_t magnitude_code) const {
  std::size_t i = segments_.size() - 1;
  while (i > 0 && magnitude_code < segments_[i].first_code) --i;
  return segments_[i];
}

std::uint64_t ElementCodec::round_magnitude(double value, Rounding rounding,
                                            std::uint16_t random) const {
  if (value == 0) return 0;
  const Unpacked unpacked = unpack(value);
  std::size_t i = segments_.size() - 1;
  while (i > 0 && unpacked.exponent < segments_[i].range.lowest_exponent) --i;
  const auto& [range, first_code, last_code, last_value] = segments_[i];
  if (i + 1 < segments_.size() && value > last_value) {
    return round_between(segments_[i], segments_[i + 1], value, rounding, random);
  }
  if (unpacked.exponent > range.highest_exponent) return std::uint64_t{spec_.largest_code} + 1;
  const int binade = std::max(unpacked.exponent, range.lowest_exponent);
  const int shift = kDoubleFraction - range.mantissa_bits + binade - unpacked.exponent;
  const std::uint64_t hidden = std::uint64_t{1} << range.mantissa_bits;
  const auto binades_below = static_cast<std::uint64_t>(binade - range.lowest_exponent);
  const std::uint64_t base = first_code + (binades_below << range.mantissa_bits) - hidden;
  return round_shift(base, unpacked.significand, shift, rounding, random);
}

std::uint64_t ElementCodec::round_between(const Segment& below, const Segment& above, double value,
                                          Rounding rounding, std::uint16_t random) const {
  if (below.range.end == RangeEnd::kClamp) return below.last_code;
  const double step = std::ldexp(1.0, above.range.lowest_exponent) - below.last_value;
  const bool goes_up =
      rounds_up(value - below.last_value, step, (below.last_code & 1) != 0, rounding, random);
  return goes_up ? above.first_code : below.last_code;
}

bool ElementCodec::is_flushed(std::uint64_t magnitude_code) const {
  return spec_.subnormals == Subnormals::kFlush && magnitude_code < segments_.front().first_code;
}

bool ElementCodec::is_repeated(std::uint64_t magnitude_code) const {
  if (is_flushed(magnitude_code)) return magnitude_code != 0;
  return std::ranges::any_of(segments_, [&](const Segment& segment) {
    return magnitude_code < segment.first_code &&
           magnitude_code >= segment.first_code - segment.range.repeated_codes;
  });
}

double ElementCodec::magnitude(std::uint64_t magnitude_code) const {
  const auto& [range, first_code, last_code, last_value] = segment_of_code(magnitude_code);
  const int step_exponent = range.lowest_exponent - range.mantissa_bits;
  if (is_flushed(magnitude_code)) return 0;
  if (magnitude_code < first_code) {
    return std::ldexp(static_cast<double>(magnitude_code), step_exponent);
  }
  const std::uint64_t hidden = std::uint64_t{1} << range.mantissa_bits;
  const std::uint64_t offset = magnitude_code - first_code;
  const auto binade = static_cast<int>(offset >> range.mantissa_bits);
  const std::uint64_t steps = hidden + (offset & (hidden - 1));
  return std::ldexp(static_cast<double>(steps), step_exponent + binade);
}

std::uint32_t ElementCodec::with_sign(std::uint32_t magnitude_code, bool negative) const {
  const std::uint32_t stored = magnitude_code - spec_.smallest_code;
  if (!negative || spec_.sign == SignCoding::kUnsigned) return stored;
  if (spec_.sign == SignCoding::kTwosComplement) return (0u - stored) & code_mask_;
  if (spec_.specials == SpecialCodes::kNegativeZeroNan && stored == 0) return 0;
  return stored | sign_bit_;
}

std::uint32_t ElementCodec::overflow_code(double magnitude, Rounding rounding) const {
  const bool to_infinity = spec_.overflow == Overflow::kInfinity &&
                           (rounding != Rounding::kTowardZero || std::isinf(magnitude));
  if (!to_infinity) return spec_.largest_code;
  // A format that overflows but has no infinity gives NaN, as ml_dtypes' "fn" types do.
  return spec_.specials == SpecialCodes::kNegativeZeroNan ? nan_code() : spec_.largest_code + 1;
}

std::uint32_t ElementCodec::encode(double value, Rounding rounding, std::uint16_t random) const {
  if (std::isnan(value)) return has_nan() ? nan_code() : 0;
  // A format without zero takes -0 for +0 (QONNX BipolarQuant: x >= 0 gives +1).
  const bool negative = std::signbit(value) && !(value == 0 && spec_.smallest_code > 0);
  const double magnitude = negative && spec_.sign == SignCoding::kUnsigned ? 0 : std::fabs(value);
  const std::uint64_t largest = spec_.largest_code;
  std::uint64_t rounded =
      std::isinf(magnitude) ? largest + 1 : round_magnitude(magnitude, rounding, random);
  if (is_flushed(rounded)) rounded = 0;
  if (rounded <= largest) {
    return with_sign(std::max(static_cast<std::uint32_t>(rounded), spec_.smallest_code), negative);
  }
  const std::uint32_t code = overflow_code(magnitude, rounding);
  const bool unsigned_nan = spec_.specials == SpecialCodes::kNegativeZeroNan && code == nan_code();
  return unsigned_nan ? code : with_sign(code, negative);
}

std::uint32_t ElementCodec::nan_code() const {
  switch (spec_.specials) {
    case SpecialCodes::kIeee:  // the quiet bit alone
      return (spec_.largest_code + 1) | (1u << (spec_.binades.back().mantissa_bits - 1));
    case SpecialCodes::kAllOnesNan:
      return code_mask_ & ~sign_bit_;
    case SpecialCodes::kNegativeZeroNan:
      return sign_bit_;
    case SpecialCodes::kNone:
      break;
  }
  throw InternalError("this number format has no NaN");
}

std::uint32_t ElementCodec::magnitude_code(std::uint32_t code) const {
  const std::uint32_t stored = is_negative(code) && spec_.sign == SignCoding::kTwosComplement
                                   ? (0u - code) & code_mask_
                                   : code & ~sign_bit_;
  return stored + spec_.smallest_code;
}

double ElementCodec::decode(std::uint32_t code) const {
  const std::uint32_t magnitude = magnitude_code(code);
  const double sign = is_negative(code) ? -1 : 1;
  const bool finite = magnitude <= spec_.largest_code &&
                      !(spec_.specials == SpecialCodes::kNegativeZeroNan && code == sign_bit_);
  // The most negative two's complement code is above largest_code and yet a number.
  if (finite || spec_.specials == SpecialCodes::kNone) return sign * this->magnitude(magnitude);
  if (spec_.specials == SpecialCodes::kIeee && magnitude == spec_.largest_code + 1) {
    return sign * std::numeric_limits<double>::infinity();
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::int64_t ElementCodec::decode_fixed(std::uint32_t code) const {
  ensure(spec_.fixed_bits() <= 62, "the format is too wide for fixed point");
  return static_cast<std::int64_t>(std::ldexp(decode(code), -spec_.lsb_exponent()));
}

}  // namespace mxsim
