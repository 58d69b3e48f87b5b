#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kResNet = MXSIM_ROOT "/configs/runs/resnet18_infer.json";

/// ResNet-18 at batch 2 on arrays of 16 x 16.
json run(std::int64_t rows, std::int64_t columns, const std::vector<std::string>& more = {}) {
  std::vector<std::string> settings{"/batch=2", "/chip/array/rows=16", "/chip/array/columns=16",
                                    "/chip/array/grid/rows=" + std::to_string(rows),
                                    "/chip/array/grid/columns=" + std::to_string(columns)};
  settings.insert(settings.end(), more.begin(), more.end());
  std::vector<std::string> arguments{"run", kResNet, "--json", "--format", "mxfp8_e4m3"};
  for (const std::string& setting : settings) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

std::int64_t cycles(const json& report) { return report["totals"]["cycles"]; }

// One array took 57.58 M cycles at batch 8, a grid of 2 x 2 57.61 M, one of 32 x 32 PEs 14.92 M.
TEST(ArrayGridRun, GainsMostOfItsArraysInAWholeNetwork) {
  const json one = run(1, 1);
  const json four = run(2, 2);
  EXPECT_LT(cycles(four) * 3, cycles(one));
  EXPECT_GE(cycles(four) * 4, cycles(one));
  EXPECT_THAT(four["warnings"], IsEmpty());
  EXPECT_EQ(one["events"]["multicast_bytes"], 0);
  EXPECT_GT(four["events"]["multicast_bytes"], 0);
  EXPECT_EQ(one["events"]["mac"], four["events"]["mac"]);
}

TEST(ArrayGridRun, ThatQueuesOnOneGroupOfBanksSaysSo) {
  const json report = run(2, 2, {"/chip/buffers/accumulator/bank_groups=1"});
  ASSERT_FALSE(report["warnings"].empty());
  const std::string line = report["warnings"].back();
  EXPECT_THAT(line, HasSubstr("4 arrays are 1."));
  EXPECT_THAT(line, HasSubstr(" times as fast as one: they wait for bank_conflict for "));
  EXPECT_THAT(line, HasSubstr("; raise /chip/buffers/accumulator/bank_groups: "));
}

}  // namespace
}  // namespace mxsim
