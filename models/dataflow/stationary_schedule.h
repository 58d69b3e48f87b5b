#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"
#include "models/dataflow/stationary_rule.h"
#include "models/dataflow/tiling.h"

namespace mxsim {

/// The passes of `ws` and `is`, which are one another's mirror images: reduction tiles outermost,
/// width tiles innermost, so that results are added in order of the reduction and the array waits
/// for a shorter last reduction tile only once.
struct StationarySchedule {
  Tiling reduction;     ///< rows: K
  Tiling width;         ///< columns: N (`ws`) or M (`is`)
  std::int64_t length;  ///< streamed: M (`ws`) or N (`is`)

  /// Of a `ws` or `is` command.
  StationarySchedule(const ArraySpec& spec, const ArrayCommand& command);

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

struct PortWidth {
  std::int64_t element_bits;
  std::int64_t word_bits;
};

StationaryTotals stationary_totals(const StationarySchedule& schedule, PortWidth streamed,
                                   PortWidth stationary, std::int64_t c_word_bits,
                                   Accumulate accumulate);

}  // namespace mxsim
