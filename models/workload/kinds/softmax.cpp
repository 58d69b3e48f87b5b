#include <array>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Softmax over the last axis; a row stays on chip between its sweeps. FP32 operations
///   forward    an element 1 compare (maximum), 2 add (subtract it, sum), 1 exp, 1 mul (by the
///              reciprocal of the sum), with `scale` 1 mul more (constant factor of attention
///              scores), with `causal` 1 compare more (mask); a row 1 divide
///   backward   an element 2 mul, 2 add: dx = y (dy - sum(y dy)), with `scale` 1 mul more
/// Training keeps the output.
class Softmax : public LayerKind {
 public:
  std::string_view op() const override { return "softmax"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"scale", AttributeForm::kScalar, 0, 0, 1, "whether inputs are scaled by a constant"},
        {"causal", AttributeForm::kScalar, 0, 0, 1, "whether later tokens are masked"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    if (layer.input_shapes[0].size() == 4) {
      faults.add("/inputs/0", "shape " + to_string(layer.input_shapes[0]) +
                                  " is an image; softmax takes features last");
    }
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "softmax";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, 1 + layer.attributes.scalar("causal")},
                {Event::kVectorAdd, 2},
                {Event::kVectorExp, 1},
                {Event::kVectorMul, 1 + layer.attributes.scalar("scale")},
                {Event::kVectorDivide, 0, 1}};
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "softmax";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorMul, 2 + layer.attributes.scalar("scale")}, {Event::kVectorAdd, 2}};
    step.reads = {steps.output_gradient(0), steps.output(0)};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }
};

}  // namespace

const LayerKind& softmax_kind() {
  static const Softmax kind;
  return kind;
}

}  // namespace mxsim
