#pragma once

#include <cstdint>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/core/units.h"

namespace mxsim {

/// The scale-and-add units of one array (models/dataflow/scale_units.h): counts the sums that each
/// gets in each pass.
class ScaleUnits {
 public:
  explicit ScaleUnits(const ArraySpec& spec);

  /// The next pass enters the array and feeds operands for so many core cycles.
  void begin_pass(std::int64_t cycles);
  /// `pass`: low bits of its number; the few passes in flight differ in them.
  void add(std::uint16_t pass, std::int64_t row, std::int64_t col, std::uint64_t sums) {
    Pass& counts = in_flight_[pass % in_flight_.size()];
    counts.sums[static_cast<std::size_t>(col * unit_rows_ + row / pes_per_unit_)] +=
        static_cast<std::uint32_t>(sums);
  }
  /// Cycles by which the busiest units of all passes so far are behind.
  Cycles stall() const;

 private:
  struct Pass {
    std::int64_t cycles = 0;
    std::vector<std::uint32_t> sums;  ///< by column and unit
  };
  static std::int64_t excess(const Pass& pass);

  std::int64_t cols_;
  std::int64_t pes_per_unit_;
  std::int64_t unit_rows_;
  std::vector<Pass> in_flight_;  ///< a power of two of them, by the pass's low bits
  std::int64_t passes_ = 0;
  std::int64_t finished_stall_ = 0;  ///< of passes no longer in flight
};

}  // namespace mxsim
