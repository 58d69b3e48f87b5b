#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// All axes but the batch become one. No FP32 operation. Where an image is one pixel, rows stay
/// rows and the layer fuses into its neighbour; otherwise the matrix has other rows and blocks, and
/// the copy is a pass of its own through the vector unit.
class Flatten : public LayerKind {
 public:
  std::string_view op() const override { return "flatten"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    const Shape& input = layer.input_shapes[0];
    return {{input[0], elements(input) / input[0]}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    emit_copy(Pass::kForward, steps.input(0), steps.output(0), steps);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const ValueId gradient = steps.make_input_gradient(0);
    emit_copy(Pass::kBackwardData, steps.output_gradient(0), gradient, steps);
    steps.add_input_gradient(0, gradient);
  }

 private:
  static void emit_copy(Pass pass, ValueId from, ValueId to, StepBuilder& steps) {
    const bool aligned = steps.value(from).view == steps.value(to).view;
    Step step;
    step.pass = pass;
    step.kind = aligned ? StepKind::kElementwise : StepKind::kWindowed;
    step.op = "flatten";
    step.grid = steps.value(to).view;
    step.reads = {from};
    step.writes = {to};
    steps.emit(step);
  }
};

}  // namespace

const LayerKind& flatten_kind() {
  static const Flatten kind;
  return kind;
}

}  // namespace mxsim
