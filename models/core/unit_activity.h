#pragma once

#include <array>

#include "models/core/unit.h"
#include "models/core/units.h"

namespace mxsim {

/// How a unit spent its cycles: working, waiting for a command of another unit to finish, or
/// without commands. busy + stalls + idle = total.
struct UnitActivity {
  Cycles busy{0};
  std::array<Cycles, kUnitCount> stalled_for{};  ///< by the unit that was waited for
  Cycles idle{0};

  Cycles stalled() const;
  Cycles total() const { return busy + stalled() + idle; }
  UnitActivity& operator+=(const UnitActivity& other);
  bool operator==(const UnitActivity&) const = default;
};

}  // namespace mxsim
