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
  // Summed over ranks; in the cycles that remain a rank is powered up with no row open.
  std::int64_t open_rank_cycles = 0;    ///< with any row open
  std::int64_t open_down_cycles = 0;    ///< powered down with any row open
  std::int64_t closed_down_cycles = 0;  ///< powered down with no row open

  std::int64_t operator[](DramCommand c) const { return commands[index(c)]; }
  /// Adds `times` times the other's.
  void add(const ChannelCounts& other, std::int64_t times) {
    for (std::size_t i = 0; i < kDramCommandCount; ++i) {
      commands[i] += times * other.commands[i];
    }
    row_hits += times * other.row_hits;
    row_empty += times * other.row_empty;
    row_conflicts += times * other.row_conflicts;
    open_rank_cycles += times * other.open_rank_cycles;
    open_down_cycles += times * other.open_down_cycles;
    closed_down_cycles += times * other.closed_down_cycles;
  }
  ChannelCounts& operator+=(const ChannelCounts& other) {
    add(other, 1);
    return *this;
  }
  bool operator==(const ChannelCounts&) const = default;
};

}  // namespace mxsim
