#include <gtest/gtest.h>

#include <algorithm>

#include "models/formats/format_table.h"
#include "models/mapping/memory/memory_plan.h"
#include "models/mapping/memory/tensor_lifetime.h"
#include "models/workload/group_tensors.h"
#include "models/workload/kinds/expert_load.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

/// Projections of T tokens x 12, attention of 6 heads of 2 over 2 heads of keys, a projection back
/// and a loss.
GraphBuilder grouped_attention(std::int64_t tokens, RawAttributes more) {
  more.merge(RawAttributes{{"heads", {6}}, {"kv_heads", {2}}, {"cache", {1}}});
  return GraphBuilder({tokens, 12})
      .layer("q", "linear", {"image"}, {{"out_features", {12}}})
      .layer("k", "linear", {"image"}, {{"out_features", {4}}})
      .layer("v", "linear", {"image"}, {{"out_features", {4}}})
      .layer("attn", "attention", {"q", "k", "v"}, more)
      .layer("logits", "linear", {"attn"}, {{"out_features", {7}}})
      .layer("next", "next_token", {"logits"});
}

OpList lowered(const Graph& graph, Mode mode, const std::string& format) {
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = 3;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  return lower(graph, policy);
}

TensorId tensor_named(const OpList& ops, const std::string& beginning) {
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    if (ops.tensors[i].name.starts_with(beginning)) return static_cast<TensorId>(i);
  }
  ADD_FAILURE() << "no tensor " << beginning;
  return -1;
}

const StoredTensor& at(const OpList& ops, TensorId id) {
  return ops.tensors.at(static_cast<std::size_t>(id));
}

TEST(Attention, HasAScoreForEveryQueryHeadAndKeyItSees) {
  const auto shaped = [](std::int64_t tokens, const RawAttributes& more) {
    return forward_macs(shape_graph(grouped_attention(tokens, more).build(), 3).layers[3]);
  };
  EXPECT_EQ(shaped(5, {}), 3 * 6 * 5 * 5 * (2 + 2));
  EXPECT_EQ(shaped(1, {{"context", {10}}}), 3 * 6 * 1 * 11 * 4);
  EXPECT_EQ(shaped(1, {{"context", {10}}, {"window", {4}}}), 3 * 6 * 1 * 4 * 4);
  EXPECT_EQ(shaped(3, {{"context", {10}}, {"window", {4}}}), 3 * 6 * 3 * 6 * 4);
}

TEST(Attention, DecodingAppendsToTheCacheAndReadsAllOfIt) {
  for (const char* format : {"bf16", "mxsf", "mxfp8_e4m3", "fp32"}) {
    const OpList ops =
        lowered(grouped_attention(1, {{"context", {10}}}).build(), Mode::kInfer, format);
    const TensorId cache = tensor_named(ops, "attn.key_cache@");
    const TensorId fresh = tensor_named(ops, "k@");
    EXPECT_EQ(at(ops, cache).rows, 3 * 2 * 11);  // heads one below the other
    EXPECT_EQ(at(ops, cache).cols, 2);
    EXPECT_EQ(at(ops, fresh).rows, 3);
    EXPECT_EQ(at(ops, fresh).tail_of, cache);
    EXPECT_EQ(at(ops, fresh).layout, at(ops, cache).layout);
    const auto scores = std::find_if(ops.groups.begin(), ops.groups.end(), [](const OpGroup& g) {
      return g.layer == "attn" && !g.gemms.empty();
    });
    ASSERT_NE(scores, ops.groups.end());
    EXPECT_EQ(scores->gemms[0].b, cache);
    EXPECT_EQ(scores->gemms[0].products(), 3 * 2);
    EXPECT_EQ(scores->gemms[0].gemm_m(), 3);  // query heads of one head of keys
    const MemoryPlan plan(ops, Bytes(1 << 24));
    EXPECT_EQ(plan.base(fresh) + at(ops, fresh).bytes().count(),
              plan.base(cache) + at(ops, cache).bytes().count());
  }
}

TEST(Attention, PrefillLeavesKeysAndValuesInDramToTheEnd) {
  const OpList ops = lowered(grouped_attention(5, {}).build(), Mode::kInfer, "mxsf");
  const std::vector<Lifetime> lives = tensor_lifetimes(ops);
  const auto end = static_cast<std::int32_t>(ops.groups.size()) - 1;
  for (const char* name : {"k@", "v@"}) {
    const TensorId id = tensor_named(ops, name);
    EXPECT_TRUE(at(ops, id).lasting);
    EXPECT_EQ(lives[static_cast<std::size_t>(id)].last, end);
    for (const Resident& kept : plan_residency(ops, Bytes(1 << 20))) {
      EXPECT_TRUE(kept.tensor != id || kept.copy == Resident::Copy::kInDram);
    }
  }
  EXPECT_LT(lives[static_cast<std::size_t>(tensor_named(ops, "q@"))].last, end);
}

TEST(Attention, TrainingKeepsNoCache) {
  const OpList ops = lowered(grouped_attention(5, {}).build(), Mode::kTrain, "mxsf");
  for (const StoredTensor& tensor : ops.tensors) {
    EXPECT_FALSE(tensor.lasting || tensor.tail_of >= 0) << tensor.name;
  }
}

TEST(Attention, TrainingMultipliesThreeTimesForward) {
  const Graph graph = grouped_attention(5, {}).build();
  std::int64_t macs = 0;
  for (const OpGroup& group : lowered(graph, Mode::kTrain, "mxsf").groups) {
    for (const GemmWork& work : group.gemms) macs += work.macs();
  }
  const ShapedGraph shaped = shape_graph(graph, 3);
  const std::int64_t first = 3 * 5 * 12 * (12 + 4 + 4);  // their input needs no gradient
  EXPECT_EQ(macs, 3 * shaped.macs - first);
}

TEST(Attention, ShapesThatDoNotFitAreNamed) {
  EXPECT_EQ(
      fault_lines([] {
        shape_graph(grouped_attention(5, {{"kv_heads", {4}}}).build(), 1);
      }),
      Lines{"/layers/3/attributes/kv_heads: 4 heads of keys do not divide 6 heads of queries"});
  EXPECT_EQ(
      fault_lines([] {
        shape_graph(grouped_attention(5, {{"kv_heads", {1}}}).build(), 1);
      }),
      Lines{"/layers/3/inputs: shapes 1x5x12, 1x5x4 and 1x5x4 are no queries, keys and values "
            "of 6 and 1 heads"});
  EXPECT_EQ(fault_lines([] {
              shape_graph(grouped_attention(1, {{"context", {3}}, {"cache", {0}}}).build(), 1);
            }),
            Lines{"/layers/3/attributes/context: tokens before the call need a cache"});
}

TEST(NextToken, DrawsInInferenceAndHasALossInTraining) {
  const Graph graph = grouped_attention(4, {}).build();
  const OpList inferred = lowered(graph, Mode::kInfer, "bf16");
  const OpGroup& last = inferred.groups.back();
  EXPECT_EQ(last.layer, "logits");  // drawn as the scores are made
  EXPECT_EQ(last.op, "linear+bias+sample");
  EXPECT_EQ(at(inferred, last.reduction_writes.at(0).tensor).bytes(), Bytes(3 * 4 * 4));
  const OpList trained = lowered(graph, Mode::kTrain, "bf16");
  EXPECT_TRUE(std::any_of(trained.groups.begin(), trained.groups.end(), [](const OpGroup& group) {
    return group.op.find("negative_log_likelihood") != std::string::npos;
  }));
}

TEST(TiedLinear, AddsBothGradientsOfTheTable) {
  Graph graph = GraphBuilder({5})
                    .layer("embed", "embedding", {"image"},
                           {{"entries", {9}}, {"features", {6}}, {"tied", {1}}})
                    .layer("norm", "rms_norm", {"embed"})
                    .layer("head", "tied_linear", {"norm"})
                    .layer("next", "next_token", {"head"})
                    .build();
  EXPECT_EQ(
      fault_lines([&] { shape_graph(graph, 1); }),
      Lines{"/layers/2/weights_of: tied_linear needs the name of the layer with the weights"});
  graph.layers[2].weights_of = "embed";
  const ShapedGraph shaped = shape_graph(graph, 3);
  EXPECT_EQ(shaped.parameters, 9 * 6 + 6);
  EXPECT_EQ(shaped.macs, 3 * 5 * 6 * 9);
  std::int64_t updated = 0, sums = 0;
  for (const OpGroup& group : lowered(graph, Mode::kTrain, "mxsf").groups) {
    if (group.pass == Pass::kUpdate) updated += group.elements();
    if (group.op.find("gradient_add") != std::string::npos) sums += group.elements();
  }
  EXPECT_EQ(updated, shaped.parameters);
  EXPECT_EQ(sums, 9 * 6);
}

TEST(ExpertLoad, SpreadsRowsEvenlyOverTheExpertsThatAreExpectedToHaveSome) {
  for (std::int64_t experts = 1; experts < 10; ++experts)
    for (std::int64_t top_k = 1; top_k <= experts; ++top_k)
      for (std::int64_t tokens = 1; tokens < 20; ++tokens) {
        const std::int64_t rows = tokens * top_k;
        const ExpertLoad load = expert_load(rows, experts, top_k, 0);
        const auto& [more, less] = load.classes;
        EXPECT_EQ(more.experts * more.rows + less.experts * less.rows, rows);
        EXPECT_EQ(more.experts + less.experts, load.active);
        EXPECT_EQ(more.rows, less.rows + 1);
        EXPECT_GE(load.active, top_k);
        EXPECT_LE(load.active, experts);
      }
  EXPECT_EQ(expert_load(2, 8, 2, 0).active, 2);    // one token
  EXPECT_EQ(expert_load(8, 8, 2, 0).active, 5);    // 8 (1 - (3/4)^4) = 5.47
  EXPECT_EQ(expert_load(200, 8, 2, 0).active, 8);  // all
  EXPECT_EQ(expert_load(200, 8, 2, 3).active, 3);  // as stated
}

TEST(ExpertLinear, MultipliesEveryRowOnceAndReadsTheWeightsOfActiveExperts) {
  const Graph graph =
      GraphBuilder({6, 4})
          .layer("rows", "expert_linear", {"image"},
                 {{"experts", {5}}, {"top_k", {2}}, {"out_features", {7}}, {"active", {4}}})
          .build();
  const OpList ops = lowered(graph, Mode::kInfer, "fp32");
  const OpGroup& group = ops.groups.at(0);
  ASSERT_EQ(group.gemms.size(), 2u);  // 18 rows: two experts of five, two of four
  EXPECT_EQ(group.gemms[0].batch, 2);
  EXPECT_EQ(group.gemms[0].gemm_m(), 5);
  EXPECT_EQ(group.gemms[1].first_row, 10);
  EXPECT_EQ(group.gemms[1].first_matrix, 2);
  EXPECT_EQ(group.gemms[0].macs() + group.gemms[1].macs(), 18 * 4 * 7);
  EXPECT_EQ(shape_graph(graph, 3).macs, 18 * 4 * 7);
  EXPECT_EQ(shape_graph(graph, 3).parameters, 5 * (4 * 7 + 7));
}

}  // namespace
}  // namespace mxsim
