#pragma once

#include <cstdint>

#include "models/values/step_executor.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Gives zeros for the states before the first token of recurrent layers whose inputs leave them
/// out.
void give_initial_states(const ShapedGraph& graph, std::int64_t micro_batches,
                         StepExecutor& executor);

}  // namespace mxsim
