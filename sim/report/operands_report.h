#pragma once

#include <string>
#include <vector>

#include "sim/run/operand_files.h"

namespace mxsim {

/// Files that `run --operands` takes.
std::string operands_text(const std::vector<OperandFile>& files, std::size_t width);
/// {"files": [{"file", "rows", "columns", "role"}]}
std::string operands_json(const std::vector<OperandFile>& files);

}  // namespace mxsim
