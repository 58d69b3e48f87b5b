#include "models/mapping/prediction/ideal_memory.h"

#include <algorithm>

namespace mxsim {
namespace {

constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;
__extension__ using Wide = unsigned __int128;

/// The first picosecond of a cycle.
std::int64_t begin_ps(std::int64_t cycle, std::int64_t hz) {
  const Wide scaled = static_cast<Wide>(cycle) * kPicosecondsPerSecond;
  return static_cast<std::int64_t>((scaled + static_cast<Wide>(hz) - 1) / static_cast<Wide>(hz));
}

/// The first cycle that begins at `ps` or later.
std::int64_t cycle_from(std::int64_t ps, std::int64_t hz) {
  if (ps == 0) return 0;
  const Wide before = static_cast<Wide>(ps - 1) * static_cast<Wide>(hz) / kPicosecondsPerSecond;
  return static_cast<std::int64_t>(before) + 1;
}

}  // namespace

IdealMemory::IdealMemory(const DramDevice& device, std::int64_t core_hz, MemoryDetail detail)
    : map_(device),
      dram_hz_(device.clock_hz),
      core_hz_(core_hz),
      latency_cycles_(device.ideal ? device.ideal->latency_cycles : device.read_latency_cycles),
      burst_cost_(device.ideal ? device.organisation.burst_bytes : device.burst_cycles),
      cycle_worth_(device.ideal ? device.ideal->bytes_per_cycle
                                : device.organisation.pseudo_channels),
      free_from_(static_cast<std::size_t>(map_.channels()), 0) {
  if (detail == MemoryDetail::kBanks && !device.ideal) load_.emplace(device);
}

std::int64_t IdealMemory::arrival(Cycles core) const {
  return cycle_from(begin_ps(core.count(), core_hz_), dram_hz_);
}

Cycles IdealMemory::first_answer(std::int64_t arrival) const {
  return Cycles(cycle_from(begin_ps(arrival + 1, dram_hz_), core_hz_));
}

/// By channel, of the run that was loaded last.
std::vector<std::int64_t> IdealMemory::bursts(const DramRun& run) const {
  if (!load_ || !load_->bursts(0)) return RunCursor::count_bursts(map_, run);
  std::vector<std::int64_t> counted;
  for (int channel = 0; channel < map_.channels(); ++channel) {
    counted.push_back(*load_->bursts(channel));
  }
  return counted;
}

Cycles IdealMemory::move(std::int64_t arrival, const std::vector<DramRun>& runs) {
  std::int64_t last = 0;
  for (const DramRun& run : runs) {
    if (load_) {
      load_->clear();
      load_->add(run);
    }
    const std::vector<std::int64_t> bursts = this->bursts(run);
    for (std::size_t channel = 0; channel < free_from_.size(); ++channel) {
      if (bursts[channel] == 0) continue;
      const std::int64_t buses = ceil_div(bursts[channel] * burst_cost_, cycle_worth_);
      const auto banks =
          load_ ? static_cast<std::int64_t>(load_->cycles(static_cast<int>(channel))) : 0;
      std::int64_t& free = free_from_[channel];
      free = std::max(free, arrival + latency_cycles_) + std::max(buses, banks);
      last = std::max(last, free);
    }
  }
  return Cycles(cycle_from(begin_ps(last, dram_hz_), core_hz_) + 1);
}

}  // namespace mxsim
