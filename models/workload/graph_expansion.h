#pragma once

#include <cstddef>

#include "models/workload/graph.h"

namespace mxsim {

inline constexpr std::size_t kMostLayers = std::size_t{1} << 20;

/// The graph without blocks and dimensions: every copy of every block spelled out behind the other
/// layers, every size a number, `dimensions` in place of the graph's own. The stated MACs are
/// dropped where a dimension has another size than its own. Skip connections are changed as their
/// additions say (skip_connections.h). Throws InputError: for dimensions that the graph does not
/// have (pointers "/dimensions/NAME"), for skip connections ("/skip"), and with pointers of a trace
/// file.
Graph expand(const Graph& graph, const Dimensions& dimensions = {});

/// The same with all skip connections as they are.
Graph expand_blocks(const Graph& graph, const Dimensions& dimensions = {});

}  // namespace mxsim
