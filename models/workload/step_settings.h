#pragma once

#include <cstdint>

namespace mxsim {

/// Numbers that change from one training step to the next without changing its work.
struct StepSettings {
  double learning_rate = 0.01;
  double momentum = 0.9;  ///< first decay rate of Adam and Lion
  double weight_decay = 0;
  double second_momentum = 0.999;  ///< second decay rate of Adam and Lion
  double epsilon = 1e-8;
  std::int64_t step = 1;   ///< counted from 1
  std::uint64_t seed = 1;  ///< of stochastic rounding, with the step
};

}  // namespace mxsim
