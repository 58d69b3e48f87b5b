#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/mapping/plan_policy.h"
#include "models/workload/graph.h"
#include "models/workload/lowering_policy.h"
#include "sim/config/binder.h"
#include "sim/config/chip_config.h"
#include "sim/config/learning_config.h"

namespace mxsim {

inline constexpr std::array<Choice<Mode>, 2> kModeNames{
    {{"train", Mode::kTrain}, {"infer", Mode::kInfer}}};

/// A run file (configs/runs/): one simulation.
struct RunConfig {
  ChipConfig chip;
  Graph workload;
  Mode mode = Mode::kInfer;
  std::int64_t batch = 1;
  std::int64_t gradient_accumulation_steps = 1;  ///< micro-batches of a training step
  TrainingPolicy training;
  FormatPolicy formats;
  std::vector<ZeroShare> zeros;
  PlanPolicy mapping;
  Fidelity fidelity = Fidelity::kTile;
  std::uint64_t seed = 1;
  LearningConfig learning;
};

void bind(Binder& b, RunConfig& s);

/// How the run's network is lowered. Stored values that are no narrow GEMM operand are BF16.
LoweringPolicy lowering_policy(const RunConfig& run);

/// Rules of the chip, shapes of the network at this batch, and whether the formats suit its layers.
std::vector<Diagnostic> validate(const RunConfig& run);

}  // namespace mxsim
