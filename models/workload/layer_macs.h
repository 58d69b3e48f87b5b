#pragma once

#include <cstdint>

#include "models/workload/op_list.h"

namespace mxsim {

/// Multiply-accumulates of the layer in the group's pass, as the field counts them: a kernel for
/// each position, that of a transposed convolution for each position of its input. A data gradient
/// has those of its forward pass, or as many as its phases multiply where they are fewer; products
/// with the zeros beyond the border of dY are none.
std::int64_t layer_macs(const OpGroup& group);

}  // namespace mxsim
