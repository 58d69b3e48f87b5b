#include "sim/import/onnx/quantized_weights.h"

#include <algorithm>
#include <cmath>

#include "models/core/error.h"
#include "models/formats/dequantize.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

constexpr std::size_t kConvolution = 4;

std::int64_t columns(const Shape& shape) {
  return shape.size() == kConvolution ? shape[0] : shape[1];
}

/// The format's block with its elements along the reduction, the rows.
DataLayout along_rows(const FormatSpec& format) {
  const BlockShape& block = format.default_block;
  if (!format.scale) return {format, {1, 1}};
  if (block.rows > 1 && block.cols > 1) return {format, block};
  return {format, {std::max(block.rows, block.cols), 1}};
}

Shape scale_shape(const Shape& shape, const BlockShape& block, std::int64_t rows,
                  const FormatSpec& format) {
  if (!format.scale || (block.rows >= rows && block.cols >= columns(shape))) return {};
  if (block.rows < rows || block.cols > 1) return shape;
  Shape channels(shape.size(), 1);
  channels[shape.size() == kConvolution ? 0 : 1] = columns(shape);
  return channels;
}

}  // namespace

std::size_t weight_place(const Shape& shape, std::int64_t row, std::int64_t col) {
  if (shape.size() != kConvolution) return static_cast<std::size_t>(row * shape[1] + col);
  const std::int64_t tap = row / shape[1];
  const std::int64_t channel = row % shape[1];
  return static_cast<std::size_t>((col * shape[1] + channel) * shape[2] * shape[3] + tap);
}

bool has_integers(const FormatSpec& format) {
  return format.element.sign != SignCoding::kSignMagnitude && format.element.smallest_code == 0;
}

QuantizedWeights quantized_weights(const std::vector<float>& matrix, const Shape& shape,
                                   const FormatSpec& format) {
  if (format.hadamard > 0 || format.offsets || format.element.binades.size() > 1) {
    throw InputError("format \"" + format.name + "\": no quantizer of ONNX or QONNX states it");
  }
  const std::int64_t cols = columns(shape);
  const auto rows = static_cast<std::int64_t>(matrix.size()) / cols;
  const DataLayout layout = along_rows(format);
  const QuantizedMatrix quantized = quantize(matrix, rows, cols, layout);
  const std::vector<float> values = dequantize(quantized);
  // The steps of integers are units of the scale.
  const double step = has_integers(format) ? std::ldexp(1.0, format.element.lsb_exponent()) : 1.0;
  QuantizedWeights result{shape, {}, scale_shape(shape, layout.block, rows, format), {}, {}};
  result.values.resize(matrix.size());
  const auto scales = static_cast<std::size_t>(elements(result.scale_shape));
  result.scales.assign(scales, 1);
  result.zeros.assign(scales, 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t col = 0; col < cols; ++col) {
      const std::size_t place = weight_place(shape, row, col);
      result.values[place] = values[static_cast<std::size_t>(row * cols + col)];
      const std::size_t scale = scales == 1               ? 0
                                : scales == matrix.size() ? place
                                                          : static_cast<std::size_t>(col);
      const double value = quantized.scale_value(row, col) * step;
      result.scales[scale] = value == 0 ? 1 : static_cast<float>(value);
      result.zeros[scale] = static_cast<float>(quantized.zero_point(row, col));
    }
  }
  return result;
}

}  // namespace mxsim
