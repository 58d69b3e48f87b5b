#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Layers whose inner activations are computed again for their backward pass.
struct RecomputeSegment {
  std::vector<std::int32_t> layers;  ///< in the order of ShapedGraph::layers
};

/// Of TrainingPolicy::recompute, in the order of their last layers. A layer belongs to the first
/// expression that matches it. Throws InputError (pointers "/recompute/<i>") for what is no regular
/// expression, matches no layer, or matches a loss.
std::vector<RecomputeSegment> recompute_segments(const ShapedGraph& graph,
                                                 const std::vector<std::string>& expressions);

}  // namespace mxsim
