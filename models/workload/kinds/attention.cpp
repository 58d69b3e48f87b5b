#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/workload/kinds/attention_functions.h"
#include "models/workload/kinds/attention_products.h"
#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/softmax_step.h"

namespace mxsim {
namespace {

/// Attention of queries N, T, (head, c) over keys N, S, (kv head, c) and values N, S, (kv head,
/// c'): scores, softmax, weighted sum. `heads` / `kv_heads` neighbouring query heads share one head
/// of keys and values, which crosses DRAM once for all of them.
///
/// The scores of every query with every key are computed: a causal mask costs a comparison and
/// saves nothing, and MACs count it so, as the field does.
///
/// `cache` 1: inference keeps keys and values for later tokens, in the formats their GEMMs
/// multiply. `context` tokens are in the cache already: the S tokens of the call are appended (the
/// elements of the new rows and the scales of the blocks they lie in are written; older elements
/// of an open block are not written anew) and the whole cache is read. With a sliding `window`, the
/// T queries read no more than window + T - 1 tokens of it.
///
/// `sinks` 1: one learned score a head that takes part in the softmax and has no value; a row costs
/// 1 compare, 1 add, 1 exp more, backward 1 mul and 1 add.
class Attention : public LayerKind {
 public:
  std::string_view op() const override { return "attention"; }
  std::size_t input_count() const override { return 3; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 7> kSpecs{{
        {"heads", AttributeForm::kScalar, {}, 1, kLargestExtent, "heads of the queries"},
        {"kv_heads", AttributeForm::kScalar, 0, 0, kLargestExtent, "of keys and values; 0: heads"},
        {"causal", AttributeForm::kScalar, 0, 0, 1, "whether later tokens are masked"},
        {"window", AttributeForm::kScalar, 0, 0, kLargestExtent, "tokens a query sees; 0: all"},
        {"cache", AttributeForm::kScalar, 0, 0, 1, "whether inference keeps keys and values"},
        {"context", AttributeForm::kScalar, 0, 0, kLargestExtent, "tokens in the cache before"},
        {"sinks", AttributeForm::kScalar, 0, 0, 1, "whether each head has a learned sink"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& q = layer.input_shapes[0];
    const Shape& k = layer.input_shapes[1];
    const Shape& v = layer.input_shapes[2];
    const bool tokens = q.size() == 3 && k.size() == 3 && v.size() == 3 && q[0] == k[0] &&
                        q[0] == v[0] && k[1] == v[1];
    const std::int64_t heads = layer.attributes.scalar("heads");
    const std::int64_t kv = kv_heads(layer);
    if (heads % kv != 0) {
      faults.add("/attributes/kv_heads", std::to_string(kv) + " heads of keys do not divide " +
                                             std::to_string(heads) + " heads of queries");
    } else if (!tokens || q[2] % heads != 0 || k[2] % kv != 0 || v[2] % kv != 0 ||
               q[2] / heads != k[2] / kv) {
      faults.add("/inputs", "shapes " + to_string(q) + ", " + to_string(k) + " and " +
                                to_string(v) + " are no queries, keys and values of " +
                                std::to_string(heads) + " and " + std::to_string(kv) + " heads");
    }
    if (layer.attributes.scalar("context") > 0 && layer.attributes.scalar("cache") == 0) {
      faults.add("/attributes/context", "tokens before the call need a cache");
    }
    if (!faults.none()) return {};
    if (!checked_elements({q[0], heads, q[1], keys(layer), 64})) {
      faults.add("", "the scores exceed 2^63 bits");
    }
    return {{q[0], q[1], heads * (v[2] / kv)}};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    if (layer.attributes.scalar("sinks") == 0) return {};
    return {{"sinks", ParameterUse::kVector, 1, layer.attributes.scalar("heads"),
             InitialValues::kZeros}};
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    const Shape& q = layer.input_shapes[0];
    const std::int64_t heads = layer.attributes.scalar("heads");
    return {q[0], heads, q[1], keys(layer), q[2] / heads + layer.output_shapes[0][2] / heads};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    AttentionProduct p = product(layer);
    AttentionProduct sums = of_values(layer);
    if (appends(layer, steps)) p.key_heads = sums.key_heads = GroupAxis::kRows;
    const ValueId scores = make_scores("scores", TensorRole::kActivation, p, steps);
    const ValueId probabilities = make_scores("probabilities", TensorRole::kActivation, p, steps);
    const ValueId known_keys = cached(layer, 1, "key_cache", steps);
    const ValueId known_values = cached(layer, 2, "value_cache", steps);
    emit_gemm(Pass::kForward, {scores_gemm(p)}, {steps.input(0), ReductionAxis::kCols},
              {known_keys, ReductionAxis::kCols}, scores, steps);
    Step softmax = softmax_forward(scores, probabilities, form(layer), steps);
    softmax.function = function<AttentionSoftmaxKernel>(layer);
    if (layer.attributes.scalar("sinks") == 1) {
      softmax.broadcasts = {steps.parameter("sinks")};
      for (VectorOps& ops : softmax.ops) {
        const bool once = ops.op == Event::kVectorMul || ops.op == Event::kVectorDivide;
        if (!once) ++ops.per_row;
      }
    }
    steps.emit(softmax);
    emit_gemm(Pass::kForward, {weighted_sum_gemm(sums)}, {probabilities, ReductionAxis::kCols},
              {known_values, ReductionAxis::kRows}, steps.output(0), steps);
    steps.keep("probabilities", probabilities);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const AttentionProduct p = product(layer);
    const ValueId above = steps.output_gradient(0);
    const ValueId probabilities = steps.kept("probabilities");
    const bool inner =
        steps.needs_gradient(0) || steps.needs_gradient(1) || layer.attributes.scalar("sinks") == 1;
    ValueId to_scores = -1;
    if (inner) {
      const ValueId to_probabilities =
          make_scores("probabilities.grad", TensorRole::kGradient, p, steps);
      emit_gemm(Pass::kBackwardData, {scores_gemm(of_values(layer))}, {above, ReductionAxis::kCols},
                {steps.input(2), ReductionAxis::kCols}, to_probabilities, steps);
      emit_summed(2, transposed_sum_gemm(of_values(layer)), probabilities, above, steps);
      to_scores = make_scores("scores.grad", TensorRole::kGradient, p, steps);
      emit_softmax_backward(layer, to_probabilities, to_scores, steps);
    } else {
      emit_summed(2, transposed_sum_gemm(of_values(layer)), probabilities, above, steps);
    }
    if (steps.needs_gradient(0)) {
      const ValueId gradient = steps.make_input_gradient(0);
      emit_gemm(Pass::kBackwardData, {weighted_sum_gemm(p)}, {to_scores, ReductionAxis::kCols},
                {steps.input(1), ReductionAxis::kRows}, gradient, steps);
      steps.add_input_gradient(0, gradient);
    }
    if (inner) emit_summed(1, transposed_sum_gemm(p), to_scores, steps.input(0), steps);
  }

 private:
  static std::int64_t kv_heads(const ShapedLayer& layer) {
    const std::int64_t given = layer.attributes.scalar("kv_heads");
    return given > 0 ? given : layer.attributes.scalar("heads");
  }

  /// Tokens that the queries of the call read.
  static std::int64_t keys(const ShapedLayer& layer) {
    const std::int64_t all = layer.attributes.scalar("context") + layer.input_shapes[1][1];
    const std::int64_t window = layer.attributes.scalar("window");
    return window > 0 ? std::min(all, window + layer.input_shapes[0][1] - 1) : all;
  }

  static AttentionProduct product(const ShapedLayer& layer) {
    const Shape& q = layer.input_shapes[0];
    const std::int64_t kv = kv_heads(layer);
    const std::int64_t heads = layer.attributes.scalar("heads");
    return {q[0], kv, heads / kv, q[1], keys(layer), q[2] / heads};
  }

  static AttentionProduct of_values(const ShapedLayer& layer) {
    AttentionProduct p = product(layer);
    p.width = layer.output_shapes[0][2] / layer.attributes.scalar("heads");
    return p;
  }

  static SoftmaxForm form(const ShapedLayer& layer) {
    const bool later = layer.input_shapes[0][1] > 1;  // a single token sees all before it
    return {true, later && (layer.attributes.scalar("causal") == 1 ||
                            layer.attributes.scalar("window") > 0)};
  }

  template <class Kernel>
  static StepFunction function(const ShapedLayer& layer) {
    const Shape& q = layer.input_shapes[0];
    const std::int64_t heads = layer.attributes.scalar("heads");
    const std::int64_t context = layer.attributes.scalar("context");
    StepParameters parameters;
    parameters.extents = {q[1],
                          heads,
                          context,
                          context + layer.input_shapes[1][1] - keys(layer),
                          layer.attributes.scalar("causal"),
                          layer.attributes.scalar("window")};
    parameters.constants = {1 / std::sqrt(static_cast<double>(q[2] / heads))};
    return step_function<Kernel>(std::move(parameters));
  }

  static ValueId make_scores(std::string_view suffix, TensorRole role, const AttentionProduct& p,
                             StepBuilder& steps) {
    return steps.make(suffix, role, ValueForm::kByPolicy,
                      {p.batch * p.heads * p.shared * p.queries, p.keys});
  }

  /// Whether a cache holds tokens before the call.
  static bool appends(const ShapedLayer& layer, const StepBuilder& steps) {
    return steps.mode() != Mode::kTrain && layer.attributes.scalar("context") > 0;
  }

  /// Keys or values that the GEMM reads.
  static ValueId cached(const ShapedLayer& layer, std::size_t input, std::string_view suffix,
                        StepBuilder& steps) {
    const ValueId fresh = steps.input(input);
    if (steps.mode() == Mode::kTrain || layer.attributes.scalar("cache") == 0) return fresh;
    if (!appends(layer, steps)) {
      steps.let_last(fresh);
      return fresh;
    }
    const Shape& shape = layer.input_shapes[input];
    const std::int64_t heads = kv_heads(layer);
    const ValueId all =
        steps.give_operands(suffix, {shape[0] * heads * keys(layer), shape[2] / heads});
    steps.append(fresh, all);
    return all;
  }

  static void emit_softmax_backward(const ShapedLayer& layer, ValueId above, ValueId gradient,
                                    StepBuilder& steps) {
    Step step = softmax_backward(steps.kept("probabilities"), above, gradient, form(layer), steps);
    step.function = function<AttentionSoftmaxGradientKernel>(layer);
    if (layer.attributes.scalar("sinks") == 1) {
      for (VectorOps& ops : step.ops) ops.per_row += 1;
      step.sums = {steps.make("sinks.grad", TensorRole::kWeightGradient, ValueForm::kFp32,
                              steps.value(steps.parameter("sinks")).view)};
      steps.set_parameter_gradient("sinks", step.sums[0]);
    }
    steps.emit(step);
  }

  /// The gradient of keys or values: a sum over the queries.
  static void emit_summed(std::size_t input, const GemmWork& work, ValueId a, ValueId b,
                          StepBuilder& steps) {
    if (!steps.needs_gradient(input)) return;
    const ValueId gradient = steps.make_input_gradient(input);
    emit_gemm(Pass::kBackwardData, {work}, {a, ReductionAxis::kRows}, {b, ReductionAxis::kRows},
              gradient, steps);
    steps.add_input_gradient(input, gradient);
  }
};

}  // namespace

const LayerKind& attention_kind() {
  static const Attention kind;
  return kind;
}

}  // namespace mxsim
