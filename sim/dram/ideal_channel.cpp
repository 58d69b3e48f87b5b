#include "sim/dram/ideal_channel.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

/// Single bursts that may wait for the data bus, as many as a scheduler's window holds.
constexpr std::int64_t kWaitingBursts = 32;

}  // namespace

IdealChannel::IdealChannel(const DramDevice& device, BurstSink& sink)
    : timing_(*device.ideal), burst_bytes_(device.organisation.burst_bytes), sink_(sink) {}

std::int64_t IdealChannel::take_bus(std::int64_t cycle, std::int64_t bursts, DramAccess access,
                                    std::uint64_t request) {
  const std::int64_t start = std::max(cycle + timing_.latency_cycles, bus_free_);
  bus_free_ = start + ceil_div(bursts * burst_bytes_, timing_.bytes_per_cycle);
  const DramCommand column = access == DramAccess::kRead ? DramCommand::kRead : DramCommand::kWrite;
  counts_.commands[index(column)] += bursts;
  sink_.caused({request, column, bursts});
  return bus_free_;
}

std::int64_t IdealChannel::room_cycle() const {
  const std::int64_t burst_cycles = ceil_div(burst_bytes_, timing_.bytes_per_cycle);
  return bus_free_ - timing_.latency_cycles - kWaitingBursts * burst_cycles;
}

bool IdealChannel::has_room(DramAccess) const { return now_ >= room_cycle(); }

void IdealChannel::add(const BurstRequest& burst) {
  const std::int64_t end = take_bus(now_, 1, burst.access, burst.request);
  sink_.served(
      {burst.request, burst.access, BurstOwner::kEachItsOwn, 1, end, 0, BurstSource::kDevice});
}

void IdealChannel::advance_to_room(DramAccess, std::int64_t until) {
  now_ = std::max(now_, std::min(until, room_cycle()));
}

void IdealChannel::push(DramAccess access, const DramRun&, std::int64_t bursts,
                        std::uint64_t request, std::int64_t visible) {
  ensure(visible >= now_, "a DRAM request arrived in the past");
  // Visible is the cycle after the arrival.
  const std::int64_t end = take_bus(visible - 1, bursts, access, request);
  transfers_.push_back(
      {visible, {request, access, BurstOwner::kOneRequest, bursts, end, 0, BurstSource::kDevice}});
}

void IdealChannel::advance(std::int64_t until) {
  now_ = std::max(now_, until);
  while (!transfers_.empty() && transfers_.front().visible <= until) {
    sink_.served(transfers_.front().bursts);
    transfers_.pop_front();
  }
}

void IdealChannel::drain() {
  if (!transfers_.empty()) advance(transfers_.back().visible);
}

void IdealChannel::for_each_bound(const BoundVisitor& visit) const {
  for (const Transfer& transfer : transfers_) {
    visit(transfer.bursts.request, transfer.bursts.last_end_cycle());
  }
}

}  // namespace mxsim
