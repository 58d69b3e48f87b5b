#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "models/workload/element_function.h"
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
  StepFunction function = {};  ///< nothing where a trace does not state the operator's constants
  StepFunction gradient = {};  ///< of output gradient and input
};

// FP32 operations an element. x: input, y: result, dy: its gradient; s: the logistic function.

template <class T>
T logistic(T x) {
  return 1 / (1 + std::exp(-x));
}

/// Functions that networks are trained with.
std::vector<ElementwiseRow> activation_rows() {
  return {
      // 1 / (1 + exp(-x)); dy y (1 - y)
      {"sigmoid",
       {add(1), exponential(1), divide(1)},
       {add(2), mul(2), exponential(1), divide(1)},
       element([](auto x) { return logistic(x); }),
       element([](auto dy, auto x) {
         const auto y = logistic(x);
         return dy * y * (1 - y);
       })},
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
       {add(1), mul(1), exponential(1), divide(1)},
       // beyond 20 the sum is the exponential in FP32
       element([](auto x) { return x > 20 ? x : std::log(1 + std::exp(x)); }),
       element([](auto dy, auto x) { return dy * logistic(x); })},
      // x / (1 + |x|); dy / (1 + |x|)^2
      {"softsign",
       {add(1), compare(1), divide(1)},
       {add(1), mul(1), compare(1), divide(1)},
       element([](auto x) { return x / (1 + std::abs(x)); }),
       element([](auto dy, auto x) {
         const auto below = 1 + std::abs(x);
         return dy / (below * below);
       })},
      // x n / (n + 2), n = e (e + 2), e = exp(x); dy (n / (n + 2) + 4 x e (e + 1) / (n + 2)^2)
      {"mish",
       {add(2), mul(2), exponential(1), divide(1)},
       {add(4), mul(7), exponential(1), divide(1)},
       // beyond 20 the quotient is 1 in FP32
       element([](auto x) {
         const auto e = std::exp(std::min(x, decltype(x)(20)));
         const auto n = e * (e + 2);
         return x * (n / (n + 2));
       }),
       element([](auto dy, auto x) {
         const auto e = std::exp(std::min(x, decltype(x)(20)));
         const auto n = e * (e + 2);
         const auto quotient = n / (n + 2);
         return dy * (quotient + 4 * x * (e / (n + 2)) * ((e + 1) / (n + 2)));
       })},
  };
}

/// Functions of arithmetic.
std::vector<ElementwiseRow> function_rows() {
  return {
      {"threshold", {compare(1)}, {compare(1)}},
      // min(max(x, a), b); dy inside
      {"clip", {compare(2)}, {compare(2)}},
      {"exp",
       {exponential(1)},
       {exponential(1), mul(1)},
       element([](auto x) { return std::exp(x); }),
       element([](auto dy, auto x) { return dy * std::exp(x); })},
      {"log",
       {logarithm(1)},
       {divide(1)},
       element([](auto x) { return std::log(x); }),
       element([](auto dy, auto x) { return dy / x; })},
      {"sqrt",
       {root(1)},
       {root(1), mul(1), divide(1)},
       element([](auto x) { return std::sqrt(x); }),
       element([](auto dy, auto x) { return dy / (2 * std::sqrt(x)); })},
      {"rsqrt",
       {root(1), divide(1)},
       {root(1), mul(2), divide(1)},
       element([](auto x) { return 1 / std::sqrt(x); }),
       element([](auto dy, auto x) { return dy / (-2 * x * std::sqrt(x)); })},
      {"reciprocal",
       {divide(1)},
       {divide(1), mul(2)},
       element([](auto x) { return 1 / x; }),
       element([](auto dy, auto x) {
         const auto y = 1 / x;
         return -dy * y * y;
       })},
      {"square",
       {mul(1)},
       {mul(2)},
       element([](auto x) { return x * x; }),
       element([](auto dy, auto x) { return dy * (2 * x); })},
      // exp(p log(x)); dy p y / x
      {"power",
       {logarithm(1), mul(1), exponential(1)},
       {logarithm(1), mul(3), exponential(1), divide(1)}},
      // costs of Abramowitz and Stegun 7.1.26, values of the C library; dy 2 / sqrt(pi) exp(-x^2)
      {"erf",
       {mul(7), add(7), compare(1), exponential(1), divide(1)},
       {mul(3), exponential(1)},
       element([](auto x) { return std::erf(x); }),
       element([](auto dy, auto x) {
         return dy * (decltype(x)(2 * std::numbers::inv_sqrtpi) * std::exp(-x * x));
       })},
  };
}

/// Functions of signs and of quantizers, and those whose constants a trace does not state.
std::vector<ElementwiseRow> other_rows() {
  return {
      {"absolute",
       {compare(1)},
       {compare(1)},
       element([](auto x) { return std::abs(x); }),
       element([](auto dy, auto x) { return x > 0   ? dy
                                            : x < 0 ? -dy
                                                    : 0 * dy; })},
      {"negate", {mul(1)}, {mul(1)}, element([](auto x) { return -x; }), element([](auto dy, auto) {
         return -dy;
       })},
      {"sign",
       {compare(2)},
       {mul(1)},
       element([](auto x) { return decltype(x)((x > 0) - (x < 0)); }),
       element([](auto dy, auto) { return 0 * dy; })},
      // to a whole number by adding and taking off 2^23; the gradient passes (straight through)
      {"round", {add(2)}, {}, element([](auto x) { return std::nearbyint(x); })},
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
    for (const auto& more : {function_rows(), other_rows()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
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
    steps.emit(elementwise_forward(row_.op, row_.forward, row_.function, steps));
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    if (row_.backward.empty()) {
      steps.add_input_gradient(0, steps.output_gradient(0));
    } else {
      emit_elementwise_backward(row_.op, row_.backward, row_.gradient, steps.input(0), steps);
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
