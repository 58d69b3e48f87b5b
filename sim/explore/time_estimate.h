#pragma once

#include "sim/config/run_config.h"

namespace mxsim {

/// Seconds that one core of the machine of README's table of speeds takes for the run, from a
/// closed form fitted on the shipped runs: DRAM bursts of the traffic bound, groups, and in
/// fidelity `pe` the PEs' steps. Within a factor of two there.
double estimated_seconds(const RunConfig& run);

}  // namespace mxsim
