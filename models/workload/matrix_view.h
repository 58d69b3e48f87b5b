#pragma once

#include <cstdint>

#include "models/core/shape.h"

namespace mxsim {

/// Rows and columns in which a tensor lies in DRAM (see StoredTensor).
struct MatrixView {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  bool operator==(const MatrixView&) const = default;
};

/// N, C, H, W: one row per pixel, one column per channel; other ranks: the last axis is columns.
inline MatrixView matrix_view(const Shape& shape) {
  if (shape.empty()) return {1, 1};
  const std::size_t columns = shape.size() == 4 ? 1 : shape.size() - 1;
  MatrixView view{1, shape[columns]};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != columns) view.rows = exact_mul(view.rows, shape[i]);
  }
  return view;
}

}  // namespace mxsim
