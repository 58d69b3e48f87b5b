#include "sim/cli/command_line.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sim/cli/command_table.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CommandLine, HelpNamesEveryCommandAndEndsWithZero) {
  const CommandResult help = run_command({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const CliCommand& command : command_table()) EXPECT_THAT(help.out, HasSubstr(command.name));
}

TEST(CommandLine, EveryCommandExplainsItselfAndTakesJson) {
  for (const CliCommand& command : command_table()) {
    const CommandResult help = run_command({command.name, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.out, HasSubstr("--json")) << command.name;
  }
}

TEST(CommandLine, SuggestsTheCommandThatWasMeant) {
  const CommandResult result = run_command({"chek", "a.json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "unknown command \"chek\", did you mean \"check\"? (mxsim --help lists them)\n");
  EXPECT_THAT(result.out, IsEmpty());
}

TEST(CommandLine, RefusesNoCommandAndUnknownOptions) {
  EXPECT_EQ(run_command({}).exit_code, 2);
  EXPECT_EQ(run_command({"--fast"}).exit_code, 2);
  EXPECT_EQ(run_command({"check", "--fast", "a.json"}).exit_code, 2);
}

TEST(CommandLine, PrintsOneLineForATextWithControlCharacters) {
  const CommandResult result = run_command({"check", "a\nb\x1b[1m.json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "a\\x0ab\\x1b[1m.json: no such file\n");
}

TEST(Check, TellsTheFaultsOfEveryFileAtOnce) {
  const TemporaryFolder folder;
  const std::string chip = folder.write("chip.json", R"({"array": {"rows": 0}, "buffers": 1})");
  const std::string other = folder.write("other.json", R"({"colour": "red"})");
  const CommandResult result = run_command({"check", chip, other});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr(chip + ": /array/rows: got 0, expected 1..1024 (PE rows)\n"));
  EXPECT_THAT(result.err,
              HasSubstr(chip + ": /buffers: got 1, expected an object (SRAM buffers)\n"));
  EXPECT_THAT(result.err, HasSubstr(other + ": not recognised: expected the keys of one of run"));
}

TEST(Check, PrintsFaultsAsJson) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.json", "{");
  const CommandResult result = run_command({"check", "--json", file});
  EXPECT_EQ(result.exit_code, 2);
  const auto report = nlohmann::json::parse(result.out);
  ASSERT_EQ(report["files"].size(), 1u);
  EXPECT_EQ(report["files"][0]["file"], file);
  EXPECT_EQ(report["files"][0]["faults"].size(), 1u);
}

TEST(Describe, TellsTypeRangeUnitAndDefaultOfAKey) {
  EXPECT_THAT(lines_of(run_command({"describe", "/chip/dma/setup_cycles"}).out),
              ElementsAre("/chip/dma/setup_cycles", "    integer, 1..1000000 cycles, default 16",
                          "    fetch and decode of one transfer's descriptor"));
}

TEST(Describe, FindsKeysByNameAndByPlace) {
  const auto by_name =
      nlohmann::json::parse(run_command({"describe", "mac_latency_cycles", "--json"}).out);
  ASSERT_EQ(by_name.size(), 1u);
  EXPECT_EQ(by_name[0]["key"], "/chip/array/mac_latency_cycles");
  EXPECT_FALSE(by_name[0]["required"]);
  EXPECT_EQ(by_name[0]["unit"], "cycles");
  EXPECT_EQ(by_name[0]["default"], 1);
  const auto by_place = nlohmann::json::parse(run_command({"describe", "/chip/dma", "--json"}).out);
  ASSERT_GE(by_place.size(), 3u);
  for (const auto& field : by_place) {
    EXPECT_THAT(field["key"].get<std::string>(), testing::StartsWith("/chip/dma"));
  }
}

TEST(Describe, SuggestsTheKeyThatWasMeant) {
  const CommandResult result = run_command({"describe", "/chip/arry/rows"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "unknown key \"/chip/arry/rows\", did you mean \"/chip/array/rows\"?\n");
}

}  // namespace
}  // namespace mxsim
