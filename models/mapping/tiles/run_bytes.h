#pragma once

#include <cstdint>
#include <vector>

#include "models/dram/dram_run.h"

namespace mxsim {

/// Sum over the runs.
Bytes payload(const std::vector<DramRun>& runs);

/// Bytes that whole bursts of `burst` bytes, a power of two, move for these runs: every burst that
/// a piece touches, for each piece (RunCursor); pieces without a gap between them are one piece.
Bytes moved_bytes(const std::vector<DramRun>& runs, std::int64_t burst);

}  // namespace mxsim
