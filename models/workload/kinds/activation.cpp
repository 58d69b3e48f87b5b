#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "models/workload/element_function.h"
#include "models/workload/kinds/elementwise_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// Activations that are computed from their input in both passes. FP32 operations an element:
///   gelu, as x s(u) with s the logistic function and u = x (c1 + c2 x^2), the tanh form of
///   Hendrycks and Gimpel 2016:
///     forward    3 mul, 2 add, 1 exp, 1 divide      x / (1 + exp(-u))
///     backward   8 mul, 5 add, 1 exp, 1 divide      dy (s + x s (1 - s) (c1 + 3 c2 x^2))
///   silu, as x s(x):
///     forward    1 add, 1 exp, 1 divide
///     backward   3 mul, 3 add, 1 exp, 1 divide      dy s (1 + x (1 - s))
///   tanh, as 2 s(2x) - 1:
///     forward    2 mul, 2 add, 1 exp, 1 divide
///     backward   4 mul, 3 add, 1 exp, 1 divide      y again, dy (1 - y^2)
/// gelu with `exact` 1 has the values of x (1 + erf(x / sqrt(2))) / 2 at the same cost.
class Activation : public LayerKind {
 public:
  struct Side {
    std::vector<VectorOps> ops;
    StepFunction function;
    StepFunction exact = {};
  };
  Activation(std::string_view op, Side forward, Side backward)
      : op_(op), forward_(std::move(forward)), backward_(std::move(backward)) {}
  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"exact", AttributeForm::kScalar, 0, 0, 1, "whether values are those of erf"}}};
    if (forward_.exact) return kSpecs;
    return {};
  }
  std::string_view op() const override { return op_; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    steps.emit(elementwise_forward(op_, forward_.ops, function(forward_, layer), steps));
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    emit_elementwise_backward(op_, backward_.ops, function(backward_, layer), steps.input(0),
                              steps);
  }

 private:
  static const StepFunction& function(const Side& side, const ShapedLayer& layer) {
    const bool exact = side.exact && layer.attributes.scalar("exact") == 1;
    return exact ? side.exact : side.function;
  }

  std::string_view op_;
  Side forward_;
  Side backward_;
};

constexpr double kGelu1 = 1.5957691216057308;  // 2 sqrt(2 / pi)
constexpr double kGelu2 = kGelu1 * 0.044715;

template <class T>
T logistic(T x) {
  return 1 / (1 + std::exp(-x));
}

std::vector<VectorOps> with_logistic(std::int64_t mul, std::int64_t add) {
  return {{Event::kVectorMul, mul},
          {Event::kVectorAdd, add},
          {Event::kVectorExp, 1},
          {Event::kVectorDivide, 1}};
}

}  // namespace

const LayerKind& gelu_kind() {
  static const Activation kind(
      "gelu",
      {with_logistic(3, 2), element([](auto x) {
         using T = decltype(x);
         return x * logistic(x * (T(kGelu1) + T(kGelu2) * x * x));
       }),
       element([](auto x) {
         using T = decltype(x);
         return x / 2 * (1 + std::erf(x * T(1 / std::numbers::sqrt2)));
       })},
      {with_logistic(8, 5), element([](auto dy, auto x) {
         using T = decltype(x);
         const T square = x * x;
         const T s = logistic(x * (T(kGelu1) + T(kGelu2) * square));
         return dy * (s + x * s * (1 - s) * (T(kGelu1) + 3 * T(kGelu2) * square));
       }),
       element([](auto dy, auto x) {
         using T = decltype(x);
         const T below = (1 + std::erf(x * T(1 / std::numbers::sqrt2))) / 2;
         const T density = std::exp(-x * x / 2) * T(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
         return dy * (below + x * density);
       })});
  return kind;
}

const LayerKind& silu_kind() {
  static const Activation kind(
      "silu", {with_logistic(0, 1), element([](auto x) { return x / (1 + std::exp(-x)); })},
      {with_logistic(3, 3), element([](auto dy, auto x) {
         const auto s = logistic(x);
         return dy * s * (1 + x * (1 - s));
       })});
  return kind;
}

const LayerKind& tanh_kind() {
  static const Activation kind(
      "tanh", {with_logistic(2, 2), element([](auto x) { return 2 * logistic(2 * x) - 1; })},
      {with_logistic(4, 3), element([](auto dy, auto x) {
         const auto y = 2 * logistic(2 * x) - 1;
         return dy * (1 - y * y);
       })});
  return kind;
}

}  // namespace mxsim
