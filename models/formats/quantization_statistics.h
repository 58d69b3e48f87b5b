#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/formats/element_codec.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// What quantization did to a matrix. Elements of NaN blocks, NaN and infinities are counted in
/// `elements` and `not_finite` alone.
struct QuantizationStatistics {
  std::int64_t elements = 0;
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

/// Gathers the statistics of a matrix band after band.
class StatisticsCollector {
 public:
  explicit StatisticsCollector(const FormatSpec& format);

  /// Elements in row-major order: before and after, and their codes of code_bytes() each.
  void add(std::span<const float> before, std::span<const float> after,
           std::span<const std::byte> codes);
  QuantizationStatistics finish() const;

 private:
  template <class T>
  void add_codes(std::span<const float> before, std::span<const float> after,
                 const std::byte* codes);
  void count_element(float before, float after, std::uint32_t code);
  bool is_beyond_largest(float before, float after, std::uint32_t code) const;
  void count_code(std::uint32_t code, std::int64_t times, QuantizationStatistics& result) const;

  ElementCodec codec_;
  bool is_affine_;
  QuantizationStatistics counts_;
  std::vector<std::int64_t> code_counts_;              ///< by code, up to 16 bits
  std::map<std::uint32_t, std::int64_t> wide_counts_;  ///< wider ones
  double signal_ = 0;
  double noise_ = 0;
};

}  // namespace mxsim
