#pragma once

#include <cstdint>

#include "models/dram/dram_device.h"

namespace mxsim {

/// How long a bank that is asked for takes between two refreshes, by the device's rules.
struct RefreshProgress {
  std::int64_t access_cycles = 0;    ///< refresh to the slower of a read and a write command
  std::int64_t close_cycles = 0;     ///< the longest from a command before the refresh to it
  std::int64_t ranks = 1;            ///< whose refreshes hold each other up
  std::int64_t interval_cycles = 0;  ///< between two refreshes of one bank

  std::int64_t needed_cycles() const { return ranks * (access_cycles + close_cycles); }
  /// Each bank is read or written at least once between two refreshes. Otherwise requests may wait
  /// forever: a refresh closes the row that they have just opened.
  bool holds() const { return needed_cycles() <= interval_cycles; }
};

/// Of a timed device with refresh whose rules and organisation are valid.
RefreshProgress refresh_progress(const DramDevice& device);

}  // namespace mxsim
