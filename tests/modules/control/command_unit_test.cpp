#include "sim/control/command_unit.h"

#include <gtest/gtest.h>

#include "tests/support/control_bench.h"

namespace mxsim::testing {
namespace {

using Spans = std::vector<FixedUnit::Span>;

/// Delays the delivery of every command of one unit.
class LateDelivery : public StallSource {
 public:
  Cycles stall(Channel channel, Unit unit, std::uint64_t) const override {
    return Cycles(channel == Channel::kCommand && unit == Unit::kArray ? 7 : 0);
  }
};

/// read 5 cycles -> array 3 -> write 2, each after the one before. An end in cycle t is seen in
/// t + 1: read [0, 5), array [6, 9), write [10, 12), and the simulation ends in cycle 13.
class Chain : public ::testing::Test {
 protected:
  Chain() {
    bench_.hand_out({0,
                     {command_of(Unit::kDmaRead), command_of(Unit::kArray, {0}),
                      command_of(Unit::kDmaWrite, {1})},
                     1});
    run_to_end();
  }

  ControlBench bench_;
  FixedUnit read_{"read", Unit::kDmaRead, 5, bench_.context()};
  FixedUnit array_{"array", Unit::kArray, 3, bench_.context()};
  FixedUnit write_{"write", Unit::kDmaWrite, 2, bench_.context()};
};

TEST_F(Chain, EachCommandBeginsTheCycleAfterTheEndOfItsPredecessor) {
  EXPECT_EQ(read_.spans(), (Spans{{0, 0, 5}}));
  EXPECT_EQ(array_.spans(), (Spans{{1, 6, 9}}));
  EXPECT_EQ(write_.spans(), (Spans{{2, 10, 12}}));
}

TEST_F(Chain, WaitingIsExplainedByWhateverTheAwaitedUnitDidInThoseCycles) {
  const UnitActivity array = array_.take_activity();
  EXPECT_EQ(array.busy, Cycles(3));
  EXPECT_EQ(array.stalled[StallCause::kDma], Cycles(6));
  EXPECT_EQ(array.stalled.total(), Cycles(6));
  EXPECT_EQ(array.total(), Cycles(13));
  const UnitActivity write = write_.take_activity();
  EXPECT_EQ(write.busy, Cycles(2));
  EXPECT_EQ(write.stalled[StallCause::kDma], Cycles(6));
  EXPECT_EQ(write.stalled[StallCause::kArray], Cycles(4));
  EXPECT_EQ(write.stalled.total(), Cycles(10));
  const UnitActivity read = read_.take_activity();
  EXPECT_EQ(read.busy, Cycles(5));
  EXPECT_EQ(read.idle, Cycles(8));
}

TEST_F(Chain, ActivityIsTakenOnce) {
  EXPECT_EQ(read_.take_activity().total(), Cycles(13));
  EXPECT_EQ(read_.take_activity().total(), Cycles(0));
}

TEST(CommandUnits, BeginAsManyCommandsAsTheyCanHaveInFlight) {
  for (const std::size_t capacity : {1U, 2U, 3U}) {
    ControlBench bench;
    const FixedUnit read("read", Unit::kDmaRead, 4, bench.context(), capacity);
    bench.hand_out(
        {0,
         {command_of(Unit::kDmaRead), command_of(Unit::kDmaRead), command_of(Unit::kDmaRead)},
         1});
    run_to_end();
    const std::vector<Spans> expected{{{0, 0, 4}, {1, 4, 8}, {2, 8, 12}},
                                      {{0, 0, 4}, {1, 0, 4}, {2, 4, 8}},
                                      {{0, 0, 4}, {1, 0, 4}, {2, 0, 4}}};
    EXPECT_EQ(read.spans(), expected[capacity - 1]) << capacity;
  }
}

TEST(CommandUnits, KeepTheProgramsOrderThoughALaterCommandCouldBegin) {
  ControlBench bench;
  const FixedUnit read("read", Unit::kDmaRead, 5, bench.context());
  const FixedUnit array("array", Unit::kArray, 1, bench.context());
  bench.hand_out(
      {0,
       {command_of(Unit::kDmaRead), command_of(Unit::kArray, {0}), command_of(Unit::kArray)},
       1});
  run_to_end();
  EXPECT_EQ(array.spans(), (Spans{{1, 6, 7}, {2, 7, 8}}));
}

TEST(CommandUnits, AFetchThatWaitsForTheReaderOfItsSlotWaitsForABuffer) {
  ControlBench bench;
  FixedUnit read("read", Unit::kDmaRead, 2, bench.context());
  const FixedUnit array("array", Unit::kArray, 6, bench.context());
  bench.hand_out({0, {command_of(Unit::kArray), command_of(Unit::kDmaRead, {0})}, 1});
  run_to_end();
  EXPECT_EQ(read.spans(), (Spans{{1, 7, 9}}));
  EXPECT_EQ(read.take_activity().stalled[StallCause::kBuffer], Cycles(7));
}

TEST(CommandUnits, WaitForCommandsThatArriveLate) {
  const LateDelivery late;
  ControlBench bench(1, &late);
  FixedUnit array("array", Unit::kArray, 3, bench.context());
  bench.hand_out({0, {command_of(Unit::kArray), command_of(Unit::kArray)}, 1});
  run_to_end();
  EXPECT_EQ(array.spans(), (Spans{{0, 7, 10}, {1, 10, 13}}));
  EXPECT_EQ(array.take_activity().stalled[StallCause::kIssue], Cycles(7));
}

TEST(CommandUnits, SayWhatTheyWaitFor) {
  ControlBench bench;
  const FixedUnit read("read", Unit::kDmaRead, 5, bench.context());
  const FixedUnit array("array", Unit::kArray, 3, bench.context());
  std::string works;
  std::string waits;
  Probe look("look", bench.clock, 2, [&] {
    works = read.unfinished_text();
    waits = array.unfinished_text();
  });
  bench.hand_out({0, {command_of(Unit::kDmaRead), command_of(Unit::kArray, {0})}, 1});
  run_to_end();
  const std::string fetch = "\"" + to_string(command_of(Unit::kDmaRead)) + "\" of layer0";
  EXPECT_EQ(works, "dma.read works on " + fetch);
  EXPECT_EQ(waits, "array waits with \"" + to_string(command_of(Unit::kArray, {0})) +
                       "\" of layer0 for " + fetch + ", which dma.read has not finished");
  EXPECT_EQ(read.unfinished_text(), "");
}

}  // namespace
}  // namespace mxsim::testing
