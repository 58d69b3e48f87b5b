#include "models/ptq/band_rounder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/formats/dequantize.h"
#include "models/formats/quantizer.h"
#include "models/formats/region.h"

namespace mxsim {
namespace {

std::int64_t band_height(const DataLayout& layout, std::int64_t rows) {
  if (!layout.format.scale || layout.format.tensor_scale) return rows;
  return std::min(layout.block.rows, rows);
}

/// Learned and carried errors decide: nothing is drawn.
Rounding steady(Rounding rounding) {
  return rounding == Rounding::kStochastic ? Rounding::kNearestEven : rounding;
}

bool has_anchors(const FormatSpec& format) {
  return format.scale && !format.scale->is_power_of_two() &&
         format.scale_statistic == ScaleStatistic::kMaximum;
}

}  // namespace

BandRounder::BandRounder(DataLayout layout, std::int64_t rows, std::int64_t cols)
    : layout_(std::move(layout)),
      rows_(rows),
      cols_(cols),
      band_rows_(band_height(layout_, rows)),
      rounding_(steady(layout_.format.rounding)),
      band_(layout_, band_rows_, cols) {}

void BandRounder::begin(std::int64_t row, const RowMatrix& weights) {
  first_ = row;
  const std::int64_t rows = std::min(band_rows_, rows_ - row);
  const std::vector<float> band = to_floats(weights.middleRows(row, rows));
  FormatSpec steady_format = layout_.format;
  steady_format.rounding = rounding_;
  band_ = quantize(band, rows, cols_, {steady_format, layout_.block});
  anchors_.clear();
  if (has_anchors(layout_.format)) find_anchors(band, rows);
}

void BandRounder::find_anchors(const std::vector<float>& band, std::int64_t rows) {
  anchors_.resize(band.size());
  const auto anchor = [&](const Region& block, auto is_beyond) {
    std::size_t found = static_cast<std::size_t>(block.row_begin * cols_ + block.col_begin);
    block.for_each(cols_, [&](std::size_t i) {
      if (is_beyond(band[i], band[found])) found = i;
    });
    anchors_[found] = 1;
  };
  Region{0, rows, 0, cols_}.for_each_piece(layout_.block, [&](const Region& block) {
    if (layout_.format.zero_point) {
      anchor(block, [](float x, float y) { return x < y; });
      anchor(block, [](float x, float y) { return x > y; });
    } else {
      anchor(block, [](float x, float y) { return std::abs(x) > std::abs(y); });
    }
  });
}

bool BandRounder::is_anchor(std::int64_t row, std::int64_t col) const {
  return !anchors_.empty() && anchors_[static_cast<std::size_t>((row - first_) * cols_ + col)] != 0;
}

double BandRounder::scaled(std::int64_t row, std::int64_t col, double value) const {
  const double scale = band_.scale_value(row - first_, col);
  const double ratio = scale == 0 ? std::copysign(0.0, value) : value / scale;
  return ratio + band_.zero_point(row - first_, col);
}

double BandRounder::decoded(std::int64_t row, std::int64_t col, std::uint32_t code) const {
  const double element = band_.element_codec().decode(code);
  return static_cast<float>((element - band_.zero_point(row - first_, col)) *
                            band_.scale_value(row - first_, col));
}

double BandRounder::round(std::int64_t row, std::int64_t col, double value) const {
  if (is_anchor(row, col)) return band_.value(row - first_, col);
  const std::uint32_t code = band_.element_codec().encode(scaled(row, col, value), rounding_);
  return decoded(row, col, code);
}

BandRounder::Neighbours BandRounder::neighbours(std::int64_t row, std::int64_t col,
                                                double value) const {
  if (is_anchor(row, col)) {
    const double kept = band_.value(row - first_, col);
    return {kept, kept};
  }
  const ElementCodec& codec = band_.element_codec();
  const double ratio = scaled(row, col, value);
  const std::uint32_t near = codec.encode(ratio, Rounding::kTowardZero);
  std::uint64_t next = std::uint64_t{codec.magnitude_code(near)} + 1;
  while (codec.is_repeated(next)) ++next;
  const double smallest = std::abs(codec.decode(near));
  if (std::abs(ratio) < smallest) {  // a format without zero
    return {decoded(row, col, codec.encode(-smallest)), decoded(row, col, codec.encode(smallest))};
  }
  if (next > codec.spec().largest_code) return {decoded(row, col, near), decoded(row, col, near)};
  const double away = std::copysign(codec.magnitude(next), ratio);
  return {decoded(row, col, near), decoded(row, col, codec.encode(away))};
}

RowMatrix cast_weights(const DataLayout& layout, const RowMatrix& weights) {
  const std::vector<float> values = to_floats(weights);
  return to_row_matrix(dequantize(quantize(values, weights.rows(), weights.cols(), layout)),
                       weights.rows(), weights.cols());
}

}  // namespace mxsim
