#include <algorithm>
#include <cmath>
#include <limits>

#include "models/workload/kinds/elementwise_row.h"

namespace mxsim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Limits that a trace leaves out are infinite; without both there is nothing.
std::vector<double> limits(const ShapedLayer& layer) {
  const auto low = layer.constants.find("low");
  const auto high = layer.constants.find("high");
  if (!low && !high) return {};
  return {low.value_or(-kInfinity), high.value_or(kInfinity)};
}

StepFunction clip(const ShapedLayer& layer) {
  const std::vector<double> c = limits(layer);
  if (c.empty()) return {};
  return element_with(c, [](auto x, const auto* l) { return std::min(std::max(x, l[0]), l[1]); });
}
StepFunction clip_gradient(const ShapedLayer& layer) {
  const std::vector<double> c = limits(layer);
  if (c.empty()) return {};
  return element_with(
      c, [](auto dy, auto x, const auto* l) { return x < l[0] || x > l[1] ? 0 * dy : dy; });
}

StepFunction threshold(const ShapedLayer& layer) {
  switch (layer.attributes.scalar("form")) {
    case 1:
      return with_constants(layer, {"limit"},
                            [](auto x, const auto* c) { return x > c[0] ? x : 0 * x; });
    case 2:
      return with_constants(layer, {"limit", "bias"}, [](auto x, const auto* c) {
        return x < -c[0] ? x + c[1] : x > c[0] ? x - c[1] : 0 * x;
      });
    case 3:
      return with_constants(layer, {"limit"},
                            [](auto x, const auto* c) { return std::max(x, c[0]); });
    case 4:
      return with_constants(layer, {"limit"},
                            [](auto x, const auto* c) { return std::min(x, c[0]); });
    default:
      return {};
  }
}
StepFunction threshold_gradient(const ShapedLayer& layer) {
  switch (layer.attributes.scalar("form")) {
    case 1:
    case 3:
      return with_constants(layer, {"limit"},
                            [](auto dy, auto x, const auto* c) { return x > c[0] ? dy : 0 * dy; });
    case 2:
      return with_constants(layer, {"limit"}, [](auto dy, auto x, const auto* c) {
        return std::abs(x) > c[0] ? dy : 0 * dy;
      });
    case 4:
      return with_constants(layer, {"limit"},
                            [](auto dy, auto x, const auto* c) { return x < c[0] ? dy : 0 * dy; });
    default:
      return {};
  }
}

StepFunction power(const ShapedLayer& layer) {
  return with_constants(layer, {"exponent"},
                        [](auto x, const auto* c) { return std::pow(x, c[0]); });
}
StepFunction power_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"exponent"}, [](auto dy, auto x, const auto* c) {
    return dy * (c[0] * std::pow(x, c[0] - 1));
  });
}

StepFunction reciprocal(const ShapedLayer& layer) {
  return with_constants(layer, {"numerator"}, [](auto x, const auto* c) { return c[0] / x; });
}
StepFunction reciprocal_gradient(const ShapedLayer& layer) {
  return with_constants(layer, {"numerator"}, [](auto dy, auto x, const auto* c) {
    const auto y = 1 / x;
    return -dy * c[0] * y * y;
  });
}

StepFunction scale(const ShapedLayer& layer) {
  if (layer.constants.find("divisor")) {
    return with_constants(layer, {"divisor"}, [](auto x, const auto* c) { return x / c[0]; });
  }
  return with_constants(layer, {"factor"}, [](auto x, const auto* c) { return x * c[0]; });
}
StepFunction scale_gradient(const ShapedLayer& layer) {
  if (layer.constants.find("divisor")) {
    return with_constants(layer, {"divisor"},
                          [](auto dy, auto, const auto* c) { return dy / c[0]; });
  }
  return with_constants(layer, {"factor"}, [](auto dy, auto, const auto* c) { return dy * c[0]; });
}

StepFunction shift(const ShapedLayer& layer) {
  return with_constants(layer, {"summand", "sign"},
                        [](auto x, const auto* c) { return c[1] * x + c[0]; });
}

std::vector<ElementwiseRow> linear_rows() {
  return {
      {"scale",
       {mul(1)},
       {mul(1)},
       {},
       {},
       scale,
       scale_gradient,
       {{"factor", std::nullopt, "of the input"},
        {"divisor", std::nullopt, "in place of a factor"}}},
      {"shift",
       {add(1)},
       {},
       {},
       {},
       shift,
       nullptr,
       {{"summand", std::nullopt, "added to the input"},
        {"sign", 1.0, "-1: the input is taken off"}}},
      {"reciprocal",
       {divide(1)},
       {divide(1), mul(2)},
       {},
       {},
       reciprocal,
       reciprocal_gradient,
       {{"numerator", 1.0, "that the input divides"}}},
  };
}

}  // namespace

// FP32 operations an element. x: input, y: result, dy: its gradient.

/// Functions of the constants that a trace states.
std::vector<ElementwiseRow> limit_rows() {
  std::vector<ElementwiseRow> rows{
      {"threshold",
       {compare(1)},
       {compare(1)},
       {},
       {},
       threshold,
       threshold_gradient,
       {{"limit", std::nullopt, "that inputs are compared with"},
        {"bias", 0.0, "that form 2 draws inputs to zero by"}},
       {{"form", AttributeForm::kScalar, 0, 0, 4,
         "0 not stated, 1 zero up to the limit, 2 zero within it, 3 maximum, 4 minimum"}}},
      // min(max(x, a), b); dy inside
      {"clip",
       {compare(2)},
       {compare(2)},
       {},
       {},
       clip,
       clip_gradient,
       {{"low", std::nullopt, "lower limit"}, {"high", std::nullopt, "upper limit"}}},
      // exp(p log(x)); dy p y / x
      {"power",
       {logarithm(1), mul(1), exponential(1)},
       {logarithm(1), mul(3), exponential(1), divide(1)},
       {},
       {},
       power,
       power_gradient,
       {{"exponent", std::nullopt, "of the input"}}},
  };
  for (ElementwiseRow& row : linear_rows()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace mxsim
