#pragma once

#include <cstdint>

namespace mxsim {

/// Queues and turns of first-ready, first-come-first-served scheduling in one channel.
/// low_writes < high_writes <= window.
struct FrfcfsSpec {
  std::int64_t window = 32;       ///< bursts of each direction that the scheduler sees
  std::int64_t high_writes = 26;  ///< this many waiting writes end the turn of reads
  std::int64_t low_writes = 6;    ///< this few end the turn of writes
  std::int64_t turn = 32;         ///< bursts a direction may serve before it can lose its turn, and
                                  ///< after which writes do lose it
  std::int64_t hit_cap = 16;      ///< column commands after which an older conflict gets the bank
};

}  // namespace mxsim
