#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Hostile {
  std::string name;
  std::string content;
  std::string expected;  ///< part of the one line that names it
};

std::vector<Hostile> hostile_files() {
  const std::string good = read_text_file(MXSIM_ROOT "/configs/chips/tiny-8x8.json");
  return {
      {"empty", "", "line 1, column 1"},
      {"blank", "\n\n", "line 3, column 1"},
      {"truncated", good.substr(0, good.size() / 2), "line 13, column 41: "},
      {"nothing but an opening", "{", "line 1, column 2"},
      {"no object", "[1, 2]", "not recognised"},
      {"a number", "42", "not recognised"},
      {"null", "null", "not recognised"},
      {"another kind of object", "{\"a\": 1}", "not recognised"},
      {"text behind it", good + "}", "expected end of input"},
      {"a comment", "// no\n" + good, "line 1, column 1"},
      {"single quotes", "{'a': 1}", "line 1, column 2"},
      {"duplicate", R"({"array": 1, "array": 2, "buffers": 3})", "/array: duplicate key"},
      {"not a number", R"({"array": NaN})", "line 1, column"},
      {"infinite", R"({"array": Infinity})", "line 1, column"},
      {"beyond a double", R"({"array": 1e999})", "number overflow"},
      {"not UTF-8", "{\"array\": \"\xc0\xaf\"}", "not UTF-8 at line 1, column 12"},
      {"zero bytes", std::string(100, '\0'), "line 1, column 1"},
      {"deep arrays", std::string(60'000'000, '['), "nested deeper than 64 levels"},
      {"deep objects",
       [] {
         std::string text;
         for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
         return text;
       }(),
       "nested deeper than 64 levels"},
      {"huge", std::string(100'000'000, '['), "100000000 bytes, expected at most 67108864"},
      {"a long text", "{\"array\": \"" + std::string(1'000'000, 'x'), "missing closing quote"},
  };
}

TEST(HostileFiles, GiveOneClearLineAndExitCodeTwo) {
  const TemporaryFolder folder;
  for (const Hostile& hostile : hostile_files()) {
    const std::string path = folder.write("hostile.json", hostile.content);
    const CommandResult result = run_command({"check", path});
    EXPECT_EQ(result.exit_code, 2) << hostile.name;
    EXPECT_THAT(result.out, IsEmpty()) << hostile.name;
    const std::vector<std::string> lines = lines_of(result.err);
    ASSERT_THAT(lines, SizeIs(1)) << hostile.name;
    EXPECT_THAT(lines[0], testing::StartsWith(path + ": ")) << hostile.name;
    EXPECT_THAT(lines[0], HasSubstr(hostile.expected)) << hostile.name;
    EXPECT_LT(lines[0].size(), 400u) << hostile.name;
  }
}

TEST(HostileFiles, TruncatedAnywhereAreRefused) {
  const TemporaryFolder folder;
  const std::string good = read_text_file(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json");
  const std::size_t last_brace = good.rfind('}');
  for (std::size_t length = 0; length <= last_brace; length += 7) {
    const std::string path = folder.write("run.json", good.substr(0, length));
    const CommandResult result = run_command({"check", path});
    EXPECT_EQ(result.exit_code, 2) << length;
    EXPECT_THAT(lines_of(result.err), SizeIs(1)) << length;
  }
}

TEST(HostileFiles, ThatAreNoFilesAreNamed) {
  const TemporaryFolder folder;
  const std::string fifo = (folder.path() / "fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string here = folder.path().string();
  EXPECT_EQ(run_command({"check", here, here + "/none.json", "/dev/zero", fifo, ""}).err,
            here + ": is a folder, expected a file\n" + here + "/none.json: no such file\n" +
                "/dev/zero: is not a regular file\n" + fifo + ": is not a regular file\n" +
                "no such file\n");
}

TEST(HostileFiles, MayNameThemselves) {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("run.json", R"({"chip": "run.json", "workload": "run.json"})");
  const CommandResult result = run_command({"check", path});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("/chip: unknown key"));
}

/// Values are copied and compared level by level.
TEST(HostileFiles, PointersLeadNoDeeperThanFiles) {
  const TemporaryFolder folder;
  std::string pointer;
  for (int i = 0; i < 65; ++i) pointer += "/a";
  const std::string run = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";
  EXPECT_EQ(run_command({"run", run, "--set", pointer + "=1"}).err,
            "--set: " + pointer + ": leads deeper than 64 levels\n");
  const std::string device = MXSIM_ROOT "/configs/dram/ddr4-3200.json";
  EXPECT_EQ(run_command({"dram", "--device", device, "--traffic", "random:1:1", "--scheduler",
                         pointer + "=1"})
                .err,
            "--set: " + pointer + ": leads deeper than 64 levels\n");
  std::string long_pointer;
  for (int i = 0; i < 100'000; ++i) long_pointer += "/a";
  const std::string sweep =
      folder.write("sweep.json", R"({"base": ")" + std::string(std::filesystem::absolute(run)) +
                                     R"(", "set": {")" + long_pointer +
                                     R"(": 1}, "axes": [{"key": "/batch", "values": [1]}]})");
  const CommandResult result = run_command({"check", sweep});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, testing::StartsWith(sweep + ": /set/~1a~1a~1a"));
  EXPECT_THAT(lines_of(result.err), SizeIs(1));
}

TEST(HostileFiles, WithVeryManyFaultsAreCutShort) {
  const TemporaryFolder folder;
  std::string text = R"({"array": {}, "buffers": {})";
  for (int i = 0; i < 10'000; ++i) text += ", \"key" + std::to_string(i) + "\": 1";
  const CommandResult result = run_command({"check", folder.write("chip.json", text + "}")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(lines_of(result.err), SizeIs(201));
}

}  // namespace
}  // namespace mxsim
