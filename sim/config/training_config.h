#pragma once

#include <vector>

#include "models/core/error.h"
#include "models/workload/lowering_policy.h"
#include "models/workload/training_policy.h"
#include "sim/config/binder.h"

namespace mxsim {

/// The keys `optimizer`, `update` and `recompute` of a run file.
void bind_training(Binder& b, TrainingPolicy& s);

/// Keys that contradict one another; pointers of the run file.
std::vector<Diagnostic> training_faults(const TrainingPolicy& training, Mode mode,
                                        std::int64_t micro_batches);

}  // namespace mxsim
