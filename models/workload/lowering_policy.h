#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/workload/format_policy.h"
#include "models/workload/graph.h"
#include "models/workload/mode.h"
#include "models/workload/training_policy.h"
#include "models/workload/zero_shares.h"

namespace mxsim {

/// How a network is lowered to work for a chip.
struct LoweringPolicy {
  Mode mode = Mode::kTrain;
  std::int64_t batch = 1;
  /// Micro-batches of a training step; divides `batch`.
  std::int64_t gradient_accumulation_steps = 1;
  TrainingPolicy training;
  FormatPolicy formats;
  FormatSpec wide;                 ///< of stored values that are no narrow GEMM operand: bf16
  std::optional<ArraySpec> array;  ///< for which groups are packed; none: they stay alone
  std::vector<ZeroShare> zeros;    ///< for zero gating
  Dimensions dimensions = {};      ///< in place of the graph's own
};

}  // namespace mxsim
