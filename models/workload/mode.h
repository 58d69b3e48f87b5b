#pragma once

#include <cstdint>

namespace mxsim {

/// What is run: a training step (forward, backward, update) or inference (forward). Of a language
/// model inference may be said to be the work on a prompt (prefill) or on one more token (decode).
enum class Mode : std::uint8_t { kTrain, kInfer, kPrefill, kDecode };

inline bool trains(Mode mode) { return mode == Mode::kTrain; }

}  // namespace mxsim
