#pragma once

#include "models/workload/graph.h"

namespace mxsim {

/// Name of the layer that a training step of a network without a loss ends in.
inline constexpr const char* kAssumedLoss = "assumed_loss";

/// A network without a loss and with one result, followed by a cross entropy over that result: N x
/// C, a class each; N x T x C, one for each token; an image, one for each pixel (channels are
/// classes). Other networks, and those with faults, as they are.
Graph with_assumed_loss(const Graph& graph);

}  // namespace mxsim
