// Layers of a network file that are given the same tensors.
#include "sim/import/lowering/shared_weights.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

using Numbers = std::vector<std::vector<float>>;

BoundParameter as_it_is(const std::string& tensor) {
  return {{{{tensor, {}}}, [](const Numbers& n) { return n[0]; }}, {4}};
}

/// 2 x 2, by columns.
BoundParameter transposed(const std::string& tensor) {
  return {{{{tensor, {}}},
           [](const Numbers& n) {
             return std::vector<float>{n[0][0], n[0][2], n[0][1], n[0][3]};
           }},
          {4}};
}

Graph layers(const std::vector<std::string>& ops) {
  Graph graph;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const std::string name = "l" + std::to_string(i);
    graph.layers.push_back({name, ops[i], {"x"}, {name}, {}});
  }
  return graph;
}

TEST(SharedWeights, OfTheFileBecomeThoseOfTheFirstLayer) {
  Graph graph = layers({"linear", "linear", "linear"});
  std::map<std::string, BoundParameter> bound;
  for (const std::string layer : {"l0", "l1", "l2"}) {
    bound[layer + ".weight"] = as_it_is("w");
    bound[layer + ".bias"] = as_it_is(layer == "l1" ? "other" : "b");
  }
  share_weights(graph, bound);
  EXPECT_EQ(graph.layers[0].weights_of, "");
  EXPECT_EQ(graph.layers[1].weights_of, "") << "its bias is its own";
  EXPECT_EQ(graph.layers[2].weights_of, "l0");
  EXPECT_TRUE(bound.contains("l1.weight"));
  EXPECT_FALSE(bound.contains("l2.weight"));
  EXPECT_FALSE(bound.contains("l2.bias"));
}

TEST(SharedWeights, OfLayersThatTurnThemBecomeThoseOfTheFirstThatTurnsThem) {
  Graph graph = layers({"linear", "linear", "linear", "linear"});
  std::map<std::string, BoundParameter> bound{{"l0.weight", as_it_is("w")},
                                              {"l1.weight", transposed("w")},
                                              {"l2.weight", as_it_is("w")},
                                              {"l3.weight", transposed("w")}};
  share_weights(graph, bound);
  EXPECT_EQ(graph.layers[1].weights_of, "");
  EXPECT_EQ(graph.layers[2].weights_of, "l0");
  EXPECT_EQ(graph.layers[3].weights_of, "l1");
}

TEST(SharedWeights, LieAlikeInBothLayersAndServeTheSameOperator) {
  Graph graph = layers({"linear", "linear", "conv2d", "add_constant", "add_constant"});
  std::map<std::string, BoundParameter> bound{{"l0.weight", as_it_is("w")},
                                              {"l1.weight", transposed("w")},
                                              {"l2.weight", as_it_is("w")},
                                              {"l3.weight", as_it_is("c")},
                                              {"l4.weight", as_it_is("c")}};
  share_weights(graph, bound);
  for (const Layer& layer : graph.layers) EXPECT_EQ(layer.weights_of, "") << layer.name;
  EXPECT_EQ(bound.size(), 5U);
}

TEST(SharedWeights, LeaveEachNormalizationItsAverages) {
  Graph graph = layers({"batch_norm", "batch_norm"});
  std::map<std::string, BoundParameter> bound;
  for (const std::string layer : {"l0", "l1"}) {
    bound[layer + ".weight"] = as_it_is("w");
    bound[layer + ".bias"] = as_it_is("b");
    bound[layer + ".running"] = as_it_is("m");
  }
  share_weights(graph, bound);
  EXPECT_EQ(graph.layers[1].weights_of, "l0");
  EXPECT_FALSE(bound.contains("l1.weight"));
  EXPECT_TRUE(bound.contains("l1.running"));
}

}  // namespace
}  // namespace mxsim
