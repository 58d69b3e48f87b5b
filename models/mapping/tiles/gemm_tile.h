#pragma once

#include <cstdint>

#include "models/mapping/tiles/tensor_region.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// One on-chip piece of a GEMM: ranges of output positions, input channels, result columns and taps
/// inside one group of one batch element. The left operand's piece holds what all taps read.
struct GemmTile {
  std::int64_t group = 0;
  Range images;
  Range h;
  Range w;
  Range channels;
  Range n;
  std::int64_t batch = 0;
  Range taps = {};  ///< in the order of the window's rows; none: all

  std::int64_t positions() const { return images.count * h.count * w.count; }
  bool operator==(const GemmTile&) const = default;
};

/// The taps of the tile; those of a weight gradient, whose rows they are, are all of them.
Range taps_of(const GemmWork& work, const GemmTile& tile);

/// Rows, reduction length and columns of the tile's product.
struct GemmExtents {
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t n = 0;
};

GemmExtents extents(const GemmWork& work, const GemmTile& tile);

/// Which of the matrices that a stored matrix has one below the other the tile belongs to, and
/// which of its groups of columns.
struct GroupPlace {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};
GroupPlace group_place(const GemmWork& work, GroupAxis axis, const GemmTile& tile);

/// What the tile reads of its left and right operand. Empty when the window has no taps.
TensorRegion left_region(const GemmWork& work, const GemmTile& tile);
TensorRegion right_region(const GemmWork& work, const GemmTile& tile);

/// Height and width of the group's result grid per image, over all its phases.
struct GridSize {
  std::int64_t height = 1;
  std::int64_t width = 1;
  bool operator==(const GridSize&) const = default;
};
GridSize grid_size(const OpGroup& group);

/// Where the tile's results lie in the group's grid.
TensorRegion result_region(const GemmWork& work, GridSize grid, const GemmTile& tile);

}  // namespace mxsim
