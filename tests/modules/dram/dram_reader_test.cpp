#include "sim/config/dram_reader.h"

#include <gtest/gtest.h>

#include "sim/config/dram_formula.h"
#include "sim/config/load.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using testing::device_files;

TEST(DramReaderTest, EveryShippedDeviceIsValid) {
  EXPECT_GE(device_files().size(), 2u);
  for (const std::string& file : device_files()) {
    EXPECT_EQ(validate(load_dram_device(file)), std::vector<Diagnostic>{}) << file;
  }
}

// 64 bits at 3200 Mb/s are 25.6 GB/s; JEDEC's nanoseconds at 1.6 GHz, rounded up.
TEST(DramReaderTest, TheReferenceDeviceHasItsPublishedNumbers) {
  const DramDevice device = load_dram_device(MXSIM_ROOT "/configs/dram/lpddr4-3200.json");
  EXPECT_DOUBLE_EQ(device.peak_bytes_per_s(), 25.6e9);
  EXPECT_EQ(device.organisation.capacity_bytes(), std::int64_t{4} << 30);
  EXPECT_EQ(device.refresh.interval_cycles, 6246);  // 3904 ns, rounded down
  const auto cycles = [&](DramCommand from, DramCommand to) {
    for (const TimingRule& rule : device.rules) {
      if (rule.preceding == from && rule.following == to) return rule.cycles;
    }
    return std::int64_t{-1};
  };
  EXPECT_EQ(cycles(DramCommand::kActivate, DramCommand::kRead), 29);       // 18 ns
  EXPECT_EQ(cycles(DramCommand::kActivate, DramCommand::kPrecharge), 68);  // 42 ns
  EXPECT_EQ(cycles(DramCommand::kRefresh, DramCommand::kActivate), 448);   // 280 ns
  EXPECT_EQ(cycles(DramCommand::kWrite, DramCommand::kRead), 14 + 1 + 8 + 16);
  EXPECT_EQ(device.assumptions.size(), 1u);  // its prices
  const DramDevice hbm2 = load_dram_device(MXSIM_ROOT "/configs/dram/hbm2.json");
  EXPECT_DOUBLE_EQ(hbm2.peak_bytes_per_s(), 256e9);
}

TEST(DramReaderTest, MoreChannelsMoveProportionallyMore) {
  const DramDevice one = load_dram_device(MXSIM_ROOT "/configs/dram/lpddr4-3200.json");
  const DramDevice two = with_channels(one, 8);
  EXPECT_DOUBLE_EQ(two.peak_bytes_per_s(), 2 * one.peak_bytes_per_s());
  EXPECT_EQ(validate(two), std::vector<Diagnostic>{});
  EXPECT_THROW(with_channels(one, 3), InputError);
}

TEST(DramReaderTest, HashesAreBitsOfFieldsBetweenCarets) {
  const std::string file = MXSIM_ROOT "/configs/dram/lpddr4-3200.json";
  const DramDevice device =
      load_dram_device(file, {{"/channel_hash", R"(["row:0 ^bank:1", ""])"},
                              {"/bank_hash", R"(["row:3", " row:0 ^ row:1 "])"}});
  using F = AddressField;
  EXPECT_EQ(device.channel_hash, (AddressHash{{{F::kRow, 0}, {F::kBank, 1}}, {}}));
  EXPECT_EQ(device.bank_hash, (AddressHash{{{F::kRow, 3}}, {{F::kRow, 0}, {F::kRow, 1}}}));
  auto wrong = load_config<DramFile>(file);
  wrong.channel_hash = {"row", "row:0 ^"};
  wrong.bank_hash = {"rows:1", "row:0 row:1"};
  const auto message = [](const std::string& text) {
    return "got \"" + text +
           "\", expected \"FIELD:BIT ^ FIELD:BIT\" with fields of channel, pseudo_channel, rank, "
           "bank_group, bank, row, column";
  };
  EXPECT_EQ(validate(wrong),
            (std::vector<Diagnostic>{{"", "/channel_hash/0", message("row")},
                                     {"", "/channel_hash/1", message("row:0 ^")},
                                     {"", "/bank_hash/0", message("rows:1")},
                                     {"", "/bank_hash/1", message("row:0 row:1")}}));
}

// A chip's number of channels decides how many entries of the hash hold.
TEST(DramReaderTest, FewerChannelsTakeTheFirstBitsOfTheChannelHash) {
  const DramDevice four = load_dram_device(MXSIM_ROOT "/configs/dram/lpddr4-3200.json");
  ASSERT_EQ(four.channel_hash.size(), 2U);
  for (const auto& [channels, bits] : {std::pair{1, 0U}, {2, 1U}, {8, 2U}}) {
    const DramDevice device = with_channels(four, channels);
    EXPECT_EQ(device.channel_hash.size(), bits);
    EXPECT_EQ(validate(device), std::vector<Diagnostic>{});
  }
}

TEST(DramReaderTest, AFaultOfARuleNamesItsEntryInTheFile) {
  auto file = load_config<DramFile>(MXSIM_ROOT "/configs/dram/hbm2.json");
  ASSERT_EQ(file.rules[0].following.size(), 2u);  // two rules of the device
  file.rules[1].cycles = "tRCD - tRAS";
  EXPECT_EQ(validate(file),
            (std::vector<Diagnostic>{{"", "/rules/1/cycles", "got -20, expected 0..1000000"}}));
}

TEST(DramFormulaTest, SumsAndProductsOfNamesAndNumbers) {
  const std::map<std::string, std::int64_t> names{{"RL", 28}, {"WL", 14}, {"tRRD", 16}};
  EXPECT_EQ(evaluate_formula("RL - WL + 2", names), 16);
  EXPECT_EQ(evaluate_formula("4*tRRD+1", names), 65);
  EXPECT_EQ(evaluate_formula("7", names), 7);
}

TEST(DramFormulaTest, FaultsSayWhatIsWrong) {
  const std::map<std::string, std::int64_t> names{{"tRCD", 29}, {"tRAS", 68}};
  const auto message = [&](const std::string& text) -> std::string {
    try {
      evaluate_formula(text, names);
    } catch (const InputError& error) {
      return error.diagnostics().front().message;
    }
    return "none";
  };
  EXPECT_EQ(message("tRCE"), "\"tRCE\": unknown parameter \"tRCE\", did you mean \"tRCD\"?");
  EXPECT_EQ(message(""), "\"\": expected a name or a number at \"\"");
  EXPECT_EQ(message("tRCD tRAS"), "\"tRCD tRAS\": expected + or - at \"tRAS\"");
  EXPECT_EQ(message("9223372036854775807 + 1"), "\"9223372036854775807 + 1\": exceeds 64 bits");
}

}  // namespace
}  // namespace mxsim
