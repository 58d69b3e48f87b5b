#pragma once

#include <cstdint>

#include "models/workload/op_list.h"

namespace mxsim {

/// A training step over `steps` micro-batches, from the step over one of them: forward and backward
/// once for each, one after another, then the update of every parameter. Parameters, their GEMM
/// copies, states of the optimizer and running averages are there once; everything else once for
/// each micro-batch (that of the second on with "#1" and so on behind its name). What only copies
/// weights runs once.
///
/// Gradients of parameters are sums over the micro-batches in FP32: from the second on, the group
/// that computes one reads the sum so far and adds to it in place. A small one that is summed up in
/// the vector unit's registers begins with the sum so far, at no further operation.
OpList accumulate_gradients(const OpList& micro_batch, std::int64_t steps);

}  // namespace mxsim
