#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/formats/element_codec.h"
#include "models/formats/layout.h"

namespace mxsim {

/// A matrix as stored: one code an element (row-major) and one scale code a block (row-major grid
/// of blocks; empty for formats without block scale).
class QuantizedMatrix {
 public:
  QuantizedMatrix(DataLayout layout, std::int64_t rows, std::int64_t cols);

  /// Dequantized element, rounded to float where the format is wider; NaN in a NaN block.
  float value(std::int64_t row, std::int64_t col) const;
  /// Exponent of the power-of-two scale of the element's block (0 without block scale); the block
  /// must not be a NaN block.
  int scale_exponent(std::int64_t row, std::int64_t col) const;
  /// Has the element's block a NaN scale?
  bool is_nan_block(std::int64_t row, std::int64_t col) const;
  std::uint32_t code(std::int64_t row, std::int64_t col) const {
    return codes[static_cast<std::size_t>(row * cols_ + col)];
  }

  const DataLayout& layout() const { return layout_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }
  std::int64_t block_rows() const { return ceil_div(rows_, layout_.block.rows); }
  std::int64_t block_cols() const { return ceil_div(cols_, layout_.block.cols); }
  const ElementCodec& element_codec() const { return element_codec_; }
  const ElementCodec& scale_codec() const { return scale_codec_; }

  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> scales;

 private:
  std::size_t block_index(std::int64_t row, std::int64_t col) const;

  DataLayout layout_;
  std::int64_t rows_;
  std::int64_t cols_;
  ElementCodec element_codec_;
  ElementCodec scale_codec_;
};

struct QuantizeOptions {
  Rounding rounding = Rounding::kNearestEven;
  /// Stochastic rounding: one word an element, row-major; empty: drawn from `seed`, word i from
  /// (seed, i) alone.
  std::span<const std::uint16_t> random = {};
  std::uint64_t seed = 1;
};

/// `values` are rows x cols, row-major. A block that holds a NaN or an infinity becomes a NaN block
/// (all element codes 0); formats without block scale encode these element by element.
QuantizedMatrix quantize(std::span<const float> values, std::int64_t rows, std::int64_t cols,
                         const DataLayout& layout, const QuantizeOptions& options = {});

/// Row-major values of every element.
std::vector<float> dequantize(const QuantizedMatrix& matrix);

}  // namespace mxsim
