#include "models/workload/shaped_graph.h"

#include <gtest/gtest.h>

#include "models/workload/graph_summary.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

Lines faults_of(const Graph& graph, std::int64_t batch = 1) {
  return fault_lines([&] { shape_graph(graph, batch); });
}

Graph conv(Shape image, RawAttributes attributes) {
  return GraphBuilder(std::move(image))
      .layer("c", "conv2d", {"image"}, std::move(attributes))
      .build();
}

TEST(ShapedGraph, OutputPositionsFollowTheConvolutionArithmetic) {
  // floor((in + 2 pad - dilation (kernel - 1) - 1) / stride) + 1: 13 -> (13+2-4-1)/2+1 = 6, 11 ->
  // 11
  const ShapedGraph graph = shape_graph(conv({4, 13, 11}, {{"out_channels", {6}},
                                                           {"kernel", {3, 1}},
                                                           {"stride", {2, 1}},
                                                           {"padding", {1, 0}},
                                                           {"dilation", {2, 1}},
                                                           {"groups", {2}}}),
                                        5);
  EXPECT_EQ(graph.layers[0].output_shapes[0], (Shape{5, 6, 6, 11}));
  EXPECT_EQ(graph.parameters, 3 * 1 * 2 * 6 + 6);
  EXPECT_EQ(graph.macs, 5 * 6 * (6 * 11) * (3 * 2));
}

TEST(ShapedGraph, LayersMayStandInAnyOrder) {
  Graph graph = mlp({4, 3, 2});
  std::swap(graph.layers[0], graph.layers[2]);
  const ShapedGraph shaped = shape_graph(graph, 1);
  EXPECT_EQ(shaped.layers[0].name, "fc1");
  EXPECT_EQ(shaped.layers[2].name, "loss");
  EXPECT_EQ(shaped.tensors[shaped.layers[1].outputs[0]].producer, 1);
}

TEST(ShapedGraph, SummaryListsEveryLayerAndAddsUp) {
  const GraphSummary summary = summarize(mlp({4, 3, 2}));
  ASSERT_EQ(summary.layers.size(), 3u);
  EXPECT_EQ(summary.layers[0].output, (Shape{1, 3}));
  EXPECT_EQ(summary.layers[1].inputs, (std::vector<Shape>{{1, 3}}));
  EXPECT_EQ(summary.layers[1].macs, 6);
  EXPECT_EQ(summary.parameters, 4 * 3 + 3 * 2);
  EXPECT_EQ(summary.macs, 4 * 3 + 3 * 2);
}

TEST(ShapedGraph, AnUnknownOperatorIsNamed) {
  EXPECT_EQ(faults_of(GraphBuilder({3, 8, 8}).layer("a", "conv2", {"image"}).build()),
            Lines{"/layers/0/op: unknown operator \"conv2\", did you mean \"conv2d\"?"});
}

TEST(ShapedGraph, AnUnknownTensorIsNamedWithTheNearest) {
  EXPECT_EQ(faults_of(GraphBuilder({3, 8, 8})
                          .layer("a", "relu", {"image"})
                          .layer("b", "add", {"a", "imag"})
                          .build()),
            Lines{"/layers/1/inputs/1: unknown tensor \"imag\", did you mean \"image\"?"});
}

TEST(ShapedGraph, DuplicateNamesAreRefused) {
  EXPECT_EQ(
      faults_of(GraphBuilder({3}).layer("a", "relu", {"image"}).layer("a", "relu", {"a"}).build()),
      (Lines{"/layers/1/name: duplicate layer name \"a\"",
             "/layers/1/outputs/0: tensor \"a\" already comes from layer \"a\""}));
}

TEST(ShapedGraph, ACycleIsNamedByItsLayers) {
  EXPECT_EQ(faults_of(GraphBuilder({3})
                          .layer("a", "add", {"image", "c"})
                          .layer("b", "relu", {"a"})
                          .layer("c", "relu", {"b"})
                          .build()),
            Lines{"/layers/0: cycle of layers \"a\" -> \"b\" -> \"c\" -> \"a\""});
}

TEST(ShapedGraph, ALayerThatReadsItselfIsACycle) {
  EXPECT_EQ(faults_of(GraphBuilder({3}).layer("a", "add", {"image", "a"}).build()),
            Lines{"/layers/0: cycle of layers \"a\" -> \"a\""});
}

TEST(ShapedGraph, AnUnusedLayerIsRefused) {
  EXPECT_EQ(
      faults_of(
          GraphBuilder({3}).layer("dead", "relu", {"image"}).layer("b", "relu", {"image"}).build()),
      Lines{"/layers/0: layer \"dead\" is unused: nothing reads its outputs"});
}

TEST(ShapedGraph, AnUnusedInputIsRefused) {
  Graph graph = GraphBuilder({3}).layer("a", "relu", {"image"}).build();
  graph.inputs.push_back({"extra", {4}});
  EXPECT_EQ(faults_of(graph), Lines{"/inputs/1: no layer reads input \"extra\""});
}

TEST(ShapedGraph, ShapesThatDoNotFitAreRefused) {
  Graph graph = GraphBuilder({3}).layer("a", "add", {"image", "other"}).build();
  graph.inputs.push_back({"other", {4}});
  EXPECT_EQ(faults_of(graph, 2), Lines{"/layers/0/inputs: shapes 2x3 and 2x4 cannot be added"});
}

TEST(ShapedGraph, AKernelLargerThanThePaddedInputIsRefused) {
  EXPECT_EQ(faults_of(conv({3, 4, 9}, {{"out_channels", {1}}, {"kernel", {7}}, {"padding", {1}}})),
            Lines{"/layers/0: kernel height 7 is larger than the padded input height 6"});
  EXPECT_EQ(faults_of(conv({3, 9, 4}, {{"out_channels", {1}}, {"kernel", {2}}, {"dilation", {4}}})),
            Lines{"/layers/0: kernel width 5 (dilated) is larger than the padded input width 4"});
}

TEST(ShapedGraph, GroupsMustDivideTheChannels) {
  EXPECT_EQ(faults_of(conv({4, 9, 9}, {{"out_channels", {6}}, {"kernel", {1}}, {"groups", {4}}})),
            Lines{"/layers/0/attributes/groups: 4 groups do not divide 6 out_channels"});
}

TEST(ShapedGraph, AttributesAreCheckedAgainstTheirKind) {
  EXPECT_EQ(faults_of(conv({4, 9, 9}, {{"kernel", {3, 3, 3}}, {"strid", {2}}, {"stride", {0}}})),
            (Lines{"/layers/0/attributes: attribute \"out_channels\" is missing (output channels)",
                   "/layers/0/attributes/kernel: got 3 numbers, expected one or [height, width]",
                   "/layers/0/attributes/stride: got 0, expected 1..64 (input positions a step)",
                   "/layers/0/attributes/strid: unknown attribute, did you mean \"stride\"?"}));
}

TEST(ShapedGraph, AWrongNumberOfInputsIsRefused) {
  EXPECT_EQ(faults_of(GraphBuilder({4}).layer("a", "add", {"image"}).build()),
            Lines{"/layers/0/inputs: got 1 tensors, add has 2"});
}

TEST(ShapedGraph, PoolingWindowsMustHoldSomething) {
  EXPECT_EQ(faults_of(GraphBuilder({4, 9, 9})
                          .layer("p", "max_pool", {"image"},
                                 {{"kernel", {3}}, {"stride", {2}}, {"padding", {2}}})
                          .build()),
            Lines{"/layers/0/attributes/padding: more than half the kernel: a window may hold "
                  "nothing"});
}

TEST(ShapedGraph, EveryFaultIsFoundAtOnce) {
  EXPECT_EQ(faults_of(GraphBuilder({0})
                          .layer("a", "rleu", {"image"})
                          .layer("b", "relu", {"x9"})
                          .layer("", "add", {"a", "b"})
                          .build())
                .size(),
            5u);
}

TEST(ShapedGraph, SizesBeyondTwoToTheSixtyThreeAreErrors) {
  const std::int64_t large = kLargestExtent;
  EXPECT_EQ(faults_of(GraphBuilder({large, large}).layer("a", "relu", {"image"}).build()),
            Lines{"/inputs/0/shape: tensor 1x4294967296x4294967296 exceeds 2^63 bits"});
  EXPECT_EQ(faults_of(mlp({std::int64_t{1} << 30, large})),
            Lines{"/layers/0: tensor 1073741824x4294967296 exceeds 2^63 bits"});
  EXPECT_EQ(faults_of(conv({1 << 20, 1 << 10, 1 << 10},
                           {{"out_channels", {1 << 20}}, {"kernel", {3}}, {"padding", {1}}}),
                      1 << 10),
            Lines{"/layers/0: multiply-accumulates exceed 2^63"});
}

TEST(ShapedGraph, ABatchBelowOneIsAnError) {
  EXPECT_EQ(faults_of(mlp({2, 2}), 0),
            Lines{"/batch: got 0, expected 1..4294967296 (images in a step)"});
}

TEST(ShapedGraph, AHostileGraphOfManyFaultsEndsSoon) {
  GraphBuilder builder({3});
  for (int i = 0; i < 5000; ++i) {
    builder.layer("l" + std::to_string(i), "relu", {"nowhere" + std::to_string(i)});
  }
  EXPECT_GE(faults_of(builder.build()).size(), 5000u);
}

}  // namespace
}  // namespace mxsim
