#include "models/workload/assumed_loss.h"

#include <algorithm>
#include <string>

#include "models/core/error.h"
#include "models/workload/layer_kind.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {
namespace {

bool has_loss(const std::vector<Layer>& layers) {
  return std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
    const LayerKind* const kind = find_layer_kind(layer.op);
    return kind == nullptr || kind->role() == LayerRole::kLoss;
  });
}

/// Axes of the network's only result; 0 where it has faults, which its reader tells.
std::size_t rank_of_result(const Graph& graph) {
  try {
    const ShapedGraph shaped = shape_graph(graph, 1);
    const ShapedTensor& result =
        shaped.tensors.at(static_cast<std::size_t>(shaped.outputs.front()));
    return result.shape.size();
  } catch (const InputError&) {
    return 0;
  }
}

}  // namespace

Graph with_assumed_loss(const Graph& graph) {
  const bool given = has_loss(graph.layers) ||
                     std::any_of(graph.blocks.begin(), graph.blocks.end(),
                                 [](const Block& block) { return has_loss(block.layers); });
  if (given || graph.unlinked || graph.outputs.size() != 1) return graph;
  const std::size_t rank = rank_of_result(graph);
  if (rank < 2 || rank > 4) return graph;
  Graph trained = graph;
  std::string scores = graph.outputs.front();
  if (rank == 4) {
    const std::string pixels = std::string(kAssumedLoss) + ".pixels";
    trained.layers.push_back({pixels, "image_to_tokens", {scores}, {pixels}, {}});
    scores = pixels;
  }
  trained.layers.push_back(
      {kAssumedLoss, rank == 2 ? "cross_entropy" : "next_token", {scores}, {kAssumedLoss}, {}});
  trained.outputs = {kAssumedLoss};
  trained.parameters.reset();
  trained.macs.reset();
  return trained;
}

}  // namespace mxsim
