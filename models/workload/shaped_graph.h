#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/graph.h"
#include "models/workload/layer_kind.h"

namespace mxsim {

struct ShapedTensor {
  std::string name;
  Shape shape;                 ///< batch first
  std::int32_t producer = -1;  ///< layer, or -1 for an input of the network
  std::vector<std::int32_t> consumers;
};

/// A checked network: every shape known, layers in an order in which inputs come first (the trace's
/// order where it is one).
struct ShapedGraph {
  std::string name;
  std::int64_t batch = 1;
  std::vector<ShapedTensor> tensors;
  std::vector<ShapedLayer> layers;
  std::vector<std::int32_t> outputs;  ///< tensors the network is run for
  std::int64_t parameters = 0;
  std::int64_t macs = 0;  ///< forward, whole batch
  bool unlinked = false;  ///< Graph::unlinked
};

/// Multiply-accumulates of one checked layer's forward pass.
std::int64_t forward_macs(const ShapedLayer& layer);
/// Trainable elements of one checked layer.
std::int64_t parameter_count(const ShapedLayer& layer);

/// Checks `graph` (expanded with `dimensions`, graph_expansion.h) and infers every shape for
/// `batch` images. Throws InputError with every fault found: pointers are those of a trace file
/// ("/layers/3/inputs/0"). Sizes of tensors in bits, MACs of a layer and the totals must stay below
/// 2^63.
ShapedGraph shape_graph(const Graph& graph, std::int64_t batch, const Dimensions& dimensions = {});

}  // namespace mxsim
