#include "models/dram/refresh_progress.h"

#include <gtest/gtest.h>

#include "sim/dram/trace_replay.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

/// Every delay named: ACT to data 10, refresh to ACT 50, data or ACT to PRE 7, PRE to refresh 5.
DramDevice plain_device() {
  DramDevice device = testing::sample_devices().front();
  device.refresh = {RefreshMode::kAllBank, 1000};
  device.page_policy = PagePolicy::kOpen;
  device.organisation = {1, 1, 1, 1, 4, 1024, 32, 64};
  device.address_map = {
      {AddressField::kRow, 10}, {AddressField::kBank, 2}, {AddressField::kColumn, 5}};
  device.channel_hash.clear();
  device.bank_hash.clear();
  for (CommandSpec& each : device.commands) each = {0, CommandBus::kMain};
  for (DramCommand c : {DramCommand::kActivate, DramCommand::kPrecharge, DramCommand::kPrechargeAll,
                        DramCommand::kRead, DramCommand::kWrite, DramCommand::kRefresh}) {
    device.commands[index(c)].bus_cycles = 1;
  }
  device.rules.clear();
  const auto rule = [&](DramLevel level, DramCommand from, DramCommand to, std::int64_t cycles) {
    device.rules.push_back({level, RuleScope::kSame, from, to, cycles, 1});
  };
  for (DramCommand column : {DramCommand::kRead, DramCommand::kWrite}) {
    rule(DramLevel::kBank, DramCommand::kActivate, column, 10);
    rule(DramLevel::kRank, column, DramCommand::kPrechargeAll, 7);
  }
  rule(DramLevel::kRank, DramCommand::kActivate, DramCommand::kPrechargeAll, 7);
  rule(DramLevel::kRank, DramCommand::kPrechargeAll, DramCommand::kRefresh, 5);
  rule(DramLevel::kRank, DramCommand::kRefresh, DramCommand::kActivate, 50);
  return device;
}

TEST(RefreshProgress, AddsUpTheCommandsBetweenTwoRefreshes) {
  const RefreshProgress progress = refresh_progress(plain_device());
  EXPECT_EQ(progress.access_cycles, 50 + 10);
  EXPECT_EQ(progress.close_cycles, 7 + 5);
  EXPECT_EQ(progress.ranks, 1);
  EXPECT_EQ(progress.interval_cycles, 1000);
  EXPECT_TRUE(progress.holds());
}

/// At the least interval that is accepted, random requests to one bank after another all end; the
/// validation refuses the interval below it.
TEST(RefreshProgress, OfTheLeastIntervalSuffices) {
  DramDevice device = plain_device();
  device.refresh.interval_cycles = refresh_progress(device).needed_cycles();
  ASSERT_TRUE(validate(device).empty()) << validate(device).front().text();
  for (const DramProfile profile : {DramProfile::kFrfcfs, DramProfile::kDramsim3}) {
    TraceReplay replay(device, profile);
    for (std::int64_t i = 0; i < 200; ++i) {
      replay.play({i * 8192 % (std::int64_t{1} << 22),
                   i % 3 == 0 ? DramAccess::kWrite : DramAccess::kRead, 0});
    }
    const ReplayResult result = replay.finish();
    EXPECT_EQ(result.requests, 200);
    EXPECT_EQ(result.counts[DramCommand::kRead] + result.counts[DramCommand::kWrite], 200);
  }
  --device.refresh.interval_cycles;
  ASSERT_EQ(validate(device).size(), 1u);
  EXPECT_EQ(
      validate(device).front().text(),
      "/refresh/interval: got 71 cycles between refreshes of a bank, expected at least 72: 60 "
      "from a refresh to the first read or write, 12 from the last command to the next "
      "refresh");
}

TEST(RefreshProgress, HoldsForEveryDevice) {
  for (const DramDevice& device : testing::all_devices()) {
    if (device.refresh.mode == RefreshMode::kNone) continue;
    const RefreshProgress progress = refresh_progress(device);
    EXPECT_LE(progress.needed_cycles(), progress.interval_cycles) << device.name;
  }
}

/// A device that never gets to its data, past the validation: the watch ends the run.
TEST(ProgressWatch, NamesWhoWaitsForWhom) {
  DramDevice device = plain_device();
  device.refresh.interval_cycles = 100;
  for (TimingRule& rule : device.rules) {  // the data command is due after many refreshes
    if (rule.preceding == DramCommand::kActivate && rule.following == DramCommand::kRead)
      rule.cycles = 100'000;
  }
  for (const DramProfile profile : {DramProfile::kFrfcfs, DramProfile::kDramsim3}) {
    TraceReplay replay(device, profile);
    replay.play({54, DramAccess::kRead, 0});
    try {
      replay.finish();
      FAIL() << "a run without progress ended";
    } catch (const InternalError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("DRAM channel 0: no data command for "), std::string::npos) << text;
      EXPECT_NE(text.find(" wait"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace mxsim
