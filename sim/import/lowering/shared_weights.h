#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/workload/graph.h"
#include "sim/import/lowering/imported_network.h"

namespace mxsim {

/// A parameter of a layer, where it comes from, and the elements of each of those tensors.
struct BoundParameter {
  ParameterSource source;
  std::vector<std::int64_t> elements;
};

/// Layers that a file gives the same tensors, laid out alike, use the weights of the first of them
/// (Layer::weights_of): the branches of a siamese network, the layers of ALBERT. Their own
/// parameters leave `bound`; running averages stay.
void share_weights(Graph& graph, std::map<std::string, BoundParameter>& bound);

}  // namespace mxsim
