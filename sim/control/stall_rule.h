#pragma once

#include <optional>

#include "models/core/stall_cause.h"
#include "models/core/unit.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// The cause that follows from the two commands alone when one waits for the other:
///   - a transfer for a transfer: dependency;
///   - a fetch of operands for a computation (the last reader of its slot): buffer;
///   - a computation for a store, or the array for the epilogue of earlier results, of the same
///     group: accumulator.
/// Otherwise what is awaited is on its way, and the wait is for whatever its unit does or waits for
/// itself.
std::optional<StallCause> fixed_cause(const Command& waiting, const Command& awaited);

/// The cause of waiting for a unit that works: kDma, kArray, kVector or kRequant.
StallCause work_of(Unit unit);

}  // namespace mxsim
