#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "models/workload/element_function.h"
#include "models/workload/layer_kind.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// An operator of one tensor, element by element.
struct ElementwiseRow {
  std::string_view op;
  std::vector<VectorOps> forward;
  std::vector<VectorOps> backward;  ///< of input and output gradient; empty: it passes unchanged
  StepFunction function = {};
  StepFunction gradient = {};  ///< of output gradient and input
  /// The same of kinds with constants or attributes; nothing where a trace does not state them.
  StepFunction (*stated_function)(const ShapedLayer& layer) = nullptr;
  StepFunction (*stated_gradient)(const ShapedLayer& layer) = nullptr;
  std::vector<ConstantSpec> constants = {};
  std::vector<AttributeSpec> attributes = {};
};

constexpr VectorOps add(std::int64_t n) { return {Event::kVectorAdd, n}; }
constexpr VectorOps mul(std::int64_t n) { return {Event::kVectorMul, n}; }
constexpr VectorOps compare(std::int64_t n) { return {Event::kVectorCompare, n}; }
constexpr VectorOps divide(std::int64_t n) { return {Event::kVectorDivide, n}; }
constexpr VectorOps root(std::int64_t n) { return {Event::kVectorSqrt, n}; }
constexpr VectorOps exponential(std::int64_t n) { return {Event::kVectorExp, n}; }
constexpr VectorOps logarithm(std::int64_t n) { return {Event::kVectorLog, n}; }

/// F(x, c) or F(dy, x, c), c the layer's constants of those names; nothing without one of them.
template <class F>
StepFunction with_constants(const ShapedLayer& layer, std::initializer_list<std::string_view> names,
                            F f) {
  std::vector<double> values;
  for (const std::string_view name : names) {
    const std::optional<double> value = layer.constants.find(name);
    if (!value) return {};
    values.push_back(*value);
  }
  return element_with(std::move(values), f);
}

// One file for each.
std::vector<ElementwiseRow> activation_rows();
std::vector<ElementwiseRow> function_rows();
std::vector<ElementwiseRow> limit_rows();
std::vector<ElementwiseRow> family_rows();

}  // namespace mxsim
