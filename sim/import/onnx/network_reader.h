#pragma once

#include <functional>

#include "sim/import/lowering/imported_network.h"
#include "sim/import/lowering/tensor_network.h"
#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Whether an operator that is no constant has a meaning here.
using KnownOperator = std::function<bool(const NetNode&)>;

/// Closes sizes, infers every shape node by node, folds constants (Shape chains, If with a known
/// condition, functions of the model) and leaves the nodes that compute with activations. Throws
/// InputError: see ordered_nodes and OpenSizes; and all operators without meaning with their nodes.
TensorNetwork read_network(const onnx::ModelProto& model, const ImportOptions& options,
                           const KnownOperator& is_known, std::vector<std::string>& notes);

}  // namespace mxsim
