#pragma once

#include <string>
#include <vector>

#include "models/workload/step_builder.h"

namespace mxsim {

/// The gradient of a parameter is the sum of `summands` over their rows, in FP32 (1 add an
/// element).
void emit_summed_gradient(Pass pass, std::string op, ValueId summands, const std::string& parameter,
                          StepBuilder& steps);

/// The same for rows that `function` adds where they belong, which `more` may tell it.
void emit_reduced_gradient(Pass pass, std::string op, ValueId summands,
                           const std::string& parameter, StepFunction function, StepBuilder& steps,
                           const std::vector<ValueId>& more = {});

}  // namespace mxsim
