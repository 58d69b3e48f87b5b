#include "sim/dram/refresh_schedule.h"

#include <algorithm>

namespace mxsim {

RefreshSchedule::RefreshSchedule(const RefreshSpec& spec, const BankStates& banks)
    : spec_(spec), banks_(banks) {
  for (int rank = 0; rank < banks.ranks(); ++rank) {
    ranks_.push_back({spec.interval_cycles * (rank + 1) / banks.ranks(), 0, false});
  }
  find_next_due();
}

void RefreshSchedule::find_next_due() {
  next_due_ = kNever;
  if (spec_.mode == RefreshMode::kNone) return;
  for (const Rank& rank : ranks_) {
    if (!rank.pending) next_due_ = std::min(next_due_, rank.due);
  }
}

void RefreshSchedule::update(std::int64_t cycle) {
  if (cycle < next_due_) return;
  for (Rank& rank : ranks_) {
    if (rank.pending || rank.due > cycle) continue;
    rank.pending = true;
    ++pending_;
  }
  find_next_due();
}

bool RefreshSchedule::blocks(int bank) const {
  if (pending_ == 0) return false;
  const int rank = banks_.rank_of(bank);
  return pending(rank) && (!per_bank() || bank == target(rank));
}

int RefreshSchedule::target(int rank) const {
  return banks_.first_bank(rank) + ranks_[static_cast<std::size_t>(rank)].next_bank;
}

void RefreshSchedule::shift(std::int64_t cycles) {
  for (Rank& rank : ranks_) rank.due += cycles;
  find_next_due();
}

void RefreshSchedule::done(int rank) {
  Rank& state = ranks_[static_cast<std::size_t>(rank)];
  state.pending = false;
  --pending_;
  state.due += spec_.interval_cycles;
  if (per_bank()) state.next_bank = (state.next_bank + 1) % banks_.banks_per_rank();
  find_next_due();
}

}  // namespace mxsim
