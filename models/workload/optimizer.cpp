#include "models/workload/optimizer.h"

#include <span>

namespace mxsim {
namespace {

struct OptimizerRow {
  Optimizer optimizer;
  std::string_view op;
  std::vector<std::string_view> states;  ///< FP32 arrays of the parameter's size
  std::vector<VectorOps> ops;
};

const OptimizerRow& row_of(Optimizer optimizer) {
  static const std::array<OptimizerRow, 1> kRows{{
      {Optimizer::kSgdMomentum,
       "sgd_momentum",
       {"momentum"},
       {{Event::kVectorMul, 3}, {Event::kVectorAdd, 3}}},
  }};
  for (const OptimizerRow& row : kRows) {
    if (row.optimizer == optimizer) return row;
  }
  throw InternalError("an optimizer without a row");
}

}  // namespace

void emit_updates(Optimizer optimizer, StepBuilder& steps) {
  const OptimizerRow& row = row_of(optimizer);
  for (const StepBuilder::Parameter& parameter : steps.parameters()) {
    if (parameter.gradient < 0) continue;
    steps.enter(parameter.layer);
    const Value value = steps.value(parameter.value);
    const ValueId master = value.form == ValueForm::kParameter ? value.master : parameter.value;
    Step step;
    step.pass = Pass::kUpdate;
    step.op = row.op;
    step.grid = value.view;
    step.ops = row.ops;
    step.reads = {parameter.gradient, master};
    step.writes = {master};
    for (const std::string_view state : row.states) {
      const ValueId id = steps.give(parameter.name + "." + std::string(state),
                                    TensorRole::kOptimizerState, value.view);
      step.reads.push_back(id);
      step.writes.push_back(id);
    }
    if (master != parameter.value) step.writes.push_back(parameter.value);
    steps.emit(step);
  }
}

}  // namespace mxsim
