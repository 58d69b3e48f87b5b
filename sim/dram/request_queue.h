#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/dram/dram_run.h"
#include "sim/dram/burst_sink.h"

namespace mxsim {

/// The bursts of one direction that wait in one channel, oldest first, kept as runs: segments are
/// made when the scheduler's window reaches them. The window is the oldest `window` bursts.
class RequestQueue {
 public:
  explicit RequestQueue(std::int64_t window) : window_(window) {}

  struct Entry {
    DramSegment segment;
    std::uint64_t request;
    BurstOwner owner;
  };

  void push(const RunCursor& cursor, std::uint64_t request, std::int64_t bursts);
  /// A single burst; continues the youngest entry where place and request number follow on.
  void push(const DramAddress& place, std::uint64_t request);
  /// `count` bursts of entry `position` are served.
  void serve(std::size_t position, std::int64_t count);

  bool has_room() const { return loaded_ < window_; }
  bool empty() const { return entries_.empty(); }
  /// Segments that reach into the window, and perhaps beyond it in the last one.
  const std::vector<Entry>& entries() const { return entries_; }
  /// Bursts in the window.
  std::int64_t level() const { return loaded_ < window_ ? loaded_ : window_; }
  /// Bursts that can be served before the window shows a new segment.
  std::int64_t steady_bursts() const { return loaded_ - (sources_.empty() ? 0 : window_); }
  /// Bursts that can be served before the level falls to `floor`; "many" while more are to come.
  std::int64_t bursts_above(std::int64_t floor) const {
    return sources_.empty() ? loaded_ - floor : INT64_MAX;
  }

  /// Calls `visit(request, bursts)` for each unfinished request in order: at least that many
  /// bursts must be served before its last one has been.
  template <class Visit>
  void for_each_bound(Visit visit) const {
    std::int64_t before = 0;
    for (const Outstanding& o : outstanding_) {
      before += o.bursts;
      const std::int64_t bound = before - window_ + 1;
      visit(o.request, bound > o.bursts ? bound : o.bursts);
    }
  }

 private:
  struct Source {
    RunCursor cursor;
    std::uint64_t request;
  };
  struct Outstanding {
    std::uint64_t request;
    std::int64_t bursts;
  };
  void refill();

  std::int64_t window_;
  std::int64_t loaded_ = 0;
  std::vector<Entry> entries_;
  std::deque<Source> sources_;
  std::deque<Outstanding> outstanding_;
};

}  // namespace mxsim
