#include "models/workload/optimizer.h"

#include <span>

namespace mxsim {
namespace {

/// Weight decay, momentum and step: writes master, momentum and, where the parameter has one, the
/// value that its GEMM copies are cast from.
struct SgdMomentumKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T rate = T(data.settings.learning_rate);
    const T momentum = T(data.settings.momentum);
    const T decay = T(data.settings.weight_decay);
    const std::int64_t past = end * data.grid.cols;
    for (std::int64_t i = begin * data.grid.cols; i < past; ++i) {
      const T master = data.reads[1].data[i];
      const T gradient = data.reads[0].data[i] + decay * master;
      const T velocity = momentum * data.reads[2].data[i] + gradient;
      const T updated = master - rate * velocity;
      data.writes[0].data[i] = updated;
      data.writes[1].data[i] = velocity;
      if (data.writes.size() > 2) data.writes[2].data[i] = updated;
    }
  }
};

struct OptimizerRow {
  Optimizer optimizer;
  std::string_view op;
  std::vector<std::string_view> states;  ///< FP32 arrays of the parameter's size
  std::vector<VectorOps> ops;
  StepFunction function;
};

const OptimizerRow& row_of(Optimizer optimizer) {
  static const std::array<OptimizerRow, 1> kRows{{
      {Optimizer::kSgdMomentum,
       "sgd_momentum",
       {"momentum"},
       {{Event::kVectorMul, 3}, {Event::kVectorAdd, 3}},
       step_function<SgdMomentumKernel>()},
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
    step.function = row.function;
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
