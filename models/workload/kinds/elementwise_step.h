#pragma once

#include <string_view>
#include <vector>

#include "models/workload/step_builder.h"

namespace mxsim {

/// The layer's output from its only input, element by element; to be emitted.
Step elementwise_forward(std::string_view op, std::vector<VectorOps> ops, StepFunction function,
                         const StepBuilder& steps);

/// The gradient of the layer's only input, from the output's (the first operand of
/// `function`) and from what the forward pass left:
/// the input itself or what was kept of it.
void emit_elementwise_backward(std::string_view op, std::vector<VectorOps> ops,
                               StepFunction function, ValueId left, StepBuilder& steps);

}  // namespace mxsim
