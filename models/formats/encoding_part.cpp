#include "models/formats/encoding_part.h"

#include "models/core/shape.h"
#include "models/core/units.h"

namespace mxsim {

int code_bytes(int bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : 4; }

std::int64_t PartLayout::grid_rows(std::int64_t rows) const { return ceil_div(rows, shape.rows); }

std::int64_t PartLayout::grid_cols(std::int64_t cols) const { return ceil_div(cols, shape.cols); }

std::int64_t PartLayout::bytes(std::int64_t rows, std::int64_t cols) const {
  return exact_mul(exact_mul(grid_rows(rows), grid_cols(cols)), code_bytes(bits));
}

std::optional<PartLayout> part_layout(const DataLayout& layout, EncodingPart part) {
  const FormatSpec& format = layout.format;
  switch (part) {
    case EncodingPart::kCodes:
      return PartLayout{format.element_bits, {1, 1}};
    case EncodingPart::kScales:
      if (format.scale) return PartLayout{format.scale->bits, layout.block};
      break;
    case EncodingPart::kZeroPoints:
      if (format.zero_point) return PartLayout{format.zero_point->bits, layout.block};
      break;
    case EncodingPart::kOffsets:
      if (format.offsets) return PartLayout{format.offsets->bits, format.offsets->shape};
      break;
  }
  return std::nullopt;
}

}  // namespace mxsim
