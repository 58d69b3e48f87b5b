#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// max(x, 0). FP32 operations an element: 1 compare forward, 1 selection backward. Training keeps a
/// 1-bit mask: exact where a narrow copy of the output may have rounded to zero, and 1/16 of a BF16
/// copy's traffic.
class Relu : public LayerKind {
 public:
  std::string_view op() const override { return "relu"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.op = "relu";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, 1}};
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    if (steps.mode() == Mode::kTrain && steps.needs_gradient(0)) {
      step.writes.push_back(steps.make_codes("mask", 1, step.grid));
      steps.keep("mask", step.writes[1]);
    }
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "relu";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, 1}};
    step.reads = {steps.output_gradient(0), steps.kept("mask")};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }
};

}  // namespace

const LayerKind& relu_kind() {
  static const Relu kind;
  return kind;
}

}  // namespace mxsim
