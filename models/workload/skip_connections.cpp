#include "models/workload/skip_connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/core/error.h"
#include "models/workload/graph_expansion.h"

namespace mxsim {
namespace {

bool is_norm(const ShapedLayer& layer) {
  static const std::set<std::string_view> kNorms{"batch_norm", "group_norm", "layer_norm",
                                                 "rms_norm"};
  return kNorms.contains(layer.kind->op());
}

std::string shape_text(const Shape& shape) {
  return to_string(Shape(shape.begin() + 1, shape.end()));
}

/// A layer of a block as the shortened skips see it.
struct SkippedLayer {
  std::int32_t gemm = -1;    ///< layer with the GEMM
  std::int32_t result = -1;  ///< tensor that the skip is added to
  std::int32_t source = -1;  ///< tensor that skips it; -1: the sum before it
  std::int32_t last = -1;    ///< layer that makes the result
};

/// The layers of one block, or why there are none.
class BlockLayers {
 public:
  BlockLayers(const ShapedGraph& graph, const SkipConnection& skip) : graph_(graph), skip_(skip) {
    check_chain();
    if (fault_.empty()) cut();
    if (fault_.empty()) check_shapes();
  }

  const std::vector<SkippedLayer>& layers() const { return layers_; }
  const std::string& fault() const { return fault_; }

 private:
  const ShapedLayer& layer(std::int32_t index) const {
    return graph_.layers[static_cast<std::size_t>(index)];
  }
  const ShapedTensor& tensor(std::int32_t index) const {
    return graph_.tensors[static_cast<std::size_t>(index)];
  }

  void check_chain() {
    std::int32_t before = skip_.fork;
    for (const std::int32_t each : skip_.block_layers) {
      const bool ends = each == skip_.block_layers.back();
      const bool linked = layer(each).inputs.size() == 1 && layer(each).outputs.size() == 1 &&
                          layer(each).inputs[0] == before;
      const bool read_once = ends || (linked && read_inside(layer(each).outputs[0]));
      if (!linked || !read_once) {
        fault_ = fmt::format("the block is no chain of layers at \"{}\"", layer(each).name);
        return;
      }
      before = layer(each).outputs[0];
    }
  }

  bool read_inside(std::int32_t index) const {
    const auto& outputs = graph_.outputs;
    return tensor(index).consumers.size() == 1 &&
           std::find(outputs.begin(), outputs.end(), index) == outputs.end();
  }

  void cut() {
    const std::vector<std::int32_t>& chain = skip_.block_layers;
    const bool norm_first = forward_macs(layer(chain.front())) == 0;
    const bool norm_behind = !norm_first || is_norm(layer(chain.back()));
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (forward_macs(layer(chain[i])) == 0) continue;
      std::size_t last = i;
      while (norm_behind && last + 1 < chain.size() && is_norm(layer(chain[last + 1]))) ++last;
      SkippedLayer each{chain[i], layer(chain[last]).outputs[0], layer(chain[i]).inputs[0],
                        chain[last]};
      const bool follows = !layers_.empty() && each.source == layers_.back().result;
      if (norm_first || follows) each.source = -1;
      if (layers_.empty()) each.source = skip_.skip_tensor(graph_);
      layers_.push_back(each);
    }
    layers_.back().result = skip_.block_tensor(graph_);
    if (layers_.size() == 1) fault_ = "spans one layer already";
  }

  void check_shapes() {
    const Shape* before = nullptr;
    for (const SkippedLayer& each : layers_) {
      const Shape& source = each.source < 0 ? *before : tensor(each.source).shape;
      const Shape& result = tensor(each.result).shape;
      if (source != result) {
        fault_ = fmt::format("layer \"{}\" makes {}, its skip is {}", layer(each.gemm).name,
                             shape_text(result), shape_text(source));
        return;
      }
      before = &result;
    }
  }

  const ShapedGraph& graph_;
  const SkipConnection& skip_;
  std::vector<SkippedLayer> layers_;
  std::string fault_;
};

/// Collects edits by name and makes them at once: the edited graph has other indices than its
/// shaped form.
class Editor {
 public:
  Editor(Graph graph, const ShapedGraph& shaped)
      : graph_(std::move(graph)), shaped_(shaped), behind_(graph_.layers.size()) {
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) places_[graph_.layers[l].name] = l;
  }

  void shorten(const SkipConnection& skip, const std::vector<SkippedLayer>& layers) {
    std::string sum;
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
      const SkippedLayer& each = layers[i];
      const std::string source = each.source < 0 ? sum : name(each.source);
      sum = name(each.result) + ".skip";
      read_instead(skip, name(each.result), sum);
      insert_sum(each, {name(each.result), source}, sum);
    }
    const SkippedLayer& last = layers.back();
    layer(skip.add).inputs[skip.skip_input] = last.source < 0 ? sum : name(last.source);
  }

  void remove(const SkipConnection& skip) {
    gone_.insert(layer(skip.add).name);
    renamed_[layer(skip.add).outputs[0]] = name(skip.block_tensor(shaped_));
    for (const std::int32_t each : skip.skip_layers) projections_.insert(layer(each).name);
  }

  Graph finish() {
    std::vector<Layer> layers;
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      if (!gone_.contains(graph_.layers[l].name)) layers.push_back(std::move(graph_.layers[l]));
      std::move(behind_[l].begin(), behind_[l].end(), std::back_inserter(layers));
    }
    graph_.layers = std::move(layers);
    for (Layer& each : graph_.layers) rename(each.inputs);
    rename(graph_.outputs);
    drop_unread_projections();
    graph_.macs.reset();
    graph_.parameters.reset();
    return std::move(graph_);
  }

 private:
  Layer& layer(std::int32_t shaped) {
    return graph_.layers[places_.at(shaped_.layers[static_cast<std::size_t>(shaped)].name)];
  }
  const std::string& name(std::int32_t tensor) const {
    return shaped_.tensors[static_cast<std::size_t>(tensor)].name;
  }

  void rename(std::vector<std::string>& tensors) const {
    for (std::string& each : tensors) {
      for (auto found = renamed_.find(each); found != renamed_.end(); found = renamed_.find(each)) {
        each = found->second;
      }
    }
  }

  /// In the block alone: its tensors have no other readers.
  void read_instead(const SkipConnection& skip, const std::string& from, const std::string& to) {
    for (const std::int32_t each : skip.block_layers) {
      std::vector<std::string>& inputs = layer(each).inputs;
      std::replace(inputs.begin(), inputs.end(), from, to);
    }
  }

  void insert_sum(const SkippedLayer& each, std::vector<std::string> inputs,
                  const std::string& output) {
    const Layer& gemm = layer(each.gemm);
    Layer sum;
    sum.name = gemm.name + ".skip";
    while (!places_.try_emplace(sum.name, 0).second) sum.name += "_";
    sum.op = "add";
    sum.inputs = std::move(inputs);
    sum.outputs = {output};
    sum.pointer = gemm.pointer;
    behind_[places_.at(layer(each.last).name)].push_back(std::move(sum));
  }

  void drop_unread_projections() {
    for (bool dropped = !projections_.empty(); dropped;) {
      std::unordered_set<std::string> read(graph_.outputs.begin(), graph_.outputs.end());
      for (const Layer& each : graph_.layers) read.insert(each.inputs.begin(), each.inputs.end());
      const auto is_read = [&](const std::string& output) { return read.contains(output); };
      dropped = std::erase_if(graph_.layers, [&](const Layer& each) {
                  return projections_.contains(each.name) &&
                         std::none_of(each.outputs.begin(), each.outputs.end(), is_read);
                }) > 0;
    }
  }

  Graph graph_;
  const ShapedGraph& shaped_;
  std::unordered_map<std::string, std::size_t> places_;  ///< of layers, by name
  std::vector<std::vector<Layer>> behind_;               ///< of each layer: inserted ones
  std::unordered_set<std::string> gone_;
  std::unordered_map<std::string, std::string> renamed_;  ///< tensors
  std::unordered_set<std::string> projections_;           ///< layers of removed skips
};

/// Layers whose weights others use too.
std::set<std::int32_t> weight_owners(const ShapedGraph& graph) {
  std::set<std::int32_t> owners;
  for (const ShapedLayer& layer : graph.layers) owners.insert(layer.weights_of);
  return owners;
}

/// Why a skip cannot be removed, or "".
std::string tied_fault(const ShapedGraph& graph, const SkipConnection& skip,
                       const std::set<std::int32_t>& owners) {
  for (const std::int32_t each : skip.skip_layers) {
    if (!owners.contains(each)) continue;
    return fmt::format("another layer uses the weights of \"{}\"",
                       graph.layers[static_cast<std::size_t>(each)].name);
  }
  return "";
}

constexpr const char* kAttribute = "skip";

SkipPolicy policy_of(const Layer& layer) {
  const auto found = layer.attributes.find(kAttribute);
  const bool stated =
      layer.op == "add" && found != layer.attributes.end() && !found->second.empty();
  if (!stated) return SkipPolicy::kKeep;
  const std::int64_t value = std::clamp<std::int64_t>(found->second.front(), 0, 2);
  return static_cast<SkipPolicy>(value);
}

/// visit(layer) of the graph and of its blocks.
template <class SomeGraph, class Visit>
void for_each_layer(SomeGraph& graph, Visit visit) {
  for (auto& layer : graph.layers) visit(layer);
  for (auto& block : graph.blocks) {
    for (auto& layer : block.layers) visit(layer);
  }
}

void refuse_unchanged(const Graph& graph, const std::vector<SkipOutcome>& outcomes) {
  const auto refuse = [&](const std::string& message) {
    const bool shortens = stated_skips(graph) == SkipPolicy::kShorten;
    throw InputError(
        {{"", "/skip",
          fmt::format("got \"{}\", but {}", shortens ? "shorten" : "remove", message)}});
  };
  if (outcomes.empty()) refuse(fmt::format("\"{}\" has no residual addition", graph.name));
  const bool changed = std::any_of(outcomes.begin(), outcomes.end(),
                                   [](const SkipOutcome& each) { return each.changed; });
  if (changed) return;
  refuse(fmt::format("none of the {} residual additions can be changed: \"{}\": {}",
                     outcomes.size(), outcomes.front().add, outcomes.front().reason));
}

}  // namespace

SkipPolicy stated_skips(const Graph& graph) {
  SkipPolicy most = SkipPolicy::kKeep;
  for_each_layer(graph, [&](const Layer& layer) { most = std::max(most, policy_of(layer)); });
  return most;
}

void state_skips(Graph& graph, SkipPolicy policy) {
  for_each_layer(graph, [&](Layer& layer) {
    if (layer.op != "add") return;
    layer.attributes.erase(kAttribute);
    if (policy != SkipPolicy::kKeep) {
      layer.attributes[kAttribute] = {static_cast<std::int64_t>(policy)};
    }
  });
}

ChangedGraph change_skips(Graph expanded, std::optional<std::size_t> most) {
  Graph kept = expanded;
  state_skips(kept, SkipPolicy::kKeep);
  const ShapedGraph shaped = shape_graph(kept, 1);
  const std::set<std::int32_t> owners = weight_owners(shaped);
  std::unordered_map<std::string, SkipPolicy> policies;
  for (const Layer& layer : expanded.layers) policies[layer.name] = policy_of(layer);
  std::vector<SkipOutcome> outcomes;
  std::size_t left = most.value_or(shaped.layers.size());
  Editor editor(std::move(kept), shaped);
  for (const SkipConnection& skip : find_skips(shaped)) {
    SkipOutcome outcome{shaped.layers[static_cast<std::size_t>(skip.add)].name, false, ""};
    const SkipPolicy policy = policies.at(outcome.add);
    if (policy == SkipPolicy::kKeep) continue;
    const BlockLayers block(shaped, skip);
    const bool shortens = policy == SkipPolicy::kShorten;
    outcome.reason = shortens ? block.fault() : tied_fault(shaped, skip, owners);
    outcome.changed = outcome.reason.empty();
    if (outcome.changed && left > 0) {
      --left;
      shortens ? editor.shorten(skip, block.layers()) : editor.remove(skip);
    }
    outcomes.push_back(std::move(outcome));
  }
  refuse_unchanged(expanded, outcomes);
  return {editor.finish(), std::move(outcomes)};
}

std::vector<SkipOutcome> skip_outcomes(const Graph& graph, const Dimensions& dimensions) {
  if (stated_skips(graph) == SkipPolicy::kKeep) return {};
  return change_skips(expand_blocks(graph, dimensions)).outcomes;
}

}  // namespace mxsim
