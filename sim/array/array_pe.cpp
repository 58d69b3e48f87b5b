#include "sim/array/array_pe.h"

#include <fmt/format.h>

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
    : ArrayUnit(name, spec, clock), grids_(make_grids(spec)), pes_(grids_.size()) {
  if (spec.timing == ArrayTiming::kScaleSim) {
    throw InputError("scalesim timing has no PEs behind it: fidelity must be tile");
  }
  for (std::size_t array = 0; array < grids_.size(); ++array) {
    const std::int64_t first_row = static_cast<std::int64_t>(array) / spec.grid.cols * spec.rows;
    const std::int64_t first_col = static_cast<std::int64_t>(array) % spec.grid.cols * spec.cols;
    for (std::int64_t i = 0; i < spec.rows; ++i) {
      for (std::int64_t j = 0; j < spec.cols; ++j) {
        const std::string pe = fmt::format("pe_{}_{}", first_row + i, first_col + j);
        pes_[array].push_back(std::make_unique<Pe>(pe.c_str(), grids_[array], i, j));
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
  for (std::size_t array = 0; array < pes_.size(); ++array) {
    const ArrayEngine* engine = engine_->engine(array);
    if (engine == nullptr) continue;
    for (const std::unique_ptr<Pe>& pe : pes_[array]) pe->show(*engine);
  }
}

void ArrayPe::begin(const ArrayCommand& command, const TileData& data) {
  engine_ = std::make_unique<GridEngine>(spec(), command, data, grids_);
  interval_ = command.interval;
  caught_up_ = false;
  next_step_ = clock().now();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void ArrayPe::step() {
  if (caught_up_) {
    finish(engine_->cost());
    return;
  }
  engine_->step();
  if (traced_) show_registers();
  next_step_ += interval_ + stall_after(engine_->steps() - 1);
  caught_up_ = engine_->done();
  if (caught_up_) next_step_ += engine_->cost().unit_stall;
  wake_.notify(clock().until(next_step_));
}

}  // namespace mxsim
