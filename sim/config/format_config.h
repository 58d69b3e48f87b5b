#pragma once

#include "models/workload/format_policy.h"
#include "sim/config/binder.h"

namespace mxsim {

void bind(Binder& b, FormatPolicy& s);
void bind(Binder& b, FormatOverride& s);

}  // namespace mxsim
