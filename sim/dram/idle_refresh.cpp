#include "sim/dram/idle_refresh.h"

#include <algorithm>

namespace mxsim {

IdleRefresh::IdleRefresh(const DramDevice& device, TimingChecker& timing, BankStates& banks,
                         RefreshSchedule& refresh)
    : timing_(timing), banks_(banks), refresh_(refresh) {
  if (device.refresh.mode == RefreshMode::kNone) return;
  const std::int64_t turns = refresh.per_bank() ? banks.banks_per_rank() : 1;
  period_ = turns * device.refresh.interval_cycles;
  memory_ = 2 * period_ + device.power_down.idle_cycles;
  for (const TimingRule& rule : device.rules) memory_ = std::max(memory_, 2 * rule.cycles);
}

std::int64_t IdleRefresh::jump(std::int64_t now, std::int64_t until) {
  if (period_ == 0 || now - idle_since_ < memory_ || (begin_ != kNever && now < horizon()))
    return 0;
  if (begin_ == kNever || !watching_) {
    const bool settled = !refresh_.any_pending() && !banks_.any_open();
    watching_ = begin_ == now && settled;
    before_ = banks_.counts(now);
    // A command may have been issued in this cycle already.
    if (!watching_) begin_ = until - now > 2 * period_ ? now + 1 : kNever;
    return 0;
  }
  ChannelCounts counted = banks_.counts(now);
  counted.add(before_, -1);
  begin_ = kNever;
  watching_ = false;
  const std::int64_t periods = (until - now) / period_ - 1;
  if (periods <= 0) return 0;
  const std::int64_t cycles = periods * period_;
  timing_.shift(cycles);
  refresh_.shift(cycles);
  banks_.repeat(counted, period_, periods);
  return cycles;
}

}  // namespace mxsim
