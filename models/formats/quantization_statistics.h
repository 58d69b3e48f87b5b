#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "models/formats/quantized_matrix.h"

namespace mxsim {

/// What quantization did to a matrix. Elements of NaN blocks, NaN and infinities are counted in
/// `elements` and `not_finite` alone.
struct QuantizationStatistics {
  std::int64_t elements = 0;
  std::int64_t blocks = 0;  ///< 0: no block scale
  std::int64_t not_finite = 0;
  std::int64_t saturated = 0;    ///< beyond the largest value of their scale
  std::int64_t underflowed = 0;  ///< not zero before, zero after
  std::int64_t zeros = 0;        ///< after
  /// 10 log10 of the sum of squares over that of the errors; nothing when either is zero.
  std::optional<double> sqnr_db;
  /// Formats of several binade ranges: elements by the range their code lies in, "e3m2" for a range
  /// of 2^3 binade fields and 2 mantissa bits.
  std::map<std::string, std::int64_t> modes;
  /// Non-zero elements by the exponent of their code's value, before scaling.
  std::map<int, std::int64_t> binades;
};

QuantizationStatistics quantization_statistics(std::span<const float> values,
                                               const QuantizedMatrix& matrix);

}  // namespace mxsim
