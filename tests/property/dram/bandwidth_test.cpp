#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "sim/config/dram_reader.h"
#include "sim/dram/trace_replay.h"
#include "tests/support/channel_bench.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

enum class Pattern { kSequential, kRandom };

/// Offered as fast as the queues take it, one in four a write.
double share_of_peak(const DramDevice& device, Pattern pattern) {
  constexpr std::int64_t kRequests = 2000;
  const CounterRng rng(8, device.name);
  const std::int64_t bursts =
      device.organisation.capacity_bytes() / device.organisation.burst_bytes;
  TraceReplay player(device, DramProfile::kFrfcfs);
  for (std::int64_t i = 0; i < kRequests; ++i) {
    const auto draw = static_cast<std::int64_t>(rng.bits(static_cast<std::uint64_t>(i)) >> 8);
    const std::int64_t burst = pattern == Pattern::kSequential ? i : draw % bursts;
    player.play({burst * device.organisation.burst_bytes,
                 i % 64 < 16 ? DramAccess::kWrite : DramAccess::kRead, 0});
  }
  return player.finish().utilization(device);
}

/// Twice as many units of one kind, right above the columns' lowest bits.
DramDevice with_twice(DramDevice device, std::int64_t DramOrganisation::*units,
                      AddressField field) {
  device.organisation.*units *= 2;
  device.address_map.insert(device.address_map.end(), {field, 1});
  return device;
}

TEST(DramBandwidthTest, MoreChannelsRanksOrBanksNeverGiveMoreThanThePeak) {
  for (const std::string& file : device_files()) {
    const DramDevice device = load_dram_device(file);
    if (device.ideal) continue;
    const std::vector<DramDevice> grown{
        device,
        with_channels(device, 2 * device.organisation.channels),
        with_ranks(device, 2, RankPlace::kBottom),
        with_ranks(device, 4, RankPlace::kAboveBanks),
        with_ranks(with_twice(device, &DramOrganisation::banks, AddressField::kBank), 2,
                   RankPlace::kBottom),
        with_twice(device, &DramOrganisation::banks, AddressField::kBank),
        with_twice(device, &DramOrganisation::bank_groups, AddressField::kBankGroup),
        with_twice(device, &DramOrganisation::pseudo_channels, AddressField::kPseudoChannel)};
    for (const DramDevice& each : grown) {
      for (Pattern pattern : {Pattern::kSequential, Pattern::kRandom}) {
        EXPECT_LE(share_of_peak(each, pattern), 1) << each.name;
        EXPECT_LE(share_of_peak(without_column_rules(each), pattern), 1) << each.name;
      }
    }
  }
}

// The share that the switch of ranks leaves: a burst, then tRTRS cycles without one.
TEST(DramBandwidthTest, RanksInTurnPayTheSwitchForEveryBurst) {
  const DramDevice one = load_dram_device(MXSIM_ROOT "/configs/dram/ddr4-3200.json");
  DramDevice device = with_ranks(one, 2, RankPlace::kBottom);
  device.refresh = {};
  const AddressMap map(device);
  const auto cycles_of = [&](std::int64_t bursts) {
    TraceReplay player(device, DramProfile::kFrfcfs);
    for (std::int64_t i = 0; i < bursts; ++i) {
      const DramAddress at{0, static_cast<int>(i % 2 * 16), 0, i / 2};
      player.play({map.encode(at) * 64, DramAccess::kRead, 1000 * (i / 2)});
    }
    return player.finish();
  };
  // Pairs of reads 1000 cycles apart: the second one ends a burst and a switch after the first.
  const ReplayResult pairs = cycles_of(40);
  EXPECT_EQ(pairs.total_cycles, 1000 * 19 + 22 + 4 + 4 + 2);
}

// Runs in trains, as chips send them, over ranks.
TEST(DramBandwidthTest, RunsOverRanksNeverBeatThePeakOrTheStepsOfSingleBursts) {
  for (const DramDevice& device : ranked_devices()) {
    for (const DramDevice& each : {device, without_column_rules(device)}) {
      const std::vector<TimedRun> runs = random_runs(each, 7, 12, 3000);
      constexpr std::int64_t kLongEnough = 150'000;
      const ChannelResult steps =
          play_channel(each, runs, DramStepping::kBurst, kLongEnough, kLongEnough);
      const ChannelResult trains =
          play_channel(each, runs, DramStepping::kRun, kLongEnough, kLongEnough);
      ASSERT_EQ(trains, steps) << each.name;
      std::int64_t end = 0;
      for (std::int64_t each_end : steps.ends) end = std::max(end, each_end);
      const ChannelCounts& c = steps.counts;
      const std::int64_t bursts = c[DramCommand::kRead] + c[DramCommand::kReadAuto] +
                                  c[DramCommand::kWrite] + c[DramCommand::kWriteAuto];
      const std::int64_t buses = each.organisation.pseudo_channels;
      EXPECT_GE(end * buses, bursts * each.burst_cycles) << each.name;
    }
  }
}

}  // namespace
}  // namespace mxsim
