#include "models/formats/quantization_statistics.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "models/core/error.h"
#include "models/formats/encoding_part.h"

namespace mxsim {
namespace {

constexpr int kCountedBits = 16;

std::string mode_name(const BinadeRange& range) {
  const auto binades = static_cast<unsigned>(range.highest_exponent - range.lowest_exponent + 1);
  return "e" + std::to_string(std::bit_width(binades)) + "m" + std::to_string(range.mantissa_bits);
}

}  // namespace

StatisticsCollector::StatisticsCollector(const FormatSpec& format)
    : codec_(format.element), is_affine_(format.zero_point.has_value()) {
  if (format.element.bits <= kCountedBits) {
    code_counts_.resize(std::size_t{1} << format.element.bits);
  }
}

void StatisticsCollector::add(std::span<const float> before, std::span<const float> after,
                              std::span<const std::byte> codes) {
  const int bytes = code_bytes(codec_.spec().bits);
  ensure(before.size() == after.size() &&
             codes.size() == before.size() * static_cast<std::size_t>(bytes),
         "StatisticsCollector: one value and code an element");
  counts_.elements += static_cast<std::int64_t>(before.size());
  if (bytes == 1) return add_codes<std::uint8_t>(before, after, codes.data());
  if (bytes == 2) return add_codes<std::uint16_t>(before, after, codes.data());
  add_codes<std::uint32_t>(before, after, codes.data());
}

template <class T>
void StatisticsCollector::add_codes(std::span<const float> before, std::span<const float> after,
                                    const std::byte* codes) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    T code = 0;
    std::memcpy(&code, codes + i * sizeof(T), sizeof(T));
    count_element(before[i], after[i], code);
  }
}

inline void StatisticsCollector::count_element(float before, float after, std::uint32_t code) {
  if (!std::isfinite(before) || std::isnan(after)) {
    ++counts_.not_finite;
    return;
  }
  if (code_counts_.empty()) {
    ++wide_counts_[code];
  } else {
    ++code_counts_[code];
  }
  if (std::fabs(before) > std::fabs(after) || std::isinf(after)) {
    counts_.saturated += is_beyond_largest(before, after, code) ? 1 : 0;
  }
  counts_.zeros += after == 0 ? 1 : 0;
  counts_.underflowed += after == 0 && before != 0 ? 1 : 0;
  if (std::isinf(after)) return;
  const double error = static_cast<double>(before) - after;
  signal_ += static_cast<double>(before) * before;
  noise_ += error * error;
}

/// Its code is the largest of all, and yet it lost magnitude. Zero points shift the range of affine
/// elements; their scale fits both ends.
bool StatisticsCollector::is_beyond_largest(float before, float after, std::uint32_t code) const {
  const std::uint32_t magnitude = codec_.magnitude_code(code);
  const std::uint32_t largest = codec_.spec().largest_code;
  return !is_affine_ &&
         (magnitude > largest || (magnitude == largest && std::fabs(before) > std::fabs(after)));
}

void StatisticsCollector::count_code(std::uint32_t code, std::int64_t times,
                                     QuantizationStatistics& result) const {
  const NumberSpec& number = codec_.spec();
  const double magnitude = std::fabs(codec_.decode(code));
  const int exponent = magnitude == 0 ? number.lowest_exponent() : std::ilogb(magnitude);
  if (magnitude != 0 && std::isfinite(magnitude)) result.binades[exponent] += times;
  if (number.binades.size() < 2) return;
  std::size_t i = number.binades.size() - 1;
  while (i > 0 && exponent < number.binades[i].lowest_exponent) --i;
  result.modes[mode_name(number.binades[i])] += times;
}

QuantizationStatistics StatisticsCollector::finish() const {
  QuantizationStatistics result = counts_;
  if (codec_.spec().binades.size() > 1) {
    for (const BinadeRange& range : codec_.spec().binades) result.modes[mode_name(range)] = 0;
  }
  for (std::uint32_t code = 0; code < code_counts_.size(); ++code) {
    if (code_counts_[code] > 0) count_code(code, code_counts_[code], result);
  }
  for (const auto& [code, times] : wide_counts_) count_code(code, times, result);
  if (signal_ > 0 && noise_ > 0) result.sqnr_db = 10 * std::log10(signal_ / noise_);
  return result;
}

}  // namespace mxsim
