#pragma once

#include <cstdint>

#include "models/chip/chip_spec.h"

namespace mxsim {

/// One pass of `os`: rows x cols results in each of `groups` neighbouring column tiles, of which
/// the last may be narrower; `length` reduction steps.
struct OutputPass {
  std::int64_t rows = 0;
  std::int64_t cols = 0;  ///< columns used by the first group, the widest
  std::int64_t groups = 0;
  std::int64_t length = 0;
};

/// When the passes of the output-stationary dataflow enter the array, in steps.
///
/// Hardware: a PE adds to one partial sum only every `latency` steps, so it interleaves up to
/// `latency` results of neighbouring column tiles (groups): a reduction element takes `latency`
/// steps, group g has step g, steps without a group are bubbles. Row i starts i, column j j steps
/// late. Finished results are copied to a drain chain (double buffering: a second set of registers,
/// one per group; single: the accumulators themselves) that moves one place a step down the column
/// once the last row used has finished, and leave below it: last row first, last group first.
///
/// Rules between a pass and the next, per column:
/// - operands: next start >= start + length * latency;
/// - a register of the chain is free again once all results behind it have moved through. Double:
///   before the next result of the same place is captured. Single: before the next pass's first
///   operand comes by;
/// - one result a step leaves a column.
class OutputRule {
 public:
  explicit OutputRule(const ArraySpec& spec)
      : latency_(spec.mac_latency_cycles), buffering_(spec.weight_buffering) {}

  std::int64_t operand_steps(const OutputPass& pass) const { return pass.length * latency_; }
  /// From the start of `pass` to the step in which the last row's last group of column 0 finishes.
  std::int64_t finish(const OutputPass& pass) const;
  /// From the start of `pass` to the earliest start of `next` that leaves the chain intact.
  std::int64_t chain_delay(const OutputPass& pass, const OutputPass& next) const;
  /// From the start of `pass` to the earliest start of `next` that keeps the exits apart.
  std::int64_t exit_delay(const OutputPass& pass, const OutputPass& next) const;
  /// From the start of `pass` to the start of the one after it.
  std::int64_t gap(const OutputPass& pass, const OutputPass& next) const;
  /// From the start of a pass to the end of the step in which its last result leaves.
  std::int64_t tail(const OutputPass& pass) const;

 private:
  std::int64_t latency_;
  WeightBuffering buffering_;
};

}  // namespace mxsim
