#include <cmath>

#include "models/workload/kinds/elementwise_row.h"

namespace mxsim {
namespace {

AttributeSpec which(std::string_view meaning) {
  return {"which", AttributeForm::kScalar, 0, 0, 5, meaning};
}

std::int64_t which_of(const ShapedLayer& layer) { return layer.attributes.scalar("which"); }

StepFunction trigonometric(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto x) { return std::sin(x); });
    case 2:
      return element([](auto x) { return std::cos(x); });
    case 3:
      return element([](auto x) { return std::tan(x); });
    default:
      return {};
  }
}
StepFunction trigonometric_gradient(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto dy, auto x) { return dy * std::cos(x); });
    case 2:
      return element([](auto dy, auto x) { return -dy * std::sin(x); });
    case 3:
      return element([](auto dy, auto x) {
        const auto y = std::tan(x);
        return dy * (1 + y * y);
      });
    default:
      return {};
  }
}

StepFunction inverse_trigonometric(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto x) { return std::asin(x); });
    case 2:
      return element([](auto x) { return std::acos(x); });
    case 3:
      return element([](auto x) { return std::atan(x); });
    default:
      return {};
  }
}
StepFunction inverse_trigonometric_gradient(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto dy, auto x) { return dy / std::sqrt(1 - x * x); });
    case 2:
      return element([](auto dy, auto x) { return -dy / std::sqrt(1 - x * x); });
    case 3:
      return element([](auto dy, auto x) { return dy / (1 + x * x); });
    default:
      return {};
  }
}

StepFunction hyperbolic(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto x) { return std::sinh(x); });
    case 2:
      return element([](auto x) { return std::cosh(x); });
    default:
      return {};
  }
}
StepFunction hyperbolic_gradient(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto dy, auto x) { return dy * std::cosh(x); });
    case 2:
      return element([](auto dy, auto x) { return dy * std::sinh(x); });
    default:
      return {};
  }
}

StepFunction inverse_hyperbolic(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto x) { return std::asinh(x); });
    case 2:
      return element([](auto x) { return std::acosh(x); });
    case 3:
      return element([](auto x) { return std::atanh(x); });
    default:
      return {};
  }
}
StepFunction inverse_hyperbolic_gradient(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto dy, auto x) { return dy / std::sqrt(x * x + 1); });
    case 2:
      return element([](auto dy, auto x) { return dy / std::sqrt(x * x - 1); });
    case 3:
      return element([](auto dy, auto x) { return dy / (1 - x * x); });
    default:
      return {};
  }
}

StepFunction logical(const ShapedLayer& layer) {
  switch (which_of(layer)) {
    case 1:
      return element([](auto x) { return decltype(x)(x == 0); });
    case 2:
      return element([](auto x) { return decltype(x)(std::isnan(x)); });
    case 3:
      return element([](auto x) { return decltype(x)(std::isinf(x)); });
    case 4:
      return element([](auto x) { return decltype(x)(std::isinf(x) && x > 0); });
    case 5:
      return element([](auto x) { return decltype(x)(std::isinf(x) && x < 0); });
    default:
      return {};
  }
}
StepFunction no_gradient(const ShapedLayer&) {
  return element([](auto dy, auto) { return 0 * dy; });
}

/// To a whole number; the gradient passes (straight through).
StepFunction rounded(const ShapedLayer& layer) {
  switch (layer.attributes.scalar("toward")) {
    case 1:
      return element([](auto x) { return std::floor(x); });
    case 2:
      return element([](auto x) { return std::ceil(x); });
    default:
      return element([](auto x) { return std::nearbyint(x); });
  }
}

// FP32 operations an element. x: input, y: result, dy: its gradient.

/// Functions of signs and of quantizers.
std::vector<ElementwiseRow> sign_rows() {
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
      // scale, shift, round, limits: a uniform quantizer kept in FP32
      {"fake_quantize", {mul(2), add(3), compare(2)}, {compare(2)}},
  };
}

using Make = StepFunction (*)(const ShapedLayer& layer);

ElementwiseRow stated_row(std::string_view op, std::vector<VectorOps> forward,
                          std::vector<VectorOps> backward, Make function, Make gradient,
                          const AttributeSpec& attribute) {
  ElementwiseRow row;
  row.op = op;
  row.forward = std::move(forward);
  row.backward = std::move(backward);
  row.stated_function = function;
  row.stated_gradient = gradient;
  row.attributes.push_back(attribute);
  return row;
}

}  // namespace

/// Families of functions of one cost; a trace states which.
std::vector<ElementwiseRow> family_rows() {
  std::vector<ElementwiseRow> rows = sign_rows();
  // by adding and taking off 2^23
  rows.push_back(stated_row(
      "round", {add(2)}, {}, rounded, nullptr,
      {"toward", AttributeForm::kScalar, 0, 0, 2, "0 the nearest, even of two; 1 down, 2 up"}));
  // range reduction and a polynomial of degree 9 in x^2
  rows.push_back(stated_row("trigonometric", {mul(7), add(6), compare(1)},
                            {mul(8), add(6), compare(1)}, trigonometric, trigonometric_gradient,
                            which("0 not stated, 1 sine, 2 cosine, 3 tangent")));
  // arcsine and relatives: a root, a quotient and a polynomial of degree 11
  rows.push_back(stated_row(
      "inverse_trigonometric", {mul(7), add(6), compare(1), root(1), divide(1)},
      {mul(2), add(1), root(1), divide(1)}, inverse_trigonometric, inverse_trigonometric_gradient,
      which("0 not stated, inverse of 1 sine, 2 cosine, 3 tangent")));
  // sinh, cosh: exp(x) and its reciprocal; asinh and relatives: log(x + root(x^2 + c))
  rows.push_back(stated_row("hyperbolic", {mul(1), add(1), exponential(1), divide(1)},
                            {mul(2), add(1), exponential(1), divide(1)}, hyperbolic,
                            hyperbolic_gradient, which("0 not stated, 1 sine, 2 cosine")));
  rows.push_back(stated_row("inverse_hyperbolic", {mul(1), add(2), root(1), logarithm(1)},
                            {mul(2), add(1), root(1), divide(1)}, inverse_hyperbolic,
                            inverse_hyperbolic_gradient,
                            which("0 not stated, inverse of 1 sine, 2 cosine, 3 tangent")));
  rows.push_back(
      stated_row("logical", {compare(1)}, {mul(1)}, logical, no_gradient,
                 which("0 not stated, 1 not, 2 is no number, 3 is infinite, 4 is inf, 5 is -inf")));
  return rows;
}

}  // namespace mxsim
