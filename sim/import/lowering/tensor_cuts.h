#pragma once

#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// Slices of one tensor that follow one another along an axis to its end become one Split; indices
/// (Gather of one number) that name every place of an axis become one Unstack, whose results lack
/// the axis. Either reads the tensor once.
void join_cuts(TensorNetwork& network);

}  // namespace mxsim
