#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/graph.h"

namespace mxsim {

struct LayerSummary {
  std::string name;
  std::string op;
  std::int64_t macs = 0;  ///< forward
  std::int64_t parameters = 0;
  std::vector<Shape> inputs;  ///< batch first
  Shape output;
};

/// A network at batch 1, layers in the order they run.
struct GraphSummary {
  std::int64_t parameters = 0;
  std::int64_t macs = 0;
  std::vector<LayerSummary> layers;
};

/// With `dimensions` in place of the graph's own. Throws InputError (see shape_graph).
GraphSummary summarize(const Graph& graph, const Dimensions& dimensions = {});

}  // namespace mxsim
