#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/values/step_executor.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Parameters and states of a network by name, in FP32: "conv1.weight", "bn1.running" (means, then
/// variances), "conv1.weight.momentum".
using NetworkTensors = std::map<std::string, std::vector<float>>;

/// Gives what a forward pass reads of them: parameters, constants, averages of batch norms. Throws
/// InputError for a missing one or one of another size.
void give_parameters(const ShapedGraph& graph, const NetworkTensors& tensors,
                     StepExecutor& executor);

}  // namespace mxsim
