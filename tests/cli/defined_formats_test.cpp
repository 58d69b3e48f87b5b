#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/small_data.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

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
  EXPECT_THAT(labels, ::testing::ElementsAre("mine", "mine:1x16", "e2m1fin,e8m0_t16"));
}

/// A sweep over the format of the run and its equal in the table, as a file.
std::string sweep_file(const TemporaryFolder& folder, const json& search) {
  const json definition = json::parse(std::string(kSixBits).substr(sizeof "/formats/define=" - 1));
  json sweep{
      {"base", std::filesystem::absolute(kTinyCnn).string()},
      {"set", {{"/batch", 1}, {"/mode", "infer"}, {"/formats/define", definition}}},
      {"axes", {{{"key", "/formats/default"}, {"values", {"mine", "mxfp6_e3m2:1x32", "bf16"}}}}},
      {"objectives", {"cycles", "energy"}}};
  if (!search.is_null()) sweep["search"] = search;
  return folder.write("sweep.json", sweep.dump());
}

/// "cycles" and "energy_pj" of the lines of results, by format.
std::map<std::string, std::vector<json>> results_in(const std::filesystem::path& out) {
  std::map<std::string, std::vector<json>> results;
  for (const std::string& line : sorted_lines(out / "results.jsonl")) {
    const json point = json::parse(line);
    EXPECT_EQ(point["status"], "ok") << line;
    results[point["settings"]["/formats/default"]] = {point["totals"], point["energy_pj"]};
  }
  return results;
}

TEST(DefinedFormats, StandInSweepsAndExplorations) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "sweep").string();
  const CommandResult swept =
      run_command({"sweep", sweep_file(folder, nullptr), "--out", out, "--quiet"});
  ASSERT_EQ(swept.exit_code, 0) << swept.err;
  auto points = results_in(out);
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points["mine"], points["mxfp6_e3m2:1x32"]);
  EXPECT_NE(points["mine"], points["bf16"]);
  const std::string front = (folder.path() / "front").string();
  const json search{{"population", 8}, {"generations", 2}, {"seed", 1}};
  const CommandResult explored =
      run_command({"explore", sweep_file(folder, search), "--out", front, "--quiet"});
  ASSERT_EQ(explored.exit_code, 0) << explored.err;
  EXPECT_EQ(results_in(front)["mine"], points["mine"]);
}

TEST(DefinedFormats, OfAnAxisAreDefinedPointByPoint) {
  const TemporaryFolder folder;
  json sweep = json::parse(content(sweep_file(folder, nullptr)));
  sweep["axes"] = {{{"key", "/formats/define/mine/element"}, {"values", {"e3m2fin", "int8"}}}};
  sweep["set"]["/formats/default"] = "mine";
  const std::string out = (folder.path() / "out").string();
  const CommandResult swept =
      run_command({"sweep", folder.write("elements.json", sweep.dump()), "--out", out, "--quiet"});
  ASSERT_EQ(swept.exit_code, 0) << swept.err;
  std::vector<json> bytes;
  for (const std::string& line : sorted_lines(std::filesystem::path(out) / "results.jsonl")) {
    bytes.push_back(json::parse(line)["totals"]["dram_read_bytes"]);
  }
  ASSERT_EQ(bytes.size(), 2u);
  EXPECT_NE(bytes[0], bytes[1]);
}

TEST(DefinedFormats, QuantizeTrainedWeights) {
  const TemporaryFolder folder;
  mxsim::testing::write_quarters(folder, 32, 8);
  const std::string run = mxsim::testing::write_quarters_run(folder);
  const std::string data = folder.path().string();
  const std::string out = (folder.path() / "trained").string();
  ASSERT_EQ(run_command({"train", run, "--data", data, "--out", out, "--formats", "bf16,mine",
                         "--set", kSixBits, "--quiet"})
                .exit_code,
            0);
  const auto after = [&](const std::string& format) {
    return result_of({"ptq", run, "--data", data, "--weights", out + "/bf16-seed1.npz", "--method",
                      "rtn", "--format", format, "--set", kSixBits, "-o", out + "/ptq.npz",
                      "--json"})["after"];
  };
  json mine = after("mine");
  json table = after("mxfp6_e3m2:1x32");
  for (const char* key : {"accuracy", "energy_pj", "cycles"}) EXPECT_EQ(mine[key], table[key]);
  const json evaluated =
      result_of({"eval", run, "--data", data, "--weights", out + "/bf16-seed1.npz", "--formats",
                 "mine,mxfp6_e3m2:1x32", "--set", kSixBits, "--json"});
  EXPECT_EQ(evaluated[0]["accuracy"], evaluated[1]["accuracy"]);
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
