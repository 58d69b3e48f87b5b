#pragma once

#include <cstdint>

#include "models/chip/chip_spec.h"
#include "models/dataflow/array_command.h"

namespace mxsim {

/// One pass of `ws` or `is`: rows x cols stationary elements, `length` vectors streamed past them.
struct StationaryPass {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t length = 0;
};

/// When the passes of the stationary-operand dataflows enter the array, in steps.
///
/// Hardware: the streamed operand enters row i i * latency steps after row 0 and hops one column a
/// step; partial sums hop one row every `latency` steps and leave below the pass's last row. A
/// stationary element enters at the top of its column (column j: j steps late, farthest row first),
/// hops one row a step and stays where it belongs. With double buffering it goes to a shadow
/// register that the first streamed operand of its pass makes active on arrival. Where ports are
/// narrow the vectors of a load enter as its pace says, with gaps between them.
///
/// Rules between a pass and the next, each needed by one resource of column 0:
/// - a row takes one streamed operand a step: next start >= start + length;
/// - a load may not overtake the pass that still needs the registers it writes. Double: rows both
///   use must have swapped, so its first vector enters at start + (min(rows) - 1)(latency - 1) or
///   later. Single: their last operand must have passed: length + (min(rows) - 1)(latency - 1);
/// - ports work on one load at a time: load start >= start;
/// - the stationary operand is complete: next start >= load start + pace.steps(next rows);
/// - one result a step leaves a column: next start >= start + length + (rows - next rows) latency.
class StationaryRule {
 public:
  StationaryRule(const ArraySpec& spec, LoadPace pace)
      : latency_(spec.mac_latency_cycles), buffering_(spec.weight_buffering), pace_(pace) {}

  /// From the start of `pass` to the earliest step in which ports work on the next one's load.
  std::int64_t load_delay(const StationaryPass& pass, const StationaryPass& next) const;
  /// From the start of `pass` to the earliest step in which its successor's results can use the
  /// exits that `pass` used.
  std::int64_t exit_delay(const StationaryPass& pass, const StationaryPass& next) const;
  /// From the start of `pass` to the start of the one after it.
  std::int64_t gap(const StationaryPass& pass, const StationaryPass& next) const;
  /// From the start of a pass to the end of the step in which its last result leaves.
  std::int64_t tail(const StationaryPass& pass) const;

 private:
  std::int64_t latency_;
  WeightBuffering buffering_;
  LoadPace pace_;
};

}  // namespace mxsim
