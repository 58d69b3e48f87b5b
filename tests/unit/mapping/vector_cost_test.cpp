#include "models/mapping/chip/vector_cost.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

constexpr VectorSpec kLanes{16, 8, 8};
constexpr PostProcessor kPost{32, 3};
constexpr PostProcessor kNone{};

/// Scale and bias of a batch norm, residual addition, ReLU.
const std::vector<VectorOps> kChain{
    {Event::kVectorMul, 1}, {Event::kVectorAdd, 2}, {Event::kVectorCompare, 1}};

Cycles cycles(const PostProcessor& post, const std::vector<VectorOps>& ops, std::int64_t elements,
              std::int64_t rows = 0) {
  return vector_cycles({kLanes, post}, ops, elements, rows);
}

TEST(VectorCost, LanesTakeACycleForEachOperation) {
  EXPECT_EQ(cycles(kNone, kChain, 1000), Cycles(63 * 4));
  EXPECT_EQ(cycles(kNone, {}, 1000), Cycles(63));
  EXPECT_EQ(cycles(kNone, {{Event::kVectorExp, 1}, {Event::kVectorAdd, 1}}, 1000), Cycles(63 * 9));
}

TEST(VectorCost, APostProcessorTakesAChainInAsManyPassesAsItHasStagesFor) {
  EXPECT_EQ(cycles(kPost, kChain, 1000), Cycles(32 * 2)) << "four operations in stages of three";
  EXPECT_EQ(cycles({32, 4}, kChain, 1000), Cycles(32));
  EXPECT_EQ(cycles(kPost, {}, 1000), Cycles(32)) << "a format is converted at its ports";
  EXPECT_EQ(cycles(kPost, {{Event::kVectorCompare, 9}}, 1000), Cycles(32 * 3)) << "a 3x3 pooling";
}

TEST(VectorCost, APostProcessorThatIsSlowerStandsIdle) {
  EXPECT_EQ(cycles({1, 1}, kChain, 1000), cycles(kNone, kChain, 1000));
}

TEST(VectorCost, SlowOperationsAndEndsOfRowsStayOnTheLanes) {
  for (const Event slow :
       {Event::kVectorDivide, Event::kVectorSqrt, Event::kVectorExp, Event::kVectorLog}) {
    const std::vector<VectorOps> ops{{Event::kVectorAdd, 1}, {slow, 1}};
    EXPECT_EQ(cycles(kPost, ops, 1000), cycles(kNone, ops, 1000));
  }
  const std::vector<VectorOps> ends{{Event::kVectorAdd, 1, 1}};
  EXPECT_EQ(cycles(kPost, ends, 1000, 50), Cycles(63 + 4));
}

TEST(VectorCost, OfManyElementsIsTheCostOfEachTimesTheirNumber) {
  constexpr std::int64_t kMany = 32 * 16 * 1000;
  const std::vector<std::vector<VectorOps>> chains{kChain, {}, {{Event::kVectorSqrt, 2}}};
  for (const PostProcessor& post : {kNone, kPost, PostProcessor{1, 64}}) {
    for (const std::vector<VectorOps>& ops : chains) {
      EXPECT_DOUBLE_EQ(cycles_per_element({kLanes, post}, ops) * kMany,
                       static_cast<double>(cycles(post, ops, kMany).count()));
    }
  }
}

}  // namespace
}  // namespace mxsim
