#include "sim/config/run_config.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "sim/config/choices.h"
#include "sim/config/format_config.h"
#include "sim/config/load.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class T>
std::vector<std::string> faults_of_formats(const std::string& text) {
  return fault_lines([&] { load_config<T>(Document::parse(text, "f.json")); });
}

TEST(FormatPolicyFile, TakesFormatsByNameAndBlocksByExtent) {
  const auto policy = load_config<FormatPolicy>(Document::parse(
      R"({"default": "mxsf", "block": [8, 16], "transpose": "dual", "storage": "all",
          "overrides": [{"layers": "conv1|fc", "weights": "bf16"}]})",
      "f.json"));
  EXPECT_EQ(policy.format.name, "mxsf");
  EXPECT_EQ(policy.block, (BlockShape{8, 16}));
  EXPECT_EQ(policy.transpose, TransposePolicy::kDual);
  EXPECT_EQ(policy.storage, StoragePolicy::kAll);
  ASSERT_EQ(policy.overrides.size(), 1u);
  EXPECT_EQ(policy.overrides[0].weights->name, "bf16");
  EXPECT_FALSE(policy.overrides[0].gradients.has_value());
}

TEST(FormatPolicyFile, RefusesUnknownFormatsBlocksAndPatterns) {
  EXPECT_THAT(
      faults_of_formats<FormatPolicy>(
          R"({"default": "mxfs", "block": [8], "overrides": [{"layers": "conv["}]})"),
      ElementsAre("f.json: /default: unknown format \"mxfs\", did you mean \"mxsf\"?",
                  "f.json: /block: got an array of 1, expected an array of 2 integers "
                  "(rows and columns that share a scale; left out: the format's own)",
                  "f.json: /overrides/0/layers: \"conv[\" is no regular expression: missing ]"));
}

TEST(ChipConfig, TakesTheChannelsOfTheDeviceUnlessTheChipSaysOtherwise) {
  auto chip = load_config<ChipConfig>(MXSIM_ROOT "/configs/chips/mxsafe-32x32.json");
  EXPECT_EQ(dram_device(chip.dram).organisation.channels, 4);
  EXPECT_DOUBLE_EQ(dram_device(chip.dram).peak_bytes_per_s(), 25.6e9);
  chip.dram.channels = 2;
  EXPECT_DOUBLE_EQ(dram_device(chip.dram).peak_bytes_per_s(), 12.8e9);
  chip.dram.channels = 3;
  EXPECT_EQ(validate(chip).at(0).text(),
            "/dram/channels: 3 DRAM channels: expected a power of two");
}

TEST(Choices, AreParsedByNameAndNamedByValue) {
  for (const Choice<Dataflow>& choice : kDataflowNames) {
    EXPECT_EQ(parse_choice(choice.name, kDataflowNames, "--dataflow"), choice.value);
    EXPECT_EQ(choice_name(choice.value, kDataflowNames), choice.name);
  }
  EXPECT_THAT(fault_lines([] { parse_choice("wss", kDataflowNames, "--dataflow"); }),
              ElementsAre("--dataflow: got \"wss\", expected one of ws, os, is, did you mean "
                          "\"ws\"?"));
}

}  // namespace
}  // namespace mxsim
