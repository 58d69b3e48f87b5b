#pragma once

#include "models/workload/mode.h"
#include "models/workload/shaped_graph.h"
#include "models/workload/step.h"
#include "models/workload/training_policy.h"

namespace mxsim {

/// Everything one step computes, in order. Inference: forward. Training: forward, then backward
/// through the layers in reverse (gradients of tensors with several consumers are added up; no
/// gradient where nothing trainable lies behind), then the update of every parameter. Training
/// throws InputError when there is no loss or a parameter has none behind it.
StepList derive_steps(const ShapedGraph& graph, Mode mode, const TrainingPolicy& training);

}  // namespace mxsim
