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
  /// Attributes that a dimension of the graph gives: attribute to dimension.
  std::map<std::string, std::string> sized = {};
  /// The layer whose weights this one uses too (an embedding's table as the last layer's weights).
  std::string weights_of = {};
  /// Formats of its GEMM operands where the network was made for them: "weights", "activations".
  std::map<std::string, std::string> formats = {};
  /// Where a trace file has it ("/blocks/0/layers/3"); "": at its place in Graph::layers.
  std::string pointer = {};
  /// Real numbers that its values need (a slope, a limit); no count depends on them.
  std::map<std::string, double> constants = {};
  /// The operator stands for another of the same cost: the layer has no values.
  bool cost_alone = false;
};

/// Layers that follow each other several times. Names inside are local: copy i of layer "mlp" in
/// block "h" is "h.<i>.mlp", and so for tensors. `reads` are the names by which the layers know
/// `inputs`; from the second copy on, the first of them are the `makes` of the copy before. The
/// last copy's `makes` are the trace's `outputs`.
struct Block {
  std::string name;
  std::int64_t repeat = 1;
  std::vector<std::string> inputs;
  std::vector<std::string> reads;
  std::vector<std::string> makes;
  std::vector<std::string> outputs;
  std::vector<Layer> layers;
};

/// A tensor that is given from outside. Shape without the batch axis: [3, 224, 224].
struct GraphInput {
  std::string name;
  Shape shape;
  /// Of each extent: the dimension of the graph that gives it, or "".
  std::vector<std::string> sized = {};
};

/// Named sizes.
using Dimensions = std::map<std::string, std::int64_t>;

/// The forward network as a trace states it: nothing is checked yet (see ShapedGraph). Layers may
/// stand in any order.
struct Graph {
  std::string name;
  std::string source;  ///< where its hyper-parameters come from
  std::vector<GraphInput> inputs;
  std::vector<Layer> layers;
  std::vector<Block> blocks = {};          ///< beside `layers`
  Dimensions dimensions = {};              ///< what sizes are unless a run says otherwise
  std::vector<std::string> outputs;        ///< tensors the network is run for
  std::optional<std::int64_t> parameters;  ///< what the trace claims; checked where given
  std::optional<std::int64_t> macs;  ///< forward, batch 1, own dimensions; checked where given
  /// Layers that a list gives without links: each input of the network comes into being for its
  /// first reader, and outputs are dropped once written.
  bool unlinked = false;
};

}  // namespace mxsim
