// Whatever the order of the loops, both fidelities agree, and partial sums that leave the chip and
// come back change no bit.
#include <gtest/gtest.h>

#include <algorithm>

#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"

namespace mxsim {
namespace {

class LoopOrders : public ::testing::TestWithParam<LoopOrderInfo> {
 protected:
  LoopOrders()
      : config_(load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json",
                                       {{"/mode", "infer"}})),
        ops_(lower(config_.workload, lowering_policy(config_))),
        dram_(dram_device(config_.chip.dram)) {}

  /// Every GEMM in tiles of one image, a third of the channels or less and few columns.
  SimulationResult run(Fidelity fidelity) const {
    SimulationRequest request{ops_, config_.chip, dram_};
    request.fidelity = fidelity;
    request.bits = ResultBits::kComputed;
    request.policy.pinned = {{".*", {}, {1, 5, 0, 2, 3, GetParam().order}}};
    return simulate(request);
  }

  RunConfig config_;
  OpList ops_;
  DramDevice dram_;
};

TEST_P(LoopOrders, HaveTheSameCyclesEventsAndBitsPeByPeAndInClosedForm) {
  const SimulationResult pe = run(Fidelity::kPe);
  const SimulationResult tile = run(Fidelity::kTile);
  EXPECT_EQ(pe.cycles, tile.cycles);
  for (std::size_t i = 0; i < pe.groups.size(); ++i) {
    EXPECT_EQ(pe.groups[i].counts, tile.groups[i].counts) << ops_.groups[i].layer;
  }
  EXPECT_FALSE(pe.output_hashes.empty());
  EXPECT_EQ(pe.output_hashes, tile.output_hashes);
}

/// Result tiles are hashed in the order in which they are complete, which two orders of the result
/// loops share.
TEST_P(LoopOrders, HaveTheBitsOfTheOrderThatKeepsPartialSumsOnChip) {
  SimulationRequest request{ops_, config_.chip, dram_};
  request.bits = ResultBits::kComputed;
  const auto& loops = GetParam().loops;
  const auto place = [&](Loop loop) { return std::find(loops.begin(), loops.end(), loop); };
  const LoopOrder order = place(Loop::kRows) < place(Loop::kColumns)
                              ? LoopOrder::kRowsColumnsReduction
                              : LoopOrder::kColumnsRowsReduction;
  request.policy.pinned = {{".*", {}, {1, 5, 0, 2, 3, order}}};
  EXPECT_EQ(run(Fidelity::kTile).output_hashes, simulate(request).output_hashes);
}

INSTANTIATE_TEST_SUITE_P(All, LoopOrders, ::testing::ValuesIn(kLoopOrders), [](const auto& each) {
  std::string name(each.param.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace mxsim
