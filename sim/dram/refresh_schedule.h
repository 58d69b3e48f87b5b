#pragma once

#include <cstdint>
#include <vector>

#include "models/dram/dram_device.h"
#include "sim/dram/bank_states.h"

namespace mxsim {

/// When which rank or bank must be refreshed. Ranks are staggered over the interval; once due, the
/// rank (all-bank) or its next bank in turn (per-bank) takes no request until it is refreshed.
class RefreshSchedule {
 public:
  RefreshSchedule(const RefreshSpec& spec, const BankStates& banks);

  static constexpr std::int64_t kNever = INT64_MAX;

  /// Whatever is due at `cycle` becomes pending.
  void update(std::int64_t cycle);
  /// When the next not yet pending refresh falls due.
  std::int64_t next_due() const { return next_due_; }
  bool any_pending() const { return pending_ > 0; }
  bool pending(int rank) const { return ranks_[static_cast<std::size_t>(rank)].pending; }
  bool blocks(int bank) const;
  bool per_bank() const { return spec_.mode == RefreshMode::kPerBank; }
  /// The bank to refresh, or the rank's first one.
  int target(int rank) const;
  void done(int rank);
  /// Moves what is due by `cycles`; nothing may be pending.
  void shift(std::int64_t cycles);

 private:
  struct Rank {
    std::int64_t due;
    int next_bank;
    bool pending;
  };
  void find_next_due();

  RefreshSpec spec_;
  const BankStates& banks_;
  std::vector<Rank> ranks_;
  std::int64_t next_due_ = kNever;
  int pending_ = 0;
};

}  // namespace mxsim
