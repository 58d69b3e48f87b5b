#pragma once

#include <array>

#include "models/workload/skip_connections.h"
#include "sim/config/binder.h"

namespace mxsim {

inline constexpr std::array<Choice<SkipPolicy>, 3> kSkipPolicyNames{
    {{"keep", SkipPolicy::kKeep},
     {"shorten", SkipPolicy::kShorten},
     {"remove", SkipPolicy::kRemove}}};

/// The key `skip` of a run: states it in the network. Left out: as the trace says.
void bind_skips(Binder& b, Graph& workload);

}  // namespace mxsim
