#include "models/workload/kinds/elementwise_step.h"

#include <utility>

namespace mxsim {

Step elementwise_forward(std::string_view op, std::vector<VectorOps> ops, StepFunction function,
                         const StepBuilder& steps) {
  Step step;
  step.op = op;
  step.grid = steps.value(steps.input(0)).view;
  step.ops = std::move(ops);
  step.function = std::move(function);
  step.reads = {steps.input(0)};
  step.writes = {steps.output(0)};
  return step;
}

void emit_elementwise_backward(std::string_view op, std::vector<VectorOps> ops,
                               StepFunction function, ValueId left, StepBuilder& steps) {
  Step step;
  step.pass = Pass::kBackwardData;
  step.op = op;
  step.grid = steps.value(steps.input(0)).view;
  step.ops = std::move(ops);
  step.function = std::move(function);
  step.reads = {steps.output_gradient(0), left};
  step.writes = {steps.make_input_gradient(0)};
  steps.emit(step);
  steps.add_input_gradient(0, step.writes[0]);
}

}  // namespace mxsim
