#include "sim/config/trace_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/workload/shaped_graph.h"
#include "sim/config/load.h"

namespace mxsim {
namespace {

constexpr Presence kRequired = Presence::kRequired;
constexpr IntegerRange kNames{1, 64};
constexpr std::size_t kLongestName = 500;  // bytes

/// Copies of a block have every name again: a long one takes its size many thousand times.
void check_name(Binder& b, const char* key, const std::string& name) {
  if (name.size() <= kLongestName) return;
  b.fault(key, fmt::format("a name of {} bytes, expected at most {}", name.size(), kLongestName));
}

void check_names(Binder& b, const char* key, const std::vector<std::string>& names) {
  for (const std::string& name : names) check_name(b, key, name);
}

template <class Entries>
void check_entries(Binder& b, const char* key, const Entries& entries) {
  constexpr std::size_t kMostEntries = 64;
  if (entries.size() > kMostEntries) {
    b.fault(key, fmt::format("{} entries, expected at most {}", entries.size(), kMostEntries));
    return;
  }
  for (const auto& [name, value] : entries) check_name(b, key, name);
}

void bind_claim(Binder& b, const Key& key, std::optional<std::int64_t>& claim) {
  constexpr std::int64_t kAbsent = 0;
  std::int64_t value = claim.value_or(kAbsent);
  b.integer(key, value, {0});
  if (value != kAbsent) claim = value;
}

void bind_constants(Binder& b, std::map<std::string, double>& constants) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : constants) texts[name] = fmt::format("{}", value);
  b.named_values(
      {"constants", "", "real numbers that the operator's values need: a slope, a limit"}, texts);
  constants.clear();
  for (const auto& [name, text] : texts) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [past, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || past != end) {
      b.fault("constants", fmt::format("\"{}\" is no number", name));
    } else {
      constants[name] = value;
    }
  }
}

/// Formats of one layer's GEMM operands; "": the run's.
struct LayerFormatNames {
  std::string weights;
  std::string activations;
};

void bind(Binder& b, LayerFormatNames& s) {
  b.text({"weights", "", "format of the weights"}, s.weights);
  b.text({"activations", "", "format of the activations"}, s.activations);
}

}  // namespace

void bind_dimensions(Binder& b, const Key& key, Dimensions& dimensions) {
  RawAttributes sizes;
  for (const auto& [name, size] : dimensions) sizes[name] = {size};
  b.named_integers(key, sizes);
  dimensions.clear();
  for (const auto& [name, size] : sizes) {
    if (size.size() != 1 || size[0] < 0 || size[0] > kLargestExtent) {
      b.fault(key.name, fmt::format("\"{}\" is no size of 0..{}", name, kLargestExtent));
    } else {
      dimensions[name] = size[0];
    }
  }
}

void bind(Binder& b, Block& s) {
  constexpr IntegerRange kTensors{0, 64};
  b.text({"name", "", "begins the names of its copies' layers and tensors", kRequired}, s.name);
  check_name(b, "name", s.name);
  b.integer({"repeat", "", "copies, one behind the other", kRequired}, s.repeat, {1, 65536});
  b.texts({"inputs", "", "tensors that the first copy is given", kRequired}, s.inputs, kNames);
  b.texts({"reads", "", "what its layers call them", kRequired}, s.reads, kNames);
  b.texts({"makes", "", "its tensors that the next copy is given in place of the first of them"},
          s.makes, kTensors);
  b.texts({"outputs", "", "what the last copy's are called"}, s.outputs, kTensors);
  check_names(b, "inputs", s.inputs);
  check_names(b, "reads", s.reads);
  check_names(b, "makes", s.makes);
  check_names(b, "outputs", s.outputs);
  b.list({"layers", "", "operators in any order", kRequired}, s.layers, {1});
}

void bind(Binder& b, Graph& s) {
  std::string weights;
  b.text({"name", "", "network", kRequired}, s.name);
  b.text({"source", "", "where the hyper-parameters come from"}, s.source);
  bind_claim(
      b,
      {"parameters", "elements", "trainable elements, checked against the layers; 0: not stated"},
      s.parameters);
  bind_claim(b, {"macs", "MAC", "forward multiply-accumulates at batch 1, checked; 0: not stated"},
             s.macs);
  b.flag({"unlinked", "",
          "whether layers have no links: each input exists for its readers alone, outputs are "
          "dropped once written"},
         s.unlinked);
  b.list({"inputs", "", "tensors given from outside", kRequired}, s.inputs, {1});
  bind_dimensions(b,
                  {"dimensions", "elements",
                   "sizes by name, which shapes and attributes may state in place of a number and "
                   "a run may replace"},
                  s.dimensions);
  b.list({"layers", "", "operators in any order", kRequired}, s.layers, {1});
  b.list({"blocks", "", "layers that are repeated"}, s.blocks);
  b.text({"weights", "", "file of its parameters (.npz), relative to the trace; trace_weights()"},
         weights);
  b.texts({"outputs", "", "tensors the network is run for", kRequired}, s.outputs, {1});
}

void bind(Binder& b, GraphInput& s) {
  b.text({"name", "", "tensor", kRequired}, s.name);
  b.integers_or_words(
      {"shape", "elements", "extents without the batch: channels, height, width; or dimensions",
       kRequired},
      s.shape, s.sized, {1, kLargestExtent}, {1, 7});
}

void bind(Binder& b, Layer& s) {
  b.text({"name", "", "layer", kRequired}, s.name);
  check_name(b, "name", s.name);
  b.text({"op", "", "operator", kRequired}, s.op);
  check_name(b, "op", s.op);
  b.texts({"inputs", "", "names of the tensors it reads", kRequired}, s.inputs, kNames);
  b.texts({"outputs", "", "names of the tensors it makes", kRequired}, s.outputs, kNames);
  check_names(b, "inputs", s.inputs);
  check_names(b, "outputs", s.outputs);
  b.named_integers_or_words({"attributes", "", "settings of the operator; a text is a dimension"},
                            s.attributes, s.sized);
  check_entries(b, "attributes", s.attributes);
  check_entries(b, "attributes", s.sized);
  for (const auto& [attribute, dimension] : s.sized) check_name(b, "attributes", dimension);
  bind_constants(b, s.constants);
  check_entries(b, "constants", s.constants);
  b.flag({"cost_alone", "",
          "whether the operator stands for another of the same cost: the layer has no values"},
         s.cost_alone);
  b.text({"weights_of", "", "layer whose weights it uses too"}, s.weights_of);
  check_name(b, "weights_of", s.weights_of);
  LayerFormatNames names{s.formats["weights"], s.formats["activations"]};
  b.section({"formats", "", "formats the network was made for; overrides of a run come first"},
            names);
  check_name(b, "formats", names.weights);
  check_name(b, "formats", names.activations);
  s.formats.clear();
  if (!names.weights.empty()) s.formats["weights"] = names.weights;
  if (!names.activations.empty()) s.formats["activations"] = names.activations;
}

std::vector<Diagnostic> validate(const Graph& graph) {
  try {
    shape_graph(graph, 1);
  } catch (const InputError& error) {
    return error.diagnostics();
  }
  return {};
}

Graph load_trace(const std::string& path) { return load_config<Graph>(path); }

std::string trace_weights(const std::string& path) {
  const Document document = Document::load(path);
  const auto found = document.root().find("weights");
  if (found == document.root().end() || !found->is_string()) return "";
  const std::filesystem::path named(found->get<std::string>());
  if (named.empty() || named.is_absolute()) return named.string();
  return (std::filesystem::path(path).parent_path() / named).string();
}

}  // namespace mxsim
