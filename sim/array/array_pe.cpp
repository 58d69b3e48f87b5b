#include "sim/array/array_pe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace mxsim {

void check_traceable(Fidelity fidelity, const ArraySpec& spec) {
  if (fidelity == Fidelity::kPe && spec.pes() <= kMostTracedPes) return;
  throw InputError(
      fmt::format("--vcd: needs fidelity pe and at most {} PEs, got fidelity {} and {}",
                  kMostTracedPes, fidelity == Fidelity::kPe ? "pe" : "tile", spec.pes()));
}

ArrayPe::ArrayPe(const sc_core::sc_module_name& name, const ArraySpec& spec,
                 const ClockDomain& clock)
    : ArrayUnit(name, spec, clock), pes_(static_cast<std::size_t>(spec.grid.arrays())) {
  if (spec.timing == ArrayTiming::kScaleSim) {
    throw InputError("scalesim timing has no PEs behind it: fidelity must be tile");
  }
  for (std::size_t array = 0; array < pes_.size(); ++array) {
    const std::int64_t first_row = static_cast<std::int64_t>(array) / spec.grid.cols * spec.rows;
    const std::int64_t first_col = static_cast<std::int64_t>(array) % spec.grid.cols * spec.cols;
    for (std::int64_t i = 0; i < spec.rows; ++i) {
      for (std::int64_t j = 0; j < spec.cols; ++j) {
        const std::string pe = fmt::format("pe_{}_{}", first_row + i, first_col + j);
        pes_[array].push_back(std::make_unique<Pe>(pe.c_str(), i, j));
      }
    }
  }
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

void ArrayPe::trace(sc_core::sc_trace_file& file) {
  for (const auto& array : pes_) {
    for (const std::unique_ptr<Pe>& pe : array) pe->trace(file);
  }
  traced_ = true;
}

void ArrayPe::show_registers() {
  for (const InFlight& command : in_flight_) {
    const bool oldest = &command == &in_flight_.front();
    if (command.engine->steps() == 0) continue;
    for (std::size_t array = 0; array < pes_.size(); ++array) {
      const ArrayEngine* engine = command.engine->engine(array);
      if (engine == nullptr) continue;
      for (const std::unique_ptr<Pe>& pe : pes_[array]) {
        if (oldest || pe->reached(*engine)) pe->show(*engine);
      }
    }
  }
}

std::unique_ptr<std::vector<PeGrid>> ArrayPe::free_grids() {
  if (spare_grids_.empty()) return std::make_unique<std::vector<PeGrid>>(make_grids(spec()));
  std::unique_ptr<std::vector<PeGrid>> grids = std::move(spare_grids_.back());
  spare_grids_.pop_back();
  return grids;
}

void ArrayPe::begin(const ArrayCommand& command, const TileData& data) {
  InFlight next;
  next.grids = free_grids();
  next.engine = std::make_unique<GridEngine>(spec(), command, data, *next.grids);
  next.interval = command.interval;
  next.next_step = clock().now();
  in_flight_.push_back(std::move(next));
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void ArrayPe::advance(InFlight& command) {
  command.engine->step();
  command.next_step += command.interval + stall_after(command.engine->steps() - 1);
  command.caught_up = command.engine->done();
  if (command.caught_up) command.next_step += command.engine->cost().unit_stall;
}

void ArrayPe::step() {
  if (in_flight_.empty()) return;
  const Cycles now = clock().now();
  const InFlight& oldest = in_flight_.front();
  if (oldest.caught_up && oldest.next_step == now) {
    finish(oldest.engine->cost());
    spare_grids_.push_back(std::move(in_flight_.front().grids));
    in_flight_.pop_front();
  }
  Cycles next(INT64_MAX);
  for (InFlight& command : in_flight_) {
    if (!command.caught_up && command.next_step == now) advance(command);
    next = std::min(next, command.next_step);
  }
  if (next == Cycles(INT64_MAX)) return;
  if (traced_) show_registers();
  wake_.notify(clock().until(next));
}

}  // namespace mxsim
