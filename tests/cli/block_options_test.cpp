#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

std::string refusal(const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"run", kTinyCnn};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  return result.err;
}

TEST(BlockOptions, OfFormatsWithoutASharedScaleAreRefused) {
  EXPECT_EQ(refusal({"--format", "bf16", "--set", "/formats/block=[8,8]"}),
            "--set: /formats/block: no format of the run has blocks: bf16 has no shared scale\n");
  EXPECT_EQ(refusal({"--format", "fp8_e4m3", "--set", "/formats/transpose=dual"}),
            "--set: /formats/transpose: one copy serves both orientations: fp8_e4m3 has no shared "
            "scale\n");
}

TEST(BlockOptions, OfAnInputThatNobodyKnowsNameTheKey) {
  EXPECT_THAT(refusal({"--set", "/formats/input=uint9000"}), HasSubstr("/formats/input: "));
}

json totals(const std::string& option) {
  const CommandResult result = run_command({"run", kTinyCnn, "--json", "--set", option});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out)["totals"];
}

TEST(BlockOptions, DualCopiesOfTilesAreWrittenAndARequantizedOneIsReadToo) {
  const json reuse = totals("/formats/transpose=reuse");
  const json dual = totals("/formats/transpose=dual");
  const json requantize = totals("/formats/transpose=requantize");
  EXPECT_GT(dual["dram_write_bytes"], reuse["dram_write_bytes"]);
  EXPECT_GT(requantize["dram_read_bytes"], dual["dram_read_bytes"]);
}

}  // namespace
}  // namespace mxsim
