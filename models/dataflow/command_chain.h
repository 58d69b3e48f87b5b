#pragma once

#include <optional>

#include "models/dataflow/array_command.h"

namespace mxsim {

/// Most commands that an array works on at once.
inline constexpr std::size_t kMostChained = 4;

/// How commands follow each other without draining the array: the first pass of `next` enters as
/// the dataflow's rule says for two passes of one command, so its stationary operand loads during
/// the last pass of `command` and its results leave behind that pass's; partial sums are added at
/// the border in the order in which results leave. `next` also waits for the scale-and-add units of
/// `command` and ends after it.
///
/// From the start of `command` to the earliest start of `next`. Nothing: the array must be empty,
/// because dataflow or length of the steps change, other arrays of the grid work, or SCALE-Sim's
/// timing knows single folds only.
std::optional<Cycles> chained_start(const ArraySpec& spec, const ArrayCommand& command,
                                    const ArrayCommand& next);

/// Steps that commands which cut this one's work into tiles, and chain, never go below together.
std::int64_t least_array_steps(const ArraySpec& spec, const ArrayCommand& command);

}  // namespace mxsim
