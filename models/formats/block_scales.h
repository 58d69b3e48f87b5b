#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/element_codec.h"
#include "models/formats/layout.h"

namespace mxsim {

/// What the elements of a stored matrix are scaled with: where the format has them, one scale code
/// and zero point a block and one offset a sub-block (row-major grids), one tensor scale.
class BlockScales {
 public:
  /// All codes zero. Blocks that span an axis are cut to it.
  BlockScales(DataLayout layout, std::int64_t rows, std::int64_t cols);

  /// What a step of the element is multiplied by; 1 without block scale.
  double scale_value(std::int64_t row, std::int64_t col) const;
  /// Exponent of a power-of-two scale, offset included (0 without block scale); the block must not
  /// be a NaN block.
  int scale_exponent(std::int64_t row, std::int64_t col) const;
  bool is_nan_block(std::int64_t row, std::int64_t col) const;
  /// The element code that real zero has, 0 in formats without zero points.
  std::uint32_t zero_point(std::int64_t row, std::int64_t col) const {
    return zero_points.empty() ? 0 : zero_points[block_index(row, col)];
  }

  const DataLayout& layout() const { return layout_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }
  std::size_t block_index(std::int64_t row, std::int64_t col) const;
  std::size_t offset_index(std::int64_t row, std::int64_t col) const;
  const ElementCodec& scale_codec() const { return scale_codec_; }

  std::vector<std::uint32_t> scales;
  std::vector<std::uint32_t> zero_points;
  std::vector<std::uint8_t> offsets;
  double tensor_scale = 1;

 private:
  DataLayout layout_;
  std::int64_t rows_;
  std::int64_t cols_;
  ElementCodec scale_codec_;
};

}  // namespace mxsim
