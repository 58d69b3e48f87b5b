#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/core/units.h"
#include "models/dram/dram_device.h"
#include "models/dram/dram_load.h"

namespace mxsim {

/// Which DRAM resources bound a forecast. kBuses: the data buses alone, whatever is moved.
/// kBanks: what each channel's buses, banks and ranks take for a run (dram_load.h).
enum class MemoryDetail : std::uint8_t { kBuses, kBanks };

/// A DRAM of fixed bandwidth as arithmetic: each channel moves the bursts of one request after
/// another in the order of their arrival, a latency after it at the earliest. A request of a core
/// cycle arrives with the first DRAM cycle that does not begin before it; its data is seen one core
/// cycle after the first one that does not begin before the data's end.
class IdealMemory {
 public:
  /// The latency of a device with banks is that of reading an open row.
  IdealMemory(const DramDevice& device, std::int64_t core_hz, MemoryDetail detail);

  /// DRAM cycle.
  std::int64_t arrival(Cycles core) const;
  /// No data of a request that arrives then is seen before this core cycle.
  Cycles first_answer(std::int64_t arrival) const;
  /// Moves the runs of a transfer; arrivals must not fall from call to call. Returns the core cycle
  /// in which the last data is seen.
  Cycles move(std::int64_t arrival, const std::vector<DramRun>& runs);

 private:
  std::vector<std::int64_t> bursts(const DramRun& run) const;

  AddressMap map_;
  std::int64_t dram_hz_;
  std::int64_t core_hz_;
  std::int64_t latency_cycles_;
  /// n bursts take ceil(n * burst_cost_ / cycle_worth_) cycles of a channel.
  std::int64_t burst_cost_;
  std::int64_t cycle_worth_;
  std::vector<std::int64_t> free_from_;  ///< DRAM cycle, by channel
  std::optional<DramLoad> load_;         ///< of a run on a device with banks
};

}  // namespace mxsim
