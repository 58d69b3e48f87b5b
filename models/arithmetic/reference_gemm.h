#pragma once

#include "models/dataflow/array_command.h"

namespace mxsim {

/// The results of a command by a plain triple loop in the documented order
/// (models/arithmetic/mac.h) and with arithmetic of its own: elements decoded by the format's
/// definition, fused additions of the C library, and 128-bit floating point for all other sums.
/// What the array is checked against; shares no code with it.
void reference_gemm(const ArraySpec& spec, const ArrayCommand& command, const TileData& data);

}  // namespace mxsim
