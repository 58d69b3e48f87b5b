#pragma once

#include <cstdint>
#include <string>

#include "models/values/step_executor.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Gives the sines and cosines of every rotary layer: of token t and the columns 2 i and 2 i + 1 of
/// a head of `width`, cosine and sine of t / base^(2 i / width) (Su et al. 2021). The first token
/// of a call is token 0.
void give_rotary_angles(const ShapedGraph& graph, std::int64_t micro_batches,
                        StepExecutor& executor);

/// What gradient accumulation calls a value of a micro-batch.
std::string micro_batch_name(const std::string& value, std::int64_t micro_batch);

}  // namespace mxsim
