#pragma once

#include <cstdint>

#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/refresh_schedule.h"

namespace mxsim {

/// Jumps over the refresh intervals of a channel that has nothing to do. Once only refreshes can be
/// remembered, what happens in one period (an interval, or the turn of all banks) happens in every
/// further one: it is watched once and then repeated in counts and times.
class IdleRefresh {
 public:
  IdleRefresh(const DramDevice& device, TimingChecker& timing, BankStates& banks,
              RefreshSchedule& refresh);

  /// Something has to be done at `cycle`.
  void busy(std::int64_t cycle) {
    idle_since_ = cycle + 1;
    begin_ = kNever;
    watching_ = false;
  }
  /// Cycles that are jumped at `now`, staying clear of `until`.
  std::int64_t jump(std::int64_t now, std::int64_t until);
  /// The next call of jump() must not be later.
  std::int64_t horizon() const {
    if (begin_ == kNever) return kNever;
    return watching_ ? begin_ + period_ : begin_;
  }

 private:
  static constexpr std::int64_t kNever = INT64_MAX;

  TimingChecker& timing_;
  BankStates& banks_;
  RefreshSchedule& refresh_;
  std::int64_t period_ = 0;  ///< 0: no refresh
  std::int64_t memory_ = 0;  ///< cycles after which only refreshes can be remembered
  std::int64_t idle_since_ = 0;
  std::int64_t begin_ = kNever;  ///< of the period that is watched, before its first command
  bool watching_ = false;        ///< it has begun
  ChannelCounts before_;         ///< counts at its begin
};

}  // namespace mxsim
