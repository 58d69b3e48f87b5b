#include <gtest/gtest.h>

#include "models/workload/lower.h"
#include "models/workload/product_slices.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"
#include "tests/support/same_fidelities.h"

namespace mxsim {
namespace {

using Step = std::tuple<const char*, const char*, const char*>;  // network, format, dataflow

/// A training step of a small network of odd shapes on an 8x8 array.
class TrainingStep : public ::testing::TestWithParam<Step> {
 protected:
  TrainingStep()
      : config_(load_config<RunConfig>(
            MXSIM_ROOT "/configs/runs/" + std::string(std::get<0>(GetParam())) + "_train.json",
            {{"/formats/default", std::get<1>(GetParam())},
             {"/chip/array/dataflow/forward", std::get<2>(GetParam())},
             {"/chip/array/dataflow/backward_data", std::get<2>(GetParam())},
             {"/chip/array/dataflow/backward_weight", std::get<2>(GetParam())}})),
        ops_(lower(config_.workload, lowering_policy(config_))),
        dram_(dram_device(config_.chip.dram)) {}

  SimulationResult run(Fidelity fidelity, Bytes kept = Bytes(0)) const {
    return run(ops_, fidelity, kept);
  }
  SimulationResult run(const OpList& ops, Fidelity fidelity, Bytes kept) const {
    SimulationRequest request{ops, config_.chip, dram_};
    request.fidelity = fidelity;
    request.policy.keep_on_chip_bytes = kept;
    request.bits = ResultBits::kComputed;
    return simulate(request);
  }

  RunConfig config_;
  OpList ops_;
  DramDevice dram_;
};

std::size_t gemms(const OpList& ops) {
  std::size_t count = 0;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) count += work.taps() > 0 ? 1 : 0;
  }
  return count;
}

TEST_P(TrainingStep, HasTheSameCyclesEventsAndBitsPeByPeAndInClosedForm) {
  const SimulationResult pe = run(Fidelity::kPe);
  const SimulationResult tile = run(Fidelity::kTile);
  EXPECT_EQ(pe.cycles, tile.cycles);
  ASSERT_EQ(pe.groups.size(), tile.groups.size());
  for (std::size_t i = 0; i < pe.groups.size(); ++i) {
    const OpGroup& group = ops_.groups[i];
    EXPECT_EQ(pe.groups[i].cycles, tile.groups[i].cycles) << group.layer << to_string(group.pass);
    EXPECT_EQ(pe.groups[i].counts, tile.groups[i].counts) << group.layer << to_string(group.pass);
    EXPECT_EQ(pe.groups[i].activity, tile.groups[i].activity) << group.layer;
  }
  EXPECT_GE(pe.output_hashes.size(), gemms(ops_));
  EXPECT_EQ(pe.output_hashes, tile.output_hashes);
}

const auto kDataflows = ::testing::Values("ws", "os", "is");

std::string name_of(const ::testing::TestParamInfo<Step>& each) {
  return std::string(std::get<1>(each.param)) + "_" + std::get<2>(each.param);
}

TEST_P(TrainingStep, KeepsTensorsOnTheChipWithFewerBytesFromDramInBothFidelities) {
  const SimulationResult without = run(Fidelity::kTile);
  const SimulationResult with = run(Fidelity::kTile, Bytes(2048));
  EXPECT_EQ(with.cycles, run(Fidelity::kPe, Bytes(2048)).cycles);
  EXPECT_EQ(with.counts[Unit::kArray][Event::kMac], without.counts[Unit::kArray][Event::kMac]);
  EXPECT_GT(with.memory.kept_tensors, 0u);
  EXPECT_LE(with.memory.kept.peak, with.memory.kept.capacity);
  EXPECT_LT(with.dram.read_payload, without.dram.read_payload);
  EXPECT_LT(with.dram.write_payload, without.dram.write_payload);
  EXPECT_EQ(with.counts[Unit::kDmaRead][Event::kDmaReadBytes],
            static_cast<std::uint64_t>(with.dram.read_payload.count()));
}

/// What is counted whatever the order of the work.
void expect_same_work(const SimulationResult& a, const SimulationResult& b) {
  for (const Event event : {Event::kMac, Event::kVectorAdd, Event::kVectorMul, Event::kVectorExp,
                            Event::kVectorDivide, Event::kRequantEncode}) {
    EXPECT_EQ(a.counts.total(event), b.counts.total(event)) << info(event).name;
  }
}

TEST_P(TrainingStep, RunsAttentionInSlicesWithFewerBytesFromDramInBothFidelities) {
  const std::vector<Bytes> rooms = least_slice_rooms(ops_);
  EXPECT_EQ(rooms.empty(), std::string(std::get<0>(GetParam())) != "tiny_vit");
  if (rooms.empty()) return;
  const Bytes kept = rooms.back();
  const OpList sliced = slice_products(ops_, kept);
  const SimulationResult tile = run(sliced, Fidelity::kTile, kept);
  testing::expect_same(run(sliced, Fidelity::kPe, kept), tile);
  const SimulationResult whole = run(Fidelity::kTile);
  expect_same_work(tile, whole);
  EXPECT_LT(tile.dram.read_payload, whole.dram.read_payload);
  EXPECT_LT(tile.dram.write_payload, whole.dram.write_payload);
}

// Fetches ahead of their group share DRAM with the stores of the group before, which may then take
// longer: that must stay below what the overlap gains.
TEST_P(TrainingStep, TakesNoLongerWithOverlapAndMovesTheSameBytes) {
  SimulationRequest apart{ops_, config_.chip, dram_};
  apart.policy.overlap_groups = GroupOverlap::kOff;
  const SimulationResult off = simulate(apart);
  const SimulationResult on = run(Fidelity::kTile);
  EXPECT_LT(on.cycles, off.cycles);
  EXPECT_EQ(on.dram.read_moved, off.dram.read_moved);
  EXPECT_EQ(on.dram.write_moved, off.dram.write_moved);
}

INSTANTIATE_TEST_SUITE_P(TinyCnn, TrainingStep,
                         ::testing::Combine(::testing::Values("tiny_cnn"),
                                            ::testing::Values("fp32", "bf16", "mxfp8_e4m3",
                                                              "mxfp8_e2m5", "mxint8", "mxsf"),
                                            kDataflows),
                         name_of);
INSTANTIATE_TEST_SUITE_P(TinyMobilenet, TrainingStep,
                         ::testing::Combine(::testing::Values("tiny_mobilenet"),
                                            ::testing::Values("bf16", "mxfp8_e4m3", "mxsf"),
                                            kDataflows),
                         name_of);
INSTANTIATE_TEST_SUITE_P(TinyVit, TrainingStep,
                         ::testing::Combine(::testing::Values("tiny_vit"),
                                            ::testing::Values("bf16", "mxfp8_e4m3", "mxsf"),
                                            kDataflows),
                         name_of);

// Exact sums of weight gradients end row by row, and their units hold the array up.
TEST(ExactTrainingStep, HasTheSameCyclesEventsAndBitsInEveryDataflow) {
  for (const char* dataflow : {"ws", "os", "is"}) {
    const auto config =
        load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json",
                               {{"/chip/array/accumulator", "exact_block"},
                                {"/chip/array/dataflow/backward_weight", dataflow}});
    const OpList ops = lower(config.workload, lowering_policy(config));
    const DramDevice dram = dram_device(config.chip.dram);
    SimulationRequest request{ops, config.chip, dram};
    request.bits = ResultBits::kComputed;
    const SimulationResult tile = simulate(request);
    request.fidelity = Fidelity::kPe;
    const SimulationResult pe = simulate(request);
    EXPECT_EQ(pe.cycles, tile.cycles) << dataflow;
    EXPECT_EQ(pe.counts, tile.counts) << dataflow;
    EXPECT_EQ(pe.activity, tile.activity) << dataflow;
    EXPECT_EQ(pe.output_hashes, tile.output_hashes) << dataflow;
    const UnitActivity& array = tile.activity[static_cast<std::size_t>(Unit::kArray)];
    EXPECT_GT(array.stalled[StallCause::kScaleUnit], Cycles(0)) << dataflow;
  }
}

}  // namespace
}  // namespace mxsim
