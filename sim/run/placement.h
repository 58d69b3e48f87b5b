#pragma once

#include "models/mapping/memory/memory_use.h"
#include "models/mapping/network_choice.h"
#include "models/mapping/program/run_plan.h"
#include "sim/config/run_config.h"

namespace mxsim {

/// Where a run's work lies, without what tiles take of the buffers.
struct Placement {
  MemoryUse memory;
  NetworkChoice choice;
};

/// The placement that a run has, of a request that of its prefill or its longest step, whichever
/// takes more DRAM. Throws InputError when the work does not fit the chip: no tile of a layer, or
/// not all tensors. Simulates nothing.
Placement placement_of(const RunConfig& config);

/// What the plan takes of the memories, without what tiles take of the buffers.
MemoryUse memory_of(const RunPlan& plan, Bytes dram_capacity);

}  // namespace mxsim
