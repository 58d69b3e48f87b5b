#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "models/mapping/memory/tensor_lifetime.h"
#include "models/workload/lower.h"
#include "models/workload/recompute_segments.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

constexpr std::int64_t kTokens = 64;
constexpr std::int64_t kWidth = 32;

/// `blocks` times (linear, gelu, linear, add to the block's input), then the loss.
Graph residual_blocks(int blocks) {
  const RawAttributes square{{"out_features", {kWidth}}, {"bias", {0}}};
  GraphBuilder builder({kWidth});
  std::string x = "image";
  for (int i = 0; i < blocks; ++i) {
    const std::string name = "b" + std::to_string(i) + ".";
    builder.layer(name + "up", "linear", {x}, square)
        .layer(name + "act", "gelu", {name + "up"})
        .layer(name + "down", "linear", {name + "act"}, square)
        .layer(name + "sum", "add", {name + "down", x});
    x = name + "sum";
  }
  return builder.layer("loss", "cross_entropy", {x}).build();
}

OpList lowered(int blocks, const std::vector<std::string>& recompute) {
  LoweringPolicy policy;
  policy.batch = kTokens;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("bf16");
  policy.training.recompute = recompute;
  return lower(residual_blocks(blocks), policy);
}

std::map<Pass, std::int64_t> macs(const OpList& list) {
  std::map<Pass, std::int64_t> sum;
  for (const OpGroup& group : list.groups) {
    for (const GemmWork& gemm : group.gemms) sum[group.pass] += gemm.macs();
  }
  return sum;
}

/// Bytes of activations that are alive while the loss runs.
std::int64_t kept_for_backward(const OpList& list) {
  const auto loss = std::find_if(list.groups.begin(), list.groups.end(),
                                 [](const OpGroup& group) { return group.layer == "loss"; });
  const auto at = static_cast<std::int32_t>(loss - list.groups.begin());
  const std::vector<Lifetime> lives = tensor_lifetimes(list);
  std::int64_t bytes = 0;
  for (std::size_t t = 0; t < list.tensors.size(); ++t) {
    const bool activation = list.tensors[t].role == TensorRole::kActivation;
    if (activation && lives[t].first < at && lives[t].last > at) {
      bytes += list.tensors[t].bytes().count();
    }
  }
  return bytes;
}

// Of a block its input stays; what is recomputed: up (the second linear's result is not read), and
// the activation's result. 3 tensors a block otherwise: input, up, act.
TEST(Recompute, KeepsTheInputsOfBlocksAloneAndRepeatsTheirInnerWork) {
  constexpr int kBlocks = 3;
  const OpList all = lowered(kBlocks, {});
  const OpList again = lowered(kBlocks, {R"((b\d+)\..*)"});
  constexpr std::int64_t kTensor = kTokens * kWidth * 2;
  EXPECT_EQ(kept_for_backward(all), kBlocks * 3 * kTensor);
  EXPECT_EQ(kept_for_backward(again), kBlocks * kTensor);
  constexpr std::int64_t kGemm = kTokens * kWidth * kWidth;
  EXPECT_EQ(macs(all)[Pass::kRecompute], 0);
  EXPECT_EQ(macs(again)[Pass::kRecompute], kBlocks * kGemm);
  for (const Pass pass : {Pass::kForward, Pass::kBackwardData, Pass::kBackwardWeight}) {
    EXPECT_EQ(macs(again)[pass], macs(all)[pass]) << to_string(pass);
  }
}

TEST(Recompute, ASegmentRunsAgainJustBeforeItsBackwardPass) {
  const OpList list = lowered(2, {R"((b\d+)\..*)"});
  Lines order;
  for (const OpGroup& group : list.groups) {
    const std::string block = group.layer.substr(0, 2);
    const std::string what = block + (group.pass == Pass::kRecompute ? " again" : " back");
    const bool backward = group.pass == Pass::kRecompute || group.pass == Pass::kBackwardData;
    if (backward && group.layer != "loss" && (order.empty() || order.back() != what)) {
      order.push_back(what);
    }
  }
  EXPECT_EQ(order, (Lines{"b1 again", "b1 back", "b0 again", "b0 back"}));
}

TEST(Recompute, WithoutACaptureAllMatchesAreOneSegment) {
  const ShapedGraph graph = shape_graph(residual_blocks(2), 1);
  const auto names = [&](const std::vector<std::string>& expressions) {
    std::vector<std::size_t> sizes;
    for (const RecomputeSegment& segment : recompute_segments(graph, expressions)) {
      sizes.push_back(segment.layers.size());
    }
    return sizes;
  };
  EXPECT_EQ(names({R"(b\d+\..*)"}), std::vector<std::size_t>{8});
  EXPECT_EQ(names({R"((b\d+)\..*)"}), (std::vector<std::size_t>{4, 4}));
  EXPECT_EQ(names({R"(b1\..*)", R"(b0\.act)"}), (std::vector<std::size_t>{1, 4}));
}

TEST(Recompute, NamesWhatItCannotRecompute) {
  EXPECT_EQ(fault_lines([] {
              lowered(1, {"b7.*", "loss", "b0.*", "b0.up", "("});
            }),
            (Lines{"/recompute/0: \"b7.*\" matches no layer",
                   "/recompute/1: \"loss\" is a loss: nothing to recompute",
                   "/recompute/3: \"b0.up\" matches no further layer",
                   "/recompute/4: \"(\" is no regular expression: missing )"}));
}

TEST(Recompute, RunningStatisticsAreWrittenOnce) {
  const Graph graph =
      GraphBuilder({3, 8, 8})
          .layer("conv", "conv2d", {"image"}, {{"out_channels", {8}}, {"kernel", {3}}})
          .layer("norm", "batch_norm", {"conv"})
          .layer("relu", "relu", {"norm"})
          .layer("conv2", "conv2d", {"relu"}, {{"out_channels", {8}}, {"kernel", {3}}})
          .layer("flat", "flatten", {"conv2"})
          .layer("loss", "cross_entropy", {"flat"})
          .build();
  LoweringPolicy policy;
  policy.batch = 4;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("bf16");
  policy.training.recompute = {"conv|norm|relu"};
  const OpList list = lower(graph, policy);
  int writes = 0;
  for (const OpGroup& group : list.groups) {
    for (const TensorWrite& write : group.writes) {
      writes += list.tensors[write.tensor].name.starts_with("norm.running") ? 1 : 0;
    }
  }
  EXPECT_EQ(writes, 1);
}

}  // namespace
}  // namespace mxsim
