#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "sim/cli/command_line.h"
#include "sim/cli/command_table.h"
#include "tests/support/command.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST(Help, EveryCommandHasAGroupAndAnExampleOfItsOwnOptions) {
  for (const CliCommand& command : command_table()) {
    EXPECT_THAT(command.group, Not(IsEmpty())) << command.name;
    const std::string help = run_command({command.name, "--help"}).out;
    EXPECT_THAT(help, HasSubstr("Example:\n  " + command.example + "\n")) << command.name;
    EXPECT_THAT(command.example, HasSubstr("mxsim " + command.name));
    for (const std::string& word : words_of(command.example)) {
      if (word.starts_with("-") && word.size() > 1 && command.name != "manual") {
        EXPECT_THAT(help, HasSubstr(word)) << command.name;
      }
    }
  }
}

TEST(Help, CommandsStandUnderTheirGroups) {
  const std::string help = run_command({"--help"}).out;
  for (const CliCommand& command : command_table()) {
    const std::size_t group = help.find("\n" + command.group + ":\n");
    ASSERT_NE(group, std::string::npos) << command.group;
    EXPECT_NE(help.find("  " + command.name + " ", group), std::string::npos) << command.name;
  }
}

TEST(Help, TheManualHoldsEveryCommandAndOption) {
  const CommandResult manual = run_command({"manual"});
  ASSERT_EQ(manual.exit_code, 0);
  EXPECT_THAT(manual.out, HasSubstr(".TH MXSIM 1"));
  for (const CliCommand& command : command_table()) {
    EXPECT_THAT(manual.out, HasSubstr(".SS mxsim " + command.name)) << command.name;
  }
  for (const char* option : {"\\-\\-recipes", "\\-\\-iso\\-edge", "\\-\\-traffic", "\\-\\-shard",
                             "\\-\\-scale\\-rule", "\\-\\-messages"}) {
    EXPECT_THAT(manual.out, HasSubstr(option));
  }
  for (const std::string& line : lines_of(manual.out)) EXPECT_THAT(line, Not(HasSubstr("\t")));
}

TEST(Help, TheCompletionOfBashIsAScriptThatKnowsCommandsOptionsAndFormats) {
  const TemporaryFolder folder;
  const CommandResult script = run_command({"completion", "bash"});
  ASSERT_EQ(script.exit_code, 0);
  const std::string path = folder.write("completion.bash", script.out);
  const auto completed = [&](const std::string& words, int place) {
    const std::string line = "source " + path + "; COMP_WORDS=(" + words +
                             "); COMP_CWORD=" + std::to_string(place) +
                             "; _mxsim; echo \"${COMPREPLY[@]}\"";
    return run_program({"bash", "-c", line}).out;
  };
  EXPECT_EQ(completed("mxsim comp", 1), "compare completion\n");
  EXPECT_EQ(completed("mxsim compare --iso-", 2), "--iso-edge\n");
  EXPECT_EQ(completed("mxsim run --mode p", 3), "prefill\n");
  EXPECT_EQ(completed("mxsim compare --formats bf16,mxfp4", 3), "bf16,mxfp4_e2m1\n");
  EXPECT_EQ(completed("mxsim trace ex", 2), "export\n");
}

TEST(Texts, TheResultStandsAtTheEndAndAssumptionsWhereTheyAreAskedFor) {
  const std::vector<std::string> run = lines_of(run_command({"run", kTinyCnn}).out);
  EXPECT_THAT(run.back(), testing::StartsWith("energy       "));
  EXPECT_THAT(run[run.size() - 2],
              testing::MatchesRegex("rate  *[0-9.]+ images/s, .* mJ an image"));
  EXPECT_THAT(run_command({"run", kTinyCnn}).out, Not(HasSubstr("\n- im2col")));
  EXPECT_THAT(run_command({"run", kTinyCnn, "--assumptions"}).out, HasSubstr("\n- im2col"));
  const CommandResult compared = run_command({"compare", kTinyCnn, "--formats", "bf16,mxsf"});
  EXPECT_THAT(lines_of(compared.out).back(), testing::StartsWith("  energy-delay"));
  EXPECT_THAT(compared.out, HasSubstr("--assumptions lists them"));
}

TEST(Messages, FaultsAndProgressAreObjectsThatProgramsRead) {
  const CommandResult wrong =
      run_command({"run", kTinyCnn, "--batch", "0", "--mode", "trainn", "--messages", "json"});
  EXPECT_EQ(wrong.exit_code, 2);
  const std::vector<std::string> lines = lines_of(wrong.err);
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) {
    const json fault = json::parse(line);
    EXPECT_EQ(fault["type"], "fault");
    EXPECT_EQ(fault["file"], "--set");
  }
  EXPECT_EQ(json::parse(lines[1])["pointer"], "/batch");
  const CommandResult good = run_command({"run", kTinyCnn, "--json", "--messages", "json"});
  std::size_t done = 0;
  for (const std::string& line : lines_of(good.err)) {
    const json progress = json::parse(line);
    EXPECT_EQ(progress["type"], "progress");
    EXPECT_GT(progress["done"].get<std::size_t>(), done);
    done = progress["done"].get<std::size_t>();
    EXPECT_LE(done, progress["total"].get<std::size_t>());
  }
  EXPECT_GT(done, 0u);
  EXPECT_THAT(run_command({"run", kTinyCnn, "--quiet"}).err, IsEmpty());
  EXPECT_EQ(run_command({"run", kTinyCnn, "--messages", "xml"}).err,
            "--messages: got \"xml\", expected one of text, json\n");
}

}  // namespace
}  // namespace mxsim
