#include "models/workload/kinds/pool_steps.h"

#include "models/core/units.h"
#include "models/workload/kinds/pool_functions.h"

namespace mxsim {
namespace {

StepParameters average_parameters(const Window2d& window, AverageOver over) {
  StepParameters parameters = pool_parameters(window);
  parameters.extents = {over == AverageOver::kImage ? 1 : 0};
  return parameters;
}

}  // namespace

std::vector<Shape> infer_pool(const ShapedLayer& layer, LayerFaults& faults) {
  const Window2d window = infer_window(of_slices(layer, faults), {1, 1}, faults);
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
  return {{input[0], input[1], window.h.out * layer.attributes.scalar("slices"), window.w.out}};
}

Window2d pool_window(const ShapedLayer& layer) {
  std::vector<Diagnostic> unused;
  LayerFaults faults("", unused);
  return infer_window(of_slices(layer, faults), {1, 1}, faults);
}

std::int64_t covering_windows(Extent2d kernel, Extent2d stride) {
  return ceil_div(kernel.h, stride.h) * ceil_div(kernel.w, stride.w);
}

void emit_average_forward(const Window2d& window, AverageOver over, StepBuilder& steps) {
  Step step;
  step.kind = StepKind::kWindowed;
  step.op = steps.layer().kind->op();
  step.grid = steps.value(steps.output(0)).view;
  step.ops = {{Event::kVectorAdd, window.h.taps * window.w.taps - 1}, {Event::kVectorMul, 1}};
  step.function = step_function<AveragePoolKernel>(average_parameters(window, over));
  step.reads = {steps.input(0)};
  step.writes = {steps.output(0)};
  steps.emit(step);
}

void emit_average_backward(const Window2d& window, AverageOver over, StepBuilder& steps) {
  if (!steps.needs_gradient(0)) return;
  const std::int64_t windows =
      covering_windows({window.h.taps, window.w.taps}, {window.h.stride, window.w.stride});
  Step step;
  step.pass = Pass::kBackwardData;
  step.kind = StepKind::kWindowed;
  step.op = steps.layer().kind->op();
  step.grid = steps.value(steps.input(0)).view;
  step.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, windows - 1}};
  step.function = step_function<AveragePoolGradientKernel>(average_parameters(window, over));
  step.reads = {steps.output_gradient(0)};
  step.writes = {steps.make_input_gradient(0)};
  steps.emit(step);
  steps.add_input_gradient(0, step.writes[0]);
}

}  // namespace mxsim
