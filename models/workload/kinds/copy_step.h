#pragma once

#include "models/workload/step_builder.h"

namespace mxsim {

/// `to` holds elements of `from` in another arrangement; named after the layer's kind. Where both
/// have the same rows and columns it is elementwise and costs nothing once fused; otherwise it is a
/// pass of its own through the vector unit that reads all of `from`. `more` is written beside `to`.
void emit_copy(Pass pass, ValueId from, ValueId to, StepFunction function, StepBuilder& steps,
               std::vector<ValueId> more = {});

/// The layer's output is a rearrangement of its only input, and so are their gradients.
void emit_copy_forward(StepFunction function, StepBuilder& steps);
void emit_copy_backward(StepFunction function, StepBuilder& steps);

}  // namespace mxsim
