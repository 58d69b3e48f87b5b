#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/import/lowering/imported_network.h"

namespace mxsim {

/// Reads an ONNX model (opset 7 on, standard operators and QONNX's) and puts it into layers of a
/// trace. Throws InputError: what is damaged, which sizes are open, or every operator that has no
/// meaning here with its node, all at once. Errors carry no file name.
ImportedNetwork import_onnx(const std::string& path, const std::string& name,
                            const ImportOptions& options);

/// A tensor of numbers from a TensorProto file, rounded to FP32.
struct StoredNumbers {
  std::string tensor;  ///< of the model
  Shape shape;
  std::vector<float> values;
};

/// A model with the inputs and outputs that stand beside it.
struct StoredModel {
  ImportedNetwork network;
  std::vector<StoredNumbers> inputs;
  std::vector<StoredNumbers> outputs;
  /// Every tensor that the file holds numbers of, parameters that `inputs` give among them; nothing
  /// for others.
  std::function<std::vector<float>(const std::string& tensor)> numbers;
};

/// Reads the model and `folder`/input_0.pb and on, output_0.pb and on, in the order of its inputs
/// and outputs; with `folder` "" the model alone. Inputs that are weights, shapes or limits become
/// constants of the network. Throws InputError that names the file: see import_onnx(), a missing or
/// damaged tensor file, elements that are no numbers.
StoredModel read_stored_model(const std::string& path, const std::string& folder);

/// The model alone with all its numbers, external data of its folder among them. Errors carry no
/// file name.
StoredModel read_weighted_model(const std::string& path, const ImportOptions& options);

}  // namespace mxsim
