#include "sim/dram/run_lane.h"

namespace mxsim {

RunLane::RunLane(const RequestQueue& queue)
    : cursor_(queue.stream_cursor()), position_(cursor_->position()) {
  const std::uint64_t next = queue.next_age();
  behind_.resize(static_cast<std::size_t>(next - queue.entry(queue.oldest()).age));
  for (int slot = queue.oldest(); slot != RequestQueue::kNone; slot = queue.entry(slot).younger) {
    const RequestQueue::Entry& entry = queue.entry(slot);
    behind_[behind_.size() - static_cast<std::size_t>(next - entry.age)] = entry.segment;
  }
  behind_.back() = queue.stream_last();
}

bool RunLane::look_ahead(std::int64_t bursts) {
  while (ahead_bursts_ < bursts) {
    DramSegment segment;
    if (!cursor_->next(segment)) return false;
    ahead_.push_back({segment, cursor_->position()});
    ahead_bursts_ += segment.count;
  }
  return true;
}

void RunLane::load(std::int64_t segments) {
  total_ += segments;
  for (; segments > 0; --segments) {
    const Step& step = ahead_.front();
    ahead_bursts_ -= step.segment.count;
    position_ = step.after;
    behind_.push_back(step.segment);
    ahead_.pop_front();
  }
  while (behind_.size() > kMostBehind) behind_.pop_front();
}

// A partly served segment has its last bursts left.
DramSegment RunLane::loaded(std::int64_t behind, std::int64_t count) const {
  DramSegment segment = behind_[behind_.size() - static_cast<std::size_t>(behind)];
  segment.burst += segment.count - count;
  segment.count = count;
  return segment;
}

}  // namespace mxsim
