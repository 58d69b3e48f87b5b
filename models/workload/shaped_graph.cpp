#include "models/workload/shaped_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>

#include "models/core/did_you_mean.h"
#include "models/formats/format_parser.h"
#include "models/workload/graph_expansion.h"
#include "models/workload/graph_links.h"
#include "models/workload/own_parameters.h"

namespace mxsim {
namespace {

constexpr std::int64_t kWidestElementBits = 64;

std::optional<std::int64_t> checked_product(std::span<const std::int64_t> factors) {
  return checked_elements(Shape(factors.begin(), factors.end()));
}

/// Copies of a block have the same faults at the same place.
std::vector<Diagnostic> told_once(std::vector<Diagnostic> faults) {
  std::set<std::pair<std::string, std::string>> told;
  std::erase_if(faults, [&](const Diagnostic& fault) {
    return !told.emplace(fault.pointer, fault.message).second;
  });
  return faults;
}

class Shaper {
 public:
  Shaper(const Graph& graph, std::int64_t batch) : graph_(graph) { result_.batch = batch; }

  ShapedGraph shape() {
    if (result_.batch < 1 || result_.batch > kLargestExtent) {
      faults_.push_back({"", "/batch",
                         "got " + std::to_string(result_.batch) + ", expected 1.." +
                             std::to_string(kLargestExtent) + " (images in a step)"});
      throw InputError(std::move(faults_));
    }
    links_ = link_graph(graph_, faults_);
    shape_inputs();
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) check_kind(l);
    for (const std::int32_t layer : links_.order) shape_layer(layer);
    if (faults_.empty()) add_totals();
    if (!faults_.empty()) throw InputError(told_once(std::move(faults_)));
    result_.name = graph_.name;
    result_.unlinked = graph_.unlinked;
    result_.outputs = links_.network_outputs;
    result_.tensors = std::move(links_.tensors);
    return std::move(result_);
  }

 private:
  void shape_inputs() {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      const std::string pointer = "/inputs/" + std::to_string(i) + "/shape";
      Shape& shape = links_.tensors[i].shape;
      const bool sound = std::all_of(shape.begin(), shape.end(), [](std::int64_t extent) {
        return extent >= 1 && extent <= kLargestExtent;
      });
      if (shape.empty() || shape.size() > 7 || !sound) {
        faults_.push_back({"", pointer,
                           "expected 1 to 7 extents of 1.." + std::to_string(kLargestExtent) +
                               " without the batch"});
        shape.clear();
        continue;
      }
      shape.insert(shape.begin(), result_.batch);
      if (!fits(shape, pointer)) shape.clear();
    }
  }

  bool fits(const Shape& shape, const std::string& pointer) {
    Shape bits = shape;
    bits.push_back(kWidestElementBits);
    if (checked_elements(bits)) return true;
    faults_.push_back({"", pointer, "tensor " + to_string(shape) + " exceeds 2^63 bits"});
    return false;
  }

  /// What can be said of a layer without knowing shapes.
  void check_kind(std::size_t l) {
    const Layer& layer = graph_.layers[l];
    const std::string& pointer = layer.pointer;
    const LayerKind* kind = find_layer_kind(layer.op);
    kinds_.push_back(kind);
    attributes_.emplace_back();
    if (kind == nullptr) {
      std::vector<std::string> known;
      for (const LayerKind* each : all_layer_kinds()) known.emplace_back(each->op());
      std::string hint = did_you_mean(layer.op, known);
      if (hint.empty()) hint = fmt::format(", expected one of {}", fmt::join(known, ", "));
      faults_.push_back({"", pointer + "/op", "unknown operator \"" + layer.op + "\"" + hint});
      return;
    }
    const Count inputs{layer.inputs.size(), kind->input_count(), kind->most_inputs()};
    const Count outputs{layer.outputs.size(), kind->output_count(), kind->most_outputs()};
    check_count(inputs, layer, pointer + "/inputs");
    check_count(outputs, layer, pointer + "/outputs");
    const std::size_t before = faults_.size();
    attributes_[l] =
        Attributes::read(layer.attributes, kind->attributes(), pointer + "/attributes", faults_);
    if (!inputs.good() || !outputs.good() || faults_.size() > before) kinds_[l] = nullptr;
  }

  struct Count {
    std::size_t got = 0;
    std::size_t least = 0;
    std::size_t most = 0;
    bool good() const { return got >= least && got <= most; }
  };

  void check_count(const Count& count, const Layer& layer, const std::string& pointer) {
    if (count.good()) return;
    std::string expected = std::to_string(count.least);
    if (count.most > count.least) expected += " to " + std::to_string(count.most);
    faults_.push_back(
        {"", pointer,
         "got " + std::to_string(count.got) + " tensors, " + layer.op + " has " + expected});
  }

  void shape_layer(std::int32_t l) {
    if (kinds_[l] == nullptr) return;
    ShapedLayer layer{graph_.layers[l].name,
                      kinds_[l],
                      attributes_[l],
                      links_.inputs[l],
                      links_.outputs[l],
                      {},
                      {}};
    for (const std::int32_t id : layer.inputs) {
      if (id < 0 || links_.tensors[id].shape.empty()) return;
      layer.input_shapes.push_back(links_.tensors[id].shape);
    }
    const std::string& pointer = graph_.layers[l].pointer;
    LayerFaults faults(pointer, faults_);
    layer.cost_alone = graph_.layers[l].cost_alone;
    read_constants(graph_.layers[l], layer, faults);
    read_formats(graph_.layers[l], layer, faults);
    find_weights(graph_.layers[l], layer, faults);
    layer.output_shapes = layer.kind->infer(layer, faults);
    if (faults.none()) check_sharing(layer, faults);
    if (!faults.none() || !sizes_fit(layer, pointer)) return;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      links_.tensors[layer.outputs[i]].shape = layer.output_shapes[i];
    }
    places_[layer.name] = static_cast<std::int32_t>(result_.layers.size());
    result_.layers.push_back(std::move(layer));
  }

  void find_weights(const Layer& given, ShapedLayer& layer, LayerFaults& faults) const {
    if (given.weights_of.empty()) {
      if (layer.kind->uses_other_weights()) {
        faults.add("/weights_of", given.op + " needs the name of the layer with the weights");
      }
      return;
    }
    const auto found = places_.find(given.weights_of);
    if (found == places_.end()) {
      faults.add("/weights_of", "no layer \"" + given.weights_of + "\" comes before this one");
      return;
    }
    layer.weights_of = found->second;
    if (weights_owner(layer).weights_of >= 0) {
      faults.add("/weights_of", "layer \"" + given.weights_of + "\" has no weights of its own");
    }
    if (!layer.kind->uses_other_weights()) return;
    const std::vector<ParameterSpec> specs =
        weights_owner(layer).kind->parameters(weights_owner(layer));
    if (specs.empty() || specs.front().use != ParameterUse::kGemmOperand) {
      faults.add("/weights_of", "layer \"" + given.weights_of + "\" has no weights to multiply");
    } else {
      layer.other_weights = {specs.front().rows, specs.front().cols};
    }
  }

  void check_sharing(const ShapedLayer& layer, LayerFaults& faults) const {
    if (layer.weights_of < 0 || layer.kind->uses_other_weights()) return;
    // Rows of a table are values of the layer that looks them up.
    const bool looks_up = layer.kind->op() == "embedding" || layer.kind->op() == "position";
    const std::string fault =
        looks_up || layer.kind->parameters(layer).empty()
            ? std::string(layer.kind->op()) + " cannot use the weights of another layer"
            : sharing_fault(layer, weights_owner(layer));
    if (!fault.empty()) faults.add("/weights_of", fault);
  }

  const ShapedLayer& weights_owner(const ShapedLayer& layer) const {
    return result_.layers[static_cast<std::size_t>(layer.weights_of)];
  }

  static void read_constants(const Layer& given, ShapedLayer& layer, LayerFaults& faults) {
    std::vector<std::string> known;
    for (const ConstantSpec& spec : layer.kind->constants()) {
      known.emplace_back(spec.name);
      if (spec.standard) layer.constants.set(spec.name, *spec.standard);
    }
    for (const auto& [name, value] : given.constants) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        faults.add("/constants/" + name, "unknown constant" + did_you_mean(name, known));
      } else if (!std::isfinite(value)) {
        faults.add("/constants/" + name, "is no finite number");
      } else {
        layer.constants.set(name, value);
      }
    }
  }

  static void read_formats(const Layer& given, ShapedLayer& layer, LayerFaults& faults) {
    for (const auto& [role, format] : given.formats) {
      const std::string below = "/formats/" + role;
      if (role != "weights" && role != "activations") {
        faults.add(below, "unknown role, expected weights or activations");
        continue;
      }
      try {
        (role == "weights" ? layer.weight_format : layer.activation_format) = parse_format(format);
      } catch (const InputError& error) {
        for (const Diagnostic& each : error.diagnostics()) faults.add(below, each.message);
      }
    }
  }

  bool sizes_fit(const ShapedLayer& layer, const std::string& pointer) {
    for (const Shape& shape : layer.output_shapes) {
      if (!fits(shape, pointer)) return false;
    }
    for (const ParameterSpec& parameter : layer.kind->parameters(layer)) {
      if (!fits({parameter.rows, parameter.cols}, pointer)) return false;
    }
    if (checked_product(layer.kind->mac_factors(layer))) return true;
    faults_.push_back({"", pointer, "multiply-accumulates exceed 2^63"});
    return false;
  }

  void add_totals() {
    // Order in `layers` is topological; the tensors' links count them as the trace does.
    std::vector<std::int32_t> position(graph_.layers.size(), -1);
    for (std::size_t i = 0; i < links_.order.size(); ++i) {
      position[links_.order[i]] = static_cast<std::int32_t>(i);
    }
    for (ShapedTensor& tensor : links_.tensors) {
      if (tensor.producer >= 0) tensor.producer = position[tensor.producer];
      for (std::int32_t& consumer : tensor.consumers) consumer = position[consumer];
    }
    for (const ShapedLayer& layer : result_.layers) {
      if (__builtin_add_overflow(result_.parameters, parameter_count(layer), &result_.parameters) ||
          __builtin_add_overflow(result_.macs, forward_macs(layer), &result_.macs)) {
        faults_.push_back({"", "/layers", "the network's totals exceed 2^63"});
        return;
      }
    }
    claim("/parameters", graph_.parameters, result_.parameters);
    claim("/macs", graph_.macs, result_.macs / result_.batch);
  }

  void claim(const std::string& pointer, std::optional<std::int64_t> stated, std::int64_t found) {
    if (!stated || *stated == found) return;
    faults_.push_back({"", pointer,
                       "the trace states " + std::to_string(*stated) + ", its layers give " +
                           std::to_string(found)});
  }

  const Graph& graph_;
  ShapedGraph result_;
  GraphLinks links_;
  std::vector<Diagnostic> faults_;
  std::vector<const LayerKind*> kinds_;
  std::vector<Attributes> attributes_;
  std::unordered_map<std::string, std::int32_t> places_;  ///< of shaped layers, by name
};

}  // namespace

std::int64_t forward_macs(const ShapedLayer& layer) {
  std::int64_t macs = 1;
  for (const std::int64_t factor : layer.kind->mac_factors(layer)) macs = exact_mul(macs, factor);
  return macs;
}

std::int64_t parameter_count(const ShapedLayer& layer) {
  std::int64_t count = 0;
  for (const ParameterSpec& parameter : own_parameters(layer)) {
    count += exact_mul(parameter.rows, parameter.cols);
  }
  return count;
}

ShapedGraph shape_graph(const Graph& graph, std::int64_t batch, const Dimensions& dimensions) {
  const Graph expanded = expand(graph, dimensions);
  return Shaper(expanded, batch).shape();
}

}  // namespace mxsim
