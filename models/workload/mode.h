#pragma once

#include <cstdint>

namespace mxsim {

/// What is run: a training step (forward, backward, update) or inference (forward).
enum class Mode : std::uint8_t { kTrain, kInfer };

}  // namespace mxsim
