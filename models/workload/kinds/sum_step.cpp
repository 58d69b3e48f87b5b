#include "models/workload/kinds/sum_step.h"

#include <utility>

#include "models/workload/element_function.h"

namespace mxsim {

void emit_summed_gradient(Pass pass, std::string op, ValueId summands, const std::string& parameter,
                          StepBuilder& steps) {
  emit_reduced_gradient(pass, std::move(op), summands, parameter, step_function<RowSumKernel>(),
                        steps);
}

void emit_reduced_gradient(Pass pass, std::string op, ValueId summands,
                           const std::string& parameter, StepFunction function, StepBuilder& steps,
                           const std::vector<ValueId>& more) {
  Step step;
  step.pass = pass;
  step.kind = StepKind::kReduction;
  step.op = std::move(op);
  step.grid = steps.value(summands).view;
  step.ops = {{Event::kVectorAdd, 1}};
  step.function = std::move(function);
  step.reads = {summands};
  step.reads.insert(step.reads.end(), more.begin(), more.end());
  step.writes = {steps.make(parameter + ".grad", TensorRole::kWeightGradient, ValueForm::kFp32,
                            steps.value(steps.parameter(parameter)).view)};
  steps.emit(step);
  steps.set_parameter_gradient(parameter, step.writes[0]);
}

}  // namespace mxsim
