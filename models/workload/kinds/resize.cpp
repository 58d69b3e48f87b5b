#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/core/units.h"
#include "models/workload/kinds/axis_map.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

enum class ResizeMode : std::uint8_t { kUnstated, kNearest, kLinear, kCubic };
enum class Coordinates : std::uint8_t { kHalfPixel, kAsymmetric, kAlignCorners, kPytorchHalfPixel };
enum class NearestRule : std::uint8_t { kPreferFloor, kPreferCeil, kFloor, kCeil };

struct ResizeForm {
  ResizeMode mode;
  Coordinates coordinates;
  NearestRule nearest;
  bool excludes_outside;
  double cubic;

  explicit ResizeForm(const ShapedLayer& layer)
      : mode(static_cast<ResizeMode>(layer.attributes.scalar("mode"))),
        coordinates(static_cast<Coordinates>(layer.attributes.scalar("coordinates"))),
        nearest(static_cast<NearestRule>(layer.attributes.scalar("nearest"))),
        excludes_outside(layer.attributes.scalar("exclude_outside") == 1),
        cubic(layer.constants.value_or("cubic", -0.75)) {}
};

/// Where the place of the output lies in the input.
double source(const ResizeForm& form, std::int64_t place, std::int64_t in, std::int64_t out,
              double scale) {
  const auto at = static_cast<double>(place);
  const double whole = scale * static_cast<double>(in);  // extent of the output, not rounded down
  switch (form.coordinates) {
    case Coordinates::kHalfPixel:
      return (at + 0.5) / scale - 0.5;
    case Coordinates::kAsymmetric:
      return at / scale;
    case Coordinates::kAlignCorners:
      return whole == 1 ? 0.0 : at * static_cast<double>(in - 1) / (whole - 1);
    case Coordinates::kPytorchHalfPixel:
      return out > 1 ? (at + 0.5) / scale - 0.5 : 0.0;
  }
  return at;
}

std::int64_t nearest_place(NearestRule rule, double at) {
  switch (rule) {
    case NearestRule::kPreferFloor:
      return static_cast<std::int64_t>(std::ceil(at - 0.5));
    case NearestRule::kPreferCeil:
      return static_cast<std::int64_t>(std::floor(at + 0.5));
    case NearestRule::kFloor:
      return static_cast<std::int64_t>(std::floor(at));
    case NearestRule::kCeil:
      return static_cast<std::int64_t>(std::ceil(at));
  }
  return 0;
}

/// Keys 1981: the kernel with second parameter `a` at a distance.
double cubic_weight(double distance, double a) {
  const double x = std::abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

std::vector<AxisTap> taps_at(const ResizeForm& form, double at, std::int64_t in) {
  const auto inside = [&](std::int64_t place) {
    return std::clamp<std::int64_t>(place, 0, in - 1);
  };
  if (form.mode == ResizeMode::kNearest) return {{inside(nearest_place(form.nearest, at)), 1.0}};
  const auto below = static_cast<std::int64_t>(std::floor(at));
  const std::int64_t reach = form.mode == ResizeMode::kLinear ? 1 : 2;
  std::vector<AxisTap> taps;
  double sum = 0;
  for (std::int64_t place = below - reach + 1; place <= below + reach; ++place) {
    const double distance = at - static_cast<double>(place);
    double weight = form.mode == ResizeMode::kLinear ? 1 - std::abs(distance)
                                                     : cubic_weight(distance, form.cubic);
    if (form.excludes_outside && (place < 0 || place >= in)) weight = 0;
    sum += weight;
    taps.push_back({inside(place), weight});
  }
  if (form.excludes_outside) {
    for (AxisTap& tap : taps) tap.weight /= sum;
  }
  return taps;
}

/// An image of another size: each element of the output is weighed from `taps` elements of the
/// input (nearest 1: a copy; linear along two axes 4, cubic 16). FP32 operations an element of the
/// output: taps mul and taps - 1 add, with 1 tap none. Backward scatters with the same weights:
/// taps mul and taps add an element of the output, spread over those of the input. Values follow
/// ONNX's Resize; without a `mode` there are none.
class Resize : public LayerKind {
 public:
  std::string_view op() const override { return "resize"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 6> kSpecs{{
        {"shape", AttributeForm::kList, {}, 1, kLargestExtent, "extents of the output"},
        {"taps", AttributeForm::kScalar, 1, 1, 256, "weighed elements of the input"},
        {"mode", AttributeForm::kScalar, 0, 0, 3, "0 not stated, 1 nearest, 2 linear, 3 cubic"},
        {"coordinates", AttributeForm::kScalar, 0, 0, 3,
         "0 half pixel, 1 asymmetric, 2 aligned corners, 3 half pixel but for one"},
        {"nearest", AttributeForm::kScalar, 0, 0, 3,
         "halves 0 down, 1 up; 2 always down, 3 always up"},
        {"exclude_outside", AttributeForm::kScalar, 0, 0, 1, "whether taps outside weigh nothing"},
    }};
    return kSpecs;
  }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 6> kSpecs{{
        {"cubic", -0.75, "second parameter of the cubic kernel"},
        {"scale_1", std::nullopt, "output places an input place along axis 1; by the extents"},
        {"scale_2", std::nullopt, "likewise along axis 2"},
        {"scale_3", std::nullopt, "likewise along axis 3"},
        {"scale_4", std::nullopt, "likewise along axis 4"},
        {"scale_5", std::nullopt, "likewise along axis 5"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape output = output_shape(layer);
    if (output.size() != layer.input_shapes[0].size()) {
      faults.add("/attributes/shape", to_string(output) + " is no size of the input " +
                                          to_string(layer.input_shapes[0]));
    }
    return {output};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::int64_t taps = layer.attributes.scalar("taps");
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "resize";
    step.grid = steps.value(steps.output(0)).view;
    if (taps > 1) step.ops = {{Event::kVectorMul, taps}, {Event::kVectorAdd, taps - 1}};
    if (const auto maps = maps_of(layer)) {
      step.function = mapped(dram_order(*maps), dram_order(layer.input_shapes[0]), 0.0);
    }
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const std::int64_t taps = layer.attributes.scalar("taps");
    const std::int64_t reached = ceil_div(exact_mul(taps, elements(layer.output_shapes[0])),
                                          elements(layer.input_shapes[0]));
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "resize";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorAdd, reached}};
    if (taps > 1) step.ops.push_back({Event::kVectorMul, reached});
    if (auto maps = maps_of(layer)) {
      for (std::size_t axis = 0; axis < maps->size(); ++axis) {
        (*maps)[axis] = gradient_map((*maps)[axis], layer.input_shapes[0][axis]);
      }
      step.function = mapped(dram_order(*maps), dram_order(layer.output_shapes[0]), 0.0);
    }
    step.reads = {steps.output_gradient(0)};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  static std::optional<std::vector<AxisMap>> maps_of(const ShapedLayer& layer) {
    const ResizeForm form(layer);
    if (form.mode == ResizeMode::kUnstated) return std::nullopt;
    const Shape& in = layer.input_shapes[0];
    const Shape& out = layer.output_shapes[0];
    std::vector<AxisMap> maps{strided_axis(in[0])};
    for (std::size_t axis = 1; axis < in.size(); ++axis) {
      const double scale =
          layer.constants.value_or("scale_" + std::to_string(axis),
                                   static_cast<double>(out[axis]) / static_cast<double>(in[axis]));
      AxisMap& map = maps.emplace_back();
      for (std::int64_t place = 0; place < out[axis]; ++place) {
        map.push_back(
            in[axis] == out[axis] && scale == 1
                ? std::vector<AxisTap>{{place, 1.0}}
                : taps_at(form, source(form, place, in[axis], out[axis], scale), in[axis]));
      }
    }
    return maps;
  }
};

}  // namespace

const LayerKind& resize_kind() {
  static const Resize kind;
  return kind;
}

}  // namespace mxsim
