#include "models/workload/kinds/pool_steps.h"

#include "models/core/units.h"

namespace mxsim {

std::vector<Shape> infer_pool(const ShapedLayer& layer, LayerFaults& faults) {
  const Window2d window = infer_window(layer, {1, 1}, faults);
  const Sides pad = layer.attributes.sides("padding");
  const auto begins_behind = [](const WindowAxis& axis) {
    return (axis.out - 1) * axis.stride - axis.pad >= axis.in;
  };
  if (pad.top * 2 > window.h.taps || pad.left * 2 > window.w.taps || begins_behind(window.h) ||
      begins_behind(window.w)) {
    faults.add("/attributes/padding", "more than half the kernel: a window may hold nothing");
  }
  if (!faults.none()) return {};
  const Shape& input = layer.input_shapes[0];
  return {{input[0], input[1], window.h.out, window.w.out}};
}

std::int64_t covering_windows(Extent2d kernel, Extent2d stride) {
  return ceil_div(kernel.h, stride.h) * ceil_div(kernel.w, stride.w);
}

void emit_average_forward(Extent2d kernel, StepBuilder& steps) {
  Step step;
  step.kind = StepKind::kWindowed;
  step.op = steps.layer().kind->op();
  step.grid = steps.value(steps.output(0)).view;
  step.ops = {{Event::kVectorAdd, kernel.h * kernel.w - 1}, {Event::kVectorMul, 1}};
  step.reads = {steps.input(0)};
  step.writes = {steps.output(0)};
  steps.emit(step);
}

void emit_average_backward(std::int64_t covering_windows, StepBuilder& steps) {
  if (!steps.needs_gradient(0)) return;
  Step step;
  step.pass = Pass::kBackwardData;
  step.kind = StepKind::kWindowed;
  step.op = steps.layer().kind->op();
  step.grid = steps.value(steps.input(0)).view;
  step.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, covering_windows - 1}};
  step.reads = {steps.output_gradient(0)};
  step.writes = {steps.make_input_gradient(0)};
  steps.emit(step);
  steps.add_input_gradient(0, step.writes[0]);
}

}  // namespace mxsim
