#pragma once

#include <string>

#include "sim/import/imported_network.h"

namespace mxsim {

/// Reads an ONNX model (opset 7 on, standard operators and QONNX's) and puts it into layers of a
/// trace. Throws InputError: what is damaged, which sizes are open, or every operator that has no
/// meaning here with its node, all at once. Errors carry no file name.
ImportedNetwork import_onnx(const std::string& path, const std::string& name,
                            const ImportOptions& options);

}  // namespace mxsim
