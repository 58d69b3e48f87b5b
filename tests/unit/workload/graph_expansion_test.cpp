#include "models/workload/graph_expansion.h"

#include <gtest/gtest.h>

#include "models/workload/shaped_graph.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

/// x (T, 4) -> `repeat` blocks of two linear layers with a residual addition -> first token.
Graph residual_network(std::int64_t repeat) {
  Graph graph;
  graph.name = "hand";
  graph.dimensions = {{"T", 3}};
  graph.inputs = {{"x0", {1, 4}, {"T", ""}}};
  Block block{"h", repeat, {"x0"}, {"x"}, {"sum"}, {"last"}, {}};
  block.layers = {{"up", "linear", {"x"}, {"up"}, {{"out_features", {8}}}},
                  {"down", "linear", {"up"}, {"down"}, {{"out_features", {4}}}},
                  {"add", "add", {"down", "x"}, {"sum"}, {}}};
  graph.blocks = {block};
  graph.layers = {{"count", "last_tokens", {"last"}, {"y"}, {}, {{"count", "T"}}}};
  graph.outputs = {"y"};
  return graph;
}

TEST(GraphExpansion, CopiesFollowEachOtherUnderTheirOwnNames) {
  const Graph flat = expand(residual_network(3));
  Lines layers;
  for (const Layer& layer : flat.layers) layers.push_back(layer.name);
  EXPECT_EQ(layers, (Lines{"count", "h.0.up", "h.0.down", "h.0.add", "h.1.up", "h.1.down",
                           "h.1.add", "h.2.up", "h.2.down", "h.2.add"}));
  EXPECT_EQ(flat.layers[1].inputs, Lines{"x0"});
  EXPECT_EQ(flat.layers[4].inputs, Lines{"h.0.sum"});
  EXPECT_EQ(flat.layers[6].inputs, (Lines{"h.1.down", "h.0.sum"}));
  EXPECT_EQ(flat.layers[9].outputs, Lines{"last"});
}

TEST(GraphExpansion, ParametersGrowWithTheCopiesAndMacsWithTheDimension) {
  EXPECT_EQ(shape_graph(residual_network(1), 1).parameters, 2 * 4 * 8 + 8 + 4);
  EXPECT_EQ(shape_graph(residual_network(5), 1).parameters, 5 * (2 * 4 * 8 + 8 + 4));
  EXPECT_EQ(shape_graph(residual_network(5), 1).macs, 5 * 3 * 2 * 4 * 8);
  EXPECT_EQ(shape_graph(residual_network(5), 2, {{"T", 7}}).macs, 5 * 2 * 7 * 2 * 4 * 8);
}

TEST(GraphExpansion, MacsAreClaimedForTheGraphsOwnDimensions) {
  Graph graph = residual_network(2);
  graph.macs = 2 * 3 * 2 * 4 * 8;
  EXPECT_NO_THROW(shape_graph(graph, 1));
  EXPECT_NO_THROW(shape_graph(graph, 1, {{"T", 9}}));
  graph.macs = 1;
  EXPECT_EQ(fault_lines([&] { shape_graph(graph, 1); }),
            Lines{"/macs: the trace states 1, its layers give 384"});
}

TEST(GraphExpansion, AnUnknownDimensionIsNamedWithTheKnownOnes) {
  EXPECT_EQ(fault_lines([] {
              expand(residual_network(1), {{"S", 5}});
            }),
            Lines{"/dimensions/S: the network has no dimension \"S\", did you mean \"T\"?; it has "
                  "T"});
  Graph graph = residual_network(1);
  graph.layers[0].sized["count"] = "tokens";
  EXPECT_EQ(fault_lines([&] { expand(graph); }),
            Lines{"/layers/0/attributes/count: the network has no dimension \"tokens\"; it has T"});
}

TEST(GraphExpansion, AFaultOfEveryCopyIsToldOnceAtItsPlaceInTheBlock) {
  Graph graph = residual_network(4);
  graph.blocks[0].layers[1].op = "liner";
  EXPECT_EQ(fault_lines([&] { shape_graph(graph, 1); }),
            Lines{"/blocks/0/layers/1/op: unknown operator \"liner\", did you mean \"linear\"?"});
}

TEST(GraphExpansion, NamesInsideABlockMatchThoseOutside) {
  Graph graph = residual_network(1);
  graph.blocks[0].reads = {};
  graph.blocks[0].outputs = {};
  EXPECT_EQ(
      fault_lines([&] { expand(graph); }),
      (Lines{"/blocks/0/reads: expected a name for each of the inputs",
             "/blocks/0/makes: expected one for each of the outputs, and no more than reads"}));
}

TEST(GraphExpansion, CopiesBeyondAMillionLayersAreRefused) {
  EXPECT_EQ(fault_lines([] { expand(residual_network(std::int64_t{1} << 20)); }),
            Lines{"/blocks/0/repeat: the network has more than 1048576 layers"});
}

}  // namespace
}  // namespace mxsim
