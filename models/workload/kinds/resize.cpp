#include <array>

#include "models/core/units.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// An image of another size: each element of the output is weighed from `taps` elements of the
/// input (nearest 1: a copy; linear along two axes 4, cubic 16). FP32 operations an element of the
/// output: taps mul and taps - 1 add, with 1 tap none. Backward scatters with the same weights:
/// taps mul and taps add an element of the output, spread over those of the input.
class Resize : public LayerKind {
 public:
  std::string_view op() const override { return "resize"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"shape", AttributeForm::kList, {}, 1, kLargestExtent, "extents of the output"},
        {"taps", AttributeForm::kScalar, 1, 1, 256, "weighed elements of the input"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape output = output_shape(layer);
    if (output.size() != layer.input_shapes[0].size()) {
      faults.add("/attributes/shape", to_string(output) + " is no size of the input " +
                                          to_string(layer.input_shapes[0]));
    }
    return {output};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::int64_t taps = layer.attributes.scalar("taps");
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "resize";
    step.grid = steps.value(steps.output(0)).view;
    if (taps > 1) step.ops = {{Event::kVectorMul, taps}, {Event::kVectorAdd, taps - 1}};
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const std::int64_t taps = layer.attributes.scalar("taps");
    const std::int64_t reached = ceil_div(exact_mul(taps, elements(layer.output_shapes[0])),
                                          elements(layer.input_shapes[0]));
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "resize";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorAdd, reached}};
    if (taps > 1) step.ops.push_back({Event::kVectorMul, reached});
    step.reads = {steps.output_gradient(0)};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }
};

}  // namespace

const LayerKind& resize_kind() {
  static const Resize kind;
  return kind;
}

}  // namespace mxsim
