#pragma once

#include <cstdint>
#include <vector>

#include "models/dram/dram_run.h"

namespace mxsim {

/// Sum over the runs.
Bytes payload(const std::vector<DramRun>& runs);

/// Bytes that whole bursts of `burst` bytes, a power of two, move for these runs; pieces that share
/// a burst with the next piece of their run count it once.
Bytes moved_bytes(const std::vector<DramRun>& runs, std::int64_t burst);

}  // namespace mxsim
