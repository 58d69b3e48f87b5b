#include <algorithm>
#include <bit>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/pool_functions.h"
#include "models/workload/kinds/pool_steps.h"

namespace mxsim {
namespace {

/// Largest of a window. FP32 operations: taps - 1 compares an output element; backward, for each
/// window an input element lies in, 1 compare (was it me?) and 1 add beyond the first. Training
/// keeps the place of each maximum, ceil(log2(taps)) bits.
class MaxPool : public LayerKind {
 public:
  std::string_view op() const override { return "max_pool"; }
  std::span<const AttributeSpec> attributes() const override { return kPoolAttributes; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    return infer_pool(layer, faults);
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const Extent2d kernel = layer.attributes.pair("kernel");
    const std::int64_t taps = kernel.h * kernel.w;
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "max_pool";
    step.grid = steps.value(steps.output(0)).view;
    step.ops = {{Event::kVectorCompare, taps - 1}};
    step.function = step_function<MaxPoolKernel>(pool_parameters(pool_window(layer)));
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    if (steps.mode() == Mode::kTrain && steps.needs_gradient(0)) {
      const int bits = std::bit_width(static_cast<std::uint64_t>(taps - 1));
      step.writes.push_back(steps.make_codes("place", std::max(bits, 1), step.grid));
      steps.keep("place", step.writes[1]);
    }
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const std::int64_t windows =
        covering_windows(layer.attributes.pair("kernel"), layer.attributes.pair("stride"));
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "max_pool";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, windows}, {Event::kVectorAdd, windows - 1}};
    step.function = step_function<MaxPoolGradientKernel>(pool_parameters(pool_window(layer)));
    step.reads = {steps.output_gradient(0), steps.kept("place")};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }
};

}  // namespace

const LayerKind& max_pool_kind() {
  static const MaxPool kind;
  return kind;
}

}  // namespace mxsim
