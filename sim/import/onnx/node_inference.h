#pragma once

#include <string>
#include <vector>

#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Inputs of one node, as shape inference wants them; null: left out or unknown.
struct InferenceInput {
  const onnx::TypeProto* type = nullptr;
  const onnx::TensorProto* data = nullptr;
};

/// Types of a node's outputs by the operator's own rule; outputs whose shape does not follow have
/// none. Throws InputError with the rule's complaint.
std::vector<onnx::TypeProto> infer_outputs(const onnx::NodeProto& node, std::int64_t version,
                                           const std::vector<InferenceInput>& inputs);

/// Whether a standard operator of that name exists in the version.
bool is_standard_operator(const onnx::NodeProto& node, std::int64_t version);

}  // namespace mxsim
