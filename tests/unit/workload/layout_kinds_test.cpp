// Kinds that move, join, cut and stretch tensors, and the windows beyond plain convolution.
#include <gtest/gtest.h>

#include <algorithm>

#include "models/workload/training_graph.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

StepList inference(const Graph& graph) {
  return derive_steps(shape_graph(graph, 2), Mode::kInfer, {Optimizer::kSgdMomentum});
}

Shape output_of(const Graph& graph) { return shape_graph(graph, 2).layers.back().output_shapes[0]; }

const Step& step_of(const StepList& list, const std::string& op, Pass pass = Pass::kForward) {
  return *std::find_if(list.steps.begin(), list.steps.end(),
                       [&](const Step& step) { return step.op == op && step.pass == pass; });
}

TEST(Views, TheSameRowsAndColumnsTakeNoStep) {
  const GraphBuilder image({4, 9, 7});
  EXPECT_TRUE(
      inference(
          GraphBuilder({4, 9, 7}).layer("view", "reshape", {"image"}, {{"shape", {63, 4}}}).build())
          .steps.empty());
  EXPECT_TRUE(inference(GraphBuilder({6, 20})
                            .layer("view", "permute", {"image"},
                                   {{"shape", {1, 2, 3, 20}},
                                    {"factors", {2, 1, 3, 20}},
                                    {"order", {1, 0, 2, 3}}})
                            .build())
                  .steps.empty());
}

TEST(Views, OtherRowsOrAnotherOrderAreCopied) {
  const StepList other_rows = inference(
      GraphBuilder({6, 20}).layer("view", "reshape", {"image"}, {{"shape", {12, 10}}}).build());
  ASSERT_EQ(other_rows.steps.size(), 1U);
  EXPECT_EQ(other_rows.steps[0].grid, (MatrixView{24, 10}));
  const Graph transposed = GraphBuilder({6, 20})
                               .layer("view", "permute", {"image"},
                                      {{"shape", {20, 6}}, {"factors", {6, 20}}, {"order", {1, 0}}})
                               .build();
  ASSERT_EQ(inference(transposed).steps.size(), 1U);
  EXPECT_EQ(inference(transposed).steps[0].grid, (MatrixView{40, 6}));
}

TEST(Views, FactorsOfOtherElementsAndOrdersThatSkipOneAreRefused) {
  const Graph graph = GraphBuilder({6, 20})
                          .layer("view", "permute", {"image"},
                                 {{"shape", {20, 6}}, {"factors", {6, 10}}, {"order", {1, 1}}})
                          .build();
  EXPECT_EQ(fault_lines([&] { shape_graph(graph, 1); }),
            (std::vector<std::string>{
                "/layers/0/attributes/factors: their product is not the input's elements",
                "/layers/0/attributes/order: names not each factor once"}));
}

TEST(Joins, EachPartIsReadOnceAndTheWholeWritten) {
  const Graph graph = GraphBuilder({4, 9, 7})
                          .layer("a", "relu", {"image"})
                          .layer("b", "conv2d", {"image"}, {{"out_channels", {3}}, {"kernel", {1}}})
                          .layer("joined", "concat", {"a", "b"}, {{"axis", {1}}})
                          .build();
  EXPECT_EQ(output_of(graph), (Shape{2, 7, 9, 7}));
  const StepList list = inference(graph);
  EXPECT_EQ(step_of(list, "concat").reads.size(), 2U);
  EXPECT_TRUE(step_of(list, "concat").ops.empty());
}

TEST(Joins, PartsOfASplitAddUpToTheWhole) {
  Graph graph = GraphBuilder({5, 12}).build();
  graph.layers.push_back(
      {"cut", "split", {"image"}, {"x", "y"}, {{"axis", {2}}, {"sizes", {4, 8}}}});
  graph.outputs = {"x", "y"};
  const ShapedGraph shaped = shape_graph(graph, 2);
  EXPECT_EQ(shaped.layers[0].output_shapes, (std::vector<Shape>{{2, 5, 4}, {2, 5, 8}}));
  EXPECT_EQ(inference(graph).steps[0].writes.size(), 2U);
  graph.layers[0].attributes["sizes"] = {4, 7};
  EXPECT_EQ(fault_lines([&] { shape_graph(graph, 2); }),
            std::vector<std::string>{"/layers/0/attributes/sizes: do not cut 2x5x12 along the axis "
                                     "into 2 parts"});
}

TEST(Stretching, AGateOfEachChannelIsReadOnceForItsImage) {
  const Graph graph = GraphBuilder({4, 9, 7})
                          .layer("gate", "global_average_pool", {"image"})
                          .layer("gated", "multiply", {"image", "gate"})
                          .build();
  EXPECT_EQ(output_of(graph), (Shape{2, 4, 9, 7}));
  const StepList list = inference(graph);
  const Step& step = step_of(list, "multiply");
  EXPECT_EQ(list.values[step.reads[1]].view, (MatrixView{2, 4}));
  EXPECT_EQ(step.grid, (MatrixView{2 * 63, 4}));
}

TEST(Stretching, TheGradientOfAStretchedInputSumsWhatItWasStretchedOver) {
  const Graph graph = GraphBuilder({4, 9, 7})
                          .layer("a", "conv2d", {"image"}, {{"out_channels", {4}}, {"kernel", {1}}})
                          .layer("gate", "global_average_pool", {"a"})
                          .layer("gated", "multiply", {"a", "gate"})
                          .layer("flat", "flatten", {"gated"})
                          .layer("loss", "cross_entropy", {"flat"})
                          .build();
  const StepList list =
      derive_steps(shape_graph(graph, 2), Mode::kTrain, {Optimizer::kSgdMomentum});
  const auto step = std::find_if(list.steps.begin(), list.steps.end(), [](const Step& each) {
    return each.op == "multiply" && each.grid == MatrixView{2, 4};
  });
  ASSERT_NE(step, list.steps.end());
  EXPECT_EQ(step->ops, (std::vector<VectorOps>{{Event::kVectorMul, 63}, {Event::kVectorAdd, 62}}));
}

TEST(Products, MatricesBelowOneAnotherAreBatches) {
  // 3 windows of 5 rows, 2 heads of 4 columns.
  const Graph graph = GraphBuilder({15, 8})
                          .layer("k", "relu", {"image"})
                          .layer("s", "matmul", {"image", "k"},
                                 {{"heads", {2}}, {"batches", {3}}, {"transpose_b", {1}}})
                          .layer("o", "matmul", {"s", "k"}, {{"heads", {2}}, {"batches", {3}}})
                          .build();
  const ShapedGraph shaped = shape_graph(graph, 2);
  EXPECT_EQ(shaped.layers[1].output_shapes[0], (Shape{2, 30, 5}));
  EXPECT_EQ(shaped.layers[2].output_shapes[0], (Shape{2, 15, 8}));
  EXPECT_EQ(shaped.macs, 2 * 2 * (3 * 2 * 5 * 5 * 4));
  const StepList list = inference(graph);
  const GemmWork& work = step_of(list, "matmul").gemms[0];
  EXPECT_EQ(work.batch, 6);
  EXPECT_EQ(work.groups, 2);
}

TEST(Windows, ATransposedConvolutionIsTheDataGradientOfTheMirroredOne) {
  const RawAttributes window{{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}, {"bias", {0}}};
  RawAttributes up = window;
  up["out_channels"] = {6};
  up["output_size"] = {10, 7};
  const Graph transposed =
      GraphBuilder({4, 5, 4}).layer("up", "conv_transpose2d", {"image"}, up).build();
  RawAttributes down = window;
  down["out_channels"] = {4};
  const Graph mirrored =
      GraphBuilder({6, 10, 7})
          .layer("before", "conv2d", {"image"}, {{"out_channels", {6}}, {"kernel", {1}}})
          .layer("down", "conv2d", {"before"}, down)
          .layer("flat", "flatten", {"down"})
          .layer("loss", "cross_entropy", {"flat"})
          .build();
  const StepList list =
      derive_steps(shape_graph(mirrored, 2), Mode::kTrain, {Optimizer::kSgdMomentum});
  const StepList forward = inference(transposed);
  EXPECT_EQ(step_of(forward, "conv_transpose2d").gemms,
            step_of(list, "conv2d", Pass::kBackwardData).gemms);
  EXPECT_EQ(shape_graph(transposed, 1).macs, 4 * 5 * 4 * 9 * 6);
  EXPECT_EQ(shape_graph(transposed, 1).parameters, 4 * 9 * 6);
}

TEST(Windows, PaddingMayDifferOnEverySide) {
  const Graph graph =
      GraphBuilder({4, 10, 9})
          .layer("conv", "conv2d", {"image"},
                 {{"out_channels", {8}}, {"kernel", {3, 2}}, {"padding", {0, 1, 2, 0}}})
          .build();
  EXPECT_EQ(output_of(graph), (Shape{2, 8, 10, 9}));
  const GemmWork work = inference(graph).steps[0].gemms[0];
  EXPECT_EQ(work.h.pad, 0);
  EXPECT_EQ(work.w.pad, 1);
}

TEST(Windows, APoolWhoseLastWindowLiesInPaddingAloneIsRefused) {
  const auto pool = [](std::vector<std::int64_t> padding) {
    return GraphBuilder({4, 4, 4})
        .layer("pool", "max_pool", {"image"},
               {{"kernel", {3}}, {"stride", {2}}, {"padding", std::move(padding)}})
        .build();
  };
  EXPECT_EQ(output_of(pool({0, 0, 2, 2})), (Shape{2, 4, 2, 2}));
  EXPECT_EQ(fault_lines([&] { shape_graph(pool({0, 0, 3, 0}), 1); }).size(), 1U);
}

TEST(Constants, AConstantThatIsNoParameterIsReadAndNotTrained) {
  const auto graph = [](std::int64_t trained) {
    return GraphBuilder({5, 12})
        .layer("mask", "add_constant", {"image"}, {{"shape", {5, 12}}, {"trained", {trained}}})
        .build();
  };
  EXPECT_EQ(shape_graph(graph(1), 2).parameters, 60);
  EXPECT_EQ(shape_graph(graph(0), 2).parameters, 0);
  EXPECT_EQ(inference(graph(0)).steps[0].reads.size(), 2U);
}

TEST(Embedding, OnlyTheRowsThatAreNamedAreRead) {
  const Graph graph =
      GraphBuilder({7})
          .layer("words", "embedding", {"image"}, {{"entries", {1000}}, {"features", {12}}})
          .layer("flat", "flatten", {"words"})
          .layer("loss", "cross_entropy", {"flat"})
          .build();
  const ShapedGraph shaped = shape_graph(graph, 2);
  EXPECT_EQ(shaped.parameters, 12000);
  EXPECT_EQ(shaped.layers[0].output_shapes[0], (Shape{2, 7, 12}));
  const StepList list = derive_steps(shaped, Mode::kTrain, {Optimizer::kSgdMomentum});
  EXPECT_EQ(list.values[step_of(list, "embedding").reads[1]].view, (MatrixView{14, 12}));
  EXPECT_EQ(step_of(list, "embedding_gradient", Pass::kBackwardWeight).grid, (MatrixView{14, 12}));
}

}  // namespace
}  // namespace mxsim
