#include "sim/dram/bank_wants.h"

#include <algorithm>

namespace mxsim {

BankWants::BankWants(const RequestQueue& queue, const BankStates& banks, DramCommand column,
                     std::int64_t hit_cap)
    : queue_(queue),
      banks_(banks),
      column_(column),
      hit_cap_(hit_cap),
      kept_(static_cast<std::size_t>(banks.ranks() * banks.banks_per_rank())) {}

void BankWants::set_limit(std::uint64_t age) {
  if (age == limit_) return;
  const std::uint64_t low = std::min(age, limit_);
  const std::uint64_t high = std::max(age, limit_);
  limit_ = age;
  for (int slot = queue_.oldest(); slot != RequestQueue::kNone; slot = queue_.entry(slot).younger) {
    const RequestQueue::Entry& entry = queue_.entry(slot);
    if (entry.age >= low && entry.age < high) bank_changed(entry.segment.bank);
  }
}

void BankWants::work_out(int bank, Kept& kept) {
  kept.version = queue_.version(bank);
  const std::int64_t open_row = banks_.open_row(bank);
  const bool worn = banks_.columns(bank) >= hit_cap_;
  BankWant want;
  int hit = RequestQueue::kNone;
  int other = RequestQueue::kNone;
  int slot = queue_.oldest_of_bank(bank);
  while (slot != RequestQueue::kNone && queue_.entry(slot).age < limit_) {
    const bool hits = queue_.entry(slot).segment.row == open_row;
    const bool gives_way = worn && other != RequestQueue::kNone;
    if (hits && hit == RequestQueue::kNone && !gives_way) hit = slot;
    if (!hits && other == RequestQueue::kNone) other = slot;
    slot = queue_.entry(slot).younger_of_bank;
  }
  want.contested = other != RequestQueue::kNone;
  want.slot = hit != RequestQueue::kNone ? hit : other;
  if (want.slot != RequestQueue::kNone) {
    want.age = queue_.entry(want.slot).age;
    const bool closed = open_row == BankStates::kClosed;
    want.row = closed ? queue_.entry(want.slot).segment.row : open_row;
    want.command = hit != RequestQueue::kNone ? column_
                   : closed                   ? DramCommand::kActivate
                                              : DramCommand::kPrecharge;
  }
  want.rank_command =
      static_cast<std::size_t>(banks_.rank_of(bank)) * kDramCommandCount + index(want.command);
  kept.want = want;
}

}  // namespace mxsim
