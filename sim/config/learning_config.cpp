#include "sim/config/learning_config.h"

#include <cmath>
#include <numbers>

namespace mxsim {

StepSettings LearningConfig::settings(std::int64_t step, std::int64_t steps) const {
  StepSettings settings{learning_rate, momentum, weight_decay, second_momentum, epsilon, step + 1};
  if (schedule == RateSchedule::kCosine) {
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    settings.learning_rate *= (1 + std::cos(std::numbers::pi * done)) / 2;
  }
  return settings;
}

void bind(Binder& b, LearningConfig& s) {
  b.integer({"epochs", "", "times that every training sample is seen"}, s.epochs, {1, 100000});
  b.number({"learning_rate", "", "factor of the momentum in an update, at the first step"},
           s.learning_rate, {0, 1e6});
  b.choice({"schedule", "",
            "learning rate over the steps: constant, or cosine: falling to 0 over half a period"},
           s.schedule, kRateScheduleNames);
  b.number({"momentum", "",
            "share of the momentum that stays from step to step; first decay rate of adam, adamw "
            "and lion"},
           s.momentum, {0, 1});
  b.number({"second_momentum", "", "second decay rate of adam, adamw and lion"}, s.second_momentum,
           {0, 1});
  b.number({"epsilon", "", "what adam and adamw add to the root of the second moment"}, s.epsilon,
           {0, 1});
  b.number({"weight_decay", "", "share of a parameter that is added to its gradient"},
           s.weight_decay, {0, 1e6});
}

}  // namespace mxsim
