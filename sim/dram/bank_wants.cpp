#include "sim/dram/bank_wants.h"

#include <algorithm>

namespace mxsim {

BankWants::BankWants(RequestQueue& queue, const BankStates& banks, DramCommand column,
                     std::int64_t hit_cap)
    : queue_(queue),
      banks_(banks),
      column_(column),
      hit_cap_(hit_cap),
      states_(static_cast<std::size_t>(banks.ranks() * banks.banks_per_rank())) {
  for (int rank = 0; rank < banks.ranks(); ++rank) {
    for (DramCommand command : {column, DramCommand::kPrecharge, DramCommand::kActivate}) {
      groups_.push_back({rank, command, {}});
    }
  }
}

std::size_t BankWants::group_index(int rank, DramCommand command) const {
  const std::size_t kind = command == column_ ? 0 : command == DramCommand::kPrecharge ? 1 : 2;
  return 3 * at(rank) + kind;
}

void BankWants::update() {
  for (int bank : queue_.touched()) {
    State& state = states_[at(bank)];
    const BankWant want = work_out(bank);
    const bool ready = want.slot != RequestQueue::kNone && want.command == column_;
    const std::int64_t bursts = ready ? queue_.entry(want.slot).segment.count : 0;
    ready_ += bursts - state.ready;
    state.ready = bursts;
    const bool none = RequestQueue::kNone == want.slot || RequestQueue::kNone == state.want.slot;
    if (!none && want.command == state.want.command) {
      state.want = want;
      claim_of(bank).age = want.age;
      continue;
    }
    leave_group(state);
    state.want = want;
    join_group(bank, state);
  }
  queue_.forget_touched();
}

void BankWants::leave_group(State& state) {
  if (state.want.slot == RequestQueue::kNone) return;
  std::vector<WantGroup::Claim>& claims = groups_[state.group].claims;
  claims[state.claim] = claims.back();
  states_[at(claims[state.claim].bank)].claim = state.claim;
  claims.pop_back();
}

void BankWants::join_group(int bank, State& state) {
  if (state.want.slot == RequestQueue::kNone) return;
  state.group = group_index(banks_.rank_of(bank), state.want.command);
  state.claim = groups_[state.group].claims.size();
  groups_[state.group].claims.push_back({bank, state.want.age, 0});
}

BankWant BankWants::work_out(int bank) const {
  const std::int64_t open_row = banks_.open_row(bank);
  const bool worn = banks_.columns(bank) >= hit_cap_;
  BankWant want;
  int hit = RequestQueue::kNone;
  int other = RequestQueue::kNone;
  for (int slot = queue_.oldest_of_bank(bank); slot != RequestQueue::kNone;
       slot = queue_.entry(slot).younger_of_bank) {
    const RequestQueue::Entry& entry = queue_.entry(slot);
    if (entry.segment.row != open_row) {
      if (other == RequestQueue::kNone) other = slot;
    } else if (hit == RequestQueue::kNone && (!worn || other == RequestQueue::kNone)) {
      hit = slot;
    }
    // Nothing younger can change the outcome.
    if (other != RequestQueue::kNone && (hit != RequestQueue::kNone || worn)) break;
  }
  want.contested = other != RequestQueue::kNone;
  want.slot = hit != RequestQueue::kNone ? hit : other;
  if (want.slot == RequestQueue::kNone) return want;
  want.age = queue_.entry(want.slot).age;
  const bool closed = open_row == BankStates::kClosed;
  want.row = closed ? queue_.entry(want.slot).segment.row : open_row;
  want.command = hit != RequestQueue::kNone ? column_
                 : closed                   ? DramCommand::kActivate
                                            : DramCommand::kPrecharge;
  return want;
}

}  // namespace mxsim
