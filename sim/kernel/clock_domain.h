#pragma once

#include <cstdint>
#include <systemc>

#include "models/core/units.h"

namespace mxsim {

/// Integer cycles of one clock and their place in simulated time (1 ps resolution). Cycle c begins
/// at ceil(c * 10^12 / hz) ps: computed from c each time, so no error accumulates.
class ClockDomain {
 public:
  /// `hz` in 1 .. 10^12.
  explicit ClockDomain(std::int64_t hz);

  std::int64_t hz() const { return hz_; }
  sc_core::sc_time start_of(Cycles cycle) const;
  /// The cycle that contains `time`.
  Cycles cycle_at(const sc_core::sc_time& time) const;
  /// The first cycle that begins at or after `time`.
  Cycles first_cycle_from(const sc_core::sc_time& time) const;
  /// The cycle of the simulation's current time.
  Cycles now() const { return cycle_at(sc_core::sc_time_stamp()); }
  /// From the current time to the start of `cycle` (zero if that has passed).
  sc_core::sc_time until(Cycles cycle) const;

 private:
  std::int64_t hz_;
};

}  // namespace mxsim
