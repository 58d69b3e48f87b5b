#pragma once

#include "models/mapping/chip/mapper_chip.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Packs the groups of every grouped or depthwise GEMM anew (group_packing.h), now by all that the
/// chip makes of it: array cycles at the pace of the buffers' words, and DRAM's bursts, channels
/// and rows for pieces of the packed columns. Of the packings whose longer part is within 2 % of
/// the shortest, the one that moves the fewest bytes, and of those the smallest.
void choose_packings(OpList& ops, const MapperChip& chip);

}  // namespace mxsim
