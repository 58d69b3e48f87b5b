#pragma once

#include <string>

#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

inline constexpr std::int64_t kLargestModelBytes = (std::int64_t{1} << 31) - 1;  ///< protobuf's
inline constexpr int kMostNodes = 200000;

/// Parses an ONNX model. External data is looked at no further than its name: one outside the
/// model's folder is refused. Throws InputError: no such file, not a whole model (truncated,
/// another kind of file), too large, too many nodes.
onnx::ModelProto read_model_file(const std::string& path);

}  // namespace mxsim
