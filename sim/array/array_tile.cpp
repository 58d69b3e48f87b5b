#include "sim/array/array_tile.h"

#include "models/arithmetic/tile_kernel.h"
#include "models/dataflow/closed_form.h"

namespace mxsim {

ArrayTile::ArrayTile(const sc_core::sc_module_name& name, const ArraySpec& spec,
                     const ClockDomain& clock)
    : ArrayUnit(name, spec, clock) {
  SC_METHOD(complete);
  sensitive << done_;
  dont_initialize();
}

void ArrayTile::complete() {
  if (!data_.empty()) compute_tile(spec(), command_, data_);
  finish(cost_);
}

void ArrayTile::begin(const ArrayCommand& command, const TileData& data) {
  command_ = command;
  data_ = data;
  cost_ = closed_form(spec(), command, gated_macs(spec(), command, data));
  const Cycles stepping = cost_.cycles - cost_.unit_stall;
  const Cycles stalls = stall_after_all(stepping.count() / command.interval.count());
  done_.notify(clock().until(clock().now() + cost_.cycles + stalls));
}

}  // namespace mxsim
