#pragma once

#include <cstdint>

#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/refresh_schedule.h"

namespace mxsim {

/// Jumps over whole refresh intervals of a channel that has nothing to do: every interval is like
/// the one before, so only counts and times move on.
class IdleRefresh {
 public:
  explicit IdleRefresh(const DramDevice& device);

  /// Something has to be done at `cycle`.
  void busy(std::int64_t cycle) { idle_since_ = cycle + 1; }
  /// Cycles that may be jumped from `now`, staying clear of `until`; 0 while the past still
  /// matters.
  std::int64_t jump(std::int64_t now, std::int64_t until, TimingChecker& timing, BankStates& banks,
                    RefreshSchedule& refresh) const;

 private:
  RefreshSpec refresh_;
  std::int64_t memory_;  ///< cycles after which only refreshes can be remembered
  std::int64_t idle_since_ = 0;
};

}  // namespace mxsim
