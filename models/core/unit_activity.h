#pragma once

#include "models/core/stall_cause.h"
#include "models/core/units.h"

namespace mxsim {

/// How a unit spent its cycles: working, waiting for a cause, or without commands.
/// busy + stalls + idle = total.
struct UnitActivity {
  Cycles busy{0};
  StallCycles stalled;
  Cycles idle{0};

  Cycles total() const { return busy + stalled.total() + idle; }
  UnitActivity& operator+=(const UnitActivity& other);
  bool operator==(const UnitActivity&) const = default;
};

}  // namespace mxsim
