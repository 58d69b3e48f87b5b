#pragma once

namespace mxsim {

/// Numbers that change from one training step to the next without changing its work.
struct StepSettings {
  double learning_rate = 0.01;
  double momentum = 0.9;
  double weight_decay = 0;
};

}  // namespace mxsim
