#pragma once

#include <string>
#include <vector>

#include "sim/config/run_config.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// Lines for a run whose SRAM ports, not its array, bound most layers by number or by cycles; each
/// names the key to change. A layer is bound by ports if the array waits for them for as long as it
/// computes or longer, and both together take half of the layer's cycles.
std::vector<std::string> port_warnings(const ChipConfig& chip, const OpList& ops,
                                       const std::vector<LayerReport>& layers,
                                       const SimulationResult& result);

/// The key of the buffer whose ports hold up the GEMMs most, and why.
std::string port_advice(const ChipConfig& chip, const OpList& ops);

/// port_warnings() before a run, from the array's steps alone: each GEMM as one command.
std::vector<std::string> expected_port_warnings(const RunConfig& run);

}  // namespace mxsim
