#include "models/formats/layout.h"

#include "models/core/shape.h"

namespace mxsim {

Bytes DataLayout::bytes(std::int64_t rows, std::int64_t cols) const {
  const std::int64_t elements = exact_mul(rows, cols);
  const std::int64_t blocks = exact_mul(ceil_div(rows, block.rows), ceil_div(cols, block.cols));
  std::int64_t bytes = ceil_div(exact_mul(elements, format.element_bits), 8) +
                       ceil_div(exact_mul(blocks, format.scale_bits), 8);
  if (format.offsets) {
    const auto& [shape, bits] = *format.offsets;
    const std::int64_t subs = exact_mul(ceil_div(rows, shape.rows), ceil_div(cols, shape.cols));
    bytes += ceil_div(exact_mul(subs, bits), 8);
  }
  if (format.tensor_scale) bytes += ceil_div(format.tensor_scale->bits, 8);
  return Bytes(bytes);
}

}  // namespace mxsim
