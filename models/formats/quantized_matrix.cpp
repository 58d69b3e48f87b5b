#include "models/formats/quantized_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/core/shape.h"

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

QuantizedMatrix::QuantizedMatrix(DataLayout layout, std::int64_t rows, std::int64_t cols)
    : codes(static_cast<std::size_t>(exact_mul(rows, cols))),
      layout_(std::move(layout)),
      rows_(rows),
      cols_(cols),
      element_codec_(layout_.format.element),
      scale_codec_(layout_.format.scale.value_or(NumberSpec{})) {
  const FormatSpec& format = layout_.format;
  const std::size_t blocks = grid_size(layout_.block, rows, cols);
  if (format.scale) scales.resize(blocks);
  if (format.zero_point) zero_points.resize(blocks);
  if (format.offsets) offsets.resize(grid_size(format.offsets->shape, rows, cols));
}

std::size_t QuantizedMatrix::block_index(std::int64_t row, std::int64_t col) const {
  return grid_index(layout_.block, cols_, row, col);
}

std::size_t QuantizedMatrix::offset_index(std::int64_t row, std::int64_t col) const {
  return grid_index(layout_.format.offsets->shape, cols_, row, col);
}

double QuantizedMatrix::scale_value(std::int64_t row, std::int64_t col) const {
  if (!layout_.format.scale) return 1;
  const double scale = tensor_scale * scale_codec_.decode(scales[block_index(row, col)]);
  return layout_.format.offsets ? std::ldexp(scale, -offsets[offset_index(row, col)]) : scale;
}

int QuantizedMatrix::scale_exponent(std::int64_t row, std::int64_t col) const {
  return std::ilogb(scale_value(row, col));
}

bool QuantizedMatrix::is_nan_block(std::int64_t row, std::int64_t col) const {
  return std::isnan(scale_value(row, col));
}

float QuantizedMatrix::value(std::int64_t row, std::int64_t col) const {
  double element = element_codec_.decode(code(row, col));
  if (!zero_points.empty()) element -= zero_points[block_index(row, col)];
  return static_cast<float>(element * scale_value(row, col));
}

std::vector<float> dequantize(const QuantizedMatrix& matrix) {
  std::vector<float> values;
  values.reserve(matrix.codes.size());
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    for (std::int64_t col = 0; col < matrix.cols(); ++col) values.push_back(matrix.value(row, col));
  }
  return values;
}

}  // namespace mxsim
