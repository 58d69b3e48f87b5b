#pragma once

#include <cstdint>

#include "models/formats/number_spec.h"

namespace mxsim {

/// A signed minifloat of exponent and mantissa fields. Up to 8 bits it saturates, wider ones
/// overflow to infinity, or NaN where they have that alone. kNone spends every code on a number.
struct MinifloatFields {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  SpecialCodes specials;
};
/// Throws InputError when the format has no non-zero number or leaves the range of float32.
NumberSpec minifloat(const MinifloatFields& fields);
/// 2^(exponent_bits - 1) - 1
int default_bias(int exponent_bits);

/// Unsigned powers of two; the all-ones code is NaN. E8M0 (OCP MX v1.0, 5.4.1): 2^-127 to 2^127.
NumberSpec power_of_two(int exponent_bits);

/// Two's complement without the most negative code, so that the range is symmetric. `lsb_exponent`
/// 0: integers; 2 - bits: OCP MX v1.0 5.3.4, an implied scale that makes the largest value just
/// below 2.
NumberSpec symmetric_integer(int bits, int lsb_exponent);
NumberSpec unsigned_integer(int bits);
/// One bit: +1 or -1.
NumberSpec bipolar();

/// The open points of MXSF's elements.
struct MxsfParameters {
  int small_bias = 8;  ///< 8: the two modes adjoin; less: codes repeat; more: a hole between them
  RangeEnd mode_boundary = RangeEnd::kCarry;  ///< what rounds past the small mode's last value
};
/// MXSF (arXiv 2605.24391, our reading of the abstract): E2M5 in the top three binades; the codes
/// of exponent field 0 are an E3M2 of bias `small_bias`. Throws InputError for a bias out of range.
NumberSpec mxsf_number(const MxsfParameters& parameters);

}  // namespace mxsim
