#include <array>
#include <utility>

#include "models/workload/kinds/elementwise_step.h"
#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

using Operations = std::vector<VectorOps>;

constexpr VectorOps add(std::int64_t n) { return {Event::kVectorAdd, n}; }
constexpr VectorOps mul(std::int64_t n) { return {Event::kVectorMul, n}; }
constexpr VectorOps compare(std::int64_t n) { return {Event::kVectorCompare, n}; }
constexpr VectorOps divide(std::int64_t n) { return {Event::kVectorDivide, n}; }
constexpr VectorOps root(std::int64_t n) { return {Event::kVectorSqrt, n}; }
constexpr VectorOps exponential(std::int64_t n) { return {Event::kVectorExp, n}; }
constexpr VectorOps logarithm(std::int64_t n) { return {Event::kVectorLog, n}; }

struct ElementwiseRow {
  std::string_view op;
  Operations forward;
  Operations backward;  ///< from input and output gradient; empty: the gradient passes unchanged
};

// FP32 operations an element. x: input, y: result, dy: its gradient; s: the logistic function.

/// Functions that networks are trained with.
std::vector<ElementwiseRow> activation_rows() {
  return {
      // 1 / (1 + exp(-x)); dy y (1 - y)
      {"sigmoid", {add(1), exponential(1), divide(1)}, {add(2), mul(2), exponential(1), divide(1)}},
      // min(max(a x + b, 0), 1); dy a inside
      {"hard_sigmoid", {mul(1), add(1), compare(2)}, {mul(1), compare(2)}},
      // x min(max(a x + b, 0), 1); dy (2 a x + b) inside, dy above
      {"hard_swish", {mul(2), add(1), compare(2)}, {mul(2), add(1), compare(2)}},
      {"leaky_relu", {mul(1), compare(1)}, {mul(1), compare(1)}},
      // x or a (exp(x) - 1); dy or dy a exp(x). celu divides x by a first
      {"elu", {mul(1), add(1), compare(1), exponential(1)}, {mul(2), compare(1), exponential(1)}},
      {"celu", {mul(2), add(1), compare(1), exponential(1)}, {mul(2), compare(1), exponential(1)}},
      {"selu", {mul(2), add(1), compare(1), exponential(1)}, {mul(2), compare(1), exponential(1)}},
      // log(1 + exp(x)); dy s(x)
      {"softplus",
       {add(1), exponential(1), logarithm(1)},
       {add(1), mul(1), exponential(1), divide(1)}},
      // x / (1 + |x|); dy / (1 + |x|)^2
      {"softsign", {add(1), compare(1), divide(1)}, {add(1), mul(1), compare(1), divide(1)}},
      // x n / (n + 2), n = e (e + 2), e = exp(x); dy (n / (n + 2) + 4 x e (e + 1) / (n + 2)^2)
      {"mish",
       {add(2), mul(2), exponential(1), divide(1)},
       {add(4), mul(7), exponential(1), divide(1)}},
  };
}

/// Functions of arithmetic and of quantizers.
std::vector<ElementwiseRow> function_rows() {
  return {
      {"threshold", {compare(1)}, {compare(1)}},
      // min(max(x, a), b); dy inside
      {"clip", {compare(2)}, {compare(2)}},
      {"exp", {exponential(1)}, {exponential(1), mul(1)}},
      {"log", {logarithm(1)}, {divide(1)}},
      {"sqrt", {root(1)}, {root(1), mul(1), divide(1)}},
      {"rsqrt", {root(1), divide(1)}, {root(1), mul(2), divide(1)}},
      {"reciprocal", {divide(1)}, {divide(1), mul(2)}},
      {"square", {mul(1)}, {mul(2)}},
      // exp(p log(x)); dy p y / x
      {"power",
       {logarithm(1), mul(1), exponential(1)},
       {logarithm(1), mul(3), exponential(1), divide(1)}},
      // Abramowitz and Stegun 7.1.26; dy 2 / sqrt(pi) exp(-x^2)
      {"erf", {mul(7), add(7), compare(1), exponential(1), divide(1)}, {mul(3), exponential(1)}},
      {"absolute", {compare(1)}, {compare(1)}},
      {"negate", {mul(1)}, {mul(1)}},
      {"sign", {compare(2)}, {mul(1)}},
      // to a whole number by adding and taking off 2^23; the gradient passes (straight through)
      {"round", {add(2)}, {}},
      {"scale", {mul(1)}, {mul(1)}},
      {"shift", {add(1)}, {}},
      // range reduction and a polynomial of degree 9 in x^2
      {"trigonometric", {mul(7), add(6), compare(1)}, {mul(8), add(6), compare(1)}},
      // arcsine and relatives: a root, a quotient and a polynomial of degree 11
      {"inverse_trigonometric",
       {mul(7), add(6), compare(1), root(1), divide(1)},
       {mul(2), add(1), root(1), divide(1)}},
      // sinh, cosh: exp(x) and its reciprocal; asinh and relatives: log(x + root(x^2 + c))
      {"hyperbolic",
       {mul(1), add(1), exponential(1), divide(1)},
       {mul(2), add(1), exponential(1), divide(1)}},
      {"inverse_hyperbolic",
       {mul(1), add(2), root(1), logarithm(1)},
       {mul(2), add(1), root(1), divide(1)}},
      {"logical", {compare(1)}, {mul(1)}},
      // scale, shift, round, limits: a uniform quantizer kept in FP32
      {"fake_quantize", {mul(2), add(3), compare(2)}, {compare(2)}},
  };
}

const std::vector<ElementwiseRow>& elementwise_table() {
  static const std::vector<ElementwiseRow> kRows = [] {
    std::vector<ElementwiseRow> all = activation_rows();
    const std::vector<ElementwiseRow> functions = function_rows();
    all.insert(all.end(), functions.begin(), functions.end());
    return all;
  }();
  return kRows;
}

class Elementwise : public LayerKind {
 public:
  explicit Elementwise(const ElementwiseRow& row) : row_(row) {}
  std::string_view op() const override { return row_.op; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    steps.emit(elementwise_forward(row_.op, row_.forward, steps));
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    if (row_.backward.empty()) {
      steps.add_input_gradient(0, steps.output_gradient(0));
    } else {
      emit_elementwise_backward(row_.op, row_.backward, steps.input(0), steps);
    }
  }

 private:
  const ElementwiseRow& row_;
};

}  // namespace

std::span<const LayerKind* const> elementwise_kinds() {
  return kinds_of<Elementwise>(elementwise_table());
}

}  // namespace mxsim
