#include "sim/import/lowering/shared_weights.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

namespace mxsim {
namespace {

using Parameters = std::map<std::string, BoundParameter>;

constexpr std::array<std::string_view, 11> kSharing{"linear",     "conv2d",     "conv_transpose2d",
                                                    "batch_norm", "layer_norm", "rms_norm",
                                                    "group_norm", "prelu",      "lstm",
                                                    "gru",        "rnn"};
constexpr std::string_view kAverages = "running";

bool can_share(const Layer& layer) {
  for (const std::string_view op : kSharing) {
    if (layer.op == op) return layer.weights_of.empty();
  }
  return false;
}

/// Names of a layer's parameters, without the layer's.
std::vector<std::string> names_of(const Layer& layer, const Parameters& bound) {
  const std::string before = layer.name + ".";
  std::vector<std::string> names;
  for (auto it = bound.lower_bound(before); it != bound.end() && it->first.starts_with(before);
       ++it) {
    std::string name = it->first.substr(before.size());
    if (name.find('.') == std::string::npos) names.push_back(std::move(name));
  }
  return names;
}

/// Operator and tensors; "": no parameters, or some that no tensor of the file holds.
std::string key_of(const Layer& layer, const Parameters& bound) {
  std::string key;
  for (const std::string& name : names_of(layer, bound)) {
    const ParameterSource& source = bound.at(layer.name + "." + name).source;
    if (source.tensors.empty()) return "";
    key += "\n" + name;
    for (const FileNumbers& tensor : source.tensors) key += "\t" + tensor.tensor;
  }
  return key.empty() ? "" : layer.op + key;
}

/// Numbers 0, 1, ... of its tensors, in the places of the parameter.
std::vector<float> places(const BoundParameter& parameter) {
  std::vector<std::vector<float>> numbers;
  float first = 0;
  for (const std::int64_t elements : parameter.elements) {
    numbers.emplace_back(static_cast<std::size_t>(elements));
    std::iota(numbers.back().begin(), numbers.back().end(), first);
    first += static_cast<float>(elements);
  }
  return parameter.source.arrange(numbers);
}

bool lie_alike(const Layer& a, const Layer& b, const Parameters& bound) {
  for (const std::string& name : names_of(a, bound)) {
    const BoundParameter& one = bound.at(a.name + "." + name);
    const BoundParameter& other = bound.at(b.name + "." + name);
    if (one.elements != other.elements || places(one) != places(other)) return false;
  }
  return true;
}

}  // namespace

void share_weights(Graph& graph, Parameters& bound) {
  std::multimap<std::string, const Layer*> owners;  // several where they lie differently
  for (Layer& layer : graph.layers) {
    if (!can_share(layer)) continue;
    const std::string key = key_of(layer, bound);
    if (key.empty()) continue;
    const auto [first, last] = owners.equal_range(key);
    const auto owner = std::find_if(
        first, last, [&](const auto& each) { return lie_alike(*each.second, layer, bound); });
    if (owner == last) {
      owners.emplace(key, &layer);
      continue;
    }
    layer.weights_of = owner->second->name;
    for (const std::string& name : names_of(layer, bound)) {
      if (name != kAverages) bound.erase(layer.name + "." + name);
    }
  }
}

}  // namespace mxsim
