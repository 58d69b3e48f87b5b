#pragma once

#include <algorithm>
#include <cstdint>

#include "models/dram/dram_device.h"

namespace mxsim {

/// Tells when a channel that has requests has moved no data for longer than any device can take.
class ProgressWatch {
 public:
  explicit ProgressWatch(const DramDevice& device) {
    constexpr std::int64_t kIntervals = 100;
    std::int64_t longest = device.refresh.interval_cycles + device.page_timeout_cycles +
                           device.power_down.idle_cycles + device.read_latency_cycles +
                           device.write_latency_cycles + device.burst_cycles;
    for (const TimingRule& rule : device.rules) longest += std::max<std::int64_t>(0, rule.cycles);
    most_cycles_ = kIntervals * longest;
  }

  /// Data move at `cycle`, or no request waits.
  void rest(std::int64_t cycle) { since_ = cycle; }
  bool is_stuck(std::int64_t cycle) const { return cycle - since_ > most_cycles_; }
  std::int64_t most_cycles() const { return most_cycles_; }

 private:
  std::int64_t most_cycles_;
  std::int64_t since_ = 0;
};

}  // namespace mxsim
