#pragma once

#include <optional>

#include "models/energy/fpga_cost.h"
#include "sim/config/run_config.h"

namespace mxsim {

/// The run's chip on an FPGA, with accumulators for its longest sum; nothing for formats that an
/// FPGA does not add without loss (fpga_cost.h), and for requests.
std::optional<FpgaCost> fpga_cost(const RunConfig& config);

}  // namespace mxsim
