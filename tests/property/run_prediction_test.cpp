// Random networks on random chips with an ideal DRAM take exactly the predicted cycles.
#include "models/mapping/run_prediction.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/property/drawn_chips.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/predicted_run.h"

namespace mxsim {
namespace {

using testing::draw;

OpList drawn_ops(const ChipConfig& chip) {
  LoweringPolicy policy;
  policy.mode = draw(0, 2) == 0 ? Mode::kInfer : Mode::kTrain;
  policy.batch = draw(1, 3);
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(
      *rc::gen::element("bf16", "mxsf", "mxfp8_e4m3", "mxint8", "mxfp4_e2m1", "mxfp6_e3m2"));
  policy.array = chip.array;
  return lower(draw(0, 1) == 0 ? testing::drawn_cnn() : testing::drawn_transformer(), policy);
}

RC_GTEST_PROP(RandomChips, TakeThePredictedCyclesOnAnIdealMemory, ()) {
  const ChipConfig chip = testing::drawn_chip();
  RC_PRE(validate(chip.buffers).empty());
  const DramDevice dram = testing::drawn_ideal_memory();
  const OpList ops = drawn_ops(chip);
  SimulationRequest request{ops, chip, dram};
  request.policy.objective = *rc::gen::element(MappingObjective::kLatency, MappingObjective::kEdp,
                                               MappingObjective::kDramBytes);
  request.policy.overlap_groups = *rc::gen::element(GroupOverlap::kOn, GroupOverlap::kOff);
  request.policy.keep_on_chip_bytes = Bytes(*rc::gen::element(0, 0, 512, 2048));
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
