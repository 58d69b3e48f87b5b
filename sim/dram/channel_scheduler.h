#pragma once

#include <cstdint>

#include "sim/dram/channel_counts.h"
#include "sim/dram/command_log.h"
#include "sim/dram/dram_port.h"

namespace mxsim {

/// One access of kLineBytes, or of one burst where bursts are shorter.
struct BurstRequest {
  static constexpr std::int64_t kLineBytes = 64;
  std::uint64_t request = 0;
  DramAccess access = DramAccess::kRead;
  std::int64_t byte_address = 0;
};

/// One channel: queues, banks, command bus. Time moves only in advance(), which decides every
/// command that begins before its argument and sleeps over cycles in which none can begin.
class ChannelScheduler {
 public:
  virtual ~ChannelScheduler() = default;

  virtual void log_to(CommandLog* log) = 0;
  /// There is room for one more burst request.
  virtual bool has_room(DramAccess access) const = 0;
  /// Needs room; seen by decisions from the current cycle on, which is that of the last advance().
  virtual void add(const BurstRequest& burst) = 0;
  virtual void advance(std::int64_t until) = 0;
  /// Advances to the first cycle at which there is room, or to `until`.
  virtual void advance_to_room(DramAccess access, std::int64_t until) = 0;
  virtual std::int64_t now() const = 0;
  /// Advances until every request has had its column command.
  virtual void drain() = 0;
  virtual ChannelCounts counts(std::int64_t cycle) const = 0;
};

}  // namespace mxsim
