#pragma once

#include <algorithm>
#include <cstdint>

namespace mxsim {

/// An axis cut into tiles: `full` tiles of `size`, then one of `last` (0: the axis divides evenly).
struct Tiling {
  std::int64_t full = 0;
  std::int64_t size = 1;
  std::int64_t last = 0;

  Tiling(std::int64_t extent, std::int64_t tile)
      : full(extent / tile), size(tile), last(extent % tile) {}

  std::int64_t count() const { return full + (last > 0 ? 1 : 0); }
  std::int64_t front() const { return full > 0 ? size : last; }
  std::int64_t back() const { return last > 0 ? last : size; }
  std::int64_t length(std::int64_t tile) const { return tile < full ? size : last; }

  /// Sum of f(length of tile) over all tiles.
  template <class F>
  std::int64_t sum(F f) const {
    return full * (full > 0 ? f(size) : 0) + (last > 0 ? f(last) : 0);
  }
};

}  // namespace mxsim
