#include "models/workload/skip_connections.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "models/workload/graph_expansion.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const RawAttributes kSame{{"out_channels", {4}}, {"kernel", {3}}, {"padding", {1}}, {"bias", {0}}};
const RawAttributes kHalf{
    {"out_channels", {8}}, {"kernel", {3}}, {"padding", {1}}, {"stride", {2}}, {"bias", {0}}};
const RawAttributes kSame8{{"out_channels", {8}}, {"kernel", {3}}, {"padding", {1}}, {"bias", {0}}};
const RawAttributes kProject{
    {"out_channels", {8}}, {"kernel", {1}}, {"stride", {2}}, {"bias", {0}}};

/// Two basic blocks of ResNet on 4 channels of 8 x 8: identity, then a projection to 8 of 4 x 4.
Graph basic_blocks() {
  return GraphBuilder({4, 8, 8})
      .layer("c1", "conv2d", {"image"}, kSame)
      .layer("b1", "batch_norm", {"c1"})
      .layer("r1", "relu", {"b1"})
      .layer("c2", "conv2d", {"r1"}, kSame)
      .layer("b2", "batch_norm", {"c2"})
      .layer("add1", "add", {"b2", "image"})
      .layer("out1", "relu", {"add1"})
      .layer("c3", "conv2d", {"out1"}, kHalf)
      .layer("b3", "batch_norm", {"c3"})
      .layer("r3", "relu", {"b3"})
      .layer("c4", "conv2d", {"r3"}, kSame8)
      .layer("b4", "batch_norm", {"c4"})
      .layer("p", "conv2d", {"out1"}, kProject)
      .layer("pb", "batch_norm", {"p"})
      .layer("add2", "add", {"b4", "pb"})
      .layer("out2", "relu", {"add2"})
      .build();
}

/// Expand, squeeze and add, on tokens of 6 features: shapes allow no skip of one layer.
Graph bottleneck() {
  return GraphBuilder({5, 6})
      .layer("norm", "layer_norm", {"image"})
      .layer("up", "linear", {"norm"}, {{"out_features", {24}}, {"bias", {0}}})
      .layer("act", "gelu", {"up"})
      .layer("down", "linear", {"act"}, {{"out_features", {6}}, {"bias", {0}}})
      .layer("add", "add", {"image", "down"})
      .build();
}

std::vector<std::string> names(const ShapedGraph& graph, const std::vector<std::int32_t>& layers) {
  std::vector<std::string> found;
  for (const std::int32_t each : layers) found.push_back(graph.layers[each].name);
  return found;
}

/// Layer to its inputs.
std::map<std::string, std::vector<std::string>> links(const Graph& graph) {
  std::map<std::string, std::vector<std::string>> found;
  for (const Layer& each : graph.layers) found[each.name] = each.inputs;
  return found;
}

Graph changed(Graph graph, SkipPolicy policy) {
  state_skips(graph, policy);
  return expand(graph);
}

std::vector<std::string> faults(Graph graph, SkipPolicy policy) {
  state_skips(graph, policy);
  return fault_lines([&] { shape_graph(graph, 1); });
}

TEST(SkipConnections, AreFoundWithTheirForkBlockAndProjection) {
  const ShapedGraph graph = shape_graph(basic_blocks(), 1);
  const std::vector<SkipConnection> skips = find_skips(graph);
  ASSERT_EQ(skips.size(), 2U);
  EXPECT_EQ(graph.tensors[skips[0].fork].name, "image");
  EXPECT_EQ(skips[0].skip_input, 1U);
  EXPECT_THAT(skips[0].skip_layers, IsEmpty());
  EXPECT_THAT(names(graph, skips[0].block_layers), ElementsAre("c1", "b1", "r1", "c2", "b2"));
  EXPECT_EQ(graph.tensors[skips[1].fork].name, "out1");
  EXPECT_THAT(names(graph, skips[1].skip_layers), ElementsAre("p", "pb"));
  EXPECT_THAT(names(graph, skips[1].block_layers), ElementsAre("c3", "b3", "r3", "c4", "b4"));
}

// Sums of equal branches, of the same tensor twice, and of unrelated inputs are no residual ones.
TEST(SkipConnections, OtherSumsAreNone) {
  const RawAttributes same{{"out_features", {6}}};
  const Graph graph = GraphBuilder({5, 6})
                          .layer("left", "linear", {"image"}, same)
                          .layer("right", "linear", {"image"}, same)
                          .layer("branches", "add", {"left", "right"})
                          .layer("twice", "add", {"branches", "branches"})
                          .layer("wide", "linear", {"twice"}, same)
                          .layer("loss", "flatten", {"wide"})
                          .build();
  EXPECT_THAT(find_skips(shape_graph(graph, 1)), IsEmpty());
  EXPECT_THAT(faults(graph, SkipPolicy::kRemove),
              ElementsAre("/skip: got \"remove\", but \"hand\" has no residual addition"));
}

TEST(SkipConnections, RemovingThemLeavesTheBlocksAlone) {
  const Graph graph = changed(basic_blocks(), SkipPolicy::kRemove);
  const auto found = links(graph);
  for (const char* gone : {"add1", "add2", "p", "pb"}) EXPECT_FALSE(found.contains(gone)) << gone;
  EXPECT_THAT(found.at("out1"), ElementsAre("b2"));
  EXPECT_THAT(found.at("out2"), ElementsAre("b4"));
  const ShapedGraph before = shape_graph(basic_blocks(), 1);
  const ShapedGraph after = shape_graph(graph, 1);
  EXPECT_EQ(before.macs - after.macs, 4 * 4 * 8 * 4) << "the projection's";
  EXPECT_EQ(before.parameters - after.parameters, 4 * 8 + 2 * 8);
  EXPECT_THAT(find_skips(after), IsEmpty());
}

TEST(SkipConnections, ShorteningGivesEveryLayerItsOwn) {
  const Graph graph = changed(basic_blocks(), SkipPolicy::kShorten);
  const auto found = links(graph);
  EXPECT_THAT(found.at("c1.skip"), ElementsAre("b1", "image"));
  EXPECT_THAT(found.at("r1"), ElementsAre("b1.skip"));
  EXPECT_THAT(found.at("add1"), ElementsAre("b2", "r1"));
  EXPECT_THAT(found.at("c3.skip"), ElementsAre("b3", "pb")) << "the projection skips one layer";
  EXPECT_THAT(found.at("add2"), ElementsAre("b4", "r3"));
  const ShapedGraph shaped = shape_graph(graph, 1);
  EXPECT_EQ(shaped.macs, shape_graph(basic_blocks(), 1).macs);
  const std::vector<SkipConnection> skips = find_skips(shaped);
  ASSERT_EQ(skips.size(), 4U);
  for (const SkipConnection& each : skips) {
    std::int64_t gemms = 0;
    for (const std::int32_t layer : each.block_layers) {
      gemms += forward_macs(shaped.layers[layer]) > 0 ? 1 : 0;
    }
    EXPECT_EQ(gemms, 1);
  }
}

// norm -> relu -> conv -> norm -> relu -> conv: the sums come behind the convolutions.
TEST(SkipConnections, WithNormsFirstSumsFollowTheConvolutions) {
  const Graph graph = GraphBuilder({4, 8, 8})
                          .layer("n1", "batch_norm", {"image"})
                          .layer("r1", "relu", {"n1"})
                          .layer("c1", "conv2d", {"r1"}, kSame)
                          .layer("n2", "batch_norm", {"c1"})
                          .layer("r2", "relu", {"n2"})
                          .layer("c2", "conv2d", {"r2"}, kSame)
                          .layer("add", "add", {"image", "c2"})
                          .build();
  const auto found = links(changed(graph, SkipPolicy::kShorten));
  EXPECT_THAT(found.at("c1.skip"), ElementsAre("c1", "image"));
  EXPECT_THAT(found.at("n2"), ElementsAre("c1.skip"));
  EXPECT_THAT(found.at("add"), ElementsAre("c1.skip", "c2"));
}

TEST(SkipConnections, ALayerOfAnotherShapeIsNamed) {
  EXPECT_THAT(faults(bottleneck(), SkipPolicy::kShorten),
              ElementsAre("/skip: got \"shorten\", but none of the 1 residual additions can be "
                          "changed: \"add\": layer \"up\" makes 5x24, its skip is 5x6"));
  EXPECT_EQ(shape_graph(changed(bottleneck(), SkipPolicy::kRemove), 1).layers.size(), 4U);
}

TEST(SkipConnections, BlocksThatCannotBeShortenedAreLeftBesideOthers) {
  Graph graph = basic_blocks();
  graph.layers.push_back({"flat", "flatten", {"out2"}, {"flat"}, {}});
  graph.layers.push_back({"up", "linear", {"flat"}, {"up"}, {{"out_features", {9}}}});
  graph.layers.push_back({"down", "linear", {"up"}, {"down"}, {{"out_features", {128}}}});
  graph.layers.push_back({"add3", "add", {"flat", "down"}, {"add3"}, {}});
  graph.outputs = {"add3"};
  state_skips(graph, SkipPolicy::kShorten);
  const std::vector<SkipOutcome> outcomes = skip_outcomes(graph, {});
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_TRUE(outcomes[0].changed && outcomes[1].changed);
  EXPECT_FALSE(outcomes[2].changed);
  EXPECT_EQ(outcomes[2].reason, "layer \"up\" makes 9, its skip is 128");
  EXPECT_EQ(find_skips(shape_graph(graph, 1)).size(), 5U);
}

TEST(SkipConnections, AreChangedOneAfterAnother) {
  Graph graph = basic_blocks();
  state_skips(graph, SkipPolicy::kRemove);
  const auto found = links(change_skips(graph, 1).graph);
  EXPECT_FALSE(found.contains("add1"));
  EXPECT_TRUE(found.contains("add2") && found.contains("p"));
  EXPECT_EQ(change_skips(graph, 0).graph.layers.size(), graph.layers.size());
}

// The attribute of one addition leaves the others.
TEST(SkipConnections, AreChangedAsEachAdditionSays) {
  Graph graph = basic_blocks();
  for (Layer& layer : graph.layers) {
    if (layer.name == "add2") layer.attributes["skip"] = {2};
  }
  const auto found = links(expand(graph));
  EXPECT_TRUE(found.contains("add1"));
  EXPECT_FALSE(found.contains("add2") || found.contains("p"));
  EXPECT_EQ(stated_skips(graph), SkipPolicy::kRemove);
  EXPECT_EQ(stated_skips(expand(graph)), SkipPolicy::kKeep);
}

TEST(SkipConnections, OfRepeatedBlocksAreChangedInEveryCopy) {
  Graph graph =
      GraphBuilder({5, 6}).layer("first", "linear", {"image"}, {{"out_features", {6}}}).build();
  Block block{"h", 3, {"first"}, {"x"}, {"sum"}, {"end"}, {}};
  block.layers = bottleneck().layers;
  block.layers.front().inputs = {"x"};
  block.layers.back().inputs = {"x", "down"};
  block.layers.back().outputs = {"sum"};
  graph.blocks = {block};
  graph.layers.push_back({"last", "linear", {"end"}, {"last"}, {{"out_features", {6}}}});
  graph.outputs = {"last"};
  const auto found = links(changed(graph, SkipPolicy::kRemove));
  EXPECT_EQ(found.size(), 2U + 3U * 4U);
  EXPECT_THAT(found.at("h.1.norm"), ElementsAre("h.0.down"));
  EXPECT_THAT(found.at("last"), ElementsAre("h.2.down"));
}

}  // namespace
}  // namespace mxsim
