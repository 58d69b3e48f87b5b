#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/formats/element_codec.h"
#include "models/formats/layout.h"

namespace mxsim {

/// A matrix as stored: one code an element (row-major) and, where the format has them, one scale
/// code and zero point a block and one offset a sub-block (row-major grids).
class QuantizedMatrix {
 public:
  /// All codes zero; scales, zero points and offsets as many as the layout has. Blocks that span an
  /// axis are cut to it.
  QuantizedMatrix(DataLayout layout, std::int64_t rows, std::int64_t cols);

  /// Dequantized element rounded to float; NaN in a NaN block.
  float value(std::int64_t row, std::int64_t col) const;
  /// What a step of the element is multiplied by; 1 without block scale.
  double scale_value(std::int64_t row, std::int64_t col) const;
  /// Exponent of a power-of-two scale, offset included (0 without block scale); the block must not
  /// be a NaN block.
  int scale_exponent(std::int64_t row, std::int64_t col) const;
  bool is_nan_block(std::int64_t row, std::int64_t col) const;
  std::uint32_t code(std::int64_t row, std::int64_t col) const {
    return codes[static_cast<std::size_t>(row * cols_ + col)];
  }

  const DataLayout& layout() const { return layout_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }
  std::size_t block_index(std::int64_t row, std::int64_t col) const;
  std::size_t offset_index(std::int64_t row, std::int64_t col) const;
  const ElementCodec& element_codec() const { return element_codec_; }
  const ElementCodec& scale_codec() const { return scale_codec_; }

  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> scales;
  std::vector<std::uint32_t> zero_points;
  std::vector<std::uint8_t> offsets;
  double tensor_scale = 1;

 private:
  DataLayout layout_;
  std::int64_t rows_;
  std::int64_t cols_;
  ElementCodec element_codec_;
  ElementCodec scale_codec_;
};

/// Row-major values of every element.
std::vector<float> dequantize(const QuantizedMatrix& matrix);
/// The same into `values`, one an element.
void dequantize(const QuantizedMatrix& matrix, std::span<float> values);

}  // namespace mxsim
