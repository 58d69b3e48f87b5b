#pragma once

#include <cstdint>

namespace mxsim {

/// kBurst: one column command a step. kRun: a train of column commands to one row in one step
/// wherever nothing else can come between them, and what a stream did once is not worked out
/// again; the result is the same.
enum class DramStepping : std::uint8_t { kBurst, kRun };

}  // namespace mxsim
