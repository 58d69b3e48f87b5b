#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "tests/support/command.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shipped_files() {
  std::vector<std::string> files;
  for (const char* folder : {"/configs", "/traces"}) {
    for (const auto& entry : fs::recursive_directory_iterator(MXSIM_ROOT + std::string(folder))) {
      const bool schema = entry.path().parent_path().filename() == "schema";
      if (entry.path().extension() == ".json" && !schema) files.push_back(entry.path().string());
    }
  }
  return files;
}

constexpr std::size_t kShares = 4;

/// A share of them, since a check maps whole networks.
class ShippedFilesOf : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ShippedFilesOf, AreGood) {
  std::vector<std::string> files = shipped_files();
  ASSERT_GE(files.size(), 10u);
  std::sort(files.begin(), files.end());
  for (std::size_t i = GetParam(); i < files.size(); i += kShares) {
    const CommandResult result = run_command({"check", files[i]});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Share, ShippedFilesOf, ::testing::Range<std::size_t>(0, kShares));

TEST(ShippedFiles, TheReferenceChipRunsResNet18InMxsfByEights) {
  const auto run = load_config<RunConfig>(MXSIM_ROOT "/configs/runs/resnet18_train.json");
  EXPECT_EQ(run.formats.format.name, "mxsf");
  EXPECT_EQ(run.formats.format.default_block, (BlockShape{8, 8}));
  EXPECT_EQ(run.chip.array.rows * run.chip.array.cols, 1024);
  EXPECT_EQ(run.chip.clock_hz, 500'000'000);
  EXPECT_DOUBLE_EQ(dram_device(run.chip.dram).peak_bytes_per_s(), 25.6e9);
  EXPECT_EQ(run.batch, 8);
}

}  // namespace
}  // namespace mxsim
