#include <array>
#include <utility>

#include "models/workload/kinds/group_norm_functions.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Normalisation of an image's channels in groups (Wu and He 2018), each batch element alone; with
/// as many groups as channels instance norm, with one group layer norm over the image. The
/// statistics are those of the input in both modes. FP32 operations an element:
///   statistics     1 mul, 2 add   sum and sum of squares
///   normalise      1 mul, 1 add   scale and shift, from statistics and parameters
///   backward sums  2 mul, 3 add   x^, sums of dy, dy x^
///   backward       2 mul, 2 add   dx = p dy + q x + r
/// and a channel of a batch element 4 mul, 3 add, 1 rsqrt; backward 6 mul, 2 add.
class GroupNorm : public LayerKind {
 public:
  std::string_view op() const override { return "group_norm"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"groups", AttributeForm::kScalar, {}, 1, kLargestExtent, "groups of channels"}}};
    return kSpecs;
  }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{{{"epsilon", 1e-5, "added to variances"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() != 4) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no image (N, C, H, W)");
    } else if (shape[1] % layer.attributes.scalar("groups") != 0) {
      faults.add("/attributes/groups", "do not divide " + std::to_string(shape[1]) + " channels");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const std::int64_t channels = layer.input_shapes[0][1];
    return {{"weight", ParameterUse::kVector, 1, channels, InitialValues::kOnes},
            {"bias", ParameterUse::kVector, 1, channels, InitialValues::kZeros}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    const ValueId sums = emit_sums("sums", Pass::kForward, {steps.input(0)},
                                   {{Event::kVectorMul, 1}, {Event::kVectorAdd, 2}},
                                   function<GroupSumsKernel>(steps), steps);
    Step channels = channel_step(Pass::kForward, {"scale", "shift"}, steps);
    channels.ops = {{Event::kVectorMul, 4}, {Event::kVectorAdd, 3}, {Event::kVectorSqrt, 1}};
    channels.function = function<GroupChannelsKernel>(steps);
    channels.broadcasts = {sums, steps.parameter("weight"), steps.parameter("bias")};
    steps.emit(channels);
    steps.keep("sums", sums);
    Step step;
    step.op = "group_norm";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 1}};
    step.function = function<GroupNormaliseKernel>(steps);
    step.reads = {steps.input(0)};
    step.broadcasts = channels.writes;
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    const ValueId sums = emit_sums("backward_sums", Pass::kBackwardData, {above, steps.input(0)},
                                   {{Event::kVectorMul, 2}, {Event::kVectorAdd, 3}},
                                   function<GroupGradientSumsKernel>(steps), steps);
    Step channels = channel_step(Pass::kBackwardData, {"p", "q", "r"}, steps);
    channels.ops = {{Event::kVectorMul, 6}, {Event::kVectorAdd, 2}};
    channels.function = function<GroupFactorsKernel>(steps);
    channels.broadcasts = {sums, steps.kept("sums"), steps.parameter("weight")};
    const std::vector<ValueId> factors = channels.writes;
    for (const char* name : {"weight", "bias"}) {
      channels.sums.push_back(steps.make(std::string(name) + ".grad", TensorRole::kWeightGradient,
                                         ValueForm::kFp32,
                                         steps.value(steps.parameter(name)).view));
      steps.set_parameter_gradient(name, channels.sums.back());
    }
    steps.emit(channels);
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "group_norm";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorMul, 2}, {Event::kVectorAdd, 2}};
    step.function = function<GroupGradientKernel>(steps);
    step.reads = {above, steps.input(0)};
    step.broadcasts = factors;
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  template <class Kernel>
  static StepFunction function(const StepBuilder& steps) {
    const Shape& shape = steps.layer().input_shapes[0];
    StepParameters parameters;
    parameters.extents = {shape[2] * shape[3], shape[1], steps.layer().attributes.scalar("groups")};
    parameters.constants = {steps.layer().constants.value_or("epsilon", 1e-5)};
    return step_function<Kernel>(std::move(parameters));
  }

  /// Two sums for each channel of each batch element.
  static ValueId emit_sums(std::string_view name, Pass pass, std::vector<ValueId> reads,
                           std::vector<VectorOps> ops, StepFunction function, StepBuilder& steps) {
    const Shape& shape = steps.layer().input_shapes[0];
    Step step;
    step.pass = pass;
    step.kind = StepKind::kReduction;
    step.op = "group_norm_statistics";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = std::move(ops);
    step.function = std::move(function);
    step.reads = std::move(reads);
    step.writes = {
        steps.make(name, TensorRole::kStatistic, ValueForm::kFp32, {2 * shape[0], shape[1]})};
    steps.emit(step);
    return step.writes[0];
  }

  /// Makes one number of each name for each channel of each batch element.
  static Step channel_step(Pass pass, const std::vector<std::string>& names, StepBuilder& steps) {
    const Shape& shape = steps.layer().input_shapes[0];
    Step step;
    step.pass = pass;
    step.op = "group_norm_channels";
    step.grid = {shape[0], shape[1]};
    for (const std::string& name : names) {
      step.writes.push_back(steps.make(name, TensorRole::kStatistic, ValueForm::kFp32, step.grid));
    }
    return step;
  }
};

}  // namespace

const LayerKind& group_norm_kind() {
  static const GroupNorm kind;
  return kind;
}

}  // namespace mxsim
