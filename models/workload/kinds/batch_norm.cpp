#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Normalisation per channel over all rows (Ioffe and Szegedy 2015). FP32 operations an element:
///   statistics     1 mul, 2 add   sum and sum of squares
///   normalise      1 mul, 1 add   scale and shift (inference: folded from running statistics)
///   backward sums  1 mul, 3 add   sum of dz, sum of dz * (y - mean)
///   backward       2 mul, 2 add   dy = p * dz + q * y + r with per-channel p, q, r
/// and a channel:
///   statistics 10 mul, 5 add, 1 rsqrt (mean, variance, scale, shift, two running averages);
///   backward 9 mul, 1 add (dscale, p, q, r).
class BatchNorm : public LayerKind {
 public:
  std::string_view op() const override { return "batch_norm"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() != 4 && shape.size() != 2) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " has no channels to normalise");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const std::int64_t channels = layer.input_shapes[0][1];
    return {{"weight", ParameterUse::kVector, 1, channels},
            {"bias", ParameterUse::kVector, 1, channels}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::int64_t channels = layer.input_shapes[0][1];
    const ValueId affine = steps.mode() == Mode::kTrain
                               ? emit_statistics(channels, steps)
                               : steps.give("affine", TensorRole::kStatistic, {2, channels});
    Step normalise;
    normalise.op = "batch_norm";
    normalise.grid = steps.value(steps.input(0)).view;
    normalise.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 1}};
    normalise.reads = {steps.input(0)};
    normalise.broadcasts = {affine};
    normalise.writes = {steps.output(0)};
    steps.emit(normalise);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId sums = emit_backward_sums(layer.input_shapes[0][1], steps);
    const ValueId factors = emit_backward_factors(sums, steps);
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "batch_norm";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorMul, 2}, {Event::kVectorAdd, 2}};
    step.reads = {steps.output_gradient(0), steps.input(0)};
    step.broadcasts = {factors};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  /// The batch's statistics and, from them, scale and shift of each channel.
  static ValueId emit_statistics(std::int64_t channels, StepBuilder& steps) {
    const auto per_channel = [&](std::string_view name) {
      return steps.make(name, TensorRole::kStatistic, ValueForm::kFp32, {2, channels});
    };
    Step sums;
    sums.kind = StepKind::kReduction;
    sums.op = "batch_norm_statistics";
    sums.grid = steps.value(steps.input(0)).view;
    sums.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 2}};
    sums.reads = {steps.input(0)};
    sums.writes = {per_channel("sums")};
    steps.emit(sums);

    const ValueId running = steps.give("running", TensorRole::kStatistic, {2, channels});
    Step finish;
    finish.op = "batch_norm_channels";
    finish.grid = {1, channels};
    finish.ops = {{Event::kVectorMul, 10}, {Event::kVectorAdd, 5}, {Event::kVectorSqrt, 1}};
    finish.broadcasts = {sums.writes[0], steps.parameter("weight"), steps.parameter("bias"),
                         running};
    finish.writes = {per_channel("affine"), per_channel("saved"), running};
    steps.emit(finish);
    steps.keep("saved", finish.writes[1]);
    return finish.writes[0];
  }

  static ValueId emit_backward_sums(std::int64_t channels, StepBuilder& steps) {
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kReduction;
    step.op = "batch_norm_sums";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 3}};
    step.reads = {steps.output_gradient(0), steps.input(0)};
    step.broadcasts = {steps.kept("saved")};
    step.writes = {
        steps.make("backward_sums", TensorRole::kStatistic, ValueForm::kFp32, {2, channels})};
    steps.emit(step);
    return step.writes[0];
  }

  /// Gradients of scale and shift, and the factors of the backward pass.
  static ValueId emit_backward_factors(ValueId sums, StepBuilder& steps) {
    const std::int64_t channels = steps.value(sums).view.cols;
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "batch_norm_channels";
    step.grid = {1, channels};
    step.ops = {{Event::kVectorMul, 9}, {Event::kVectorAdd, 1}};
    step.broadcasts = {sums, steps.kept("saved"), steps.parameter("weight")};
    step.writes = {
        steps.make("factors", TensorRole::kStatistic, ValueForm::kFp32, {3, channels}),
        steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kFp32, {1, channels}),
        steps.make("bias.grad", TensorRole::kWeightGradient, ValueForm::kFp32, {1, channels})};
    steps.emit(step);
    steps.set_parameter_gradient("weight", step.writes[1]);
    steps.set_parameter_gradient("bias", step.writes[2]);
    return step.writes[0];
  }
};

}  // namespace

const LayerKind& batch_norm_kind() {
  static const BatchNorm kind;
  return kind;
}

}  // namespace mxsim
