#pragma once

#include <cstdint>
#include <string>

namespace mxsim {

/// Every `count`-th point from point `index` - 1 on: one job of an array of jobs.
struct Shard {
  std::uint64_t index = 1;  ///< from 1
  std::uint64_t count = 1;

  bool whole() const { return count == 1; }
  bool has(std::uint64_t point) const { return point % count == index - 1; }
};

/// "2/3"; throws InputError.
Shard parse_shard(const std::string& text);

}  // namespace mxsim
