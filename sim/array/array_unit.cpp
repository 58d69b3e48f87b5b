#include "sim/array/array_unit.h"

#include "models/core/error.h"

namespace mxsim {

ArrayUnit::ArrayUnit(const sc_core::sc_module_name& name, const ArraySpec& spec,
                     const ClockDomain& clock)
    : sc_module(name), spec_(spec), clock_(clock) {}

void ArrayUnit::start(const ArrayCommand& command, const TileData& data) {
  ensure(!busy_, "array command while another one runs");
  check_command(command, data);
  busy_ = true;
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
  last_ = cost;
  total_ += cost;
  busy_ = false;
  finished_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace mxsim
