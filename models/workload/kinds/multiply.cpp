#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Product, element by element, of two tensors of one shape (the gate of SwiGLU). FP32 operations
/// an element: 1 mul; backward 1 mul for each input's gradient.
class Multiply : public LayerKind {
 public:
  std::string_view op() const override { return "multiply"; }
  std::size_t input_count() const override { return 2; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    if (layer.input_shapes[0] != layer.input_shapes[1]) {
      faults.add("/inputs", "shapes " + to_string(layer.input_shapes[0]) + " and " +
                                to_string(layer.input_shapes[1]) + " cannot be multiplied");
    }
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    emit(Pass::kForward, steps.input(0), steps.input(1), steps.output(0), steps);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    for (std::size_t i = 0; i < 2; ++i) {
      if (!steps.needs_gradient(i)) continue;
      const ValueId gradient = steps.make_input_gradient(i);
      emit(Pass::kBackwardData, steps.output_gradient(0), steps.input(1 - i), gradient, steps);
      steps.add_input_gradient(i, gradient);
    }
  }

 private:
  static void emit(Pass pass, ValueId a, ValueId b, ValueId product, StepBuilder& steps) {
    Step step;
    step.pass = pass;
    step.op = "multiply";
    step.grid = steps.value(product).view;
    step.ops = {{Event::kVectorMul, 1}};
    step.reads = {a, b};
    step.writes = {product};
    steps.emit(step);
  }
};

}  // namespace

const LayerKind& multiply_kind() {
  static const Multiply kind;
  return kind;
}

}  // namespace mxsim
