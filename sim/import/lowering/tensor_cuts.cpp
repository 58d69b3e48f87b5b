#include "sim/import/lowering/tensor_cuts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace mxsim {
namespace {

/// One node that takes a part of a tensor along one axis.
struct Cut {
  std::size_t node = 0;
  std::int64_t axis = 0;
  std::int64_t first = 0;
  std::int64_t size = 1;
  bool drops_axis = false;
};

using Numbers = std::vector<long double>;

std::optional<Numbers> numbers_of(const TensorNetwork& network, const NetNode& node,
                                  std::size_t input, const char* attribute) {
  if (input < node.inputs.size() && node.inputs[input] >= 0) {
    const auto& values = network.tensors[static_cast<std::size_t>(node.inputs[input])].values;
    if (!values) return std::nullopt;
    return values->numbers;
  }
  const auto found = node.integers.find(attribute);
  if (found == node.integers.end()) return Numbers{};
  return Numbers(found->second.begin(), found->second.end());
}

std::int64_t from_front(long double place, std::int64_t extent) {
  const auto whole = static_cast<std::int64_t>(place);
  return whole < 0 ? whole + extent : whole;
}

std::optional<Cut> slice_of(const TensorNetwork& network, std::size_t n) {
  const NetNode& node = network.nodes[n];
  const Shape& in = network.tensors[static_cast<std::size_t>(node.inputs[0])].shape;
  const Shape& out = network.tensors[static_cast<std::size_t>(node.outputs[0])].shape;
  const auto starts = numbers_of(network, node, 1, "starts");
  const auto axes = numbers_of(network, node, 3, "axes");
  const auto steps = numbers_of(network, node, 4, "steps");
  if (!starts || !axes || !steps || starts->size() != 1 || axes->size() > 1) return std::nullopt;
  if (!steps->empty() && steps->front() != 1) return std::nullopt;
  Cut cut{n, 0, 0, 1, false};
  if (!axes->empty()) cut.axis = from_front(axes->front(), static_cast<std::int64_t>(in.size()));
  const auto axis = static_cast<std::size_t>(cut.axis);
  if (axis >= in.size()) return std::nullopt;
  cut.first = from_front(starts->front(), in[axis]);
  cut.size = out[axis];
  return cut;
}

std::optional<Cut> index_of(const TensorNetwork& network, std::size_t n) {
  const NetNode& node = network.nodes[n];
  if (network.tensors[static_cast<std::size_t>(node.inputs[0])].constant) return std::nullopt;
  const NetTensor& places = network.tensors[static_cast<std::size_t>(node.inputs.at(1))];
  if (!places.shape.empty() || !places.values) return std::nullopt;
  const Shape& in = network.tensors[static_cast<std::size_t>(node.inputs[0])].shape;
  const std::int64_t axis = from_front(static_cast<long double>(node.integer("axis", 0)),
                                       static_cast<std::int64_t>(in.size()));
  if (axis < 0 || axis >= static_cast<std::int64_t>(in.size())) return std::nullopt;
  const std::int64_t place =
      from_front(places.values->numbers.at(0), in[static_cast<std::size_t>(axis)]);
  return Cut{n, axis, place, 1, true};
}

/// Whether the parts follow one another from the first place to the last.
bool take_all(const std::vector<Cut>& parts, std::int64_t extent) {
  std::int64_t next = 0;
  for (const Cut& part : parts) {
    if (part.first != next) return false;
    next += part.size;
  }
  return next == extent && parts.size() > 1;
}

NetNode joined(const TensorNetwork& network, const std::vector<Cut>& parts) {
  const NetNode& first = network.nodes[parts.front().node];
  NetNode node;
  node.op = parts.front().drops_axis ? "Unstack" : "Split";
  node.name = first.name;
  node.version = first.version;
  node.inputs = {first.inputs[0]};
  node.integers["axis"] = {parts.front().axis};
  for (const Cut& part : parts) node.outputs.push_back(network.nodes[part.node].outputs[0]);
  return node;
}

struct CutTensor {
  int tensor = 0;
  std::int64_t axis = 0;
  bool drops_axis = false;
  auto operator<=>(const CutTensor&) const = default;
};

}  // namespace

void join_cuts(TensorNetwork& network) {
  std::map<CutTensor, std::vector<Cut>> by_tensor;
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    const NetNode& node = network.nodes[n];
    std::optional<Cut> cut;
    if (node.op == "Slice") cut = slice_of(network, n);
    if (node.op == "Gather") cut = index_of(network, n);
    if (cut) by_tensor[{node.inputs[0], cut->axis, cut->drops_axis}].push_back(*cut);
  }
  std::set<std::size_t> removed;
  for (auto& [key, parts] : by_tensor) {
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Cut& a, const Cut& b) { return a.first < b.first; });
    const Shape& shape = network.tensors[static_cast<std::size_t>(key.tensor)].shape;
    if (!take_all(parts, shape[static_cast<std::size_t>(key.axis)])) continue;
    std::size_t earliest = parts.front().node;
    for (const Cut& part : parts) earliest = std::min(earliest, part.node);
    NetNode node = joined(network, parts);
    for (const Cut& part : parts) {
      if (part.node != earliest) removed.insert(part.node);
    }
    network.nodes[earliest] = std::move(node);
  }
  std::vector<NetNode> kept;
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    if (!removed.contains(n)) kept.push_back(std::move(network.nodes[n]));
  }
  network.nodes = std::move(kept);
}

}  // namespace mxsim
