#pragma once

#include <cstdint>

#include "models/core/units.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// How a matrix is stored: element format and block shape. Blocks start at row 0, column 0; edge
/// blocks are partial and have a scale of their own.
struct DataLayout {
  FormatSpec format;
  BlockShape block;

  /// Elements, block scales with zero points, and sub-block offsets, each packed without gaps and
  /// rounded up to a byte for the whole matrix; plus the tensor scale.
  Bytes bytes(std::int64_t rows, std::int64_t cols) const;
  bool operator==(const DataLayout&) const = default;
};

}  // namespace mxsim
