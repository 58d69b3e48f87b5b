#pragma once

#include "models/mapping/program/run_plan.h"

namespace mxsim {

/// Maps every GEMM of `ops` (GEMMs of equal shape are searched once) and places every tensor.
/// `ops` and `chip` must outlive the plan. Throws InputError when the tensors exceed the DRAM.
RunPlan plan_run(const OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                 const PlanPolicy& policy = {});

}  // namespace mxsim
