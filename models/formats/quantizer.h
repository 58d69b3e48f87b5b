#pragma once

#include <cstdint>
#include <span>

#include "models/formats/quantized_matrix.h"
#include "models/formats/rounding.h"

namespace mxsim {

/// Nearest even is what is asked for by default: the format's own rounding takes its place.
constexpr Rounding rounding_in(const FormatSpec& format, Rounding asked) {
  return asked == Rounding::kNearestEven ? format.rounding : asked;
}

struct QuantizeOptions {
  Rounding rounding = Rounding::kNearestEven;
  /// Stochastic rounding: one word an element, row-major; empty: drawn from `seed`, word i from
  /// (seed, i) alone.
  std::span<const std::uint16_t> random = {};
  std::uint64_t seed = 1;
};

/// `values` are rows x cols, row-major. What NaN and infinities do: the format's NanPolicy; formats
/// without block scale encode them element by element. A block of zeros has the smallest
/// power-of-two scale, or a zero scale.
QuantizedMatrix quantize(std::span<const float> values, std::int64_t rows, std::int64_t cols,
                         const DataLayout& layout, const QuantizeOptions& options = {});

}  // namespace mxsim
