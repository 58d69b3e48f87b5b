#pragma once

#include <vector>

#include "models/mapping/gemm_mapper.h"
#include "models/mapping/memory_plan.h"
#include "models/mapping/program.h"

namespace mxsim {

/// The commands of one group on one chip. `mappings` holds one mapping for each of group.gemms.
///
/// With GEMM: operand tiles are fetched into the slots of the input and weight buffers in turn and
/// kept while the next tile wants the same; results stay in a slot of the accumulator buffer until
/// the reduction is complete, are taken through the vector and re-quantization units in place, and
/// stored from there. The epilogue of a tile is queued behind the first fetches of the next one, so
/// that fetches do not wait for it. Without GEMM: the streams pass through the input and
/// accumulator buffers in chunks of at most one slot. Broadcast tensors go to the vector unit's own
/// registers.
Program build_program(const OpList& ops, const OpGroup& group,
                      const std::vector<GemmMapping>& mappings, const MemoryPlan& plan,
                      const MapperChip& chip);

}  // namespace mxsim
