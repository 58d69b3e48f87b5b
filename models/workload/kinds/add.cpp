#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Sum of two tensors of one shape: 1 add an element. Backward costs nothing here: both inputs take
/// the output's gradient as it is (their other consumers' shares are added to it).
class Add : public LayerKind {
 public:
  std::string_view op() const override { return "add"; }
  std::size_t input_count() const override { return 2; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    if (layer.input_shapes[0] != layer.input_shapes[1]) {
      faults.add("/inputs", "shapes " + to_string(layer.input_shapes[0]) + " and " +
                                to_string(layer.input_shapes[1]) + " cannot be added");
    }
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.op = "add";
    step.grid = steps.value(steps.output(0)).view;
    step.ops = {{Event::kVectorAdd, 1}};
    step.reads = {steps.input(0), steps.input(1)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    for (std::size_t i = 0; i < 2; ++i) {
      if (steps.needs_gradient(i)) steps.add_input_gradient(i, steps.output_gradient(0));
    }
  }
};

}  // namespace

const LayerKind& add_kind() {
  static const Add kind;
  return kind;
}

}  // namespace mxsim
