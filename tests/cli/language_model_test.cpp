// Language models on the command line: sizes of a trace, modes, whole requests.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kTiny = MXSIM_ROOT "/configs/runs/tiny_vit_train.json";

CommandResult run_tiny(const std::string& trace, std::vector<std::string> more) {
  std::vector<std::string> arguments{"run", kTiny, "--workload",
                                     MXSIM_ROOT "/traces/" + trace + ".json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

json report_of(const std::string& trace, std::vector<std::string> more) {
  more.push_back("--json");
  const CommandResult result = run_tiny(trace, std::move(more));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

std::string fault_of(const std::string& trace, std::vector<std::string> more) {
  const CommandResult result = run_tiny(trace, std::move(more));
  EXPECT_EQ(result.exit_code, 2);
  return result.err;
}

TEST(LanguageModelRun, DimensionsAreKeysOfTheRunOrOptions) {
  const json set = report_of("tiny_llama", {"--mode", "decode", "--set", "/dimensions/context=9"});
  const json option = report_of("tiny_llama", {"--mode", "decode", "--dim", "context=9"});
  EXPECT_EQ(set["config_hash"], option["config_hash"]);
  EXPECT_EQ(set["totals"], option["totals"]);
  const json longer = report_of("tiny_llama", {"--mode", "decode", "--dim", "seq=2,context=9"});
  EXPECT_GT(longer["totals"]["macs"], option["totals"]["macs"]);
}

TEST(LanguageModelRun, ARequestReportsItsTokens) {
  const json report =
      report_of("tiny_gpt2", {"--mode", "infer", "--prompt", "5", "--generate", "3"});
  const json& tokens = report["tokens"];
  EXPECT_EQ(tokens["prompt"], 5);
  EXPECT_EQ(tokens["generated"], 3);
  const double time = report["totals"]["time_s"].get<double>();
  EXPECT_NEAR(
      tokens["time_to_first_s"].get<double>() + 2 * tokens["time_per_token_s"].get<double>(), time,
      1e-12);
  EXPECT_NEAR(tokens["tokens_per_s"].get<double>(), 2 * 3 / time, 1e-6);
  EXPECT_NEAR(tokens["energy_per_token_pj"].get<double>() * 6,
              report["totals"]["energy_pj"].get<double>(), 1e-3);
  EXPECT_EQ(tokens["phases"].size(), 3u);
  EXPECT_THAT(report["assumptions"].back().get<std::string>(),
              HasSubstr("every step is simulated, at contexts of 5, 6 tokens"));
  const std::string text =
      run_tiny("tiny_gpt2", {"--mode", "infer", "--prompt", "5", "--generate", "3"}).out;
  EXPECT_THAT(text, HasSubstr("tokens       5 of the prompt, 3 generated a request\n"));
}

TEST(LanguageModelRun, FaultsNameTheKey) {
  EXPECT_EQ(
      fault_of("tiny_gpt2", {"--dim", "sequence=4"}),
      "--set: /dimensions/sequence: the network has no dimension \"sequence\"; it has context, "
      "logits, seq\n");
  EXPECT_EQ(fault_of("tiny_gpt2", {"--mode", "infer", "--prompt", "5"}),
            std::string(kTiny) +
                ": /generate: got 0, expected 1 or more: a request has a prompt and generates "
                "tokens\n");
  EXPECT_EQ(
      fault_of("tiny_cnn", {"--mode", "decode"}),
      "--set: /mode: got \"decode\", which needs a language model: a trace with the dimensions seq "
      "and context\n");
  EXPECT_EQ(
      fault_of("tiny_gpt2", {"--mode", "infer", "--prompt", "5", "--generate", "2", "--bits"}),
      "--timeline, --vcd, --operands, --bits and --explain are about one step: state --mode "
      "prefill or decode instead of a request\n");
  EXPECT_EQ(
      fault_of("tiny_gpt2",
               {"--mode", "infer", "--prompt", "5", "--generate", "2", "--dim", "seq=4"}),
      "--set: /dimensions/seq: stands beside a request, whose prompt and generate say how many "
      "tokens each step has\n");
  EXPECT_THAT(fault_of("tiny_gpt2", {"--mode", "prefill", "--dim", "seq=0"}),
              HasSubstr("--set: /dimensions/seq: got 0, expected 1 or more: tokens of a step\n"));
  for (const char* option : {"--prompt", "--generate"}) {
    EXPECT_THAT(fault_of("tiny_gpt2", {"--mode", "infer", option, "0"}),
                HasSubstr(std::string(option) + ": got 0, expected 1 or more"));
    EXPECT_THAT(fault_of("tiny_gpt2", {"--mode", "infer", option, "-3"}), HasSubstr("got -3, "));
  }
  for (const char* size : {"seq=-1", "seq=", "seq", "=3", "seq=1e3"}) {
    EXPECT_THAT(fault_of("tiny_gpt2", {"--mode", "prefill", "--dim", size}),
                HasSubstr(std::string("--dim: got \"") + size + "\", expected NAME=N"));
  }
  EXPECT_THAT(fault_of("tiny_gpt2", {"--mode", "infer", "--prompt", "10", "--generate", "9"}),
              HasSubstr("/layers/1/attributes/entries: got 13, expected at least the 18 tokens up "
                        "to the last"));
}

TEST(LanguageModelRun, TraceShowTakesSizes) {
  const CommandResult shown = run_command(
      {"trace", "show", MXSIM_ROOT "/traces/llama2_7b.json", "--dim", "seq=1,context=0", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const json summary = json::parse(shown.out);
  EXPECT_EQ(summary["parameters"].get<std::int64_t>(), 6'738'415'616);
  // Every weight but the embedding and the norms once, and one score and one sum a head.
  EXPECT_EQ(summary["macs"].get<std::int64_t>(), 6'738'415'616 - std::int64_t{32000} * 4096 -
                                                     std::int64_t{65} * 4096 +
                                                     std::int64_t{32} * 2 * 4096);
}

}  // namespace
}  // namespace mxsim
