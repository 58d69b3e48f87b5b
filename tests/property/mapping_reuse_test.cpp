// GEMMs of equal shape are searched once (network_mapping.h): the same mappings come out of a
// search for each of them alone.
#include <gtest/gtest.h>

#include "models/mapping/network_mapping.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"

namespace mxsim {
namespace {

struct Case {
  const char* trace;
  const char* mode;
  std::size_t repeated;  ///< GEMMs at least that another one of the network equals
};

TEST(MappingReuse, EqualGemmsHaveTheMappingThatTheyWouldFindAlone) {
  for (const Case& each : {Case{"tiny_cnn", "train", 0}, Case{"tiny_gpt2", "train", 8},
                           Case{"tiny_bert_mlm", "infer", 5}, Case{"resnet18", "infer", 1}}) {
    SCOPED_TRACE(each.trace);
    const RunConfig run = load_config<RunConfig>(
        MXSIM_ROOT "/configs/runs/resnet18_infer.json",
        {{"/workload", MXSIM_ROOT "/traces/" + std::string(each.trace) + ".json"},
         {"/mode", each.mode},
         {"/batch", "2"}});
    const OpList ops = lower(run.workload, lowering_policy(run));
    const MapperChip chip = mapper_chip(run.chip, dram_device(run.chip.dram), ops, Bytes(0));
    const NetworkMapping together = NetworkMapper(chip, run.mapping).map(ops, {});
    std::vector<SearchKey> seen;
    std::size_t repeated = 0;
    for (std::size_t g = 0; g < ops.groups.size(); ++g) {
      const NetworkMapping alone =
          NetworkMapper(chip, run.mapping).map({ops.tensors, {ops.groups[g]}}, {});
      ASSERT_EQ(alone[0].size(), together[g].size());
      for (std::size_t i = 0; i < alone[0].size(); ++i) {
        EXPECT_EQ(alone[0][i].tiling, together[g][i].tiling) << ops.groups[g].layer;
        EXPECT_EQ(alone[0][i].cost.cycles, together[g][i].cost.cycles) << ops.groups[g].layer;
        const SearchKey key(ops.groups[g], ops.groups[g].gemms[i], ops.tensors);
        if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
          ++repeated;
        } else {
          seen.push_back(key);
        }
      }
    }
    EXPECT_GE(repeated, each.repeated);
  }
}

}  // namespace
}  // namespace mxsim
