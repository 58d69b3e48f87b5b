#pragma once

#include <string>
#include <vector>

#include "sim/config/chip_config.h"

namespace mxsim {

/// What the timing and traffic model takes for granted, and the device's values without a source;
/// one line each.
std::vector<std::string> model_assumptions(const ChipConfig& chip);

}  // namespace mxsim
