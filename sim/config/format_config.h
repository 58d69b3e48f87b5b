#pragma once

#include "models/workload/format_policy.h"
#include "sim/config/binder.h"

namespace mxsim {

void bind(Binder& b, FormatPolicy& s);
void bind(Binder& b, FormatOverride& s);
/// A key that names a format; an empty name leaves `format` empty.
void bind_format(Binder& b, const Key& key, std::optional<FormatSpec>& format);
/// The key `passes`: names of GEMM passes, none for all.
void bind_passes(Binder& b, std::vector<Pass>& passes);

}  // namespace mxsim
