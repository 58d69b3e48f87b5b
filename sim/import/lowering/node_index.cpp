#include "sim/import/lowering/node_index.h"

#include <cmath>

namespace mxsim {

NodeIndex::NodeIndex(const TensorNetwork& network)
    : network_(network), makers_(network.tensors.size(), -1), readers_(network.tensors.size()) {
  constexpr int kOutside = -2;
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    const NetNode& each = network.nodes[n];
    for (const int id : each.outputs) {
      if (id >= 0) makers_[static_cast<std::size_t>(id)] = static_cast<int>(n);
    }
    for (const int id : each.inputs) {
      if (id >= 0) readers_[static_cast<std::size_t>(id)].push_back(static_cast<int>(n));
    }
  }
  for (const int id : network.outputs) readers_[static_cast<std::size_t>(id)].push_back(kOutside);
}

int NodeIndex::only_reader(int n) const {
  if (n < 0 || node(n).outputs.empty() || node(n).outputs[0] < 0) return -1;
  const std::vector<int>& all = readers_[static_cast<std::size_t>(node(n).outputs[0])];
  return all.size() == 1 && all[0] >= 0 ? all[0] : -1;
}

bool NodeIndex::is_constant(int tensor) const {
  return tensor >= 0 && network_.tensors[static_cast<std::size_t>(tensor)].constant;
}

std::optional<long double> NodeIndex::number(int tensor) const {
  if (!is_constant(tensor)) return std::nullopt;
  const auto& values = network_.tensors[static_cast<std::size_t>(tensor)].values;
  if (!values || values->numbers.empty()) return std::nullopt;
  for (const long double each : values->numbers) {
    if (each != values->numbers[0]) return std::nullopt;
  }
  return values->numbers[0];
}

std::optional<ClipLimits> NodeIndex::clip_limits(int n) const {
  const auto limit = [&](std::size_t input, const char* attribute,
                         double standard) -> std::optional<double> {
    const NetNode& clip = node(n);
    if (input < clip.inputs.size() && clip.inputs[input] >= 0) {
      const auto given = number(clip.inputs[input]);
      return given ? std::optional(static_cast<double>(*given)) : std::nullopt;
    }
    const auto found = clip.numbers.find(attribute);
    return found == clip.numbers.end() ? standard : found->second;
  };
  const auto low = limit(1, "min", -HUGE_VAL);
  const auto high = limit(2, "max", HUGE_VAL);
  if (!low || !high) return std::nullopt;
  return ClipLimits{*low, *high};
}

int NodeIndex::beside_number(int n) const {
  if (n < 0 || node(n).inputs.size() != 2) return -1;
  const int a = node(n).inputs[0];
  const int b = node(n).inputs[1];
  if (number(a) && !is_constant(b)) return b;
  return number(b) && !is_constant(a) ? a : -1;
}

int NodeIndex::other(int n, int tensor) const {
  if (n < 0 || node(n).inputs.size() != 2) return -1;
  if (node(n).inputs[0] == tensor) return node(n).inputs[1];
  return node(n).inputs[1] == tensor ? node(n).inputs[0] : -1;
}

}  // namespace mxsim
