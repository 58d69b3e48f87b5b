#pragma once

#include <cstdint>
#include <span>

#include "models/formats/cast_kernel.h"
#include "models/formats/layout.h"
#include "models/formats/rounding.h"

namespace mxsim {

/// quantize() and dequantize() in one pass at memory speed, bit for bit the same, for block formats
/// with power-of-two scales, elements of up to 8 bits and every rounding but stochastic. Needs a
/// buffer of a few thousand columns, no copy of the matrix.
class FastCast {
 public:
  static bool supports(const DataLayout& layout, Rounding rounding);

  /// The layout and rounding must be supported, the level available.
  FastCast(const DataLayout& layout, Rounding rounding, SimdLevel level);

  /// values[i] = dequantized in[i], row-major. Empty `codes` and `scales` are not written; else
  /// one code an element and one scale code a block. `in` and `values` must not overlap.
  void run(std::span<const float> in, std::int64_t rows, std::int64_t cols, std::span<float> values,
           std::span<std::uint8_t> codes = {}, std::span<std::uint8_t> scales = {}) const;

 private:
  DataLayout layout_;
  const CastKernels* kernels_;
  CastFormat format_;
  std::int32_t highest_exponent_;
  std::int32_t up_from_fraction_;  ///< fraction bits of amax from which the scale goes one up
  std::int32_t lowest_fast_scale_;
  std::int32_t highest_fast_scale_;

  friend class FastCastBand;
};

}  // namespace mxsim
