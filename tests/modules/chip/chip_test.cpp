#include "sim/chip/chip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/formats/format_table.h"
#include "sim/run/simulation.h"
#include "tests/support/dram_devices.h"
#include "tests/support/sample_work.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

struct Case {
  const char* format;
  BlockShape block;
};

const std::vector<Case> kCases{{"fp32", {1, 1}},
                               {"bf16", {1, 1}},
                               {"mxint8", {1, 8}},
                               {"mxfp8_e4m3", {8, 8}},
                               {"mxsf", {8, 8}}};

class ChipRun : public ::testing::TestWithParam<Case> {
 protected:
  ChipRun()
      : ops_(testing::sample_work(parse_format(GetParam().format), GetParam().block)),
        chip_(testing::tiny_chip()),
        dram_(testing::sample_devices().front()) {}

  SimulationRequest request() const { return {ops_, chip_, dram_}; }

  OpList ops_;
  ChipConfig chip_;
  DramDevice dram_;
};

std::uint64_t count(std::int64_t value) { return static_cast<std::uint64_t>(value); }

TEST_P(ChipRun, EveryUnitIsBusyStalledOrIdleInEveryCycle) {
  const SimulationResult result = simulate(request());
  for (const Unit unit :
       {Unit::kDmaRead, Unit::kDmaWrite, Unit::kArray, Unit::kVector, Unit::kRequant}) {
    EXPECT_EQ(result.activity[static_cast<std::size_t>(unit)].total(), result.cycles)
        << to_string(unit);
  }
  for (const GroupResult& group : result.groups) {
    EXPECT_EQ(group.activity[static_cast<std::size_t>(Unit::kArray)].total(), group.cycles);
  }
}

TEST_P(ChipRun, CyclesAndEventsOfTheGroupsAddUpToTheRun) {
  const SimulationResult result = simulate(request());
  ASSERT_EQ(result.groups.size(), ops_.groups.size());
  UnitCounts counts;
  Cycles cycles{0};
  for (const GroupResult& group : result.groups) {
    counts += group.counts;
    cycles += group.cycles;
  }
  EXPECT_EQ(cycles, result.cycles);
  EXPECT_EQ(counts, result.counts);
  EXPECT_EQ(counts[Unit::kDram][Event::kDramReadBytes], count(result.dram.read_moved.count()));
  EXPECT_EQ(counts[Unit::kDram][Event::kDramWriteBytes], count(result.dram.write_moved.count()));
}

TEST_P(ChipRun, OverlapMovesNoWorkToAnotherGroupAndTakesNoLonger) {
  SimulationRequest apart = request();
  apart.policy.overlap_groups = GroupOverlap::kOff;
  const SimulationResult off = simulate(apart);
  const SimulationResult on = simulate(request());
  EXPECT_LE(on.cycles, off.cycles);
  for (std::size_t i = 0; i < on.groups.size(); ++i) {
    for (const Unit unit :
         {Unit::kArray, Unit::kSramInput, Unit::kSramWeight, Unit::kSramAccumulator, Unit::kDmaRead,
          Unit::kDmaWrite, Unit::kVector, Unit::kRequant}) {
      EXPECT_EQ(on.groups[i].counts[unit], off.groups[i].counts[unit]) << to_string(unit);
    }
    for (const Event event :
         {Event::kDramReads, Event::kDramWrites, Event::kDramReadBytes, Event::kDramWriteBytes}) {
      EXPECT_EQ(on.groups[i].counts[Unit::kDram][event], off.groups[i].counts[Unit::kDram][event]);
    }
    EXPECT_GE(on.groups[i].span, Cycles(0));
    EXPECT_GE(on.groups[i].cycles.count() * chip_.array.rows * chip_.array.cols,
              static_cast<std::int64_t>(on.groups[i].counts[Unit::kArray][Event::kMac]));
  }
}

TEST_P(ChipRun, TheTimelineAddsUpToTheActivityOfEveryUnit) {
  SimulationRequest with_timeline = request();
  Timeline timeline;
  with_timeline.timeline = &timeline;
  const SimulationResult result = simulate(with_timeline);
  std::array<UnitActivity, kUnitCount> shown{};
  std::array<Cycles, kUnitCount> end{};
  for (const Timeline::Span& span : timeline.spans()) {
    const auto unit = static_cast<std::size_t>(span.unit);
    EXPECT_LE(span.begin, span.end);
    EXPECT_GE(span.begin, end[unit]) << to_string(span.unit);
    end[unit] = span.end;
    (span.stall ? shown[unit].stalled[*span.stall] : shown[unit].busy) += span.end - span.begin;
  }
  for (const Unit unit :
       {Unit::kArray, Unit::kVector, Unit::kRequant, Unit::kDmaRead, Unit::kDmaWrite}) {
    const auto i = static_cast<std::size_t>(unit);
    EXPECT_EQ(shown[i].busy, result.activity[i].busy) << to_string(unit);
    EXPECT_EQ(shown[i].stalled, result.activity[i].stalled) << to_string(unit);
  }
}

TEST_P(ChipRun, MultipliesAsOftenAsTheShapesSay) {
  const SimulationResult result = simulate(request());
  EXPECT_EQ(result.counts[Unit::kArray][Event::kMac], count(testing::total_macs(ops_)));
}

TEST_P(ChipRun, EveryByteThatLeavesDramReachesABufferOrTheVectorUnit) {
  const SimulationResult result = simulate(request());
  Bytes broadcast{0};
  for (const OpGroup& group : ops_.groups) {
    for (const TensorId id : group.broadcast_reads)
      broadcast += ops_.tensors[static_cast<std::size_t>(id)].bytes();
  }
  EXPECT_EQ(result.counts[Unit::kDmaRead][Event::kDmaReadBytes],
            count(result.dram.read_payload.count()));
  EXPECT_EQ(result.counts[Unit::kDmaWrite][Event::kDmaWriteBytes],
            count(result.dram.write_payload.count()));
  EXPECT_LE(result.dram.read_payload, result.dram.read_moved);
  const std::uint64_t operands = result.counts[Unit::kSramInput][Event::kSramWriteBytes] +
                                 result.counts[Unit::kSramWeight][Event::kSramWriteBytes];
  EXPECT_LE(operands + count(broadcast.count()), count(result.dram.read_payload.count()));
}

TEST_P(ChipRun, EveryResultIsWrittenOnce) {
  const SimulationResult result = simulate(request());
  Bytes elements{0};
  Bytes with_shared_scales{0};
  for (const OpGroup& group : ops_.groups) {
    for (const auto* writes : {&group.writes, &group.reduction_writes}) {
      for (const TensorWrite& write : *writes) {
        const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(write.tensor)];
        elements += Bytes(tensor.rows * tensor.cols * tensor.layout.format.element_bits / 8);
        with_shared_scales += tensor.bytes() + tensor.bytes();
      }
    }
  }
  EXPECT_GE(result.dram.write_payload, elements);
  EXPECT_LE(result.dram.write_payload, with_shared_scales);
}

TEST_P(ChipRun, NoUnitIsFasterThanItsRoofline) {
  const SimulationResult result = simulate(request());
  const std::int64_t pes = chip_.array.rows * chip_.array.cols;
  EXPECT_GE(result.cycles.count() * pes, testing::total_macs(ops_));
  const double seconds =
      static_cast<double>(result.cycles.count()) / static_cast<double>(chip_.clock_hz);
  const Bytes moved = result.dram.read_moved + result.dram.write_moved;
  EXPECT_GE(seconds * dram_.peak_bytes_per_s(), static_cast<double>(moved.count()));
  const Bytes payload = std::max(result.dram.read_payload, result.dram.write_payload);
  EXPECT_GE(result.cycles.count() * chip_.dma.bytes_per_cycle, payload.count());
  EXPECT_GE(result.cycles.count() * chip_.requant.lanes,
            static_cast<std::int64_t>(result.counts[Unit::kRequant][Event::kRequantEncode]));
}

TEST_P(ChipRun, NoOrderOfConstructionAndNoTimelineChangesAnything) {
  const SimulationResult expected = simulate(request());
  BuildOrder order = kBuildOrder;
  do {
    SimulationRequest other = request();
    Timeline timeline;
    other.build_order = order;
    other.timeline = &timeline;
    const SimulationResult result = simulate(other);
    ASSERT_EQ(result.cycles, expected.cycles);
    ASSERT_EQ(result.counts, expected.counts);
    ASSERT_EQ(result.activity, expected.activity);
    ASSERT_FALSE(timeline.spans().empty());
  } while (std::next_permutation(order.begin(), order.end()));
}

INSTANTIATE_TEST_SUITE_P(Formats, ChipRun, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.format); });

}  // namespace
}  // namespace mxsim
