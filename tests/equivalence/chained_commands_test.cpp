// Commands behind one another on one array: no register of a PE is needed by two at once, both
// fidelities agree, and the results are those of commands one at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "models/arithmetic/reference_gemm.h"
#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/command_chain.h"
#include "models/dataflow/dataflow_table.h"
#include "sim/array/array_pe.h"
#include "sim/array/array_tile.h"
#include "tests/support/array_case.h"

namespace mxsim {
namespace {

constexpr std::int64_t kClockHz = 1'000'000'000;

/// Up to kMostChained cases on one array that chain.
std::vector<ArrayCase> drawn_chain(std::uint64_t number, Dataflow dataflow) {
  const CounterRng rng(7, "chain");
  const auto draw = [&](std::uint64_t field, std::int64_t bound) {
    return static_cast<std::int64_t>(rng.bits(64 * number + field) %
                                     static_cast<std::uint64_t>(bound));
  };
  ArrayCase test;
  test.spec.rows = 1 + draw(0, 5);
  test.spec.cols = 1 + draw(1, 5);
  test.spec.mac_latency_cycles = 1 + draw(2, 3);
  test.spec.weight_buffering =
      draw(3, 2) == 0 ? WeightBuffering::kSingle : WeightBuffering::kDouble;
  test.command.dataflow = dataflow;
  test.command.interval = Cycles(1 + draw(4, 2));
  test.command.ports.c_element_bits = 32;
  std::vector<ArrayCase> cases;
  for (std::uint64_t i = 0; i < 4; ++i) {
    test.command.m = 1 + draw(10 + 4 * i, draw(11 + 4 * i, 3) == 0 ? 30 : 9);
    test.command.n = 1 + draw(12 + 4 * i, 11);
    test.command.k = 1 + draw(13 + 4 * i, 12);
    if (draw(40 + i, 3) == 0) test.command.load = {3 + draw(44 + i, 6), 2};
    test.draw(static_cast<OperandKind>(number % 3), 4 * number + i);
    cases.push_back(test);
  }
  return cases;
}

/// One of several commands in flight, with registers of its own.
struct Runner {
  Runner(const ArrayCase& test, Cycles begin)
      : spec(test.spec),
        start(begin),
        interval(test.command.interval),
        c(test.c),
        grids(make_grids(test.spec)),
        engine(test.spec, test.command, test.data(c), grids) {}

  bool runs() const { return engine.steps() > 0 && !engine.done(); }
  void step() {
    const std::int64_t words = written();
    if (dataflow_sums) note_drains();
    engine.step();
    exits = written() > words;
    if (dataflow_sums) note_sums();
  }
  std::int64_t written() const { return engine.engine(0)->cost().traffic.c_write_words; }
  std::size_t phase() const { return static_cast<std::size_t>(engine.steps() % 2); }
  const PeRegisters<1>& pe(std::int64_t i, std::int64_t j) const {
    return engine.engine(0)->registers().row<1>(i)[j];
  }
  bool drains(std::int64_t i, std::int64_t j, std::int64_t group) const {
    return engine.engine(0)->registers().drain(i, j, group).valid;
  }
  /// `os`: places of the drain chain in use before the step.
  void note_drains() {
    drained.clear();
    for (std::int64_t i = 0; i < spec.rows; ++i) {
      for (std::int64_t j = 0; j < spec.cols; ++j) {
        for (std::int64_t group = 0; group < spec.mac_latency_cycles; ++group) {
          if (drains(i, j, group)) drained.insert({i, j});
        }
      }
    }
  }
  /// `os`: a partial sum is needed until the last product has been added, `latency` steps later.
  void note_sums() {
    const std::int64_t step = engine.steps() - 1;
    std::erase_if(sums, [&](const auto& sum) { return sum.second < step; });
    for (std::int64_t i = 0; i < spec.rows; ++i) {
      for (std::int64_t j = 0; j < spec.cols; ++j) {
        const auto& across = pe(i, j).across[phase()];
        const auto& down = pe(i, j).down[phase()];
        if (!across.has(FlowControl::kValid) || !down.has(FlowControl::kValid)) continue;
        sums[{i, j, across.group}] =
            across.has(FlowControl::kLast) ? step + spec.mac_latency_cycles - 1 : INT64_MAX;
      }
    }
  }

  ArraySpec spec;
  Cycles start;
  Cycles interval;
  std::vector<float> c;
  std::vector<PeGrid> grids;
  GridEngine engine;
  bool exits = false;
  bool dataflow_sums = false;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::int64_t> sums;  ///< last step
  std::set<std::pair<std::int64_t, std::int64_t>> drained;
};

/// What two commands use at once in PE (i, j) after a step; "" if nothing.
std::string stationary_conflict(const Runner& a, const Runner& b, std::int64_t i, std::int64_t j) {
  const PeRegisters<1>& x = a.pe(i, j);
  const PeRegisters<1>& y = b.pe(i, j);
  const bool x_streams = x.across[a.phase()].has(FlowControl::kValid);
  const bool y_streams = y.across[b.phase()].has(FlowControl::kValid);
  const bool x_loads = x.down[a.phase()].has(FlowControl::kValid);
  const bool y_loads = y.down[b.phase()].has(FlowControl::kValid);
  if ((x_streams || x.in_use) && (y_streams || y.in_use)) return "streams";
  if (x_loads && y_loads) return "loads";
  if (a.spec.weight_buffering == WeightBuffering::kSingle) {
    if ((x_loads && (y_streams || y.in_use)) || (y_loads && (x_streams || x.in_use))) {
      return "stationary registers";
    }
  }
  return "";
}

std::string output_conflict(const Runner& a, const Runner& b, std::int64_t i, std::int64_t j) {
  const PeRegisters<1>& x = a.pe(i, j);
  const PeRegisters<1>& y = b.pe(i, j);
  const auto both = [&](const FlowRegister<1>& u, const FlowRegister<1>& v) {
    return u.has(FlowControl::kValid) && v.has(FlowControl::kValid);
  };
  if (both(x.across[a.phase()], y.across[b.phase()])) return "left operands";
  if (both(x.down[a.phase()], y.down[b.phase()])) return "right operands";
  const bool single = a.spec.weight_buffering == WeightBuffering::kSingle;
  for (std::int64_t group = 0; group < a.spec.mac_latency_cycles; ++group) {
    if (a.drains(i, j, group) && b.drains(i, j, group)) return "drain registers";
    if (a.sums.contains({i, j, group}) && b.sums.contains({i, j, group})) return "sums";
  }
  const bool adds = both(y.across[b.phase()], y.down[b.phase()]);
  if (single && adds && a.drained.contains({i, j})) return "sums that drain";
  return "";
}

std::string conflict(const Runner& a, const Runner& b, Dataflow dataflow) {
  if (a.exits && b.exits) return "exits";
  for (std::int64_t i = 0; i < a.spec.rows; ++i) {
    for (std::int64_t j = 0; j < a.spec.cols; ++j) {
      const std::string found = dataflow == Dataflow::kOutputStationary
                                    ? output_conflict(a, b, i, j)
                                    : stationary_conflict(a, b, i, j);
      if (!found.empty()) return found;
    }
  }
  return "";
}

/// Runs the cases with these starts; the first conflict, and the cycles in which they end.
std::pair<std::string, std::vector<Cycles>> run_together(const std::vector<ArrayCase>& cases,
                                                         const std::vector<Cycles>& starts) {
  const Dataflow dataflow = cases.front().command.dataflow;
  std::vector<std::unique_ptr<Runner>> runners;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    runners.push_back(std::make_unique<Runner>(cases[i], starts[i]));
    runners.back()->dataflow_sums = dataflow == Dataflow::kOutputStationary;
  }
  std::vector<Cycles> ends(cases.size());
  std::string found;
  for (Cycles now{0}; !std::all_of(runners.begin(), runners.end(),
                                   [](const auto& each) { return each->engine.done(); });
       now += Cycles(1)) {
    for (std::size_t i = 0; i < runners.size(); ++i) {
      Runner& each = *runners[i];
      each.exits = false;
      const bool due = now >= each.start && !each.engine.done() &&
                       (now - each.start).count() % each.interval.count() == 0;
      if (due) each.step();
      if (due && each.engine.done()) ends[i] = now + each.interval;
    }
    for (std::size_t i = 0; i < runners.size() && found.empty(); ++i) {
      for (std::size_t j = i + 1; j < runners.size() && found.empty(); ++j) {
        const bool both = runners[i]->engine.steps() > 0 && runners[j]->runs() &&
                          (runners[i]->runs() || runners[i]->exits);
        if (both) found = conflict(*runners[i], *runners[j], dataflow);
      }
    }
  }
  return {found, ends};
}

std::string text_of(const std::vector<ArrayCase>& cases, const std::vector<Cycles>& starts) {
  std::string text;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    text += "from " + std::to_string(starts[i].count()) + ": " + cases[i].text() + "\n";
  }
  return text;
}

class ChainedCommands : public testing::TestWithParam<Dataflow> {};

std::vector<Cycles> earliest_starts(const std::vector<ArrayCase>& cases) {
  std::vector<Cycles> starts{Cycles(0)};
  for (std::size_t i = 1; i < cases.size(); ++i) {
    starts.push_back(starts.back() +
                     *chained_start(cases[i].spec, cases[i - 1].command, cases[i].command));
  }
  return starts;
}

TEST_P(ChainedCommands, NeverNeedARegisterOfAPeAtOnceAndEndInOrder) {
  for (std::uint64_t number = 0; number < 400; ++number) {
    const std::vector<ArrayCase> cases = drawn_chain(number, GetParam());
    const std::vector<Cycles> starts = earliest_starts(cases);
    const auto [found, ends] = run_together(cases, starts);
    ASSERT_EQ(found, "") << text_of(cases, starts);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      ASSERT_EQ(ends[i], starts[i] + closed_form(cases[i].spec, cases[i].command).cycles);
      if (i == 0) continue;
      ASSERT_GT(ends[i], ends[i - 1]) << text_of(cases, starts);
    }
  }
}

// 2888 x 2304 times 2304 x 256: 9 passes of 2888 vectors, a load of 256 and 510 steps to drain.
TEST(ChainedTiles, OfOneGemmTakeWhatTheGemmTakes) {
  ArraySpec spec;
  spec.rows = spec.cols = 256;
  spec.mac_latency_cycles = 1;
  ArrayCommand whole;
  whole.m = 2888;
  whole.n = 256;
  whole.k = 9 * 256;
  ASSERT_EQ(closed_form(spec, whole).cycles, Cycles(26758));
  ArrayCommand tile = whole;
  tile.k = 256;
  const Cycles handover = *chained_start(spec, tile, tile);
  EXPECT_EQ(handover, Cycles(2888));
  EXPECT_EQ(handover * 8 + closed_form(spec, tile).cycles, Cycles(26758));
}

TEST(ChainedTiles, WaitForAnEmptyArrayWhereStepsOrArraysDiffer) {
  ArraySpec spec;
  ArrayCommand one;
  one.m = one.n = one.k = 64;
  EXPECT_TRUE(chained_start(spec, one, one).has_value());
  ArrayCommand slow = one;
  slow.interval = Cycles(2);
  EXPECT_FALSE(chained_start(spec, one, slow).has_value());
  ArrayCommand other = one;
  other.dataflow = Dataflow::kOutputStationary;
  EXPECT_FALSE(chained_start(spec, one, other).has_value());
  spec.grid = {2, 1};
  ArrayCommand row = one;
  row.m = 1;
  EXPECT_FALSE(chained_start(spec, one, row).has_value());
  spec.grid = {1, 1};
  spec.timing = ArrayTiming::kScaleSim;
  EXPECT_FALSE(chained_start(spec, one, one).has_value());
}

TEST_P(ChainedCommands, CannotStartAStepEarlier) {
  for (std::uint64_t number = 0; number < 400; ++number) {
    std::vector<ArrayCase> cases = drawn_chain(number, GetParam());
    cases.resize(2);
    for (ArrayCase& each : cases) each.command.load = {};  // ports are no registers
    std::vector<Cycles> starts = earliest_starts(cases);
    starts[1] -= cases[1].command.interval;
    const auto [found, ends] = run_together(cases, starts);
    ASSERT_TRUE(found != "" || ends[1] <= ends[0]) << text_of(cases, starts);
  }
}

/// Starts every command as early as the array allows.
class Chain : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Chain);
  Chain(const sc_core::sc_module_name& name, ArrayUnit& array, std::vector<ArrayCase> cases,
        std::vector<float>& c)
      : sc_module(name), array_(array), cases_(std::move(cases)), c_(c) {
    SC_METHOD(start);
    sensitive << start_ << array.finished();
    SC_METHOD(end);
    sensitive << array.finished();
    dont_initialize();
  }
  std::vector<Cycles> starts;
  std::vector<Cycles> ends;
  std::vector<ArrayCost> costs;

 private:
  void start() {
    if (starts.size() == cases_.size()) return;
    const ArrayCase& next = cases_[starts.size()];
    const std::optional<Cycles> earliest = array_.earliest(next.command);
    if (!earliest) return;
    if (*earliest > clock_.now()) return start_.notify(clock_.until(*earliest));
    starts.push_back(clock_.now());
    array_.start(next.command, next.data(c_));
    start_.notify(sc_core::SC_ZERO_TIME);
  }
  void end() {
    ends.push_back(clock_.now());
    costs.push_back(array_.last());
  }
  ArrayUnit& array_;
  std::vector<ArrayCase> cases_;
  std::vector<float>& c_;
  ClockDomain clock_{kClockHz};
  sc_core::sc_event start_;
};

/// Reduction tiles of one product, added up in the accumulator buffer.
std::vector<ArrayCase> reduction(Dataflow dataflow, ArrayGrid grid) {
  std::vector<ArrayCase> cases;
  for (const std::int64_t k : {9, 9, 4, 9, 1}) {
    ArrayCase test;
    test.spec.rows = 4;
    test.spec.cols = 3;
    test.spec.mac_latency_cycles = 2;
    test.spec.grid = grid;
    test.command.dataflow = dataflow;
    test.command.m = 13;
    test.command.n = 8;
    test.command.k = k;
    test.command.accumulate = cases.empty() ? Accumulate::kOverwrite : Accumulate::kAdd;
    test.draw(OperandKind::kBlocks, static_cast<std::uint64_t>(cases.size()));
    cases.push_back(test);
  }
  return cases;
}

void expect_equal_chains(Dataflow dataflow, ArrayGrid grid) {
  const std::vector<ArrayCase> cases = reduction(dataflow, grid);
  const ArraySpec& spec = cases.front().spec;
  std::vector<float> expected = cases.front().c;
  for (const ArrayCase& each : cases) reference_gemm(spec, each.command, each.data(expected));

  ArrayPe pe("pe", spec, ClockDomain(kClockHz));
  ArrayTile tile("tile", spec, ClockDomain(kClockHz));
  std::vector<float> pe_c = cases.front().c;
  std::vector<float> tile_c = cases.front().c;
  Chain on_pe("on_pe", pe, cases, pe_c);
  Chain on_tile("on_tile", tile, cases, tile_c);
  sc_core::sc_start();
  EXPECT_EQ(difference(expected, pe_c), "");
  EXPECT_EQ(difference(expected, tile_c), "");
  ASSERT_EQ(on_pe.ends.size(), cases.size());
  EXPECT_EQ(on_pe.starts, on_tile.starts);
  EXPECT_EQ(on_pe.ends, on_tile.ends);
  EXPECT_EQ(difference(pe.total(), tile.total()), "");
  Cycles alone{0};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(difference(on_pe.costs[i], on_tile.costs[i]), "") << i;
    alone += closed_form(spec, cases[i].command).cycles;
  }
  EXPECT_LT(on_pe.ends.back(), alone);
  EXPECT_EQ(on_pe.ends.back(), pe.total().cycles);
  const EventCounts& counts = pe.counts();
  EXPECT_EQ(counts[Event::kPeActiveCycles] + counts[Event::kPeIdleCycles],
            static_cast<std::uint64_t>(spec.pes() * pe.total().cycles.count()));
}

TEST_P(ChainedCommands, OfOneReductionAddToItsResultsInOrderInBothFidelities) {
  expect_equal_chains(GetParam(), {1, 1});
}

TEST_P(ChainedCommands, OnAGridAddToResultsInOrderInBothFidelities) {
  expect_equal_chains(GetParam(), {2, 2});
}

INSTANTIATE_TEST_SUITE_P(AllDataflows, ChainedCommands,
                         testing::Values(Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                                         Dataflow::kInputStationary),
                         [](const auto& instance) {
                           return std::string(mxsim::info(instance.param).name);
                         });

}  // namespace
}  // namespace mxsim
