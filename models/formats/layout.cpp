#include "models/formats/layout.h"

#include "models/core/shape.h"

namespace mxsim {

Bytes DataLayout::bytes(std::int64_t rows, std::int64_t cols) const {
  const std::int64_t elements = exact_mul(rows, cols);
  const std::int64_t blocks = exact_mul(ceil_div(rows, block.rows), ceil_div(cols, block.cols));
  return Bytes(ceil_div(exact_mul(elements, format.element_bits), 8) +
               ceil_div(exact_mul(blocks, format.scale_bits), 8));
}

}  // namespace mxsim
