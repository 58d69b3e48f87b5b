#include "models/workload/element_function.h"
#include "models/workload/kinds/elementwise_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// The result and, where it is asked for, the mask: 1 where the gradient passes.
template <int kBound>
struct ReluKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * data.grid.cols;
    const std::int64_t past = end * data.grid.cols;
    const T* const x = data.reads[0].data;
    T* const y = data.writes[0].data;
    for (std::int64_t i = first; i < past; ++i) {
      const T positive = x[i] > 0 ? x[i] : T(0);
      y[i] = kBound > 0 && positive > T(kBound) ? T(kBound) : positive;
    }
    if (data.writes.size() == 1) return;
    T* const mask = data.writes[1].data;
    for (std::int64_t i = first; i < past; ++i) {
      mask[i] = x[i] > 0 && (kBound == 0 || x[i] < T(kBound)) ? T(1) : T(0);
    }
  }
};

/// max(x, 0), or min(max(x, 0), 6). FP32 operations an element: 1 compare a bound forward, 1
/// selection backward. Training keeps a 1-bit mask: exact where a narrow copy of the output may
/// have rounded to zero, and 1/16 of a BF16 copy's traffic.
class Relu : public LayerKind {
 public:
  Relu(std::string_view op, std::int64_t bounds, StepFunction function)
      : op_(op), bounds_(bounds), function_(std::move(function)) {}
  std::string_view op() const override { return op_; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step = elementwise_forward(op_, {{Event::kVectorCompare, bounds_}}, function_, steps);
    if (steps.mode() == Mode::kTrain && steps.needs_gradient(0)) {
      step.writes.push_back(steps.make_codes("mask", 1, step.grid));
      steps.keep("mask", step.writes[1]);
    }
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    emit_elementwise_backward(op_, {{Event::kVectorCompare, 1}},
                              element([](auto dy, auto mask) { return mask != 0 ? dy : 0 * mask; }),
                              steps.kept("mask"), steps);
  }

 private:
  std::string_view op_;
  std::int64_t bounds_;
  StepFunction function_;
};

}  // namespace

const LayerKind& relu_kind() {
  static const Relu kind("relu", 1, step_function<ReluKernel<0>>());
  return kind;
}

const LayerKind& relu6_kind() {
  static const Relu kind("relu6", 2, step_function<ReluKernel<6>>());
  return kind;
}

}  // namespace mxsim
