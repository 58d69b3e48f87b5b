#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "models/dram/dram_run.h"
#include "sim/dram/request_queue.h"

namespace mxsim {

/// The segments of the run that feeds a queue, around the place up to which the queue has loaded
/// it.
class RunLane {
 public:
  /// How far behind the last loaded segment one may wait.
  static constexpr std::uint64_t kMostBehind = 256;

  /// An idle lane, of an empty queue.
  RunLane() = default;
  explicit RunLane(const RequestQueue& queue);

  bool is_active() const { return cursor_.has_value(); }
  /// Knows segments of at least that many bursts beyond the queue; false: the run ends before.
  bool look_ahead(std::int64_t bursts);
  struct Step {
    DramSegment segment;
    RunCursor::Position after;
  };
  const std::deque<Step>& ahead() const { return ahead_; }
  /// Moves the first `segments` of ahead() into the queue.
  void load(std::int64_t segments);
  std::int64_t loaded() const { return total_; }

  /// The segment loaded `behind` segments ago (1: the last one), `count` bursts of it left.
  DramSegment loaded(std::int64_t behind, std::int64_t count) const;
  const DramSegment& last() const { return behind_.back(); }
  const RunCursor::Position& position() const { return position_; }

 private:
  std::optional<RunCursor> cursor_;  ///< behind ahead_
  RunCursor::Position position_;     ///< before ahead_
  std::deque<Step> ahead_;
  std::int64_t ahead_bursts_ = 0;
  std::deque<DramSegment> behind_;  ///< the last one loaded at the back
  std::int64_t total_ = 0;          ///< segments loaded so far
};

}  // namespace mxsim
