#pragma once

#include <vector>

#include "models/dram/dram_run.h"

namespace mxsim {

/// Joins the run to the last of the list when it only continues it.
void append(std::vector<DramRun>& runs, const DramRun& run);

/// `count` pieces of bits [first, first + length), each `stride` bits after its predecessor, in
/// whole bytes. Pieces without a gap are one run; pieces that do not begin on the same bit of a
/// byte are a run each.
struct BitPieces {
  std::int64_t base = 0;  ///< byte address of bit 0
  std::int64_t first = 0;
  std::int64_t length = 0;
  std::int64_t stride = 0;
  std::int64_t count = 1;
};
void append(std::vector<DramRun>& runs, const BitPieces& pieces);

}  // namespace mxsim
