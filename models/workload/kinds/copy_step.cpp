#include "models/workload/kinds/copy_step.h"

#include <utility>

namespace mxsim {

void emit_copy(Pass pass, ValueId from, ValueId to, StepFunction function, StepBuilder& steps,
               std::vector<ValueId> more) {
  const bool aligned = steps.value(from).view == steps.value(to).view;
  Step step;
  step.pass = pass;
  step.kind = aligned ? StepKind::kElementwise : StepKind::kWindowed;
  step.op = steps.layer().kind->op();
  step.grid = steps.value(to).view;
  step.function = std::move(function);
  step.reads = {from};
  step.writes = {to};
  step.writes.insert(step.writes.end(), more.begin(), more.end());
  steps.emit(step);
}

void emit_copy_forward(StepFunction function, StepBuilder& steps) {
  emit_copy(Pass::kForward, steps.input(0), steps.output(0), std::move(function), steps);
}

void emit_copy_backward(StepFunction function, StepBuilder& steps) {
  if (!steps.needs_gradient(0)) return;
  const ValueId gradient = steps.make_input_gradient(0);
  emit_copy(Pass::kBackwardData, steps.output_gradient(0), gradient, std::move(function), steps);
  steps.add_input_gradient(0, gradient);
}

}  // namespace mxsim
