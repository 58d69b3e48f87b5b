#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "sim/config/dram_reader.h"
#include "sim/run/simulation.h"
#include "tests/support/dram_devices.h"
#include "tests/support/sample_work.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

constexpr std::array kStates{Event::kDramOpenRankCycles, Event::kDramClosedRankCycles,
                             Event::kDramOpenDownCycles, Event::kDramClosedDownCycles};

std::int64_t rank_cycles(const UnitCounts& counts) {
  std::uint64_t sum = 0;
  for (const Event state : kStates) sum += counts[Unit::kDram][state];
  return static_cast<std::int64_t>(sum);
}

std::int64_t ranks(const DramDevice& device) {
  return device.organisation.channels * device.organisation.count(DramLevel::kRank);
}

class DramStates : public ::testing::Test {
 protected:
  SimulationResult run(const DramDevice& device) {
    return simulate(SimulationRequest{ops_, chip_, device});
  }
  /// Cycles of the DRAM's clock that are over by then.
  std::int64_t dram_cycles(const DramDevice& device, Cycles chip_cycles) const {
    return chip_cycles.count() * device.clock_hz / chip_.clock_hz;
  }

  OpList ops_ = testing::sample_work(parse_format("mxsf"), {8, 8});
  ChipConfig chip_ = testing::tiny_chip();
};

TEST_F(DramStates, EachRankIsInOneStateInEachCycleOfTheRun) {
  std::vector<DramDevice> devices = testing::all_devices();
  for (DramDevice& variant : testing::device_variants()) devices.push_back(std::move(variant));
  for (const DramDevice& device : devices) {
    const SimulationResult result = run(device);
    EXPECT_NEAR(static_cast<double>(rank_cycles(result.counts)),
                static_cast<double>(ranks(device) * dram_cycles(device, result.cycles)),
                static_cast<double>(ranks(device)))
        << device.name;
    // Booked with the group that finishes: all the time since the group before it did.
    std::int64_t booked = 0;
    for (const GroupResult& group : result.groups) {
      EXPECT_EQ(rank_cycles(group.counts) % ranks(device), 0) << device.name;
      booked += rank_cycles(group.counts);
      EXPECT_LE(booked, rank_cycles(result.counts)) << device.name;
      for (const Event state : kStates) {
        EXPECT_LE(group.counts[Unit::kDram][state], result.counts[Unit::kDram][state]);
      }
    }
    EXPECT_EQ(booked, rank_cycles(result.counts)) << device.name;
    const EventCounts& dram = result.counts[Unit::kDram];
    EXPECT_GT(dram[Event::kDramOpenRankCycles], 0u) << device.name;
    const bool sleeps = device.power_down.mode == PowerDownMode::kIdle;
    EXPECT_EQ(dram[Event::kDramOpenDownCycles] + dram[Event::kDramClosedDownCycles] > 0, sleeps)
        << device.name;
  }
}

TEST_F(DramStates, RefreshesOfRanksAndOfBanksAreDifferentEvents) {
  const std::string file = MXSIM_ROOT "/configs/dram/lpddr4-3200.json";
  const SimulationResult by_rank = run(load_dram_device(file));
  const SimulationResult by_bank = run(load_dram_device(file, {{"/refresh/mode", "per_bank"}}));
  const auto count = [](const SimulationResult& result, Event event) {
    return result.counts[Unit::kDram][event];
  };
  EXPECT_GT(count(by_rank, Event::kDramRefreshes), 0u);
  EXPECT_EQ(count(by_rank, Event::kDramBankRefreshes), 0u);
  EXPECT_EQ(count(by_bank, Event::kDramRefreshes), 0u);
  EXPECT_GT(count(by_bank, Event::kDramBankRefreshes), count(by_rank, Event::kDramRefreshes));
}

}  // namespace
}  // namespace mxsim
