#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

  /// The lane of an empty queue is idle.
  void begin(const RequestQueue& queue);

  bool is_active() const { return cursor_.has_value(); }
  /// Knows segments of at least that many bursts beyond the queue; false: the run ends before.
  bool look_ahead(std::int64_t bursts);
  struct Step {
    DramSegment segment;
    RunCursor::Position after;
  };
  std::span<const Step> ahead() const { return std::span(steps_).subspan(place_); }
  /// Moves the first `segments` of ahead() into the queue.
  void load(std::int64_t segments);
  std::int64_t loaded() const { return total_; }

  /// The segment loaded `behind` segments ago (1: the last one), `count` bursts of it left.
  DramSegment loaded(std::int64_t behind, std::int64_t count) const;
  const DramSegment& last() const { return steps_[place_ - 1].segment; }
  const RunCursor::Position& position() const { return steps_[place_ - 1].after; }

 private:
  std::optional<RunCursor> cursor_;  ///< behind all steps
  std::vector<Step> steps_;          ///< loaded ones, then those of ahead()
  std::size_t place_ = 0;            ///< number of loaded ones
  std::int64_t ahead_bursts_ = 0;
  std::int64_t total_ = 0;  ///< segments loaded so far
};

}  // namespace mxsim
