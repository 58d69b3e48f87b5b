#pragma once

#include <string>

#include "sim/import/lowering/imported_network.h"
#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// A parsed model as layers of a trace; errors as of import_onnx().
ImportedNetwork import_model(const onnx::ModelProto& model, const std::string& name,
                             const ImportOptions& options);

}  // namespace mxsim
