#include "models/workload/graph_expansion.h"

#include <unordered_map>
#include <utility>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/workload/skip_connections.h"

namespace mxsim {
namespace {

constexpr std::size_t kMostFaults = 200;
constexpr std::size_t kMostNamed = 20;  ///< dimensions in a message

class Expander {
 public:
  Expander(const Graph& graph, const Dimensions& dimensions)
      : graph_(graph), sizes_(graph.dimensions) {
    for (const auto& [name, value] : dimensions) override_size(name, value);
  }

  Graph expand() {
    if (graph_.layers.size() > kMostLayers) {
      throw InputError({{"", "/layers",
                         "the network has more than " + std::to_string(kMostLayers) + " layers"}});
    }
    all_ = graph_;
    all_.blocks.clear();
    all_.dimensions.clear();
    if (sizes_ != graph_.dimensions) all_.macs.reset();
    size_inputs();
    for (std::size_t l = 0; l < all_.layers.size(); ++l) {
      Layer& layer = all_.layers[l];
      if (layer.pointer.empty()) layer.pointer = "/layers/" + std::to_string(l);
      size_attributes(layer);
    }
    for (std::size_t b = 0; b < graph_.blocks.size(); ++b) {
      add_block(graph_.blocks[b], "/blocks/" + std::to_string(b));
    }
    if (!faults_.empty()) throw InputError(std::move(faults_));
    return std::move(all_);
  }

 private:
  void fault(std::string pointer, std::string message) {
    faults_.push_back({"", std::move(pointer), std::move(message)});
  }

  void override_size(const std::string& name, std::int64_t value) {
    const auto found = sizes_.find(name);
    if (found == sizes_.end()) {
      fault("/dimensions/" + name, unknown(name));
    } else {
      found->second = value;
    }
  }

  std::string unknown(const std::string& name) const {
    if (sizes_.size() > kMostNamed) {
      return "the network has no dimension \"" + name + "\"; it has " +
             std::to_string(sizes_.size());
    }
    std::vector<std::string> known;
    std::string all;
    for (const auto& [each, value] : graph_.dimensions) {
      known.push_back(each);
      all += (all.empty() ? "" : ", ") + each;
    }
    return "the network has no dimension \"" + name + "\"" + did_you_mean(name, known) +
           (all.empty() ? "; it has none" : "; it has " + all);
  }

  std::int64_t size_of(const std::string& name, const std::string& pointer) {
    const auto found = sizes_.find(name);
    if (found != sizes_.end()) return found->second;
    if (faults_.size() < kMostFaults) fault(pointer, unknown(name));
    return 1;
  }

  void size_inputs() {
    for (std::size_t i = 0; i < all_.inputs.size(); ++i) {
      GraphInput& input = all_.inputs[i];
      for (std::size_t axis = 0; axis < input.sized.size(); ++axis) {
        if (input.sized[axis].empty()) continue;
        input.shape.at(axis) = size_of(
            input.sized[axis], "/inputs/" + std::to_string(i) + "/shape/" + std::to_string(axis));
      }
      input.sized.clear();
    }
  }

  void size_attributes(Layer& layer) {
    for (const auto& [attribute, dimension] : layer.sized) {
      layer.attributes[attribute] = {
          size_of(dimension, layer.pointer + "/attributes/" + attribute)};
    }
    layer.sized.clear();
  }

  using Names = std::unordered_map<std::string, std::string>;

  void add_block(const Block& block, const std::string& pointer) {
    if (block.reads.size() != block.inputs.size()) {
      fault(pointer + "/reads", "expected a name for each of the inputs");
    }
    if (block.makes.size() != block.outputs.size() || block.makes.size() > block.reads.size()) {
      fault(pointer + "/makes", "expected one for each of the outputs, and no more than reads");
    }
    const auto copies = static_cast<std::size_t>(block.repeat);
    if (copies > kMostLayers || all_.layers.size() + copies * block.layers.size() > kMostLayers) {
      fault(pointer + "/repeat",
            "the network has more than " + std::to_string(kMostLayers) + " layers");
    }
    if (!faults_.empty()) return;
    Names names;
    for (std::size_t i = 0; i < block.reads.size(); ++i) names[block.reads[i]] = block.inputs[i];
    for (std::int64_t copy = 0; copy < block.repeat; ++copy) add_copy(block, copy, pointer, names);
  }

  /// `outer`: what the block's `reads` are called outside, for this copy; then for the next.
  void add_copy(const Block& block, std::int64_t copy, const std::string& pointer, Names& outer) {
    const std::string prefix = block.name + "." + std::to_string(copy) + ".";
    Names names = outer;
    for (const Layer& layer : block.layers) {
      for (const std::string& made : layer.outputs) names[made] = prefix + made;
    }
    if (copy + 1 == block.repeat) {
      for (std::size_t i = 0; i < block.makes.size(); ++i) names[block.makes[i]] = block.outputs[i];
    }
    const auto rename = [&](std::vector<std::string>& tensors) {
      for (std::string& tensor : tensors) {
        if (const auto found = names.find(tensor); found != names.end()) tensor = found->second;
      }
    };
    for (std::size_t l = 0; l < block.layers.size(); ++l) {
      Layer layer = block.layers[l];
      layer.name = prefix + layer.name;
      layer.pointer = pointer + "/layers/" + std::to_string(l);
      rename(layer.inputs);
      rename(layer.outputs);
      size_attributes(layer);
      all_.layers.push_back(std::move(layer));
    }
    for (std::size_t i = 0; i < block.makes.size(); ++i) {
      outer[block.reads[i]] =
          names.contains(block.makes[i]) ? names[block.makes[i]] : block.makes[i];
    }
  }

  const Graph& graph_;
  Dimensions sizes_;
  Graph all_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

Graph expand_blocks(const Graph& graph, const Dimensions& dimensions) {
  return Expander(graph, dimensions).expand();
}

Graph expand(const Graph& graph, const Dimensions& dimensions) {
  Graph expanded = expand_blocks(graph, dimensions);
  if (stated_skips(expanded) == SkipPolicy::kKeep) return expanded;
  return change_skips(std::move(expanded)).graph;
}

}  // namespace mxsim
