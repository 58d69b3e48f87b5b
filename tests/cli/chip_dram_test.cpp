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

}  // namespace
}  // namespace mxsim
