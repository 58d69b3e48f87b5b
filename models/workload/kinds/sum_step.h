#pragma once

#include <string>

#include "models/workload/step_builder.h"

namespace mxsim {

/// The gradient of a parameter is the sum of `summands` over their rows, in FP32 (1 add an
/// element).
void emit_summed_gradient(Pass pass, std::string op, ValueId summands, const std::string& parameter,
                          StepBuilder& steps);

}  // namespace mxsim
