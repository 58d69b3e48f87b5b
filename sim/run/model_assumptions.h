#pragma once

#include <string>
#include <vector>

#include "models/workload/op_list.h"
#include "sim/config/chip_config.h"

namespace mxsim {

/// What the timing and traffic model takes for granted, and the device's values without a source;
/// one line each.
std::vector<std::string> model_assumptions(const ChipConfig& chip);

/// How the products of each pair of formats in use are added, and what zero gating skips.
std::vector<std::string> sum_assumptions(const ArraySpec& array, const OpList& ops);

}  // namespace mxsim
