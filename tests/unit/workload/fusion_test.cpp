#include "models/workload/fusion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/workload/shaped_graph.h"
#include "models/workload/training_graph.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Texts = std::vector<std::string>;

/// Two convolutions with batch norm and ReLU, the second with a residual connection from the first.
Graph residual_net() {
  const RawAttributes conv{{"out_channels", {4}}, {"kernel", {3}}, {"padding", {1}}, {"bias", {0}}};
  return GraphBuilder({4, 6, 6})
      .layer("conv1", "conv2d", {"image"}, conv)
      .layer("bn1", "batch_norm", {"conv1"})
      .layer("relu1", "relu", {"bn1"})
      .layer("conv2", "conv2d", {"relu1"}, conv)
      .layer("bn2", "batch_norm", {"conv2"})
      .layer("add", "add", {"bn2", "relu1"})
      .layer("relu2", "relu", {"add"})
      .layer("pool", "global_average_pool", {"relu2"})
      .layer("flat", "flatten", {"pool"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {5}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

/// "conv1: conv2d+batch_norm" for every group of the passes asked for; reductions in brackets.
Texts fused(const Graph& graph, Mode mode, const std::vector<Pass>& passes) {
  const ShapedGraph shaped = shape_graph(graph, 2);
  const StepList list = derive_steps(shaped, mode, {Optimizer::kSgdMomentum});
  Texts texts;
  for (const FusedGroup& group : fuse(list)) {
    const Step& head = list.steps[group.chain.front()];
    if (std::find(passes.begin(), passes.end(), head.pass) == passes.end()) continue;
    std::string text = shaped.layers[head.layer].name + ":";
    for (const std::int32_t s : group.chain) text += " " + list.steps[s].op;
    for (const std::int32_t s : group.reductions) text += " [" + list.steps[s].op + "]";
    texts.push_back(text);
  }
  return texts;
}

TEST(Fusion, InferenceIsOneGroupAConvolution) {
  EXPECT_EQ(fused(residual_net(), Mode::kInfer, {Pass::kForward}),
            (Texts{"conv1: conv2d batch_norm relu", "conv2: conv2d batch_norm add relu",
                   "pool: global_average_pool flatten", "fc: linear bias", "loss: softmax"}));
}

TEST(Fusion, StatisticsRideOnTheConvolutionAndNormalisingStartsAnew) {
  EXPECT_EQ(fused(residual_net(), Mode::kTrain, {Pass::kForward}),
            (Texts{"conv1: conv2d [batch_norm_statistics]", "bn1: batch_norm_channels",
                   "bn1: batch_norm relu", "conv2: conv2d [batch_norm_statistics]",
                   "bn2: batch_norm_channels", "bn2: batch_norm add relu",
                   "pool: global_average_pool flatten", "fc: linear bias", "loss: softmax",
                   "loss: negative_log_likelihood"}));
}

TEST(Fusion, BackwardBatchNormIsOnePassOfSumsAndOneOfGradients) {
  EXPECT_EQ(fused(residual_net(), Mode::kTrain, {Pass::kBackwardData}),
            (Texts{"loss: cross_entropy [bias_gradient]", "fc: linear flatten",
                   "pool: global_average_pool relu [batch_norm_sums]", "bn2: batch_norm_channels",
                   "bn2: batch_norm", "conv2: conv2d gradient_add relu [batch_norm_sums]",
                   "bn1: batch_norm_channels", "bn1: batch_norm"}));
}

TEST(Fusion, WeightGradientsEndBeforeTheUpdate) {
  EXPECT_EQ(fused(residual_net(), Mode::kTrain, {Pass::kBackwardWeight}),
            (Texts{"fc: linear", "conv2: conv2d", "conv1: conv2d"}));
  EXPECT_EQ(fused(residual_net(), Mode::kTrain, {Pass::kUpdate}).size(), 8u);
}

TEST(Fusion, AnAdditionWaitsForABranchThatIsComputedLater) {
  const RawAttributes conv{{"out_channels", {4}}, {"kernel", {1}}, {"bias", {0}}};
  const Graph graph = GraphBuilder({4, 6, 6})
                          .layer("left", "conv2d", {"image"}, conv)
                          .layer("right", "conv2d", {"image"}, conv)
                          .layer("add", "add", {"left", "right"})
                          .build();
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}),
            (Texts{"left: conv2d", "right: conv2d add"}));
}

TEST(Fusion, AValueWithALaterReaderIsStoredOnTheWay) {
  const RawAttributes conv{{"out_channels", {4}}, {"kernel", {1}}, {"bias", {0}}};
  const Graph graph = GraphBuilder({4, 6, 6})
                          .layer("conv", "conv2d", {"image"}, conv)
                          .layer("relu", "relu", {"conv"})
                          .layer("add", "add", {"conv", "relu"})
                          .build();
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}), (Texts{"conv: conv2d relu", "add: add"}));
  const Graph gelu = GraphBuilder({5, 8})
                         .layer("fc1", "linear", {"image"}, {{"out_features", {8}}})
                         .layer("gelu", "gelu", {"fc1"})
                         .layer("fc2", "linear", {"gelu"}, {{"out_features", {8}}})
                         .layer("flat", "flatten", {"fc2"})
                         .layer("loss", "cross_entropy", {"flat"})
                         .build();
  EXPECT_EQ(fused(gelu, Mode::kTrain, {Pass::kForward}).front(), "fc1: linear bias gelu");
}

TEST(Fusion, WhatHasOtherRowsThanAGemmsResultsIsNotReadBesideThem) {
  const Graph graph = GraphBuilder({4, 6, 6})
                          .layer("patch", "conv2d", {"image"},
                                 {{"out_channels", {8}}, {"kernel", {2}}, {"stride", {2}}})
                          .layer("tokens", "image_to_tokens", {"patch"})
                          .layer("position", "position", {"tokens"})
                          .build();
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}),
            (Texts{"patch: conv2d bias image_to_tokens", "position: position"}));
}

TEST(Fusion, ClassTokenAndPositionAreOnePass) {
  const Graph graph = GraphBuilder({5, 8})
                          .layer("token", "class_token", {"image"})
                          .layer("position", "position", {"token"})
                          .layer("norm", "layer_norm", {"position"})
                          .build();
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}),
            (Texts{"token: class_token position", "norm: layer_norm"}));
}

TEST(Fusion, AResultOfTheNetworkEndsItsGroup) {
  Graph graph =
      GraphBuilder({4, 6, 6}).layer("a", "relu", {"image"}).layer("b", "relu", {"a"}).build();
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}), (Texts{"a: relu relu"}));
  graph.outputs.push_back("a");
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}), (Texts{"a: relu", "b: relu"}));
}

TEST(Fusion, FlatteningAnImageOfManyPixelsIsAPassOfItsOwn) {
  const Graph graph = GraphBuilder({4, 6, 6})
                          .layer("relu", "relu", {"image"})
                          .layer("flat", "flatten", {"relu"})
                          .layer("fc", "linear", {"flat"}, {{"out_features", {3}}})
                          .build();
  EXPECT_EQ(fused(graph, Mode::kInfer, {Pass::kForward}),
            (Texts{"relu: relu", "flat: flatten", "fc: linear bias"}));
}

TEST(Fusion, EveryStepRunsOnce) {
  const StepList list =
      derive_steps(shape_graph(residual_net(), 2), Mode::kTrain, {Optimizer::kSgdMomentum});
  std::vector<int> runs(list.steps.size(), 0);
  for (const FusedGroup& group : fuse(list)) {
    for (const std::int32_t s : group.chain) ++runs[s];
    for (const std::int32_t s : group.reductions) ++runs[s];
  }
  EXPECT_EQ(std::count(runs.begin(), runs.end(), 1), static_cast<std::ptrdiff_t>(runs.size()));
}

}  // namespace
}  // namespace mxsim
