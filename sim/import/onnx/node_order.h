#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "models/core/error.h"
#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Nodes of a graph, those that feed others first (the file's order where it is one). `known`:
/// names that exist before. Throws InputError: tensors that nothing makes, tensors made twice, and
/// one cycle by its nodes.
std::vector<const onnx::NodeProto*> ordered_nodes(
    const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
    const std::unordered_set<std::string>& known);

/// "Conv \"layer1/conv\""
std::string node_text(const onnx::NodeProto& node);

}  // namespace mxsim
