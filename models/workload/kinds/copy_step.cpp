#include "models/workload/kinds/copy_step.h"

namespace mxsim {

void emit_copy(Pass pass, ValueId from, ValueId to, StepBuilder& steps, std::vector<ValueId> more) {
  const bool aligned = steps.value(from).view == steps.value(to).view;
  Step step;
  step.pass = pass;
  step.kind = aligned ? StepKind::kElementwise : StepKind::kWindowed;
  step.op = steps.layer().kind->op();
  step.grid = steps.value(to).view;
  step.reads = {from};
  step.writes = {to};
  step.writes.insert(step.writes.end(), more.begin(), more.end());
  steps.emit(step);
}

}  // namespace mxsim
