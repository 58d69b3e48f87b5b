#include "models/mapping/memory/memory_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/core/error.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

constexpr Bytes kPlenty{std::int64_t{1} << 40};

/// x -> a -> b -> y, one group each; w is read by all. Every tensor has 1024 FP32 elements.
OpList chain() {
  OpList ops;
  for (const char* name : {"x", "w", "a", "b", "y", "unused"}) {
    ops.tensors.push_back(
        {name, TensorRole::kActivation, 32, 32, DataLayout{parse_format("fp32"), {1, 1}}});
  }
  const std::vector<std::pair<TensorId, TensorId>> steps{{0, 2}, {2, 3}, {3, 4}};
  for (const auto& [from, to] : steps) {
    OpGroup group;
    group.layer = "layer" + std::to_string(ops.groups.size());
    group.rows = group.cols = 32;
    group.streamed_reads = {from};
    group.broadcast_reads = {1};
    group.writes = {{to, Encoding::kNone}};
    ops.groups.push_back(group);
  }
  return ops;
}

TEST(TensorLifetime, RunsFromTheFirstWriteToTheLastUse) {
  const std::vector<Lifetime> lives = tensor_lifetimes(chain());
  EXPECT_EQ(lives[0], (Lifetime{0, 2})) << "given";
  EXPECT_EQ(lives[1], (Lifetime{0, 2})) << "given";
  EXPECT_EQ(lives[2], (Lifetime{0, 1}));
  EXPECT_EQ(lives[3], (Lifetime{1, 2}));
  EXPECT_EQ(lives[4], (Lifetime{2, 2})) << "result";
  EXPECT_EQ(lives[5], (Lifetime{0, 2})) << "nobody says when";
}

TEST(TensorLifetime, OfWhatIsUpdatedInPlaceIsTheWholeStep) {
  OpList ops = chain();
  ops.groups[1].writes.push_back({1, Encoding::kNone});
  EXPECT_EQ(tensor_lifetimes(ops)[1], (Lifetime{0, 2}));
}

TEST(TensorLifetime, OfAResultLastsToTheEnd) {
  OpList ops = chain();
  ops.groups[0].writes.push_back({5, Encoding::kNone});
  EXPECT_EQ(tensor_lifetimes(ops)[5], (Lifetime{0, 2}));
}

TEST(MemoryPlan, NeedsOnlyWhatLivesAtTheSameTime) {
  const MemoryPlan plan(chain(), kPlenty);
  EXPECT_EQ(plan.sum(), Bytes(6 * 4096));
  EXPECT_EQ(plan.peak_live(), Bytes(5 * 4096));
  EXPECT_EQ(plan.used(), plan.peak_live());
  EXPECT_EQ(plan.base(2), plan.base(4)) << "a is dead when y is written";
}

TEST(MemoryPlan, PutsScratchBehindAllTensors) {
  const MemoryPlan plan(chain(), kPlenty, Bytes(5000));
  EXPECT_EQ(plan.scratch(), 5 * 4096);
  EXPECT_EQ(plan.used(), Bytes(7 * 4096));
}

TEST(MemoryPlan, NamesTheNumbersAndTheLargestTensorsWhenDramIsTooSmall) {
  OpList ops = chain();
  ops.tensors[3].rows = 64;
  try {
    MemoryPlan(ops, Bytes(20000), Bytes(1));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.diagnostics().front().message,
                ::testing::StrEq(
                    "the run needs 28672 bytes of DRAM, the chip has 20000; most tensors live in "
                    "layer \"layer1\" (forward): 24576 bytes, and 1 for unfinished results; the "
                    "largest: b (8192 bytes), x (4096 bytes), w (4096 bytes), a (4096 bytes), "
                    "unused (4096 bytes)"));
  }
}

}  // namespace
}  // namespace mxsim
