#pragma once

#include <algorithm>
#include <cstdint>

namespace mxsim {

/// Most bytes that a packed file may become in memory: a few kilobytes of deflated zeros would
/// otherwise fill it.
constexpr std::uint64_t most_unpacked(std::uint64_t file_bytes) {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 28;
  constexpr std::uint64_t kRatio = 64;
  constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 40;
  return std::max(kAlways, kRatio * std::min(file_bytes, kLargestFile));
}

}  // namespace mxsim
