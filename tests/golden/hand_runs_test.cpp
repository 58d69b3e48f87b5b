// Whole runs, derived on paper (tests/data/hand/README.md).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/config/load.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

SimulationResult run(const std::string& name, std::vector<Override> overrides = {}) {
  overrides.push_back({"/chip/dram/device", MXSIM_ROOT "/configs/dram/ideal-25.6GBs.json"});
  return simulate_once(
      load_config<RunConfig>(MXSIM_ROOT "/tests/data/hand/" + name + "_run.json", overrides));
}

TEST(HandRuns, OneTileThroughFiveUnits) {
  const SimulationResult result = run("linear");
  EXPECT_EQ(result.cycles, Cycles(141));
  EXPECT_EQ(result.predicted.cycles, Cycles(141));
  const UnitActivity& array = result.activity[static_cast<std::size_t>(Unit::kArray)];
  EXPECT_EQ(array.busy, Cycles(22));
  EXPECT_EQ(array.stalled[StallCause::kStationaryLoad], Cycles(8));
  EXPECT_EQ(result.counts[Unit::kArray][Event::kMac], 512U);
  EXPECT_EQ(result.dram.read_moved, Bytes(256));
  EXPECT_EQ(result.dram.write_moved, Bytes(128));
}

TEST(HandRuns, RaggedPassesOfBothDataflows) {
  EXPECT_EQ(run("ragged").cycles, Cycles(142));
  EXPECT_EQ(run("ragged", {{"/chip/array/dataflow/forward", "os"}}).cycles, Cycles(138));
}

TEST(HandRuns, ALayerThatReadsItsPredecessorsResult) {
  const SimulationResult result = run("chained");
  EXPECT_EQ(result.cycles, Cycles(279));
  ASSERT_EQ(result.groups.size(), 2U);
  EXPECT_EQ(result.groups[0].cycles, Cycles(141));
  EXPECT_EQ(result.groups[1].cycles, Cycles(138));
}

TEST(HandRuns, TheSamePeByPe) {
  EXPECT_EQ(run("ragged", {{"/fidelity", "pe"}}).cycles, Cycles(142));
  EXPECT_EQ(run("chained", {{"/fidelity", "pe"}}).cycles, Cycles(279));
}

}  // namespace
}  // namespace mxsim
