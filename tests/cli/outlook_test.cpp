// What check and --dry-run say of a run before it runs.
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
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";
constexpr const char* kResNet50 = MXSIM_ROOT "/configs/runs/resnet50_train.json";

json result_of(const std::vector<std::string>& arguments) {
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.exit_code == 0 ? json::parse(result.out) : json();
}

/// The memory of an outlook is that of the run, but for what tiles take of the buffers.
void expect_the_runs_memory(std::vector<std::string> run) {
  run.insert(run.end(), {"--json", "--quiet"});
  const json memory = result_of(run)["memory"];
  run.emplace_back("--dry-run");
  const json outlook = result_of(run)["memory"];
  for (const char* part : {"dram", "kept"}) EXPECT_EQ(outlook[part], memory[part]) << part;
  EXPECT_GT(outlook["dram"]["peak_bytes"].get<std::int64_t>(), 0);
}

TEST(Outlook, NamesTheMemoryThatTheRunHas) {
  expect_the_runs_memory({"run", kTinyCnn});
  expect_the_runs_memory({"run", kTinyCnn, "--batch", "16", "--mode", "infer"});
  expect_the_runs_memory({"run", kTinyCnn, "--set", "/mapping/keep_on_chip_bytes=\"auto\""});
  expect_the_runs_memory({"run", MXSIM_ROOT "/configs/runs/tiny_vit_train.json"});
}

TEST(Outlook, OfARequestIsThatOfThePhaseThatNeedsMost) {
  const std::vector<std::string> request{
      "run",    kTinyCnn, "--workload", MXSIM_ROOT "/traces/tiny_gpt2.json",
      "--mode", "infer",  "--json"};
  const auto of = [&](std::vector<std::string> more) {
    more.insert(more.begin(), request.begin(), request.end());
    return result_of(more)["memory"]["dram"]["peak_bytes"].get<std::int64_t>();
  };
  const std::int64_t run = of({"--prompt", "4", "--generate", "9"});
  EXPECT_EQ(of({"--prompt", "4", "--generate", "9", "--dry-run"}), run);
}

TEST(Outlook, CheckHasItOfRunFilesAlone) {
  const CommandResult run = run_command({"check", kTinyCnn});
  EXPECT_THAT(run.out, AllOf(HasSubstr("good run file\n  needs DRAM "),
                             HasSubstr("\n  takes about "), HasSubstr(" on one core")));
  const CommandResult chip = run_command({"check", MXSIM_ROOT "/configs/chips/tiny-8x8.json"});
  EXPECT_EQ(chip.out, std::string(MXSIM_ROOT) + "/configs/chips/tiny-8x8.json: good chip file\n");
  const json checked = result_of({"check", kTinyCnn, "--json"})["files"][0];
  EXPECT_EQ(checked["memory"], result_of({"run", kTinyCnn, "--dry-run", "--json"})["memory"]);
  EXPECT_GT(checked["estimate"]["seconds"].get<double>(), 0);
}

/// Twice the images move up to twice the bursts: weights are read once.
TEST(Outlook, EstimatesGrowWithTheWork) {
  const auto estimate = [](const std::vector<std::string>& more) {
    std::vector<std::string> run{"run", kTinyCnn, "--dry-run", "--json"};
    run.insert(run.end(), more.begin(), more.end());
    return result_of(run)["estimate"];
  };
  const json once = estimate({"--batch", "64"});
  const json twice = estimate({"--batch", "128"});
  EXPECT_GT(twice["seconds"], once["seconds"]);
  EXPECT_GT(twice["bursts"].get<double>(), 1.7 * once["bursts"].get<double>());
  EXPECT_LT(twice["bursts"].get<double>(), 2.01 * once["bursts"].get<double>());
  EXPECT_EQ(twice["groups"], once["groups"]);
  EXPECT_EQ(once["pe_steps"], 0);
  EXPECT_GT(estimate({"--fidelity", "pe"})["pe_steps"], 0);
}

TEST(Outlook, WorkThatDoesNotFitItsDramIsRefusedLikeTheRun) {
  const std::vector<std::string> run{"run", kResNet50, "--batch", "128"};
  const CommandResult refused = run_command(run);
  ASSERT_EQ(refused.exit_code, 2);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"run", kResNet50, "--batch", "128", "--dry-run"},
        {"compare", kResNet50, "--batch", "128", "--formats", "bf16", "--dry-run"}}) {
    const CommandResult result = run_command(command);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("DRAM"));
  }
  EXPECT_EQ(run_command({"run", kResNet50, "--batch", "128", "--dry-run"}).err, refused.err);
}

TEST(Outlook, OfACompareHasARowForEachFormatAndTheSumOfTheTimes) {
  const json report = result_of({"compare", kTinyCnn, "--formats", "bf16,mxsf,mxsf:1x32",
                                 "--dry-run", "--json", "--jobs", "2"});
  ASSERT_EQ(report["runs"].size(), 3u);
  EXPECT_EQ(report["runs"][2]["label"], "mxsf:1x32");
  EXPECT_EQ(report["jobs"], 2);
  double sum = 0;
  for (const json& run : report["runs"]) sum += run["estimate"]["seconds"].get<double>();
  EXPECT_DOUBLE_EQ(report["estimate_s"].get<double>(), sum);
  EXPECT_GE(report["runs"][0]["memory"]["dram"]["peak_bytes"],
            report["runs"][1]["memory"]["dram"]["peak_bytes"]);
}

TEST(Outlook, OfASweepNamesPointsWhoseTensorsDoNotFit) {
  const TemporaryFolder folder;
  const json sweep{
      {"base", std::filesystem::absolute(kResNet50).string()},
      {"axes", {{{"key", "/batch"}, {"values", {1, 128}}}}},
  };
  const std::string file = folder.write("sweep.json", sweep.dump());
  const CommandResult text = run_command({"sweep", file, "--dry-run"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("1 points do not fit their DRAM (!) and will fail"));
  const json points = result_of({"sweep", file, "--dry-run", "--json"})["points"];
  EXPECT_LE(points[0]["tensor_bytes"], points[0]["dram_bytes"]);
  EXPECT_GT(points[1]["tensor_bytes"], points[1]["dram_bytes"]);
}

}  // namespace
}  // namespace mxsim
