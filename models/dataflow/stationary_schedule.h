#pragma once

#include <cstdint>

#include "models/dataflow/command_counts.h"
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

/// Steps from the first load to the last result, loads of the first pass included.
std::int64_t stationary_steps(const StationaryRule& rule, const StationarySchedule& schedule);

/// Elements and words of one command at the array's border.
struct StationaryTotals {
  std::int64_t streamed_reads = 0;
  std::int64_t streamed_words = 0;
  std::int64_t stationary_reads = 0;
  std::int64_t stationary_words = 0;
  std::int64_t sum_writes = 0;
  std::int64_t sum_write_words = 0;
  std::int64_t sum_reads = 0;
  std::int64_t sum_read_words = 0;
};

StationaryTotals stationary_totals(const StationarySchedule& schedule, PortWidth streamed,
                                   PortWidth stationary, PortWidth sums, Accumulate accumulate);

}  // namespace mxsim
