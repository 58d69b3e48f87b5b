#pragma once

#include <cstdint>
#include <vector>

#include "models/core/error.h"

namespace mxsim {

/// Queues, turns and row policies of first-ready, first-come-first-served scheduling in one
/// channel. 32 bursts, 0.8 / 0.2: Ramulator 2 and DRAMSys. Each policy can be switched off alone;
/// `scripts/dram_policies.py ablation` measures the worth of each.
struct FrfcfsSpec {
  std::int64_t window = 32;       ///< bursts of each direction that the scheduler sees
  std::int64_t high_writes = 26;  ///< this many waiting writes end the turn of reads
  std::int64_t low_writes = 6;    ///< this few end the turn of writes
  std::int64_t turn = 32;         ///< bursts a direction may serve before it can lose its turn, and
                                  ///< after which writes do lose it
  std::int64_t notice = 8;        ///< bursts that reads still serve once writes end their turn
  std::int64_t hit_cap = 16;      ///< column commands after which an older conflict gets the bank
  bool prepare_next_turn = true;  ///< a bank that this turn no longer needs opens its row for the
                                  ///< next turn; off: only the turn's own requests open rows
  bool activate_ahead = true;     ///< every request of the window may open its row; off: the oldest
  bool forwarding = true;  ///< a waiting write answers later accesses to its bytes. Off, for timing
                           ///< alone: they go to the device, a read even before the write. Single
                           ///< bursts only, never runs
  bool operator==(const FrfcfsSpec&) const = default;
};

/// low_writes < high_writes <= window; pointers are those of a chip's `/dram/scheduler`.
std::vector<Diagnostic> validate(const FrfcfsSpec& spec);

}  // namespace mxsim
