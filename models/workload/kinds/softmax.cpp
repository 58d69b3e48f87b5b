#include <array>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/softmax_step.h"

namespace mxsim {
namespace {

/// Softmax over the last axis (softmax_step.h). Training keeps the output.
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
    steps.emit(softmax_forward(steps.input(0), steps.output(0), form(layer), steps));
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const ValueId gradient = steps.make_input_gradient(0);
    steps.emit(
        softmax_backward(steps.output(0), steps.output_gradient(0), gradient, form(layer), steps));
    steps.add_input_gradient(0, gradient);
  }

 private:
  static SoftmaxForm form(const ShapedLayer& layer) {
    return {layer.attributes.scalar("scale") == 1, layer.attributes.scalar("causal") == 1};
  }
};

}  // namespace

const LayerKind& softmax_kind() {
  static const Softmax kind;
  return kind;
}

}  // namespace mxsim
