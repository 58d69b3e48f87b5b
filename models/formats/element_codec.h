#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/number_spec.h"
#include "models/formats/rounding.h"

namespace mxsim {

/// Values <-> codes of any NumberSpec. Exact: a value is rounded once.
class ElementCodec {
 public:
  explicit ElementCodec(const NumberSpec& spec);

  /// Code of the representable number that `value` rounds to. NaN gives the NaN code, or the code
  /// of zero (the smallest magnitude) where the format has none.
  std::uint32_t encode(double value, Rounding rounding = Rounding::kNearestEven,
                       std::uint16_t random = 0) const;
  double decode(std::uint32_t code) const;
  /// decode(code) / 2^lsb_exponent as an integer; the code must be finite and fixed_bits() <= 62.
  std::int64_t decode_fixed(std::uint32_t code) const;

  /// Code that decodes to NaN; throws InternalError where the format has none.
  std::uint32_t nan_code() const;
  bool has_nan() const { return spec_.specials != SpecialCodes::kNone; }
  bool is_negative(std::uint32_t code) const { return (code & sign_bit_) != 0; }
  /// Magnitude code of a stored code (specials are above largest_code).
  std::uint32_t magnitude_code(std::uint32_t code) const;
  /// Does the magnitude code repeat another code's value? encode() never gives such a code.
  bool is_repeated(std::uint64_t magnitude_code) const;

  /// Magnitude code of `value` >= 0 before overflow is handled: one above largest_code or more when
  /// it rounds past the largest value.
  std::uint64_t round_magnitude(double value, Rounding rounding, std::uint16_t random) const;
  /// Value of a magnitude code; continues the last binade rule past largest_code.
  double magnitude(std::uint64_t magnitude_code) const;

  const NumberSpec& spec() const { return spec_; }

 private:
  struct Segment {
    BinadeRange range;
    std::uint64_t first_code;  ///< magnitude code of 2^lowest_exponent
    std::uint64_t last_code;   ///< of the last value below the next segment's
    double last_value;
  };
  const Segment& segment_of_code(std::uint64_t magnitude_code) const;
  bool is_flushed(std::uint64_t magnitude_code) const;
  std::uint64_t round_between(const Segment& below, const Segment& above, double value,
                              Rounding rounding, std::uint16_t random) const;
  std::uint32_t with_sign(std::uint32_t magnitude_code, bool negative) const;
  std::uint32_t overflow_code(double magnitude, Rounding rounding) const;

  NumberSpec spec_;
  std::vector<Segment> segments_;
  std::uint32_t sign_bit_;
  std::uint32_t code_mask_;
};

}  // namespace mxsim
