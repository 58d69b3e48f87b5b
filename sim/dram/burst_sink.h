#pragma once

#include <cstdint>

#include "models/dram/dram_command.h"
#include "sim/dram/dram_port.h"

namespace mxsim {

/// Whether the bursts of a queue entry belong to one request or each to the next request number.
enum class BurstOwner : std::uint8_t { kOneRequest, kEachItsOwn };

/// Whether data moved on the device's bus, or a queued request to the same burst answers.
enum class BurstSource : std::uint8_t { kDevice, kQueue };

/// Bursts that one train of column commands moved; the data of burst i ends at
/// first_end_cycle + i * gap_cycles. Of many bursts of one request the end of the last may be told
/// as that of all.
struct ServedBursts {
  std::uint64_t request = 0;  ///< of the first burst
  DramAccess access = DramAccess::kRead;
  BurstOwner owner = BurstOwner::kOneRequest;
  std::int64_t count = 1;
  std::int64_t first_end_cycle = 0;
  std::int64_t gap_cycles = 0;
  BurstSource source = BurstSource::kDevice;

  std::int64_t last_end_cycle() const { return first_end_cycle + (count - 1) * gap_cycles; }
};

/// Commands that a request needed, and which kinds of access its column commands were.
struct CausedCommands {
  std::uint64_t request = 0;
  DramCommand command = DramCommand::kActivate;
  std::int64_t count = 1;
  std::int64_t row_hits = 0;
  std::int64_t row_empty = 0;
  std::int64_t row_conflicts = 0;
};

/// Told which bursts have been given to the device.
class BurstSink {
 public:
  virtual ~BurstSink() = default;
  /// Requests have their answer.
  virtual void served(const ServedBursts& bursts) = 0;
  /// Commands were given to the device for the sake of a request (never refresh and what it needs).
  virtual void caused(const CausedCommands&) {}
  /// Data of a posted write, answered earlier, ends at `end_cycle`.
  virtual void moved(std::int64_t end_cycle) = 0;
};

}  // namespace mxsim
