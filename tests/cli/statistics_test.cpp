// `--statistics` of train and eval, accuracy in `compare`.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"

namespace mxsim {
namespace {

using nlohmann::json;

class Statistics : public ::testing::Test {
 protected:
  Statistics() {
    testing::write_quarters(folder_, 160, 40);
    run_ = testing::write_quarters_run(folder_);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  CommandResult train(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train", run_,      "--data",      folder_.path().string(),
                                       "--out", path(out), "--statistics"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  }
  std::string text(const std::string& name) const { return read_text_file(path(name)); }
  static const json& operand(const json& part, const std::string& layer, const std::string& pass,
                             const std::string& role) {
    for (const json& each : part.at("operands")) {
      if (each["layer"] == layer && each["pass"] == pass && each["role"] == role) return each;
    }
    throw std::out_of_range(layer + pass + role);
  }

  TemporaryFolder folder_;
  std::string run_;
};

TEST_F(Statistics, CountTheOperandsOfTheStepsThatAreLookedAt) {
  ASSERT_EQ(train("out", {"--statistics-every", "8", "--formats", "mxsf,bf16"}).exit_code, 0);
  const json report = json::parse(text("out/statistics.json"));
  ASSERT_EQ(report["formats"].size(), 2U);
  const json& parts = report["formats"][0]["parts"];
  ASSERT_EQ(parts.size(), 2U);  // epochs
  EXPECT_EQ(parts[1]["epoch"], 2);
  const std::int64_t steps = 3;  // 0, 8, 16 of 20
  const json& input = operand(parts[0], "conv", "forward", "activations");
  EXPECT_EQ(input["elements"], steps * 8 * 64);
  const json& gradient = operand(parts[0], "fc", "backward_weight", "gradients");
  EXPECT_EQ(gradient["elements"], steps * 8 * 4);
  std::int64_t counted = gradient["zeros"].get<std::int64_t>();
  EXPECT_EQ(
      gradient["modes"]["e2m5"].get<std::int64_t>() + gradient["modes"]["e3m2"].get<std::int64_t>(),
      steps * 8 * 4);
  for (const json& bin : gradient["magnitudes"]) counted += bin["elements"].get<std::int64_t>();
  EXPECT_EQ(counted - gradient["underflowed"].get<std::int64_t>(), steps * 8 * 4);
  EXPECT_GT(operand(report["formats"][1]["parts"][0], "conv", "forward", "weights")["sqnr_db"],
            operand(parts[0], "conv", "forward", "weights")["sqnr_db"]);
  const std::vector<std::string> lines = lines_of(text("out/statistics.csv"));
  EXPECT_EQ(lines.size(), 1 + 2 * 2 * parts[0]["operands"].size());
}

// The key /zeros of the same run takes what was counted, and gated products follow.
TEST_F(Statistics, GiveZerosInTheFormOfARunFile) {
  ASSERT_EQ(train("out").exit_code, 0);
  const json format = json::parse(text("out/statistics.json"))["formats"][0];
  const std::vector<std::string> base{"run", run_, "--json", "--set",
                                      "/chip/array/zero_gating=\"on\""};
  std::vector<std::string> gated = base;
  gated.insert(gated.end(), {"--set", "/zeros=" + format["zeros"].dump()});
  const CommandResult without = run_command(base);
  const CommandResult with = run_command(gated);
  ASSERT_EQ(with.exit_code, 0) << with.err;
  const json before = json::parse(without.out);
  const json after = json::parse(with.out);
  EXPECT_LT(after["energy_pj"]["pe"].get<double>(), before["energy_pj"]["pe"].get<double>());
  EXPECT_EQ(after["totals"]["cycles"], before["totals"]["cycles"]);
}

TEST_F(Statistics, DoNotChangeTheTrainingAndAreResumed) {
  ASSERT_EQ(train("whole", {"--seeds", "2"}).exit_code, 0);
  const CommandResult plain = run_command(
      {"train", run_, "--data", folder_.path().string(), "--out", path("plain"), "--seeds", "2"});
  ASSERT_EQ(plain.exit_code, 0);
  EXPECT_EQ(text("whole/training.json"), text("plain/training.json"));
  ASSERT_EQ(train("ended").exit_code, 0);
  const CommandResult again = train("ended", {"--seeds", "2", "--resume"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  for (const char* name : {"statistics.json", "statistics.csv", "histograms.csv"}) {
    EXPECT_EQ(text(std::string("ended/") + name), text(std::string("whole/") + name)) << name;
  }
  const CommandResult other = train("plain", {"--seeds", "2", "--resume"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_EQ(other.err, path("plain/mxsf-seed1.npz") +
                           ": a checkpoint of another run: other settings, format, seed or data\n");
}

TEST_F(Statistics, OfAnEvaluationCountEverySample) {
  ASSERT_EQ(train("out").exit_code, 0);
  const std::vector<std::string> arguments{"eval",        run_,
                                           "--weights",   path("out/mxsf-seed1.npz"),
                                           "--data",      folder_.path().string(),
                                           "--statistics"};
  std::vector<std::string> with_out = arguments;
  with_out.insert(with_out.end(), {"--out", path("eval")});
  const CommandResult result = run_command(with_out);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json parts = json::parse(text("eval/statistics.json"))["formats"][0]["parts"];
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(operand(parts[0], "conv", "forward", "activations")["elements"], 40 * 64);
  EXPECT_EQ(operand(parts[0], "conv", "forward", "weights")["elements"], 9 * 5);
  const CommandResult without = run_command(arguments);
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_EQ(without.err, "--statistics: expected --out with it\n");
}

TEST_F(Statistics, ComparisonHasTheAccuracyOfEveryFormat) {
  ASSERT_EQ(train("out", {"--seeds", "2"}).exit_code, 0);
  const std::string weights = path("out/mxsf-seed1.npz") + "," + path("out/mxsf-seed2.npz");
  const CommandResult result =
      run_command({"compare", run_, "--formats", "bf16,mxsf", "--data", folder_.path().string(),
                   "--weights", weights, "--out", path("compare"), "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json runs = json::parse(result.out)["runs"];
  const CommandResult eval = run_command({"eval", run_, "--formats", "bf16,mxsf", "--data",
                                          folder_.path().string(), "--weights", weights, "--json"});
  const json alone = json::parse(eval.out);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(runs[i]["accuracy"]["mean"], alone[i]["accuracy"]);
    EXPECT_EQ(runs[i]["accuracy"]["low"], alone[i]["accuracy_low"]);
    EXPECT_EQ(runs[i]["accuracy"]["samples"], 40);
  }
  EXPECT_THAT(text("compare/compare.csv"),
              ::testing::HasSubstr(",accuracy,accuracy_low,accuracy_high\n"));
  const CommandResult half = run_command({"compare", run_, "--weights", weights});
  EXPECT_EQ(half.exit_code, 2);
  EXPECT_EQ(half.err, "--weights: expected --data with it\n");
}

}  // namespace
}  // namespace mxsim
