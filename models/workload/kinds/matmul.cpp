#include <array>

#include "models/workload/kinds/attention_products.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Batched matrix product of two activations, one for each batch element and head. Tensors are
/// batch x tokens x (head, column) or, scores, batch x (head, query) x key, so that splitting and
/// joining heads costs nothing:
///   transpose_b = 1   a: N, T, heads * c   b: N, S, heads * c   output: N, heads * T, S
///   transpose_b = 0   a: N, heads * T, S   b: N, S, heads * c   output: N, T, heads * c
/// With `batches` every batch element holds so many of these matrices one below the other (windows
/// of an image, heads that lie below one another): rows are then counted for each.
/// Backward: one product for each input's gradient; with 1-D blocks each of the three tensors is
/// quantized along both axes.
class Matmul : public LayerKind {
 public:
  std::string_view op() const override { return "matmul"; }
  std::size_t input_count() const override { return 2; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 3> kSpecs{{
        {"batches", AttributeForm::kScalar, 1, 1, kLargestExtent, "matrices below one another"},
        {"heads", AttributeForm::kScalar, 1, 1, kLargestExtent, "products a batch element"},
        {"transpose_b", AttributeForm::kScalar, 0, 0, 1, "whether b is read by its columns"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& a = layer.input_shapes[0];
    const Shape& b = layer.input_shapes[1];
    if (a.size() != 3 || b.size() != 3 || a[0] != b[0]) {
      faults.add("/inputs", "shapes " + to_string(a) + " and " + to_string(b) +
                                " are no two batches of matrices");
      return {};
    }
    const std::int64_t heads = layer.attributes.scalar("heads");
    const std::int64_t batches = layer.attributes.scalar("batches");
    if (a[1] % batches != 0 || b[1] % batches != 0) {
      faults.add("/attributes/batches", std::to_string(batches) + " do not divide " +
                                            std::to_string(a[1]) + " and " + std::to_string(b[1]) +
                                            " rows");
      return {};
    }
    const bool scores = makes_scores(layer);
    if (a[2] != (scores ? b[2] : b[1] / batches)) {
      faults.add("/inputs", "shapes " + to_string(a) + " and " + to_string(b) +
                                " do not agree in the length of their sums");
    }
    refuse_uneven(b[2], "columns of b", heads, faults);
    if (!scores) refuse_uneven(a[1] / batches, "rows of a", heads, faults);
    if (!faults.none()) return {};
    if (!scores) return {{a[0], a[1] / heads, b[2]}};
    const std::optional<std::int64_t> rows = checked_elements({heads, a[1]});
    if (!rows) faults.add("/attributes/heads", "the rows of the scores exceed 2^63");
    return {{a[0], rows.value_or(1), b[1] / batches}};
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    const AttentionProduct p = product(layer);
    return {p.batch, p.heads, p.queries, p.keys, p.width};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const bool scores = makes_scores(layer);
    emit(scores ? scores_gemm(product(layer)) : weighted_sum_gemm(product(layer)), Pass::kForward,
         steps.input(0), steps.input(1), steps.output(0), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const AttentionProduct p = product(layer);
    const bool scores = makes_scores(layer);
    const ValueId above = steps.output_gradient(0);
    if (steps.needs_gradient(0)) {
      const ValueId gradient = steps.make_input_gradient(0);
      emit(scores ? weighted_sum_gemm(p) : scores_gemm(p), Pass::kBackwardData, above,
           steps.input(1), gradient, steps);
      steps.add_input_gradient(0, gradient);
    }
    if (steps.needs_gradient(1)) {
      const ValueId gradient = steps.make_input_gradient(1);
      emit(transposed_sum_gemm(p), Pass::kBackwardData, scores ? above : steps.input(0),
           scores ? steps.input(0) : above, gradient, steps);
      steps.add_input_gradient(1, gradient);
    }
  }

 private:
  static bool makes_scores(const ShapedLayer& layer) {
    return layer.attributes.scalar("transpose_b") == 1;
  }

  static void refuse_uneven(std::int64_t extent, std::string_view what, std::int64_t heads,
                            LayerFaults& faults) {
    if (extent % heads == 0) return;
    faults.add("/attributes/heads", std::to_string(heads) + " heads do not divide " +
                                        std::to_string(extent) + " " + std::string(what));
  }

  static AttentionProduct product(const ShapedLayer& layer) {
    const Shape& a = layer.input_shapes[0];
    const Shape& b = layer.input_shapes[1];
    const std::int64_t heads = layer.attributes.scalar("heads");
    const std::int64_t batches = layer.attributes.scalar("batches");
    const std::int64_t a_rows = a[1] / batches;
    return {exact_mul(a[0], batches), heads,       1, makes_scores(layer) ? a_rows : a_rows / heads,
            b[1] / batches,           b[2] / heads};
  }

  static void emit(const GemmWork& work, Pass pass, ValueId a, ValueId b, ValueId result,
                   StepBuilder& steps) {
    const bool by_position = work.kind == GemmKind::kWeightGradient;
    const bool b_by_column = work.b_orientation == Orientation::kTransposed;
    Step step;
    step.pass = pass;
    step.kind = StepKind::kGemm;
    step.op = "matmul";
    step.grid = steps.value(result).view;
    step.gemms = {work};
    step.a = {a, by_position ? ReductionAxis::kRows : ReductionAxis::kCols};
    step.b = {b, b_by_column ? ReductionAxis::kCols : ReductionAxis::kRows};
    step.writes = {result};
    steps.emit(step);
  }
};

}  // namespace

const LayerKind& matmul_kind() {
  static const Matmul kind;
  return kind;
}

}  // namespace mxsim
