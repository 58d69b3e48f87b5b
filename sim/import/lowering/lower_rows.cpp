#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "models/core/error.h"
#include "sim/import/lowering/lowerings.h"

namespace mxsim {
namespace {

std::string snake_case(const std::string& op) {
  std::string text;
  for (std::size_t i = 0; i < op.size(); ++i) {
    const bool upper = std::isupper(static_cast<unsigned char>(op[i])) != 0;
    if (upper && i > 0) text += '_';
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(op[i])));
  }
  return text;
}

/// Where axes are given when the network runs: those that the result has an extent of one for.
std::vector<bool> extents_of_one(const NetNode& node, std::size_t rank, const TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs[0]);
  const Shape& out = trace.shape(node.outputs[0]);
  if (out.size() != rank) throw InputError("its axes are not constant");
  std::vector<bool> reduced(rank, false);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    reduced[axis] = in[axis] != out[axis] && out[axis] == 1;
    if (!reduced[axis] && in[axis] != out[axis]) throw InputError("its axes are not constant");
  }
  return reduced;
}

/// Axes that a reduction leaves out: those of its attribute or constant input, all by default.
std::vector<bool> reduced_axes(const NetNode& node, std::size_t rank, const TraceBuilder& trace) {
  std::vector<std::int64_t> axes;
  if (node.op.starts_with("Arg")) {
    axes = {node.integer("axis", 0)};
  } else if (node.inputs.size() > 1 && node.inputs[1] >= 0) {
    const auto& values = trace.tensor(node.inputs[1]).values;
    if (!values) return extents_of_one(node, rank, trace);
    for (const long double value : values->numbers)
      axes.push_back(static_cast<std::int64_t>(value));
  } else if (const auto given = node.integers.find("axes"); given != node.integers.end()) {
    axes = given->second;
  }
  const bool all = axes.empty() && node.integer("noop_with_empty_axes", 0) == 0;
  std::vector<bool> reduced(rank, all);
  for (const std::int64_t axis : axes) reduced[axis_of(axis, rank)] = true;
  if (node.op.starts_with("Global")) {
    for (std::size_t axis = 0; axis < rank; ++axis) reduced[axis] = axis > 1;
  }
  return reduced;
}

using Numbers = std::vector<std::vector<float>>;

/// Weight and bias of a row's features; ones and zeros where the node has none.
void bind_row_norm(const NetNode& node, std::int64_t features, bool shifts, TraceBuilder& trace) {
  const auto epsilon = node.numbers.find("epsilon");
  trace.state("epsilon", epsilon == node.numbers.end() ? 1e-5 : epsilon->second);
  const auto bind = [&](const char* name, std::size_t input, float standard) {
    const bool given = input < node.inputs.size() && node.inputs[input] >= 0;
    const auto count = static_cast<std::size_t>(features);
    const std::vector<float> alike(count, standard);
    trace.bind(name, given ? std::vector<int>{node.inputs[input]} : std::vector<int>{},
               [alike](const Numbers& n) { return n.empty() ? alike : n[0]; });
  };
  bind("weight", 1, 1.0F);
  if (shifts) bind("bias", 2, 0.0F);
}

std::string reduction_op(const std::string& op) {
  if (op.starts_with("Arg")) return "arg_max";
  if (op == "ReduceProd") return "reduce_product";
  if (op == "GlobalAveragePool") return "reduce_mean";
  if (op == "GlobalMaxPool") return "reduce_max";
  if (op == "GlobalLpPool") return "reduce_l2";
  return snake_case(op);
}

}  // namespace

void lower_softmax(const NetNode& node, TraceBuilder& trace) {
  constexpr std::int64_t kPerAxis = 13;  // opset from which one axis is normalised
  const int input = node.inputs.at(0);
  const std::size_t rank = trace.shape(input).size();
  const bool flattened = node.version < kPerAxis && node.domain.empty();
  const std::size_t axis = axis_of(node.integer("axis", flattened ? 1 : -1), rank);
  const TensorLayout kept = trace.layout(input);
  TensorLayout transposed = kept;
  if (!flattened) std::swap(transposed.axes[axis], transposed.axes[rank - 1]);
  trace.set_layout(input, transposed);
  const TensorLayout from = trace.matrix(input, flattened ? rank - axis : 1);
  trace.set_layout(input, kept);
  RawAttributes attributes;
  if (node.integer("scaled", 0) != 0) attributes["scale"] = {1};
  std::string tensor = trace.add("softmax", node.name, {from.tensor}, attributes);
  if (const auto factor = node.numbers.find("factor"); factor != node.numbers.end()) {
    trace.state("factor", factor->second);
  }
  if (node.op == "Hardmax") trace.stand_in();
  if (node.op == "LogSoftmax") tensor = trace.add("log", node.name + ".log", {tensor});
  TensorLayout result = from;
  result.tensor = tensor;
  if (!flattened) std::swap(result.axes[axis], result.axes[rank - 1]);
  trace.set_layout(node.outputs[0], result);
}

void lower_row_norm(const NetNode& node, TraceBuilder& trace) {
  const int input = node.inputs.at(0);
  const std::size_t rank = trace.shape(input).size();
  const std::size_t axis = axis_of(node.integer("axis", -1), rank);
  const bool centres = node.op == "LayerNormalization";
  const bool shifts = centres && node.inputs.size() > 2 && node.inputs[2] >= 0;
  RawAttributes attributes;
  if (centres && !shifts) attributes["bias"] = {0};
  const TensorLayout from = trace.matrix(input, rank - axis);
  trace.set_same(
      node.outputs[0], from,
      trace.add(centres ? "layer_norm" : "rms_norm", node.name, {from.tensor}, attributes));
  bind_row_norm(node, from.columns(), shifts, trace);
}

void lower_reduction(const NetNode& node, TraceBuilder& trace) {
  const int input = node.inputs.at(0);
  const std::size_t rank = trace.shape(input).size();
  const std::vector<bool> reduced = reduced_axes(node, rank, trace);
  const TensorLayout from = simplified(trace.layout(input));
  // What stays lies as it lay.
  std::vector<int> number(from.factors.size(), -1);
  TensorLayout result;
  std::vector<bool> stays(from.factors.size(), false);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    for (const int factor : from.axes[axis]) {
      if (reduced[axis] && factor == kBatchFactor) throw InputError("reduces the batch");
      if (!reduced[axis] && factor != kBatchFactor) stays[static_cast<std::size_t>(factor)] = true;
    }
  }
  for (std::size_t f = 0; f < from.factors.size(); ++f) {
    if (!stays[f]) continue;
    number[f] = static_cast<int>(result.factors.size());
    result.factors.push_back(from.factors[f]);
  }
  const bool keeps = node.integer("keepdims", 1) != 0 || node.op.starts_with("Global");
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (reduced[axis] && !keeps) continue;
    std::vector<int>& places = result.axes.emplace_back();
    for (const int factor : from.axes[axis]) {
      if (factor == kBatchFactor) places.push_back(factor);
      if (factor >= 0 && stays[static_cast<std::size_t>(factor)]) {
        places.push_back(number[static_cast<std::size_t>(factor)]);
      }
    }
  }
  const std::int64_t all = product(result.factors);
  const std::int64_t columns = result.factors.empty() ? 1 : result.factors.back();
  result.shape = all == columns ? Shape{columns} : Shape{all / columns, columns};
  RawAttributes attributes{{"shape", result.shape}, {"factors", from.factors}};
  for (std::size_t f = 0; f < from.factors.size(); ++f) {
    if (!stays[f]) attributes["reduced"].push_back(static_cast<std::int64_t>(f));
  }
  if (attributes["reduced"].empty()) {  // axes of one element
    attributes["reduced"] = {static_cast<std::int64_t>(from.factors.size())};
    attributes["factors"].push_back(1);
  }
  if (node.op == "ArgMin") attributes["least"] = {1};
  if (node.integer("select_last_index", 0) != 0) attributes["last"] = {1};
  result.tensor = trace.add(reduction_op(node.op), node.name, {from.tensor}, attributes);
  if (node.op == "GlobalLpPool" && node.integer("p", 2) != 2) trace.stand_in();
  trace.set_layout(node.outputs[0], result);
}

}  // namespace mxsim
