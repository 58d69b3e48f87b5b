#include "sim/control/scoreboard.h"

#include <gtest/gtest.h>

#include "models/core/error.h"
#include "tests/support/control_bench.h"

namespace mxsim::testing {
namespace {

/// Sees the ends of one unit's commands later.
class LateCompletion : public StallSource {
 public:
  Cycles stall(Channel channel, Unit, std::uint64_t) const override {
    return Cycles(channel == Channel::kCompletion ? 3 : 0);
  }
};

/// Where the scoreboard stands in one cycle.
struct Seen {
  std::optional<CommandId> missing;
  std::size_t unfinished = 0;
  CommandId finished_below = 0;
  std::uint32_t finished_groups = 0;
  bool operator==(const Seen&) const = default;
};

Seen seen(Scoreboard& scoreboard, CommandId waiting) {
  return {scoreboard.missing(waiting), scoreboard.unfinished(), scoreboard.finished_below(),
          scoreboard.finished_groups()};
}

/// One fetch of 5 cycles that an array command, which nobody executes, comes after.
std::vector<Seen> watch(const StallSource* stalls, const std::vector<std::int64_t>& cycles) {
  ControlBench bench(2, stalls);
  const FixedUnit read("read", Unit::kDmaRead, 5, bench.context());
  std::vector<Seen> states;
  std::vector<std::unique_ptr<Probe>> probes;
  for (const std::int64_t cycle : cycles) {
    probes.push_back(std::make_unique<Probe>(("probe" + std::to_string(cycle)).c_str(), bench.clock,
                                             cycle,
                                             [&] { states.push_back(seen(bench.scoreboard, 1)); }));
  }
  bench.hand_out({0, {command_of(Unit::kDmaRead), command_of(Unit::kArray, {0}, 1)}, 1});
  run_to_end();
  return states;
}

TEST(Scoreboards, SeeAnEndTheCycleAfter) {
  const Seen before{0, 2, 0, 0};
  const Seen after{std::nullopt, 1, 1, 1};
  EXPECT_EQ(watch(nullptr, {4, 5, 6}), (std::vector<Seen>{before, before, after}));
}

TEST(Scoreboards, SeeAnEndAsMuchLaterAsItsCompletionStalls) {
  const LateCompletion late;
  const Seen before{0, 2, 0, 0};
  const Seen after{std::nullopt, 1, 1, 1};
  EXPECT_EQ(watch(&late, {6, 8, 9}), (std::vector<Seen>{before, before, after}));
}

TEST(Scoreboards, CountGroupsWithoutCommandsAsFinishedWhenNoneCanCome) {
  ControlBench bench(4);
  const FixedUnit read("read", Unit::kDmaRead, 5, bench.context());
  EXPECT_EQ(bench.scoreboard.finished_groups(), 0U);
  bench.hand_out({0, {command_of(Unit::kDmaRead, {}, 1)}, 3});
  EXPECT_EQ(bench.scoreboard.finished_groups(), 1U);
  Probe after("after", bench.clock, 6, [&] { EXPECT_EQ(bench.scoreboard.finished_groups(), 3U); });
  run_to_end();
}

TEST(Scoreboards, SpanAGroupFromItsFirstBeginToItsLastEnd) {
  ControlBench bench(2);
  const FixedUnit read("read", Unit::kDmaRead, 5, bench.context());
  const FixedUnit array("array", Unit::kArray, 3, bench.context());
  bench.hand_out({0,
                  {command_of(Unit::kDmaRead), command_of(Unit::kArray, {0}),
                   command_of(Unit::kDmaRead, {}, 1)},
                  2});
  run_to_end();
  const Scoreboard::Span first = bench.scoreboard.take_span(0);
  EXPECT_EQ(first.begin, Cycles(0));
  EXPECT_EQ(first.length, Cycles(9));
  const Scoreboard::Span second = bench.scoreboard.take_span(1);
  EXPECT_EQ(second.begin, Cycles(5));
  EXPECT_EQ(second.length, Cycles(5));
  EXPECT_EQ(bench.scoreboard.take_span(0).length, Cycles(0));
}

TEST(Scoreboards, LetAGroupLeadWhenItsOwnWorkBegins) {
  ControlBench bench(3);
  const FixedUnit read("read", Unit::kDmaRead, 5, bench.context());
  const FixedUnit vector("vector", Unit::kVector, 3, bench.context());
  bench.ops.groups[1].gemms.resize(1);  // its vector work is an epilogue
  bench.hand_out({0,
                  {command_of(Unit::kDmaRead, {}, 1), command_of(Unit::kVector, {0}, 1),
                   command_of(Unit::kVector, {}, 2)},
                  3});
  std::vector<std::uint32_t> leaders;
  Probe epilogue("epilogue", bench.clock, 7,
                 [&] { leaders.push_back(bench.scoreboard.leading_group()); });
  Probe stream("stream", bench.clock, 10,
               [&] { leaders.push_back(bench.scoreboard.leading_group()); });
  run_to_end();
  EXPECT_EQ(leaders, (std::vector<std::uint32_t>{0, 2}));
}

TEST(Scoreboards, RefusePiecesWithGapsAndCommandsOfFinishedGroups) {
  ControlBench bench(2);
  EXPECT_THROW(bench.scoreboard.append({1, {command_of(Unit::kDmaRead)}, 1}), InternalError);
  ControlBench other(2);
  other.scoreboard.append({0, {}, 1});
  EXPECT_EQ(other.scoreboard.finished_groups(), 1U);
  EXPECT_THROW(other.scoreboard.append({0, {command_of(Unit::kDmaRead)}, 1}), InternalError);
}

}  // namespace
}  // namespace mxsim::testing
