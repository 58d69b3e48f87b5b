#include <array>

#include "models/workload/kinds/convolution_checks.h"
#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/window.h"

namespace mxsim {
namespace {

/// Convolution over N, C, H, W (of `slices` images one below the other: windows stay within each),
/// with groups (depthwise: groups = channels). MACs count windows in
/// full, padding included, as the field does.
class Conv2d : public LayerKind {
 public:
  std::string_view op() const override { return "conv2d"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 8> kSpecs{{
        {"out_channels", AttributeForm::kScalar, {}, 1, kLargestExtent, "output channels"},
        {"kernel", AttributeForm::kPair, {}, 1, kLargestKernel, "taps"},
        {"stride", AttributeForm::kPair, 1, 1, kLargestStride, "input positions a step"},
        {"padding", AttributeForm::kSides, 0, 0, kLargestKernel, "zeros on each side"},
        {"dilation", AttributeForm::kPair, 1, 1, kLargestKernel, "distance between taps"},
        {"groups", AttributeForm::kScalar, 1, 1, kLargestExtent, "independent channel groups"},
        {"bias", AttributeForm::kScalar, 1, 0, 1, "whether a bias is added"},
        {"slices", AttributeForm::kScalar, 1, 1, kLargestExtent,
         "images that the rows are those of"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const ShapedLayer slices = of_slices(layer, faults);
    const Window2d window = infer_window(slices, layer.attributes.pair("dilation"), faults);
    if (!faults.none()) return {};
    const Shape& input = layer.input_shapes[0];
    const std::int64_t out_channels = layer.attributes.scalar("out_channels");
    check_convolution(slices, window, faults);
    return {
        {input[0], out_channels, window.h.out * layer.attributes.scalar("slices"), window.w.out}};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const Extent2d kernel = layer.attributes.pair("kernel");
    const std::int64_t out_channels = layer.attributes.scalar("out_channels");
    return weighted_parameters(layer, {kernel.h * kernel.w * group_channels(layer), out_channels},
                               out_channels);
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    const Extent2d kernel = layer.attributes.pair("kernel");
    std::vector<std::int64_t> factors = layer.output_shapes[0];
    factors.insert(factors.end(), {kernel.h, kernel.w, group_channels(layer)});
    return factors;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_weighted_forward(gemms(layer), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_weighted_backward(gemms(layer), steps);
  }

 private:
  static std::int64_t group_channels(const ShapedLayer& layer) {
    return layer.input_shapes[0][1] / layer.attributes.scalar("groups");
  }

  static WeightedLayer gemms(const ShapedLayer& layer) {
    std::vector<Diagnostic> unused;
    LayerFaults faults("", unused);
    const ShapedLayer slices = of_slices(layer, faults);
    const Window2d window = infer_window(slices, layer.attributes.pair("dilation"), faults);
    WeightedLayer weighted;
    GemmWork& work = weighted.forward;
    work.images = slices.input_shapes[0][0];
    work.h = window.h;
    work.w = window.w;
    work.groups = layer.attributes.scalar("groups");
    work.channels = group_channels(layer);
    work.n = layer.attributes.scalar("out_channels") / work.groups;
    return weighted;
  }
};

}  // namespace

const LayerKind& conv2d_kind() {
  static const Conv2d kind;
  return kind;
}

}  // namespace mxsim
