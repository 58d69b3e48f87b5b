#include "sim/array/array_pe.h"

#include <fmt/format.h>

#include "models/core/error.h"

namespace mxsim {

ArrayPe::ArrayPe(const sc_core::sc_module_name& name, const ArraySpec& spec,
                 const ClockDomain& clock)
    : ArrayUnit(name, spec, clock), grid_(spec.rows, spec.cols, spec.mac_latency_cycles) {
  if (spec.timing == ArrayTiming::kScaleSim) {
    throw InputError("scalesim timing has no PEs behind it: fidelity must be tile");
  }
  for (std::int64_t i = 0; i < spec.rows; ++i) {
    for (std::int64_t j = 0; j < spec.cols; ++j) {
      pes_.push_back(std::make_unique<Pe>(fmt::format("pe_{}_{}", i, j).c_str(), grid_, i, j));
    }
  }
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

void ArrayPe::trace(sc_core::sc_trace_file& file) {
  for (const std::unique_ptr<Pe>& pe : pes_) pe->trace(file);
  traced_ = true;
}

void ArrayPe::show_registers() {
  const std::int64_t written = engine_->steps() % 2;
  for (const std::unique_ptr<Pe>& pe : pes_) {
    pe->show(written, engine_->sum_slot(pe->registers().across[written]));
  }
}

void ArrayPe::begin(const ArrayCommand& command, const TileData& data) {
  engine_ = make_engine(spec(), command, data, grid_);
  interval_ = command.interval;
  next_step_ = clock().now();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void ArrayPe::step() {
  if (engine_->done()) {
    finish(engine_->cost());
    return;
  }
  engine_->step();
  if (traced_) show_registers();
  next_step_ += interval_;
  wake_.notify(clock().until(next_step_));
}

}  // namespace mxsim
