#include "sim/config/trace_reader.h"

#include "models/workload/shaped_graph.h"
#include "sim/config/load.h"

namespace mxsim {
namespace {

constexpr Presence kRequired = Presence::kRequired;
constexpr IntegerRange kNames{1, 64};

void bind_claim(Binder& b, const Key& key, std::optional<std::int64_t>& claim) {
  constexpr std::int64_t kAbsent = 0;
  std::int64_t value = claim.value_or(kAbsent);
  b.integer(key, value, {0});
  if (value != kAbsent) claim = value;
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

void bind(Binder& b, Graph& s) {
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
  b.list({"layers", "", "operators in any order", kRequired}, s.layers, {1});
  b.texts({"outputs", "", "tensors the network is run for", kRequired}, s.outputs, {1});
}

void bind(Binder& b, GraphInput& s) {
  b.text({"name", "", "tensor", kRequired}, s.name);
  b.integers({"shape", "elements", "extents without the batch: channels, height, width", kRequired},
             s.shape, {1, kLargestExtent}, {1, 7});
}

void bind(Binder& b, Layer& s) {
  b.text({"name", "", "layer", kRequired}, s.name);
  b.text({"op", "", "operator", kRequired}, s.op);
  b.texts({"inputs", "", "names of the tensors it reads", kRequired}, s.inputs, kNames);
  b.texts({"outputs", "", "names of the tensors it makes", kRequired}, s.outputs, kNames);
  b.named_integers({"attributes", "", "settings of the operator"}, s.attributes);
  LayerFormatNames names{s.formats["weights"], s.formats["activations"]};
  b.section({"formats", "", "formats the network was made for; overrides of a run come first"},
            names);
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

}  // namespace mxsim
