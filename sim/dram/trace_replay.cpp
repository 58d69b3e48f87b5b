#include "sim/dram/trace_replay.h"

#include <algorithm>

#include "sim/dram/bank_queue_channel.h"
#include "sim/dram/frfcfs_channel.h"
#include "sim/dram/ideal_channel.h"

namespace mxsim {
namespace {

constexpr double kPicojoulesPerMilliwattSecond = 1e9;
constexpr std::int64_t kForever = INT64_MAX / 4;

}  // namespace

double ReplayResult::bandwidth_bytes_per_s(const DramDevice& device) const {
  if (total_cycles == 0) return 0;
  const std::int64_t bursts = counts[DramCommand::kRead] + counts[DramCommand::kReadAuto] +
                              counts[DramCommand::kWrite] + counts[DramCommand::kWriteAuto];
  return static_cast<double>(bursts * device.organisation.burst_bytes) *
         static_cast<double>(device.clock_hz) / static_cast<double>(total_cycles);
}

double ReplayResult::utilization(const DramDevice& device) const {
  return bandwidth_bytes_per_s(device) / device.peak_bytes_per_s();
}

ReplayEnergy energy_of(const DramDevice& device, const ReplayResult& result) {
  const DramPrices prices = prices_of(device);
  const ChannelCounts& c = result.counts;
  const auto times = [](std::int64_t count, double price) {
    return static_cast<double>(count) * price;
  };
  const double byte_pj =
      static_cast<double>(device.organisation.burst_bytes) * prices.moved_byte_pj;
  const DramOrganisation& o = device.organisation;
  const std::int64_t rank_cycles = o.channels * o.count(DramLevel::kRank) * result.total_cycles;
  const double background_mw_cycles =
      times(c.open_rank_cycles, prices.open_rank_mw) +
      times(c.open_down_cycles, prices.open_down_mw) +
      times(c.closed_down_cycles, prices.closed_down_mw) +
      times(rank_cycles - c.open_rank_cycles - c.open_down_cycles - c.closed_down_cycles,
            prices.closed_rank_mw);
  ReplayEnergy energy;
  energy.activate_pj = times(c[DramCommand::kActivate], prices.activate_pj);
  energy.read_pj =
      times(c[DramCommand::kRead] + c[DramCommand::kReadAuto], prices.read_burst_pj + byte_pj);
  energy.write_pj =
      times(c[DramCommand::kWrite] + c[DramCommand::kWriteAuto], prices.write_burst_pj + byte_pj);
  energy.refresh_pj = times(c[DramCommand::kRefresh], prices.refresh_pj) +
                      times(c[DramCommand::kRefreshBank], prices.bank_refresh_pj);
  energy.background_pj =
      background_mw_cycles * kPicojoulesPerMilliwattSecond / static_cast<double>(device.clock_hz);
  return energy;
}

TraceReplay::TraceReplay(const DramDevice& device, DramProfile profile, const FrfcfsSpec& scheduler,
                         CommandLog* log)
    : device_(device), map_(device_), accepted_(1 << 16) {
  BurstSink& sink = *this;
  for (int channel = 0; channel < map_.channels(); ++channel) {
    if (device_.ideal) {
      channels_.push_back(std::make_unique<IdealChannel>(device_, sink));
    } else if (profile == DramProfile::kFrfcfs) {
      channels_.push_back(std::make_unique<FrfcfsChannel>(device_, map_, scheduler,
                                                          DramStepping::kBurst, channel, sink));
    } else {
      channels_.push_back(
          std::make_unique<BankQueueChannel>(device_, map_, BankQueueSpec{}, channel, sink));
    }
    channels_.back()->log_to(log);
  }
}

void TraceReplay::play(const TraceRequest& request) {
  const int target = map_.decode(map_.burst_of(request.byte_address)).channel;
  ChannelScheduler& channel = *channels_[static_cast<std::size_t>(target)];
  // A request is offered after the commands of its cycle and seen in the next one.
  std::int64_t cycle = std::max(cycle_, request.cycle + 1);
  if (cycle == cycle_ && accepts_ == map_.channels()) ++cycle;
  if (channel.now() < cycle) channel.advance(cycle);
  if (!channel.has_room(request.access)) channel.advance_to_room(request.access, kForever);
  cycle = std::max(cycle, channel.now());
  accepts_ = cycle == cycle_ ? accepts_ + 1 : 1;
  cycle_ = cycle;
  if (next_request_ == 0) open_window(cycle);
  accepted_[next_request_ % accepted_.size()] = cycle;
  ++result_.requests;
  if (request.access == DramAccess::kRead) ++result_.reads;
  channel.add({next_request_++, request.access, request.byte_address});
}

void TraceReplay::open_window(std::int64_t cycle) {
  first_accept_ = cycle;
  for (const auto& channel : channels_) {
    if (channel->now() < cycle) channel->advance(cycle);
    before_ += channel->counts(cycle);
  }
}

void TraceReplay::served(const ServedBursts& bursts) {
  last_end_ = std::max(last_end_, bursts.last_end_cycle());
  if (bursts.access == DramAccess::kWrite) return;
  for (std::int64_t i = 0; i < bursts.count; ++i) {
    const auto request = bursts.request + static_cast<std::uint64_t>(i);
    result_.read_latency.add(bursts.first_end_cycle + i * bursts.gap_cycles -
                             accepted_[request % accepted_.size()]);
  }
}

void TraceReplay::moved(std::int64_t end_cycle) { last_end_ = std::max(last_end_, end_cycle); }

ReplayResult TraceReplay::finish() {
  for (const auto& channel : channels_) channel->drain();
  const std::int64_t end = std::max(first_accept_, last_end_);
  for (const auto& channel : channels_) {
    channel->advance(end);
    result_.counts += channel->counts(end);
  }
  result_.counts.add(before_, -1);
  result_.total_cycles = end - first_accept_;
  return result_;
}

}  // namespace mxsim
