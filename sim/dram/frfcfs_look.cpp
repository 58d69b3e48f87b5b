// What FrfcfsChannel may do next: every command that a refresh, a request, a row timeout or
// power-down asks for, and the first of them.
#include <algorithm>

#include "sim/dram/frfcfs_channel.h"

namespace mxsim {
namespace {

// Ages among commands that are over at the same time: those of requests lie between.
constexpr std::uint64_t kRefreshFirst = 0;
constexpr std::uint64_t kUpkeepLast = UINT64_MAX;
/// Added to the ages of the next turn's requests: this turn wins ties.
constexpr std::uint64_t kNextTurn = std::uint64_t{1} << 62;

constexpr DramAccess other(DramAccess access) {
  return access == DramAccess::kRead ? DramAccess::kWrite : DramAccess::kRead;
}

}  // namespace

void FrfcfsChannel::look() {
  best_ = Candidate{};
  other_end_ = INT64_MAX;
  if (refresh_.any_pending()) look_at_refresh();
  update_wants();
  look_at_wants(direction_);
  if (prepares_) look_at_wants(other(direction_));
  if (page_policy_ == PagePolicy::kTimeout) look_at_timeouts();
  if (power_down_.mode == PowerDownMode::kIdle) look_at_power();
  best_holds_ = true;
}

void FrfcfsChannel::update_wants() {
  own_wants().update();
  rows_suffice_ = rows_suffice();
  prepares_ = rows_suffice_ && spec_.prepare_next_turn;
  if (prepares_) other_wants().update();
}

void FrfcfsChannel::look_at_wants(DramAccess access) {
  for (WantGroup& group : wants_[index(access)].groups()) {
    if (!group.claims.empty() && may_issue(access, group.command)) look_at_group(access, group);
  }
}

bool FrfcfsChannel::look_at_changes() {
  const bool upkeep =
      page_policy_ == PagePolicy::kTimeout || power_down_.mode == PowerDownMode::kIdle;
  if (!best_holds_ || upkeep) return false;
  changed_ = own_wants().changed();
  if (prepares_) {
    const std::vector<int>& others = other_wants().changed();
    changed_.insert(changed_.end(), others.begin(), others.end());
  }
  if (std::find(changed_.begin(), changed_.end(), best_.bank) != changed_.end()) return false;
  const bool sufficed = rows_suffice_;
  update_wants();
  if (rows_suffice_ != sufficed) return false;
  for (int bank : changed_) {
    look_at_changed_bank(direction_, bank);
    if (prepares_) look_at_changed_bank(other(direction_), bank);
  }
  return true;
}

void FrfcfsChannel::look_at_changed_bank(DramAccess access, int bank) {
  BankWants& wants = wants_[index(access)];
  if (wants.of(bank).slot == RequestQueue::kNone) return;
  WantGroup& group = wants.group_of(bank);
  if (!may_issue(access, group.command)) return;
  look_at_claim(access, group, wants.claim_of(bank), floor_of(group));
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
  best_ = {command, bank, banks_.open_row(bank), RequestQueue::kNone, direction_, start, end, age};
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

std::int64_t FrfcfsChannel::floor_of(const WantGroup& group) const {
  const int bank = banks_.first_bank(group.rank);
  return std::max(now_, timing_.earliest_start_of_rank(group.command, bank)) +
         bus_cycles_[index(group.command)];
}

void FrfcfsChannel::look_at_group(DramAccess access, WantGroup& group) {
  if (banks_.powered_down(group.rank)) {
    for (const WantGroup::Claim& claim : group.claims) {
      if (refresh_.blocks(claim.bank)) continue;
      const std::uint64_t age = claim.age + (access == direction_ ? 0 : kNextTurn);
      consider(DramCommand::kPowerUp, banks_.first_bank(group.rank), 0, age);
    }
    return;
  }
  const std::int64_t floor = floor_of(group);
  if (floor > best_.end) return;
  for (WantGroup::Claim& claim : group.claims) look_at_claim(access, group, claim, floor);
}

void FrfcfsChannel::look_at_claim(DramAccess access, const WantGroup& group,
                                  WantGroup::Claim& claim, std::int64_t floor) {
  const std::uint64_t age = claim.age + (access == direction_ ? 0 : kNextTurn);
  const auto loses = [&](std::int64_t end) {
    return end > best_.end || (end == best_.end && age > best_.age);
  };
  // The cached bound rejects most banks.
  if (loses(std::max(claim.bound, floor)) || refresh_.blocks(claim.bank)) return;
  if (is_taken(access, claim.bank) || must_wait_for_oldest(access, group.command, claim.age))
    return;
  const std::int64_t length = bus_cycles_[index(group.command)];
  claim.bound = timing_.earliest_start_in_rank(group.command, claim.bank) + length;
  const std::int64_t end = std::max(claim.bound, floor);
  if (loses(end)) return;
  if (best_.slot == RequestQueue::kNone) other_end_ = std::min(other_end_, best_.end);
  const BankWant& want = wants_[index(access)].of(claim.bank);
  best_ = {want.command, claim.bank, want.row, want.slot, access, end - length, end, age};
}

/// When the first candidate after the best, a column command, is over; exact up to `horizon`.
std::int64_t FrfcfsChannel::next_other_end(std::int64_t horizon) {
  const std::int64_t next = next_other_end(direction_, std::min(horizon, other_end_));
  return prepares_ ? next_other_end(other(direction_), next) : next;
}

std::int64_t FrfcfsChannel::next_other_end(DramAccess access, std::int64_t horizon) {
  std::int64_t next = horizon;
  for (WantGroup& group : wants_[index(access)].groups()) {
    if (group.claims.empty() || banks_.powered_down(group.rank)) continue;
    if (!may_issue(access, group.command)) continue;
    const std::int64_t floor = floor_of(group);
    if (floor >= next) continue;
    const std::int64_t length = bus_cycles_[index(group.command)];
    // Behind an older column command a younger one of the same kind can tie, never win.
    const bool ties = uniform_columns_ && is_column(group.command);
    for (WantGroup::Claim& claim : group.claims) {
      const bool tail = ties && claim.age > best_.age;
      const bool late = std::max(claim.bound, floor) >= next;
      if (tail || late || claim.bank == best_.bank || refresh_.blocks(claim.bank)) continue;
      if (is_taken(access, claim.bank) || must_wait_for_oldest(access, group.command, claim.age)) {
        continue;
      }
      claim.bound = timing_.earliest_start_in_rank(group.command, claim.bank) + length;
      next = std::min(next, std::max(claim.bound, floor));
    }
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
  const int first = banks_.first_bank(rank);
  for (int bank = first; bank < first + banks_.banks_per_rank(); ++bank) {
    const bool none = reads_.oldest_of_bank(bank) == RequestQueue::kNone &&
                      writes_.oldest_of_bank(bank) == RequestQueue::kNone;
    if (!none) return true;
  }
  return false;
}

void FrfcfsChannel::look_at_power() {
  for (int rank = 0; rank < banks_.ranks(); ++rank) {
    if (banks_.powered_down(rank) || refresh_.pending(rank) || rank_has_requests(rank)) continue;
    consider(DramCommand::kPowerDown, banks_.first_bank(rank),
             banks_.last_rank_command(rank) + power_down_.idle_cycles, kUpkeepLast);
  }
}

}  // namespace mxsim
