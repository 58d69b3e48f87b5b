#pragma once

#include <cstdint>

#include "models/dataflow/dataflow_table.h"
#include "models/dataflow/stationary_rule.h"
#include "models/dataflow/tiling.h"

namespace mxsim {

/// The passes of `ws` and `is`, which are one another's mirror images: reduction tiles outermost,
/// width tiles innermost, so that results are added in order of the reduction and the array waits
/// for a shorter last reduction tile only once.
struct StationarySchedule {
  Tiling reduction;     ///< K in elements; a row of PEs holds `dot` of them
  Tiling width;         ///< columns: N (`ws`) or M (`is`)
  std::int64_t length;  ///< streamed: M (`ws`) or N (`is`)
  std::int64_t dot;     ///< products a PE adds in one step

  /// Of a `ws` or `is` command.
  StationarySchedule(const ArraySpec& spec, const ArrayCommand& command);

  /// PE rows that a reduction tile of so many elements fills.
  std::int64_t pe_rows(std::int64_t elements) const { return ceil_div(elements, dot); }
  std::int64_t passes() const { return reduction.count() * width.count(); }
  StationaryPass pass(std::int64_t index) const;
};

/// Of a `ws` or `is` command, as DataflowInfo asks for them. Steps: from the first load to
/// the last result, loads of the first pass included.
std::int64_t stationary_steps(const ArraySpec& spec, const ArrayCommand& command);
std::int64_t stationary_handover(const ArraySpec& spec, const ArrayCommand& command,
                                 const ArrayCommand& next);
std::int64_t stationary_least_steps(const ArraySpec& spec, const ArrayCommand& command);
void count_stationary(const ArraySpec& spec, const ArrayCommand& command, ArrayCost& cost);
PortVectors stationary_vectors(const ArraySpec& spec, const ArrayCommand& command);
/// Elements of the reduction that one pass adds.
std::int64_t stationary_reduction(const ArraySpec& spec, const ArrayCommand& command);

}  // namespace mxsim
