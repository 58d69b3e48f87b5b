#include "models/formats/quantized_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/core/error.h"
#include "models/core/shape.h"
#include "models/formats/region.h"

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
  std::vector<float> values(matrix.codes.size());
  dequantize(matrix, values);
  return values;
}

void dequantize(const QuantizedMatrix& matrix, std::span<float> values) {
  ensure(values.size() == matrix.codes.size(), "dequantize: one value an element");
  const ElementCodec& codec = matrix.element_codec();
  std::vector<double> table;
  if (codec.spec().bits <= 8) {
    for (std::uint32_t code = 0; code < 1u << codec.spec().bits; ++code) {
      table.push_back(codec.decode(code));
    }
  }
  const FormatSpec& format = matrix.layout().format;
  BlockShape shape{1, kWholeAxis};
  if (format.scale) shape = format.offsets ? format.offsets->shape : matrix.layout().block;
  const Region whole{0, matrix.rows(), 0, matrix.cols()};
  if (values.empty()) return;
  whole.for_each_piece(shape, [&](const Region& piece) {
    const double scale = matrix.scale_value(piece.row_begin, piece.col_begin);
    const double zero =
        matrix.zero_points.empty()
            ? 0.0
            : matrix.zero_points[matrix.block_index(piece.row_begin, piece.col_begin)];
    piece.for_each(matrix.cols(), [&](std::size_t i) {
      const std::uint32_t code = matrix.codes[i];
      double element = table.empty() ? codec.decode(code) : table[code];
      if (zero != 0) element -= zero;
      values[i] = static_cast<float>(element * scale);
    });
  });
}

}  // namespace mxsim
