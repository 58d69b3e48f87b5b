// Layers that use the weights of another.
#include "models/workload/own_parameters.h"

#include <gtest/gtest.h>

#include "models/core/error.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

const RawAttributes kFour{{"out_features", {4}}};

Graph shared_graph() {
  Graph graph = GraphBuilder({4})
                    .layer("a", "linear", {"image"}, kFour)
                    .layer("norm", "layer_norm", {"a"})
                    .layer("b", "linear", {"norm"}, kFour)
                    .layer("c", "linear", {"b"}, {{"out_features", {3}}})
                    .layer("loss", "cross_entropy", {"c"})
                    .build();
  graph.layers[2].weights_of = "a";
  return graph;
}

std::string fault_of(const Graph& graph) {
  try {
    shape_graph(graph, 1);
  } catch (const InputError& error) {
    const Diagnostic& first = error.diagnostics().front();
    return first.pointer + ": " + first.message;
  }
  return "";
}

TEST(SharedWeights, CountOnceAndMultiplyInEveryLayer) {
  const ShapedGraph shaped = shape_graph(shared_graph(), 1);
  EXPECT_EQ(shaped.parameters, (4 * 4 + 4) + 2 * 4 + (4 * 3 + 3));
  EXPECT_EQ(shaped.macs, 4 * 4 + 4 * 4 + 4 * 3);
  EXPECT_EQ(own_parameters(shaped.layers[0]).size(), 2U);
  EXPECT_TRUE(own_parameters(shaped.layers[2]).empty());
}

TEST(SharedWeights, BelongToALayerOfTheSameKindAndSizes) {
  Graph other_size = shared_graph();
  other_size.layers[3].weights_of = "a";
  EXPECT_EQ(fault_of(other_size),
            "/layers/3/weights_of: the parameters of layer \"a\" have other sizes");
  Graph other_kind = shared_graph();
  other_kind.layers[2].weights_of = "norm";
  EXPECT_EQ(fault_of(other_kind),
            "/layers/2/weights_of: layer \"norm\" is a layer_norm, not a linear");
  Graph chain = shared_graph();
  chain.layers[3].attributes = kFour;
  chain.layers[3].weights_of = "b";
  EXPECT_EQ(fault_of(chain), "/layers/3/weights_of: layer \"b\" has no weights of its own");
  Graph without = shared_graph();
  without.layers[4].weights_of = "a";
  EXPECT_EQ(fault_of(without),
            "/layers/4/weights_of: cross_entropy cannot use the weights of another layer");
}

}  // namespace
}  // namespace mxsim
