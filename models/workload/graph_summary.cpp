#include "models/workload/graph_summary.h"

#include "models/workload/shaped_graph.h"

namespace mxsim {

GraphSummary summarize(const Graph& graph, const Dimensions& dimensions) {
  const ShapedGraph shaped = shape_graph(graph, 1, dimensions);
  GraphSummary summary{shaped.parameters, shaped.macs, {}};
  for (const ShapedLayer& layer : shaped.layers) {
    summary.layers.push_back({layer.name, std::string(layer.kind->op()), forward_macs(layer),
                              parameter_count(layer), layer.input_shapes,
                              layer.output_shapes.front()});
  }
  return summary;
}

}  // namespace mxsim
