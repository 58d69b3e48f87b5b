#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

/// Means the same as mxfp6_e3m2:1x32.
constexpr const char* kSixBits =
    R"(/formats/define={"mine": {"element": "e3m2fin", "scale": "e8m0", "block": [1, 32]}})";

std::vector<std::string> tiny(const std::string& command, std::vector<std::string> more) {
  more.insert(more.begin(), {command, kTinyCnn, "--json", "--quiet", "--mode", "infer", "--batch",
                             "1", "--set", kSixBits});
  return more;
}

json result_of(const std::vector<std::string>& arguments) {
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.exit_code == 0 ? json::parse(result.out) : json();
}

TEST(DefinedFormats, RunAsTheSameFormatOfTheTable) {
  const json mine = result_of(tiny("run", {"--set", "/formats/default=mine"}));
  const json table = result_of(tiny("run", {"--set", "/formats/default=mxfp6_e3m2:1x32"}));
  ASSERT_TRUE(mine.contains("totals"));
  EXPECT_EQ(mine["totals"], table["totals"]);
  EXPECT_NE(mine["config_hash"], table["config_hash"]);
}

TEST(DefinedFormats, AnotherDefinitionUnderTheNameIsAnotherConfiguration) {
  const auto hash = [](const char* scale_rule) {
    return result_of(tiny("run", {"--set", "/formats/default=mine", "--set",
                                  std::string("/formats/define/mine/parameters=[\"") + scale_rule +
                                      "\"]"}))["config_hash"];
  };
  EXPECT_NE(hash("up"), hash("ceil"));
}

TEST(DefinedFormats, StandWhereverCompareTakesAFormat) {
  const json report = result_of(
      tiny("compare", {"--formats", "mine,mine:16,e2m1fin,e8m0_t16", "--baseline", "mine"}));
  std::vector<std::string> labels;
  for (const json& run : report["runs"]) labels.push_back(run["format"]);
  EXPECT_THAT(labels, testing::ElementsAre("mine", "mine:1x16", "e2m1fin,e8m0_t16"));
}

TEST(DefinedFormats, ServeCommandsWithoutARun) {
  const TemporaryFolder folder;
  const std::string root = std::filesystem::absolute(MXSIM_ROOT).string();
  const json run{
      {"chip", root + "/configs/chips/tiny-8x8.json"},
      {"workload", root + "/traces/tiny_cnn.json"},
      {"mode", "infer"},
      {"formats",
       {{"define", {{"mine", {{"element", "int6"}, {"scale", "e8m0"}, {"block", {4, 4}}}}}}}}};
  const std::string path = folder.write("run.json", run.dump());
  const json listed = result_of({"formats", "mine", "--define", path, "--json"});
  EXPECT_THAT(listed.dump(), HasSubstr("\"mine\""));
  EXPECT_EQ(run_command({"gemm", "8", "8", "8", "--format", "mine", "--define", path}).exit_code,
            0);
  EXPECT_EQ(run_command({"formats", "mine"}).err, "unknown format \"mine\"\n");
}

TEST(DefinedFormats, WrongOnesAreToldWithTheirPlace) {
  const TemporaryFolder folder;
  const auto fault = [&](const std::string& definition) {
    return run_command({"run", kTinyCnn, "--set", "/formats/define=" + definition}).err;
  };
  EXPECT_THAT(fault(R"({"mine": {"scale": "e8m0"}})"),
              HasSubstr("--set: /formats/define/mine/element: missing"));
  EXPECT_EQ(fault(R"({"bf16": {"element": "int6"}})"),
            "--set: /formats/define: format \"bf16\": the name means a format already\n");
  EXPECT_EQ(fault(R"({"mine": {"element": "e3m2fin", "block": [8, 8]}})"),
            "--set: /formats/define: format \"mine\": a block needs a scale\n");
}

TEST(StatedTiles, AreNotReplacedByTheRunsBlock) {
  const auto totals = [](const std::string& format, const std::string& block) {
    return result_of({"run", kTinyCnn, "--json", "--quiet", "--mode", "infer", "--batch", "1",
                      "--set", "/formats/default=" + format, "--set",
                      "/formats/block=" + block})["totals"];
  };
  EXPECT_EQ(totals("e2m1fin,e8m0_t16", "[8,8]"), totals("e2m1fin,e8m0_t16", "[1,64]"));
  EXPECT_NE(totals("mxfp4_e2m1", "[8,8]"), totals("mxfp4_e2m1", "[1,64]"));
}

TEST(NumberOptions, TakeNoNanAndNoInfinity) {
  for (const char* number : {"nan", "NaN", "-nan", "inf", "-inf", "1e999", "0x10", "1,5", ""}) {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"verify", "m.onnx", "--relative", number},
             {"verify", "m.onnx", "--absolute", number},
             {"train", kTinyCnn, "--data", "d", "--out", "o", "--target", number},
             {"train", kTinyCnn, "--data", "d", "--out", "o", "--teacher-weight", number},
             {"train", kTinyCnn, "--data", "d", "--out", "o", "--teacher-temperature", number},
             {"ptq", kTinyCnn, "--data", "d", "--weights", "w", "--damping", number}}) {
      const CommandResult result = run_command(arguments);
      EXPECT_EQ(result.exit_code, 2) << number;
      EXPECT_THAT(result.err, HasSubstr(arguments[arguments.size() - 2] + ": "))
          << number << result.err;
    }
  }
}

}  // namespace
}  // namespace mxsim
