#pragma once

#include <cstdint>
#include <limits>

namespace mxsim {

/// Extent of a block that covers its whole axis (one scale a tensor or a channel).
inline constexpr std::int64_t kWholeAxis = std::numeric_limits<std::int64_t>::max();

/// Elements that share one scale: rows x cols of the matrix view. 1 x 1 for formats without block
/// scale.
struct BlockShape {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  bool operator==(const BlockShape&) const = default;
};

}  // namespace mxsim
