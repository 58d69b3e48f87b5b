#include "models/dram/refresh_progress.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/dram/timing_checker.h"

namespace mxsim {
namespace {

/// Commands to one bank, each as early as the rules allow.
class Sequence {
 public:
  explicit Sequence(const DramDevice& device) : device_(device), timing_(device) {}

  /// Returns when the command begins.
  std::int64_t issue(DramCommand command) {
    const std::int64_t start = std::max(now_, timing_.earliest_start(command, 0));
    timing_.issue(command, 0, start);
    now_ = start + device_.command(command).bus_cycles;
    return start;
  }

  /// All banks that the refresh is for, one after another where no command closes a rank's.
  void close(DramCommand refresh) {
    const bool whole_rank = refresh == DramCommand::kRefresh;
    if (whole_rank && device_.has(DramCommand::kPrechargeAll)) {
      issue(DramCommand::kPrechargeAll);
      return;
    }
    issue(DramCommand::kPrecharge);
    const std::int64_t others =
        whole_rank ? device_.organisation.banks_under(DramLevel::kRank) - 1 : 0;
    now_ += others * device_.command(DramCommand::kPrecharge).bus_cycles;
  }

 private:
  const DramDevice& device_;
  TimingChecker timing_;
  std::int64_t now_ = 1'000'000'000;  ///< long after whatever there was before
};

/// Whether a refresh of one rank delays commands of others.
bool spans_ranks(const DramDevice& device, DramCommand refresh) {
  return std::any_of(device.rules.begin(), device.rules.end(), [&](const TimingRule& rule) {
    const bool outer = rule.level < DramLevel::kRank ||
                       (rule.level == DramLevel::kRank && rule.scope == RuleScope::kOther);
    return rule.preceding == refresh && outer;
  });
}

}  // namespace

RefreshProgress refresh_progress(const DramDevice& device) {
  ensure(device.refresh.mode != RefreshMode::kNone, "progress between refreshes that do not exist");
  const bool by_bank = device.refresh.mode == RefreshMode::kPerBank;
  const DramCommand refresh = by_bank ? DramCommand::kRefreshBank : DramCommand::kRefresh;
  const bool closed = device.page_policy == PagePolicy::kClosed;
  RefreshProgress progress;
  {
    Sequence only_opened(device);
    only_opened.issue(refresh);
    const std::int64_t opened = only_opened.issue(DramCommand::kActivate);
    only_opened.close(refresh);
    progress.close_cycles = only_opened.issue(refresh) - opened;
  }
  for (const bool write : {false, true}) {
    const DramCommand column = write ? (closed ? DramCommand::kWriteAuto : DramCommand::kWrite)
                                     : (closed ? DramCommand::kReadAuto : DramCommand::kRead);
    Sequence sequence(device);
    const std::int64_t refreshed = sequence.issue(refresh);
    sequence.issue(DramCommand::kActivate);
    const std::int64_t moved = sequence.issue(column);
    if (!closed) sequence.close(refresh);
    progress.close_cycles = std::max(progress.close_cycles, sequence.issue(refresh) - moved);
    progress.access_cycles = std::max(progress.access_cycles, moved - refreshed);
  }
  const DramOrganisation& o = device.organisation;
  if (spans_ranks(device, refresh)) progress.ranks = o.count(DramLevel::kRank);
  progress.interval_cycles = device.refresh.interval_cycles;
  if (by_bank) progress.interval_cycles *= o.banks_under(DramLevel::kRank);
  return progress;
}

}  // namespace mxsim
