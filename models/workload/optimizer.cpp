#include "models/workload/optimizer.h"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/workload/update_functions.h"
#include "models/workload/vector_ops.h"

namespace mxsim {
namespace {

using Parameter = StepBuilder::Parameter;

/// FP32 operations a parameter. g: gradient, w: parameter, d: weight decay, l: learning rate;
/// factors that depend on the step alone (bias corrections, 1 - l d) are given.
struct OptimizerRow {
  Optimizer optimizer;
  std::string_view op;
  std::vector<std::string_view> states;  ///< arrays of the parameter's size
  std::vector<VectorOps> ops;
  StepFunction function = {};
};

std::vector<OptimizerRow> sgd_rows() {
  return {
      // w -= l (g + d w)
      {Optimizer::kSgd,
       "sgd",
       {},
       {{Event::kVectorMul, 2}, {Event::kVectorAdd, 2}},
       updated(
           [](auto g, auto w, auto&, const auto& r) { return w - r.rate * (g + r.decay * w); })},
      // m = u m + (g + d w); w -= l m
      {Optimizer::kSgdMomentum,
       "sgd_momentum",
       {"momentum"},
       {{Event::kVectorMul, 3}, {Event::kVectorAdd, 3}},
       updated([](auto g, auto w, auto& s, const auto& r) {
         s[0] = r.momentum * s[0] + (g + r.decay * w);
         return w - r.rate * s[0];
       })},
      // h = g + d w; m = u m + h; w -= l (h + u m)
      {Optimizer::kSgdNesterov,
       "sgd_nesterov",
       {"momentum"},
       {{Event::kVectorMul, 4}, {Event::kVectorAdd, 4}},
       updated([](auto g, auto w, auto& s, const auto& r) {
         const auto h = g + r.decay * w;
         s[0] = r.momentum * s[0] + h;
         return w - r.rate * (h + r.momentum * s[0]);
       })},
  };
}

std::vector<OptimizerRow> adaptive_rows() {
  return {
      // h = g + d w; m = a m + (1 - a) h; v = b v + (1 - b) h h; w -= l' m / (sqrt(v) + e)
      {Optimizer::kAdam,
       "adam",
       {"moment1", "moment2"},
       {{Event::kVectorMul, 7},
        {Event::kVectorAdd, 5},
        {Event::kVectorSqrt, 1},
        {Event::kVectorDivide, 1}},
       updated([](auto g, auto w, auto& s, const auto& r) {
         const auto h = g + r.decay * w;
         s[0] = r.momentum * s[0] + (1 - r.momentum) * h;
         s[1] = r.second * s[1] + (1 - r.second) * h * h;
         return w - r.adam_rate * s[0] / (std::sqrt(s[1]) + r.adam_epsilon);
       })},
      // as adam on g alone, then w = (1 - l d) w - l' m / (sqrt(v) + e)
      {Optimizer::kAdamW,
       "adamw",
       {"moment1", "moment2"},
       {{Event::kVectorMul, 7},
        {Event::kVectorAdd, 4},
        {Event::kVectorSqrt, 1},
        {Event::kVectorDivide, 1}},
       updated([](auto g, auto w, auto& s, const auto& r) {
         s[0] = r.momentum * s[0] + (1 - r.momentum) * g;
         s[1] = r.second * s[1] + (1 - r.second) * g * g;
         return r.kept * w - r.adam_rate * s[0] / (std::sqrt(s[1]) + r.adam_epsilon);
       })},
      // of parameters that are no matrix: v = b v + (1 - b) (g g + e); w = (1 - l d) w - l g /
      // sqrt(v)
      {Optimizer::kAdafactor,
       "adafactor",
       {"moment2"},
       {{Event::kVectorMul, 6}, {Event::kVectorAdd, 3}, {Event::kVectorSqrt, 1}},
       updated([](auto g, auto w, auto& s, const auto& r) {
         s[0] = r.second * s[0] + (1 - r.second) * (g * g + r.epsilon);
         return r.kept * w - r.rate * g / std::sqrt(s[0]);
       })},
      // c = a m + (1 - a) g; w = (1 - l d) w - l sign(c); m = b m + (1 - b) g
      {Optimizer::kLion,
       "lion",
       {"momentum"},
       {{Event::kVectorMul, 6}, {Event::kVectorAdd, 3}, {Event::kVectorCompare, 1}},
       updated([](auto g, auto w, auto& s, const auto& r) {
         const auto c = r.momentum * s[0] + (1 - r.momentum) * g;
         s[0] = r.second * s[0] + (1 - r.second) * g;
         return r.kept * w - r.rate * decltype(w)((c > 0) - (c < 0));
       })},
  };
}

const OptimizerRow& row_of(Optimizer optimizer) {
  static const std::vector<OptimizerRow> kRows = [] {
    std::vector<OptimizerRow> rows = sgd_rows();
    for (const OptimizerRow& row : adaptive_rows()) rows.push_back(row);
    return rows;
  }();
  for (const OptimizerRow& row : kRows) {
    if (row.optimizer == optimizer) return row;
  }
  throw InternalError("an optimizer without a row");
}

/// Of reductions over gradients: beside the work that makes them, or over their sum.
Pass reduction_pass(const TrainingPolicy& policy) {
  return policy.adds_gradients ? Pass::kUpdate : Pass::kBackwardWeight;
}

/// Emits the updates of single parameters.
class Updater {
 public:
  Updater(const TrainingPolicy& policy, StepBuilder& steps)
      : policy_(policy), row_(row_of(policy.optimizer)), steps_(steps) {}

  /// All gradients are multiplied by the 1 x 1 value `factor`, unless it is negative.
  void update(const Parameter& parameter, ValueId factor) {
    steps_.enter(parameter.layer);
    const MatrixView view = steps_.value(parameter.value).view;
    const bool factored = row_.optimizer == Optimizer::kAdafactor && view.rows > 1 && view.cols > 1;
    Step step = begin(parameter, factor);
    if (factored) {
      factor_moments(parameter, step);
    } else {
      const bool fused = policy_.placement == UpdatePlacement::kFused && parameter.by_gemm;
      step.pass = fused ? Pass::kBackwardWeight : Pass::kUpdate;
      step.ops.insert(step.ops.end(), row_.ops.begin(), row_.ops.end());
      step.function = row_.function;
      for (const std::string_view state : row_.states) {
        const ValueId id = give_state(parameter, state, view);
        step.reads.push_back(id);
        step.writes.push_back(id);
      }
    }
    if (step.writes.front() != parameter.value) step.writes.push_back(parameter.value);
    steps_.emit(step);
  }

 private:
  Step begin(const Parameter& parameter, ValueId factor) const {
    const Value& value = steps_.value(parameter.value);
    const ValueId kept = value.master >= 0 ? value.master : parameter.value;
    Step step;
    step.pass = Pass::kUpdate;
    step.op = row_.op;
    step.grid = value.view;
    step.reads = {parameter.gradient, kept};
    step.writes = {kept};
    if (factor >= 0) {
      step.ops = {{Event::kVectorMul, 1}};
      step.broadcasts = {factor};
    }
    return step;
  }

  ValueId give_state(const Parameter& parameter, std::string_view state, MatrixView view) {
    return steps_.give_state(parameter.name + "." + std::string(state), view);
  }

  /// Shazeer and Stern 2018, without momentum and without their clipping of updates: the second
  /// moment of (i, j) is r_i c_j / mean(r), r and c running means of g g + e over rows and columns.
  void factor_moments(const Parameter& parameter, Step& update) {
    const MatrixView view = update.grid;
    const auto make = [&](const char* suffix, MatrixView size) {
      return steps_.make(parameter.name + suffix, TensorRole::kStatistic, ValueForm::kFp32, size);
    };
    const MatrixView column{view.rows, 1};
    const MatrixView row{1, view.cols};
    Step sums;
    sums.pass = reduction_pass(policy_);
    sums.kind = StepKind::kReduction;
    sums.op = "adafactor_sums";
    sums.grid = view;
    sums.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 3}};
    sums.function = step_function<AdafactorSumsKernel>();
    sums.reads = {parameter.gradient};
    sums.writes = {make(".row_sums", column), make(".column_sums", row)};
    steps_.emit(sums);
    const auto average = [&](ValueId sum, const char* suffix, MatrixView size) {
      Step step;
      step.pass = Pass::kUpdate;
      step.op = "adafactor_means";
      step.grid = size;
      step.ops = {{Event::kVectorMul, 2}, {Event::kVectorAdd, 2}};
      StepParameters length;
      length.constants = {static_cast<double>(size.cols == 1 ? view.cols : view.rows)};
      step.function = step_function<AdafactorMeansKernel>(std::move(length));
      const ValueId state = give_state(parameter, suffix, size);
      step.broadcasts = {sum, state};
      step.writes = {make((std::string(".") + suffix + ".now").c_str(), size), state};
      steps_.emit(step);
      update.broadcasts.push_back(step.writes.front());
    };
    average(sums.writes[0], "row_moments", column);
    average(sums.writes[1], "column_moments", row);
    // A factor of the gradients would have to reach the sums too.
    if (update.broadcasts.size() == 2) update.function = step_function<AdafactorKernel>();
    for (const VectorOps& ops : {VectorOps{Event::kVectorMul, 4}, VectorOps{Event::kVectorAdd, 1},
                                 VectorOps{Event::kVectorSqrt, 1}}) {
      add_ops(update.ops, ops);
    }
  }

  const TrainingPolicy& policy_;
  const OptimizerRow& row_;
  StepBuilder& steps_;
};

/// What a look at one gradient finds: its sum of squares, whether it is finite.
ValueId emit_look(const TrainingPolicy& policy, const Parameter& parameter, StepBuilder& steps) {
  steps.enter(parameter.layer);
  Step step;
  step.pass = reduction_pass(policy);
  step.kind = StepKind::kReduction;
  step.op = policy.clips_gradients ? "gradient_norm" : "gradient_check";
  step.grid = steps.value(parameter.gradient).view;
  if (policy.clips_gradients) step.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 1}};
  if (policy.scales_loss) step.ops.push_back({Event::kVectorCompare, 1});
  StepParameters counts;
  counts.constants = {policy.clips_gradients ? 0.0 : 1.0};
  step.function = step_function<LookKernel>(std::move(counts));
  step.reads = {parameter.gradient};
  step.writes = {
      steps.make(parameter.name + ".look", TensorRole::kStatistic, ValueForm::kFp32, {1, 1})};
  steps.emit(step);
  return step.writes.front();
}

/// The factor of all gradients, 1 x 1: the norm's limit over the norm, 1 over the loss scale.
ValueId emit_factor(const TrainingPolicy& policy, StepBuilder& steps) {
  Step step;
  step.pass = Pass::kUpdate;
  step.op = "gradient_factor";
  for (const Parameter& parameter : steps.parameters()) {
    if (parameter.gradient >= 0) step.broadcasts.push_back(emit_look(policy, parameter, steps));
  }
  const auto looks = static_cast<std::int64_t>(step.broadcasts.size());
  if (policy.clips_gradients) {
    step.ops = {{Event::kVectorAdd, looks},
                {Event::kVectorSqrt, 1},
                {Event::kVectorDivide, 1},
                {Event::kVectorCompare, 1}};
  }
  if (policy.scales_loss) add_ops(step.ops, {Event::kVectorCompare, looks});
  StepParameters limits;
  limits.constants = {policy.clips_gradients ? 1.0 : 0.0, policy.gradient_limit,
                      policy.scales_loss ? policy.loss_scale : 1.0};
  step.function = step_function<FactorKernel>(std::move(limits));
  step.writes = {steps.make("gradient_factor", TensorRole::kStatistic, ValueForm::kFp32, {1, 1})};
  steps.emit(step);
  return step.writes.front();
}

}  // namespace

void emit_updates(const TrainingPolicy& policy, StepBuilder& steps) {
  const bool looks = policy.clips_gradients || policy.scales_loss;
  const ValueId factor = looks ? emit_factor(policy, steps) : -1;
  Updater updater(policy, steps);
  const std::vector<Parameter> parameters = steps.parameters();
  for (const Parameter& parameter : parameters) {
    if (parameter.gradient >= 0) updater.update(parameter, factor);
  }
}

void emit_layer_updates(const TrainingPolicy& policy, std::int32_t layer, StepBuilder& steps) {
  Updater updater(policy, steps);
  const std::vector<Parameter> parameters = steps.parameters();
  for (const Parameter& parameter : parameters) {
    if (parameter.layer == layer && parameter.gradient >= 0) updater.update(parameter, -1);
  }
}

}  // namespace mxsim
