#include "sim/dram/request_queue.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {

void RequestQueue::push(const RunCursor& cursor, std::uint64_t request, std::int64_t bursts) {
  sources_.push_back({cursor, request});
  outstanding_.push_back({request, bursts});
  refill();
}

void RequestQueue::push(const DramAddress& place, std::uint64_t request) {
  ++loaded_;
  if (!entries_.empty()) {
    Entry& last = entries_.back();
    DramSegment& segment = last.segment;
    const bool follows = last.owner == BurstOwner::kEachItsOwn && segment.bank == place.bank &&
                         segment.row == place.row && segment.burst + segment.count == place.burst &&
                         last.request + static_cast<std::uint64_t>(segment.count) == request;
    if (follows) {
      ++segment.count;
      return;
    }
  }
  entries_.push_back({{place.bank, place.row, place.burst, 1}, request, BurstOwner::kEachItsOwn});
}

void RequestQueue::refill() {
  while (loaded_ < window_ && !sources_.empty()) {
    DramSegment segment;
    if (!sources_.front().cursor.next(segment)) {
      sources_.pop_front();
      continue;
    }
    entries_.push_back({segment, sources_.front().request, BurstOwner::kOneRequest});
    loaded_ += segment.count;
  }
}

void RequestQueue::serve(std::size_t position, std::int64_t count) {
  Entry& entry = entries_[position];
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
  if (entry.segment.count == 0) {
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
  }
  refill();
}

}  // namespace mxsim
