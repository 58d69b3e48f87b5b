#include "models/workload/kinds/elementwise_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// max(x, 0), or min(max(x, 0), 6). FP32 operations an element: 1 compare a bound forward, 1
/// selection backward. Training keeps a 1-bit mask: exact where a narrow copy of the output may
/// have rounded to zero, and 1/16 of a BF16 copy's traffic.
class Relu : public LayerKind {
 public:
  Relu(std::string_view op, std::int64_t bounds) : op_(op), bounds_(bounds) {}
  std::string_view op() const override { return op_; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step = elementwise_forward(op_, {{Event::kVectorCompare, bounds_}}, steps);
    if (steps.mode() == Mode::kTrain && steps.needs_gradient(0)) {
      step.writes.push_back(steps.make_codes("mask", 1, step.grid));
      steps.keep("mask", step.writes[1]);
    }
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    emit_elementwise_backward(op_, {{Event::kVectorCompare, 1}}, steps.kept("mask"), steps);
  }

 private:
  std::string_view op_;
  std::int64_t bounds_;
};

}  // namespace

const LayerKind& relu_kind() {
  static const Relu kind("relu", 1);
  return kind;
}

const LayerKind& relu6_kind() {
  static const Relu kind("relu6", 2);
  return kind;
}

}  // namespace mxsim
