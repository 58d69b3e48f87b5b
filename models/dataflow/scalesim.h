#pragma once

#include "models/dataflow/array_command.h"

namespace mxsim {

/// SCALE-Sim's stall-free cycles (github.com/scalesim-project/scale-sim-v2): passes never overlap,
/// the whole array is charged to every pass, and the result is the zero-based index of the last
/// cycle.
/// Of one array; those of a grid are its slowest array's.
std::int64_t scalesim_cycles(const ArraySpec& spec, const ArrayCommand& command);

/// Pairs of tiles that occupy an array one after the other, of all arrays.
std::int64_t folds(const ArraySpec& spec, const ArrayCommand& command);

/// Used PEs over all PEs, averaged over the folds.
double mapping_efficiency(const ArraySpec& spec, const ArrayCommand& command);

/// What SCALE-Sim reports as SRAM words written: for `os` it counts the drained rows and columns of
/// every fold on top of the m * n results.
std::int64_t scalesim_output_writes(const ArraySpec& spec, const ArrayCommand& command);

}  // namespace mxsim
