#include <array>

#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// Y = X W + bias over the last axis; every other axis is a row.
class Linear : public LayerKind {
 public:
  std::string_view op() const override { return "linear"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"out_features", AttributeForm::kScalar, {}, 1, kLargestExtent, "columns of the output"},
        {"bias", AttributeForm::kScalar, 1, 0, 1, "whether a bias is added"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() == 4) {
      faults.add("/inputs/0", "shape " + to_string(shape) +
                                  " is an image; linear takes features last (flatten it)");
      return {};
    }
    shape.back() = layer.attributes.scalar("out_features");
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const std::int64_t features = layer.attributes.scalar("out_features");
    return weighted_parameters(layer, {layer.input_shapes[0].back(), features}, features);
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    std::vector<std::int64_t> factors = layer.output_shapes[0];
    factors.push_back(layer.input_shapes[0].back());
    return factors;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_weighted_forward(gemms(layer), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_weighted_backward(gemms(layer), steps);
  }

 private:
  static WeightedLayer gemms(const ShapedLayer& layer) {
    WeightedLayer weighted;
    GemmWork& work = weighted.forward;
    work.h.in = work.h.out = matrix_view(layer.output_shapes[0]).rows;
    work.channels = layer.input_shapes[0].back();
    work.n = layer.output_shapes[0].back();
    return weighted;
  }
};

}  // namespace

const LayerKind& linear_kind() {
  static const Linear kind;
  return kind;
}

}  // namespace mxsim
