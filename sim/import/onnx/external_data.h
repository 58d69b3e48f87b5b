#pragma once

#include <string>
#include <vector>

#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// An initializer's numbers as FP32, from the model or from the file beside it in `folder`. Nothing
/// for elements that are no numbers. Throws InputError naming the initializer: external data that
/// is missing, lies outside the folder (links followed) or has fewer bytes than the shape asks for.
std::vector<float> initializer_floats(const onnx::TensorProto& tensor, const std::string& folder);

}  // namespace mxsim
