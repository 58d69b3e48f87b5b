#include "sim/import/lowering/norm_parts.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace mxsim {
namespace {

using Axes = std::vector<std::int64_t>;

/// Nodes in the place of one, the last of which makes its result.
class Parts {
 public:
  Parts(const NetNode& whole, TensorNetwork& network) : whole_(whole), network_(network) {}

  int reduced(const char* op, int tensor, const Axes& axes) {
    Shape shape = shape_of(tensor);
    const auto rank = static_cast<std::int64_t>(shape.size());
    for (const std::int64_t axis : axes) {
      shape.at(static_cast<std::size_t>(axis < 0 ? axis + rank : axis)) = 1;
    }
    const int result = add(op, {tensor}, std::move(shape));
    nodes_.back().integers = {{"axes", axes}, {"keepdims", {1}}};
    return result;
  }
  int made(const char* op, const std::vector<int>& inputs) {
    return add(op, inputs, shape_of(inputs[0]));
  }
  int number(long double value) {
    NetTensor held{whole_.name + ".number", {}, true, false, ConstantValues{{value}, false}};
    return put(std::move(held));
  }
  /// The last node makes the whole's result.
  std::vector<NetNode> take() {
    nodes_.back().outputs = {whole_.outputs.at(0)};
    nodes_.back().name = whole_.name;
    return std::move(nodes_);
  }

 private:
  const Shape& shape_of(int tensor) const {
    return network_.tensors[static_cast<std::size_t>(tensor)].shape;
  }
  int put(NetTensor tensor) {
    tensor.element = "float";
    network_.tensors.push_back(std::move(tensor));
    return static_cast<int>(network_.tensors.size()) - 1;
  }
  int add(const char* op, std::vector<int> inputs, Shape shape) {
    NetNode node;
    node.op = op;
    node.name = whole_.name + "." + std::to_string(nodes_.size());
    node.version = whole_.version;
    node.inputs = std::move(inputs);
    node.outputs = {put({node.name, std::move(shape), false, false, {}})};
    nodes_.push_back(std::move(node));
    return nodes_.back().outputs[0];
  }

  const NetNode& whole_;
  TensorNetwork& network_;
  std::vector<NetNode> nodes_;
};

std::vector<NetNode> parts_of(const NetNode& node, TensorNetwork& network) {
  Parts parts(node, network);
  const int x = node.inputs.at(0);
  if (node.op == "LpNormalization") {
    const char* const norm = node.integer("p", 2) == 1 ? "ReduceL1" : "ReduceL2";
    parts.made("Div", {x, parts.reduced(norm, x, {node.integer("axis", -1)})});
    return parts.take();
  }
  constexpr long double kEpsilon = 1e-9L;  // ONNX's
  const auto given = node.integers.find("axes");
  const Axes axes = given == node.integers.end() ? Axes{0, 2, 3} : given->second;
  const int centred = parts.made("Sub", {x, parts.reduced("ReduceMean", x, axes)});
  const int variance = parts.reduced("ReduceMean", parts.made("Mul", {centred, centred}), axes);
  const int deviation = parts.made("Sqrt", {variance});
  parts.made("Div", {centred, parts.made("Add", {deviation, parts.number(kEpsilon)})});
  return parts.take();
}

}  // namespace

void spell_out_norms(TensorNetwork& network) {
  std::vector<NetNode> nodes;
  for (NetNode& node : network.nodes) {
    if (node.op == "LpNormalization" || node.op == "MeanVarianceNormalization") {
      std::vector<NetNode> parts = parts_of(node, network);
      std::move(parts.begin(), parts.end(), std::back_inserter(nodes));
    } else {
      nodes.push_back(std::move(node));
    }
  }
  network.nodes = std::move(nodes);
}

}  // namespace mxsim
