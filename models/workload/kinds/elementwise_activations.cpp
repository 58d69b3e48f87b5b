#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/workload/kinds/elementwise_row.h"

namespace mxsim {
namespace {

template <class T>
T logistic(T x) {
  return 1 / (1 + std::exp(-x));
}

StepFunction hard_sigmoid(const ShapedLayer& layer) {
  return with_constants(layer, {"factor", "summand"}, [](auto x, const auto* c) {
    return std::clamp(c[0] * x + c[1], decltype(x)(0), decltype(x)(1));
  });
}
StepFunction hard_sigmoid_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"factor", "summand"}, [](auto dy, auto x, const auto* c) {
    const auto y = c[0] * x + c[1];
    return y > 0 && y < 1 ? dy * c[0] : 0 * dy;
  });
}

StepFunction hard_swish(const ShapedLayer& layer) {
  return with_constants(layer, {"factor", "summand"}, [](auto x, const auto* c) {
    return x * std::clamp(c[0] * x + c[1], decltype(x)(0), decltype(x)(1));
  });
}
StepFunction hard_swish_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"factor", "summand"}, [](auto dy, auto x, const auto* c) {
    const auto gate = c[0] * x + c[1];
    if (gate <= 0) return 0 * dy;
    return gate < 1 ? dy * (2 * c[0] * x + c[1]) : dy;
  });
}

StepFunction leaky_relu(const ShapedLayer& layer) {
  return with_constants(layer, {"slope"},
                        [](auto x, const auto* c) { return x > 0 ? x : c[0] * x; });
}
StepFunction leaky_relu_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"slope"},
                        [](auto dy, auto x, const auto* c) { return x > 0 ? dy : c[0] * dy; });
}

StepFunction elu(const ShapedLayer& layer) {
  return with_constants(layer, {"alpha"},
                        [](auto x, const auto* c) { return x > 0 ? x : c[0] * std::expm1(x); });
}
StepFunction elu_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"alpha"}, [](auto dy, auto x, const auto* c) {
    return x > 0 ? dy : dy * (c[0] * std::exp(x));
  });
}

StepFunction celu(const ShapedLayer& layer) {
  return with_constants(layer, {"alpha"}, [](auto x, const auto* c) {
    return x > 0 ? x : c[0] * std::expm1(x / c[0]);
  });
}
StepFunction celu_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"alpha"}, [](auto dy, auto x, const auto* c) {
    return x > 0 ? dy : dy * std::exp(x / c[0]);
  });
}

StepFunction selu(const ShapedLayer& layer) {
  return with_constants(layer, {"alpha", "gamma"}, [](auto x, const auto* c) {
    return c[1] * (x > 0 ? x : c[0] * std::expm1(x));
  });
}
StepFunction selu_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"alpha", "gamma"}, [](auto dy, auto x, const auto* c) {
    return dy * c[1] * (x > 0 ? 1 : c[0] * std::exp(x));
  });
}

// FP32 operations an element. x: input, y: result, dy: its gradient; s: the logistic function.

/// Functions of pieces.
std::vector<ElementwiseRow> piecewise_rows() {
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
      {"hard_sigmoid",
       {mul(1), add(1), compare(2)},
       {mul(1), compare(2)},
       {},
       {},
       hard_sigmoid,
       hard_sigmoid_gradient,
       {{"factor", 1.0 / 6, "a of min(max(a x + b, 0), 1)"}, {"summand", 0.5, "b"}}},
      // x min(max(a x + b, 0), 1); dy (2 a x + b) inside, dy above
      {"hard_swish",
       {mul(2), add(1), compare(2)},
       {mul(2), add(1), compare(2)},
       {},
       {},
       hard_swish,
       hard_swish_gradient,
       {{"factor", 1.0 / 6, "a of x min(max(a x + b, 0), 1)"}, {"summand", 0.5, "b"}}},
      {"leaky_relu",
       {mul(1), compare(1)},
       {mul(1), compare(1)},
       {},
       {},
       leaky_relu,
       leaky_relu_gradient,
       {{"slope", 0.01, "factor of negative inputs"}}},
  };
}

/// Functions that are exponential below zero.
std::vector<ElementwiseRow> exponential_rows() {
  return {
      // x or a (exp(x) - 1); dy or dy a exp(x). celu divides x by a first
      {"elu",
       {mul(1), add(1), compare(1), exponential(1)},
       {mul(2), compare(1), exponential(1)},
       {},
       {},
       elu,
       elu_gradient,
       {{"alpha", 1.0, "limit below zero"}}},
      {"celu",
       {mul(2), add(1), compare(1), exponential(1)},
       {mul(2), compare(1), exponential(1)},
       {},
       {},
       celu,
       celu_gradient,
       {{"alpha", 1.0, "limit below zero"}}},
      {"selu",
       {mul(2), add(1), compare(1), exponential(1)},
       {mul(2), compare(1), exponential(1)},
       {},
       {},
       selu,
       selu_gradient,
       {{"alpha", 1.6732632423543772, "limit below zero"},
        {"gamma", 1.0507009873554805, "factor of the whole"}}},
  };
}

/// Functions without constants.
std::vector<ElementwiseRow> smooth_rows() {
  return {
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

}  // namespace

/// Functions that networks are trained with.
std::vector<ElementwiseRow> activation_rows() {
  std::vector<ElementwiseRow> rows = piecewise_rows();
  for (const auto& more : {exponential_rows(), smooth_rows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace mxsim
