#include "models/workload/kinds/gemm_steps.h"

#include "models/workload/element_function.h"
#include "models/workload/kinds/sum_step.h"
#include "models/workload/window.h"

namespace mxsim {
namespace {

bool has_bias(const StepBuilder& steps) { return steps.layer().attributes.scalar("bias") == 1; }

std::string op(const StepBuilder& steps) { return std::string(steps.layer().kind->op()); }

}  // namespace

std::vector<GemmWork> WeightedLayer::data_gradient() const {
  std::vector<GemmWork> phases;
  for (const WindowAxis& h : data_gradient_phases(forward.h)) {
    for (const WindowAxis& w : data_gradient_phases(forward.w)) {
      GemmWork phase = forward;
      phase.h = h;
      phase.w = w;
      phase.channels = forward.n;
      phase.n = forward.channels;
      phase.b_orientation = Orientation::kTransposed;
      phases.push_back(phase);
    }
  }
  return phases;
}

GemmWork WeightedLayer::weight_gradient() const {
  GemmWork work = forward;
  work.kind = GemmKind::kWeightGradient;
  return work;
}

void emit_weighted_forward(const WeightedLayer& layer, StepBuilder& steps) {
  const MatrixView grid = steps.value(steps.output(0)).view;
  const ValueId product =
      has_bias(steps) ? steps.make("product", TensorRole::kActivation, ValueForm::kByPolicy, grid)
                      : steps.output(0);
  Step gemm;
  gemm.kind = StepKind::kGemm;
  gemm.op = op(steps);
  gemm.grid = grid;
  gemm.gemms = {layer.forward};
  gemm.a = {steps.input(0), ReductionAxis::kCols};
  gemm.b = {steps.parameter("weight"), ReductionAxis::kRows};
  gemm.writes = {product};
  steps.emit(gemm);
  if (!has_bias(steps)) return;
  Step bias;
  bias.op = "bias";
  bias.grid = grid;
  bias.ops = {{Event::kVectorAdd, 1}};
  bias.function = added();
  bias.reads = {product};
  bias.broadcasts = {steps.parameter("bias")};
  bias.writes = {steps.output(0)};
  steps.emit(bias);
}

namespace {

void emit_data_gradient(const WeightedLayer& layer, StepBuilder& steps) {
  const ValueId gradient = steps.make_input_gradient(0);
  Step step;
  step.pass = Pass::kBackwardData;
  step.kind = StepKind::kGemm;
  step.op = op(steps);
  step.grid = steps.value(gradient).view;
  step.gemms = layer.data_gradient();
  step.a = {steps.output_gradient(0), ReductionAxis::kCols};
  step.b = {steps.parameter("weight"), ReductionAxis::kCols};
  step.writes = {gradient};
  steps.emit(step);
  steps.add_input_gradient(0, gradient);
}

void emit_weight_gradient(const WeightedLayer& layer, StepBuilder& steps) {
  const MatrixView view = steps.value(steps.parameter("weight")).view;
  Step step;
  step.pass = Pass::kBackwardWeight;
  step.kind = StepKind::kGemm;
  step.op = op(steps);
  step.grid = view;
  step.gemms = {layer.weight_gradient()};
  step.a = {steps.input(0), ReductionAxis::kRows};
  step.b = {steps.output_gradient(0), ReductionAxis::kRows};
  step.writes = {steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kWide, view)};
  steps.emit(step);
  steps.set_parameter_gradient("weight", step.writes[0]);
}

}  // namespace

void emit_weighted_backward(const WeightedLayer& layer, StepBuilder& steps) {
  if (has_bias(steps)) {
    emit_summed_gradient(Pass::kBackwardWeight, "bias_gradient", steps.output_gradient(0), "bias",
                         steps);
  }
  emit_weight_gradient(layer, steps);
  if (steps.needs_gradient(0)) emit_data_gradient(layer, steps);
}

std::vector<ParameterSpec> weighted_parameters(const ShapedLayer& layer, std::int64_t rows,
                                               std::int64_t cols) {
  std::vector<ParameterSpec> parameters{{"weight", ParameterUse::kGemmOperand, rows, cols}};
  if (layer.attributes.scalar("bias") == 1) {
    parameters.push_back({"bias", ParameterUse::kVector, 1, cols, InitialValues::kZeros});
  }
  return parameters;
}

}  // namespace mxsim
