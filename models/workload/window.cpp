#include "models/workload/window.h"

#include <algorithm>
#include <numeric>

#include "models/core/units.h"

namespace mxsim {
namespace {

struct Padding {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

WindowAxis infer_axis(std::int64_t in, std::int64_t kernel, std::int64_t stride, Padding pad,
                      std::int64_t dilation, std::string_view side, LayerFaults& faults) {
  const std::int64_t reach = (kernel - 1) * dilation + 1;
  const std::int64_t padded = in + pad.before + pad.after;
  if (reach > padded) {
    faults.add("", "kernel " + std::string(side) + " " + std::to_string(reach) +
                       (dilation > 1 ? " (dilated)" : "") + " is larger than the padded input " +
                       std::string(side) + " " + std::to_string(padded));
  }
  WindowAxis axis;
  axis.in = in;
  axis.out = (padded - reach) / stride + 1;
  axis.taps = kernel;
  axis.kernel = kernel;
  axis.stride = stride;
  axis.dilation = dilation;
  axis.pad = pad.before;
  return axis;
}

/// Phase of input positions q * stride + residue. Tap t of the forward kernel reaches them from
/// output (q * stride + residue + pad - t * dilation) / stride, so t must solve
/// t * dilation = residue + pad (mod stride).
WindowAxis phase_of(const WindowAxis& forward, std::int64_t residue) {
  const std::int64_t common = std::gcd(forward.dilation, forward.stride);
  const std::int64_t tap_period = forward.stride / common;
  std::int64_t first = 0;
  while (first < tap_period &&
         (residue + forward.pad - first * forward.dilation) % forward.stride) {
    ++first;
  }
  WindowAxis phase;
  phase.in = forward.out;
  phase.out = ceil_div(forward.in - residue, forward.stride);
  phase.kernel = forward.kernel;
  phase.out_step = forward.stride;
  phase.out_start = residue;
  const bool reached = first < tap_period && first < forward.taps;
  phase.taps = reached ? ceil_div(forward.taps - first, tap_period) : 0;
  if (!reached) return phase;
  const std::int64_t last = first + (phase.taps - 1) * tap_period;
  phase.dilation = forward.dilation / common;
  phase.tap_start = last;
  phase.tap_step = -tap_period;
  phase.pad = -((residue + forward.pad - last * forward.dilation) / forward.stride);
  return phase;
}

}  // namespace

ShapedLayer of_slices(const ShapedLayer& layer, LayerFaults& faults) {
  ShapedLayer all = layer;
  const std::int64_t slices = layer.attributes.scalar("slices");
  Shape& input = all.input_shapes[0];
  if (input.size() != 4 || slices == 1) return all;
  if (input[2] % slices != 0) {
    faults.add("/attributes/slices", std::to_string(slices) + " slices do not divide " +
                                         std::to_string(input[2]) + " rows");
    return all;
  }
  input[0] = exact_mul(input[0], slices);
  input[2] /= slices;
  return all;
}

Window2d infer_window(const ShapedLayer& layer, Extent2d dilation, LayerFaults& faults) {
  const Shape& input = layer.input_shapes[0];
  if (input.size() != 4) {
    faults.add("/inputs/0", "shape " + to_string(input) + " is no image (N, C, H, W)");
    return {};
  }
  const Extent2d kernel = layer.attributes.pair("kernel");
  const Extent2d stride = layer.attributes.pair("stride");
  const Sides pad = layer.attributes.sides("padding");
  return {
      infer_axis(input[2], kernel.h, stride.h, {pad.top, pad.bottom}, dilation.h, "height", faults),
      infer_axis(input[3], kernel.w, stride.w, {pad.left, pad.right}, dilation.w, "width", faults)};
}

std::vector<WindowAxis> data_gradient_phases(const WindowAxis& forward) {
  std::vector<WindowAxis> phases;
  for (std::int64_t residue = 0; residue < std::min(forward.stride, forward.in); ++residue) {
    phases.push_back(phase_of(forward, residue));
  }
  return phases;
}

}  // namespace mxsim
