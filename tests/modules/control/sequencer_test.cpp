#include "sim/control/sequencer.h"

#include <gtest/gtest.h>

#include "tests/support/control_bench.h"

namespace mxsim::testing {
namespace {

/// Given pieces, one after the other.
class Pieces : public CommandSource {
 public:
  Pieces(GroupOverlap overlap, std::vector<Program> pieces)
      : overlap_(overlap), pieces_(std::move(pieces)) {}

  bool done() const override { return next_ == pieces_.size(); }
  GroupOverlap overlap() const override { return overlap_; }
  Program next(CommandId finished_below) override {
    finished_below_.push_back(finished_below);
    return pieces_[next_++];
  }
  const std::vector<CommandId>& finished_below() const { return finished_below_; }

 private:
  GroupOverlap overlap_;
  std::vector<Program> pieces_;
  std::size_t next_ = 0;
  std::vector<CommandId> finished_below_;
};

/// Two layers, each a fetch of 5 cycles and an array command of 3 after it; `more` belongs to the
/// first.
struct TwoLayers {
  explicit TwoLayers(GroupOverlap overlap, const std::vector<Command>& more = {})
      : source(overlap, pieces(more)),
        sequencer(
            "sequencer", bench.clock, bench.scoreboard, {&read, &array, &write},
            {source, [this](std::uint32_t group) { return bench.ledger.take(group); },
             [this](std::uint32_t, const GroupResult& result) { results.push_back(result); }}) {
    run_to_end();
  }

  static std::vector<Program> pieces(const std::vector<Command>& more) {
    Program first{0, {command_of(Unit::kDmaRead, {}, 0), command_of(Unit::kArray, {0}, 0)}, 1};
    first.commands.insert(first.commands.end(), more.begin(), more.end());
    const CommandId next = first.commands.size();
    return {first,
            {next, {command_of(Unit::kDmaRead, {}, 1), command_of(Unit::kArray, {next}, 1)}, 2}};
  }

  ControlBench bench{2};
  FixedUnit read{"read", Unit::kDmaRead, 5, bench.context()};
  FixedUnit array{"array", Unit::kArray, 3, bench.context()};
  FixedUnit write{"write", Unit::kDmaWrite, 20, bench.context()};
  Pieces source;
  std::vector<GroupResult> results;
  Sequencer sequencer;
};

UnitActivity activity(const GroupResult& result, Unit unit) {
  return result.activity[static_cast<std::size_t>(unit)];
}

/// The second fetch follows the first at once: reads [0, 5), [5, 10), array [6, 9), [11, 14). The
/// first layer's turn ends in cycle 10, when its end is seen, the second one's in 15.
TEST(Sequencers, WithOverlapFetchTheNextLayerDuringThisOne) {
  const TwoLayers run(GroupOverlap::kOn);
  EXPECT_TRUE(run.sequencer.finished());
  EXPECT_EQ(run.read.spans(), (std::vector<FixedUnit::Span>{{0, 0, 5}, {2, 5, 10}}));
  EXPECT_EQ(run.array.spans(), (std::vector<FixedUnit::Span>{{1, 6, 9}, {3, 11, 14}}));
  ASSERT_EQ(run.results.size(), 2U);
  EXPECT_EQ(run.results[0].cycles, Cycles(10));
  EXPECT_EQ(run.results[1].cycles, Cycles(5));
  EXPECT_EQ(run.results[0].span, Cycles(9));
  EXPECT_EQ(run.results[1].began, Cycles(5));
  EXPECT_EQ(run.results[1].span, Cycles(9));
}

TEST(Sequencers, GiveATurnTheActivityOfItsCyclesWhomeverUnitsWorkFor) {
  const TwoLayers run(GroupOverlap::kOn);
  ASSERT_EQ(run.results.size(), 2U);
  EXPECT_EQ(activity(run.results[0], Unit::kDmaRead).busy, Cycles(10));
  EXPECT_EQ(activity(run.results[0], Unit::kDmaRead).idle, Cycles(0));
  EXPECT_EQ(activity(run.results[0], Unit::kArray).busy, Cycles(3));
  EXPECT_EQ(activity(run.results[0], Unit::kArray).stalled[StallCause::kDma], Cycles(7));
  EXPECT_EQ(activity(run.results[1], Unit::kArray).busy, Cycles(3));
  EXPECT_EQ(activity(run.results[1], Unit::kArray).idle, Cycles(1));
}

/// A store of 20 cycles, [10, 30), ends the first layer. Its turn ends in cycle 11, when the second
/// layer's array work begins; all is seen in 31.
TEST(Sequencers, EndATurnWhenALaterLayersOwnWorkBegins) {
  const TwoLayers run(GroupOverlap::kOn, {command_of(Unit::kDmaWrite, {1}, 0)});
  ASSERT_EQ(run.results.size(), 2U);
  EXPECT_EQ(run.results[0].cycles, Cycles(11));
  EXPECT_EQ(run.results[1].cycles, Cycles(20));
  EXPECT_EQ(run.results[0].span, Cycles(30));
  EXPECT_EQ(run.results[1].span, Cycles(9));
}

/// All of the first layer is seen in cycle 10, so reads [0, 5), [10, 15), array [6, 9), [16, 19).
TEST(Sequencers, WithoutOverlapBeginALayerWhenTheOneBeforeIsSeenAsFinished) {
  const TwoLayers run(GroupOverlap::kOff);
  EXPECT_EQ(run.read.spans(), (std::vector<FixedUnit::Span>{{0, 0, 5}, {2, 10, 15}}));
  EXPECT_EQ(run.array.spans(), (std::vector<FixedUnit::Span>{{1, 6, 9}, {3, 16, 19}}));
  ASSERT_EQ(run.results.size(), 2U);
  EXPECT_EQ(run.results[0].cycles, Cycles(10));
  EXPECT_EQ(run.results[1].cycles, Cycles(10));
  EXPECT_EQ(run.source.finished_below(), (std::vector<CommandId>{0, 2}));
}

}  // namespace
}  // namespace mxsim::testing
