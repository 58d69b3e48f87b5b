#include <array>

#include "models/workload/kinds/expert_load.h"
#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// A linear layer of every expert of a mixture: rows N, R, C, sorted by expert over the whole batch
/// (expert_load.h), each times the weights of its expert. Weights of experts without rows are not
/// read; the gradient of theirs is zero. A bias is a row for each expert.
class ExpertLinear : public LayerKind {
 public:
  std::string_view op() const override { return "expert_linear"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 5> kSpecs{{
        {"experts", AttributeForm::kScalar, {}, 1, kLargestKernel, "experts"},
        {"top_k", AttributeForm::kScalar, {}, 1, kLargestKernel, "experts of a token"},
        {"out_features", AttributeForm::kScalar, {}, 1, kLargestExtent, "columns of the output"},
        {"active", AttributeForm::kScalar, 0, 0, kLargestKernel, "experts with rows; 0: expected"},
        {"bias", AttributeForm::kScalar, 1, 0, 1, "whether a bias is added"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    const std::int64_t top_k = layer.attributes.scalar("top_k");
    if (shape.size() != 3 || shape[1] % top_k != 0) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of rows, " +
                                  std::to_string(top_k) + " for each token");
      return {};
    }
    if (top_k > layer.attributes.scalar("experts")) {
      faults.add("/attributes/top_k", "there are fewer experts");
    }
    shape.back() = layer.attributes.scalar("out_features");
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const std::int64_t experts = layer.attributes.scalar("experts");
    const std::int64_t out = layer.attributes.scalar("out_features");
    return weighted_parameters(layer, {experts * layer.input_shapes[0].back(), out}, experts * out);
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    std::vector<std::int64_t> factors = layer.output_shapes[0];
    factors.push_back(layer.input_shapes[0].back());
    return factors;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_biased_product(gemms(layer, Direction::kForward), {steps.input(0), ReductionAxis::kCols},
                        {steps.parameter("weight"), ReductionAxis::kRows}, steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_bias_gradient(steps);
    std::vector<GemmWork> weights = gemms(layer, Direction::kForward);
    for (GemmWork& work : weights) work.kind = GemmKind::kWeightGradient;
    emit_weight_gradient(weights, steps.input(0), steps.output_gradient(0), steps);
    emit_data_gradient(gemms(layer, Direction::kBackward), ReductionAxis::kCols, steps);
  }

 private:
  enum class Direction : std::uint8_t { kForward, kBackward };

  static std::vector<GemmWork> gemms(const ShapedLayer& layer, Direction direction) {
    const std::int64_t rows = matrix_view(layer.input_shapes[0]).rows;
    const ExpertLoad load =
        expert_load(rows, layer.attributes.scalar("experts"), layer.attributes.scalar("top_k"),
                    layer.attributes.scalar("active"));
    const std::int64_t in = layer.input_shapes[0].back();
    const std::int64_t out = layer.output_shapes[0].back();
    const bool forward = direction == Direction::kForward;
    std::vector<GemmWork> all;
    std::int64_t first_row = 0;
    std::int64_t first_expert = 0;
    for (const ExpertClass& each : load.classes) {
      if (each.experts == 0) continue;
      GemmWork work;
      work.batch = each.experts;
      work.h.in = work.h.out = each.rows;
      work.channels = forward ? in : out;
      work.n = forward ? out : in;
      work.b_orientation = forward ? Orientation::kAsStored : Orientation::kTransposed;
      work.first_row = first_row;
      work.first_matrix = first_expert;
      first_row += each.experts * each.rows;
      first_expert += each.experts;
      all.push_back(work);
    }
    return all;
  }
};

}  // namespace

const LayerKind& expert_linear_kind() {
  static const ExpertLinear kind;
  return kind;
}

}  // namespace mxsim
