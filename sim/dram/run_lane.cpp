#include "sim/dram/run_lane.h"

namespace mxsim {

void RunLane::begin(const RequestQueue& queue) {
  cursor_.reset();
  steps_.clear();
  place_ = 0;
  ahead_bursts_ = 0;
  total_ = 0;
  if (queue.empty()) return;
  cursor_ = queue.stream_cursor();
  const std::uint64_t next = queue.next_age();
  place_ = static_cast<std::size_t>(next - queue.entry(queue.oldest()).age);
  steps_.resize(place_);
  for (int slot = queue.oldest(); slot != RequestQueue::kNone; slot = queue.entry(slot).younger) {
    const RequestQueue::Entry& entry = queue.entry(slot);
    steps_[place_ - static_cast<std::size_t>(next - entry.age)].segment = entry.segment;
  }
  steps_.back() = {queue.stream_last(), cursor_->position()};
}

bool RunLane::look_ahead(std::int64_t bursts) {
  while (ahead_bursts_ < bursts) {
    DramSegment segment;
    if (!cursor_->next(segment)) return false;
    steps_.push_back({segment, cursor_->position()});
    ahead_bursts_ += segment.count;
  }
  return true;
}

void RunLane::load(std::int64_t segments) {
  total_ += segments;
  for (; segments > 0; --segments) ahead_bursts_ -= steps_[place_++].segment.count;
  if (place_ < 4 * kMostBehind) return;
  const std::size_t forgotten = place_ - kMostBehind;
  steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(forgotten));
  place_ = kMostBehind;
}

// A partly served segment has its last bursts left.
DramSegment RunLane::loaded(std::int64_t behind, std::int64_t count) const {
  DramSegment segment = steps_[place_ - static_cast<std::size_t>(behind)].segment;
  segment.burst += segment.count - count;
  segment.count = count;
  return segment;
}

}  // namespace mxsim
