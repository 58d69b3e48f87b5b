#pragma once

#include <string>
#include <vector>

#include "sim/import/lowering/imported_network.h"
#include "sim/train/evaluation.h"

namespace mxsim {

/// Parameters from .npz archives of floats, such as checkpoints, or from ONNX models. Throws
/// InputError that names the file.
std::vector<WeightFile> read_weight_files(const std::vector<std::string>& paths,
                                          const ImportOptions& sizes = {});

}  // namespace mxsim
