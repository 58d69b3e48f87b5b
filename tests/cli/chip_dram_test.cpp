#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;

const std::string kRun = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

CommandResult run(const std::vector<std::string>& sets) {
  std::vector<std::string> arguments{"run", kRun, "--json"};
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", set});
  return run_command(arguments);
}

json report(const std::vector<std::string>& sets) {
  const CommandResult result = run(sets);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

std::int64_t event(const json& report, const std::string& name) {
  return report["events"].value(name, std::int64_t{0});
}

TEST(ChipDram, PolicyRefreshAndPowerDownOfTheDeviceAreKeysOfTheChip) {
  const json plain = report({});
  EXPECT_GT(event(plain, "dram_open_rank_cycles"), 0);
  EXPECT_EQ(event(plain, "dram_closed_down_cycles"), 0);
  const json sleeping = report({"/chip/dram/device/power_down/mode=idle"});
  EXPECT_GT(event(sleeping, "dram_closed_down_cycles") + event(sleeping, "dram_open_down_cycles"),
            0);
  EXPECT_LT(sleeping["energy_pj"]["static"], plain["energy_pj"]["static"]);
  const json by_bank = report({"/chip/dram/device/refresh/mode=per_bank"});
  EXPECT_GT(event(by_bank, "dram_bank_refreshes"), event(plain, "dram_bank_refreshes"));
  const json closing =
      report({"/chip/dram/device/page_policy=timeout", "/chip/dram/device/page_timeout=\"60\""});
  EXPECT_LT(event(closing, "dram_open_rank_cycles"), event(plain, "dram_open_rank_cycles"));
}

TEST(ChipDram, QueuesAndWatermarksAreKeysOfTheChip) {
  const json plain = report({});
  const json narrow = report({"/chip/dram/scheduler/window=1", "/chip/dram/scheduler/high_writes=1",
                              "/chip/dram/scheduler/low_writes=0"});
  EXPECT_GT(narrow["totals"]["cycles"], plain["totals"]["cycles"]);
  for (const char* bytes : {"dram_read_bytes", "dram_write_bytes"}) {
    EXPECT_EQ(narrow["totals"][bytes], plain["totals"][bytes]);
  }
}

TEST(ChipDram, WatermarksThatCannotBeReachedAreFaults) {
  const CommandResult result =
      run({"/chip/dram/scheduler/window=8", "/chip/dram/scheduler/low_writes=30"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr("/chip/dram/scheduler/high_writes: got 26, expected "
                                               "at most the window, 8"));
  EXPECT_THAT(result.err, ::testing::HasSubstr("/chip/dram/scheduler/low_writes: got 30, expected "
                                               "less than high_writes, 26"));
}

// Two ranks in turn once moved more than their data bus can, in fewer cycles than predicted.
TEST(ChipDram, RanksNeverBeatThePredictionThatMemoryAtItsPeakGives) {
  const json ranks =
      report({"/chip/dram/device=" MXSIM_ROOT "/configs/dram/ddr4-3200.json",
              "/chip/dram/device/organisation/ranks=2",
              R"(/chip/dram/device/address_map=["row:16","column:7","bank:4","rank:1"])",
              "/chip/dram/device/organisation/bank_groups=1",
              "/chip/dram/device/organisation/banks=16", "/chip/dram/channels=1"});
  const json totals = ranks["totals"];
  EXPECT_GE(totals["cycles"], totals["predicted_cycles"]);
  const double bytes =
      totals["dram_read_bytes"].get<double>() + totals["dram_write_bytes"].get<double>();
  EXPECT_LE(bytes / totals["time_s"].get<double>(), 25.6e9);
}

/// Standing power of the DRAM, from the price that the report lists.
double standby_mw(const json& report) {
  for (const json& text : report["assumptions"]) {
    const auto line = text.get<std::string>();
    const std::string key = "dram.background: ";
    if (line.starts_with(key)) return std::stod(line.substr(key.size()));
  }
  return 0;
}

TEST(ChipDram, StandbyPowerFollowsTheNumberOfChannels) {
  EXPECT_DOUBLE_EQ(standby_mw(report({})), 150);
  EXPECT_DOUBLE_EQ(standby_mw(report({"/chip/dram/channels=1"})), 37.5);
  EXPECT_DOUBLE_EQ(standby_mw(report({"/chip/dram/channels=8"})), 300);
}

TEST(ChipDram, ChoicesMadeWithSetWorkAlone) {
  const json ideal = report({"/chip/dram/device/kind=ideal"});
  EXPECT_LE(ideal["totals"]["cycles"], report({})["totals"]["cycles"]);
  const json rested = report({"/chip/dram/device/refresh/mode=none"});
  EXPECT_EQ(event(rested, "dram_refreshes"), 0);
  report({"/chip/dram/device=" MXSIM_ROOT "/configs/dram/ddr4-3200.json",
          "/chip/dram/device/energy/kind=per_bit"});
}

}  // namespace
}  // namespace mxsim
