#pragma once

#include <cstdint>

#include "models/formats/number_spec.h"
#include "models/formats/rounding.h"
#include "models/formats/simd_level.h"

namespace mxsim {

/// One binade range of an element format, in the form the kernels use.
struct CastRange {
  std::int32_t lowest_exponent = 0;
  std::int32_t mantissa_bits = 0;
  std::int32_t code_offset = 0;  ///< code of 2^lowest_exponent, less 2^mantissa_bits
};

/// Constants of an element format of one or two binade ranges, with at most 8 bits.
struct CastFormat {
  CastRange low;
  CastRange high;  ///< the same as `low` when there is one range
  std::int32_t largest_code = 0;
  std::int32_t largest_bits = 0;  ///< of the largest value as float32
  std::int32_t sign_bit = 0;
  std::int32_t code_mask = 0;
  bool is_twos_complement = false;
  Rounding rounding = Rounding::kNearestEven;  ///< any but stochastic
};

/// Where a row goes. `codes` may be null; `values` not.
struct CastRow {
  const float* in;
  const std::int32_t* exponents;  ///< of the scale of each column
  std::int64_t count;
  float* values;
  std::uint8_t* codes;
};

/// The loops over elements, one set for each SimdLevel.
struct CastKernels {
  /// largest[i] = max(largest[i], bits of |row[i]|)
  void (*max_magnitude_bits)(const float* row, std::int64_t count, std::int32_t* largest);
  /// Rounds a row. Every scale exponent keeps value and step of every element
  /// within the normal numbers of float32 (FastCast sees to it).
  void (*cast_row)(const CastRow& row, const CastFormat& format);
};

const CastKernels& cast_kernels(SimdLevel level);

}  // namespace mxsim
