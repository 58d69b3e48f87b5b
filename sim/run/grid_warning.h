#pragma once

#include <string>
#include <vector>

#include "sim/run/simulation.h"

namespace mxsim {

/// How much faster the run is than on one array of the grid, estimated from below: that array takes
/// its steps for every GEMM without waiting for ports or DRAM, and no group ends sooner than on the
/// grid.
double grid_gain(const ChipConfig& chip, const OpList& ops, const SimulationResult& result);

/// A line for a grid whose further arrays add less than a sixth of an array's speed each (1.5 of
/// 4): with the largest cause of waiting and the key to change.
std::vector<std::string> grid_warnings(const ChipConfig& chip, const OpList& ops,
                                       const SimulationResult& result);

}  // namespace mxsim
