#include "models/dataflow/scalesim.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "tests/support/csv.h"

namespace mxsim {
namespace {

Dataflow dataflow_named(const std::string& name) {
  for (const DataflowInfo& row : dataflow_table()) {
    if (row.name == name) return row.dataflow;
  }
  throw std::invalid_argument(name);
}

/// tests/data/scalesim/compute_32x32.csv: stall-free results of SCALE-Sim (commit 1d62b68a) for 17
/// layers and three dataflows. Its `os` output writes count folds x (rows + columns) twice.
TEST(ScaleSim, EveryPublishedRowIsReproducedExactly) {
  const auto rows = read_csv(MXSIM_TEST_DATA "/scalesim/compute_32x32.csv");
  ASSERT_EQ(rows.size(), 51u);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.at("layer") + " " + row.at("dataflow"));
    const auto number = [&](const char* column) { return std::stoll(row.at(column)); };
    ArraySpec spec;
    spec.rows = number("array_rows");
    spec.cols = number("array_cols");
    spec.timing = ArrayTiming::kScaleSim;
    ArrayCommand command;
    command.dataflow = dataflow_named(row.at("dataflow"));
    command.m = number("M");
    command.n = number("N");
    command.k = number("K");
    const ArrayCost cost = closed_form(spec, command);
    EXPECT_EQ(cost.cycles.count(), number("stall_free_cycles"));
    EXPECT_EQ(folds(spec, command), number("folds"));
    EXPECT_NEAR(100 * mapping_efficiency(spec, command), std::stod(row.at("mapping_eff_pct")),
                0.000051);  // printed with four decimals
    const auto count = [&](Event event) { return static_cast<long long>(cost.counts[event]); };
    EXPECT_EQ(count(Event::kMac), number("macs"));
    EXPECT_EQ(count(Event::kOperandAReads), number("sram_ifmap_reads"));
    EXPECT_EQ(count(Event::kOperandBReads), number("sram_filter_reads"));
    EXPECT_EQ(scalesim_output_writes(spec, command), number("sram_ofmap_writes"));
    const bool counted_twice = command.dataflow == Dataflow::kOutputStationary;
    EXPECT_EQ(count(Event::kPartialSumWrites),
              counted_twice ? command.m * command.n : number("sram_ofmap_writes"));
  }
}

/// One fold that fills the array: the two models of a pass agree but for the index that starts at
/// zero and the `os` drain, which SCALE-Sim leaves out.
TEST(ScaleSim, DiffersFromTheNativeCyclesOfOneFullPassAsDocumented) {
  ArraySpec native;
  ArraySpec scalesim;
  scalesim.timing = ArrayTiming::kScaleSim;
  for (const DataflowInfo& row : dataflow_table()) {
    ArrayCommand command;
    command.dataflow = row.dataflow;
    command.m = command.n = command.k = 32;
    const std::int64_t drain = row.dataflow == Dataflow::kOutputStationary ? 32 : 0;
    EXPECT_EQ(closed_form(native, command).cycles.count(),
              closed_form(scalesim, command).cycles.count() + 1 + drain)
        << row.name;
  }
}

}  // namespace
}  // namespace mxsim
