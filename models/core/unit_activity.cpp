#include "models/core/unit_activity.h"

namespace mxsim {

Cycles UnitActivity::stalled() const {
  Cycles sum{0};
  for (const Cycles cycles : stalled_for) sum += cycles;
  return sum;
}

UnitActivity& UnitActivity::operator+=(const UnitActivity& other) {
  busy += other.busy;
  idle += other.idle;
  for (std::size_t i = 0; i < kUnitCount; ++i) stalled_for[i] += other.stalled_for[i];
  return *this;
}

}  // namespace mxsim
