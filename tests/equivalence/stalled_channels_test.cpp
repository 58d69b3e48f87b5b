#include <gtest/gtest.h>

#include <iostream>
#include <tuple>

#include "models/formats/format_parser.h"
#include "sim/run/simulation.h"
#include "tests/support/dram_devices.h"
#include "tests/support/random_stalls.h"
#include "tests/support/sample_work.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

constexpr std::uint64_t kSeed = 20261124;

/// A piece of a training step, in a format and with one dataflow.
class StalledChip : public ::testing::TestWithParam<std::tuple<const char*, Dataflow>> {
 protected:
  StalledChip()
      : ops_(testing::sample_work(parse_format(std::get<0>(GetParam())), block())),
        chip_(testing::tiny_chip()),
        dram_(testing::sample_devices().front()) {
    const Dataflow dataflow = std::get<1>(GetParam());
    chip_.array.dataflow = {dataflow, dataflow, dataflow};
    std::cout << "seed " << kSeed << '\n';
  }

  SimulationResult run(Fidelity fidelity, const StallSource* stalls,
                       const BuildOrder& order = kBuildOrder) const {
    SimulationRequest request{ops_, chip_, dram_};
    request.fidelity = fidelity;
    request.bits = ResultBits::kComputed;
    request.stalls = stalls;
    request.build_order = order;
    return simulate(request);
  }

  static BlockShape block() {
    const bool scaled = parse_format(std::get<0>(GetParam())).scale_bits > 0;
    return scaled ? BlockShape{8, 8} : BlockShape{1, 1};
  }

  OpList ops_;
  ChipConfig chip_;
  DramDevice dram_;
};

/// Everything, time included.
void expect_same(const SimulationResult& x, const SimulationResult& y) {
  EXPECT_EQ(x.cycles, y.cycles);
  EXPECT_EQ(x.counts, y.counts);
  EXPECT_EQ(x.activity, y.activity);
  EXPECT_EQ(x.output_hashes, y.output_hashes);
  ASSERT_EQ(x.groups.size(), y.groups.size());
  for (std::size_t i = 0; i < x.groups.size(); ++i) {
    EXPECT_EQ(x.groups[i].cycles, y.groups[i].cycles) << i;
    EXPECT_EQ(x.groups[i].span, y.groups[i].span) << i;
    EXPECT_EQ(x.groups[i].counts, y.groups[i].counts) << i;
    EXPECT_EQ(x.groups[i].activity, y.groups[i].activity) << i;
  }
}

/// DRAM counts its commands and standing time; what it moves does not depend on when. Tiles that
/// follow each other on the array share cycles, those that are held up idle while it fills and
/// drains.
bool depends_on_time(Unit unit, Event event) {
  if (event == Event::kPeIdleCycles) return true;
  if (unit != Unit::kDram) return false;
  return event != Event::kDramReads && event != Event::kDramWrites &&
         event != Event::kDramReadBytes && event != Event::kDramWriteBytes;
}

void expect_same_work(const SimulationResult& calm, const SimulationResult& stalled) {
  EXPECT_EQ(calm.output_hashes, stalled.output_hashes);
  EXPECT_EQ(calm.dram.read_payload, stalled.dram.read_payload);
  EXPECT_EQ(calm.dram.write_payload, stalled.dram.write_payload);
  ASSERT_EQ(calm.groups.size(), stalled.groups.size());
  for (std::size_t i = 0; i < calm.groups.size(); ++i) {
    for (std::size_t u = 0; u < kUnitCount; ++u) {
      for (std::size_t e = 0; e < kEventCount; ++e) {
        const auto unit = static_cast<Unit>(u);
        const auto event = static_cast<Event>(e);
        if (depends_on_time(unit, event)) continue;
        EXPECT_EQ(calm.groups[i].counts[unit][event], stalled.groups[i].counts[unit][event])
            << "group " << i << ' ' << to_string(unit) << ' ' << info(event).name;
      }
    }
  }
}

void expect_whole_cycles(const SimulationResult& result) {
  for (const Unit unit :
       {Unit::kDmaRead, Unit::kDmaWrite, Unit::kArray, Unit::kVector, Unit::kRequant}) {
    EXPECT_EQ(result.activity[static_cast<std::size_t>(unit)].total(), result.cycles)
        << to_string(unit);
  }
}

TEST_P(StalledChip, DoesTheSameWorkAndBothFidelitiesTakeTheSameCycles) {
  const SimulationResult calm = run(Fidelity::kPe, nullptr);
  for (const std::int64_t longest : {1, 9, 300}) {
    const RandomStalls stalls(kSeed + static_cast<std::uint64_t>(longest), longest);
    const SimulationResult pe = run(Fidelity::kPe, &stalls);
    expect_same(pe, run(Fidelity::kTile, &stalls));
    expect_same_work(calm, pe);
    expect_whole_cycles(pe);
    EXPECT_GT(pe.cycles, calm.cycles);
  }
}

TEST_P(StalledChip, DoesTheSameWorkWhicheverChannelIsHeldUpAlone) {
  const SimulationResult calm = run(Fidelity::kTile, nullptr);
  for (std::size_t channel = 0; channel < kChannelCount; ++channel) {
    const RandomStalls stalls(kSeed + channel, 3000, static_cast<Channel>(channel));
    const SimulationResult stalled = run(Fidelity::kTile, &stalls);
    expect_same_work(calm, stalled);
    expect_whole_cycles(stalled);
    EXPECT_NE(stalled.cycles, calm.cycles) << "no item of channel " << channel << " waited";
  }
}

TEST_P(StalledChip, DoesNotDependOnTheOrderOfConstruction) {
  const RandomStalls stalls(kSeed, 20);
  expect_same(run(Fidelity::kTile, &stalls), run(Fidelity::kTile, &stalls, kReversedOrder));
}

TEST_P(StalledChip, RunsAsWithoutStallsWhenNoneIsLongerThanZero) {
  const RandomStalls none(kSeed, 0);
  expect_same_work(run(Fidelity::kTile, nullptr), run(Fidelity::kTile, &none));
}

INSTANTIATE_TEST_SUITE_P(Formats, StalledChip,
                         ::testing::Combine(::testing::Values("bf16", "mxfp8_e4m3", "mxsf"),
                                            ::testing::Values(Dataflow::kWeightStationary,
                                                              Dataflow::kOutputStationary,
                                                              Dataflow::kInputStationary)),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::to_string(static_cast<int>(std::get<1>(each.param)));
                         });

}  // namespace
}  // namespace mxsim
