#include "models/core/unit_activity.h"

namespace mxsim {

UnitActivity& UnitActivity::operator+=(const UnitActivity& other) {
  busy += other.busy;
  stalled += other.stalled;
  idle += other.idle;
  return *this;
}

}  // namespace mxsim
