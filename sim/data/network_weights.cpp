#include "sim/data/network_weights.h"

#include <fmt/format.h>

#include <utility>

#include "models/core/error.h"
#include "models/workload/shaped_graph.h"
#include "sim/config/input_file.h"
#include "sim/config/trace_reader.h"
#include "sim/import/network_file.h"
#include "sim/npy/weight_archive.h"

namespace mxsim {
namespace {

template <class Action>
auto naming(const std::string& path, Action action) {
  try {
    return action();
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      if (fault.file.empty()) fault.file = path;
    }
    throw InputError(std::move(faults));
  }
}

}  // namespace

NetworkWeights network_weights(const StoredModel& model) {
  NetworkWeights weights;
  for (const auto& [name, source] : model.network.parameters) {
    std::vector<std::vector<float>> numbers;
    bool known = true;
    for (const FileNumbers& each : source.tensors) {
      numbers.push_back(each.values ? *each.values : model.numbers(each.tensor));
      known = known && !numbers.back().empty();
    }
    if (known) {
      weights.tensors[name] = source.arrange(numbers);
    } else {
      weights.unknown.push_back(name);
    }
  }
  return weights;
}

WeightedImport import_weighted(const std::string& path, const ImportOptions& options) {
  return naming(path, [&] {
    StoredModel model = read_weighted_model(path, options);
    NetworkWeights weights = network_weights(model);
    const ShapedGraph shaped = shape_graph(model.network.graph, 1);
    model.network.graph.parameters = shaped.parameters;
    model.network.graph.macs = shaped.macs;
    return WeightedImport{std::move(model.network), std::move(weights)};
  });
}

NetworkTensors load_weights(const std::string& path, const ImportOptions& options) {
  const std::string found = find_input_file(path);
  if (network_file_kind(found) != NetworkFileKind::kOnnx) return read_weights(found);
  return import_weighted(found, options).weights.tensors;
}

WeightedNetwork load_weighted(const std::string& path, const std::string& weights,
                              const ImportOptions& options) {
  const std::string found = find_input_file(path);
  const auto kind = network_file_kind(found);
  WeightedNetwork network;
  if (kind == NetworkFileKind::kOnnx && weights.empty()) {
    WeightedImport imported = import_weighted(found, options);
    network.graph = std::move(imported.network.graph);
    network.weights = std::move(imported.weights);
  } else {
    network.graph = kind ? import_network(found, *kind, options).graph : load_trace(found);
    const std::string beside = kind ? "" : trace_weights(found);
    const std::string& archive = weights.empty() ? beside : weights;
    if (archive.empty()) {
      throw InputError({{found, "", "no weights beside it: state --weights FILE.npz"}});
    }
    network.weights.tensors = load_weights(archive, options);
  }
  return network;
}

}  // namespace mxsim
