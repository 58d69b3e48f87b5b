// A training step of `kSteps` micro-batches of T samples against the step over one of them and the
// step over all. Extents are multiples of 8: tiles are whole.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTokens = 16;
constexpr std::int64_t kSteps = 3;
constexpr std::int64_t kWeights = 24 * 40 + 40 * 32;

OpList step(std::int64_t batch, std::int64_t micro_batches, const Graph& graph) {
  LoweringPolicy policy;
  policy.batch = batch;
  policy.gradient_accumulation_steps = micro_batches;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  return lower(graph, policy);
}

OpList one() { return step(kTokens, 1, mlp({24, 40, 32})); }
OpList accumulated() { return step(kSteps * kTokens, kSteps, mlp({24, 40, 32})); }
OpList whole() { return step(kSteps * kTokens, 1, mlp({24, 40, 32})); }

struct Work {
  std::int64_t groups = 0;
  std::int64_t macs = 0;
  std::int64_t adds = 0;
  std::map<TensorRole, std::int64_t> read;  ///< bytes
  std::map<TensorRole, std::int64_t> written;
};

Work work_of(const OpList& list, Pass pass) {
  Work work;
  for (const OpGroup& group : list.groups) {
    if (group.pass != pass) continue;
    ++work.groups;
    const auto count = [&](TensorId id, std::map<TensorRole, std::int64_t>& bytes) {
      const StoredTensor& tensor = list.tensors.at(static_cast<std::size_t>(id));
      bytes[tensor.role] += tensor.bytes().count();
    };
    for (const GemmWork& gemm : group.gemms) {
      work.macs += gemm.macs();
      count(gemm.a, work.read);
      count(gemm.b, work.read);
    }
    for (const VectorOps& ops : group.vector_ops) {
      if (ops.op == Event::kVectorAdd) work.adds += ops.per_element * group.elements();
    }
    for (const TensorId id : group.streamed_reads) count(id, work.read);
    for (const TensorId id : group.broadcast_reads) count(id, work.read);
    for (const TensorWrite& write : group.writes) count(write.tensor, work.written);
    for (const TensorWrite& write : group.reduction_writes) count(write.tensor, work.written);
  }
  return work;
}

TEST(GradientAccumulation, RepeatsForwardAndBackwardAndUpdatesOnce) {
  for (const Pass pass : {Pass::kForward, Pass::kBackwardData, Pass::kBackwardWeight}) {
    EXPECT_EQ(work_of(accumulated(), pass).groups, kSteps * work_of(one(), pass).groups);
    EXPECT_EQ(work_of(accumulated(), pass).macs, work_of(whole(), pass).macs);
  }
  EXPECT_EQ(work_of(accumulated(), Pass::kUpdate).groups, work_of(one(), Pass::kUpdate).groups);
}

TEST(GradientAccumulation, SumsGradientsInFp32InPlace) {
  const Work work = work_of(accumulated(), Pass::kBackwardWeight);
  const Work first = work_of(one(), Pass::kBackwardWeight);
  EXPECT_EQ(first.written.at(TensorRole::kWeightGradient), 2 * kWeights);
  EXPECT_EQ(work.written.at(TensorRole::kWeightGradient), kSteps * 4 * kWeights);
  EXPECT_EQ(work.read.at(TensorRole::kWeightGradient), (kSteps - 1) * 4 * kWeights);
  EXPECT_EQ(work.adds, (kSteps - 1) * kWeights + kSteps * first.adds);
  EXPECT_EQ(work_of(accumulated(), Pass::kUpdate).read.at(TensorRole::kWeightGradient),
            4 * kWeights);
}

TEST(GradientAccumulation, ReadsWeightsInEveryMicroBatchAndEverythingElseAsOften) {
  for (const Pass pass : {Pass::kForward, Pass::kBackwardData}) {
    const Work work = work_of(accumulated(), pass);
    const Work all = work_of(whole(), pass);
    for (const auto& [role, bytes] : all.read) {
      EXPECT_EQ(work.read.at(role), (role == TensorRole::kWeight ? kSteps : 1) * bytes);
    }
    for (const auto& [role, bytes] : all.written) {
      const bool loss = role == TensorRole::kStatistic && pass == Pass::kForward;
      EXPECT_EQ(work.written.at(role), bytes + (loss ? (kSteps - 1) * 4 : 0));  // one number each
    }
  }
}

TEST(GradientAccumulation, KeepsOneCopyOfParametersStatesAndRunningAverages) {
  const Graph graph =
      GraphBuilder({3, 8, 8})
          .layer("conv", "conv2d", {"image"}, {{"out_channels", {8}}, {"kernel", {1}}})
          .layer("bn", "batch_norm", {"conv"})
          .layer("flat", "flatten", {"bn"})
          .layer("loss", "cross_entropy", {"flat"})
          .build();
  for (const StoredTensor& tensor : step(4, 2, graph).tensors) {
    const bool again = tensor.name.find("#1@") != std::string::npos;
    const bool once =
        tensor.role == TensorRole::kWeight || tensor.role == TensorRole::kMasterWeight ||
        tensor.role == TensorRole::kOptimizerState || tensor.role == TensorRole::kWeightGradient ||
        tensor.name.find(".running@") != std::string::npos;
    EXPECT_FALSE(again && once) << tensor.name;
  }
}

TEST(GradientAccumulation, BeginsSumsInRegistersWithTheSumSoFar) {
  const Graph graph = GraphBuilder({24})
                          .layer("fc", "linear", {"image"}, {{"out_features", {40}}})
                          .layer("loss", "cross_entropy", {"fc"})
                          .build();
  const OpList list = step(4, 2, graph);
  std::int64_t reads = 0;
  for (const OpGroup& group : list.groups) {
    for (const TensorId id : group.broadcast_reads) {
      const StoredTensor& tensor = list.tensors.at(static_cast<std::size_t>(id));
      reads += tensor.name == "fc.bias.grad@fp32" ? 1 : 0;
    }
  }
  EXPECT_EQ(reads, 1);
}

// Under `requantize` the second orientation of a weight is made from the first, before the data
// gradient: the weights are the same in all micro-batches.
TEST(GradientAccumulation, CopiesWeightsOnce) {
  LoweringPolicy policy;
  policy.batch = 2 * kTokens;
  policy.gradient_accumulation_steps = 2;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxfp8_e4m3");
  policy.formats.transpose = TransposePolicy::kRequantize;
  const OpList list = lower(mlp({32, 64, 32}), policy);
  std::map<TensorId, int> written;
  for (const OpGroup& group : list.groups) {
    if (group.op != "requantize") continue;
    for (const TensorWrite& write : group.writes) ++written[write.tensor];
  }
  EXPECT_FALSE(written.empty());
  for (const auto& [id, times] : written) EXPECT_EQ(times, 1) << list.tensors.at(id).name;
}

}  // namespace
}  // namespace mxsim
