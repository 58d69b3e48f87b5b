#pragma once

#include <array>
#include <cstdint>

#include "models/workload/step_settings.h"
#include "sim/config/binder.h"

namespace mxsim {

/// How the learning rate goes from the first step to the last.
enum class RateSchedule : std::uint8_t { kConstant, kCosine };

inline constexpr std::array<Choice<RateSchedule>, 2> kRateScheduleNames{
    {{"constant", RateSchedule::kConstant}, {"cosine", RateSchedule::kCosine}}};

/// How `mxsim train` trains on data. No simulated cycle depends on it.
struct LearningConfig {
  std::int64_t epochs = 5;
  double learning_rate = 0.05;
  RateSchedule schedule = RateSchedule::kCosine;
  double momentum = 0.9;
  double weight_decay = 0.0005;
  double second_momentum = 0.999;
  double epsilon = 1e-8;

  /// Of step `step` out of `steps`, from 0.
  StepSettings settings(std::int64_t step, std::int64_t steps) const;
};

void bind(Binder& b, LearningConfig& s);

}  // namespace mxsim
