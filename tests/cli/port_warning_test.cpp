#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";
constexpr const char* kNarrow = "/chip/buffers/accumulator/width_elements=1";

json run(const std::vector<std::string>& settings) {
  std::vector<std::string> arguments{"run", kTinyCnn, "--mode", "infer", "--json"};
  for (const std::string& setting : settings) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

/// Of arrays that are fed at their pace and of arrays that wait 8 cycles a step for a result.
TEST(PortWarning, NamesTheKeyOfTheBufferWhosePortsBoundMostLayers) {
  EXPECT_THAT(run({})["warnings"], IsEmpty());
  const json warnings = run({kNarrow})["warnings"];
  ASSERT_EQ(warnings.size(), 1u);
  const auto line = warnings[0].get<std::string>();
  EXPECT_THAT(line, HasSubstr("SRAM ports, not the array, bound "));
  EXPECT_THAT(line, HasSubstr("; raise /chip/buffers/accumulator/width_elements: a word has 32 "
                              "bits, an array moves up to 256 in a step"));
}

TEST(PortWarning, IsPrintedBelowTheTotals) {
  const CommandResult narrow = run_command({"run", kTinyCnn, "--mode", "infer", "--set", kNarrow});
  EXPECT_THAT(narrow.out, HasSubstr("\nwarning      SRAM ports, not the array, bound "));
  const CommandResult wide = run_command({"run", kTinyCnn, "--mode", "infer"});
  EXPECT_THAT(wide.out, Not(HasSubstr("warning")));
}

TEST(PortWarning, NamesTheBanksWhereTheWordHoldsTheVector) {
  const json warnings =
      run({"/chip/buffers/accumulator/banks=1", "/chip/buffers/accumulator/ports=1"})["warnings"];
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0].get<std::string>(),
              HasSubstr("; raise /chip/buffers/accumulator/banks or /ports: 1 word of 256 bits a "
                        "cycle is too few"));
}

TEST(PortWarning, NamesTheWayToReadColumnsWhereElementsAreGathered) {
  const json warnings = run({"/chip/buffers/input/transposed_read=gather",
                             "/chip/array/dataflow/forward=os"})["warnings"];
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0].get<std::string>(),
              HasSubstr("; change /chip/buffers/input/transposed_read: gather reads a word for "
                        "each element"));
}

TEST(PortWarning, IsToldByCheckBeforeTheRun) {
  const TemporaryFolder folder;
  json chip = json::parse(content(MXSIM_ROOT "/configs/chips/tiny-8x8.json"));
  const auto at_root = [](const char* path) { return std::filesystem::absolute(path).string(); };
  chip["dram"]["device"] = at_root(MXSIM_ROOT "/configs/dram/lpddr4-3200.json");
  chip["technology"] = at_root(MXSIM_ROOT "/configs/technology/45nm.json");
  json config = json::parse(content(kTinyCnn));
  config["workload"] = at_root(MXSIM_ROOT "/traces/tiny_cnn.json");
  const auto check = [&] {
    config["chip"] = chip;
    return run_command({"check", "--json", folder.write("run.json", config.dump())});
  };
  const json good = json::parse(check().out);
  EXPECT_THAT(good["files"][0]["faults"], IsEmpty());
  EXPECT_THAT(good["files"][0]["warnings"], IsEmpty());
  chip["buffers"]["weight"]["width_elements"] = 1;
  chip["buffers"]["accumulator"]["width_elements"] = 1;
  const CommandResult narrow = check();
  EXPECT_EQ(narrow.exit_code, 0) << "a slow chip is a good file";
  const json file = json::parse(narrow.out)["files"][0];
  ASSERT_EQ(file["warnings"].size(), 1u);
  EXPECT_THAT(file["warnings"][0].get<std::string>(),
              HasSubstr("raise /chip/buffers/accumulator/width_elements"));
}

}  // namespace
}  // namespace mxsim
