#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "tests/support/dram_devices.h"
#include "tests/support/dram_power_meter.h"

namespace mxsim {
namespace {

using namespace testing;
using Trace = std::vector<TraceRequest>;

enum class Mix { kReads, kReadsAndWrites };

/// Bursts at random places and times from `begin` on.
Trace random_trace(const DramDevice& device, std::uint64_t seed, std::int64_t begin, Mix mix) {
  constexpr int kRequests = 600;
  const CounterRng rng(seed, device.name);
  std::uint64_t draw = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.bits(draw++) % static_cast<std::uint64_t>(n));
  };
  const std::int64_t bursts =
      device.organisation.capacity_bytes() / device.organisation.burst_bytes;
  Trace trace;
  std::int64_t cycle = begin;
  for (int i = 0; i < kRequests; ++i) {
    const bool write = mix == Mix::kReadsAndWrites && below(3) == 0;
    trace.push_back({below(bursts) * device.organisation.burst_bytes,
                     write ? DramAccess::kWrite : DramAccess::kRead, cycle});
    cycle += below(10) == 0 ? below(400) : 0;
  }
  return trace;
}

ReplayResult replay(const DramDevice& device, DramProfile profile, const Trace& trace,
                    CommandLog* log = nullptr) {
  TraceReplay player(device, profile, {}, log);
  for (const TraceRequest& request : trace) player.play(request);
  return player.finish();
}

std::vector<DramDevice> every_device() {
  std::vector<DramDevice> devices = all_devices();
  for (DramDevice& variant : device_variants()) devices.push_back(std::move(variant));
  for (DramDevice& ranked : ranked_devices()) devices.push_back(std::move(ranked));
  return devices;
}

template <class Check>
void for_each_case(Check check) {
  for (const DramDevice& device : every_device()) {
    for (DramProfile profile : {DramProfile::kFrfcfs, DramProfile::kDramsim3}) {
      if (profile == DramProfile::kFrfcfs || dramsim3_plays(device)) check(device, profile);
    }
  }
}

void expect_equal(const ReplayEnergy& got, const ReplayEnergy& expected, const std::string& name) {
  const auto expect = [&](double value, double reference, const char* kind) {
    EXPECT_GE(value, 0) << name << ": " << kind;
    EXPECT_NEAR(value, reference, 1e-9 * reference) << name << ": " << kind;
  };
  expect(got.activate_pj, expected.activate_pj, "activate");
  expect(got.read_pj, expected.read_pj, "read");
  expect(got.write_pj, expected.write_pj, "write");
  expect(got.refresh_pj, expected.refresh_pj, "refresh");
  expect(got.background_pj, expected.background_pj, "background");
}

// A request is accepted in the cycle after it came: there the window begins.
TEST(DramEnergyWindowTest, EnergyOfEveryKindIsItsPowerOverTheWindowOfTheLog) {
  for_each_case([](const DramDevice& device, DramProfile profile) {
    const bool short_commands = profile == DramProfile::kDramsim3;
    for (std::int64_t begin : {std::int64_t{0}, 5 * device.refresh.interval_cycles / 2}) {
      const Trace trace = random_trace(device, 3, begin, Mix::kReadsAndWrites);
      DramPowerMeter meter(short_commands ? with_short_commands(device) : device);
      const ReplayResult result = replay(device, profile, trace, &meter);
      expect_equal(energy_of(device, result),
                   meter.energy(begin + 1, begin + 1 + result.total_cycles),
                   device.name + " from " + std::to_string(begin));
    }
  });
}

TEST(DramEnergyWindowTest, RankStatesFillTheWindow) {
  for_each_case([](const DramDevice& device, DramProfile profile) {
    const Trace trace = random_trace(device, 4, 1'000'000, Mix::kReadsAndWrites);
    const ReplayResult result = replay(device, profile, trace);
    const DramOrganisation& o = device.organisation;
    const ChannelCounts& c = result.counts;
    for (std::int64_t cycles : {c.open_rank_cycles, c.open_down_cycles, c.closed_down_cycles}) {
      EXPECT_GE(cycles, 0) << device.name;
    }
    EXPECT_LE(c.open_rank_cycles + c.open_down_cycles + c.closed_down_cycles,
              o.channels * o.count(DramLevel::kRank) * result.total_cycles)
        << device.name;
  });
}

/// Refreshes that fall due in `cycles`, over all ranks; one a rank may have been late on either
/// side.
void expect_refreshes_of(const DramDevice& device, std::int64_t cycles, std::int64_t refreshes) {
  const DramOrganisation& o = device.organisation;
  const std::int64_t ranks = o.channels * o.count(DramLevel::kRank);
  const std::int64_t due = ranks * (cycles / device.refresh.interval_cycles);
  EXPECT_GE(refreshes, due - ranks) << device.name;
  EXPECT_LE(refreshes, due + 2 * ranks) << device.name;
}

// Refreshes close every row between the halves: the second half finds the memory as if there had
// been no first one. DRAMsim3 keeps writes until more come, so it gets reads alone.
TEST(DramEnergyWindowTest, HalvesOfATraceAndTheGapBetweenThemAddUp) {
  for_each_case([](const DramDevice& device, DramProfile profile) {
    const bool by_bank = device.refresh.mode == RefreshMode::kPerBank;
    const std::int64_t turns = by_bank ? device.organisation.banks_under(DramLevel::kRank) : 1;
    const std::int64_t later = (2 * turns + 3) * device.refresh.interval_cycles + 60'000;
    const Mix mix = profile == DramProfile::kDramsim3 ? Mix::kReads : Mix::kReadsAndWrites;
    const Trace first = random_trace(device, 5, 100, mix);
    const Trace second = random_trace(device, 6, later, mix);
    Trace both = first;
    both.insert(both.end(), second.begin(), second.end());
    const ReplayResult a = replay(device, profile, first);
    const ReplayResult b = replay(device, profile, second);
    const ReplayResult whole = replay(device, profile, both);
    const std::int64_t gap = whole.total_cycles - a.total_cycles - b.total_cycles;
    EXPECT_EQ(gap, later - 100 - a.total_cycles) << device.name;
    const auto left = [&](DramCommand c) { return whole.counts[c] - a.counts[c] - b.counts[c]; };
    for (DramCommand c : {DramCommand::kActivate, DramCommand::kRead, DramCommand::kWrite,
                          DramCommand::kReadAuto, DramCommand::kWriteAuto}) {
      EXPECT_EQ(left(c), 0) << device.name << ": " << to_string(c);
    }
    expect_refreshes_of(device, gap, left(DramCommand::kRefresh) + left(DramCommand::kRefreshBank));
    const ReplayEnergy ea = energy_of(device, a);
    const ReplayEnergy eb = energy_of(device, b);
    const ReplayEnergy ew = energy_of(device, whole);
    EXPECT_NEAR(ew.read_pj, ea.read_pj + eb.read_pj, 1e-9 * ew.read_pj) << device.name;
    EXPECT_NEAR(ew.write_pj, ea.write_pj + eb.write_pj, 1e-9 * ew.write_pj) << device.name;
    EXPECT_NEAR(ew.activate_pj, ea.activate_pj + eb.activate_pj, 1e-9 * ew.activate_pj);
    EXPECT_GE(ew.refresh_pj, ea.refresh_pj + eb.refresh_pj) << device.name;
    EXPECT_GE(ew.background_pj, ea.background_pj + eb.background_pj) << device.name;
  });
}

}  // namespace
}  // namespace mxsim
