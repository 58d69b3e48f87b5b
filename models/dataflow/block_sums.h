#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"

namespace mxsim {

/// Exact block sums that one result of a reduction over k elements adds to its FP32 sum when passes
/// end after every `pass_length` elements: the number of pieces that block borders of either
/// operand and pass borders cut [0, k) into, none for k = 0. Both block lengths >= 1; O(1).
std::int64_t block_sums(const ReductionBlocks& blocks, std::int64_t k, std::int64_t pass_length);

/// The same for row m of the result, whose exact sums may end elsewhere than other rows'.
std::int64_t block_sums(const ReductionBlocks& blocks, std::int64_t m, std::int64_t k,
                        std::int64_t pass_length);

/// Whether a block of either operand ends, for row m of the result, with element `k` of the
/// command.
bool ends_block(const ReductionBlocks& blocks, std::int64_t m, std::int64_t k);

}  // namespace mxsim
