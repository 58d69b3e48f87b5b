// Random networks on random chips with an ideal DRAM take exactly the predicted cycles.
#include "models/mapping/prediction/run_prediction.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/workload/product_slices.h"
#include "tests/property/drawn_chips.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/predicted_run.h"

namespace mxsim {
namespace {

RC_GTEST_PROP(RandomChips, TakeThePredictedCyclesOnAnIdealMemory, ()) {
  const ChipConfig chip = testing::drawn_chip();
  RC_PRE(validate(chip.buffers).empty());
  const DramDevice dram = testing::drawn_ideal_memory();
  const Bytes kept(*rc::gen::element(0, 0, 512, 2048));
  const OpList ops = slice_products(testing::drawn_ops(chip), kept);
  SimulationRequest request{ops, chip, dram};
  request.policy.objective = *rc::gen::element(MappingObjective::kLatency, MappingObjective::kEdp,
                                               MappingObjective::kDramBytes);
  request.policy.overlap_groups = *rc::gen::element(GroupOverlap::kOn, GroupOverlap::kOff);
  request.policy.keep_on_chip_bytes = kept;
  Timeline timeline;
  request.timeline = &timeline;
  const SimulationResult run = simulate(request);
  RC_ASSERT(run.cycles == run.predicted.cycles);
  for (std::size_t i = 0; i < run.groups.size(); ++i) {
    RC_ASSERT(run.groups[i].cycles == run.predicted.groups[i]);
  }
}

}  // namespace
}  // namespace mxsim
