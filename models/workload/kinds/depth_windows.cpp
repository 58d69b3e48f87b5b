#include "models/workload/kinds/depth_windows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "models/core/units.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/window.h"

namespace mxsim {
namespace {

/// Rows (volume, depth, pixel); columns (group, channel) of the input, (group, tap, channel) of the
/// windows. `extents`: pixels of a slice, taps, groups; `h`: the window along the depth.
struct DepthPlaces {
  std::int64_t pixels;
  std::int64_t taps;
  std::int64_t groups;
  const WindowAxis& axis;

  explicit DepthPlaces(const StepParameters& p)
      : pixels(p.extents[0]), taps(p.extents[1]), groups(p.extents[2]), axis(p.h) {}

  /// Row of the input under a tap of the window at row `row`; -1: in the padding.
  std::int64_t source(std::int64_t row, std::int64_t tap) const {
    const std::int64_t slice = row / pixels;
    const std::int64_t depth = slice % axis.out * axis.stride + tap * axis.dilation - axis.pad;
    if (depth < 0 || depth >= axis.in) return -1;
    return (slice / axis.out * axis.in + depth) * pixels + row % pixels;
  }
  /// Row of the window that has input row `row` under the tap; -1: there is none.
  std::int64_t window(std::int64_t row, std::int64_t tap) const {
    const std::int64_t slice = row / pixels;
    const std::int64_t begin = slice % axis.in + axis.pad - tap * axis.dilation;
    if (begin < 0 || begin % axis.stride != 0 || begin / axis.stride >= axis.out) return -1;
    return (slice / axis.in * axis.out + begin / axis.stride) * pixels + row % pixels;
  }
};

struct DepthWindowsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const DepthPlaces places(data.parameters);
    const std::int64_t width = data.grid.cols / places.taps / places.groups;
    for (std::int64_t row = begin; row < end; ++row) {
      T* const to = data.writes[0].row(row);
      for (std::int64_t tap = 0; tap < places.taps; ++tap) {
        const std::int64_t source = places.source(row, tap);
        for (std::int64_t g = 0; g < places.groups; ++g) {
          T* const part = to + (g * places.taps + tap) * width;
          if (source < 0) {
            std::fill_n(part, width, T(0));
          } else {
            std::copy_n(data.reads[0].row(source) + g * width, width, part);
          }
        }
      }
    }
  }
};

struct DepthWindowsGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const DepthPlaces places(data.parameters);
    const std::int64_t width = data.grid.cols / places.groups;
    for (std::int64_t row = begin; row < end; ++row) {
      T* const dx = data.writes[0].row(row);
      std::fill_n(dx, data.grid.cols, T(0));
      for (std::int64_t tap = 0; tap < places.taps; ++tap) {
        const std::int64_t window = places.window(row, tap);
        if (window < 0) continue;
        for (std::int64_t g = 0; g < places.groups; ++g) {
          const T* const part = data.reads[0].row(window) + (g * places.taps + tap) * width;
          for (std::int64_t c = 0; c < width; ++c) dx[g * width + c] += part[c];
        }
      }
    }
  }
};

/// Windows along the depth of a volume, whose slices lie one below the other: N, C, (D H), W to N,
/// (C taps), (D' H), W. A convolution over depth, height and width is one over height and width of
/// these channels, slice by slice (`slices` D' of conv2d). The volume is streamed past once and
/// each window is written whole; backward, an input takes the gradients of its windows, 1 add for
/// each beyond the first.
class DepthWindows : public LayerKind {
 public:
  std::string_view op() const override { return "depth_windows"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 7> kSpecs{{
        {"depth", AttributeForm::kScalar, {}, 1, kLargestExtent, "slices of the volume"},
        {"taps", AttributeForm::kScalar, {}, 1, kLargestKernel, "slices of a window"},
        {"stride", AttributeForm::kScalar, 1, 1, kLargestKernel, "slices a step"},
        {"dilation", AttributeForm::kScalar, 1, 1, kLargestKernel, "distance between taps"},
        {"before", AttributeForm::kScalar, 0, 0, kLargestKernel, "zeros in front"},
        {"after", AttributeForm::kScalar, 0, 0, kLargestKernel, "zeros behind"},
        {"groups", AttributeForm::kScalar, 1, 1, kLargestExtent, "of the convolution"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& in = layer.input_shapes[0];
    const std::int64_t depth = layer.attributes.scalar("depth");
    const std::int64_t taps = layer.attributes.scalar("taps");
    if (in.size() != 4 || in[2] % depth != 0) {
      faults.add("/inputs/0",
                 "shape " + to_string(in) + " is no image of " + std::to_string(depth) + " slices");
      return {};
    }
    const WindowAxis axis = axis_of(layer);
    if (axis.out < 1) faults.add("/attributes/taps", "the window is larger than the padded depth");
    if (in[1] % layer.attributes.scalar("groups") != 0) {
      faults.add("/attributes/groups", "do not divide " + std::to_string(in[1]) + " channels");
    }
    const std::int64_t rows = in[2] / depth;
    if (axis.out > 0 && !checked_elements({in[0], in[1], taps, axis.out, rows, in[3], 64})) {
      faults.add("", "the windows exceed 2^63 bits");
    }
    if (!faults.none()) return {};
    return {{in[0], in[1] * taps, axis.out * rows, in[3]}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_copy_forward(step_function<DepthWindowsKernel>(places(layer)), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const WindowAxis axis = axis_of(layer);
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = op();
    step.grid = steps.value(steps.input(0)).view;
    const std::int64_t windows = std::min(ceil_div(axis.taps, axis.stride), axis.out);
    step.ops = {{Event::kVectorAdd, windows - 1}};
    step.function = step_function<DepthWindowsGradientKernel>(places(layer));
    step.reads = {steps.output_gradient(0)};
    step.writes = {steps.make_input_gradient(0)};
    const ValueId gradient = step.writes[0];
    steps.emit(std::move(step));
    steps.add_input_gradient(0, gradient);
  }

 private:
  static WindowAxis axis_of(const ShapedLayer& layer) {
    WindowAxis axis;
    axis.in = layer.attributes.scalar("depth");
    axis.taps = axis.kernel = layer.attributes.scalar("taps");
    axis.stride = layer.attributes.scalar("stride");
    axis.dilation = layer.attributes.scalar("dilation");
    axis.pad = layer.attributes.scalar("before");
    const std::int64_t padded = axis.in + axis.pad + layer.attributes.scalar("after");
    const std::int64_t reach = (axis.taps - 1) * axis.dilation + 1;
    axis.out = padded < reach ? 0 : (padded - reach) / axis.stride + 1;
    return axis;
  }

  static StepParameters places(const ShapedLayer& layer) {
    const Shape& in = layer.input_shapes[0];
    StepParameters parameters;
    parameters.extents = {in[2] / layer.attributes.scalar("depth") * in[3],
                          layer.attributes.scalar("taps"), layer.attributes.scalar("groups")};
    parameters.h = axis_of(layer);
    return parameters;
  }
};

}  // namespace

const LayerKind& depth_windows_kind() {
  static const DepthWindows kind;
  return kind;
}

}  // namespace mxsim
