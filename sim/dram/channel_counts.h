#pragma once

#include <array>
#include <cstdint>

#include "models/dram/dram_command.h"

namespace mxsim {

/// What one channel did. Hit: a column command to a row that served one since its activation.
/// Conflict: the first one after an activation that followed a precharge with no refresh between.
/// Empty: the other first ones.
struct ChannelCounts {
  std::array<std::int64_t, kDramCommandCount> commands{};
  std::int64_t row_hits = 0;
  std::int64_t row_empty = 0;
  std::int64_t row_conflicts = 0;
  std::int64_t open_rank_cycles = 0;  ///< summed over ranks: cycles with any row open

  std::int64_t operator[](DramCommand c) const { return commands[index(c)]; }
  ChannelCounts& operator+=(const ChannelCounts& other) {
    for (std::size_t i = 0; i < kDramCommandCount; ++i) commands[i] += other.commands[i];
    row_hits += other.row_hits;
    row_empty += other.row_empty;
    row_conflicts += other.row_conflicts;
    open_rank_cycles += other.open_rank_cycles;
    return *this;
  }
  bool operator==(const ChannelCounts&) const = default;
};

}  // namespace mxsim
