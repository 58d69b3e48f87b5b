#pragma once

#include "sim/config/run_config.h"

namespace mxsim {

/// Seconds that the run takes on one core of the machine of tests/bench/README.md: a closed form
/// over the DRAM bursts of the traffic bound, the groups, the tile sizes to search and, in fidelity
/// `pe`, the products. Fitted on shipped runs; another machine is faster or slower by one factor.
double estimated_seconds(const RunConfig& run);

}  // namespace mxsim
