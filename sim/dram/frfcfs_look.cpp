// What FrfcfsChannel may do next: every command that a refresh, a request, a row timeout or
// power-down asks for, and the first of them.
#include <algorithm>

#include "sim/dram/frfcfs_channel.h"

namespace mxsim {
namespace {

// Ages among commands that are over at the same time: those of requests lie between.
constexpr std::uint64_t kRefreshFirst = 0;
constexpr std::uint64_t kUpkeepLast = UINT64_MAX;

}  // namespace

void FrfcfsChannel::look() {
  ++look_;
  best_ = Candidate{};
  other_end_ = INT64_MAX;
  if (refresh_.any_pending()) look_at_refresh();
  look_at_requests();
  if (page_policy_ == PagePolicy::kTimeout) look_at_timeouts();
  if (power_down_.mode == PowerDownMode::kIdle) look_at_power();
}

void FrfcfsChannel::consider(DramCommand command, int bank, std::int64_t not_before,
                             std::uint64_t age) {
  const std::int64_t start = std::max({now_, not_before, timing_.earliest_start(command, bank)});
  const std::int64_t end = start + bus_cycles_[index(command)];
  if (end > best_.end || (end == best_.end && age >= best_.age)) {
    other_end_ = std::min(other_end_, end);
    return;
  }
  if (best_.slot == RequestQueue::kNone) other_end_ = std::min(other_end_, best_.end);
  best_ = {command, bank, banks_.open_row(bank), RequestQueue::kNone, start, end, age};
}

void FrfcfsChannel::look_at_refresh() {
  const DramCommand refresh =
      refresh_.per_bank() ? DramCommand::kRefreshBank : DramCommand::kRefresh;
  for (int rank = 0; rank < banks_.ranks(); ++rank) {
    if (!refresh_.pending(rank)) continue;
    const int target = refresh_.target(rank);
    if (banks_.powered_down(rank)) {
      consider(DramCommand::kPowerUp, banks_.first_bank(rank), 0, kRefreshFirst);
      continue;
    }
    const int first = refresh_.per_bank() ? target : banks_.first_bank(rank);
    const int count = refresh_.per_bank() ? 1 : banks_.banks_per_rank();
    bool closed = true;
    for (int bank = first; bank < first + count; ++bank) {
      if (banks_.open_row(bank) == BankStates::kClosed) continue;
      closed = false;
      if (count == 1 || !has_precharge_all_) {
        consider(DramCommand::kPrecharge, bank, 0, kRefreshFirst);
      }
    }
    if (closed) {
      consider(refresh, target, 0, kRefreshFirst);
    } else if (count > 1 && has_precharge_all_) {
      consider(DramCommand::kPrechargeAll, first, 0, kRefreshFirst);
    }
  }
}

void FrfcfsChannel::look_at_requests() {
  BankWants& wants = wants_[static_cast<std::size_t>(direction_)];
  wants.set_limit(age_beyond_turn());
  const bool refreshing = refresh_.any_pending();
  for (int bank : own_queue().busy_banks()) {
    BankWant& want = wants.of(bank);
    Floor& floor = floors_[want.rank_command];
    if (floor.look != look_) {
      const std::int64_t start = timing_.earliest_start_of_rank(want.command, bank);
      floor = {look_, std::max(now_, start) + bus_cycles_[index(want.command)]};
    }
    // Most banks lose by what was known before.
    const std::int64_t end = std::max(want.bound, floor.end);
    if (end > best_.end || (end == best_.end && want.age > best_.age)) continue;
    if (want.slot == RequestQueue::kNone || (refreshing && refresh_.blocks(bank))) continue;
    look_at_want(bank, want);
  }
}

void FrfcfsChannel::look_at_want(int bank, BankWant& want) {
  const int rank = banks_.rank_of(bank);
  if (banks_.powered_down(rank)) {
    return consider(DramCommand::kPowerUp, banks_.first_bank(rank), 0, want.age);
  }
  const std::int64_t length = bus_cycles_[index(want.command)];
  want.bound = timing_.earliest_start(want.command, bank) + length;
  const std::int64_t end = std::max(now_ + length, want.bound);
  if (end > best_.end || (end == best_.end && want.age > best_.age)) return;
  if (best_.slot == RequestQueue::kNone) other_end_ = std::min(other_end_, best_.end);
  best_ = {want.command, bank, want.row, want.slot, end - length, end, want.age};
}

/// When the first candidate after the best, a column command, is over; exact up to `horizon`.
std::int64_t FrfcfsChannel::next_other_end(std::int64_t horizon) {
  std::int64_t next = std::min(horizon, other_end_);
  BankWants& wants = wants_[static_cast<std::size_t>(direction_)];
  const bool refreshing = refresh_.any_pending();
  for (int bank : own_queue().busy_banks()) {
    BankWant& want = wants.of(bank);
    const bool idle = want.slot == RequestQueue::kNone || bank == best_.bank ||
                      (refreshing && refresh_.blocks(bank)) ||
                      banks_.powered_down(banks_.rank_of(bank));
    // Behind an older column command a younger one of the same kind can tie, never win.
    const bool tail = uniform_columns_ && is_column(want.command) && want.age > best_.age;
    if (idle || tail) continue;
    const std::int64_t length = bus_cycles_[index(want.command)];
    if (std::max(now_ + length, want.bound) >= next) continue;
    want.bound = timing_.earliest_start(want.command, bank) + length;
    next = std::min(next, std::max(now_ + length, want.bound));
  }
  return next;
}

void FrfcfsChannel::look_at_timeouts() {
  for (int rank = 0; rank < banks_.ranks(); ++rank) {
    if (banks_.open_banks(rank) == 0 || refresh_.pending(rank) || banks_.powered_down(rank)) {
      continue;
    }
    const int first = banks_.first_bank(rank);
    for (int bank = first; bank < first + banks_.banks_per_rank(); ++bank) {
      const std::int64_t row = banks_.open_row(bank);
      if (row == BankStates::kClosed || reads_.wants_row(bank, row) ||
          writes_.wants_row(bank, row)) {
        continue;
      }
      consider(DramCommand::kPrecharge, bank, banks_.last_command(bank) + page_timeout_,
               kUpkeepLast);
    }
  }
}

bool FrfcfsChannel::rank_has_requests(int rank) const {
  const auto in_rank = [&](int bank) { return banks_.rank_of(bank) == rank; };
  return std::any_of(reads_.busy_banks().begin(), reads_.busy_banks().end(), in_rank) ||
         std::any_of(writes_.busy_banks().begin(), writes_.busy_banks().end(), in_rank);
}

void FrfcfsChannel::look_at_power() {
  for (int rank = 0; rank < banks_.ranks(); ++rank) {
    if (banks_.powered_down(rank) || refresh_.pending(rank) || rank_has_requests(rank)) continue;
    consider(DramCommand::kPowerDown, banks_.first_bank(rank),
             banks_.last_rank_command(rank) + power_down_.idle_cycles, kUpkeepLast);
  }
}

}  // namespace mxsim
