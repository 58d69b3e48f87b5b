// Processes side by side and stored mappings save time and change no byte.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";
using Arguments = std::vector<std::string>;

CommandResult run_with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

class SideBySideCompare : public ::testing::TestWithParam<Arguments> {};

TEST_P(SideBySideCompare, GivesTheBytesOfOneAfterAnother) {
  Arguments compare{"compare", kTinyCnn, "--json"};
  compare.insert(compare.end(), GetParam().begin(), GetParam().end());
  const CommandResult one = run_with(compare, {"--jobs", "1"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  for (const char* jobs : {"2", "5"}) {
    const CommandResult several = run_with(compare, {"--jobs", jobs});
    EXPECT_EQ(several.exit_code, 0) << several.err;
    EXPECT_TRUE(several.out == one.out) << jobs;
    EXPECT_THAT(several.err, HasSubstr("compare: ")) << jobs;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Compare, SideBySideCompare,
    ::testing::Values(
        Arguments{"--formats", "bf16,mxsf,mxint8"},
        Arguments{"--formats", "bf16,mxsf", "--sensitivity", "--mode", "infer"},
        Arguments{"--formats", "bf16,mxsf", "--iso", "area", "--iso-edge", "4", "--mode", "infer"},
        Arguments{"--formats", "bf16,mxsf", "--mode", "infer", "--fidelity", "pe"},
        Arguments{"--formats", "bf16,mxsf", "--workload", MXSIM_ROOT "/traces/tiny_gpt2.json",
                  "--mode", "infer", "--prompt", "5", "--generate", "3"}));

TEST(SideBySideRefusals, AreThoseOfOneAfterAnother) {
  const Arguments compare{"compare",   kTinyCnn, "--formats",
                          "bf16,mxsf", "--set",  "/chip/buffers/accumulator/bytes=64"};
  const CommandResult one = run_with(compare, {"--jobs", "1"});
  const CommandResult two = run_with(compare, {"--jobs", "2"});
  EXPECT_EQ(one.exit_code, 2);
  EXPECT_EQ(two.exit_code, 2);
  EXPECT_EQ(two.out, "");
  EXPECT_EQ(lines_of(two.err).back(), lines_of(one.err).back());
}

TEST(StoredMappings, ChangeNoReport) {
  const TemporaryFolder folder;
  const std::string cache = (folder.path() / "cache").string();
  for (const Arguments& command :
       {Arguments{"run", kTinyCnn, "--json"},
        {"compare", kTinyCnn, "--json", "--formats", "bf16,mxsf"},
        {"run", MXSIM_ROOT "/configs/runs/tiny_vit_train.json", "--json"}}) {
    const std::string searched = run_command(command).out;
    for (int time = 0; time < 2; ++time) {
      const CommandResult result = run_with(command, {"--mapping-cache", cache});
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_TRUE(result.out == searched) << command.front() << " " << time;
    }
    // Nothing is read or written without reuse.
    EXPECT_TRUE(run_with(command, {"--mapping-cache", cache, "--no-reuse"}).out == searched);
  }
}

TEST(StoredMappings, ServeTheWorkersOfASweepAndSurviveDamage) {
  const TemporaryFolder folder;
  const std::string cache = (folder.path() / "cache").string();
  const Arguments sweep{"sweep", MXSIM_ROOT "/configs/sweeps/tiny_cnn.json", "--quiet", "--jobs",
                        "3"};
  const auto lines = [&](const std::string& out, const Arguments& more) {
    Arguments arguments = sweep;
    arguments.insert(arguments.end(), {"--out", (folder.path() / out).string()});
    const CommandResult result = run_with(arguments, more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return sorted_lines(folder.path() / out / "results.jsonl");
  };
  const std::vector<std::string> searched = lines("searched", {});
  EXPECT_EQ(lines("cold", {"--mapping-cache", cache}), searched);
  EXPECT_EQ(lines("warm", {"--mapping-cache", cache}), searched);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cache)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::filesystem::resize_file(entry.path(), entry.file_size() / 2);
  }
  EXPECT_GT(files, 20u);
  EXPECT_EQ(lines("damaged", {"--mapping-cache", cache}), searched);
  EXPECT_EQ(lines("mended", {"--mapping-cache", cache}), searched);
}

TEST(StoredMappings, NeedAFolderThatCanBeWritten) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "");
  const CommandResult result = run_command({"run", kTinyCnn, "--mapping-cache", file});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr(file + ": cannot be written"));
}

}  // namespace
}  // namespace mxsim
