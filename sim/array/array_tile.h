#pragma once

#include <deque>

#include "sim/array/array_unit.h"

namespace mxsim {

/// Fidelity `tile`: a command is one event, its cost the closed form, its bits a fast kernel's.
class ArrayTile final : public ArrayUnit {
 public:
  SC_HAS_PROCESS(ArrayTile);
  ArrayTile(const sc_core::sc_module_name& name, const ArraySpec& spec, const ClockDomain& clock);

 private:
  void begin(const ArrayCommand& command, const TileData& data) override;
  void complete();

  struct InFlight {
    ArrayCommand command;
    TileData data;
    ArrayCost cost;
    Cycles end;
  };
  std::deque<InFlight> in_flight_;
  sc_core::sc_event done_;  ///< of the oldest
};

}  // namespace mxsim
