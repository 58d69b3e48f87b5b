#pragma once

#include <string>
#include <vector>

#include "models/values/given_parameters.h"
#include "sim/import/lowering/imported_network.h"
#include "sim/import/onnx/onnx_import.h"

namespace mxsim {

/// Numbers of an imported network's parameters, by their names in the trace ("conv1.weight").
struct NetworkWeights {
  NetworkTensors tensors;
  std::vector<std::string> unknown;  ///< parameters that the file has no numbers of
};

NetworkWeights network_weights(const StoredModel& model);

/// An ONNX model with its weights, those of external data among them. Errors name the file.
struct WeightedImport {
  ImportedNetwork network;
  NetworkWeights weights;
};
WeightedImport import_weighted(const std::string& path, const ImportOptions& options);

/// A network and numbers of its parameters.
struct WeightedNetwork {
  Graph graph;
  NetworkWeights weights;
};

/// `path`: an ONNX model, or a trace. `weights`: a .npz archive or another ONNX model of the same
/// network; "": those of the model, or the file that the trace names (its key `weights`).
/// Throws InputError where there are none.
WeightedNetwork load_weighted(const std::string& path, const std::string& weights,
                              const ImportOptions& options);

/// Parameters from a .npz archive or an ONNX model.
NetworkTensors load_weights(const std::string& path, const ImportOptions& options = {});

}  // namespace mxsim
