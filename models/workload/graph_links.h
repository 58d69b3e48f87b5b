#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "models/workload/graph.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Who makes and who uses each tensor of a graph. Layers are numbered as the trace lists them.
struct GraphLinks {
  std::vector<ShapedTensor> tensors;  ///< shapes of network inputs only, without the batch axis
  std::vector<std::vector<std::int32_t>> inputs;   ///< of each layer; -1: unknown tensor
  std::vector<std::vector<std::int32_t>> outputs;  ///< of each layer
  std::vector<std::int32_t> network_outputs;
  std::vector<std::int32_t> order;  ///< layers, producers first; layers on a cycle are left out
};

/// Faults found: empty or duplicate names, tensors made twice, unknown tensors, cycles (named by
/// their layers), tensors nothing reads, layers without inputs or outputs.
GraphLinks link_graph(const Graph& graph, std::vector<Diagnostic>& faults);

}  // namespace mxsim
