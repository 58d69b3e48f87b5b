#pragma once

#include "models/dataflow/array_command.h"

namespace mxsim {

/// What `command` costs on the array of `spec`, in constant time: sums over the few distinct pass
/// shapes. spec.timing picks the native rules or SCALE-Sim's cycles (the counts are the same).
/// `gated_macs` of the multiply-accumulates are skipped for a zero operand (gated_macs() knows).
ArrayCost closed_form(const ArraySpec& spec, const ArrayCommand& command,
                      std::int64_t gated_macs = 0);

/// Steps of the command on the array of `spec`: of a grid, on the array that takes longest.
std::int64_t array_steps(const ArraySpec& spec, const ArrayCommand& command);
/// If ports did not hold up its stationary loads.
std::int64_t steps_without_slow_loads(const ArraySpec& spec, ArrayCommand command);
/// Cycles of the command in which the array waits for stationary operands on their way into it: how
/// much sooner it would end if a load took no time. What slow ports add counts as port_stall.
Cycles load_stall(const ArraySpec& spec, const ArrayCommand& command);

}  // namespace mxsim
