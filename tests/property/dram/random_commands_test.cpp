#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "sim/dram/trace_replay.h"
#include "tests/support/dram_auditor.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

/// Random bursts in random gaps, some near each other and some on the same few bursts, until the
/// log has `commands` of them; everything must be served and no rule broken.
void audit_random(const DramDevice& device, std::int64_t commands,
                  DramProfile profile = DramProfile::kFrfcfs) {
  const CounterRng rng(11, device.name);
  std::uint64_t draw = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.bits(draw++) % static_cast<std::uint64_t>(n));
  };
  const std::int64_t bytes = device.organisation.burst_bytes;
  DramAuditor auditor(profile == DramProfile::kDramsim3 ? with_short_commands(device) : device);
  TraceReplay player(device, profile, {}, &auditor);
  const std::int64_t half = device.organisation.capacity_bytes() / 2;
  std::int64_t cycle = 0;
  std::int64_t reads = 0;
  while (auditor.commands() < commands) {
    const std::int64_t kind = below(8);
    const std::int64_t range = kind == 0 ? 64 : kind < 3 ? 4096 : std::int64_t{1} << 20;
    const std::int64_t pause = below(2000);
    if (pause == 0) cycle += below(20'000);
    if (pause > 1000) cycle += pause % 16;
    const DramAccess access = below(3) == 0 ? DramAccess::kWrite : DramAccess::kRead;
    reads += access == DramAccess::kRead ? 1 : 0;
    player.play({below(range) * bytes + below(2) * half, access, cycle});
  }
  const ReplayResult result = player.finish();
  EXPECT_EQ(auditor.faults(), std::vector<std::string>{}) << device.name;
  EXPECT_EQ(result.read_latency.count(), reads) << device.name;
  EXPECT_LE(result.counts.row_hits + result.counts.row_empty + result.counts.row_conflicts,
            result.requests);
}

TEST(DramRandomCommandsTest, NoRuleIsBrokenByAnyDeviceOrVariant) {
  for (const DramDevice& device : all_devices()) audit_random(device, 6000);
  for (const DramDevice& device : device_variants()) audit_random(device, 6000);
}

// The auditor finds overlaps of bursts on a data bus without looking at any rule.
void audit_ranks(std::int64_t commands) {
  for (const DramDevice& device : ranked_devices()) {
    for (const DramDevice& each : {device, without_column_rules(device)}) {
      audit_random(each, commands);
      if (dramsim3_plays(each)) audit_random(each, commands, DramProfile::kDramsim3);
    }
  }
}

TEST(DramRandomCommandsTest, NoBurstsOverlapWithAnyNumberOfRanksUnderAnyRules) {
  audit_ranks(4000);
}

TEST(LongDramRandomCommandsTest, NoBurstsOverlapInAMillionCommandsWithAnyNumberOfRanks) {
  audit_ranks(1'000'000);
}

// Profile dramsim3: a write waits for a queued read of the same burst, and reads for a turn of
// writes.
TEST(DramRandomCommandsTest, SameAddressReadsAndWritesEndUnderTheQueuesOfDramsim3) {
  for (const DramDevice& device : all_devices()) {
    if (device.refresh.mode == RefreshMode::kPerBank) continue;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const CounterRng rng(seed, device.name);
      TraceReplay player(device, DramProfile::kDramsim3);
      std::int64_t reads = 0;
      for (std::uint64_t i = 0; i < 3000; ++i) {
        const std::uint64_t draw = rng.bits(i);
        const auto burst = static_cast<std::int64_t>(draw / 8 % (draw % 2 == 0 ? 64 : 1 << 18));
        const bool write = draw / 2 % 2 == 0;
        reads += write ? 0 : 1;
        player.play({burst * device.organisation.burst_bytes,
                     write ? DramAccess::kWrite : DramAccess::kRead, 0});
      }
      EXPECT_EQ(player.finish().read_latency.count(), reads) << device.name;
    }
  }
}

TEST(LongDramRandomCommandsTest, NoRuleIsBrokenInAMillionCommands) {
  for (const DramDevice& device : all_devices()) audit_random(device, 1'000'000);
  for (const DramDevice& device : device_variants()) audit_random(device, 1'000'000);
}

// Reads and writes of the same two bursts, far more than the queues hold.
TEST(DramRandomCommandsTest, SameAddressReadsAndWritesNeverBlockEachOther) {
  for (const DramDevice& device : device_variants()) {
    DramAuditor auditor(device);
    TraceReplay player(device, DramProfile::kFrfcfs, {}, &auditor);
    for (std::int64_t i = 0; i < 4000; ++i) {
      const std::int64_t row = i % 2 * device.organisation.bursts * device.organisation.banks;
      const DramAccess access = i / 40 % 2 == 0 ? DramAccess::kRead : DramAccess::kWrite;
      player.play({row * device.organisation.burst_bytes, access, 0});
    }
    const ReplayResult result = player.finish();
    EXPECT_EQ(result.read_latency.count(), 2000) << device.name;
    EXPECT_EQ(auditor.faults(), std::vector<std::string>{}) << device.name;
  }
}

}  // namespace
}  // namespace mxsim
