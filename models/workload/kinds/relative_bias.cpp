#include <array>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/sum_step.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// A learned number for each head and distance of two tokens in a window, added to the scores of
/// attention within windows (Swin): N, (batches heads T), T with T = height x width of `window`.
/// The table, (2 height - 1)(2 width - 1) x heads, is read once. FP32 operations an element: 1 add,
/// and 1 add for the table's gradient.
class RelativeBias : public LayerKind {
 public:
  std::string_view op() const override { return "relative_bias"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"window", AttributeForm::kPair, {}, 1, kLargestKernel, "height and width in tokens"},
        {"heads", AttributeForm::kScalar, {}, 1, kLargestExtent, "heads"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    const Extent2d window = layer.attributes.pair("window");
    const std::int64_t tokens = window.h * window.w;
    const std::int64_t heads = layer.attributes.scalar("heads");
    if (shape.size() != 3 || shape[2] != tokens || shape[1] % tokens != 0 ||
        shape[1] / tokens % heads != 0) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no scores of " +
                                  std::to_string(heads) + " heads in windows of " +
                                  std::to_string(tokens) + " tokens");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const Extent2d window = layer.attributes.pair("window");
    return {{"weight", ParameterUse::kVector, (2 * window.h - 1) * (2 * window.w - 1),
             layer.attributes.scalar("heads")}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.op = "relative_bias";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorAdd, 1}};
    step.reads = {steps.input(0)};
    step.broadcasts = {steps.parameter("weight")};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    if (steps.needs_gradient(0)) steps.add_input_gradient(0, above);
    emit_reduced_gradient(Pass::kBackwardWeight, "relative_bias_gradient", above, "weight", {},
                          steps);
  }
};

}  // namespace

const LayerKind& relative_bias_kind() {
  static const RelativeBias kind;
  return kind;
}

}  // namespace mxsim
