#pragma once

#include "models/workload/graph.h"
#include "models/workload/lowering_policy.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// The work of one training or inference step: shapes (shape_graph), steps (derive_steps), groups
/// (fuse), stored copies (plan_storage), written down for the mapper, and repeated for every
/// micro-batch (accumulate_gradients). Throws InputError; pointers
/// are those of the trace, or of the run file below "/formats".
OpList lower(const Graph& graph, const LoweringPolicy& policy);

}  // namespace mxsim
