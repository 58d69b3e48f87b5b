#pragma once

#include "models/mapping/plan/plan_policy.h"
#include "sim/config/binder.h"

namespace mxsim {

void bind(Binder& b, PinnedMapping& s);
void bind(Binder& b, PlanPolicy& s);

}  // namespace mxsim
