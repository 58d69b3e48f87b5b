#pragma once

#include "sim/run/placement.h"
#include "sim/run/time_estimate.h"

namespace mxsim {

/// What a run needs and takes, told without simulating it.
struct RunOutlook {
  Placement placement;
  TimeTerms terms;
  double seconds = 0;  ///< estimated (time_estimate.h)
};

/// Throws InputError when the work does not fit the chip.
RunOutlook run_outlook(const RunConfig& run);

/// DRAM that the tensors of a run take, without the partial sums of a mapping and without a search:
/// a bound from below on Placement, but for tensors that the planner decides to keep on the chip.
struct TensorDram {
  Bytes used{0};
  Bytes capacity{0};
};
TensorDram tensor_dram(const RunConfig& run);

}  // namespace mxsim
