// Training steps under every optimizer, placement, copy policy and with recomputation: the two
// fidelities agree in cycles, events and bits, and the prediction equals the simulation on an ideal
// memory.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"
#include "tests/support/predicted_run.h"
#include "tests/support/same_fidelities.h"

namespace mxsim {
namespace {

struct Case {
  const char* name;
  std::vector<Override> sets;
};

class TrainingPolicies : public ::testing::TestWithParam<std::tuple<const char*, Case>> {};

RunConfig configured(const char* network, const std::vector<Override>& sets) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + std::string(network) + "_train.json",
                                sets);
}

TEST_P(TrainingPolicies, AreTheSameInBothFidelities) {
  const RunConfig config = configured(std::get<0>(GetParam()), std::get<1>(GetParam()).sets);
  const OpList ops = lower(config.workload, lowering_policy(config));
  const DramDevice dram = dram_device(config.chip.dram);
  testing::expect_same_fidelities({ops, config.chip, dram});
}

TEST_P(TrainingPolicies, ArePredictedOnAnIdealMemory) {
  std::vector<Override> sets = std::get<1>(GetParam()).sets;
  sets.push_back({"/chip/dram/device", MXSIM_ROOT "/configs/dram/ideal-25.6GBs.json"});
  const RunConfig config = configured(std::get<0>(GetParam()), sets);
  const OpList ops = lower(config.workload, lowering_policy(config));
  const DramDevice dram = dram_device(config.chip.dram);
  const SimulationRequest request{ops, config.chip, dram};
  testing::expect_predicted(simulate(request), ops);
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"sgd", {{"/optimizer", "sgd"}}},
      {"nesterov", {{"/optimizer", "sgd-nesterov"}}},
      {"adam_int8_states", {{"/optimizer", "adam"}, {"/update/state", "mxint8"}}},
      {"adamw_early", {{"/optimizer", "adamw"}, {"/update/placement", "early"}}},
      {"adamw_fused", {{"/optimizer", "adamw"}, {"/update/placement", "fused"}}},
      {"adafactor", {{"/optimizer", "adafactor"}}},
      {"lion_bf16_states", {{"/optimizer", "lion"}, {"/update/state", "bf16"}}},
      {"clipped_and_scaled",
       {{"/update/clip_gradients", "true"}, {"/update/loss_scaling", "true"}}},
      {"clipped_micro_batches",
       {{"/update/clip_gradients", "true"}, {"/gradient_accumulation_steps", "2"}}},
      {"recompute", {{"/recompute", R"(["(blocks\\.\\d+|layer\\d\\.\\d)\\..*"])"}}},
      {"no_master", {{"/update/master_weights", "none"}, {"/formats/default", "mxsf"}}},
      {"wide_master", {{"/update/master_weights", "bf16"}}},
      {"dual", {{"/formats/default", "mxfp8_e4m3"}, {"/formats/transpose", "dual"}}},
      {"requantize", {{"/formats/default", "mxfp8_e4m3"}, {"/formats/transpose", "requantize"}}},
      {"requantize_on_load",
       {{"/formats/default", "mxfp8_e4m3"}, {"/formats/transpose", "requantize-on-load"}}},
      {"nvfp4_recipe", {{"/formats/recipe", "nvfp4"}, {"/formats/default", "nvfp4:16"}}},
      {"hybrid_recipe", {{"/formats/recipe", "e4m3-e5m2"}, {"/formats/default", "mxfp8_e4m3:32"}}},
      {"bf16_copy", {{"/formats/default", "mxfp8_e4m3"}, {"/formats/transpose", "bf16-copy"}}},
  };
  return all;
}

INSTANTIATE_TEST_SUITE_P(Each, TrainingPolicies,
                         ::testing::Combine(::testing::Values("tiny_cnn", "tiny_vit"),
                                            ::testing::ValuesIn(cases())),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::get<1>(each.param).name;
                         });

}  // namespace
}  // namespace mxsim
