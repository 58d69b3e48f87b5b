// The backward pass of a batch norm behind a convolution's data gradient: the sums ride on that
// GEMM, and where the gradient fits on the chip it never reaches DRAM.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "models/formats/format_table.h"
#include "models/mapping/memory/residency.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 2;
constexpr std::int64_t kSize = 8;
constexpr std::int64_t kChannels = 16;
constexpr std::int64_t kGradientBytes = kBatch * kSize * kSize * kChannels * 2;

OpList step() {
  const RawAttributes same{{"out_channels", {kChannels}}, {"kernel", {3}}, {"padding", {1}}};
  const Graph graph = GraphBuilder({3, kSize, kSize})
                          .layer("conv1", "conv2d", {"image"}, same)
                          .layer("norm1", "batch_norm", {"conv1"})
                          .layer("relu1", "relu", {"norm1"})
                          .layer("conv2", "conv2d", {"relu1"}, same)
                          .layer("norm2", "batch_norm", {"conv2"})
                          .layer("relu2", "relu", {"norm2"})
                          .layer("flat", "flatten", {"relu2"})
                          .layer("loss", "cross_entropy", {"flat"})
                          .build();
  LoweringPolicy policy;
  policy.batch = kBatch;
  policy.wide = policy.formats.format = parse_format("bf16");
  return lower(graph, policy);
}

/// The gradient of the norm's result, as DRAM would hold it.
TensorId gradient_of(const OpList& ops) {
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    if (ops.tensors[i].name.starts_with("norm1.grad@")) return static_cast<TensorId>(i);
  }
  ADD_FAILURE() << "no gradient of norm1";
  return 0;
}

bool reads(const OpGroup& group, TensorId id) {
  return std::find(group.streamed_reads.begin(), group.streamed_reads.end(), id) !=
         group.streamed_reads.end();
}

TEST(BatchNormBackward, SumsItsGradientAsTheConvolutionMakesIt) {
  const OpList ops = step();
  const TensorId gradient = gradient_of(ops);
  int writers = 0;
  int readers = 0;
  for (const OpGroup& group : ops.groups) {
    for (const TensorWrite& write : group.writes) {
      if (write.tensor != gradient) continue;
      ++writers;
      EXPECT_EQ(group.op, "conv2d+relu+batch_norm_sums");
      EXPECT_FALSE(group.gemms.empty());
    }
    readers += reads(group, gradient);
  }
  EXPECT_EQ(writers, 1);
  EXPECT_EQ(readers, 1) << "the pass that makes the gradient of the convolution's result";
}

TEST(BatchNormBackward, ReadsTheGradientOnTheChipWhereItFits) {
  const OpList ops = step();
  const TensorId gradient = gradient_of(ops);
  const auto kept = [&](Bytes capacity) {
    const std::vector<Resident> residents = plan_residency(ops, capacity);
    return std::any_of(residents.begin(), residents.end(), [&](const Resident& resident) {
      return resident.tensor == gradient && resident.copy == Resident::Copy::kNone;
    });
  };
  // Beside it lies the gradient that its convolution reads.
  EXPECT_TRUE(kept(Bytes(2 * kGradientBytes)));
  EXPECT_FALSE(kept(Bytes(2 * kGradientBytes - 1)));
}

}  // namespace
}  // namespace mxsim
