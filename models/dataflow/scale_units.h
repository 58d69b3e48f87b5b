#pragma once

#include "models/dataflow/array_command.h"
#include "models/dataflow/sum_rule.h"

namespace mxsim {

/// Units that scale finished exact sums and add them to the FP32 accumulators.
///
/// Hardware: ArraySpec::pes_per_scale_unit neighbouring PEs of a column share one, counted from row
/// 0; it takes one sum a cycle, whatever the array's step. Sums of a pass wait in line; a pass ends
/// with its last sum. So a pass whose busiest unit gets more sums than the pass feeds operands for
/// cycles makes its array wait for the difference, at the end of the command.

/// Rows of units in an array.
inline std::int64_t scale_unit_rows(const ArraySpec& spec) {
  return ceil_div(spec.rows, spec.pes_per_scale_unit);
}

/// Cycles that one array waits for its units in a command (of one array: a share of the grid).
Cycles scale_unit_stall(const ArraySpec& spec, const ArrayCommand& command, const SumRule& rule);

}  // namespace mxsim
