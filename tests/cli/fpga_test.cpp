// FPGA figures of formats, runs, comparisons and sweeps, and steps of an image.
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kRun = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

json parsed(const std::vector<std::string>& arguments) {
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

// arXiv 2311.12359: lossless accumulators for 4608 products.
TEST(FpgaFormats, HaveThePublishedAccumulatorsAndParts) {
  const std::map<std::string, int> published{
      {"int3", 20}, {"int4", 22}, {"int5", 24}, {"int6", 26}, {"int7", 28}, {"int8", 30},
      {"e2m1", 22}, {"e2m2", 24}, {"e2m3", 26}, {"e3m0", 28}, {"e3m1", 30}, {"e3m2", 32},
      {"e3m3", 34}, {"e4m2", 48}, {"e4m3", 50}, {"e5m2", 80}};
  std::size_t found = 0;
  for (const json& row : parsed({"formats", "--fpga", "--terms", "4608", "--json"})) {
    std::string name = row.at("name");
    if (name.ends_with("fin")) name.resize(name.size() - 3);
    const json& fpga = row.at("fpga");
    ASSERT_FALSE(fpga.is_null()) << name;
    EXPECT_NEAR(fpga.at("luts").get<double>(),
                fpga.at("multiplier_luts").get<double>() + fpga.at("aligner_luts").get<double>() +
                    fpga.at("accumulator_luts").get<double>(),
                1e-9);
    EXPECT_GT(row.at("mac_pj").at("value").get<double>(), 0);
    const auto width = published.find(name);
    if (width == published.end()) continue;
    ++found;
    EXPECT_EQ(row.at("lossless_accumulator_bits"), width->second) << name;
  }
  EXPECT_EQ(found, published.size());
}

TEST(FpgaFormats, WithoutALosslessSumHaveNone) {
  EXPECT_TRUE(parsed({"formats", "bf16", "--fpga", "--json"})[0].at("fpga").is_null());
  EXPECT_THAT(run_command({"formats", "bf16", "--fpga"}).out, HasSubstr("-"));
  EXPECT_EQ(run_command({"formats", "int99", "--fpga"}).exit_code, 2);
}

// tiny-8x8 has 64 PEs.
TEST(FpgaRun, HasTheArrayOfItsChip) {
  const json report = parsed({"run", kRun, "--mode", "infer", "--format", "int8", "--json"});
  const json& fpga = report.at("fpga");
  EXPECT_EQ(fpga.at("dsps"), 32);
  EXPECT_GT(fpga.at("luts").get<double>(), 64.0 * fpga.at("accumulator_bits").get<double>() / 2);
  EXPECT_FALSE(
      parsed({"run", kRun, "--mode", "infer", "--format", "mxsf", "--json"}).contains("fpga"));
  const json compared = parsed({"compare", kRun, "--mode", "infer", "--formats", "int8", "--json"});
  EXPECT_FALSE(compared.at("runs").at(0).contains("fpga")) << "bf16";
  EXPECT_EQ(compared.at("runs").at(1).at("fpga"), fpga);
}

TEST(FpgaSweep, LutsAreAnObjective) {
  const TemporaryFolder folder;
  const json report = parsed({"sweep", MXSIM_ROOT "/configs/sweeps/tiny_cnn_fpga.json", "--out",
                              (folder.path() / "out").string(), "--jobs", "1", "--json"});
  EXPECT_GT(report.at("front").size(), 0U);
  std::istringstream lines(read_text_file((folder.path() / "out/results.jsonl").string()));
  double last = 0;
  for (std::string line; std::getline(lines, line);) {
    const json point = json::parse(line);
    const std::string format = point.at("settings").at("/formats/default");
    const double luts = point.at("fpga").at("luts");
    if (format.starts_with("int")) {
      EXPECT_GT(luts, last) << format;
    }
    last = luts;
  }
}

TEST(FpgaSweep, ABlockScaledFormatFailsByName) {
  const TemporaryFolder folder;
  const json sweep{{"base", std::filesystem::absolute(kRun).string()},
                   {"axes", json::array({{{"key", "/formats/default"}, {"values", {"mxsf"}}}})},
                   {"objectives", {"luts", "energy"}}};
  const std::string file = folder.write("sweep.json", sweep.dump());
  run_command({"sweep", file, "--out", (folder.path() / "out").string(), "--jobs", "1"});
  EXPECT_THAT(read_text_file((folder.path() / "out/results.jsonl").string()),
              HasSubstr("objective luts: no lossless accumulator for mxsf"));
}

TEST(Sampling, AnImageTakesTwoInferencesAStepWithGuidance) {
  const std::vector<std::string> run{"run", kRun, "--mode", "infer", "--batch", "4", "--json"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), run.begin(), run.end());
    return more;
  };
  const json report = parsed(with({"--steps", "50", "--guidance"}));
  const json& image = report.at("sampling");
  EXPECT_EQ(image.at("inferences"), 100);
  EXPECT_DOUBLE_EQ(image.at("time_s").get<double>(),
                   report.at("totals").at("time_s").get<double>() * 100 / 4);
  EXPECT_DOUBLE_EQ(image.at("macs").get<double>(),
                   report.at("totals").at("macs").get<double>() * 100 / 4);
  EXPECT_EQ(parsed(with({"--steps", "50"})).at("sampling").at("inferences"), 50);
  EXPECT_EQ(run_command(with({"--guidance"})).err,
            "--guidance: doubles the inferences of a step, expected --steps with it\n");
  EXPECT_EQ(
      run_command({"run", kRun, "--mode", "infer", "--batch", "3", "--steps", "2", "--guidance"})
          .err,
      "--guidance: got a batch of 3, expected an even one: both inferences of a step share "
      "it\n");
  EXPECT_EQ(run_command({"run", kRun, "--steps", "2"}).err,
            "--steps: steps of an image are inferences, expected mode infer\n");
}

}  // namespace
}  // namespace mxsim
