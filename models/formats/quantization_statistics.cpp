#include "models/formats/quantization_statistics.h"

#include <bit>
#include <cmath>

namespace mxsim {
namespace {

std::string mode_name(const BinadeRange& range) {
  const auto binades = static_cast<unsigned>(range.highest_exponent - range.lowest_exponent + 1);
  return "e" + std::to_string(std::bit_width(binades)) + "m" + std::to_string(range.mantissa_bits);
}

class Collector {
 public:
  Collector(const QuantizedMatrix& matrix, QuantizationStatistics& result)
      : matrix_(matrix), number_(matrix.layout().format.element), result_(result) {
    largest_ = number_.largest();
    if (number_.binades.size() < 2) return;
    for (const BinadeRange& range : number_.binades) result_.modes[mode_name(range)] = 0;
  }

  void add(std::int64_t row, std::int64_t col, float before) {
    ++result_.elements;
    const double after = matrix_.value(row, col);
    if (!std::isfinite(before) || std::isnan(after)) {
      ++result_.not_finite;
      return;
    }
    add_code(row, col);
    const double scale = matrix_.scale_value(row, col);
    // Zero points shift the range of affine elements; their scale fits both ends.
    if (matrix_.zero_points.empty() && std::fabs(before) > largest_ * scale) ++result_.saturated;
    if (after == 0) ++result_.zeros;
    if (before != 0 && after == 0) ++result_.underflowed;
    if (std::isinf(after)) return;
    signal_ += static_cast<double>(before) * before;
    noise_ += (before - after) * (before - after);
  }

  void finish() {
    if (signal_ > 0 && noise_ > 0) result_.sqnr_db = 10 * std::log10(signal_ / noise_);
  }

 private:
  void add_code(std::int64_t row, std::int64_t col) {
    const double magnitude = std::fabs(matrix_.element_codec().decode(matrix_.code(row, col)));
    const int exponent = magnitude == 0 ? number_.lowest_exponent() : std::ilogb(magnitude);
    if (magnitude != 0) ++result_.binades[exponent];
    if (result_.modes.empty()) return;
    std::size_t i = number_.binades.size() - 1;
    while (i > 0 && exponent < number_.binades[i].lowest_exponent) --i;
    ++result_.modes[mode_name(number_.binades[i])];
  }

  const QuantizedMatrix& matrix_;
  const NumberSpec& number_;
  QuantizationStatistics& result_;
  double largest_ = 0;
  double signal_ = 0;
  double noise_ = 0;
};

}  // namespace

QuantizationStatistics quantization_statistics(std::span<const float> values,
                                               const QuantizedMatrix& matrix) {
  QuantizationStatistics result;
  result.blocks = static_cast<std::int64_t>(matrix.scales.size());
  Collector collector(matrix, result);
  std::size_t i = 0;
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    for (std::int64_t col = 0; col < matrix.cols(); ++col) collector.add(row, col, values[i++]);
  }
  collector.finish();
  return result;
}

}  // namespace mxsim
