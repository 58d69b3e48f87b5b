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
  const InFlight done = in_flight_.front();
  in_flight_.pop_front();
  if (!in_flight_.empty()) done_.notify(clock().until(in_flight_.front().end));
  if (!done.data.empty()) compute_tile(spec(), done.command, done.data);
  finish(done.cost);
}

void ArrayTile::begin(const ArrayCommand& command, const TileData& data) {
  const ArrayCost cost = closed_form(spec(), command, gated_macs(spec(), command, data));
  const Cycles stepping = cost.cycles - cost.unit_stall;
  const Cycles stalls = stall_after_all(stepping.count() / command.interval.count());
  in_flight_.push_back({command, data, cost, clock().now() + cost.cycles + stalls});
  if (in_flight_.size() == 1) done_.notify(clock().until(in_flight_.front().end));
}

}  // namespace mxsim
