#pragma once

#include <cstdint>
#include <functional>

#include "models/dram/dram_run.h"
#include "sim/dram/channel_scheduler.h"

namespace mxsim {

/// A channel that also takes whole runs.
class RunChannel : public ChannelScheduler {
 public:
  /// The scheduler sees the run, which has `bursts` in this channel, from cycle `visible`, which is
  /// not before the last advance().
  virtual void push(DramAccess access, const DramRun& run, std::int64_t bursts,
                    std::uint64_t request, std::int64_t visible) = 0;
  /// Calls `visit(request, cycle)` for each unfinished request: its last data cannot end before
  /// `cycle`.
  using BoundVisitor = std::function<void(std::uint64_t request, std::int64_t cycle)>;
  virtual void for_each_bound(const BoundVisitor& visit) const = 0;
};

}  // namespace mxsim
