#pragma once

#include <cstdint>

#include "models/workload/step_builder.h"
#include "models/workload/training_policy.h"

namespace mxsim {

/// Emits the update of every parameter: reads gradient, master and states, writes master, states
/// and the operand copies that the next step's GEMMs read. Before it, if the policy asks for
/// either, a sum of squares (clipping by the norm of all gradients) or a search for infinities and
/// NaN (a scaled loss) over every gradient, and from them the factor of all gradients.
void emit_updates(const TrainingPolicy& policy, StepBuilder& steps);
/// Of the parameters of one layer, whose backward pass is done.
void emit_layer_updates(const TrainingPolicy& policy, std::int32_t layer, StepBuilder& steps);

}  // namespace mxsim
