#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "sim/config/dram_reader.h"
#include "sim/dram/frfcfs_channel.h"
#include "tests/support/channel_bench.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

constexpr std::int64_t kLongEnough = 400'000;
// A closed page serves a burst of one bank every row cycle only.
constexpr std::int64_t kEvenClosedPage = 1'500'000;

std::vector<DramDevice> devices_and_variants() {
  std::vector<DramDevice> devices = all_devices();
  for (DramDevice& variant : device_variants()) devices.push_back(std::move(variant));
  return devices;
}

TEST(DramSteppingTest, TrainsGiveWhatBurstByBurstGivesOverRandomRunsMixesAndRefreshPhases) {
  for (const DramDevice& device : devices_and_variants()) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const std::vector<TimedRun> runs = random_runs(device, seed, 40, 30'000);
      ChannelResult steps =
          play_channel(device, runs, DramStepping::kBurst, kLongEnough, kLongEnough);
      const ChannelResult trains =
          play_channel(device, runs, DramStepping::kRun, kLongEnough, kLongEnough);
      ASSERT_EQ(trains, steps) << device.name << " seed " << seed;
      // With no log a train goes on from piece to piece.
      steps.log.clear();
      ASSERT_EQ(
          play_channel(device, runs, DramStepping::kRun, kLongEnough, kLongEnough, LogUse::kNone),
          steps)
          << device.name << " seed " << seed;
    }
  }
}

/// A few runs of up to 2 MB: streams repeat themselves, meet each other and refreshes.
std::vector<TimedRun> long_runs(const DramDevice& device, std::uint64_t seed) {
  const CounterRng rng(seed, device.name + " long");
  std::uint64_t draw = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.bits(draw++) % static_cast<std::uint64_t>(n));
  };
  std::vector<TimedRun> runs;
  std::int64_t visible = 0;
  for (int i = 0; i < 4; ++i) {
    TimedRun timed;
    timed.access = below(2) == 0 ? DramAccess::kWrite : DramAccess::kRead;
    timed.visible = visible += below(60'000);
    timed.run.base = below(std::int64_t{1} << 24);
    timed.run.row_bytes = 20'000 + below(std::int64_t{1} << 20);
    timed.run.rows = 1 + below(2);
    timed.run.stride = timed.run.row_bytes + below(50'000);
    runs.push_back(timed);
  }
  return runs;
}

// With no log the channel leaves out what it remembers of a stream.
TEST(DramSteppingTest, WhatIsRememberedOfStreamsGivesTheCyclesCountsAndEndsOfBurstByBurst) {
  for (const DramDevice& device : devices_and_variants()) {
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      const std::vector<TimedRun> runs = long_runs(device, seed);
      const ChannelResult steps =
          play_channel(device, runs, DramStepping::kBurst, kLongEnough, kLongEnough, LogUse::kNone);
      for (std::int64_t stride : {kLongEnough, std::int64_t{1777}}) {
        ASSERT_EQ(
            play_channel(device, runs, DramStepping::kRun, kLongEnough, stride, LogUse::kNone),
            steps)
            << device.name << " seed " << seed << " stride " << stride;
      }
    }
  }
}

TEST(DramSteppingTest, WhatIsRememberedOfStreamsOverRanksGivesTheSameToo) {
  for (const DramDevice& ranked : ranked_devices()) {
    for (const DramDevice& device : {ranked, without_column_rules(ranked)}) {
      const std::vector<TimedRun> runs = long_runs(device, 3);
      const auto play = [&](DramStepping stepping) {
        return play_channel(device, runs, stepping, kLongEnough, kLongEnough, LogUse::kNone);
      };
      ASSERT_EQ(play(DramStepping::kRun), play(DramStepping::kBurst)) << device.name;
    }
  }
}

/// Runs of 128 to 1024 bursts of a channel, as transfers of whole matrices have them: one after
/// another in the addresses or anywhere, some while others wait.
std::vector<TimedRun> transfers(const DramDevice& device, std::uint64_t seed) {
  const CounterRng rng(seed, device.name + " transfers");
  std::uint64_t draw = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.bits(draw++) % static_cast<std::uint64_t>(n));
  };
  const std::int64_t least = 128 * device.organisation.channels * device.organisation.burst_bytes;
  std::vector<TimedRun> runs;
  std::int64_t visible = 0;
  std::int64_t next = 0;
  for (int i = 0; i < 60; ++i) {
    TimedRun timed;
    timed.access = below(8) == 0 ? DramAccess::kWrite : DramAccess::kRead;
    timed.visible = visible += below(9'000);
    timed.run.base = below(2) == 0 ? next : below(std::int64_t{1} << 26);
    timed.run.row_bytes = least + below(7 * least);
    next = timed.run.base + timed.run.row_bytes;
    runs.push_back(timed);
  }
  return runs;
}

TEST(DramSteppingTest, WhatIsRememberedFromTransferToTransferGivesTheSameToo) {
  for (const DramDevice& device : devices_and_variants()) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const std::vector<TimedRun> runs = transfers(device, seed);
      const std::int64_t end = 2 * kLongEnough;
      const ChannelResult steps =
          play_channel(device, runs, DramStepping::kBurst, end, end, LogUse::kNone);
      for (std::int64_t stride : {end, std::int64_t{1777}}) {
        ASSERT_EQ(play_channel(device, runs, DramStepping::kRun, end, stride, LogUse::kNone), steps)
            << device.name << " seed " << seed << " stride " << stride;
      }
    }
  }
}

/// Long runs in pieces and, for most seeds, of both directions at once, some in whole rows.
std::vector<TimedRun> long_mixtures(const DramDevice& device, std::uint64_t seed) {
  const CounterRng rng(seed, device.name + " mixtures");
  std::uint64_t draw = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.bits(draw++) % static_cast<std::uint64_t>(n));
  };
  std::vector<TimedRun> runs;
  std::int64_t visible = 0;
  for (std::uint64_t i = 0; i < 4; ++i) {
    TimedRun timed;
    timed.access = (i + seed) % 3 == 0 ? DramAccess::kWrite : DramAccess::kRead;
    timed.visible = visible += below(3'000);
    timed.run.base = below(std::int64_t{1} << 24);
    timed.run.row_bytes = std::int64_t{64} << below(5);
    timed.run.stride = timed.run.row_bytes * (1 + below(3));
    timed.run.rows = 2'000 + below(3'000);
    runs.push_back(timed);
  }
  return runs;
}

TEST(DramSteppingTest, RememberedTurnsAndPiecesGiveTheCyclesCountsAndEndsOfBurstByBurst) {
  for (const DramDevice& device : devices_and_variants()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const std::vector<TimedRun> runs = long_mixtures(device, seed);
      const ChannelResult steps =
          play_channel(device, runs, DramStepping::kBurst, kLongEnough, kLongEnough, LogUse::kNone);
      for (std::int64_t stride : {kLongEnough, std::int64_t{1777}}) {
        ASSERT_EQ(
            play_channel(device, runs, DramStepping::kRun, kLongEnough, stride, LogUse::kNone),
            steps)
            << device.name << " seed " << seed << " stride " << stride;
      }
    }
  }
}

class Ignored : public BurstSink {
 public:
  void served(const ServedBursts&) override {}
  void moved(std::int64_t) override {}
};

/// Share of all bursts.
double fast_forwarded(const std::string& file, const std::vector<TimedRun>& runs) {
  const DramDevice device = load_dram_device(MXSIM_ROOT "/configs/dram/" + file + ".json");
  const AddressMap map(device);
  Ignored sink;
  FrfcfsChannel channel(device, map, FrfcfsSpec{}, DramStepping::kRun, 0, sink);
  std::uint64_t request = 0;
  std::int64_t bursts = 0;
  for (const TimedRun& timed : runs) {
    const std::int64_t own = RunCursor::count_bursts(map, timed.run).front();
    channel.push(timed.access, timed.run, own, request++, 0);
    bursts += own;
  }
  channel.drain();
  return static_cast<double>(channel.fast_forwarded()) / static_cast<double>(bursts);
}

/// Sixteen runs of 4 MiB, one after the other in their direction.
std::vector<TimedRun> many_runs(bool both_directions, const DramRun& shape) {
  constexpr std::int64_t kApart = std::int64_t{1} << 22;
  std::vector<TimedRun> runs;
  for (std::int64_t i = 0; i < 16; ++i) {
    const bool write = both_directions && i % 2 == 1;
    runs.push_back({0, write ? DramAccess::kWrite : DramAccess::kRead, shape});
    runs.back().run.base = i * kApart;
  }
  return runs;
}

// Equality with stepping would hold as well if nothing were ever remembered.
TEST(DramSteppingTest, MostOfManyLongRunsIsFastForwarded) {
  const DramRun whole{0, std::int64_t{1} << 22, 0, 1};
  const DramRun pieces{0, 512, 1024, 4096};
  for (const char* file : {"lpddr4-3200", "reference/hbm2", "reference/ddr4"}) {
    EXPECT_GT(fast_forwarded(file, many_runs(false, whole)), 0.6) << file;
    EXPECT_GT(fast_forwarded(file, many_runs(true, whole)), 0.6) << file;
  }
  EXPECT_GT(fast_forwarded("reference/hbm2", many_runs(false, pieces)), 0.6);
}

// Banks are renamed from turn to turn, so that few states suffice.
TEST(DramSteppingTest, MostOfManyTransfersIsFastForwarded) {
  for (const char* file : {"lpddr4-3200", "hbm2"}) {
    std::vector<TimedRun> runs;
    for (std::int64_t i = 0; i < 200; ++i) {
      runs.push_back({0, DramAccess::kRead, {i * 7 * (1 << 16), 1 << 18, 0, 1}});
    }
    EXPECT_GT(fast_forwarded(file, runs), 0.6) << file;
  }
}

TEST(DramSteppingTest, AdvancingInSmallPiecesChangesNothing) {
  for (const DramDevice& device : devices_and_variants()) {
    const std::vector<TimedRun> runs = random_runs(device, 99, 40, 30'000);
    const ChannelResult whole =
        play_channel(device, runs, DramStepping::kRun, kLongEnough, kLongEnough);
    for (std::int64_t stride : {1, 7, 1000}) {
      EXPECT_EQ(play_channel(device, runs, DramStepping::kRun, kLongEnough, stride), whole)
          << device.name << " stride " << stride;
    }
  }
}

TEST(DramSteppingTest, JumpingOverIdleTimeIsLikeWaitingThroughIt) {
  for (const DramDevice& device : devices_and_variants()) {
    std::vector<TimedRun> runs = random_runs(device, 5, 12, 2000);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      runs[i].run.rows = 1;
      runs[i].visible += static_cast<std::int64_t>(i) * 173'456;
    }
    const std::int64_t end = runs.back().visible + kEvenClosedPage;
    ChannelResult waited = play_channel(device, runs, DramStepping::kRun, end, end);
    const ChannelResult jumped =
        play_channel(device, runs, DramStepping::kRun, end, end, LogUse::kNone);
    waited.log.clear();
    EXPECT_EQ(jumped, waited) << device.name;
  }
}

TEST(DramSteppingTest, EveryBurstIsServedExactlyOnceAndNoRuleIsBroken) {
  for (const DramDevice& device : devices_and_variants()) {
    for (std::uint64_t seed = 20; seed < 24; ++seed) {
      const std::vector<TimedRun> runs = random_runs(device, seed, 60, 20'000);
      const ChannelResult result =
          play_channel(device, runs, DramStepping::kRun, kEvenClosedPage, kEvenClosedPage);
      for (std::int64_t left : result.left) EXPECT_EQ(left, 0);
      DramAuditor auditor(device);
      for (const CommandRecord& command : result.log) auditor.record(command);
      EXPECT_EQ(auditor.faults(), std::vector<std::string>{}) << device.name;
      const DramOrganisation& o = device.organisation;
      const std::int64_t due =
          o.count(DramLevel::kRank) * (kEvenClosedPage / device.refresh.interval_cycles);
      EXPECT_NEAR(static_cast<double>(auditor.refreshes()), static_cast<double>(due),
                  static_cast<double>(o.count(DramLevel::kRank)));
    }
  }
}

}  // namespace
}  // namespace mxsim
