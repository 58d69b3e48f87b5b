#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/sum_step.h"

namespace mxsim {
namespace {

/// Puts a learned token before the first of each image: N, T, C to N, T + 1, C, a copy. Backward
/// drops it again; its gradient is summed over the images, 1 FP32 add an element.
class ClassToken : public LayerKind {
 public:
  std::string_view op() const override { return "class_token"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of tokens (N, T, C)");
      return {};
    }
    shape[1] += 1;
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    return {{"weight", ParameterUse::kVector, 1, layer.input_shapes[0].back()}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "class_token";
    step.grid = steps.value(steps.output(0)).view;
    step.reads = {steps.input(0)};
    step.broadcasts = {steps.parameter("weight")};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    const Shape& input = layer.input_shapes[0];
    const ValueId rows = steps.make("token_rows", TensorRole::kStatistic, ValueForm::kFp32,
                                    {input[0], input.back()});
    if (steps.needs_gradient(0)) {
      const ValueId gradient = steps.make_input_gradient(0);
      emit_copy(Pass::kBackwardData, above, gradient, steps, {rows});
      steps.add_input_gradient(0, gradient);
    } else {
      emit_copy(Pass::kBackwardData, above, rows, steps);
    }
    emit_summed_gradient(Pass::kBackwardData, "class_token_gradient", rows, "weight", steps);
  }
};

}  // namespace

const LayerKind& class_token_kind() {
  static const ClassToken kind;
  return kind;
}

}  // namespace mxsim
