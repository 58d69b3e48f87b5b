#include "models/workload/graph_links.h"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "models/core/did_you_mean.h"

namespace mxsim {
namespace {

/// Suggestions compare with every tensor name; a hostile trace would make that quadratic.
constexpr std::size_t kMostSuggestions = 50;

std::string at(std::string_view list, std::size_t index) {
  return "/" + std::string(list) + "/" + std::to_string(index);
}

class Linker {
 public:
  Linker(const Graph& graph, std::vector<Diagnostic>& faults) : graph_(graph), faults_(faults) {}

  GraphLinks link() {
    declare_inputs();
    declare_layers();
    resolve_layer_inputs();
    resolve_network_outputs();
    sort();
    // A misspelt or doubled name leaves tensors unread: one fault is enough.
    if (faults_.empty()) refuse_unread();
    return std::move(links_);
  }

 private:
  void add(std::string pointer, std::string message) {
    faults_.push_back({"", std::move(pointer), std::move(message)});
  }

  std::string place(std::size_t layer) const {
    const std::string& pointer = graph_.layers[layer].pointer;
    return pointer.empty() ? at("layers", layer) : pointer;
  }

  std::int32_t declare_tensor(const std::string& name, std::int32_t producer,
                              const std::string& pointer) {
    if (name.empty()) add(pointer, "empty name");
    const auto id = static_cast<std::int32_t>(links_.tensors.size());
    const auto [previous, fresh] = ids_.emplace(name, id);
    if (!fresh) {
      add(pointer, "tensor \"" + name + "\" already comes from " + maker(previous->second));
    }
    links_.tensors.push_back({name, {}, producer, {}});
    return id;
  }

  std::string maker(std::int32_t tensor) const {
    const std::int32_t layer = links_.tensors[tensor].producer;
    return layer < 0 ? "the inputs" : "layer \"" + graph_.layers[layer].name + "\"";
  }

  void declare_inputs() {
    if (graph_.inputs.empty()) add("/inputs", "the network has no input");
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      const std::int32_t id = declare_tensor(graph_.inputs[i].name, -1, at("inputs", i) + "/name");
      links_.tensors[id].shape = graph_.inputs[i].shape;
    }
  }

  void declare_layers() {
    if (graph_.layers.empty()) add("/layers", "the network has no layer");
    std::unordered_set<std::string> names;
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      const Layer& layer = graph_.layers[l];
      const std::string pointer = place(l);
      if (layer.name.empty()) add(pointer + "/name", "empty name");
      if (!names.insert(layer.name).second) {
        add(pointer + "/name", "duplicate layer name \"" + layer.name + "\"");
      }
      links_.outputs.emplace_back();
      for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
        links_.outputs[l].push_back(declare_tensor(layer.outputs[i], static_cast<std::int32_t>(l),
                                                   pointer + at("outputs", i)));
      }
    }
  }

  std::int32_t resolve(const std::string& name, const std::string& pointer) {
    const auto found = ids_.find(name);
    if (found != ids_.end()) return found->second;
    std::string suggestion;
    if (suggestions_++ < kMostSuggestions) suggestion = did_you_mean(name, tensor_names());
    add(pointer, "unknown tensor \"" + name + "\"" + suggestion);
    return -1;
  }

  std::vector<std::string> tensor_names() const {
    std::vector<std::string> names;
    for (const ShapedTensor& tensor : links_.tensors) names.push_back(tensor.name);
    return names;
  }

  void resolve_layer_inputs() {
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      links_.inputs.emplace_back();
      const Layer& layer = graph_.layers[l];
      for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
        const std::int32_t id = resolve(layer.inputs[i], place(l) + at("inputs", i));
        links_.inputs[l].push_back(id);
        if (id >= 0) links_.tensors[id].consumers.push_back(static_cast<std::int32_t>(l));
      }
    }
  }

  void resolve_network_outputs() {
    if (graph_.outputs.empty()) add("/outputs", "the network has no output");
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const std::int32_t id = resolve(graph_.outputs[i], at("outputs", i));
      if (id >= 0) links_.network_outputs.push_back(id);
    }
  }

  /// Kahn's algorithm; among the layers that are ready, the first of the trace.
  void sort() {
    std::vector<std::int32_t> waiting(graph_.layers.size(), 0);
    for (std::size_t l = 0; l < waiting.size(); ++l) {
      for (const std::int32_t id : links_.inputs[l]) {
        waiting[l] += id >= 0 && links_.tensors[id].producer >= 0;
      }
    }
    std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> ready;
    for (std::size_t l = 0; l < waiting.size(); ++l) {
      if (waiting[l] == 0) ready.push(static_cast<std::int32_t>(l));
    }
    while (!ready.empty()) {
      const std::int32_t layer = ready.top();
      ready.pop();
      links_.order.push_back(layer);
      for (const std::int32_t output : links_.outputs[layer]) {
        for (const std::int32_t consumer : links_.tensors[output].consumers) {
          if (--waiting[consumer] == 0) ready.push(consumer);
        }
      }
    }
    if (links_.order.size() < graph_.layers.size()) name_cycle(waiting);
  }

  /// Every layer that still waits has a producer that waits: going back must come round.
  void name_cycle(const std::vector<std::int32_t>& waiting) {
    std::int32_t layer = 0;
    while (waiting[layer] == 0) ++layer;
    std::vector<std::int32_t> path;
    std::unordered_map<std::int32_t, std::size_t> seen;
    while (seen.emplace(layer, path.size()).second) {
      path.push_back(layer);
      layer = waiting_producer(layer, waiting);
    }
    std::string text = "\"" + graph_.layers[layer].name + "\"";
    for (std::size_t i = path.size(); i-- > seen[layer];) {
      text += " -> \"" + graph_.layers[path[i]].name + "\"";
    }
    add(place(static_cast<std::size_t>(layer)), "cycle of layers " + text);
  }

  std::int32_t waiting_producer(std::int32_t layer, const std::vector<std::int32_t>& waiting) {
    for (const std::int32_t id : links_.inputs[layer]) {
      const std::int32_t producer = id < 0 ? -1 : links_.tensors[id].producer;
      if (producer >= 0 && waiting[producer] > 0) return producer;
    }
    throw InternalError("a waiting layer has no waiting producer");
  }

  void refuse_unread() {
    std::vector<bool> wanted(links_.tensors.size(), false);
    for (const std::int32_t id : links_.network_outputs) wanted[id] = true;
    const auto read = [&](std::int32_t id) {
      return wanted[id] || !links_.tensors[id].consumers.empty();
    };
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      if (!read(static_cast<std::int32_t>(i))) {
        add(at("inputs", i), "no layer reads input \"" + graph_.inputs[i].name + "\"");
      }
    }
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      const auto& outputs = links_.outputs[l];
      if (std::none_of(outputs.begin(), outputs.end(), read)) {
        add(place(l),
            "layer \"" + graph_.layers[l].name + "\" is unused: nothing reads its outputs");
      }
    }
  }

  const Graph& graph_;
  std::vector<Diagnostic>& faults_;
  GraphLinks links_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::size_t suggestions_ = 0;
};

}  // namespace

GraphLinks link_graph(const Graph& graph, std::vector<Diagnostic>& faults) {
  return Linker(graph, faults).link();
}

}  // namespace mxsim
