#include "sim/requant/requant_unit.h"

#include <gtest/gtest.h>

#include "tests/support/control_bench.h"

namespace mxsim::testing {
namespace {

struct Bench {
  explicit Bench(const RequantWork& work) {
    Command command = command_of(Unit::kRequant);
    command.work = work;
    command.buffers = {{Unit::kSramAccumulator, Bytes(16), Bytes(8)}};  // 3 words
    bench.hand_out({0, {command, command_of(Unit::kArray, {0})}, 1});
    run_to_end();
  }
  std::int64_t end() const { return after.spans().at(0).begin - 1; }
  std::uint64_t counted(Event event) { return counts[Unit::kRequant][event]; }

  ControlBench bench;
  MapperChip chip = ported_chip();
  ChipBuffers buffers{chip, bench.ledger.open()};
  RequantUnit requant{"requant", RequantSpec{8, 4}, bench.context(), chip, buffers};
  FixedUnit after{"after", Unit::kArray, 1, bench.context()};
  UnitCounts counts;
};

TEST(RequantUnits, EncodeEveryCopyOnTheirLanes) {
  Bench bench({20, 2, false, 0, 0});
  EXPECT_EQ(bench.end(), 3 * 2 + 4);
  bench.counts = bench.bench.ledger.take(0);
  EXPECT_EQ(bench.counted(Event::kRequantMax), 40U);
  EXPECT_EQ(bench.counted(Event::kRequantEncode), 40U);
  EXPECT_EQ(bench.counted(Event::kRequantDecode), 0U);
}

TEST(RequantUnits, DecodeCodesOnceAndCountDrawsAndTransforms) {
  Bench bench({20, 2, true, 40, 64});
  bench.counts = bench.bench.ledger.take(0);
  EXPECT_EQ(bench.counted(Event::kRequantDecode), 20U);
  EXPECT_EQ(bench.counted(Event::kRandomDraws), 40U);
  EXPECT_EQ(bench.counted(Event::kHadamardAdds), 64U);
}

}  // namespace
}  // namespace mxsim::testing
