#include "models/formats/block_scales.h"

#include <cmath>
#include <utility>

#include "models/core/shape.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

std::size_t grid_index(const BlockShape& shape, std::int64_t cols, std::int64_t row,
                       std::int64_t col) {
  return static_cast<std::size_t>(row / shape.rows * ceil_div(cols, shape.cols) + col / shape.cols);
}

std::size_t grid_size(const BlockShape& shape, std::int64_t rows, std::int64_t cols) {
  return static_cast<std::size_t>(
      exact_mul(ceil_div(rows, shape.rows), ceil_div(cols, shape.cols)));
}

}  // namespace

BlockScales::BlockScales(DataLayout layout, std::int64_t rows, std::int64_t cols)
    : layout_(std::move(layout)),
      rows_(rows),
      cols_(cols),
      scale_codec_(layout_.format.scale.value_or(NumberSpec{})) {
  const FormatSpec& format = layout_.format;
  const std::size_t blocks = grid_size(layout_.block, rows, cols);
  if (format.scale) scales.resize(blocks);
  if (format.zero_point) zero_points.resize(blocks);
  if (format.offsets) offsets.resize(grid_size(format.offsets->shape, rows, cols));
}

std::size_t BlockScales::block_index(std::int64_t row, std::int64_t col) const {
  return grid_index(layout_.block, cols_, row, col);
}

std::size_t BlockScales::offset_index(std::int64_t row, std::int64_t col) const {
  return grid_index(layout_.format.offsets->shape, cols_, row, col);
}

double BlockScales::scale_value(std::int64_t row, std::int64_t col) const {
  if (!layout_.format.scale) return 1;
  const double scale = tensor_scale * scale_codec_.decode(scales[block_index(row, col)]);
  return layout_.format.offsets ? std::ldexp(scale, -offsets[offset_index(row, col)]) : scale;
}

int BlockScales::scale_exponent(std::int64_t row, std::int64_t col) const {
  return std::ilogb(scale_value(row, col));
}

bool BlockScales::is_nan_block(std::int64_t row, std::int64_t col) const {
  return std::isnan(scale_value(row, col));
}

}  // namespace mxsim
