#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/graph.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// What becomes of a residual addition: values of the attribute "skip" of add.
enum class SkipPolicy : std::uint8_t { kKeep, kShorten, kRemove };

/// A residual addition y = F(x) + x, or F(x) + P(x) with a projection P of at most one GEMM: fewer
/// than F, or a pointwise convolution beside F's larger one. Both inputs have the shape of the sum;
/// x is the last tensor that both depend on.
struct SkipConnection {
  std::int32_t add = -1;                   ///< layer
  std::size_t skip_input = 0;              ///< input of `add` that is x or P(x)
  std::int32_t fork = -1;                  ///< tensor x
  std::vector<std::int32_t> skip_layers;   ///< P, in order; empty: the identity
  std::vector<std::int32_t> block_layers;  ///< F, in order

  std::int32_t skip_tensor(const ShapedGraph& graph) const {
    return graph.layers[static_cast<std::size_t>(add)].inputs[skip_input];
  }
  std::int32_t block_tensor(const ShapedGraph& graph) const {
    return graph.layers[static_cast<std::size_t>(add)].inputs[1 - skip_input];
  }
};

/// In the order of their additions.
std::vector<SkipConnection> find_skips(const ShapedGraph& graph);

/// What became of one residual addition.
struct SkipOutcome {
  std::string add;  ///< its layer
  bool changed = false;
  std::string reason;  ///< why it was left
};

struct ChangedGraph {
  Graph graph;
  std::vector<SkipOutcome> outcomes;
};

/// Changes the skip connections of an expanded graph as the attribute "skip" of their additions
/// says: all of them, or the first `most` of those that can be changed.
///
/// kRemove: y = F(x), the projection goes (NonResNet, arXiv 2102.01351; Tailor's SkipRemover,
/// 2301.07247).
///
/// kShorten: every skip spans one layer (Tailor's SkipShortener). F is a chain of layers with one
/// GEMM each, with the norm behind the GEMM, or before it where F begins with a norm or activation.
/// Behind each layer but the last an addition "<GEMM>.skip" takes the layer's input in; the present
/// addition does so for the last. A projection skips the first layer. A block is left, with the
/// reason, where F is one layer or no such chain, or a layer's skip would have another shape than
/// its result.
///
/// Throws InputError at "/skip" when nothing can be changed. The stated MACs and parameters are
/// dropped.
ChangedGraph change_skips(Graph expanded, std::optional<std::size_t> most = std::nullopt);

/// The outcomes of change_skips() for a graph that is not expanded yet, of additions that shall be
/// changed.
std::vector<SkipOutcome> skip_outcomes(const Graph& graph, const Dimensions& dimensions);

/// What most is done to an addition of the graph.
SkipPolicy stated_skips(const Graph& graph);
/// States it for every addition.
void state_skips(Graph& graph, SkipPolicy policy);

}  // namespace mxsim
