#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kResNet18 = MXSIM_ROOT "/traces/resnet18.json";

TEST(TraceShow, GivesThePublishedSizeOfResNet18) {
  const CommandResult result = run_command({"trace", "show", kResNet18, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report["parameters"], 11689512);  // torchvision's weight table
  EXPECT_NEAR(report["macs"].get<double>(), 1.81407e9, 5e3);
}

TEST(TraceShow, LayersAddUpToTheTotals) {
  const auto report =
      nlohmann::json::parse(run_command({"trace", "--json", "show", kResNet18}).out);
  std::int64_t macs = 0;
  std::int64_t parameters = 0;
  for (const auto& layer : report["layers"]) {
    macs += layer["macs"].get<std::int64_t>();
    parameters += layer["parameters"].get<std::int64_t>();
  }
  EXPECT_EQ(macs, report["macs"].get<std::int64_t>());
  EXPECT_EQ(parameters, report["parameters"].get<std::int64_t>());
}

TEST(TraceShow, PrintsALineForEveryLayer) {
  const std::string trace = MXSIM_ROOT "/traces/tiny_cnn.json";
  const auto report = nlohmann::json::parse(run_command({"trace", "show", trace, "--json"}).out);
  const CommandResult text = run_command({"trace", "show", trace, "--width", "200"});
  EXPECT_EQ(lines_of(text.out).size(), report["layers"].size() + 2);
  EXPECT_THAT(text.out, HasSubstr("tiny_cnn: "));
}

TEST(TraceCheck, NamesEveryFaultAndTakesOnlyTraces) {
  EXPECT_EQ(run_command({"trace", "check", kResNet18}).out,
            std::string(kResNet18) + ": good trace of resnet18\n");
  const TemporaryFolder folder;
  const std::string path = folder.write("a.json", R"({"name": "a", "inputs": [], "layer": []})");
  const CommandResult result = run_command({"trace", "check", path});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr(path + ": /layer: unknown key, did you mean \"layers\"?\n"));
}

}  // namespace
}  // namespace mxsim
