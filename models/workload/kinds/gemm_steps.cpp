#include "models/workload/kinds/gemm_steps.h"

#include <utility>

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

void emit_gemm(Pass pass, std::vector<GemmWork> gemms, GemmOperand a, GemmOperand b, ValueId result,
               StepBuilder& steps) {
  Step step;
  step.pass = pass;
  step.kind = StepKind::kGemm;
  step.op = op(steps);
  step.grid = steps.value(result).view;
  step.gemms = std::move(gemms);
  step.a = a;
  step.b = b;
  step.writes = {result};
  steps.emit(step);
}

void emit_biased_product(std::vector<GemmWork> gemms, GemmOperand a, GemmOperand b,
                         StepBuilder& steps) {
  const MatrixView grid = steps.value(steps.output(0)).view;
  const ValueId product =
      has_bias(steps) ? steps.make("product", TensorRole::kActivation, ValueForm::kByPolicy, grid)
                      : steps.output(0);
  emit_gemm(Pass::kForward, std::move(gemms), a, b, product, steps);
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

void emit_bias_gradient(StepBuilder& steps) {
  if (!has_bias(steps)) return;
  emit_summed_gradient(Pass::kBackwardWeight, "bias_gradient", steps.output_gradient(0), "bias",
                       steps);
}

void emit_weight_gradient(std::vector<GemmWork> gemms, ValueId a, ValueId b, StepBuilder& steps) {
  const ValueId gradient = steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kWide,
                                      steps.value(steps.parameter("weight")).view);
  emit_gemm(Pass::kBackwardWeight, std::move(gemms), {a, ReductionAxis::kRows},
            {b, ReductionAxis::kRows}, gradient, steps);
  steps.set_parameter_gradient("weight", gradient);
}

void emit_data_gradient(std::vector<GemmWork> gemms, ReductionAxis weight_axis,
                        StepBuilder& steps) {
  if (!steps.needs_gradient(0)) return;
  const ValueId gradient = steps.make_input_gradient(0);
  emit_gemm(Pass::kBackwardData, std::move(gemms), {steps.output_gradient(0), ReductionAxis::kCols},
            {steps.parameter("weight"), weight_axis}, gradient, steps);
  steps.add_input_gradient(0, gradient);
}

void emit_weighted_forward(const WeightedLayer& layer, StepBuilder& steps) {
  emit_biased_product({layer.forward}, {steps.input(0), ReductionAxis::kCols},
                      {steps.parameter("weight"), ReductionAxis::kRows}, steps);
}

void emit_weighted_backward(const WeightedLayer& layer, StepBuilder& steps) {
  emit_bias_gradient(steps);
  emit_weight_gradient({layer.weight_gradient()}, steps.input(0), steps.output_gradient(0), steps);
  emit_data_gradient(layer.data_gradient(), ReductionAxis::kCols, steps);
}

std::vector<ParameterSpec> weighted_parameters(const ShapedLayer& layer, MatrixView weight,
                                               std::int64_t bias_features) {
  std::vector<ParameterSpec> parameters{
      {"weight", ParameterUse::kGemmOperand, weight.rows, weight.cols}};
  if (layer.attributes.scalar("bias") == 1) {
    parameters.push_back({"bias", ParameterUse::kVector, 1, bias_features, InitialValues::kZeros});
  }
  return parameters;
}

}  // namespace mxsim
