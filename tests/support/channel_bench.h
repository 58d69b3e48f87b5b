#pragma once

#include <map>
#include <vector>

#include "sim/dram/frfcfs_channel.h"
#include "tests/support/dram_auditor.h"

namespace mxsim::testing {

struct TimedRun {
  std::int64_t visible = 0;
  DramAccess access = DramAccess::kRead;
  DramRun run;
};

/// All that one channel did with a list of runs.
struct ChannelResult {
  std::vector<std::int64_t> left;  ///< bursts not served, by request
  std::vector<std::int64_t> ends;  ///< end of the last data, by request
  ChannelCounts counts;
  std::vector<CommandRecord> log;
  bool operator==(const ChannelResult&) const = default;
};

/// Without a log the channel may jump over idle time.
enum class LogUse : std::uint8_t { kKeep, kNone };

/// Plays `runs` (sorted by time) on channel 0 until `until`, advancing at most `stride` cycles at a
/// time between the arrivals.
ChannelResult play_channel(const DramDevice& device, const std::vector<TimedRun>& runs,
                           DramStepping stepping, std::int64_t until, std::int64_t stride,
                           LogUse log = LogUse::kKeep);

/// Reads, writes, long and short, dense and strided, spread over about `span` cycles.
std::vector<TimedRun> random_runs(const DramDevice& device, std::uint64_t seed, std::size_t count,
                                  std::int64_t span);

}  // namespace mxsim::testing
