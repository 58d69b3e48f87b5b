#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "sim/import/lowering/element_order.h"
#include "sim/import/lowering/elementwise_operators.h"
#include "sim/import/lowering/lowerings.h"

namespace mxsim {
namespace {

/// The extents right-aligned to `rank`, ones in front.
Shape aligned(const Shape& extents, std::size_t rank) {
  Shape all(rank - extents.size(), 1);
  all.insert(all.end(), extents.begin(), extents.end());
  return all;
}

TensorLayout aligned(TensorLayout layout, std::size_t rank) {
  layout.axes.insert(layout.axes.begin(), rank - layout.axes.size(), std::vector<int>{});
  return layout;
}

void emit_unary(const std::string& op, const NetNode& node, int input, TraceBuilder& trace,
                RawAttributes attributes = {}) {
  const TensorLayout from = trace.layout(input);
  trace.set_same(node.outputs[0], from,
                 trace.add(op, node.name, {from.tensor}, std::move(attributes)));
}

/// Whether every value of the operator follows from the layer's kind; otherwise it stands in.
void keep_meaning(bool exact, TraceBuilder& trace) {
  if (!exact) trace.stand_in();
}

std::optional<double> only_number(int id, const TraceBuilder& trace) {
  const auto& values = trace.tensor(id).values;
  if (!values || values->numbers.size() != 1) return std::nullopt;
  return static_cast<double>(values->numbers.front());
}

/// Whether both lie alike, so that elements meet where they are.
bool lie_alike(const TensorLayout& a, const TensorLayout& b) {
  const TensorLayout first = simplified(a);
  const TensorLayout second = simplified(b);
  return first.factors == second.factors && first.axes == second.axes;
}

/// Extents of a constant by factors of the layout: runs of factors that it fills or is stretched
/// over, cut where the matrix view has its columns.
struct ConstantExtents {
  Shape tensor;    ///< of the activation
  Shape constant;  ///< of the constant, 1 where it is stretched
};

ConstantExtents constant_extents(const TensorLayout& layout, const Shape& constant) {
  std::vector<bool> full(layout.factors.size(), false);
  for (std::size_t axis = 0; axis < layout.axes.size(); ++axis) {
    for (const int factor : layout.axes[axis]) {
      if (factor != kBatchFactor) full[static_cast<std::size_t>(factor)] = constant[axis] != 1;
    }
  }
  ConstantExtents extents;
  std::int64_t inner = product(layout.factors);
  for (std::size_t f = 0; f < full.size(); ++f) {
    const bool joins = f > 0 && full[f] == full[f - 1] && inner != layout.columns();
    if (joins) {
      extents.tensor.back() *= layout.factors[f];
    } else {
      extents.tensor.push_back(layout.factors[f]);
      extents.constant.push_back(1);
    }
    if (full[f]) extents.constant.back() = extents.tensor.back();
    inner /= layout.factors[f];
  }
  if (extents.tensor.empty()) extents = {{1}, {1}};
  if (extents.tensor.size() == 3) {
    extents.tensor.insert(extents.tensor.begin(), 1);
    extents.constant.insert(extents.constant.begin(), 1);
  }
  return extents;
}

/// Whether a constant shuts out what it is added to, as attention's masks do; no parameter does.
bool is_mask(const NetTensor& constant) {
  constexpr long double kShutOut = -1e4L;
  if (!constant.values) return false;
  const std::vector<long double>& numbers = constant.values->numbers;
  return std::any_of(numbers.begin(), numbers.end(),
                     [](long double number) { return number <= kShutOut; });
}

void emit_constant(const BinaryOperator& row, const NetNode& node, int input, int constant,
                   TraceBuilder& trace) {
  const int result = node.outputs[0];
  const Shape& out = trace.shape(result);
  const Shape extents = aligned(trace.shape(constant), out.size());
  if (trace.shape(input) != out) {  // the constant stretches the activation
    throw InputError("a constant larger than the activation it meets");
  }
  const NetTensor& held = trace.tensor(constant);
  const bool given = !held.whole && !held.computed && !is_mask(held);
  const std::int64_t trained = row.trained && given ? 1 : 0;
  TensorLayout from = trace.layout(input);
  Shape shape;
  if (is_image(from)) {
    shape = {out.size() > 1 ? extents[1] : 1, out.size() == 4 ? extents[2] : 1,
             out.size() > 2 ? extents.back() : 1};
  } else {
    const ConstantExtents both = constant_extents(simplified(from), extents);
    from = simplified(from);
    if (both.tensor != from.shape || from.image) {
      from.tensor =
          trace.add("reshape", node.name + ".reshape", {from.tensor}, {{"shape", both.tensor}});
      from.shape = both.tensor;
      from.image = false;
    }
    shape = both.constant;
  }
  RawAttributes attributes{{"shape", shape}};
  if (trained == 0) attributes["trained"] = {0};
  trace.set_same(result, from, trace.add(row.constant, node.name, {from.tensor}, attributes));
  const bool constant_first = node.inputs[0] == constant;
  const bool subtracts = node.op == "Sub";
  const bool divides = node.op == "Div";
  trace.bind(trained == 1 ? "weight" : "constant", {constant},
             [=](const std::vector<std::vector<float>>& n) {
               std::vector<float> values = stretched_order(n[0], extents, from);
               for (float& value : values) {
                 value = subtracts ? -value : divides ? 1 / value : value;
               }
               return values;
             });
  const bool commutes = node.op == "Add" || node.op == "Sum" || node.op == "Mean" ||
                        node.op == "Mul" || (node.op == "Gemm");
  keep_meaning(commutes || ((subtracts || divides || node.op == "PRelu") && !constant_first),
               trace);
}

/// Operand of an operator whose tensors are stretched to each other, in the order of the axes.
TensorLayout stretched_operand(int id, std::size_t rank, const std::string& name,
                               TraceBuilder& trace) {
  const TensorLayout from = aligned(trace.layout(id), rank);
  Shape extents;
  for (std::size_t i = 0; i < rank; ++i) extents.push_back(from.extent(i));
  if (extents.size() == 3) extents.insert(extents.begin(), 1);
  return trace.arranged(from, all_axes(from), extents, false, name);
}

bool all_images(const std::vector<int>& inputs, std::size_t rank, const TraceBuilder& trace) {
  bool any = false;
  for (const int id : inputs) {
    const TensorLayout& layout = trace.layout(id);
    any = any || is_image(layout);
    if (trace.shape(id).size() != rank || layout.extent(0) != 1) return false;
  }
  return any && (rank == 3 || rank == 4);
}

void emit_tensors(const std::string& op, const NetNode& node, const std::vector<int>& inputs,
                  TraceBuilder& trace, const RawAttributes& attributes = {}) {
  const int result = node.outputs[0];
  const std::size_t rank = trace.shape(result).size();
  const TensorLayout first = trace.layout(inputs[0]);
  const bool alike = std::all_of(inputs.begin(), inputs.end(), [&](int id) {
    return trace.shape(id) == trace.shape(result) && lie_alike(first, trace.layout(id));
  });
  std::vector<std::string> names;
  if (alike) {
    for (const int id : inputs) {
      const TensorLayout& from = trace.layout(id);
      names.push_back(from.shape == first.shape && from.image == first.image
                          ? from.tensor
                          : trace.add("reshape", node.name + ".reshape", {from.tensor},
                                      {{"shape", first.shape}}));
    }
    trace.set_same(result, first, trace.add(op, node.name, names, attributes));
  } else if (all_images(inputs, rank, trace)) {
    for (const int id : inputs) names.push_back(trace.image(id).tensor);
    trace.set_image(result, trace.add(op, node.name, names, attributes));
  } else {
    Shape shape;
    for (const int id : inputs) {
      const TensorLayout operand = stretched_operand(id, rank, node.name, trace);
      names.push_back(operand.tensor);
      if (shape.empty()) shape = Shape(operand.shape.size(), 1);
      for (std::size_t i = 0; i < shape.size(); ++i) {
        shape[i] = std::max(shape[i], operand.shape[i]);
      }
    }
    trace.set_plain(result, trace.add(op, node.name, names, attributes), shape);
  }
}

/// What the operator and its number make of the layer that was added last.
void state_scalar(const NetNode& node, int constant, bool constant_first, TraceBuilder& trace) {
  const std::optional<double> number = only_number(constant, trace);
  if (!number) return trace.stand_in();
  const std::string& op = node.op;
  if (op == "Add" || op == "Sum" || op == "Mean" || op == "Gemm") {
    trace.state("summand", *number);
  } else if (op == "Sub") {
    trace.state("summand", constant_first ? *number : -*number);
    if (constant_first) trace.state("sign", -1);
  } else if (op == "Mul") {
    trace.state("factor", *number);
  } else if (op == "Div") {
    trace.state(constant_first ? "numerator" : "divisor", *number);
  } else if (op == "Pow" && !constant_first) {
    if (*number != 2 && *number != 0.5 && *number != -0.5) trace.state("exponent", *number);
  } else if (op == "PRelu") {
    trace.state("slope", *number);
  } else if (op == "Max" || op == "Min") {
    trace.state("limit", *number);
  } else {
    trace.stand_in();
  }
}

std::string scalar_operator(const BinaryOperator& row, const NetNode& node, int constant,
                            bool constant_first, const TraceBuilder& trace) {
  if (node.op == "Div" && constant_first) return "reciprocal";
  if (node.op == "Sub" && constant_first) return "shift";
  const auto& values = trace.tensor(constant).values;
  if (node.op != "Pow" || !values || constant_first) return row.scalar;
  const long double exponent = values->numbers.at(0);
  if (exponent == 2) return "square";
  if (exponent == 0.5L) return "sqrt";
  if (exponent == -0.5L) return "rsqrt";
  return row.scalar;
}

RawAttributes relation_of(const NetNode& node) {
  static const std::map<std::string, std::int64_t> kRelations{
      {"Equal", 1},          {"Less", 2}, {"LessOrEqual", 3}, {"Greater", 4},
      {"GreaterOrEqual", 5}, {"And", 6},  {"Or", 7},          {"Xor", 8}};
  const auto found = kRelations.find(node.op);
  if (found == kRelations.end()) return {};
  return {{"relation", {found->second}}};
}

/// Of two tensors: the kind's values are the operator's.
bool has_tensor_meaning(const NetNode& node, bool whole) {
  if (node.op == "Div") return !whole;
  if (node.op == "Mod") return node.integer("fmod", 0) == 0;
  return node.op != "PRelu" && node.op != "BitShift" && !node.op.starts_with("Bitwise");
}

void emit_pair(const BinaryOperator& row, const NetNode& node, int a, int b, TraceBuilder& trace) {
  if (!trace.is_constant(a) && !trace.is_constant(b)) {
    emit_tensors(row.tensors, node, {a, b}, trace, relation_of(node));
    const bool whole = trace.tensor(a).whole && trace.tensor(b).whole;
    keep_meaning(has_tensor_meaning(node, whole), trace);
    return;
  }
  const bool constant_first = trace.is_constant(a);
  const int constant = constant_first ? a : b;
  const int input = constant_first ? b : a;
  if (product(trace.shape(constant)) == 1 &&
      product(trace.shape(input)) == product(trace.shape(node.outputs[0]))) {
    TensorLayout from = aligned(trace.layout(input), trace.shape(node.outputs[0]).size());
    const std::string op = scalar_operator(row, node, constant, constant_first, trace);
    RawAttributes attributes;
    if (op == "threshold" && node.op == "Max") attributes["form"] = {3};
    if (op == "threshold" && node.op == "Min") attributes["form"] = {4};
    trace.set_same(node.outputs[0], from, trace.add(op, node.name, {from.tensor}, attributes));
    state_scalar(node, constant, constant_first, trace);
  } else {
    emit_constant(row, node, input, constant, trace);
  }
}

}  // namespace

void lower_identity(const NetNode& node, TraceBuilder& trace) {
  const bool cuts = node.op.starts_with("Cast") && trace.tensor(node.outputs.at(0)).whole &&
                    !trace.tensor(node.inputs.at(0)).whole;
  if (cuts || node.op.find("Quant") != std::string::npos || node.op == "Trunc" ||
      node.op.find("QuantizeLinear") != std::string::npos) {
    trace.note_inexact(node);
  }
  trace.set_layout(node.outputs.at(0), trace.layout(node.inputs.at(0)));
}

namespace {

/// Which of a kind's functions an operator is.
RawAttributes unary_attributes(const NetNode& node) {
  static const std::map<std::string, std::int64_t> kWhich{
      {"Sin", 1},  {"Cos", 2},   {"Tan", 3},   {"Asin", 1},  {"Acos", 2}, {"Atan", 3}, {"Sinh", 1},
      {"Cosh", 2}, {"Asinh", 1}, {"Acosh", 2}, {"Atanh", 3}, {"Not", 1},  {"IsNaN", 2}};
  const auto found = kWhich.find(node.op);
  if (found != kWhich.end()) return {{"which", {found->second}}};
  if (node.op == "IsInf") {
    const bool positive = node.integer("detect_positive", 1) != 0;
    const bool negative = node.integer("detect_negative", 1) != 0;
    return {{"which", {positive && negative ? 3 : positive ? 4 : negative ? 5 : 0}}};
  }
  if (node.op == "Floor") return {{"toward", {1}}};
  if (node.op == "Ceil") return {{"toward", {2}}};
  if (node.op == "ThresholdedRelu") return {{"form", {1}}};
  if (node.op == "Shrink") return {{"form", {2}}};
  if (node.op == "Gelu" && (node.integer("exact", 0) == 1 || !node.domain.empty())) {
    return {{"exact", {1}}};
  }
  return {};
}

struct UnaryConstant {
  std::string constant;   ///< of the kind
  std::string attribute;  ///< of the operator
  double standard;
};

std::vector<UnaryConstant> unary_constants(const std::string& op) {
  if (op == "HardSigmoid") return {{"factor", "alpha", 0.2}, {"summand", "beta", 0.5}};
  if (op == "HardSwish") return {{"factor", "alpha", 1.0 / 6}, {"summand", "beta", 0.5}};
  if (op == "LeakyRelu") return {{"slope", "alpha", 0.01}};
  if (op == "ThresholdedRelu") return {{"limit", "alpha", 1.0}};
  if (op == "Elu" || op == "Celu") return {{"alpha", "alpha", 1.0}};
  if (op == "Selu") {
    return {{"alpha", "alpha", 1.67326319217681884765625},
            {"gamma", "gamma", 1.05070102214813232421875}};
  }
  if (op == "Shrink") return {{"limit", "lambd", 0.5}, {"bias", "bias", 0.0}};
  return {};
}

}  // namespace

void lower_unary(const NetNode& node, TraceBuilder& trace) {
  emit_unary(unary_operators().at(node.op), node, node.inputs.at(0), trace, unary_attributes(node));
  for (const auto& [constant, attribute, standard] : unary_constants(node.op)) {
    const auto given = node.numbers.find(attribute);
    trace.state(constant, given == node.numbers.end() ? standard : given->second);
  }
  static const std::set<std::string> kStandIns{"QuickGelu", "CumSum", "Trilu", "BitwiseNot"};
  keep_meaning(!kStandIns.contains(node.op) && (node.op != "FastGelu" || node.inputs.size() < 2),
               trace);
}

void lower_clip(const NetNode& node, TraceBuilder& trace) {
  const auto limit = [&](std::size_t input, const char* attribute, double standard) {
    if (input < node.inputs.size() && node.inputs[input] >= 0) {
      const auto& values = trace.tensor(node.inputs[input]).values;
      return values && !values->numbers.empty() ? static_cast<double>(values->numbers[0]) : NAN;
    }
    const auto found = node.numbers.find(attribute);
    return found == node.numbers.end() ? standard : found->second;
  };
  const double low = limit(1, "min", -HUGE_VAL);
  const double high = limit(2, "max", HUGE_VAL);
  const bool unbounded = std::isinf(high) || high > 1e38;
  const std::string op = low == 0 && high == 6 ? "relu6" : low == 0 && unbounded ? "relu" : "clip";
  emit_unary(op, node, node.inputs.at(0), trace);
  if (op != "clip") return;
  if (std::isnan(low) || std::isnan(high)) return trace.stand_in();
  constexpr double kLargest = std::numeric_limits<float>::max();
  trace.state("low", std::max(low, -kLargest));
  trace.state("high", std::min(high, kLargest));
}

void lower_binary(const NetNode& node, TraceBuilder& trace) {
  emit_pair(binary_operators().at(node.op), node, node.inputs.at(0), node.inputs.at(1), trace);
}

void lower_where(const NetNode& node, TraceBuilder& trace) {
  std::vector<int> inputs;
  for (const int id : node.inputs) {
    if (!trace.is_constant(id)) inputs.push_back(id);
  }
  if (inputs.size() == 3) {
    emit_tensors("where", node, inputs, trace);
  } else if (inputs.size() == 2) {
    emit_tensors("maximum", node, inputs, trace);  // one comparison of two streams, as selecting
    trace.stand_in();
  } else {
    const Shape& out = trace.shape(node.outputs[0]);
    int largest = -1;
    for (const int id : node.inputs) {
      if (!trace.is_constant(id) || trace.shape(id).size() > out.size()) continue;
      if (largest < 0 || product(trace.shape(id)) > product(trace.shape(largest))) largest = id;
    }
    const BinaryOperator select{"maximum", "threshold", "add_constant", false};
    emit_pair(select, node, inputs.at(0), largest, trace);
  }
}

void lower_sum(const NetNode& node, TraceBuilder& trace) {
  const bool adds = node.op == "Sum" || node.op == "Mean";
  const BinaryOperator row = adds ? binary_operators().at("Add")
                                  : BinaryOperator{node.op == "Max" ? "maximum" : "minimum",
                                                   "threshold", "add_constant", false};
  if (node.inputs.size() == 1) return lower_identity(node, trace);
  int sum = node.inputs[0];
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (trace.shape(node.inputs[i]) != trace.shape(node.outputs[0]) && node.inputs.size() > 2) {
      throw InputError("more than two inputs of different shapes");
    }
    emit_pair(row, node, sum, node.inputs[i], trace);
    sum = node.outputs[0];
  }
  if (node.op != "Mean") return;
  emit_unary("scale", node, sum, trace);
  trace.state("divisor", static_cast<double>(node.inputs.size()));
}

}  // namespace mxsim
