#pragma once

#include "models/workload/format_policy.h"

namespace mxsim {

/// Block shape of the default format: the policy's or, where it says nothing, the format's own.
BlockShape block_in_use(const FormatPolicy& formats);

/// Where the second orientation comes from, with kAuto decided by the block shape.
TransposePolicy transpose_in_use(const FormatPolicy& formats);

}  // namespace mxsim
