// LSTM, GRU and RNN: work of a token and direction by the published formulas, gradients against
// central differences, refusals; gradients of windows over volumes.
#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "tests/support/diagnostics.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

struct Cell {
  const char* op;
  std::int64_t gates;
  RawAttributes attributes = {};
  std::int64_t past_gates = gates;  ///< that the state before a token reaches by a product alone
};

const std::vector<Cell> kCells{
    {"lstm", 4}, {"gru", 3}, {"gru", 3, {{"reset_after", {0}}}, 2}, {"rnn", 1}};

constexpr std::int64_t kTokens = 4;
constexpr std::int64_t kInputs = 5;
constexpr std::int64_t kHidden = 3;

/// Tokens of `kInputs` features through a linear layer into the recurrent one, then a classifier.
Graph classifier(const char* op, RawAttributes more, std::int64_t tokens = kTokens) {
  more["hidden"] = {kHidden};
  return GraphBuilder({tokens, 6})
      .layer("first", "linear", {"image"}, {{"out_features", {kInputs}}})
      .layer("kind", op, {"first"}, more)
      .layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {4}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

OpList lowered(const Graph& graph, Mode mode) {
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = 2;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  return lower(graph, policy);
}

std::int64_t macs_of(const OpList& ops, Pass pass) {
  std::int64_t macs = 0;
  for (const OpGroup& group : ops.groups) {
    if (group.layer != "kind" || group.pass != pass) continue;
    for (const GemmWork& work : group.gemms) macs += work.macs();
  }
  return macs;
}

TEST(Recurrent, MultipliesGatesTimesInputsAndHiddenFeaturesAToken) {
  for (const Cell& cell : kCells) {
    SCOPED_TRACE(cell.op);
    const Graph graph = classifier(cell.op, cell.attributes);
    const ShapedGraph shaped = shape_graph(graph, 2);
    const std::int64_t token = cell.gates * kHidden * (kInputs + kHidden);
    EXPECT_EQ(forward_macs(shaped.layers[1]), 2 * kTokens * token);
    std::int64_t parameters = 0;
    for (const ParameterSpec& spec : shaped.layers[1].kind->parameters(shaped.layers[1])) {
      parameters += spec.rows * spec.cols;
    }
    EXPECT_EQ(parameters, token + 2 * cell.gates * kHidden);
    EXPECT_EQ(macs_of(lowered(graph, Mode::kInfer), Pass::kForward), 2 * kTokens * token);
    const OpList training = lowered(graph, Mode::kTrain);
    EXPECT_EQ(macs_of(training, Pass::kBackwardWeight), 2 * kTokens * token);
    // The state before the first token takes no gradient.
    const std::int64_t last = 2 * cell.past_gates * kHidden * kHidden;
    EXPECT_EQ(macs_of(training, Pass::kBackwardData), 2 * kTokens * token - last);
  }
}

TEST(Recurrent, GradientsAreThoseOfTheLoss) {
  for (const Cell& cell : kCells) {
    for (RawAttributes more :
         {RawAttributes{}, RawAttributes{{"reverse", {1}}}, RawAttributes{{"bias", {0}}},
          RawAttributes{{"sequence", {0}}}, RawAttributes{{"sequence", {0}}, {"reverse", {1}}},
          RawAttributes{{"sequences", {2}}}}) {
      SCOPED_TRACE(cell.op);
      more.insert(cell.attributes.begin(), cell.attributes.end());
      EXPECT_EQ(testing::gradient_fault(classifier(cell.op, more), 3), "");
    }
    EXPECT_EQ(testing::gradient_fault(classifier(cell.op, cell.attributes, 1), 3), "");
  }
}

/// An encoder whose last states are the first of a decoder, as in translation.
Graph translator(const Cell& cell) {
  Graph graph =
      GraphBuilder({kTokens, kInputs})
          .layer("encoder", cell.op, {"image"}, {{"hidden", {kHidden}}, {"sequence", {0}}})
          .layer("decoder", cell.op, {"image", "h"}, {{"hidden", {kHidden}}})
          .layer("flat", "flatten", {"decoder"})
          .layer("fc", "linear", {"flat"}, {{"out_features", {4}}})
          .layer("loss", "cross_entropy", {"fc"})
          .build();
  graph.layers[0].outputs = {"h"};
  for (std::size_t i : {0U, 1U}) {
    graph.layers[i].attributes.insert(cell.attributes.begin(), cell.attributes.end());
  }
  if (cell.gates == 4) {
    graph.layers[0].outputs.push_back("c");
    graph.layers[1].inputs.push_back("c");
  }
  return graph;
}

TEST(Recurrent, GradientsFlowThroughStatesThatAreHandedOver) {
  for (const Cell& cell : kCells) {
    SCOPED_TRACE(cell.op);
    EXPECT_EQ(testing::gradient_fault(translator(cell), 3), "");
  }
}

TEST(Recurrent, BothDirectionsShareTheirInput) {
  Graph graph = GraphBuilder({kTokens, 6})
                    .layer("first", "linear", {"image"}, {{"out_features", {kInputs}}})
                    .layer("there", "lstm", {"first"}, {{"hidden", {kHidden}}})
                    .layer("back", "lstm", {"first"}, {{"hidden", {2}}, {"reverse", {1}}})
                    .layer("both", "concat", {"there", "back"}, {{"axis", {2}}})
                    .layer("flat", "flatten", {"both"})
                    .layer("fc", "linear", {"flat"}, {{"out_features", {4}}})
                    .layer("loss", "cross_entropy", {"fc"})
                    .build();
  EXPECT_EQ(testing::gradient_fault(graph, 2), "");
}

TEST(Volumes, GradientsAreThoseOfTheLoss) {
  const auto volume = [](const RawAttributes& windows, const RawAttributes& conv) {
    return GraphBuilder({2, 12, 5})
        .layer("first", "conv2d", {"image"}, {{"out_channels", {4}}, {"kernel", {1}}})
        .layer("windows", "depth_windows", {"first"}, windows)
        .layer("conv", "conv2d", {"windows"}, conv)
        .layer("flat", "flatten", {"conv"})
        .layer("fc", "linear", {"flat"}, {{"out_features", {4}}})
        .layer("loss", "cross_entropy", {"fc"})
        .build();
  };
  EXPECT_EQ(testing::gradient_fault(
                volume({{"depth", {4}}, {"taps", {3}}, {"before", {1}}, {"after", {1}}},
                       {{"out_channels", {3}}, {"kernel", {2, 3}}, {"slices", {4}}}),
                2),
            "");
  EXPECT_EQ(testing::gradient_fault(volume({{"depth", {4}},
                                            {"taps", {2}},
                                            {"stride", {2}},
                                            {"dilation", {2}},
                                            {"after", {2}},
                                            {"groups", {2}}},
                                           {{"out_channels", {4}},
                                            {"kernel", {3}},
                                            {"padding", {1}},
                                            {"groups", {2}},
                                            {"slices", {2}}}),
                                    2),
            "");
  for (const char* pool : {"max_pool", "average_pool"}) {
    Graph graph = volume({{"depth", {4}}, {"taps", {1}}},
                         {{"out_channels", {3}}, {"kernel", {2}}, {"slices", {4}}});
    graph.layers[1] = {"windows",
                       pool,
                       {"first"},
                       {"windows"},
                       {{"kernel", {2}}, {"stride", {1}}, {"slices", {4}}}};
    EXPECT_EQ(testing::gradient_fault(graph, 2), "") << pool;
  }
}

TEST(Recurrent, TokensWaitForTheTokenBefore) {
  const OpList ops = lowered(classifier("lstm", {}), Mode::kInfer);
  std::vector<TensorId> states;
  std::int64_t products = 0;
  for (const OpGroup& group : ops.groups) {
    if (group.layer != "kind") continue;
    if (group.op == "lstm+gates") {
      ++products;
      if (!states.empty()) {
        EXPECT_EQ(group.gemms[0].a, states.back());
      }
      EXPECT_EQ(group.rows, 2);
      EXPECT_EQ(group.cols, 4 * kHidden);
    }
    if (group.op == "cell") states.push_back(group.writes.at(0).tensor);
  }
  EXPECT_EQ(products, kTokens);
  EXPECT_EQ(states.size(), static_cast<std::size_t>(kTokens));
}

TEST(Recurrent, InputsThatAreNoSequencesAreRefused) {
  const auto faults = [](const RawAttributes& more, std::int64_t tokens = kTokens) {
    return fault_lines([&] { shape_graph(classifier("lstm", more, tokens), 1); });
  };
  EXPECT_EQ(faults({{"sequences", {3}}}),
            Lines{"/layers/1/inputs/0: shape 1x4x5 is no batch of tokens (N, T, C) of 3 "
                  "sequences"});
  EXPECT_EQ(faults({}, 5000),
            Lines{"/layers/1/inputs/0: 5000 tokens one after the other, at most 4096"});
  Graph wrong = translator(kCells[0]);
  wrong.layers[1].attributes["hidden"] = {7};
  EXPECT_EQ(fault_lines([&] { shape_graph(wrong, 1); }),
            (Lines{"/layers/1/inputs/1: shape 1x3 is no state of 1 sequences and 7 features",
                   "/layers/1/inputs/2: shape 1x3 is no state of 1 sequences and 7 features"}));
  wrong = translator({"gru", 3});
  wrong.layers[0].outputs.push_back("c");
  EXPECT_EQ(fault_lines([&] { shape_graph(wrong, 1); }),
            Lines{"/layers/0/outputs: the layer has 1 outputs at most"});
}

}  // namespace
}  // namespace mxsim
