#pragma once

#include <string>
#include <unordered_set>

#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Inputs of a graph that are read as weights, statistics, shapes or limits alone: parameters that
/// the file leaves to be given, not activations.
std::unordered_set<std::string> parameter_inputs(const onnx::GraphProto& graph);

}  // namespace mxsim
