#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "models/core/error.h"
#include "sim/array/array_pe.h"
#include "sim/array/array_tile.h"
#include "tests/support/array_case.h"

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

std::vector<ArrayCase> commands() {
  std::vector<ArrayCase> cases;
  for (std::int64_t i = 0; i < 30; ++i) {
    ArrayCase test;
    test.spec = small_array();
    test.command.dataflow = static_cast<Dataflow>(i % 3);
    test.command.m = 1 + i % 7;
    test.command.n = 1 + i % 5;
    test.command.k = 1 + i % 11;
    test.command.interval = Cycles(1 + i % 2);
    test.draw(OperandKind::kBlocks, static_cast<std::uint64_t>(i));
    cases.push_back(test);
  }
  return cases;
}

/// Runs the commands back to back on one array, with operands.
class Sequence : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Sequence);
  Sequence(const sc_core::sc_module_name& name, ArrayUnit& array)
      : sc_module(name), array_(array), cases_(commands()) {
    SC_METHOD(run);
    sensitive << array.finished();
  }

  std::vector<ArrayCost> costs;
  std::vector<std::vector<float>> results;
  std::vector<Cycles> finished;

 private:
  void run() {
    if (!results.empty()) {
      costs.push_back(array_.last());
      finished.push_back(ClockDomain(kClockHz).now());
    }
    if (results.size() == cases_.size()) return;
    const ArrayCase& next = cases_[results.size()];
    if (results.empty()) results.reserve(cases_.size());  // the array keeps a view of the last
    results.push_back(next.c);
    array_.start(next.command, next.data(results.back()));
  }

  ArrayUnit& array_;
  std::vector<ArrayCase> cases_;
};

/// Costs, finishing cycles and results of both fidelities in one simulation; `reversed` swaps the
/// order in which everything is constructed.
void expect_equal_fidelities(bool reversed) {
  const ClockDomain clock(kClockHz);
  std::unique_ptr<ArrayUnit> pe;
  std::unique_ptr<ArrayUnit> tile;
  if (reversed) tile = std::make_unique<ArrayTile>("tile", small_array(), clock);
  pe = std::make_unique<ArrayPe>("pe", small_array(), clock);
  if (!reversed) tile = std::make_unique<ArrayTile>("tile", small_array(), clock);
  Sequence first("first", reversed ? *tile : *pe);
  Sequence second("second", reversed ? *pe : *tile);
  sc_core::sc_start();
  ASSERT_EQ(first.costs.size(), commands().size());
  EXPECT_EQ(first.finished, second.finished);
  EXPECT_EQ(first.results, second.results);
  for (std::size_t i = 0; i < first.costs.size(); ++i) {
    EXPECT_EQ(difference(first.costs[i], second.costs[i]), "") << "command " << i;
  }
  EXPECT_EQ(difference(pe->total(), tile->total()), "");
  EXPECT_EQ(first.finished.back(), pe->total().cycles);
}

TEST(ArrayUnit, BothFidelitiesRunTheSameSequenceInTheSameCycles) { expect_equal_fidelities(false); }

TEST(ArrayUnit, ConstructionOrderDoesNotMatter) { expect_equal_fidelities(true); }

TEST(ArrayPe, EveryPeIsANamedModule) {
  const ArrayPe array("array", small_array(), ClockDomain(kClockHz));
  std::size_t pes = 0;
  for (const sc_core::sc_object* child : array.get_child_objects()) {
    pes += dynamic_cast<const Pe*>(child) != nullptr ? 1u : 0u;
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
