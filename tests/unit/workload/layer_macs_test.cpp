// Multiply-accumulates of a layer in each pass, against the network's own count.
#include "models/workload/layer_macs.h"

#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

std::int64_t macs_in(const Graph& graph, Mode mode, const std::string& layer, Pass pass) {
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = 1;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("bf16");
  std::int64_t macs = 0;
  for (const OpGroup& group : lower(graph, policy).groups) {
    if (group.layer == layer && group.pass == pass) macs += layer_macs(group);
  }
  return macs;
}

/// A classifier on the layer of a kind, behind a 1 x 1 convolution of 4 x 6 x 5 images.
Graph graph_of(const std::string& op, const RawAttributes& attributes) {
  return GraphBuilder({4, 6, 5})
      .layer("first", "conv2d", {"image"}, {{"out_channels", {4}}, {"kernel", {1}}})
      .layer("kind", op, {"first"}, attributes)
      .layer("flat", "flatten", {"kind"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

// 2 x 3 windows on 6 x 5 positions: 5 x 3 results. The data gradient has 6 x 5 positions of 6 taps,
// half of which read beyond dY.
TEST(LayerMacs, OfADataGradientAreThoseOfTheForwardPass) {
  const Graph graph = graph_of("conv2d", {{"out_channels", {3}}, {"kernel", {2, 3}}});
  const std::int64_t forward = 5 * 3 * (2 * 3) * 4 * 3;
  EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kForward), forward);
  EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kBackwardData), forward);
  EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kBackwardWeight), forward);
}

// 3 x 3 windows at stride 2 with padding 1 on 6 x 5 positions: 3 x 3 results. Along the height each
// tap meets 3 results; along the width the phases have 3 positions of one tap and 2 of two, 7
// products where the forward pass has 9, 2 of them in padding.
TEST(LayerMacs, OfADataGradientLeaveOutWhatItsPhasesDo) {
  const Graph graph = graph_of(
      "conv2d", {{"out_channels", {3}}, {"kernel", {3}}, {"stride", {2}}, {"padding", {1}}});
  EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kForward), 9 * 9 * 4 * 3);
  EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kBackwardData), 9 * 7 * 4 * 3);
}

// A kernel for each position of the input, whatever the output cuts off.
TEST(LayerMacs, OfATransposedConvolutionAreTheNetworks) {
  for (const std::int64_t stride : {1, 2, 3}) {
    for (const std::int64_t padding : {0, 1}) {
      const auto size = [&](std::int64_t in) { return stride * (in - 1) + 4 - 2 * padding; };
      const Graph graph = graph_of("conv_transpose2d", {{"out_channels", {2}},
                                                        {"kernel", {4}},
                                                        {"stride", {stride}},
                                                        {"padding", {padding}},
                                                        {"groups", {2}},
                                                        {"output_size", {size(6), size(5)}}});
      const std::int64_t macs = 6 * 5 * (4 * 4) * 4 * (2 / 2);
      EXPECT_EQ(shape_graph(graph, 1).macs, macs + 6 * 5 * 4 * 4);
      EXPECT_EQ(macs_in(graph, Mode::kInfer, "kind", Pass::kForward), macs);
      EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kBackwardData), macs);
      EXPECT_EQ(macs_in(graph, Mode::kTrain, "kind", Pass::kBackwardWeight), macs);
    }
  }
}

}  // namespace
}  // namespace mxsim
