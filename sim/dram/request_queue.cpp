#include "sim/dram/request_queue.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {

RequestQueue::RequestQueue(std::int64_t window, std::size_t banks)
    : window_(window), banks_(banks) {}

void RequestQueue::push(const RunCursor& cursor, const DramRun& run, std::uint64_t request,
                        std::int64_t bursts) {
  sources_.push_back({cursor, run, request, bursts});
  outstanding_.push_back({request, bursts});
  refill();
}

void RequestQueue::push(const DramAddress& place, std::int32_t line, std::uint64_t request) {
  ++loaded_;
  if (youngest_ != kNone) {
    Entry& last = entries_[at(youngest_)];
    DramSegment& segment = last.segment;
    const bool follows = last.owner == BurstOwner::kEachItsOwn && last.line == line &&
                         segment.bank == place.bank && segment.row == place.row &&
                         segment.burst + segment.count == place.burst &&
                         last.request + static_cast<std::uint64_t>(segment.count) == request;
    if (follows) {
      ++segment.count;
      return;
    }
  }
  append({place.bank, place.row, place.burst, 1}, request, BurstOwner::kEachItsOwn, line);
}

void RequestQueue::refill() {
  while (loaded_ < window_ && !sources_.empty()) {
    DramSegment segment;
    if (!sources_.front().cursor.next(segment)) {
      sources_.pop_front();
      front_read_ = false;
      continue;
    }
    front_read_ = true;
    last_read_ = segment;
    append(segment, sources_.front().request, BurstOwner::kOneRequest);
    loaded_ += segment.count;
  }
}

void RequestQueue::append(const DramSegment& segment, std::uint64_t request, BurstOwner owner,
                          std::int32_t line) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<int>(entries_.size()));
    entries_.emplace_back();
  }
  const int slot = free_slots_.back();
  free_slots_.pop_back();
  Bank& bank = banks_[at(segment.bank)];
  entries_[at(slot)] = {segment, request,   next_age_++, owner,        line,
                        kNone,   youngest_, kNone,       bank.youngest};
  (youngest_ == kNone ? oldest_ : entries_[at(youngest_)].younger) = slot;
  youngest_ = slot;
  if (bank.youngest == kNone) {
    bank.oldest = slot;
  } else {
    entries_[at(bank.youngest)].younger_of_bank = slot;
  }
  // Behind an entry of the same row another one decides nothing.
  const bool decides =
      bank.youngest == kNone || entries_[at(bank.youngest)].segment.row != segment.row;
  bank.youngest = slot;
  if (decides) touch(segment.bank);
}

void RequestQueue::remove(int slot) {
  const Entry& entry = entries_[at(slot)];
  Bank& bank = banks_[at(entry.segment.bank)];
  (entry.older == kNone ? oldest_ : entries_[at(entry.older)].younger) = entry.younger;
  (entry.younger == kNone ? youngest_ : entries_[at(entry.younger)].older) = entry.older;
  (entry.older_of_bank == kNone ? bank.oldest : entries_[at(entry.older_of_bank)].younger_of_bank) =
      entry.younger_of_bank;
  (entry.younger_of_bank == kNone ? bank.youngest
                                  : entries_[at(entry.younger_of_bank)].older_of_bank) =
      entry.older_of_bank;
  touch(entry.segment.bank);
  free_slots_.push_back(slot);
}

void RequestQueue::move_stream(std::int64_t bursts, const std::vector<DramSegment>& waiting,
                               const DramSegment& last, const RunCursor& cursor) {
  while (!empty()) remove(oldest_);
  loaded_ = 0;
  for (const DramSegment& segment : waiting) {
    append(segment, stream_request(), BurstOwner::kOneRequest);
    loaded_ += segment.count;
  }
  last_read_ = last;
  sources_.front().cursor = cursor;
  outstanding_.front().bursts -= bursts;
}

void RequestQueue::move_run(std::int64_t bursts, std::int64_t loaded,
                            const std::vector<Waiting>& waiting, const DramSegment& last,
                            const RunCursor::Position& position) {
  while (!empty()) remove(oldest_);
  loaded_ = 0;
  const std::uint64_t next_age = next_age_ + static_cast<std::uint64_t>(loaded);
  for (const Waiting& w : waiting) {
    next_age_ = next_age - static_cast<std::uint64_t>(w.behind);
    append(w.segment, stream_request(), BurstOwner::kOneRequest);
    loaded_ += w.segment.count;
  }
  next_age_ = next_age;
  last_read_ = last;
  sources_.front().cursor.go_to(position);
  outstanding_.front().bursts -= bursts;
}

int RequestQueue::find(const DramAddress& place, std::int32_t line) const {
  for (int slot = oldest_of_bank(place.bank); slot != kNone; slot = entry(slot).younger_of_bank) {
    const DramSegment& segment = entry(slot).segment;
    const std::int64_t offset = place.burst - segment.burst;
    const bool holds = segment.row == place.row && offset >= 0 && offset < segment.count;
    if (holds && entry(slot).line == line) return slot;
  }
  return kNone;
}

bool RequestQueue::wants_row(int bank, std::int64_t row) const {
  int slot = oldest_of_bank(bank);
  while (slot != kNone && entry(slot).segment.row != row) slot = entry(slot).younger_of_bank;
  return slot != kNone;
}

void RequestQueue::serve(int slot, std::int64_t count) {
  Entry& entry = entries_[at(slot)];
  if (entry.owner == BurstOwner::kOneRequest) {
    const auto owner = std::find_if(outstanding_.begin(), outstanding_.end(),
                                    [&](const auto& o) { return o.request == entry.request; });
    ensure(owner != outstanding_.end() && owner->bursts >= count, "a DRAM burst was served twice");
    owner->bursts -= count;
    if (owner->bursts == 0) outstanding_.erase(owner);
  } else {
    entry.request += static_cast<std::uint64_t>(count);
  }
  entry.segment.burst += count;
  entry.segment.count -= count;
  loaded_ -= count;
  if (entry.segment.count == 0) remove(slot);
  refill();
}

}  // namespace mxsim
