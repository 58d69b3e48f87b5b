#pragma once

#include "sim/run/compare_report.h"
#include "sim/run/run_cache.h"

namespace mxsim {

/// Fills `report.assumptions`: every row of the assumption table, and every uncertain price at
/// either end of its band, each changed alone, that moves a saving or is refused. `report` has all
/// runs of the comparison. When a callback stops the work, it has the rows that were finished.
void add_assumption_effects(const Comparison& comparison, RunCache& cache, CompareReport& report,
                            const ParallelJobs& side_by_side = {});

}  // namespace mxsim
