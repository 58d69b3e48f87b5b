#pragma once

#include "sim/import/lowering/tensor_network.h"
#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Integers, numbers and texts among a node's attributes; of tensors the first number.
NetNode net_node(const onnx::NodeProto& node);

/// The graph that an attribute holds, or null.
const onnx::GraphProto* graph_attribute(const onnx::NodeProto& node, const std::string& name);

/// What a Constant node holds; throws InputError for texts, sparse tensors and bad extents.
NetTensor constant_of(const onnx::NodeProto& node, std::int32_t& data_type);

}  // namespace mxsim
