#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "models/formats/block_shape.h"

namespace mxsim {

/// Half-open rectangle of a row-major matrix.
struct Region {
  std::int64_t row_begin = 0;
  std::int64_t row_end = 0;
  std::int64_t col_begin = 0;
  std::int64_t col_end = 0;

  /// visit(index) of every element of a matrix `cols` wide.
  template <class Visit>
  void for_each(std::int64_t cols, Visit visit) const {
    for (std::int64_t row = row_begin; row < row_end; ++row) {
      for (std::int64_t col = col_begin; col < col_end; ++col) {
        visit(static_cast<std::size_t>(row * cols + col));
      }
    }
  }

  /// visit(Region) of every piece when cut into `shape`s from the region's first element; the last
  /// ones are partial.
  template <class Visit>
  void for_each_piece(const BlockShape& shape, Visit visit) const {
    const std::int64_t height = std::min(shape.rows, row_end - row_begin);
    const std::int64_t width = std::min(shape.cols, col_end - col_begin);
    for (std::int64_t row = row_begin; row < row_end; row += height) {
      for (std::int64_t col = col_begin; col < col_end; col += width) {
        visit(Region{row, std::min(row + height, row_end), col, std::min(col + width, col_end)});
      }
    }
  }
};

/// What a scale is chosen from.
struct RegionStatistics {
  bool all_finite = true;
  double amax = 0;  ///< these are over the finite elements
  double mean_magnitude = 0;
  double minimum = 0;  ///< at most 0
  double maximum = 0;  ///< at least 0
};

RegionStatistics statistics_of(const Region& region, std::span<const float> values,
                               std::int64_t cols);

}  // namespace mxsim
