#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/block_scales.h"

namespace mxsim {

/// A matrix as stored: one code an element (row-major) and the scales.
class QuantizedMatrix : public BlockScales {
 public:
  /// All codes zero.
  QuantizedMatrix(const DataLayout& layout, std::int64_t rows, std::int64_t cols);

  /// Dequantized element rounded to float; NaN in a NaN block.
  float value(std::int64_t row, std::int64_t col) const;
  std::uint32_t code(std::int64_t row, std::int64_t col) const {
    return codes[static_cast<std::size_t>(row * cols() + col)];
  }
  const ElementCodec& element_codec() const { return element_codec_; }

  std::vector<std::uint32_t> codes;

 private:
  ElementCodec element_codec_;
};

}  // namespace mxsim
