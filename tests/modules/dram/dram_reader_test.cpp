#include "sim/config/dram_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "models/dram/dram_prices.h"
#include "sim/config/dram_formula.h"
#include "sim/config/load.h"
#include "tests/support/dram_devices.h"
#include "tests/support/file_text.h"

namespace mxsim {
namespace {

using testing::device_files;
using ::testing::ElementsAre;

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

/// Standby power of one channel.
double channel_mw(const DramDevice& device) {
  const DramOrganisation& o = device.organisation;
  return prices_of(device).closed_rank_mw * static_cast<double>(o.count(DramLevel::kRank));
}

// The file states 150 mW for its four channels, 40 mW powered down.
TEST(DramReaderTest, StandbyPowerFollowsTheNumberOfChannels) {
  const DramDevice four = load_dram_device(MXSIM_ROOT "/configs/dram/lpddr4-3200.json");
  for (std::int64_t channels : {1, 2, 4, 16}) {
    const DramDevice device = with_channels(four, channels);
    EXPECT_DOUBLE_EQ(channel_mw(device), 37.5) << channels;
    EXPECT_DOUBLE_EQ(prices_of(device).closed_down_mw, 10) << channels;
  }
}

// JESD209-5 tpbR2act 7.5 ns, JESD235 tRREFD 8 ns, JESD209-4 tRRD 10 ns; a table's 14 cycles for
// GDDR6; in cycles of each clock, rounded up.
TEST(DramReaderTest, AfterTheRefreshOfABankTheOthersWaitForTheirStandardsTime) {
  const std::map<std::string, std::int64_t> expected{
      {"lpddr5-6400", 6},  {"hbm2", 8},         {"hbm2e", 13},      {"gddr6-14000", 14},
      {"lpddr4-2400", 12}, {"lpddr4-3200", 16}, {"lpddr4-4266", 16}};
  std::size_t found = 0;
  for (const std::string& path : device_files()) {
    const DramDevice device = load_dram_device(path);
    if (!device.has(DramCommand::kRefreshBank)) continue;
    const std::string name = path.substr(path.rfind('/') + 1);
    std::int64_t cycles = -1;
    for (const TimingRule& rule : device.rules) {
      const bool others = rule.level == DramLevel::kRank && rule.scope == RuleScope::kSame;
      if (!others || rule.preceding != DramCommand::kRefreshBank) continue;
      if (rule.following == DramCommand::kActivate) cycles = rule.cycles;
    }
    EXPECT_EQ(cycles, expected.at(name.substr(0, name.size() - 5))) << name;
    ++found;
  }
  EXPECT_EQ(found, expected.size());
}

// A second rank needs no other change than of the address map.
TEST(DramReaderTest, EveryDeviceSaysWhatASwitchOfRanksTakes) {
  for (const std::string& path : device_files()) {
    const DramDevice device = load_dram_device(path);
    if (device.ideal) continue;
    std::set<std::pair<DramCommand, DramCommand>> pairs;
    for (const TimingRule& rule : device.rules) {
      const bool ranks = rule.level == DramLevel::kRank && rule.scope == RuleScope::kOther;
      if (ranks) pairs.insert({rule.preceding, rule.following});
      const bool reads = is_read(rule.preceding) && is_read(rule.following);
      if (ranks && reads) {
        EXPECT_GT(rule.cycles, device.burst_cycles) << path;
      }
    }
    for (DramCommand before : {DramCommand::kRead, DramCommand::kWrite}) {
      for (DramCommand after : {DramCommand::kRead, DramCommand::kWrite}) {
        const bool none =
            is_write(before) && is_read(after) && device.data_bus_gap_cycles(before, after) < 0;
        EXPECT_TRUE(none || pairs.contains({before, after})) << path;
      }
    }
  }
}

std::vector<std::string> faults_with(const std::string& device, const std::string& set) {
  try {
    load_dram_device(MXSIM_ROOT "/configs/dram/" + device + ".json", {parse_override(set)});
  } catch (const InputError& error) {
    std::vector<std::string> texts;
    for (const Diagnostic& fault : error.diagnostics()) {
      texts.push_back(fault.pointer + ": " + fault.message);
    }
    return texts;
  }
  return {};
}

TEST(DramReaderTest, RulesThatWouldLetBurstsOverlapAreRefusedWithBothNumbers) {
  const auto fault = [](int rule, int got, const char* pair, int gap, int burst) {
    return fmt::format(
        "/rules/{}/cycles: got {} from {}, expected at least {}: a burst holds the data bus for {} "
        "cycles",
        rule, got, pair, gap, burst);
  };
  EXPECT_THAT(faults_with("ddr4-3200", "/parameters/tCCD_S/value=2"),
              ElementsAre(fault(15, 2, "RD to RD", 4, 4), fault(16, 2, "WR to WR", 4, 4)));
  EXPECT_THAT(faults_with("ddr4-3200", "/parameters/burst/value=12"),
              ElementsAre(fault(13, 8, "RD to RD", 12, 12), fault(14, 8, "WR to WR", 12, 12),
                          fault(15, 4, "RD to RD", 12, 12), fault(16, 4, "WR to WR", 12, 12)));
  EXPECT_THAT(faults_with("ddr4-3200", "/rules/17/cycles=\"9\""),
              ElementsAre(fault(17, 9, "RD to WR", 22 + 4 - 16, 4)));
  EXPECT_THAT(faults_with("hbm2e", "/parameters/burst/value=3"), ::testing::IsEmpty());
  EXPECT_THAT(faults_with("hbm2e", "/parameters/burst/value=5"),
              ElementsAre(fault(13, 4, "RD to RD", 5, 5), fault(14, 4, "WR to WR", 5, 5)));
}

TEST(DramReaderTest, CurrentsThatWouldGiveEnergyBackAreRefusedByName) {
  const std::string back = ": less would give energy back";
  const auto only = [](const std::string& set, const std::string& fault) {
    EXPECT_THAT(faults_with("ddr4-3200", set), ElementsAre(fault)) << set;
  };
  only("/energy/idd4r_ma=51.5",
       "/energy/idd4r_ma: got 51.5, expected at least idd3n_ma, 52" + back);
  only("/energy/idd4w_ma=51", "/energy/idd4w_ma: got 51, expected at least idd3n_ma, 52" + back);
  only("/energy/idd5b_ma=51", "/energy/idd5b_ma: got 51, expected at least idd3n_ma, 52" + back);
  only("/energy/idd5pb_ma=51", "/energy/idd5pb_ma: got 51, expected at least idd3n_ma, 52" + back);
  // (52 mA * 52 cycles + 37 mA * 22 cycles) / 74 cycles
  only("/energy/idd0_ma=47",
       "/energy/idd0_ma: got 47, expected at least 47.5405, idd3n_ma of 52 over 52 cycles and "
       "idd2n_ma of 37 over 22" +
           back);
  only("/energy/idd2p_ma=38", "/energy/idd2p_ma: got 38, expected at most idd2n_ma, 37");
  only("/energy/idd3p_ma=53", "/energy/idd3p_ma: got 53, expected at most idd3n_ma, 52");
  only("/energy/act_to_pre=\"tRAS + tRP + 1\"",
       "/energy/act_to_pre: got 75, expected at most act_to_act, 74");
  only("/energy/vdd_v=0", "/energy/vdd_v: got 0, expected a number above 0");
  only("/energy/idd3n_ma=0", "/energy/idd3n_ma: got 0, expected a number above 0");
}

TEST(DramReaderTest, CurrentsHaveNoDefaultThatIsFree) {
  const std::vector<std::string> faults = faults_with("lpddr4-3200", "/energy/kind=currents");
  std::vector<std::string> keys;
  for (const std::string& fault : faults) keys.push_back(fault.substr(0, fault.find(", ")));
  EXPECT_THAT(keys, ElementsAre("/energy/vdd_v: missing", "/energy/idd0_ma: missing",
                                "/energy/idd2n_ma: missing", "/energy/idd3n_ma: missing",
                                "/energy/idd4r_ma: missing", "/energy/idd4w_ma: missing",
                                "/energy/idd5b_ma: missing", "/energy/act_to_act: missing",
                                "/energy/act_to_pre: missing", "/energy/refresh: missing"));
}

TEST(DramReaderTest, AChoiceMadeWithSetLeavesOutTheKeysThatItDoesNotUse) {
  for (const std::string& path : device_files()) {
    const DramDevice device = load_dram_device(path);
    const auto with = [&](const std::string& set) {
      return load_dram_device(path, {parse_override(set)});
    };
    EXPECT_TRUE(std::holds_alternative<DramPerBit>(with("/energy/kind=per_bit").energy)) << path;
    const DramDevice ideal = with("/kind=ideal");
    ASSERT_TRUE(ideal.ideal) << path;
    EXPECT_DOUBLE_EQ(ideal.peak_bytes_per_s(), device.peak_bytes_per_s()) << path;
    EXPECT_EQ(prices_of(ideal), prices_of(device)) << path;
    if (device.ideal) continue;
    EXPECT_EQ(with("/refresh/mode=none").refresh, RefreshSpec{}) << path;
  }
}

TEST(DramReaderTest, KeysThatTheUserSetsOrMistypesAreNotLeftOut) {
  const std::string path = MXSIM_ROOT "/configs/dram/ddr4-3200.json";
  const auto faults = [&](const std::vector<std::string>& sets) {
    std::vector<Override> overrides;
    for (const std::string& set : sets) overrides.push_back(parse_override(set));
    std::vector<std::string> texts;
    try {
      load_dram_device(path, overrides);
    } catch (const InputError& error) {
      for (const Diagnostic& fault : error.diagnostics()) {
        texts.push_back(fault.pointer + ": " + fault.message);
      }
    }
    return texts;
  };
  EXPECT_THAT(faults({"/refresh/mode=none", "/refresh/interval=tREFI"}),
              ElementsAre("/refresh/interval: unknown key"));
  EXPECT_THAT(faults({"/energy/kind=per_bit", "/energy/idd0=57"}),
              ElementsAre("/energy/idd0: unknown key"));
  EXPECT_THAT(faults({"/kind=ideal", "/refresh/mode=none"}), ElementsAre("/refresh: unknown key"));
}

TEST(DramReaderTest, AFileWhoseKindContradictsItsKeysIsWrong) {
  auto text = content(MXSIM_ROOT "/configs/dram/ddr4-3200.json");
  const std::string mode = "\"mode\": \"all_bank\"";
  text.replace(text.find(mode), mode.size(), "\"mode\": \"none\"");
  try {
    load_config<DramFile>(Document::parse(text, "own.json"));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.diagnostics(),
              (std::vector<Diagnostic>{{"own.json", "/refresh/interval", "unknown key"}}));
  }
}

TEST(DramReaderTest, AGuessThatDecidesNothingIsNoAssumption) {
  const std::string path = MXSIM_ROOT "/configs/dram/ddr4-3200.json";
  EXPECT_EQ(load_dram_device(path).assumptions, std::vector<std::string>{});
  const DramDevice two = load_dram_device(
      path,
      {parse_override("/organisation/ranks=2"),
       parse_override(R"(/address_map=["row:16","column:7","bank:2","bank_group:2","rank:1"])")});
  ASSERT_EQ(two.assumptions.size(), 1u);
  EXPECT_THAT(two.assumptions.front(), ::testing::HasSubstr("tRTRS"));
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
