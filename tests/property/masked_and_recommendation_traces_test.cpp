// Parameters and forward MACs of BERT with its masked-language head (parameters as published with
// the models) and of DLRM (closed form of the authors' layers), and that both train.
#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/workload/assumed_loss.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

Graph trace(const std::string& name) { return load_trace(MXSIM_ROOT "/traces/" + name + ".json"); }

OpList training(const Graph& graph) {
  LoweringPolicy policy;
  policy.mode = Mode::kTrain;
  policy.batch = 3;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  return lower(graph, policy);
}

std::int64_t macs_of(const OpList& ops, Pass pass) {
  std::int64_t macs = 0;
  for (const OpGroup& group : ops.groups) {
    if (group.pass != pass) continue;
    for (const GemmWork& work : group.gemms) macs += work.macs();
  }
  return macs;
}

struct Bert {
  const char* trace;
  std::int64_t layers, width, ffn, parameters;
};

TEST(MaskedBert, HasItsParametersAndScoresEveryToken) {
  constexpr std::int64_t kWords = 30522, kTokens = 512;
  for (const Bert& m : {Bert{"bert_base_mlm", 12, 768, 3072, 109'514'298},
                        Bert{"bert_large_mlm", 24, 1024, 4096, 335'174'458}}) {
    SCOPED_TRACE(m.trace);
    const ShapedGraph shaped = shape_graph(trace(m.trace), 1);
    EXPECT_EQ(shaped.parameters, m.parameters);
    const std::int64_t block =
        kTokens * (4 * m.width * m.width + 2 * m.width * m.ffn) + 2 * kTokens * kTokens * m.width;
    EXPECT_EQ(shaped.macs,
              m.layers * block + kTokens * m.width * m.width + kTokens * m.width * kWords);
  }
}

TEST(MaskedBert, TrainsThroughTheTableThatItsWordsComeFrom) {
  const OpList ops = training(trace("tiny_bert_mlm"));
  // Every weight has a gradient of as many MACs as its product; attention has none.
  const std::int64_t weights = 2 * 13 * (4 * 12 * 12 + 2 * 12 * 20) + 13 * 12 * 12 + 13 * 12 * 29;
  EXPECT_EQ(macs_of(ops, Pass::kBackwardWeight), 3 * weights);
}

TEST(Dlrm, HasTheTablesAndProductsOfItsAuthors) {
  struct Model {
    const char* trace;
    std::int64_t rows;
    std::vector<std::int64_t> bottom, top;
  };
  for (const Model& m :
       {Model{"dlrm_kaggle", 33'762'577, {13, 512, 256, 64, 16}, {367, 512, 256, 1}},
        Model{"dlrm_terabyte", 187'767'399, {13, 512, 256, 128}, {479, 1024, 1024, 512, 256, 1}}}) {
    SCOPED_TRACE(m.trace);
    std::int64_t weights = 0, biases = 0;
    for (const auto& widths : {m.bottom, m.top}) {
      for (std::size_t i = 1; i < widths.size(); ++i) {
        weights += widths[i - 1] * widths[i];
        biases += widths[i];
      }
    }
    const std::int64_t width = m.bottom.back();
    const ShapedGraph shaped = shape_graph(trace(m.trace), 1);
    EXPECT_EQ(shaped.parameters, m.rows * width + weights + biases);
    EXPECT_EQ(shaped.macs, weights + 27 * 27 * width);
    EXPECT_EQ(m.top.front(), width + 27 * 26 / 2);
  }
}

TEST(Dlrm, ReadsTheRowsOfItsTablesThatASampleNames) {
  LoweringPolicy policy;
  policy.mode = Mode::kInfer;
  policy.batch = 7;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("bf16");
  std::int64_t rows = 0;
  for (const StoredTensor& tensor : lower(trace("dlrm_kaggle"), policy).tensors) {
    if (tensor.name.starts_with("tables.rows@")) rows += tensor.rows * tensor.cols;
  }
  EXPECT_EQ(rows, 7 * 26 * 16);
}

TEST(AssumedLoss, FollowsTheOneResultOfANetworkWithout) {
  const auto last = [](const Graph& graph) {
    const Layer& layer = graph.layers.back();
    return layer.name + " " + layer.op + " of " + layer.inputs.front();
  };
  EXPECT_EQ(last(with_assumed_loss(trace("tiny_dlrm"))), "assumed_loss cross_entropy of top.1.act");
  Graph tokens = trace("tiny_bert_mlm");
  tokens.layers.pop_back();
  tokens.outputs = {"mlm.bias"};
  EXPECT_EQ(last(with_assumed_loss(tokens)), "assumed_loss next_token of mlm.bias");
  Graph image;
  image.name = "image";
  image.inputs = {{"x", {3, 8, 8}}};
  image.layers = {{"conv", "conv2d", {"x"}, {"conv"}, {{"out_channels", {5}}, {"kernel", {3}}}}};
  image.outputs = {"conv"};
  const Graph pixels = with_assumed_loss(image);
  EXPECT_EQ(last(pixels), "assumed_loss next_token of assumed_loss.pixels");
  EXPECT_EQ(macs_of(training(pixels), Pass::kBackwardWeight), 3 * 6 * 6 * 27 * 5);
}

TEST(AssumedLoss, LeavesOtherNetworksAsTheyAre) {
  EXPECT_EQ(with_assumed_loss(trace("tiny_cnn")).layers.size(), trace("tiny_cnn").layers.size());
  Graph two = trace("tiny_dlrm");
  two.outputs.push_back("features");
  EXPECT_EQ(with_assumed_loss(two).outputs, two.outputs);
}

}  // namespace
}  // namespace mxsim
