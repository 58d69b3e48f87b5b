#pragma once

#include "models/dataflow/array_command.h"

namespace mxsim {

/// Whether every product of an element of A and one of B is exact in FP32: the significands
/// together have at most 24 bits and no product can leave the range. Then multiply and add round
/// like a fused operation.
bool exact_products(const TileData& data);

/// No exact part of these operands' products goes further. Throws InternalError if that is beyond
/// the PEs' integers (exact_sums.h).
double largest_block_sum(const ArrayCommand& command, const TileData& data);

/// Multiply-accumulates of a command that zero gating skips; 0 when the array has none. Needs data
/// when it has: throws InternalError without.
std::int64_t gated_macs(const ArraySpec& spec, const ArrayCommand& command, const TileData& data);

/// The results of a command, added in the order of models/arithmetic/mac.h, without the array.
void compute_tile(const ArraySpec& spec, const ArrayCommand& command, const TileData& data);

}  // namespace mxsim
