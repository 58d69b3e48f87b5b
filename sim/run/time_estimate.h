#pragma once

#include "sim/config/run_config.h"

namespace mxsim {

/// What the time of a run is estimated from.
struct TimeTerms {
  double bursts = 0;        ///< of DRAM, by the traffic bound
  double groups = 0;        ///< of operations
  double search_steps = 0;  ///< a measure of the tile sizes to search
  double pe_steps = 0;      ///< fidelity `pe`: products
};
TimeTerms time_terms(const RunConfig& run);

/// Seconds that the run takes on one core of the machine of tests/bench/README.md: a linear form
/// over its terms, fitted on shipped runs (scripts/calibrate_time.py). Another machine is faster or
/// slower by one factor.
double estimated_seconds(const RunConfig& run);
double estimated_seconds(const TimeTerms& terms);

}  // namespace mxsim
