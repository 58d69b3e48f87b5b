#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;

std::vector<std::string> files_in(const char* folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(MXSIM_ROOT + std::string(folder))) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Studies : public testing::TestWithParam<std::string> {};

TEST_P(Studies, SayWhatTheyAreForAndHaveGoodPoints) {
  const json study = json::parse(read_text_file(GetParam()));
  EXPECT_GT(study.value("description", "").size(), 20u);
  const char* command = study.contains("search") ? "explore" : "sweep";
  const CommandResult plan = run_command({command, GetParam(), "--dry-run", "--json"});
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  if (study.contains("search")) return;
  const json points = json::parse(plan.out)["points"];
  EXPECT_GE(points.size(), 12u);
  EXPECT_LT(json::parse(plan.out)["estimate_s"].get<double>(), 180);
}

std::vector<std::string> all_studies() {
  std::vector<std::string> files = files_in("/configs/sweeps");
  for (std::string& file : files_in("/configs/explorations")) files.push_back(std::move(file));
  return files;
}

INSTANTIATE_TEST_SUITE_P(Shipped, Studies, testing::ValuesIn(all_studies()), [](const auto& info) {
  const std::filesystem::path path(info.param);
  return path.stem().string() + "_of_" + path.parent_path().filename().string();
});

}  // namespace
}  // namespace mxsim
