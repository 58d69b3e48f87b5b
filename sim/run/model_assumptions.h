#pragma once

#include <string>
#include <vector>

#include "models/mapping/plan/plan_policy.h"
#include "models/workload/op_list.h"
#include "sim/config/chip_config.h"

namespace mxsim {

/// What the timing and traffic model takes for granted under this configuration, and the device's
/// values without a source; one line each. `kept`: bytes reserved for tensors between groups.
std::vector<std::string> model_assumptions(const ChipConfig& chip, GroupOverlap overlap,
                                           Bytes kept);

/// How the products of each pair of formats in use are added, and what zero gating skips.
std::vector<std::string> sum_assumptions(const ArraySpec& array, const OpList& ops);

/// A loss that is assumed, formats that DRAM holds beside operands, and what their rounding needs.
std::vector<std::string> storage_assumptions(const OpList& ops);

}  // namespace mxsim
