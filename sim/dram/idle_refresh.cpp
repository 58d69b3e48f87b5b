#include "sim/dram/idle_refresh.h"

#include <algorithm>

namespace mxsim {

IdleRefresh::IdleRefresh(const DramDevice& device)
    : refresh_(device.refresh), memory_(2 * device.refresh.interval_cycles) {
  for (const TimingRule& rule : device.rules) memory_ = std::max(memory_, 2 * rule.cycles);
}

std::int64_t IdleRefresh::jump(std::int64_t now, std::int64_t until, TimingChecker& timing,
                               BankStates& banks, RefreshSchedule& refresh) const {
  if (refresh_.mode == RefreshMode::kNone || refresh.any_pending()) return 0;
  if (now - idle_since_ < memory_) return 0;
  // In per-bank mode the pattern repeats when every bank has had its turn.
  const std::int64_t turns = refresh.per_bank() ? banks.banks_per_rank() : 1;
  const std::int64_t period = turns * refresh_.interval_cycles;
  const std::int64_t periods = (until - now) / period - 1;
  if (periods <= 0) return 0;
  for (int rank = 0; rank < banks.ranks(); ++rank) {
    if (banks.open_banks(rank) > 0) return 0;
  }
  const std::int64_t cycles = periods * period;
  timing.shift(cycles);
  refresh.shift(cycles);
  banks.count_refreshes(refresh.per_bank() ? DramCommand::kRefreshBank : DramCommand::kRefresh,
                        periods * turns * banks.ranks());
  return cycles;
}

}  // namespace mxsim
