#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "sim/array/array_pe.h"
#include "sim/array/array_tile.h"
#include "tests/support/array_case.h"
#include "tests/support/random_stalls.h"

namespace mxsim {
namespace {

constexpr std::int64_t kClockHz = 1'400'000'000;

ArraySpec small_array() {
  ArraySpec spec;
  spec.rows = 4;
  spec.cols = 3;
  spec.mac_latency_cycles = 2;
  return spec;
}

/// Two arrays of BF16 sums in chunks.
ArraySpec small_grid() {
  ArraySpec spec = small_array();
  spec.grid = {2, 1};
  spec.accumulator = Accumulator::kBf16;
  spec.accumulator_chunk = 4;
  return spec;
}

std::vector<ArrayCase> commands(const ArraySpec& spec) {
  std::vector<ArrayCase> cases;
  for (std::int64_t i = 0; i < 30; ++i) {
    ArrayCase test;
    test.spec = spec;
    test.command.dataflow = static_cast<Dataflow>(i % 3);
    test.command.m = 1 + i % 7;
    test.command.n = 1 + i % 5;
    test.command.k = 1 + i % 11;
    test.command.interval = Cycles(1 + i % 2);
    if (i % 3 == 0) test.command.load = {3 + i % 4, 2};
    test.command.width = i % 4 == 0 ? 4 : 1;
    test.command.ports.c_element_bits = partial_sum_bits(spec.accumulator);
    test.draw(OperandKind::kBlocks, static_cast<std::uint64_t>(i));
    cases.push_back(test);
  }
  return cases;
}

/// Runs the commands one after the other on one array, with operands. Each waits a random number of
/// cycles after its predecessor, up to `longest_stall`.
class Sequence : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Sequence);
  Sequence(const sc_core::sc_module_name& name, ArrayUnit& array, const ArraySpec& spec,
           std::int64_t longest_stall = 0)
      : sc_module(name),
        array_(array),
        cases_(commands(spec)),
        stalls_(1, std::string(static_cast<const char*>(name))),
        longest_stall_(longest_stall) {
    results.reserve(cases_.size());  // the array keeps a view of the last
    SC_METHOD(start);
    sensitive << start_;
    SC_METHOD(end);
    sensitive << array.finished();
    dont_initialize();
  }

  std::vector<ArrayCost> costs;
  std::vector<std::vector<float>> results;
  std::vector<Cycles> took;  ///< from each command's start to its end
  Cycles finished{0};

 private:
  void start() {
    const ArrayCase& next = cases_[results.size()];
    results.push_back(next.c);
    started_ = clock_.now();
    array_.start(next.command, next.data(results.back()));
  }
  void end() {
    costs.push_back(array_.last());
    finished = clock_.now();
    took.push_back(finished - started_);
    if (results.size() == cases_.size()) return;
    const std::uint64_t range = static_cast<std::uint64_t>(longest_stall_) + 1;
    const auto stall = static_cast<std::int64_t>(stalls_.bits(results.size()) % range);
    start_.notify(clock_.until(finished + Cycles(stall)));
  }

  ArrayUnit& array_;
  std::vector<ArrayCase> cases_;
  CounterRng stalls_;
  std::int64_t longest_stall_;
  ClockDomain clock_{kClockHz};
  Cycles started_{0};
  sc_core::sc_event start_;
};

/// Costs, finishing cycles and results of both fidelities in one simulation; `reversed` swaps the
/// order in which everything is constructed.
void expect_equal_fidelities(const ArraySpec& spec, bool reversed) {
  const ClockDomain clock(kClockHz);
  std::unique_ptr<ArrayUnit> pe;
  std::unique_ptr<ArrayUnit> tile;
  if (reversed) tile = std::make_unique<ArrayTile>("tile", spec, clock);
  pe = std::make_unique<ArrayPe>("pe", spec, clock);
  if (!reversed) tile = std::make_unique<ArrayTile>("tile", spec, clock);
  Sequence first("first", reversed ? *tile : *pe, spec);
  Sequence second("second", reversed ? *pe : *tile, spec);
  sc_core::sc_start();
  ASSERT_EQ(first.costs.size(), commands(spec).size());
  EXPECT_EQ(first.finished, second.finished);
  EXPECT_EQ(first.took, second.took);
  EXPECT_EQ(first.results, second.results);
  for (std::size_t i = 0; i < first.costs.size(); ++i) {
    EXPECT_EQ(difference(first.costs[i], second.costs[i]), "") << "command " << i;
  }
  EXPECT_EQ(difference(pe->total(), tile->total()), "");
  EXPECT_EQ(first.finished, pe->total().cycles);
}

TEST(ArrayUnit, BothFidelitiesRunTheSameSequenceInTheSameCycles) {
  expect_equal_fidelities(small_array(), false);
}

TEST(ArrayUnit, BothFidelitiesOfAGridRunTheSameSequenceInTheSameCycles) {
  expect_equal_fidelities(small_grid(), false);
}

TEST(ArrayUnit, ConstructionOrderDoesNotMatter) { expect_equal_fidelities(small_grid(), true); }

/// The array's neighbours may make it wait at any time: each command costs and gives the same.
TEST(ArrayUnit, RandomStallsAheadOfEveryCommandChangeNothingButTheWaiting) {
  const ArraySpec spec = small_grid();
  ArrayPe pe("pe", spec, ClockDomain(kClockHz));
  ArrayTile tile("tile", spec, ClockDomain(kClockHz));
  ArrayPe calm_pe("calm_pe", spec, ClockDomain(kClockHz));
  Sequence stalled_pe("stalled_pe", pe, spec, 7);
  Sequence stalled_tile("stalled_tile", tile, spec, 7);
  Sequence calm("calm", calm_pe, spec);
  sc_core::sc_start();
  EXPECT_GT(stalled_pe.finished, calm.finished);
  EXPECT_NE(stalled_pe.finished, stalled_tile.finished);
  for (const Sequence* stalled : {&stalled_pe, &stalled_tile}) {
    EXPECT_EQ(stalled->took, calm.took);
    EXPECT_EQ(stalled->costs, calm.costs);
    EXPECT_EQ(stalled->results, calm.results);
  }
}

/// Operands and results may be held up between any two steps.
void expect_equal_fidelities_that_stall(const ArraySpec& spec) {
  const RandomStalls stalls(3, 5);
  ArrayPe pe("pe", spec, ClockDomain(kClockHz));
  ArrayTile tile("tile", spec, ClockDomain(kClockHz));
  ArrayPe calm_pe("calm_pe", spec, ClockDomain(kClockHz));
  pe.stall_steps(stalls);
  tile.stall_steps(stalls);
  Sequence stalled_pe("stalled_pe", pe, spec);
  Sequence stalled_tile("stalled_tile", tile, spec);
  Sequence calm("calm", calm_pe, spec);
  sc_core::sc_start();
  EXPECT_EQ(stalled_pe.took, stalled_tile.took);
  EXPECT_GT(stalled_pe.finished, calm.finished);
  for (const Sequence* stalled : {&stalled_pe, &stalled_tile}) {
    EXPECT_EQ(stalled->costs, calm.costs);
    EXPECT_EQ(stalled->results, calm.results);
  }
}

TEST(ArrayUnit, RandomStallsBetweenStepsHoldUpBothFidelitiesAlikeAndChangeNothingElse) {
  expect_equal_fidelities_that_stall(small_array());
}

TEST(ArrayUnit, RandomStallsBetweenStepsHoldUpBothFidelitiesOfAGridAlike) {
  expect_equal_fidelities_that_stall(small_grid());
}

TEST(ArrayPe, EveryPeIsANamedModule) {
  const ArrayPe array("array", small_array(), ClockDomain(kClockHz));
  std::size_t pes = 0;
  for (const sc_core::sc_object* child : array.get_child_objects()) {
    if (dynamic_cast<const Pe*>(child) == nullptr) continue;
    ++pes;
    EXPECT_TRUE(child->get_child_objects().empty()) << "a PE with a process";
  }
  EXPECT_EQ(pes, 4u * 3u);
  EXPECT_NE(sc_core::sc_find_object("array.pe_3_2"), nullptr);
}

TEST(ArrayPe, RefusesScaleSimTiming) {
  ArraySpec spec = small_array();
  spec.timing = ArrayTiming::kScaleSim;
  EXPECT_THROW(ArrayPe("array", spec, ClockDomain(kClockHz)), InputError);
}

}  // namespace
}  // namespace mxsim
