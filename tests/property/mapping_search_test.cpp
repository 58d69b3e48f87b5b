// What predictions change about the choice of a mapping.
#include "models/mapping/search/mapping_search.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/formats/format_table.h"
#include "models/mapping/search/gemm_mapper.h"
#include "models/mapping/search/mapping_queue.h"
#include "models/workload/lower.h"
#include "tests/property/drawn_chips.h"
#include "tests/property/drawn_networks.h"

namespace mxsim {
namespace {

using testing::draw;

/// The cycles are those of the prediction or of DRAM, the longer; the others settle ties.
MappingScore score_of(const GemmMapping& mapping, const GemmPrediction& prediction) {
  MappingCost cost = mapping.cost;
  cost.cycles =
      std::max(static_cast<double>(prediction.of(mapping.tiling).count()), cost.dram_cycles);
  return score(cost, MappingObjective::kLatency);
}

RC_GTEST_PROP(MappingSearch, NeverChoosesWhatIsPredictedToTakeLongerThanTheModelsFavourite, ()) {
  const ChipConfig config = testing::drawn_chip();
  RC_PRE(validate(config.buffers).empty());
  LoweringPolicy policy;
  policy.mode = Mode::kTrain;
  policy.batch = draw(1, 3);
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(*rc::gen::element("bf16", "mxsf", "mxfp8_e4m3"));
  policy.array = config.array;
  const OpList ops =
      lower(draw(0, 1) == 0 ? testing::drawn_cnn() : testing::drawn_transformer(), policy);
  MapperChip predicting = mapper_chip(config, testing::drawn_ideal_memory(), ops);
  predicting.mapping.objective = MappingObjective::kLatency;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      const GemmMapping chosen = map_gemm(group, work, ops.tensors, predicting);
      const GemmMapping favourite = *MappingQueue(group, work, ops.tensors, predicting).next();
      if (chosen.tiling == favourite.tiling) continue;
      const GemmPrediction prediction(group, work, ops.tensors, predicting);
      RC_ASSERT(chosen.predicted == prediction.of(chosen.tiling));
      RC_ASSERT(score_of(chosen, prediction) < score_of(favourite, prediction));
    }
  }
}

}  // namespace
}  // namespace mxsim
