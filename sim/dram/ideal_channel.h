#pragma once

#include <cstdint>
#include <deque>

#include "sim/dram/burst_sink.h"
#include "sim/dram/run_channel.h"

namespace mxsim {

/// A channel without banks, refresh or arbitration: requests move their data one after another in
/// the order of their arrival. One that arrives at cycle t when the data bus is free from cycle f
/// has its n bytes at max(t + latency, f) + ceil(n / bytes_per_cycle); n counts whole bursts.
class IdealChannel : public RunChannel {
 public:
  IdealChannel(const DramDevice& device, BurstSink& sink);

  /// There are no commands.
  void log_to(CommandLog*) override {}
  bool has_room(DramAccess access) const override;
  void add(const BurstRequest& burst) override;
  void advance(std::int64_t until) override;
  void advance_to_room(DramAccess access, std::int64_t until) override;
  std::int64_t now() const override { return now_; }
  void drain() override;
  /// Column commands count bursts.
  ChannelCounts counts(std::int64_t) const override { return counts_; }

  void push(DramAccess access, const DramRun& run, std::int64_t bursts, std::uint64_t request,
            std::int64_t visible) override;
  void for_each_bound(const BoundVisitor& visit) const override;

 private:
  struct Transfer {
    std::int64_t visible;
    ServedBursts bursts;
  };
  /// The end of the data of `bursts` bursts that arrive at `cycle`.
  std::int64_t take_bus(std::int64_t cycle, std::int64_t bursts, DramAccess access,
                        std::uint64_t request);
  /// From this cycle on a single burst is let in.
  std::int64_t room_cycle() const;

  IdealTiming timing_;
  std::int64_t burst_bytes_;
  BurstSink& sink_;
  std::int64_t now_ = 0;
  std::int64_t bus_free_ = 0;
  std::deque<Transfer> transfers_;  ///< not yet reported
  ChannelCounts counts_;
};

}  // namespace mxsim
