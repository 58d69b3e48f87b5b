#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/workload/step_builder.h"

namespace mxsim {

/// kSgdMomentum: 1 state (momentum) a parameter. FP32 operations a parameter: weight decay,
/// momentum and step, 1 mul and 1 add each.
enum class Optimizer : std::uint8_t { kSgdMomentum };

/// Emits the update of every parameter that has a gradient: reads gradient, master and states in
/// FP32, writes master, states and the operand copies that the next step's GEMMs read.
void emit_updates(Optimizer optimizer, StepBuilder& steps);

}  // namespace mxsim
