#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/core/error.h"
#include "sim/import/elementwise_operators.h"
#include "sim/import/lowerings.h"

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

void emit_unary(const std::string& op, const NetNode& node, int input, TraceBuilder& trace) {
  const TensorLayout& from = trace.layout(input);
  trace.set_same(node.outputs[0], from, trace.add(op, node.name, {from.tensor}));
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

void emit_constant(const BinaryOperator& row, const NetNode& node, int input, int constant,
                   TraceBuilder& trace) {
  const int result = node.outputs[0];
  const Shape& out = trace.shape(result);
  const Shape extents = aligned(trace.shape(constant), out.size());
  if (trace.shape(input) != out) {  // the constant stretches the activation
    throw InputError("a constant larger than the activation it meets");
  }
  const NetTensor& held = trace.tensor(constant);
  const std::int64_t trained = row.trained && !held.whole && !held.computed ? 1 : 0;
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
                  TraceBuilder& trace) {
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
    trace.set_same(result, first, trace.add(op, node.name, names));
  } else if (all_images(inputs, rank, trace)) {
    for (const int id : inputs) names.push_back(trace.image(id).tensor);
    trace.set_image(result, trace.add(op, node.name, names));
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
    trace.set_plain(result, trace.add(op, node.name, names), shape);
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

void emit_pair(const BinaryOperator& row, const NetNode& node, int a, int b, TraceBuilder& trace) {
  if (!trace.is_constant(a) && !trace.is_constant(b)) {
    emit_tensors(row.tensors, node, {a, b}, trace);
    return;
  }
  const bool constant_first = trace.is_constant(a);
  const int constant = constant_first ? a : b;
  const int input = constant_first ? b : a;
  if (product(trace.shape(constant)) == 1 &&
      product(trace.shape(input)) == product(trace.shape(node.outputs[0]))) {
    TensorLayout from = aligned(trace.layout(input), trace.shape(node.outputs[0]).size());
    const std::string op = scalar_operator(row, node, constant, constant_first, trace);
    trace.set_same(node.outputs[0], from, trace.add(op, node.name, {from.tensor}));
  } else {
    emit_constant(row, node, input, constant, trace);
  }
}

}  // namespace

void lower_identity(const NetNode& node, TraceBuilder& trace) {
  trace.set_layout(node.outputs.at(0), trace.layout(node.inputs.at(0)));
}

void lower_unary(const NetNode& node, TraceBuilder& trace) {
  emit_unary(unary_operators().at(node.op), node, node.inputs.at(0), trace);
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
  if (node.op == "Mean") emit_unary("scale", node, sum, trace);
}

}  // namespace mxsim
