#include "models/formats/quantized_matrix.h"

#include "models/core/shape.h"

namespace mxsim {

QuantizedMatrix::QuantizedMatrix(const DataLayout& layout, std::int64_t rows, std::int64_t cols)
    : BlockScales(layout, rows, cols),
      codes(static_cast<std::size_t>(exact_mul(rows, cols))),
      element_codec_(layout.format.element) {}

float QuantizedMatrix::value(std::int64_t row, std::int64_t col) const {
  const double element = element_codec_.decode(code(row, col));
  return static_cast<float>((element - zero_point(row, col)) * scale_value(row, col));
}

}  // namespace mxsim
