#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "models/dram/address_map.h"
#include "models/dram/dram_prices.h"
#include "models/dram/frfcfs_spec.h"
#include "sim/dram/burst_sink.h"
#include "sim/dram/channel_scheduler.h"
#include "sim/dram/latency_histogram.h"

namespace mxsim {

/// One line of an address trace; `cycle` is when the initiator has it, in DRAM cycles.
struct TraceRequest {
  std::int64_t byte_address = 0;
  DramAccess access = DramAccess::kRead;
  std::int64_t cycle = 0;
};

/// Which queues and arbitration stand between the requests and the device.
enum class DramProfile : std::uint8_t { kFrfcfs, kDramsim3 };

/// Totals of one window: from the first accept to the end of the last data. A command counts if it
/// begins in the window, a state of a rank for its cycles in it; so refreshes and power-down before
/// the first request are left out of cycles, counts and energy alike.
struct ReplayResult {
  std::int64_t requests = 0;
  std::int64_t reads = 0;
  std::int64_t total_cycles = 0;  ///< the window
  ChannelCounts counts;           ///< in the window, summed over channels
  LatencyHistogram read_latency;  ///< accept to end of data

  double bandwidth_bytes_per_s(const DramDevice& device) const;
  /// Of the data buses' time.
  double utilization(const DramDevice& device) const;
};

/// Energy of a replay's window by kind. Background: power of the rank states times their cycles,
/// which add up to the window for each rank.
struct ReplayEnergy {
  double activate_pj = 0;
  double read_pj = 0;
  double write_pj = 0;
  double refresh_pj = 0;
  double background_pj = 0;

  double total_pj() const { return activate_pj + read_pj + write_pj + refresh_pj + background_pj; }
};

ReplayEnergy energy_of(const DramDevice& device, const ReplayResult& result);

/// Plays requests one after another: an in-order initiator offers its oldest request each cycle,
/// at most as many as there are channels, and waits when a queue is full. Memory does not depend
/// on the length of the trace.
class TraceReplay : private BurstSink {
 public:
  /// `scheduler` serves kFrfcfs; `log` gets every command since cycle 0, also those before the
  /// window.
  TraceReplay(const DramDevice& device, DramProfile profile, const FrfcfsSpec& scheduler = {},
              CommandLog* log = nullptr);

  /// Requests come in order of their cycles.
  void play(const TraceRequest& request);
  /// Waits for everything.
  ReplayResult finish();

 private:
  void served(const ServedBursts& bursts) override;
  void moved(std::int64_t end_cycle) override;
  void open_window(std::int64_t cycle);

  DramDevice device_;
  AddressMap map_;
  std::vector<std::unique_ptr<ChannelScheduler>> channels_;
  ChannelCounts before_;  ///< the window
  std::vector<std::int64_t>
      accepted_;  ///< cycle of each outstanding request, by number modulo size
  std::uint64_t next_request_ = 0;
  std::int64_t first_accept_ = 0;
  std::int64_t cycle_ = 0;    ///< of the last accept
  std::int64_t accepts_ = 0;  ///< in that cycle
  std::int64_t last_end_ = 0;
  ReplayResult result_;
};

}  // namespace mxsim
