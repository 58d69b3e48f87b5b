#pragma once

#include <string>

#include "models/core/units.h"
#include "sim/kernel/timeline.h"

namespace mxsim {

/// Chrome trace events (chrome://tracing, Perfetto): one thread a unit, times in microseconds.
std::string timeline_json(const Timeline& timeline, std::int64_t clock_hz);

}  // namespace mxsim
