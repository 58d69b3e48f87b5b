#include "sim/array/array_unit.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"
#include "models/dataflow/command_chain.h"

namespace mxsim {

ArrayUnit::ArrayUnit(const sc_core::sc_module_name& name, const ArraySpec& spec,
                     const ClockDomain& clock)
    : sc_module(name), spec_(spec), clock_(clock) {}

std::optional<Cycles> ArrayUnit::earliest(const ArrayCommand& next) const {
  if (started_.empty()) return clock_.now();
  if (stalls_ != nullptr || started_.size() == kMostChained) return std::nullopt;
  const std::optional<Cycles> chained = chained_start(spec_, newest_, next);
  if (!chained) return std::nullopt;
  return std::max(clock_.now(), started_.back() + *chained);
}

void ArrayUnit::start(const ArrayCommand& command, const TileData& data) {
  ensure(earliest(command) == clock_.now(), "array command while another one runs");
  check_command(command, data);
  started_.push_back(clock_.now());
  newest_ = command;
  ++commands_;
  begin(command, data);
}

void ArrayUnit::trace(sc_core::sc_trace_file&) {
  throw InternalError("waveform of an array without PEs");
}

Cycles ArrayUnit::stall_after_all(std::int64_t steps) const {
  Cycles sum{0};
  if (stalls_ == nullptr) return sum;
  for (std::int64_t step = 0; step < steps; ++step) sum += stall_after(step);
  return sum;
}

void ArrayUnit::finish(const ArrayCost& cost) {
  const Cycles shared = std::max(Cycles(0), last_finish_ - started_.front());
  started_.pop_front();
  last_finish_ = clock_.now();
  last_ = cost;
  last_.cycles -= shared;
  last_.counts = {};
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    if (event != Event::kPeIdleCycles) last_.counts.add(event, cost.counts[event]);
  }
  idle_pe_cycles_ +=
      static_cast<std::int64_t>(cost.counts[Event::kPeIdleCycles]) - spec_.pes() * shared.count();
  if (started_.empty()) {
    const std::int64_t idle = std::exchange(idle_pe_cycles_, 0);
    last_.counts.add(Event::kPeIdleCycles, static_cast<std::uint64_t>(idle));
  }
  total_ += last_;
  finished_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace mxsim
