#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/core/shape.h"

namespace mxsim {

/// Attributes as a trace gives them: integers, or lists of integers ([height, width]); true is 1.
using RawAttributes = std::map<std::string, std::vector<std::int64_t>>;

/// One operator of the network; tensors are known by name.
struct Layer {
  std::string name;
  std::string op;  ///< a kind of layer_kind.h, e.g. "conv2d"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  RawAttributes attributes;
  /// Formats of its GEMM operands where the network was made for them: "weights", "activations".
  std::map<std::string, std::string> formats = {};
};

/// A tensor that is given from outside. Shape without the batch axis: [3, 224, 224].
struct GraphInput {
  std::string name;
  Shape shape;
};

/// The forward network as a trace states it: nothing is checked yet (see ShapedGraph). Layers may
/// stand in any order.
struct Graph {
  std::string name;
  std::string source;  ///< where its hyper-parameters come from
  std::vector<GraphInput> inputs;
  std::vector<Layer> layers;
  std::vector<std::string> outputs;        ///< tensors the network is run for
  std::optional<std::int64_t> parameters;  ///< what the trace claims; checked where given
  std::optional<std::int64_t> macs;        ///< forward, batch 1; checked where given
  /// Layers that a list gives without links: each input of the network comes into being for its
  /// first reader, and outputs are dropped once written.
  bool unlinked = false;
};

}  // namespace mxsim
