#include "sim/vector/vector_unit.h"

#include <gtest/gtest.h>

#include "tests/support/control_bench.h"

namespace mxsim::testing {
namespace {

/// Two multiplications and a division of each element, an addition of each row. 20 elements on 8
/// lanes: 3 x (2 + 4) cycles, and 3 rows: 1.
Command vector_command(std::vector<BufferAccess> buffers) {
  Command command = command_of(Unit::kVector);
  command.work = VectorWork{20, 20, 5, 3};
  command.buffers = std::move(buffers);
  return command;
}

struct Bench {
  explicit Bench(std::vector<BufferAccess> access) {
    bench.ops.groups[0].vector_ops = {
        {Event::kVectorMul, 2, 0}, {Event::kVectorDivide, 1, 0}, {Event::kVectorAdd, 0, 1}};
    bench.hand_out({0, {vector_command(std::move(access)), command_of(Unit::kArray, {0})}, 1});
    run_to_end();
  }
  std::int64_t end() const { return after.spans().at(0).begin - 1; }

  ControlBench bench;
  MapperChip chip = ported_chip();
  ChipBuffers buffers{chip, bench.ledger.open()};
  VectorUnit vector{"vector", VectorSpec{8, 4, 4}, bench.context(), chip, buffers};
  FixedUnit after{"after", Unit::kArray, 1, bench.context()};
};

TEST(VectorUnits, TakeTheCyclesOfTheirLanesAndOfThePipeline) {
  Bench bench({{Unit::kSramAccumulator, Bytes(80), Bytes(40)}});  // 15 words
  EXPECT_EQ(bench.end(), 19 + 4);
  const UnitActivity activity = bench.vector.take_activity();
  EXPECT_EQ(activity.busy, Cycles(23));
  EXPECT_EQ(activity.stalled.total(), Cycles(0));
}

TEST(VectorUnits, WaitForPortsThatAreSlower) {
  Bench bench({{Unit::kSramAccumulator, Bytes(320), Bytes(80)}});  // 50 words
  EXPECT_EQ(bench.end(), 50 + 4);
  const UnitActivity activity = bench.vector.take_activity();
  EXPECT_EQ(activity.busy, Cycles(23));
  EXPECT_EQ(activity.stalled[StallCause::kBankConflict], Cycles(31));
}

TEST(VectorUnits, CountOperationsOfElementsAndRows) {
  Bench bench({{Unit::kSramAccumulator, Bytes(80), Bytes(40)}});
  const UnitCounts counts = bench.bench.ledger.take(0);
  EXPECT_EQ(counts[Unit::kVector][Event::kVectorMul], 40U);
  EXPECT_EQ(counts[Unit::kVector][Event::kVectorDivide], 20U);
  EXPECT_EQ(counts[Unit::kVector][Event::kVectorAdd], 3U);
  EXPECT_EQ(counts[Unit::kVector][Event::kConvert], 20U);
  EXPECT_EQ(counts[Unit::kVector][Event::kRandomDraws], 5U);
  EXPECT_EQ(counts[Unit::kSramAccumulator][Event::kSramReads], 10U);
  EXPECT_EQ(counts[Unit::kSramAccumulator][Event::kSramWrites], 5U);
}

}  // namespace
}  // namespace mxsim::testing
