#include <array>

#include "models/workload/kinds/convolution_checks.h"
#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/window.h"

namespace mxsim {
namespace {

/// Transposed convolution over N, C, H, W: the data gradient of the convolution that makes the
/// input of the output. No inserted zero is multiplied; MACs count a whole kernel for each input
/// position, as the field does. `output_size` [height, width] lies within one stride of the size
/// that input, kernel and padding give.
class ConvTranspose2d : public LayerKind {
 public:
  std::string_view op() const override { return "conv_transpose2d"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 8> kSpecs{{
        {"out_channels", AttributeForm::kScalar, {}, 1, kLargestExtent, "output channels"},
        {"kernel", AttributeForm::kPair, {}, 1, kLargestKernel, "taps"},
        {"output_size", AttributeForm::kPair, {}, 1, kLargestExtent, "height and width"},
        {"stride", AttributeForm::kPair, 1, 1, kLargestStride, "output positions a step"},
        {"padding", AttributeForm::kSides, 0, 0, kLargestKernel, "positions cut off each side"},
        {"dilation", AttributeForm::kPair, 1, 1, kLargestKernel, "distance between taps"},
        {"groups", AttributeForm::kScalar, 1, 1, kLargestExtent, "independent channel groups"},
        {"bias", AttributeForm::kScalar, 1, 0, 1, "whether a bias is added"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    if (input.size() != 4) {
      faults.add("/inputs/0", "shape " + to_string(input) + " is no image (N, C, H, W)");
      return {};
    }
    const Extent2d size = layer.attributes.pair("output_size");
    const Window2d window =
        infer_window(mirrored(layer), layer.attributes.pair("dilation"), faults);
    if (!faults.none()) return {};
    if (window.h.out != input[2] || window.w.out != input[3]) {
      faults.add("/attributes/output_size",
                 "a convolution of " + std::to_string(size.h) + "x" + std::to_string(size.w) +
                     " makes " + std::to_string(window.h.out) + "x" + std::to_string(window.w.out) +
                     ", not the input " + to_string(input));
    }
    check_convolution(layer, window, faults);
    return {{input[0], layer.attributes.scalar("out_channels"), size.h, size.w}};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const Extent2d kernel = layer.attributes.pair("kernel");
    const std::int64_t groups = layer.attributes.scalar("groups");
    const std::int64_t out_channels = layer.attributes.scalar("out_channels");
    return weighted_parameters(
        layer, {kernel.h * kernel.w * (out_channels / groups), layer.input_shapes[0][1]},
        out_channels);
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    const Extent2d kernel = layer.attributes.pair("kernel");
    std::vector<std::int64_t> factors = layer.input_shapes[0];
    factors.insert(factors.end(),
                   {kernel.h, kernel.w,
                    layer.attributes.scalar("out_channels") / layer.attributes.scalar("groups")});
    return factors;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_biased_product(mirrored_gemms(layer).data_gradient(),
                        {steps.input(0), ReductionAxis::kCols},
                        {steps.parameter("weight"), ReductionAxis::kCols}, steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const WeightedLayer mirror = mirrored_gemms(layer);
    emit_bias_gradient(steps);
    emit_weight_gradient({mirror.weight_gradient()}, steps.output_gradient(0), steps.input(0),
                         steps);
    emit_data_gradient({mirror.forward}, ReductionAxis::kRows, steps);
  }

 private:
  /// The convolution from the output to the input.
  static ShapedLayer mirrored(const ShapedLayer& layer) {
    ShapedLayer mirror = layer;
    const Extent2d size = layer.attributes.pair("output_size");
    mirror.input_shapes[0] = {layer.input_shapes[0][0], layer.attributes.scalar("out_channels"),
                              size.h, size.w};
    return mirror;
  }

  static WeightedLayer mirrored_gemms(const ShapedLayer& layer) {
    std::vector<Diagnostic> unused;
    LayerFaults faults("", unused);
    const Window2d window =
        infer_window(mirrored(layer), layer.attributes.pair("dilation"), faults);
    WeightedLayer weighted;
    GemmWork& work = weighted.forward;
    work.images = layer.input_shapes[0][0];
    work.h = window.h;
    work.w = window.w;
    work.groups = layer.attributes.scalar("groups");
    work.channels = layer.attributes.scalar("out_channels") / work.groups;
    work.n = layer.input_shapes[0][1] / work.groups;
    return weighted;
  }
};

}  // namespace

const LayerKind& conv_transpose2d_kind() {
  static const ConvTranspose2d kind;
  return kind;
}

}  // namespace mxsim
