#include "models/mapping/memory/residency.h"

#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/mapping/memory/memory_plan.h"
#include "models/mapping/memory/tensor_lifetime.h"

namespace mxsim {
namespace {

constexpr Bytes kPlenty{std::int64_t{1} << 40};

StoredTensor tensor(const std::string& name, std::int64_t rows) {
  return {name, TensorRole::kActivation, rows, 16, DataLayout{parse_format("fp32"), {1, 1}}};
}

OpGroup group(std::vector<TensorId> reads, std::vector<TensorId> writes) {
  OpGroup made;
  made.layer = "layer";
  made.rows = made.cols = 16;
  made.streamed_reads = std::move(reads);
  for (const TensorId id : writes) made.writes.push_back({id, Encoding::kNone});
  return made;
}

/// x -> a -> b -> y; a is read again by the last group. Each has 1024 bytes.
OpList chain() {
  OpList ops;
  for (const char* name : {"x", "a", "b", "y"}) ops.tensors.push_back(tensor(name, 16));
  ops.groups = {group({0}, {1}), group({1}, {2}), group({1, 2}, {3})};
  return ops;
}

TEST(Residency, KeepsIntermediateTensorsAndNothingElse) {
  const MemoryPlan plan(chain(), kPlenty, Bytes(0), Bytes(2048));
  ASSERT_EQ(plan.residents().size(), 2u);
  for (const TensorId id : {1, 2}) {
    EXPECT_EQ(plan.targets(id).size(), 1u);
    EXPECT_GE(plan.targets(id).front(), kOnChip);
    EXPECT_GE(plan.source(id, 2), kOnChip);
  }
  EXPECT_EQ(plan.source(0, 0), plan.base(0)) << "given";
  EXPECT_EQ(plan.targets(3), std::vector<std::int64_t>{plan.base(3)}) << "result";
  EXPECT_EQ(plan.used(), Bytes(2 * 4096)) << "what never leaves the chip has no place in DRAM";
}

TEST(Residency, KeepsATensorForItsNearReadersWhileAFarOneReadsDram) {
  OpList ops = chain();
  ops.groups[2].streamed_reads = {2};
  for (int i = 0; i < 6; ++i) ops.groups.push_back(group({0}, {}));
  ops.groups.push_back(group({1}, {}));
  const MemoryPlan plan(ops, kPlenty, Bytes(0), Bytes(1024));
  const Resident& kept = plan.residents().begin()->second;
  EXPECT_EQ(kept.tensor, 2) << "both crossings saved, for two groups";
  const MemoryPlan both(ops, kPlenty, Bytes(0), Bytes(2048));
  ASSERT_TRUE(both.residents().contains(1));
  EXPECT_EQ(both.residents().at(1).last, 1);
  EXPECT_EQ(both.targets(1).size(), 2u);
  EXPECT_GE(both.source(1, 1), kOnChip);
  EXPECT_EQ(both.source(1, 9), both.base(1));
}

TEST(Residency, NeedsRoom) { EXPECT_TRUE(plan_residency(chain(), Bytes(1023)).empty()); }

TEST(Residency, NeverHasTwoTensorsInOnePlaceAtTheSameTime) {
  const CounterRng rng(5, "residency");
  std::uint64_t k = 0;
  const auto draw = [&](std::uint64_t limit) {
    return static_cast<std::int64_t>(rng.bits(k++) % limit);
  };
  for (int round = 0; round < 20; ++round) {
    OpList ops;
    for (TensorId id = 0; id < 60; ++id) {
      ops.tensors.push_back(tensor("t" + std::to_string(id), 1 + draw(40)));
      std::vector<TensorId> reads;
      for (int i = 0; i < 2 && id > 0; ++i) {
        reads.push_back(static_cast<TensorId>(
            id - 1 - draw(std::min<std::uint64_t>(8, static_cast<std::uint64_t>(id)))));
      }
      ops.groups.push_back(group(reads, {id}));
    }
    const Bytes capacity(6000);
    const std::vector<Resident> kept = plan_residency(ops, capacity);
    EXPECT_GT(kept.size(), 5u);
    const auto bytes = [&](const Resident& r) {
      return ops.tensors[static_cast<std::size_t>(r.tensor)].bytes().count();
    };
    for (const Resident& a : kept) {
      EXPECT_LE(a.offset + bytes(a), capacity.count());
      for (const Resident& b : kept) {
        if (a.tensor == b.tensor || a.last < b.first || b.last < a.first) continue;
        EXPECT_TRUE(a.offset + bytes(a) <= b.offset || b.offset + bytes(b) <= a.offset);
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
